/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens when there is no memory.
 */
#include "../suite.h"
#include "nomem.h"

static Suite *(*const suites[])(void) = {
	kernel_nomem_suite,
	library_nomem_suite,
	steady_suite,
	NULL,
};

int
main(void)
{
	return suites_run(suites);
}
