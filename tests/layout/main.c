/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does the driver agree with the public headers?  Field by field, for the
 * generation that this program was compiled for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nvmm.h>

#include "../suite.h"
#include "layout.h"

static unsigned
report(FILE *out, const struct layout_row *rows, size_t n)
{
	unsigned differences = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (rows[i].kernel == rows[i].header)
			continue;
		differences++;
		fprintf(out, "v%d: %s: %#" PRIx64 " in sim/kernel, %#"
		    PRIx64 " in the headers\n", NVMM_ABI, rows[i].name,
		    rows[i].kernel, rows[i].header);
	}
	return differences;
}

unsigned
layout_differences(const struct layout_row *rows, size_t n)
{
	return report(stderr, rows, n);
}

START_TEST(a_difference_is_counted_and_told_with_both_values)
{
	const struct layout_row rows[] = {
		{ "size of this", 1, 1 }, { "size of that", 0x10, 0x20 },
	};
	char text[200] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	ck_assert_uint_eq(report(out, rows, 2), 1);
	(void)fclose(out);
	ck_assert_ptr_nonnull(strstr(text, ": size of that: 0x10 in "
	    "sim/kernel, 0x20 in the headers\n"));
	ck_assert_ptr_null(strstr(text, "size of this"));
}
END_TEST

START_TEST(the_comm_page_and_its_state_agree)
{
	ck_assert_uint_eq(layout_state(), 0);
}
END_TEST

START_TEST(exits_and_events_agree)
{
	ck_assert_uint_eq(layout_exits(), 0);
}
END_TEST

START_TEST(arguments_of_ioctls_agree)
{
	ck_assert_uint_eq(layout_arguments(), 0);
}
END_TEST

START_TEST(constants_agree)
{
	ck_assert_uint_eq(layout_constants(), 0);
}
END_TEST

START_TEST(the_generation_is_the_one_of_the_headers)
{
	ck_assert_uint_eq(layout_generation(), 0);
}
END_TEST

static Suite *
layout_suite(void)
{
	Suite *suite = suite_create("layout");
	TCase *tc = tcase_create("layout");

	tcase_add_test(tc, a_difference_is_counted_and_told_with_both_values);
	tcase_add_test(tc, the_comm_page_and_its_state_agree);
	tcase_add_test(tc, exits_and_events_agree);
	tcase_add_test(tc, arguments_of_ioctls_agree);
	tcase_add_test(tc, constants_agree);
	tcase_add_test(tc, the_generation_is_the_one_of_the_headers);
	suite_add_tcase(suite, tc);
	return suite;
}

int
main(void)
{
	static Suite *(*const suites[])(void) = { layout_suite, NULL };

	return suites_run(suites);
}
