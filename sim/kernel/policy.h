/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The speculative policy: for each exit, the components that the kernel
 * writes to the comm page unasked, because the VMM will want them.
 */
#ifndef SIM_KERNEL_POLICY_H
#define SIM_KERNEL_POLICY_H

#include <stdint.h>

#include "kernel/stats.h"

#define SIM_POLICY_NAME_MAX	64

struct sim_policy {
	char name[SIM_POLICY_NAME_MAX];
	uint64_t speculate[SIM_NEXIT];	/* SIM_BIT(component) */
};

/* Built in; the first is what real kernels do. */
extern const struct sim_policy sim_policies[];
extern const unsigned sim_npolicies;

/* The built-in policy of this name, or NULL. */
const struct sim_policy *sim_policy_find(const char *name);

#endif /* SIM_KERNEL_POLICY_H */
