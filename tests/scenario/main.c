/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of what scenarios are made of, in this process.
 */
#include "../suite.h"
#include "fixture.h"

static Suite *(*const suites[])(void) = {
	encode_suite,
	load_file_suite,
	load_vmm_suite,
	complaint_suite,
	outside_suite,
	guest_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
