/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim compare: two libraries on the same scenarios.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "library.h"

/* No expectations of counts: a library that costs more still passes. */
static const char scenarios[] =
    "test(\"writes\", function(t) local cpu = t:machine():vcpu(0)\n"
    "for i = 1, 3 do\n"
    "cpu:will(guest.out { port = 0x3f8, size = 1, value = 0x41 }) cpu:run()\n"
    "cpu:assist_io(function(io) t:expect(io.data, \"A\") end) end end)\n"
    "test(\"takes\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:get(\"drs\") cpu.state.dr0 = 42 cpu:set(\"drs\")\n"
    "cpu:will(guest.hlt()) cpu:run() cpu:get(\"drs\")\n"
    "t:expect(cpu.state.dr0, 42) end)\n"
    "test(\"looks\", function(t) t:machine():vcpu(0):gva_to_gpa(0) end)\n"
    "test(\"makes\", function(t) t:machine() end)\n";

static const char stops[] = "test(\"stops\", function(t)\n"
    "local cpu = t:machine():vcpu(0) cpu:stop() cpu:run() end)\n";

/* Compares a library with these flags to one with those. */
static struct run
compare_built(const char *a, const char *b, const char *file,
    const char *option, const char *value)
{
	library_build_foreign("a.so", a);
	library_build_foreign("b.so", b);
	folder_file("all.lua", scenarios);
	folder_file("stops.lua", stops);
	return RUN_HERE("compare", "--a", "./a.so", "--b", "./b.so", option,
	    value, file);
}

#define COMPARE(a, b)	compare_built(a, b, "all.lua", "--jobs", "2")

