/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of `nvmm-sim exec': programs in front of the fake kernel.
 */
#include "../suite.h"
#include "exec.h"

static Suite *(*const suites[])(void) = {
	behaviour_suite,
	outcome_suite,
	refusal_suite,
	libraries_suite,
	options_suite,
	tools_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
