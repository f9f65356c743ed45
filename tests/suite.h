/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How every test program runs its libcheck suites.
 */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>

/*
 * Run the suites of a table that ends in NULL, with TAP on standard output.
 * EXIT_SUCCESS, or EXIT_FAILURE if a test failed or none was run.  libcheck's
 * environment is honoured: CK_RUN_SUITE, CK_RUN_CASE, CK_FORK and the rest.
 */
int suites_run(Suite *(*const suites[])(void));

#endif /* TESTS_SUITE_H */
