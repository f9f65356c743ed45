/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim info --markdown: what is simulated, out of the tables that the
 * code itself goes by.  The README carries it; a test compares.
 */
#include <stdbool.h>
#include <stdio.h>

#include "cli/info.h"
#include "kernel/abi/abi.h"
#include "kernel/errors.h"
#include "kernel/policy.h"
#include "kernel/quirk.h"
#include "kernel/stats.h"
#include "observe/flight.h"

/* Flags and lists have bars in them, which would end the cell. */
static void
put_cell(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			putchar('\\');
		putchar(*text);
	}
}

static void
abis(void)
{
	const struct sim_abi *abi;
	char ram[32];
	unsigned i;

	printf("| generation (`--abi`) | where | version | machines | VCPUs "
	    "each | RAM each |\n|---|---|---|---|---|---|\n");
	for (i = 0; sim_abis[i] != NULL; i++) {
		abi = sim_abis[i];
		info_format_ram(abi->max_ram, ram, sizeof(ram));
		printf("| %s | %s | %u | %u | %u | %s |\n", abi->name,
		    abi->where, abi->version, abi->max_machines,
		    abi->max_vcpus, ram);
	}
}

static void
quirks(void)
{
	unsigned i;

	printf("\n| quirk (`--quirks`) | what |\n|---|---|\n");
	for (i = 0; i < sim_nquirks; i++) {
		printf("| `%s` | ", sim_quirks[i].name);
		put_cell(sim_quirks[i].summary);
		printf(" |\n");
	}
}

static void
exits(void)
{
	char flags[96];
	unsigned i;

	printf("\n| exit | reason | cached unasked by real kernels |\n"
	    "|---|---|---|\n");
	for (i = 0; i < SIM_NEXIT; i++) {
		flight_format_flags(sim_policies[0].speculate[i], flags,
		    sizeof(flags));
		printf("| %s | 0x%llX | ", sim_exits[i].name,
		    (unsigned long long)sim_exits[i].reason);
		put_cell(sim_policies[0].speculate[i] != 0 ? flags : "");
		printf(" |\n");
	}
}

static void
components(void)
{
	unsigned i;

	printf("\n| component | flag | bytes |\n|---|---|---|\n");
	for (i = 0; i < SIM_NCOMPONENT; i++)
		printf("| %s | 0x%02llX | %u |\n", sim_components[i].name,
		    (unsigned long long)SIM_BIT(i),
		    (unsigned)sim_components[i].size);
}

static void
policies(void)
{
	char text[512];
	unsigned i;

	printf("\n| policy (`--policy`) | caches unasked |\n|---|---|\n");
	for (i = 0; i < sim_npolicies; i++) {
		info_format_policy(&sim_policies[i], text, sizeof(text));
		printf("| `%s` | ", sim_policies[i].name);
		put_cell(text);
		printf(" |\n");
	}
}

static void
put_error(bool first, int error, const char *when)
{
	char name[32];

	flight_format_errno(error, name, sizeof(name));
	printf("%s%s: ", first ? "" : "<br>", name);
	put_cell(when);
}

static void
ioctl_errors(enum sim_ioctl_index ioctl)
{
	bool first = true;
	unsigned i;

	printf("| %s | ", ioctl == SIM_IOCTL_UNKNOWN ? "any other" :
	    sim_ioctl_names[ioctl].name);
	for (i = 0; i < sim_nerrors; i++) {
		if (sim_errors[i].ioctl != ioctl)
			continue;
		put_error(first, sim_errors[i].error, sim_errors[i].when);
		first = false;
	}
	printf(" |\n");
}

static void
call_errors(const char *name, const struct sim_errno_row *rows, unsigned n)
{
	unsigned i;

	printf("| %s | ", name);
	for (i = 0; i < n; i++)
		put_error(i == 0, rows[i].error, rows[i].when);
	printf(" |\n");
}

static void
errors(void)
{
	unsigned i;

	printf("\n| ioctl | errors, in the order of the checks |\n"
	    "|---|---|\n");
	for (i = 0; i <= SIM_IOCTL_UNKNOWN; i++)
		ioctl_errors((enum sim_ioctl_index)i);
	call_errors("open(2)", sim_open_errors, sim_nopen_errors);
	call_errors("mmap(2)", sim_mmap_errors, sim_nmmap_errors);
}

void
info_markdown(void)
{
	abis();
	quirks();
	exits();
	components();
	policies();
	errors();
}
