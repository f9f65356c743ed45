/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report: the JSON object's keys and sums, where it goes, and that
 * colours are for terminals.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"

static const char *const counts[] = {
	"calls", "ioctls", "baseline", "avoided", "hits", "misses", "exits",
	"handled", "other", "bytes",
};
#define NCOUNTS	(sizeof(counts) / sizeof(counts[0]))

static const char *const groups[] = {
	"by_call", "by_ioctl", "by_exit", "by_component",
};
#define NGROUPS	(sizeof(groups) / sizeof(groups[0]))

START_TEST(the_object_has_schema_options_scenarios_totals_in_order)
{
	static const char *const keys[] = {
		"schema", "options", "scenarios", "totals",
	};
	json_t *report = REPORT(0, "scenarios/policy.lua");
	const char *key;
	json_t *value;
	unsigned i = 0;

	json_object_foreach(report, key, value) {
		ck_assert_uint_lt(i, 4);
		ck_assert_str_eq(key, keys[i++]);
	}
	ck_assert_uint_eq(i, 4);
	ck_assert_int_eq(strncmp(string(report, "schema"), "nvmm-sim-", 9), 0);
	ck_assert_ptr_nonnull(strchr(string(report, "schema"), '/'));
	json_decref(report);
}
END_TEST

START_TEST(the_options_are_those_given)
{
	json_t *report = REPORT(0, "--cpu", "vmx", "--policy", "all", "--seed",
	    "5", "--quirks", "hva-map-inside,v2-lost-stop",
	    "scenarios/exits.lua");
	const json_t *options = member(report, "options");

	ck_assert_str_eq(string(options, "cpu"), "vmx");
	ck_assert_str_eq(string(options, "engine"), "script");
	ck_assert_str_eq(string(options, "policy"), "all");
	ck_assert_str_eq(string(options, "quirks"),
	    "v2-lost-stop,hva-map-inside");
	ck_assert_str_eq(string(options, "comm"), "on");
	ck_assert_str_eq(string(options, "libnvmm"), product("libnvmm.so"));
	ck_assert_str_eq(string(options, "inner_calls"), "seen");
	ck_assert_int_eq(number(options, "seed"), 5);
	json_decref(report);
}
END_TEST

/* Integers or objects of them, as deep as by_component goes. */
static void
must_be_numbers(const json_t *value, const char *what)
{
	const char *key;
	json_t *inner;

	if (!json_is_object(value)) {
		ck_assert_msg(json_is_integer(value), "%s: no integer", what);
		return;
	}
	ck_assert_msg(json_object_size(value) > 0, "%s: empty", what);
	json_object_foreach((json_t *)(uintptr_t)value, key, inner)
		must_be_numbers(inner, key);
}

static long long
sum(const json_t *value)
{
	const char *key;
	long long total = 0;
	json_t *inner;

	if (!json_is_object(value))
		return json_integer_value(value);
	json_object_foreach((json_t *)(uintptr_t)value, key, inner)
		total += sum(inner);
	return total;
}

/* The counts of one object agree with each other. */
static void
must_agree(const json_t *object, const char *what)
{
	long long exits = sum(member(object, "by_exit")) -
	    number_in(object, "by_exit", "none") -
	    number_in(object, "by_exit", "stopped");

	ck_assert_msg(number(object, "calls") ==
	    sum(member(object, "by_call")), "%s: calls", what);
	ck_assert_msg(number(object, "ioctls") ==
	    sum(member(object, "by_ioctl")), "%s: ioctls", what);
	ck_assert_msg(number(object, "bytes") ==
	    sum(member(object, "by_component")), "%s: bytes", what);
	ck_assert_msg(number(object, "exits") == exits, "%s: exits", what);
	ck_assert_msg(number(object, "avoided") ==
	    number(object, "baseline") - number(object, "ioctls"),
	    "%s: avoided", what);
	ck_assert_msg(number(object, "hits") + number(object, "misses") <=
	    number_in(object, "by_call", "nvmm_vcpu_getstate"),
	    "%s: hits and misses", what);
}

START_TEST(each_scenario_has_all_keys_and_its_counts_agree)
{
	const json_t *report = whole_report(_i, false);
	size_t i, j, n = nscenarios(report);
	const json_t *object;
	const char *name;

	ck_assert_uint_ge(n, all_is_few() ? 20 : 99);
	for (i = 0; i < n; i++) {
		object = scenario_at(report, i);
		name = string(object, "name");
		ck_assert_int_eq(strncmp(string(object, "file"), "scenarios/",
		    10), 0);
		ck_assert_uint_gt(strlen(string(object, "verdict")), 0);
		(void)string(object, "reason");
		for (j = 0; j < NCOUNTS; j++)
			(void)number(object, counts[j]);
		for (j = 0; j < NGROUPS; j++)
			must_be_numbers(member(object, groups[j]), groups[j]);
		must_agree(object, name);
	}
}
END_TEST

