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

static void
view_add(struct sim *sim, struct sim_view *view, void *addr)
{
	view->addr = addr;
	pthread_mutex_lock(&sim->views_lock);
	view->next = sim->views;
	sim->views = view;
	pthread_mutex_unlock(&sim->views_lock);
}

static struct sim_view *
view_remove(struct sim *sim, const void *addr)
{
	struct sim_view **link, *view = NULL;

	pthread_mutex_lock(&sim->views_lock);
	for (link = &sim->views; *link != NULL; link = &(*link)->next) {
		if ((*link)->addr == addr) {
			view = *link;
			*link = view->next;
			break;
		}
	}
	pthread_mutex_unlock(&sim->views_lock);
	return view;
}

/* A larger range goes, and comm pages in it: theirs no more. */
static void
views_forget(struct sim *sim, uintptr_t addr, size_t length)
{
	struct sim_view **link, *view;

	pthread_mutex_lock(&sim->views_lock);
	for (link = &sim->views; (view = *link) != NULL;) {
		if ((uintptr_t)view->addr - addr < length) {
			*link = view->next;
			free(view);
		} else
			link = &view->next;
	}
	pthread_mutex_unlock(&sim->views_lock);
}

int
sim_view_map(struct sim_machine *machine, uint32_t cpuid, void *hint,
    int prot, int fixed, void **addr)
{
	struct sim_view *view;

	view = malloc(sizeof(*view));
	if (view == NULL)
		return ENOMEM;
	*addr = mmap(hint, SIM_COMM_PAGE_SIZE, prot, MAP_SHARED | fixed,
	    machine->comm_fd, (off_t)cpuid * SIM_COMM_PAGE_SIZE);
	if (*addr == MAP_FAILED) {
		free(view);
		return ENOMEM;
	}
	view_add(machine->sim, view, *addr);
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

int
sim_mmap(struct sim_file *file, void *hint, size_t length, int prot,
    int flags, int64_t offset, void **addr)
{
	uint32_t machid = SIM_COMM_OFF_MACHID(offset);
	uint32_t cpuid = SIM_COMM_OFF_CPUID(offset);
	struct sim_slot *slot;
	int error;

	count_other(file->sim, SIM_OTHER_MMAP);
	error = sim_fault_take(file->sim, SIM_FAULT_OTHER + SIM_OTHER_MMAP);
	if (error == 0)
		error = mmap_check(file, length, prot, offset);
	/* The slot's lock keeps the machine; the VCPU need not exist. */
	if (error == 0)
		error = sim_slot_get(file, machid, cpuid, &slot);
	if (error)
		return error;
	error = sim_view_map(&file->sim->machines[machid], cpuid, hint, prot,
	    flags & MAP_FIXED, addr);
	sim_slot_put(slot);
	return error;
}

int
sim_munmap(struct sim *sim, void *addr, size_t length)
{
	struct sim_view *view;

	if (length == 0 || length > SIM_COMM_PAGE_SIZE) {
		views_forget(sim, (uintptr_t)addr, length);
		return ENOENT;
	}
	view = view_remove(sim, addr);
	if (view == NULL)
		return ENOENT;
	free(view);
	count_other(sim, SIM_OTHER_MUNMAP);
	munmap(addr, SIM_COMM_PAGE_SIZE);
	return 0;
}
