/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reports for what runs tests: TAP and JUnit's XML.  They are read back
 * here, and say the same as the JSON report.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "xml.h"

/* Every verdict, a note, and a name that each format must escape. */
static const char mixed[] =
    "test(\"passes\", function(t) t:machine() t:note(\"a note\") end)\n"
    "test(\"fails\", function(t)\n"
    "t:expect(\"<a & \\\"b\\\">\", 'c\\\\d')\n"
    "end)\n"
    "test(\"skips\", function(t) t:skip(\"not #1\") end)\n"
    "test(\"breaks\", function() error(\"no\") end)\n"
    "test(\"<#1> & \\\"two\\\" ]]> \\1\\27\\xff\\xc3\\xa4\\xed\\xa0\\x80\\n.\","
    " function() end)\n";
#define NMIXED	5

static struct run
mixed_run(const char *format)
{
	struct run run;

	folder_file("mixed.lua", mixed);
	folder_file("broken.lua", "if");
	folder_file("more.lua", "test(\"more\", function() end)");
	run = RUN_HERE("run", "--format", format, "--seed", "7", "mixed.lua",
	    "broken.lua", "more.lua");
	must_exit(&run, 2, format);
	return run;
}

/* --- TAP --- */

static const char tap_begins[] =
    "ok 1 - mixed.lua: passes\n"
    "# a note\n"
    "not ok 2 - mixed.lua: fails\n"
    "  ---\n"
    "  verdict: \"fail\"\n"
    "  reason: |\n"
    "    mixed.lua:3: expected \"c\\d\", seen \"<a & \"b\">\"\n"
    "    last calls:\n"
    "      nvmm_init() = 0\n"
    "        ioctl CAPABILITY = 0\n"
    "  again: \"";
static const char tap_goes_on[] =
    " --filter 'fails' mixed.lua\"\n"
    "  counts:\n"
    "    calls: 1\n"
    "    ioctls: 1\n"
    "    baseline: 1\n"
    "    avoided: 0\n"
    "    hits: 0\n"
    "    misses: 0\n"
    "    exits: 0\n"
    "    handled: 0\n"
    "    other: 1\n"
    "    bytes: 0\n"
    "    modelled: 0\n"
    "  ...\n"
    "ok 3 - mixed.lua: skips # SKIP not \\#1\n"
    "not ok 4 - mixed.lua: breaks\n"
    "  ---\n"
    "  verdict: \"error\"\n"
    "  reason: |\n"
    "    mixed.lua:6: no\n";
static const char tap_ends[] =
    "ok 5 - mixed.lua: <\\#1> & \"two\" ]]> ???\xc3\xa4??? .\n"
    "not ok 6 - broken.lua: (the file)\n";

START_TEST(tap_tells_every_verdict)
{
	struct run run = mixed_run("tap");

	ck_assert_ptr_eq(strstr(run.out, "TAP version 13\n# nvmm-sim run: "
	    "cpu=svm "), run.out);
	must_have(run.out, " seed=7", "TAP");
	must_have(run.out, tap_begins, "TAP");
	must_have(run.out, tap_goes_on, "TAP");
	must_have(run.out, tap_ends, "TAP");
	must_have(run.out, "  ...\nok 7 - more.lua: more\n1..7\n# passed 3\n"
	    "# failed 1\n# skipped 1\n# errors 2\n# calls ", "TAP");
	run_free(&run);
}
END_TEST

