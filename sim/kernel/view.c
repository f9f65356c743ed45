/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comm pages as callers map them: mmap(2) and munmap(2) of the device.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdlib.h>

#include "kernel/comm.h"
#include "kernel/driver.h"
#include "kernel/kernel.h"

static void
count_other(struct sim *sim, enum sim_other other)
{
	pthread_mutex_lock(&sim->stats_lock);
	sim->stats.other[other]++;
	pthread_mutex_unlock(&sim->stats_lock);
}

static struct sim_view **
bucket(struct sim *sim, uintptr_t addr)
{
	return &sim->views[(addr / SIM_PAGE_SIZE) % SIM_VIEW_BUCKETS];
}

static void
view_add(struct sim *sim, struct sim_view *view)
{
	struct sim_view **link = bucket(sim, (uintptr_t)view->addr);

	pthread_mutex_lock(&sim->views_lock);
	view->next = *link;
	*link = view;
	atomic_fetch_add(&sim->nviews, 1);
	pthread_mutex_unlock(&sim->views_lock);
	atomic_store(view->latest, view->addr);
}

static void
view_free(struct sim *sim, struct sim_view *view)
{
	uint8_t *addr = view->addr;

	atomic_compare_exchange_strong(view->latest, &addr, NULL);
	atomic_fetch_sub(&sim->nviews, 1);
	free(view);
}

/* Forgets the views of one bucket in the range; how many there were. */
static unsigned
bucket_forget(struct sim *sim, struct sim_view **link, uintptr_t addr,
    size_t length)
{
	struct sim_view *view;
	unsigned n = 0;

	while ((view = *link) != NULL) {
		if ((uintptr_t)view->addr - addr < length) {
			*link = view->next;
			view_free(sim, view);
			n++;
		} else
			link = &view->next;
	}
	return n;
}

/* What is unmapped is a view no more: how many of them there were. */
static unsigned
views_forget(struct sim *sim, uintptr_t addr, size_t length)
{
	size_t i, buckets = length / SIM_PAGE_SIZE + 1;
	unsigned n = 0;

	if (buckets > SIM_VIEW_BUCKETS)
		buckets = SIM_VIEW_BUCKETS;
	pthread_mutex_lock(&sim->views_lock);
	for (i = 0; i < buckets; i++)
		n += bucket_forget(sim, bucket(sim, addr + i * SIM_PAGE_SIZE),
		    addr, length);
	pthread_mutex_unlock(&sim->views_lock);
	return n;
}

int
sim_view_map(struct sim_machine *machine, uint32_t cpuid, void *hint,
    int prot, int fixed, void **addr)
{
	struct sim_view *view;

	view = malloc(sizeof(*view));
	if (view == NULL)
		return ENOMEM;
	view->latest = &machine->views[cpuid];
	*addr = mmap(hint, SIM_COMM_PAGE_SIZE, prot, MAP_SHARED | fixed,
	    machine->comm_fd, (off_t)cpuid * SIM_COMM_PAGE_SIZE);
	if (*addr == MAP_FAILED) {
		free(view);
		return ENOMEM;
	}
	view->addr = *addr;
	view_add(machine->sim, view);
	return 0;
}

static int
mmap_check(const struct sim_file *file, size_t length, int prot,
    int64_t offset)
{
	/* v3's device has no mmap: VCPU_CREATE has mapped the page. */
	if (sim_file_abi(file)->comm_by_create)
		return ENODEV;
	if (prot & PROT_EXEC)
		return EACCES;
	if (length != SIM_COMM_PAGE_SIZE ||
	    (offset & (SIM_COMM_PAGE_SIZE - 1)) != 0)
		return EINVAL;
	return 0;
}

/* The VCPU need not exist, and if it does it may be running. */
int
sim_mmap(struct sim_file *file, void *hint, size_t length, int prot,
    int flags, int64_t offset, void **addr)
{
	uint32_t cpuid = SIM_COMM_OFF_CPUID(offset);
	struct sim_machine *machine;
	int error;

	count_other(file->sim, SIM_OTHER_MMAP);
	error = sim_fault_take(file->sim, SIM_FAULT_OTHER + SIM_OTHER_MMAP);
	if (error == 0)
		error = mmap_check(file, length, prot, offset);
	if (error == 0)
		error = sim_maps_get(file, SIM_COMM_OFF_MACHID(offset),
		    &machine);
	if (error)
		return error;
	error = EINVAL;
	if (cpuid < sim_file_abi(file)->max_vcpus)
		error = sim_view_map(machine, cpuid, hint, prot,
		    flags & MAP_FIXED, addr);
	sim_maps_put(machine);
	return error;
}

int
sim_munmap(struct sim *sim, void *addr, size_t length)
{
	unsigned n;

	if (atomic_load(&sim->nviews) == 0)
		return ENOENT;
	/* The host refuses it, and then the page behind addr stays mapped. */
	if ((uintptr_t)addr % SIM_PAGE_SIZE != 0)
		return ENOENT;
	n = views_forget(sim, (uintptr_t)addr, length);
	if (n == 0 || length > SIM_COMM_PAGE_SIZE)
		return ENOENT;
	count_other(sim, SIM_OTHER_MUNMAP);
	munmap(addr, SIM_COMM_PAGE_SIZE);
	return 0;
}
