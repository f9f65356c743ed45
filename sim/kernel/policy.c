/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The built-in policies.
 */
#include "kernel/policy.h"

#include <string.h>

/* What libnvmm's assists ask for. */
#define ASSIST								\
	(SIM_BIT(SIM_GPRS) | SIM_BIT(SIM_SEGS) | SIM_BIT(SIM_CRS) |	\
	SIM_BIT(SIM_MSRS))

const struct sim_policy sim_policies[] = {
	{
		.name = "netbsd",
		.speculate = {
			[SIM_EXIT_IO] = ASSIST,
			[SIM_EXIT_MEMORY] = ASSIST,
			[SIM_EXIT_RDMSR] = SIM_BIT(SIM_GPRS),
			[SIM_EXIT_WRMSR] = SIM_BIT(SIM_GPRS),
		},
	},
	{ .name = "none" },
	{
		.name = "all",
		.speculate = {
			[SIM_EXIT_MEMORY] = SIM_STATE_ALL,
			[SIM_EXIT_IO] = SIM_STATE_ALL,
			[SIM_EXIT_SHUTDOWN] = SIM_STATE_ALL,
			[SIM_EXIT_INT_READY] = SIM_STATE_ALL,
			[SIM_EXIT_NMI_READY] = SIM_STATE_ALL,
			[SIM_EXIT_HALTED] = SIM_STATE_ALL,
			[SIM_EXIT_TPR_CHANGED] = SIM_STATE_ALL,
			[SIM_EXIT_RDMSR] = SIM_STATE_ALL,
			[SIM_EXIT_WRMSR] = SIM_STATE_ALL,
			[SIM_EXIT_MONITOR] = SIM_STATE_ALL,
			[SIM_EXIT_MWAIT] = SIM_STATE_ALL,
			[SIM_EXIT_CPUID] = SIM_STATE_ALL,
			[SIM_EXIT_INVALID] = SIM_STATE_ALL,
		},
	},
};

const unsigned sim_npolicies = sizeof(sim_policies) / sizeof(sim_policies[0]);

const struct sim_policy *
sim_policy_find(const char *name)
{
	unsigned i;

	for (i = 0; i < sim_npolicies; i++) {
		if (strcmp(sim_policies[i].name, name) == 0)
			return &sim_policies[i];
	}
	return NULL;
}
