/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one allocator of kernel objects, so that what machines and VCPUs cost
 * is known and that nothing of them stays behind.
 */
#include <stdlib.h>

#include "kernel/kernel.h"

void *
sim_alloc(struct sim *sim, size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL)
		return NULL;
	atomic_fetch_add(&sim->used_bytes, size);
	atomic_fetch_add(&sim->used_objects, 1);
	return p;
}

void
sim_free(struct sim *sim, void *p, size_t size)
{
	if (p == NULL)
		return;
	atomic_fetch_sub(&sim->used_bytes, size);
	atomic_fetch_sub(&sim->used_objects, 1);
	free(p);
}
