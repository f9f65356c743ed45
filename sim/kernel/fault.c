/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures on request: a harness lets the nth call of a kind fail.
 */
#include "kernel/control.h"
#include "kernel/kernel.h"

void
sim_fault_set(struct sim *sim, unsigned kind, unsigned nth, int error)
{
	atomic_store(&sim->faults[kind].error, error);
	atomic_store(&sim->faults[kind].left, nth);
	atomic_store(&sim->faults_armed, true);
}

int
sim_fault_take(struct sim *sim, unsigned kind)
{
	struct sim_fault *fault = &sim->faults[kind];
	unsigned left;

	if (!atomic_load_explicit(&sim->faults_armed, memory_order_relaxed))
		return 0;
	left = atomic_load(&fault->left);
	while (left != 0) {
		if (atomic_compare_exchange_weak(&fault->left, &left,
		    left - 1))
			return left == 1 ? atomic_load(&fault->error) : 0;
	}
	return 0;
}
