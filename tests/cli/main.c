/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of the command line: what a user types, sees and gets back.
 */
#include "../suite.h"
#include "run.h"

static Suite *(*const suites[])(void) = {
	usage_suite,
	broken_scenario_suite,
	sandbox_suite,
	broken_library_suite,
	failure_suite,
	repeat_suite,
	same_suite,
	report_suite,
	harness_suite,
	select_suite,
	trace_suite,
	comm_suite,
	abi_suite,
	policy_suite,
	symbolic_suite,
	foreign_suite,
	compare_suite,
	complete_suite,
	generations_suite,
	history_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
