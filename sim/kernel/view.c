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

/*
 * Views come in blocks.  One by one they would be the smallest objects of
 * all, and freed last: an allocator keeps such small pieces, and with them
 * the memory between them.
 */
#define BLOCK_VIEWS	64

struct sim_view_block {
	struct sim_view_block *next, *prev;	/* those with room */
	uint64_t room;				/* a bit for each free view */
	struct sim_view views[BLOCK_VIEWS];
};
#define BLOCK_EMPTY	(~0ULL)

static void
block_insert(struct sim *sim, struct sim_view_block *block)
{
	block->prev = NULL;
	block->next = sim->view_blocks;
	if (block->next != NULL)
		block->next->prev = block;
	sim->view_blocks = block;
}

static void
block_remove(struct sim *sim, struct sim_view_block *block)
{
	if (block->prev != NULL)
		block->prev->next = block->next;
	else
		sim->view_blocks = block->next;
	if (block->next != NULL)
		block->next->prev = block->prev;
}

/* Caller holds views_lock.  NULL: ENOMEM. */
static struct sim_view *
view_alloc(struct sim *sim)
{
	struct sim_view_block *block = sim->view_blocks;
	struct sim_view *view;

	if (block == NULL) {
		block = malloc(sizeof(*block));
		if (block == NULL)
			return NULL;
		block->room = BLOCK_EMPTY;
		block_insert(sim, block);
	}
	view = &block->views[__builtin_ctzll(block->room)];
	view->block = block;
	block->room &= block->room - 1;
	if (block->room == 0)
		block_remove(sim, block);
	return view;
}

/* Caller holds views_lock. */
static void
view_free(struct sim *sim, struct sim_view *view)
{
	struct sim_view_block *block = view->block;

	if (block->room == 0)
		block_insert(sim, block);
	block->room |= 1ULL << (view - block->views);
	if (block->room == BLOCK_EMPTY) {
		block_remove(sim, block);
		free(block);
	}
}

static struct sim_view **
bucket(struct sim *sim, uintptr_t addr)
{
	return &sim->views[(addr / SIM_PAGE_SIZE) % SIM_VIEW_BUCKETS];
}

/*
 * Whether a view may lie there.  Most of what a program maps and unmaps is
 * far from them, and must not wait for a lock.
 */
static bool
views_near(const struct sim *sim, uintptr_t addr, size_t length)
{
	uintptr_t low = atomic_load_explicit(&sim->views_low,
	    memory_order_relaxed);
	uintptr_t high = atomic_load_explicit(&sim->views_high,
	    memory_order_relaxed);

	return addr < high && (addr >= low || low - addr < length);
}

/* Caller holds views_lock. */
static void
views_reach(struct sim *sim, uintptr_t addr)
{
	bool first = atomic_load(&sim->nviews) == 0;

	if (first || addr < atomic_load(&sim->views_low))
		atomic_store(&sim->views_low, addr);
	if (first || addr + SIM_PAGE_SIZE > atomic_load(&sim->views_high))
		atomic_store(&sim->views_high, addr + SIM_PAGE_SIZE);
}

/* Caller holds views_lock. */
static void
view_add(struct sim *sim, struct sim_view *view)
{
	struct sim_view **link = bucket(sim, (uintptr_t)view->addr);

	views_reach(sim, (uintptr_t)view->addr);
	view->next = *link;
	*link = view;
	atomic_fetch_add(&sim->nviews, 1);
	atomic_store(view->latest, view->addr);
}

/* Caller holds views_lock. */
static void
view_forget(struct sim *sim, struct sim_view *view)
{
	uint8_t *addr = view->addr;

	atomic_compare_exchange_strong(view->latest, &addr, NULL);
	view_free(sim, view);
	if (atomic_fetch_sub(&sim->nviews, 1) == 1)
		sim_memory_return(sim);
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
			view_forget(sim, view);
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

	if (!views_near(sim, addr, length))
		return 0;
	if (buckets > SIM_VIEW_BUCKETS)
		buckets = SIM_VIEW_BUCKETS;
	pthread_mutex_lock(&sim->views_lock);
	for (i = 0; i < buckets; i++)
		n += bucket_forget(sim, bucket(sim, addr + i * SIM_PAGE_SIZE),
		    addr, length);
	pthread_mutex_unlock(&sim->views_lock);
	return n;
}

void
sim_views_destroy(struct sim *sim)
{
	struct sim_view *view;
	unsigned i;

	for (i = 0; i < SIM_VIEW_BUCKETS; i++) {
		while ((view = sim->views[i]) != NULL) {
			sim->views[i] = view->next;
			view_free(sim, view);
		}
	}
}

static void *
page_map(const struct sim_machine *machine, uint32_t cpuid, void *hint,
    int prot, int fixed)
{
	if (SIM_COMM_ONE_ADDRESS)
		return sim_comm_page(machine, cpuid);
	return mmap(hint, SIM_COMM_PAGE_SIZE, prot, MAP_SHARED | fixed,
	    machine->comm_fd, (off_t)cpuid * SIM_COMM_PAGE_SIZE);
}

int
sim_view_map(struct sim_machine *machine, uint32_t cpuid, void *hint,
    int prot, int fixed, void **addr)
{
	struct sim *sim = machine->sim;
	struct sim_view *view;
	int error = ENOMEM;

	pthread_mutex_lock(&sim->views_lock);
	view = view_alloc(sim);
	if (view == NULL)
		goto out;
	*addr = page_map(machine, cpuid, hint, prot, fixed);
	if (*addr == MAP_FAILED) {
		view_free(sim, view);
		goto out;
	}
	view->addr = *addr;
	view->latest = &machine->views[cpuid];
	view_add(sim, view);
	error = 0;
out:
	pthread_mutex_unlock(&sim->views_lock);
	return error;
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

void
sim_replaced(struct sim *sim, const void *addr, size_t length)
{
	if (atomic_load(&sim->nviews) != 0)
		(void)views_forget(sim, (uintptr_t)addr, length);
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
	if (!SIM_COMM_ONE_ADDRESS)
		munmap(addr, SIM_COMM_PAGE_SIZE);
	return 0;
}
