/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --comm off measures what the run with the comm page computes: the ioctls
 * that the same calls cost without one.
 */
#include <string.h>

#include "json.h"

START_TEST(the_measured_ioctls_are_the_computed_baseline)
{
	const json_t *on = whole_report(_i, false);
	const json_t *off = whole_report(_i, true);
	size_t i, n = nscenarios(on), compared = 0;
	const json_t *computed, *measured;
	const char *name;

	ck_assert_uint_eq(nscenarios(off), n);
	for (i = 0; i < n; i++) {
		computed = scenario_at(on, i);
		measured = scenario_at(off, i);
		name = string(computed, "name");
		ck_assert_str_eq(string(measured, "name"), name);
		if (strcmp(string(measured, "verdict"), "skip") == 0)
			continue;
		ck_assert_str_eq(string(computed, "verdict"), "pass");
		ck_assert_str_eq(string(measured, "verdict"), "pass");
		ck_assert_msg(number(measured, "ioctls") ==
		    number(computed, "baseline"),
		    "%s: %lld ioctls measured, %lld computed", name,
		    number(measured, "ioctls"), number(computed, "baseline"));
		ck_assert_msg(number(measured, "avoided") == 0, "%s: avoids "
		    "%lld ioctls without a comm page", name,
		    number(measured, "avoided"));
		compared++;
	}
	/* Fewer would mean that scenarios skip what they could measure. */
	ck_assert_uint_ge(compared, all_is_few() ? 20 : 300);
}
END_TEST

START_TEST(a_scenario_that_cannot_do_without_says_why)
{
	json_t *report = REPORT(0, "--comm", "off", "scenarios/events.lua");
	size_t i, n = nscenarios(report), needing = 0;
	const json_t *object;

	for (i = 0; i < n; i++) {
		object = scenario_at(report, i);
		if (strcmp(string(object, "verdict"), "skip") != 0 ||
		    strncmp(string(object, "reason"), "for ", 4) == 0)
			continue;
		must_have(string(object, "reason"), "needs a comm page: ",
		    string(object, "name"));
		needing++;
	}
	ck_assert_uint_gt(needing, 0);
	json_decref(report);
}
END_TEST

/* Expectations of counts are off; all others hold. */
START_TEST(without_a_page_only_counts_are_not_expected)
{
	struct run run;

	folder_file("a.lua",
	    "test(\"counts\", function(t) local cpu = t:machine():vcpu(0)\n"
	    "cpu:set { rax = 1 } t:ioctls {} t:page(cpu, { cached = \"\" })\n"
	    "t:counts { avoided = 5 } t:bytes { commit = { drs = 1 } }\n"
	    "end)\n"
	    "test(\"values\", function(t) local cpu = t:machine():vcpu(0)\n"
	    "cpu:set { rax = 1 }\n"
	    "t:expect(cpu.truth.rax, 2) end)\n");
	run = RUN_HERE("run", "--comm", "off", "a.lua");
	must_exit(&run, 1, "--comm off");
	must_have(run.out, "a.lua:7: expected 2, seen 1", "--comm off");
	must_have(run.out, "1 passed, 1 failed,", "--comm off");
	run_free(&run);
}
END_TEST

START_TEST(the_diagram_has_no_page_and_no_misses)
{
	struct run run = RUN("run", "--comm", "off", "scenarios/caching.lua");

	must_exit(&run, 0, "--comm off");
	must_have(run.out, "\n    |-- getstate ------->|-- ioctl: get ---",
	    "--comm off");
	must_have(run.out, " ioctls, measured without a comm page, in ",
	    "--comm off");
	must_lack(run.out, "2 no: a miss", "--comm off");
	must_lack(run.out, "%\n", "--comm off");
	run_free(&run);
	run = RUN("run", "scenarios/caching.lua");
	must_have(run.out, "2 no: a miss", "--comm on");
	run_free(&run);
}
END_TEST

START_TEST(a_foreign_yardstick_can_be_given)
{
	struct run run = RUN("run", "--comm", "off", "--libnvmm",
	    product("libnvmm.so"), "--libnvmm-off",
	    product("libnvmm-nocomm.so"), "scenarios/caching.lua");

	must_exit(&run, 0, "--libnvmm-off");
	must_have(run.out, "comm page off\n", "--libnvmm-off");
	run_free(&run);
}
END_TEST

Suite *
comm_suite(void)
{
	Suite *suite = suite_create("without a comm page");
	TCase *tcase = case_new(suite, "without a comm page");

	tcase_add_unchecked_fixture(tcase, whole_reports_make, NULL);
	tcase_add_loop_test(tcase,
	    the_measured_ioctls_are_the_computed_baseline, 0, 2);
	tcase_add_test(tcase, a_scenario_that_cannot_do_without_says_why);
	tcase_add_test(tcase, without_a_page_only_counts_are_not_expected);
	tcase_add_test(tcase, the_diagram_has_no_page_and_no_misses);
	tcase_add_test(tcase, a_foreign_yardstick_can_be_given);
	return suite;
}