/* Version, tests in order, blocks only behind "not ok", the plan: or fails. */
static void
must_be_tap(const char *text, unsigned wanted)
{
	unsigned n = 0, planned = 0, number;
	bool failed = false, block = false;
	const char *line;

	must_have(text, "TAP version 13\n", "TAP");
	for (line = strchr(text, '\n') + 1; *line != '\0';
	    line = strchr(line, '\n') + 1) {
		if (sscanf(line, "ok %u - ", &number) == 1 ||
		    sscanf(line, "not ok %u - ", &number) == 1) {
			ck_assert_uint_eq(number, ++n);
			failed = *line == 'n';
		} else if (strncmp(line, "  ---\n", 6) == 0) {
			ck_assert(failed && !block);
			block = true;
		} else if (strncmp(line, "  ...\n", 6) == 0) {
			ck_assert(block);
			failed = block = false;
		} else if (!block && *line != '#') {
			ck_assert_msg(sscanf(line, "1..%u", &planned) == 1,
			    "no TAP: %.80s", line);
		}
	}
	ck_assert_uint_eq(n, wanted);
	ck_assert_uint_eq(planned, wanted);
}

START_TEST(tap_of_all_scenarios_is_tap)
{
	const json_t *report = whole_report(1, false);
	struct run run = RUN("run", "--format", "tap", "--cpu", "vmx",
	    all_scenarios());
	char line[64];

	must_exit(&run, 0, "TAP");
	must_be_tap(run.out, (unsigned)nscenarios(report));
	snprintf(line, sizeof(line), "\n# ioctls %lld\n",
	    number_in(report, "totals", "ioctls"));
	must_have(run.out, line, "TAP");
	must_have(run.out, " # SKIP for svm only\n", "TAP");
	run_free(&run);
}
END_TEST

START_TEST(tap_that_stops_early_plans_what_was_run)
{
	struct run run;

	folder_file("mixed.lua", mixed);
	run = RUN_HERE("run", "--format", "tap", "--fail-fast", "mixed.lua");
	must_exit(&run, 1, "--fail-fast");
	must_be_tap(run.out, 2);
	run_free(&run);
}
END_TEST

/* --- JUnit --- */

static void
must_sum(const struct xml *element, long tests, long failures, long errors,
    long skipped)
{
	ck_assert_int_eq(xml_number(element, "tests"), tests);
	ck_assert_int_eq(xml_number(element, "failures"), failures);
	ck_assert_int_eq(xml_number(element, "errors"), errors);
	ck_assert_int_eq(xml_number(element, "skipped"), skipped);
}

static const char *
property(const struct xml *suite, const char *name)
{
	const struct xml *properties = xml_child(suite, "properties", 0);
	size_t i;

	for (i = 0; i < properties->nchildren; i++) {
		if (strcmp(xml_attribute(properties->children[i], "name"),
		    name) == 0)
			return xml_attribute(properties->children[i], "value");
	}
	ck_abort_msg("there is no property %s", name);
}

START_TEST(junit_has_a_suite_for_each_file)
{
	struct run run = mixed_run("junit");
	struct xml *root = xml_parse(run.out);
	const struct xml *suite = xml_child(root, "testsuite", 0);

	ck_assert_str_eq(root->name, "testsuites");
	must_sum(root, 7, 1, 2, 1);
	ck_assert_uint_eq(xml_count(root, "testsuite"), 3);
	ck_assert_str_eq(xml_attribute(suite, "name"), "mixed.lua");
	must_sum(suite, NMIXED, 1, 1, 1);
	ck_assert_uint_eq(xml_count(suite, "testcase"), NMIXED);
	ck_assert_str_eq(property(suite, "cpu"), "svm");
	ck_assert_str_eq(property(suite, "seed"), "7");
	ck_assert_str_eq(property(suite, "calls"), "6");
	must_sum(xml_child(root, "testsuite", 1), 1, 0, 1, 0);
	must_sum(xml_child(root, "testsuite", 2), 1, 0, 0, 0);
	xml_free(root);
	run_free(&run);
}
END_TEST

