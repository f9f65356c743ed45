/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which scenarios run: files and folders, --filter, --list, --fail-fast.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

static const char fruit[] =
    "test(\"apple\", function() end)\n"
    "test(\"green apple\", function() end)\n"
    "test(\"pear\", function() end)\n"
    "test(\"pineapple\", function() end)\n"
    "test(\"a [star] fruit?\", function() end)\n";

static const struct row {
	const char *what, *filter, *list;
} filters[] = {
	{ "a part", "pp", "fruit.lua:1: apple\nfruit.lua:2: green apple\n"
	    "fruit.lua:4: pineapple\n" },
	{ "a whole name", "apple", "fruit.lua:1: apple\n" },
	{ "a glob", "p*", "fruit.lua:3: pear\nfruit.lua:4: pineapple\n" },
	{ "a glob with one letter", "pea?", "fruit.lua:3: pear\n" },
	{ "a set", "*[en] apple", "fruit.lua:2: green apple\n" },
	{ "letters that a glob knows, as they are", "[star]",
	    "fruit.lua:5: a [star] fruit?\n" },
	{ "everything", "", "fruit.lua:1: apple\nfruit.lua:2: green apple\n"
	    "fruit.lua:3: pear\nfruit.lua:4: pineapple\n"
	    "fruit.lua:5: a [star] fruit?\n" },
};

START_TEST(a_filter_is_a_name_a_part_or_a_glob)
{
	const struct row *row = &filters[_i];
	struct run run;

	folder_file("fruit.lua", fruit);
	run = RUN_HERE("run", "--list", "--filter", row->filter, "fruit.lua");
	must_exit(&run, 0, row->what);
	ck_assert_msg(strcmp(run.out, row->list) == 0, "%s: %s: seen\n%s",
	    row->what, row->filter, run.out);
	run_free(&run);
}
END_TEST

