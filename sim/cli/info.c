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
#include "cli/info.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/policy.h"
#include "kernel/quirk.h"
#include "observe/flight.h"

static void
info_engines(void)
{
	const char *const *limit;
	const char *why;
	unsigned i;

	printf("engines (--engine)\n");
	for (i = 0; sim_engines[i] != NULL; i++) {
		why = sim_engines[i]->unavailable();
		printf("  %-10s %s%s%s\n", sim_engines[i]->name,
		    sim_engines[i]->summary, why ? "; not here: " : "",
		    why ? why : "");
		for (limit = sim_engines[i]->limits;
		    limit != NULL && *limit != NULL; limit++)
			printf("             %s\n", *limit);
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

void
info_format_ram(uint64_t bytes, char *text, size_t size)
{
	bool tera = bytes >> 40 > 0;

	snprintf(text, size, "%llu %s",
	    (unsigned long long)(bytes >> (tera ? 40 : 30)),
	    tera ? "TiB" : "GiB");
}

static void
info_abis(void)
{
	char ram[32];
	unsigned i;

	printf("generations of the interface (--abi)\n");
	for (i = 0; sim_abis[i] != NULL; i++) {
		info_format_ram(sim_abis[i]->max_ram, ram, sizeof(ram));
		printf("  %-10s %s; kernel version %u; %u machines, %u VCPUs "
		    "and %s each\n", sim_abis[i]->name, sim_abis[i]->where,
		    sim_abis[i]->version, sim_abis[i]->max_machines,
		    sim_abis[i]->max_vcpus, ram);
	}
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

void
info_format_policy(const struct sim_policy *policy, char *text, size_t size)
{
	size_t length = 0;
	char flags[96];
	unsigned i;

	snprintf(text, size, "%s", speculates_all(policy) ?
	    "every exit: everything" : "nothing");
	if (speculates_all(policy))
		return;
	for (i = 0; i < SIM_NEXIT && length < size; i++) {
		if (policy->speculate[i] == 0)
			continue;
		flight_format_flags(policy->speculate[i], flags,
		    sizeof(flags));
		length += (size_t)snprintf(text + length, size - length,
		    "%s%s:%s", length > 0 ? " " : "", sim_exits[i].name,
		    flags);
	}
}

static void
info_policies(void)
{
	char text[512];
	unsigned i;

	printf("policies (--policy)\n");
	for (i = 0; i < sim_npolicies; i++) {
		info_format_policy(&sim_policies[i], text, sizeof(text));
		printf("  %-10s %s\n", sim_policies[i].name, text);
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

static void
info_libraries(void)
{
	static const char *const names[] = {
		"libnvmm.so", "libnvmm-v1.so", "libnvmm-v3.so",
	};
	char path[PATH_MAX];
	unsigned i;

	printf("libraries under test, unless there is --libnvmm\n");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (product_path(names[i], path, sizeof(path)) == 0)
			printf("  %s%s\n", path,
			    access(path, R_OK) == 0 ? "" : " (missing)");
	}
}

static void
info_text(void)
{
	info_engines();
	info_backends();
	info_abis();
	info_policies();
	info_quirks();
	info_libraries();
}

int
cmd_info(int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "";

	if (argc > 2 || (argc == 2 && strcmp(option, "--help") != 0 &&
	    strcmp(option, "--version") != 0 &&
	    strcmp(option, "--markdown") != 0)) {
		complain("info takes no '%s'", argv[argc - 1]);
		return STATUS_ERROR;
	}
	if (strcmp(option, "--help") == 0)
		printf("usage: nvmm-sim info [--markdown]\n\nLists engines, "
		    "back ends, generations of the interface, policies and\n"
		    "quirks; with --markdown also exits and errors, as the "
		    "README's tables.\n");
	else if (strcmp(option, "--version") == 0)
		version();
	else if (strcmp(option, "--markdown") == 0)
		info_markdown();
	else
		info_text();
	return STATUS_OK;
}
