/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of libnvmm that need no kernel.
 */
#include "../suite.h"
#include "fixture.h"

static Suite *(*const suites[])(void) = {
	device_suite,
	vcpu_suite,
	state_suite,
	memory_suite,
	translate_suite,
	assist_io_suite,
	assist_io_memory_suite,
	assist_io_batch_suite,
	assist_mem_suite,
	assist_mem_errors_suite,
	arithmetic_suite,
	instruction_suite,
	xmm_suite,
	dump_suite,
	destroyed_suite,
	threads_suite,
	fault_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
