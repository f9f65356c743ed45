/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running libcheck suites: one runner for all of them, so that a filter that
 * matches nothing is seen as the mistake it is.
 */
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

int
suites_run(Suite *(*const suites[])(void))
{
	SRunner *runner;
	int failed, run;
	size_t i;

	if (suites[0] == NULL)
		return EXIT_FAILURE;
	runner = srunner_create(suites[0]());
	for (i = 1; suites[i] != NULL; i++)
		srunner_add_suite(runner, suites[i]());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	run = srunner_ntests_run(runner);
	srunner_free(runner);
	if (run == 0)
		fprintf(stderr, "no test was run\n");
	return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
