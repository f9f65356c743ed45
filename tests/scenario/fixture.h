/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of scenarios share: the library under test, and files in a
 * folder of their own.
 */
#ifndef TESTS_SCENARIO_FIXTURE_H
#define TESTS_SCENARIO_FIXTURE_H

#include <check.h>
#include <stddef.h>

#include "scenario/scenario.h"

#define NELEM(table)	(sizeof(table) / sizeof((table)[0]))

/* The library that LIBNVMM names, else the one in build/. */
const char *library_path(void);

/* A test case whose tests have the folder; it goes with all its files. */
TCase *fixture_tcase(const char *name);
/* Writes a file in the folder; its path, until the next call. */
const char *file_write(const char *name, const void *data, size_t size);

/*
 * Runs the first scenario of a file with this text, in generation v2.  Guests'
 * programs are in the folder.
 */
void text_run(const char *text, const struct sim_backend *backend,
    struct scenario_result *result);

/* A scenario's text, the verdict it gets and what the reason says. */
struct scenario_row {
	const char *body;
	enum verdict verdict;
	const char *reason;
};
void row_judge(const struct scenario_row *row, const struct scenario_result *result);

#define expect_text(name, text, part)					\
	ck_assert_msg(strstr((text), (part)) != NULL,			\
	    "%s: '%s', without '%s'", (name), (text), (part))

Suite *encode_suite(void);
Suite *load_file_suite(void);
Suite *load_vmm_suite(void);
Suite *complaint_suite(void);
Suite *outside_suite(void);
Suite *guest_suite(void);

#endif /* TESTS_SCENARIO_FIXTURE_H */
