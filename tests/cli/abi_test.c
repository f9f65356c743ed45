/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --abi: which generation of the interface the kernel speaks, which library
 * is loaded for it, and what is found out about a library that was given.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "library.h"

static const char scenarios[] =
    "test(\"tells\", function(t) t:note(t.abi) t:machine():vcpu(0) end)\n"
    "test(\"first\", { abi = \"v1\" }, function(t) t:machine() end)\n"
    "test(\"second\", { abi = \"v2\" }, function(t) t:machine() end)\n"
    "test(\"third\", { abi = \"v3\" }, function(t) t:machine() end)\n";

static const struct row {
	const char *abi, *comm;
	const char *library;	/* that is loaded */
	const char *speaks;
} rows[] = {
	{ "auto", "on", "libnvmm.so", "v2" },
	{ "v1", "on", "libnvmm-v1.so", "v1" },
	{ "v2", "on", "libnvmm.so", "v2" },
	{ "v3", "on", "libnvmm-v3.so", "v3" },
	{ "auto", "off", "libnvmm-nocomm.so", "v2" },
	{ "v1", "off", "libnvmm-v1-nocomm.so", "v1" },
	{ "v2", "off", "libnvmm-nocomm.so", "v2" },
	{ "v3", "off", "libnvmm-v3-nocomm.so", "v3" },
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static void
must_speak(const json_t *report, const char *generation)
{
	static const char *const names[] = { "first", "second", "third" };
	const json_t *tells = scenario(report, "tells"), *object;
	char reason[16];
	unsigned i;

	ck_assert_str_eq(string(member(report, "options"), "abi"),
	    generation);
	ck_assert_str_eq(json_string_value(json_array_get(
	    member(tells, "notes"), 0)), generation);
	for (i = 0; i < 3; i++) {
		object = scenario(report, names[i]);
		if (generation[1] == (char)('1' + i)) {
			ck_assert_str_eq(string(object, "verdict"), "pass");
			continue;
		}
		snprintf(reason, sizeof(reason), "for v%u only", i + 1);
		ck_assert_str_eq(string(object, "verdict"), "skip");
		ck_assert_str_eq(string(object, "reason"), reason);
	}
}

START_TEST(each_generation_has_its_library)
{
	const struct row *row = &rows[_i];
	struct run run;
	json_t *report;

	folder_file("abi.lua", scenarios);
	run = RUN_HERE("run", "--format", "json", "--abi", row->abi, "--comm",
	    row->comm, "abi.lua");
	must_exit(&run, 0, row->library);
	report = report_parse(run.out);
	ck_assert_str_eq(string(member(report, "options"), "libnvmm"),
	    product(row->library));
	must_speak(report, row->speaks);
	json_decref(report);
	run_free(&run);
}
END_TEST

/* Also v1, which cannot be told from v2 by its ioctls. */
START_TEST(what_a_library_speaks_is_found_out)
{
	const struct row *row = &rows[_i];
	char library[4200];
	struct run run;
	json_t *report;

	folder_file("abi.lua", scenarios);
	snprintf(library, sizeof(library), "%s", product(row->library));
	run = RUN_HERE("run", "--format", "json", "--comm", row->comm,
	    "--libnvmm", library, "--libnvmm-off", library, "abi.lua");
	must_exit(&run, 0, row->library);
	report = report_parse(run.out);
	must_speak(report, row->speaks);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(every_report_says_the_generation)
{
	static const struct {
		const char *format, *part;
	} parts[] = {
		{ "text", "nvmm-sim run: svm, abi v1, engine " },
		{ "tap", " abi=v1 " },
		{ "junit", "<property name=\"abi\" value=\"v1\"/>" },
	};
	struct run run;
	unsigned i;

	folder_file("abi.lua", scenarios);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		run = RUN_HERE("run", "--abi", "v1", "--format",
		    parts[i].format, "abi.lua");
		must_exit(&run, 0, parts[i].format);
		must_have(run.out, parts[i].part, parts[i].format);
		run_free(&run);
	}
}
END_TEST

START_TEST(a_library_of_another_generation_is_refused)
{
	struct run run = RUN("run", "--abi", "v1", "--libnvmm",
	    product("libnvmm.so"));

	must_complain(&run, "libnvmm.so does not speak v1: nvmm_init() fails "
	    "with EOVERFLOW; --abi auto finds out what it speaks", "v1");
	run_free(&run);
	run = RUN("run", "--abi", "v2", "--libnvmm",
	    product("libnvmm-v3.so"));
	must_complain(&run, "libnvmm-v3.so does not speak v2: nvmm_init() "
	    "fails with E", "v2");
	run_free(&run);
}
END_TEST

START_TEST(a_library_that_speaks_nothing_is_refused)
{
	static const char *const errors[] = { "EOVERFLOW", "ENOSYS" };
	char text[160], line[160];
	struct run run;

	snprintf(text, sizeof(text), "#include <errno.h>\n"
	    "int nvmm_init(void) { errno = %s; return -1; }", errors[_i]);
	library_build("odd.so", text, LIBRARY_OVER_OURS);
	folder_file("abi.lua", scenarios);
	run = RUN_HERE("run", "--libnvmm", "./odd.so", "abi.lua");
	snprintf(line, sizeof(line), "odd.so speaks neither v1 nor v2 nor "
	    "v3: nvmm_init() fails with %s", errors[_i]);
	must_complain(&run, line, errors[_i]);
	run_free(&run);
}
END_TEST

START_TEST(a_generation_that_there_is_not_is_an_error)
{
	struct run run;

	folder_file("abi.lua",
	    "test(\"no\", { abi = \"v4\" }, function(t) end)");
	run = RUN_HERE("run", "abi.lua");
	must_exit(&run, 2, "v4");
	must_have(run.out, "abi.lua:1: there is no generation 'v4'", "v4");
	run_free(&run);
}
END_TEST

/* --- --preempt --- */

/* How many runs came back with NONE. */
static long long
nones(const char *seed)
{
	struct run run;
	json_t *report;
	long long n;

	folder_file("runs.lua", "test(\"runs\", function(t)\n"
	    "local cpu = t:machine():vcpu(0)\n"
	    "for i = 1, 100 do cpu:will(guest.hlt()) cpu:run()\n"
	    "t:expect(cpu.exit.reason, \"halted\") end\n"
	    "t:ioctls { VCPU_RUN = 100 } end)\n");
	run = RUN_HERE("run", "--format", "json", "--preempt", seed,
	    "runs.lua");
	must_exit(&run, 0, seed);
	report = report_parse(run.out);
	n = number_in(scenario(report, "runs"), "by_exit", "none");
	ck_assert_int_eq(number_in(scenario(report, "runs"), "by_exit",
	    "halted"), 100);
	ck_assert_int_eq(number_in(scenario(report, "runs"), "by_ioctl",
	    "VCPU_RUN"), 100 + n);
	json_decref(report);
	run_free(&run);
	return n;
}

START_TEST(a_preempting_kernel_returns_none_now_and_then)
{
	ck_assert_int_eq(nones("0"), 0);
	ck_assert_int_gt(nones("1"), 0);
	ck_assert_int_eq(nones("1"), nones("1"));
}
END_TEST

/* Nothing gets lost, so all scenarios pass, but for what they count. */
START_TEST(scenarios_pass_on_a_preempting_kernel)
{
	json_t *report = REPORT(0, "--preempt", "7", "--cpu",
	    _i == 0 ? "svm" : "vmx", all_scenarios());

	ck_assert_int_eq(number_in(report, "totals", "failed"), 0);
	ck_assert_int_eq(number(member(report, "options"), "preempt"), 7);
	json_decref(report);
}
END_TEST

Suite *
abi_suite(void)
{
	Suite *suite = suite_create("generations");
	TCase *tcase = case_new(suite, "generations");

	tcase_add_loop_test(tcase, each_generation_has_its_library, 0, NROWS);
	tcase_add_loop_test(tcase, what_a_library_speaks_is_found_out, 0,
	    NROWS);
	tcase_add_test(tcase, every_report_says_the_generation);
	tcase_add_test(tcase, a_library_of_another_generation_is_refused);
	tcase_add_loop_test(tcase, a_library_that_speaks_nothing_is_refused,
	    0, 2);
	tcase_add_test(tcase, a_generation_that_there_is_not_is_an_error);
	tcase_add_test(tcase, a_preempting_kernel_returns_none_now_and_then);
	tcase_add_loop_test(tcase, scenarios_pass_on_a_preempting_kernel, 0,
	    2);
	return suite;
}