/* a += b, for numbers and objects of numbers with the same keys. */
static void
add(json_t *a, const json_t *b)
{
	const char *key;
	json_t *inner;

	if (!json_is_object(a)) {
		json_integer_set(a, json_integer_value(a) +
		    json_integer_value(b));
		return;
	}
	ck_assert_uint_eq(json_object_size(a), json_object_size(b));
	json_object_foreach(a, key, inner)
		add(inner, member(b, key));
}

static void
must_sum_up(const json_t *report, const char *key)
{
	json_t *total = json_deep_copy(member(scenario_at(report, 0), key));
	size_t i, n = nscenarios(report);

	for (i = 1; i < n; i++)
		add(total, member(scenario_at(report, i), key));
	ck_assert_msg(json_equal(total, member(member(report, "totals"), key)),
	    "the total of %s is no sum of the scenarios'", key);
	json_decref(total);
}

static long long
verdicts(const json_t *report, const char *verdict)
{
	size_t i, n = nscenarios(report);
	long long found = 0;

	for (i = 0; i < n; i++) {
		found += strcmp(string(scenario_at(report, i), "verdict"),
		    verdict) == 0;
	}
	return found;
}

static void
must_total(const json_t *report)
{
	const json_t *totals = member(report, "totals");
	size_t j;

	for (j = 0; j < NCOUNTS; j++)
		must_sum_up(report, counts[j]);
	for (j = 0; j < NGROUPS; j++)
		must_sum_up(report, groups[j]);
	ck_assert_int_eq(number(totals, "passed"), verdicts(report, "pass"));
	ck_assert_int_eq(number(totals, "failed"), verdicts(report, "fail"));
	ck_assert_int_eq(number(totals, "skipped"), verdicts(report, "skip"));
	ck_assert_int_eq(number(totals, "errors"), verdicts(report, "error"));
}

START_TEST(the_totals_are_the_sums)
{
	const json_t *report = whole_report(_i, false);

	must_total(report);
	ck_assert_int_eq(number_in(report, "totals", "failed"), 0);
}
END_TEST