static const struct row {
	const char *what, *a, *b;
	int status;
	const char *first;		/* line */
	const char *parts[4];		/* of the rest; NULL: no more */
} rows[] = {
	{ "another build", "-O0", "-O2", 0,
	    "no difference in 4 scenarios\n", { NULL } },
	{ "hidden inner calls", "", "-DSELF", 0,
	    "no difference in 4 scenarios\n",
	    { "b.so (abi v2, inner calls modelled)\n", NULL } },
	{ "one that forgets", "", "-DFORGET", 1,
	    "b costs 5 ioctls more in 3 of 4 scenarios\n",
	    { "\nall.lua\n  writes ",
	    "      VCPU_GETSTATE                      0           3          +3"
	    "\n      step 9 is the first that differs:\n"
	    "        a: nvmm_vcpu_getstate(0, 0, SEGS|GPRS|CRS|MSRS) = 0  hit"
	    "  in nvmm_assist_io(0, 0)\n"
	    "        b: ioctl VCPU_GETSTATE = 0  cached=SEGS|GPRS|CRS|MSRS  in "
	    "nvmm_assist_io(0, 0)\n      again: ",
	    "      hit rate                         50%          0%\n", NULL } },
	{ "the other way round", "-DFORGET", "", 0,
	    "b costs 5 ioctls less in 3 of 4 scenarios\n",
	    { "  writes                                                       "
	    "better\n", NULL } },
	{ "one that loses what is set", "", "-DLOSE", 1,
	    "b fails 1 that a passes\n",
	    { "      verdict                         pass        fail\n"
	    "      b: all.lua:8: expected 0x2a, seen 0\n",
	    "  a: ", NULL } },
	{ "one that repairs it", "-DLOSE", "", 0,
	    "b passes 1 that a does not\n",
	    { "      a: all.lua:8: expected 0x2a, seen 0\n", NULL } },
	{ "one with an extra ioctl", "", "-DEXTRA", 1,
	    "b costs 4 ioctls more in 2 of 4 scenarios\n",
	    { "        a: nvmm_vcpu_run(0, 0) = 0\n"
	    "        b: ioctl VCPU_GETSTATE = 0  wanted=GPRS->0  cached=",
	    "  in nvmm_vcpu_run(0, 0)\n", NULL } },
	{ "one that does all of it and hides it", "",
	    "-DFORGET -DLOSE -DEXTRA -DSELF", 1,
	    "b costs 7 ioctls more in 2 of 4 scenarios and fails 1 that a "
	    "passes\n",
	    { "        a: nvmm_vcpu_run(0, 0) = 0\n", NULL } },
	{ "one that crashes", "", "-DCRASH=abort", 1,
	    "b fails 1 that a passes\n",
	    { "        b: (the end): crashed with SIGABRT in "
	    "nvmm_gva_to_gpa(0, 0, 0x0) ...\n", NULL } },
	{ "both crash", "-DCRASH=abort", "-DCRASH=abort", 0,
	    "no difference in 4 scenarios\n", { NULL } },
	{ "two generations", "-DNVMM_ABI=1", "-DNVMM_ABI=3", 0,
	    "no difference in 4 scenarios\n",
	    { "a.so (abi v1)\n", "b.so (abi v3)\n",
	    "  each on its own generation: 0 scenarios are for one of them, or "
	    "go their own ways\n", NULL } },
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

START_TEST(the_answer_comes_first_and_then_what_differs)
{
	const struct row *row = &rows[_i];
	struct run run = COMPARE(row->a, row->b);
	unsigned i;

	must_exit(&run, row->status, row->what);
	ck_assert_msg(strncmp(run.out, row->first, strlen(row->first)) == 0,
	    "%s: expected first \"%s\", seen \"%.300s\"", row->what,
	    row->first, run.out);
	for (i = 0; i < 4 && row->parts[i] != NULL; i++)
		must_have(run.out, row->parts[i], row->what);
	if (row->first[0] == 'n')
		must_lack(run.out, "all.lua", row->what);
	run_free(&run);
}
END_TEST

START_TEST(what_only_one_generation_has_is_no_difference)
{
	struct run run = compare_built("-DNVMM_ABI=2", "-DNVMM_ABI=3",
	    "stops.lua", "--jobs", "1");

	must_exit(&run, 0, "v2 and v3");
	must_have(run.out, "no difference in 1 scenario\n", "v2 and v3");
	must_have(run.out, "  each on its own generation: 1 scenario is for "
	    "one of them, or goes its own way\n", "v2 and v3");
	run_free(&run);
	/* In one generation it is. */
	run = compare_built("", "-Dnvmm_vcpu_stop=gone", "stops.lua",
	    "--jobs", "1");
	must_exit(&run, 1, "v2 without stop");
	must_have(run.out, "b skips 1 that a passes\n", "v2 without stop");
	run_free(&run);
}
END_TEST

/* --- JSON --- */

START_TEST(json_has_both_sides_of_every_scenario)
{
	struct run run = compare_built("", "-DFORGET", "all.lua", "--format",
	    "json");
	json_t *report = report_parse(run.out);
	const json_t *writes = scenario(report, "writes"), *step;

	must_exit(&run, 1, "json");
	ck_assert_str_eq(string(report, "schema"), "nvmm-sim-compare/1");
	ck_assert_str_eq(string(report, "answer"),
	    "b costs 5 ioctls more in 3 of 4 scenarios");
	ck_assert(json_is_true(member(report, "worse")));
	ck_assert_str_eq(string(member(report, "b"), "abi"), "v2");
	ck_assert_uint_eq(nscenarios(report), 4);
	ck_assert(json_is_true(member(writes, "worse")));
	ck_assert_int_eq(number_in(member(writes, "a"), "by_ioctl",
	    "VCPU_GETSTATE"), 0);
	ck_assert_int_eq(number_in(member(writes, "b"), "by_ioctl",
	    "VCPU_GETSTATE"), 3);
	step = member(writes, "first_difference");
	ck_assert_int_eq(number(step, "step"), 9);
	ck_assert_str_eq(string(member(step, "b"), "call"),
	    "nvmm_assist_io(0, 0)");
	ck_assert(json_is_false(member(scenario(report, "makes"),
	    "differs")));
	ck_assert(json_is_null(member(scenario(report, "makes"),
	    "first_difference")));
	ck_assert_int_eq(number(member(member(report, "totals"), "b"),
	    "ioctls") - number(member(member(report, "totals"), "a"),
	    "ioctls"), 5);
	ck_assert(json_is_null(member(member(report, "instructions"), "a")));
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(the_report_is_the_same_whatever_jobs_is)
{
	struct run one = compare_built("", "-DFORGET -DEXTRA", "all.lua",
	    "--jobs", "1");
	struct run many = RUN_HERE("compare", "--a", "./a.so", "--b",
	    "./b.so", "--jobs", "7", "--output", "report", "all.lua");
	char *report = folder_read("report");

	must_exit(&one, 1, "one");
	must_exit(&many, 1, "many");
	ck_assert_str_eq(many.out, "");
	ck_assert_str_eq(report, one.out);
	free(report);
	run_free(&one);
	run_free(&many);
}
END_TEST

/* --- options --- */

START_TEST(options_of_run_are_passed_on)
{
	struct run run = compare_built("", "-DFORGET", "all.lua", "--filter",
	    "looks");

	must_have(run.out, "b costs 1 ioctl more in 1 of 1 scenario\n",
	    "filter");
	run_free(&run);
	run = RUN_HERE("compare", "--a", "./a.so", "--b", "./b.so", "--cpu",
	    "vmx", "--engine", "interp", "--policy", "none", "--quirks",
	    "none", "--abi", "v2", "--seed", "7", "--timeout", "30",
	    "--format", "json", "all.lua");
	must_exit(&run, 1, "all");
	must_have(run.out, "\"options\": {\n    \"cpu\": \"vmx\",\n"
	    "    \"engine\": \"interp\",\n    \"policy\": \"none\",\n"
	    "    \"quirks\": \"none\",\n    \"seed\": 7\n", "all");
	run_free(&run);
}
END_TEST

static const struct {
	const char *words[8];
	const char *line;
} mistakes[] = {
	{ { "compare", "--b", "b.so", NULL },
	    "compare needs a library as --a; `nvmm-sim compare --help'" },
	{ { "compare", "--a", "text", NULL }, "compare needs a library as --b" },
	{ { "compare", "--a", "none", "--b", "text", NULL },
	    "--a none: no such file" },
	{ { "compare", "--a", "text", "--b", "text", "empty.lua", NULL },
	    "there are no scenarios" },
	{ { "compare", "--a", "text", "--b", "text", "one.lua", NULL },
	    "text is no shared library" },
	{ { "compare", "--format", "tap", NULL },
	    "--format is text or json, not 'tap'" },
	{ { "compare", "--comm", "off", NULL },
	    "unknown option '--comm'; `nvmm-sim compare --help' lists them" },
};
#define NMISTAKES	(sizeof(mistakes) / sizeof(mistakes[0]))

START_TEST(mistakes_are_told_in_one_line)
{
	struct run run;

	folder_file("text", "no library\n");
	folder_file("empty.lua", "");
	folder_file("one.lua", "test(\"one\", function(t) end)");
	run = run_words(folder_path(), mistakes[_i].words);
	must_complain(&run, mistakes[_i].line, mistakes[_i].line);
	run_free(&run);
}
END_TEST

START_TEST(a_broken_scenario_is_an_error)
{
	struct run run;

	library_build_foreign("a.so", "");
	folder_file("all.lua", "test(\"bad\", function(t) t:nothing() end)");
	folder_file("worse.lua", "no Lua\n");
	run = RUN_HERE("compare", "--a", "./a.so", "--b", "./a.so", "all.lua",
	    "worse.lua");
	must_exit(&run, 2, "broken");
	must_have(run.out, "no difference in 2 scenarios; 2 scenarios are "
	    "broken\n", "broken");
	must_have(run.out, "broken\n      a: all.lua:1: ", "broken");
	must_have(run.out, "  (the file) ", "broken");
	run_free(&run);
}
END_TEST

START_TEST(help_lists_the_options)
{
	struct run run = RUN("compare", "--help");

	must_exit(&run, 0, "help");
	must_have(run.out, "usage: nvmm-sim compare --a PATH --b PATH", "help");
	must_have(run.out, "\n  --instructions ", "help");
	run_free(&run);
	run = RUN("--help");
	must_have(run.out, "\n  compare  ", "help");
	run_free(&run);
}
END_TEST

/* --- instructions --- */

/* With these variables in the environment. */
static struct run
count_with(const char *environment)
{
	char command[8192];

	library_build_foreign("a.so", "");
	folder_file("all.lua", scenarios);
	snprintf(command, sizeof(command), "%s '%s' compare --a ./a.so "
	    "--b ./a.so --instructions --abi v2 --policy none --quirks none "
	    "--filter looks all.lua", environment, program_path());
	return run_shell(folder_path(), command);
}

START_TEST(without_valgrind_the_report_says_so)
{
	static const char *const whys[] = {
		"there is no valgrind here", "valgrind does not run here",
	};
	char path[4200], line[160];
	struct run run;

	if (_i == 1) {
		folder_file("valgrind", "#!/bin/sh\nexit 3\n");
		run = run_shell(folder_path(), "chmod +x valgrind");
		run_free(&run);
	}
	snprintf(path, sizeof(path), "PATH=%s", folder_path());
	run = count_with(path);
	snprintf(line, sizeof(line), "instructions per call: not counted: "
	    "%s\n", whys[_i]);
	must_exit(&run, 0, whys[_i]);
	must_have(run.out, line, whys[_i]);
	run_free(&run);
}
END_TEST

START_TEST(without_a_place_for_files_nothing_is_counted)
{
	struct run run = count_with("TMPDIR=/nowhere");

	must_complain(&run, ": No such file or directory",
	    "TMPDIR");
	run_free(&run);
}
END_TEST

/*
 * What valgrind might write: a function of the library, 4 times called by
 * another object, with 20 instructions of its own; a helper that it calls 8
 * times and that calls itself, with 12; and what happens elsewhere.
 */
static const char fake_valgrind[] = "#!/bin/sh\n"
    "for word; do case $word in\n"
    "--callgrind-out-file=*) out=${word#*=} ;; */?.so) ob=$word ;; esac\n"
    "done\n"
    "cat >${out%%p}1 <<END\n"
    "version: 1\nevents: Ir\n\n"
    "ob=$ob\nfl=state.c\nfn=nvmm_vcpu_getstate\n10 15\n11 5\n"
    "cfi=other.c\ncfn=helper\ncalls=4 30\n12 400\n"
    "cob=/libc.so\ncfn=ioctl\ncalls=4 1\n13 9999\n"
    "cfn=helper\ncalls=4 30\n14 40\n\n"
    "fn=helper\n30 12\ncfn=helper\ncalls=2 30\n31 5\n\n"
    "ob=/nvmm-sim\nfn=main\n1 1000\n"
    "cob=$ob\ncfn=nvmm_vcpu_getstate\ncalls=4 10\n2 500\n"
    "cfn=main\ncalls=1 1\n3 7\n"
    "END\n";

START_TEST(costs_are_added_up_within_the_library)
{
	char path[4200];
	struct run run;

	folder_file("valgrind", fake_valgrind);
	run = run_shell(folder_path(), "chmod +x valgrind");
	run_free(&run);
	snprintf(path, sizeof(path), "PATH=%s:$PATH", folder_path());
	run = count_with(path);
	must_exit(&run, 0, "fake");
	/* A quarter of 20 and of 12. */
	must_have(run.out, "\ninstructions per call                    a"
	    "           b\n"
	    "      nvmm_vcpu_getstate               8.0         8.0\n",
	    "fake");
	run_free(&run);
}
END_TEST

/* A program with AddressSanitizer in it does not. */
static bool
runs_under_valgrind(void)
{
	char command[4200];
	struct run run;
	int status;

	snprintf(command, sizeof(command), "valgrind -q '%s' --version",
	    program_path());
	run = run_shell(NULL, command);
	status = run.status;
	run_free(&run);
	return status == 0;
}

START_TEST(instructions_are_those_of_the_library)
{
	struct run run;
	json_t *report;
	const json_t *a, *b;

	if (!runs_under_valgrind())
		return;
	run = compare_built("-O2", "-O0 -DFORGET", "all.lua", "--filter",
	    "takes");
	run_free(&run);
	run = RUN_HERE("compare", "--a", "./a.so", "--b", "./b.so",
	    "--instructions", "--filter", "takes", "all.lua");
	must_exit(&run, 1, "instructions");
	must_have(run.out, "\ninstructions per call ", "instructions");
	must_have(run.out, "\n      nvmm_vcpu_run ", "instructions");
	run_free(&run);
	run = RUN_HERE("compare", "--a", "./a.so", "--b", "./b.so",
	    "--instructions", "--format", "json", "--filter", "takes",
	    "all.lua");
	must_exit(&run, 1, "instructions");
	report = report_parse(run.out);
	a = member(member(member(report, "instructions"), "a"),
	    "nvmm_vcpu_getstate");
	b = member(member(member(report, "instructions"), "b"),
	    "nvmm_vcpu_getstate");
	/* As often, with more code, and none of the kernel's. */
	ck_assert_int_gt(number(a, "calls"), 1);
	ck_assert_int_eq(number(a, "calls"), number(b, "calls"));
	ck_assert_int_gt(number(a, "instructions"), 4 * number(a, "calls"));
	ck_assert_int_gt(number(b, "instructions"),
	    number(a, "instructions"));
	ck_assert_int_lt(number(b, "instructions"), 100 * number(b, "calls"));
	json_decref(report);
	run_free(&run);
}
END_TEST

Suite *
compare_suite(void)
{
	Suite *suite = suite_create("compare");
	TCase *tcase = case_new(suite, "compare");

	tcase_add_loop_test(tcase,
	    the_answer_comes_first_and_then_what_differs, 0, NROWS);
	tcase_add_test(tcase, what_only_one_generation_has_is_no_difference);
	tcase_add_test(tcase, json_has_both_sides_of_every_scenario);
	tcase_add_test(tcase, the_report_is_the_same_whatever_jobs_is);
	tcase_add_test(tcase, options_of_run_are_passed_on);
	tcase_add_loop_test(tcase, mistakes_are_told_in_one_line, 0,
	    NMISTAKES);
	tcase_add_test(tcase, a_broken_scenario_is_an_error);
	tcase_add_test(tcase, help_lists_the_options);
	tcase_add_loop_test(tcase, without_valgrind_the_report_says_so, 0, 2);
	tcase_add_test(tcase, without_a_place_for_files_nothing_is_counted);
	tcase_add_test(tcase, costs_are_added_up_within_the_library);
	tcase_add_test(tcase, instructions_are_those_of_the_library);
	return suite;
}
