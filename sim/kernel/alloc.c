/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one allocator of kernel objects, so that what machines and VCPUs cost
 * is known and that nothing of them stays behind.
 */
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "kernel/kernel.h"

/* Bytes in use from which on their return matters; engines have as many. */
#define LARGE	(512ULL << 10)

/*
 * A heap shrinks from its end only, and a small object that glibc keeps for
 * later holds all that lies before it.  So when nothing is left of very much,
 * it is asked to give back what is free.
 */
void
sim_memory_return(struct sim *sim)
{
	if (atomic_load(&sim->used_objects) != 0 ||
	    atomic_load(&sim->nviews) != 0 ||
	    !atomic_exchange(&sim->used_much, false))
		return;
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}

/* Cache lines of their own: no object slows down another's threads. */
#define LINE	64U

void *
sim_alloc(struct sim *sim, size_t size)
{
	void *p = aligned_alloc(LINE, (size + LINE - 1) / LINE * LINE);

	if (p == NULL)
		return NULL;
	memset(p, 0, size);
	if (atomic_fetch_add(&sim->used_bytes, size) + size > LARGE)
		atomic_store_explicit(&sim->used_much, true,
		    memory_order_relaxed);
	atomic_fetch_add(&sim->used_objects, 1);
	return p;
}

void
sim_free(struct sim *sim, void *p, size_t size)
{
	if (p == NULL)
		return;
	atomic_fetch_sub(&sim->used_bytes, size);
	free(p);
	if (atomic_fetch_sub(&sim->used_objects, 1) == 1)
		sim_memory_return(sim);
}
