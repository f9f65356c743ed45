/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reports of all scenarios take their time, so they are made once: by
 * the first test case that asks for them, in the process that its tests are
 * forked from.
 */
#include "json.h"

#include <stdlib.h>

static const char *const cpus[] = { "svm", "vmx" };

static json_t *reports[2][2];

void
whole_reports_make(void)
{
	unsigned cpu;

	for (cpu = 0; cpu < 2 && reports[cpu][0] == NULL; cpu++) {
		reports[cpu][0] = REPORT(0, "--cpu", cpus[cpu],
		    all_scenarios());
		reports[cpu][1] = REPORT(0, "--cpu", cpus[cpu], "--comm",
		    "off", all_scenarios());
	}
}

const json_t *
whole_report(int cpu, bool comm_off)
{
	ck_assert_msg(reports[cpu][comm_off] != NULL,
	    "the case lacks whole_reports_make()");
	return reports[cpu][comm_off];
}

bool
all_is_few(void)
{
	return getenv("CLI_FEW") != NULL;
}

const char *
all_scenarios(void)
{
	return all_is_few() ? "scenarios/exits.lua" : "scenarios";
}
