/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every row of the program's tables occurs in a scenario: each function of
 * libnvmm, ioctl, exit, and component by cause.  The rows are those of the
 * reports, where zeros are present; so a new row fails here until it has a
 * scenario.  Errors, policies and quirks are held by tests/rows.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"

static const json_t *
group_of(const json_t *report, const char *group)
{
	return member(member(report, "totals"), group);
}

/* On both back ends, with and without comm page. */
static long long
occurs(const char *group, const char *row)
{
	long long n = 0;
	int i;

	for (i = 0; i < 4; i++)
		n += number(group_of(whole_report(i / 2, i % 2), group), row);
	return n;
}

static const struct group {
	const char *name;
	size_t rows;		/* that there are at least */
} groups[] = {
	{ "by_call", 24 }, { "by_ioctl", 17 }, { "by_exit", 15 },
};

static void
group_complete(const struct group *group)
{
	const json_t *object = group_of(whole_report(0, false), group->name);
	const char *row;
	json_t *value;

	ck_assert_uint_ge(json_object_size(object), group->rows);
	json_object_foreach((json_t *)(uintptr_t)object, row, value)
		ck_assert_msg(occurs(group->name, row) > 0,
		    "%s: no scenario has a %s", group->name, row);
}

static void
components_complete(const json_t *report)
{
	static const char *const components[] = {
		"segs", "gprs", "crs", "drs", "msrs", "intr", "fpu",
	};
	static const char *const causes[] = {
		"wanted", "speculative", "commit",
	};
	const json_t *object = group_of(report, "by_component");
	unsigned i;

	ck_assert_uint_eq(json_object_size(object), 7);
	for (i = 0; i < 7 * 3; i++)
		ck_assert_msg(number(member(object, components[i / 3]),
		    causes[i % 3]) > 0, "no scenario has %s bytes of %s",
		    causes[i % 3], components[i / 3]);
}

/* What the kernel keeps to itself, and what is no ioctl of NVMM. */
static void
others_complete(const json_t *report)
{
	static const char *const counts[] = {
		"calls", "ioctls", "baseline", "avoided", "hits", "misses",
		"exits", "handled", "other", "bytes",
	};
	unsigned i;

	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		ck_assert_msg(number_in(report, "totals", counts[i]) > 0,
		    "no scenario has %s", counts[i]);
}

START_TEST(each_row_occurs_in_a_scenario)
{
	unsigned i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		group_complete(&groups[i]);
	components_complete(whole_report(0, false));
	others_complete(whole_report(1, false));
}
END_TEST

/* By name: "quirk v2-lost-stop: a stop that meets a signal is lost". */
START_TEST(each_quirk_has_a_scenario)
{
	struct run info = RUN("info"), list = RUN("run", "--list");
	const char *line = strstr(info.out, "\nquirks of real kernels");
	char part[64];
	unsigned n = 0;

	ck_assert_ptr_nonnull(line);
	for (line = strchr(line + 1, '\n') + 1; strncmp(line, "  ", 2) == 0;
	    line = strchr(line, '\n') + 1) {
		snprintf(part, sizeof(part), ": quirk %.*s: ",
		    (int)strcspn(line + 2, " "), line + 2);
		must_have(list.out, part, "no scenario of a quirk");
		n++;
	}
	ck_assert_uint_ge(n, 5);
	run_free(&info);
	run_free(&list);
}
END_TEST

Suite *
complete_suite(void)
{
	Suite *suite = suite_create("completeness");
	TCase *tcase = case_new(suite, "completeness");

	tcase_add_unchecked_fixture(tcase, whole_reports_make, NULL);
	if (!all_is_few())
		tcase_add_test(tcase, each_row_occurs_in_a_scenario);
	tcase_add_test(tcase, each_quirk_has_a_scenario);
	return suite;
}
