/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of the interpreter: single instructions.
 */
#include "../suite.h"
#include "guest.h"

static Suite *(*const suites[])(void) = {
	fetch_suite,
	paging_suite,
	entry_suite,
	move_suite,
	stack_suite,
	string_suite,
	control_suite,
	sse_suite,
	segment_suite,
	far_suite,
	deliver_suite,
	debug_suite,
	table_suite,
	system_suite,
	wide_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