/* The listed lines and the scenarios that run are the same. */
START_TEST(what_a_filter_lists_is_what_runs)
{
	const struct row *row = &filters[_i];
	const char *line = row->list, *name;
	struct run run;
	json_t *report;
	size_t i;

	folder_file("fruit.lua", fruit);
	run = RUN_HERE("run", "--format", "json", "--filter", row->filter,
	    "fruit.lua");
	must_exit(&run, 0, row->what);
	report = report_parse(run.out);
	for (i = 0; i < nscenarios(report); i++) {
		name = string(scenario_at(report, i), "name");
		line = strchr(line, ' ');
		ck_assert_ptr_nonnull(line);
		ck_assert_int_eq(strncmp(line + 1, name, strlen(name)), 0);
		line = strchr(line, '\n') + 1;
	}
	ck_assert_str_eq(line, "");
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(nothing_selected_is_an_error)
{
	struct run run;

	folder_file("fruit.lua", fruit);
	run = RUN_HERE("run", "--filter", "plum", "fruit.lua");
	must_complain(&run, "no scenario is called like that", "no plum");
	ck_assert_str_eq(run.out, "");
	run_free(&run);
	run = RUN_HERE("run", "--list", "--filter", "plum", "fruit.lua");
	must_complain(&run, "no scenario is called like that", "no plum");
	run_free(&run);
}
END_TEST

START_TEST(files_without_scenarios_are_an_error)
{
	struct run run;

	folder_file("empty.lua", "");
	folder_file("bare/readme.txt", "not a scenario");
	run = RUN_HERE("run", "empty.lua");
	must_complain(&run, "there are no scenarios in these files", "a file");
	run_free(&run);
	run = RUN_HERE("run", "bare");
	must_complain(&run, "there are no scenarios in these files",
	    "a folder");
	run_free(&run);
}
END_TEST

START_TEST(a_folder_means_its_files_by_name_and_those_below)
{
	struct run run;

	folder_file("in/b.lua", "test(\"b\", function() end)");
	folder_file("in/a.lua", "test(\"a\", function() end)");
	folder_file("in/c/d.lua", "test(\"d\", function() end)");
	folder_file("in/z.lua", "test(\"z\", function() end)");
	folder_file("in/.hidden.lua", "test(\"hidden\", function() end)");
	folder_file("in/.git/e.lua", "test(\"e\", function() end)");
	folder_file("in/notes.txt", "not Lua");
	run = RUN_HERE("run", "--list", "in/");
	must_exit(&run, 0, "a folder");
	ck_assert_str_eq(run.out, "in/a.lua:1: a\nin/b.lua:1: b\n"
	    "in/c/d.lua:1: d\nin/z.lua:1: z\n");
	run_free(&run);
}
END_TEST

START_TEST(files_run_in_the_order_of_the_command_line)
{
	struct run run;

	folder_file("one.lua", "test(\"1\", function() end)");
	folder_file("two.lua", "test(\"2\", function() end)");
	run = RUN_HERE("run", "--list", "two.lua", "one.lua", "two.lua");
	must_exit(&run, 0, "order");
	ck_assert_str_eq(run.out,
	    "two.lua:1: 2\none.lua:1: 1\ntwo.lua:1: 2\n");
	run_free(&run);
}
END_TEST

START_TEST(without_files_the_folder_scenarios_runs)
{
	struct run all = RUN("run", "--list");
	struct run named = RUN("run", "--list", "scenarios");

	must_exit(&all, 0, "default");
	ck_assert_str_eq(all.out, named.out);
	must_have(all.out, "scenarios/caching.lua:", "default");
	run_free(&all);
	run_free(&named);
}
END_TEST

/* As `make install' lays them out: the program beside them, elsewhere. */
START_TEST(where_there_is_none_the_installed_ones_run)
{
	char command[1024];
	struct run run;

	folder_file("installed/scenarios/fruit.lua", fruit);
	snprintf(command, sizeof(command), "cp '%s' installed/nvmm-sim && "
	    "ln -s installed/nvmm-sim . && ./nvmm-sim run --list",
	    program_path());
	run = run_shell(folder_path(), command);
	must_exit(&run, 0, "no scenarios here");
	must_have(run.out, "/installed/scenarios/fruit.lua:3: pear\n",
	    "no scenarios here");
	run_free(&run);
	folder_file("scenarios/one.lua", "test(\"mine\", function() end)");
	run = run_shell(folder_path(), "./nvmm-sim run --list");
	must_exit(&run, 0, "scenarios here");
	ck_assert_str_eq(run.out, "scenarios/one.lua:1: mine\n");
	run_free(&run);
}
END_TEST

START_TEST(a_list_runs_nothing)
{
	struct run run;

	folder_file("a.lua", "test(\"a\", function(t) error(\"ran\") end)");
	run = RUN_HERE("run", "--list", "--libnvmm", "/dev/null", "a.lua");
	must_exit(&run, 0, "list");
	ck_assert_str_eq(run.out, "a.lua:1: a\n");
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

/* The failure comes late, so that later scenarios end before it. */
static const char stopping[] =
    "test(\"one\", function() end)\n"
    "test(\"two\", function(t) local cpu = t:machine():vcpu(0)\n"
    "for i = 1, 20000 do cpu:will(guest.hlt()) cpu:run() end\n"
    "t:expect(1, 2) end)\n"
    "test(\"three\", function(t) t:expect(1, 2) end)\n"
    "test(\"four\", function() end)\n";

START_TEST(fail_fast_stops_at_the_first_failure)
{
	static const char *const jobs[] = { "1", "2", "7" };
	json_t *report;
	struct run run;

	folder_file("stop.lua", stopping);
	run = RUN_HERE("run", "--fail-fast", "--format", "json", "--jobs",
	    jobs[_i], "stop.lua");
	must_exit(&run, 1, jobs[_i]);
	report = report_parse(run.out);
	ck_assert_uint_eq(nscenarios(report), 2);
	ck_assert_str_eq(string(scenario(report, "one"), "verdict"), "pass");
	ck_assert_str_eq(string(scenario(report, "two"), "verdict"), "fail");
	ck_assert_int_eq(number_in(report, "totals", "passed"), 1);
	ck_assert_int_eq(number_in(report, "totals", "failed"), 1);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(fail_fast_stops_at_a_broken_file)
{
	struct run run;

	folder_file("bad.lua", "if");
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--fail-fast", "bad.lua", "good.lua");
	must_exit(&run, 2, "a broken file");
	must_have(run.out, "0 passed, 0 failed, 0 skipped, 1 error\n",
	    "a broken file");
	run_free(&run);
}
END_TEST

START_TEST(without_fail_fast_all_run)
{
	struct run run;

	folder_file("stop.lua", stopping);
	run = RUN_HERE("run", "stop.lua");
	must_exit(&run, 1, "all");
	must_have(run.out, "2 passed, 2 failed, 0 skipped, 0 errors\n", "all");
	run_free(&run);
}
END_TEST

Suite *
select_suite(void)
{
	Suite *suite = suite_create("selection");
	TCase *tcase = case_new(suite, "selection");

	tcase_add_loop_test(tcase, a_filter_is_a_name_a_part_or_a_glob, 0,
	    sizeof(filters) / sizeof(filters[0]));
	tcase_add_loop_test(tcase, what_a_filter_lists_is_what_runs, 0,
	    sizeof(filters) / sizeof(filters[0]));
	tcase_add_test(tcase, nothing_selected_is_an_error);
	tcase_add_test(tcase, files_without_scenarios_are_an_error);
	tcase_add_test(tcase,
	    a_folder_means_its_files_by_name_and_those_below);
	tcase_add_test(tcase, files_run_in_the_order_of_the_command_line);
	tcase_add_test(tcase, without_files_the_folder_scenarios_runs);
	tcase_add_test(tcase, where_there_is_none_the_installed_ones_run);
	tcase_add_test(tcase, a_list_runs_nothing);
	tcase_add_loop_test(tcase, fail_fast_stops_at_the_first_failure, 0, 3);
	tcase_add_test(tcase, fail_fast_stops_at_a_broken_file);
	tcase_add_test(tcase, without_fail_fast_all_run);
	return suite;
}