START_TEST(junit_tells_every_verdict)
{
	struct run run = mixed_run("junit");
	struct xml *root = xml_parse(run.out);
	const struct xml *suite = xml_child(root, "testsuite", 0), *test;

	test = xml_child(suite, "testcase", 0);
	ck_assert_str_eq(xml_attribute(test, "classname"), "mixed.lua");
	ck_assert_str_eq(xml_attribute(test, "name"), "passes");
	ck_assert_uint_eq(test->nchildren, 1);
	ck_assert_str_eq(xml_child(test, "system-out", 0)->text, "a note\n");

	test = xml_child(xml_child(suite, "testcase", 1), "failure", 0);
	ck_assert_str_eq(xml_attribute(test, "message"),
	    "mixed.lua:3: expected \"c\\d\", seen \"<a & \"b\">\"");
	must_have(test->text, "seen \"<a & \"b\">\"\nlast calls:\n  nvmm_init",
	    "JUnit");
	must_have(test->text, "\nagain: ", "JUnit");
	must_have(test->text, " --filter 'fails' mixed.lua", "JUnit");

	test = xml_child(xml_child(suite, "testcase", 2), "skipped", 0);
	ck_assert_str_eq(xml_attribute(test, "message"), "not #1");
	test = xml_child(xml_child(suite, "testcase", 3), "error", 0);
	ck_assert_str_eq(xml_attribute(test, "message"), "mixed.lua:6: no");
	test = xml_child(suite, "testcase", 4);
	ck_assert_str_eq(xml_attribute(test, "name"),
	    "<#1> & \"two\" ]]> ???\xc3\xa4???\n.");
	ck_assert_uint_eq(test->nchildren, 0);
	xml_free(root);
	run_free(&run);
}
END_TEST

START_TEST(junit_of_all_scenarios_sums_up_as_the_json_does)
{
	const json_t *report = whole_report(0, false);
	struct run run = RUN("run", "--format", "junit", "--cpu", "svm",
	    all_scenarios());
	struct xml *root = xml_parse(run.out);
	size_t i, n = xml_count(root, "testsuite");
	long long tests = 0, ioctls = 0;

	must_exit(&run, 0, "JUnit");
	must_sum(root, (long)nscenarios(report), 0, 0,
	    number_in(report, "totals", "skipped"));
	for (i = 0; i < n; i++) {
		tests += (long long)xml_count(xml_child(root, "testsuite", i),
		    "testcase");
		ioctls += atoll(property(xml_child(root, "testsuite", i),
		    "ioctls"));
	}
	ck_assert_int_eq(tests, (long long)nscenarios(report));
	ck_assert_int_eq(ioctls, number_in(report, "totals", "ioctls"));
	xml_free(root);
	run_free(&run);
}
END_TEST

/* --- JSON --- */

START_TEST(json_has_notes_and_the_command_that_repeats)
{
	struct run run = mixed_run("json");
	json_t *report = report_parse(run.out), *object;

	object = scenario(report, "passes");
	ck_assert_uint_eq(json_array_size(member(object, "notes")), 1);
	ck_assert_str_eq(json_string_value(json_array_get(
	    member(object, "notes"), 0)), "a note");
	ck_assert(json_is_null(member(object, "again")));
	object = scenario(report, "fails");
	ck_assert_uint_eq(json_array_size(member(object, "notes")), 0);
	must_have(string(object, "again"), " --filter 'fails' mixed.lua",
	    "JSON");
	ck_assert(json_is_null(member(scenario(report, "skips"), "again")));
	(void)string(scenario(report, "breaks"), "again");
	json_decref(report);
	run_free(&run);
}
END_TEST

Suite *
harness_suite(void)
{
	Suite *suite = suite_create("reports for harnesses");
	TCase *tcase = case_new(suite, "reports for harnesses");

	tcase_add_unchecked_fixture(tcase, whole_reports_make, NULL);
	tcase_add_test(tcase, tap_tells_every_verdict);
	tcase_add_test(tcase, tap_of_all_scenarios_is_tap);
	tcase_add_test(tcase, tap_that_stops_early_plans_what_was_run);
	tcase_add_test(tcase, junit_has_a_suite_for_each_file);
	tcase_add_test(tcase, junit_tells_every_verdict);
	tcase_add_test(tcase,
	    junit_of_all_scenarios_sums_up_as_the_json_does);
	tcase_add_test(tcase, json_has_notes_and_the_command_that_repeats);
	return suite;
}
