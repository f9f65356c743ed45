/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim info: what there is to choose from.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/policy.h"
#include "kernel/quirk.h"
#include "observe/flight.h"

static void
info_engines(void)
{
	const char *why;
	unsigned i;

	printf("engines (--engine)\n");
	for (i = 0; sim_engines[i] != NULL; i++) {
		why = sim_engines[i]->unavailable();
		printf("  %-10s %s%s%s\n", sim_engines[i]->name,
		    sim_engines[i]->summary, why ? "; not here: " : "",
		    why ? why : "");
	}
}

static void
info_backends(void)
{
	unsigned i;

	printf("back ends (--cpu)\n");
	for (i = 0; sim_backends[i] != NULL; i++)
		printf("  %-10s %s; %s\n", sim_backends[i]->name,
		    sim_backends[i]->summary,
		    sim_backends[i]->model->description);
}

static void
info_abis(void)
{
	unsigned i;

	printf("ABI generations\n");
	for (i = 0; sim_abis[i] != NULL; i++)
		printf("  %-10s kernel version %u; %u machines, %u VCPUs "
		    "each, %llu GiB\n", sim_abis[i]->name,
		    sim_abis[i]->version, sim_abis[i]->max_machines,
		    sim_abis[i]->max_vcpus,
		    (unsigned long long)(sim_abis[i]->max_ram >> 30));
}

static bool
speculates_all(const struct sim_policy *policy)
{
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++) {
		if (sim_exits[i].counts &&
		    policy->speculate[i] != SIM_STATE_ALL)
			return false;
	}
	return true;
}

static void
info_policies(void)
{
	const struct sim_policy *policy;
	char flags[96];
	unsigned i, e;

	printf("policies (--policy)\n");
	for (i = 0; i < sim_npolicies; i++) {
		policy = &sim_policies[i];
		printf("  %-10s", policy->name);
		if (speculates_all(policy)) {
			printf(" every exit: everything\n");
			continue;
		}
		for (e = 0; e < SIM_NEXIT; e++) {
			if (policy->speculate[e] == 0)
				continue;
			flight_format_flags(policy->speculate[e], flags,
			    sizeof(flags));
			printf(" %s:%s", sim_exits[e].name, flags);
		}
		printf("\n");
	}
}

static void
info_quirks(void)
{
	unsigned i;

	printf("quirks of real kernels (--quirks), all on by default\n");
	for (i = 0; i < sim_nquirks; i++)
		printf("  %-20s %s\n", sim_quirks[i].name,
		    sim_quirks[i].summary);
}

int
cmd_info(int argc, char **argv)
{
	char path[PATH_MAX];

	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		printf("usage: nvmm-sim info\n\nLists engines, back ends, ABI "
		    "generations, policies and quirks.\n");
		return STATUS_OK;
	}
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		version();
		return STATUS_OK;
	}
	if (argc > 1) {
		complain("info takes no '%s'", argv[1]);
		return STATUS_ERROR;
	}
	info_engines();
	info_backends();
	info_abis();
	info_policies();
	info_quirks();
	printf("library under test (--libnvmm)\n");
	if (product_path("libnvmm.so", path, sizeof(path)) == 0)
		printf("  %s%s\n", path,
		    access(path, R_OK) == 0 ? "" : " (missing)");
	return STATUS_OK;
}
