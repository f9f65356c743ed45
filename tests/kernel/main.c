/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of the fake kernel, and a few of its transport.
 */
#include "../suite.h"
#include "fixture.h"

static Suite *(*const suites[])(void) = {
	errors_suite,
	ioctl_suite,
	pointer_suite,
	comm_suite,
	normalize_suite,
	run_suite,
	exit_suite,
	msr_suite,
	cpuid_suite,
	event_suite,
	abi_suite,
	cr_suite,
	insn_suite,
	window_suite,
	fault_suite,
	hva_suite,
	gpa_suite,
	owner_suite,
	view_suite,
	hostile_suite,
	account_suite,
	control_suite,
	thread_suite,
	transport_suite,
	library_suite,
	duplicate_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