START_TEST(the_totals_count_every_verdict)
{
	struct run run;
	json_t *report;

	folder_file("all.lua", "test(\"a\", function() end)\n"
	    "test(\"b\", function(t) t:skip(\"no\") end)\n"
	    "test(\"c\", function(t) t:machine() t:expect(1, 2) end)\n"
	    "test(\"d\", function(t) t:machine() t:expect(1, 2) end)\n"
	    "test(\"e\", function() error(\"no\") end)\n");
	folder_file("bad.lua", "if");
	run = RUN_HERE("run", "--format", "json", "all.lua", "bad.lua");
	must_exit(&run, 2, "verdicts");
	report = report_parse(run.out);
	must_total(report);
	ck_assert_int_eq(number_in(report, "totals", "passed"), 1);
	ck_assert_int_eq(number_in(report, "totals", "skipped"), 1);
	ck_assert_int_eq(number_in(report, "totals", "failed"), 2);
	ck_assert_int_eq(number_in(report, "totals", "errors"), 2);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(functions_are_ordered_by_name_and_zeros_are_there)
{
	json_t *report, *object;
	const char *key, *last = "";
	struct run run;
	json_t *value;

	folder_file("nothing.lua", "test(\"nothing\", function() end)");
	run = RUN_HERE("run", "--format", "json", "nothing.lua");
	must_exit(&run, 0, "nothing");
	report = report_parse(run.out);
	object = member(scenario(report, "nothing"), "by_call");
	json_object_foreach(object, key, value) {
		ck_assert_int_eq(strncmp(key, "nvmm_", 5), 0);
		ck_assert_int_gt(strcmp(key, last), 0);
		last = key;
		ck_assert_int_eq(json_integer_value(value),
		    strcmp(key, "nvmm_init") == 0);
	}
	ck_assert_uint_eq(json_object_size(object), 24);
	object = scenario(report, "nothing");
	ck_assert_int_eq(number_in(object, "by_ioctl", "VCPU_RUN"), 0);
	ck_assert_int_eq(number_in(object, "by_exit", "int_ready"), 0);
	ck_assert_int_eq(sum(member(object, "by_component")), 0);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(names_that_are_no_text_leave_the_report_valid)
{
	struct run run;

	folder_file("odd.lua", "test(\"\\xff\\xfe\", function() end)\n"
	    "test(\"quo\\\"te \\\\ \\n \\t\", function() end)\n");
	run = RUN_HERE("run", "--format", "json", "odd.lua");
	must_exit(&run, 0, "odd names");
	json_decref(report_parse(run.out));
	run_free(&run);
}
END_TEST

/* --- where it goes --- */

START_TEST(output_names_the_file_to_write)
{
	struct run run, plain;
	char *text;

	folder_file("a.lua", "test(\"a\", function() end)");
	plain = RUN_HERE("run", "--format", "json", "a.lua");
	run = RUN_HERE("run", "--format", "json", "--output", "report.json",
	    "a.lua");
	must_exit(&run, 0, "--output");
	ck_assert_str_eq(run.out, "");
	ck_assert_str_eq(run.err, "");
	text = folder_read("report.json");
	ck_assert_str_eq(text, plain.out);
	free(text);
	run_free(&run);
	run_free(&plain);
}
END_TEST

START_TEST(an_output_that_cannot_be_opened_is_an_error)
{
	struct run run;

	folder_file("a.lua", "test(\"a\", function() end)");
	run = RUN_HERE("run", "--output", "no/such/folder", "a.lua");
	must_complain(&run, "no/such/folder: No such file or directory",
	    "--output");
	run_free(&run);
}
END_TEST

START_TEST(an_output_that_cannot_be_written_is_an_error)
{
	struct run run;

	folder_file("a.lua", "test(\"a\", function() end)");
	run = RUN_HERE("run", "--output", "/dev/full", "a.lua");
	must_complain(&run, "/dev/full: cannot write the report",
	    "--output");
	run_free(&run);
}
END_TEST

START_TEST(a_full_standard_output_is_an_error)
{
	char command[5000];
	struct run run;

	folder_file("a.lua", "test(\"a\", function() end)");
	snprintf(command, sizeof(command), "%s run a.lua >/dev/full",
	    program_path());
	run = run_shell(folder_path(), command);
	must_complain(&run, "standard output: cannot write the report",
	    "a full disk");
	run_free(&run);
}
END_TEST

/* --- colours --- */

START_TEST(what_is_no_terminal_gets_no_escapes)
{
	struct run run;

	folder_file("a.lua", "test(\"a\", function() end)\n"
	    "test(\"b\", function(t) t:expect(1, 2) end)");
	run = RUN_HERE("run", "--trace", "a.lua");
	must_exit(&run, 1, "no terminal");
	must_lack(run.out, "\033", "standard output");
	must_lack(run.err, "\033", "standard error");
	run_free(&run);
}
END_TEST

/* The program on a terminal of its own; what that showed. */
static void
terminal_run(const char *no_colour, char *shown, size_t size)
{
	char path[96];
	ssize_t n;
	size_t length = 0;
	int master, terminal, status;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/a.lua", folder_path());
	master = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ne(master, -1);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
	ck_assert_int_ne(terminal, -1);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		unsetenv("NO_COLOR");
		if (no_colour != NULL)
			setenv("NO_COLOR", no_colour, 1);
		dup2(terminal, STDOUT_FILENO);
		execl(program_path(), program_path(), "run", path,
		    (char *)NULL);
		_exit(127);
	}
	close(terminal);
	/* EIO when the other end has gone. */
	while ((n = read(master, shown + length, size - 1 - length)) > 0)
		length += (size_t)n;
	shown[length] = '\0';
	close(master);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
}

START_TEST(a_terminal_gets_colours_unless_it_wants_none)
{
	char shown[8192];

	folder_file("a.lua", "test(\"a\", function() end)");
	terminal_run(NULL, shown, sizeof(shown));
	must_have(shown, "\033[32mpass", "a terminal");
	terminal_run("1", shown, sizeof(shown));
	must_have(shown, "pass", "NO_COLOR");
	must_lack(shown, "\033", "NO_COLOR");
}
END_TEST

Suite *
report_suite(void)
{
	Suite *suite = suite_create("report");
	TCase *tcase = case_new(suite, "report");

	tcase_add_unchecked_fixture(tcase, whole_reports_make, NULL);
	tcase_add_test(tcase,
	    the_object_has_schema_options_scenarios_totals_in_order);
	tcase_add_test(tcase, the_options_are_those_given);
	tcase_add_loop_test(tcase,
	    each_scenario_has_all_keys_and_its_counts_agree, 0, 2);
	tcase_add_loop_test(tcase, the_totals_are_the_sums, 0, 2);
	tcase_add_test(tcase, the_totals_count_every_verdict);
	tcase_add_test(tcase,
	    functions_are_ordered_by_name_and_zeros_are_there);
	tcase_add_test(tcase, names_that_are_no_text_leave_the_report_valid);
	tcase_add_test(tcase, output_names_the_file_to_write);
	tcase_add_test(tcase, an_output_that_cannot_be_opened_is_an_error);
	tcase_add_test(tcase, an_output_that_cannot_be_written_is_an_error);
	tcase_add_test(tcase, a_full_standard_output_is_an_error);
	tcase_add_test(tcase, what_is_no_terminal_gets_no_escapes);
	tcase_add_test(tcase, a_terminal_gets_colours_unless_it_wants_none);
	return suite;
}
