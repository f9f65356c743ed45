/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenarios that are wrong themselves: an error in one line, with the file
 * and the line, and the other scenarios run all the same.
 */
#include <string.h>

#include "json.h"

#define CPU	"local cpu = t:machine():vcpu(0) "
#define BODY(text)	"test(\"bad\", function(t)\n" text "\nend)\n"

struct row {
	const char *what, *text, *reason;
};

static const struct row rows[] = {
	{ "a syntax error", "test(\"bad\",\n1 2)", "bad.lua:2: " },
	{ "a file that is cut off", "test(\"bad\", function(t)\n",
	    "bad.lua:2: 'end' expected" },
	{ "no Lua at all", "\177ELF\1\1\1", "bad.lua:1: " },
	{ "an unknown global", "\ntset(\"bad\", 1)", "bad.lua:2: " },
	{ "a test without function", "test(\"bad\")",
	    "bad.lua:1: bad argument #2 to 'test'" },
	{ "a test without a name", "test('', function() end)\n",
	    "bad.lua:1: bad argument #1 to 'test' (a name is needed)" },
	{ "a test without name", "test(function() end)",
	    "bad.lua:1: bad argument #1 to 'test'" },
	{ "an error in the file", "\nerror(\"oops\")", "bad.lua:2: oops" },
	{ "an error that is no text", "error({})", "not a scenario file" },

	{ "an unknown field of t", BODY("t:machines()"),
	    "bad.lua:2: a test has no field 'machines'" },
	{ "setting a field of t", BODY("t.cpu = \"vmx\""),
	    "bad.lua:2: field 'cpu' of a test cannot be set" },
	{ "an unknown field of a machine", BODY("t:machine():vpcu(0)"),
	    "bad.lua:2: a machine has no field 'vpcu'" },
	{ "an unknown field of a cpu", BODY(CPU "cpu:go()"),
	    "bad.lua:2: a cpu has no field 'go'" },
	{ "an unknown field of pages", BODY("t:pages(4096):fill()"),
	    "bad.lua:2: pages have no field 'fill'" },
	{ "an unknown field of an exit",
	    BODY(CPU "cpu:will(guest.hlt())\ncpu:run()\n"
	    "t:expect(cpu.exit.resaon, \"halted\")"),
	    "bad.lua:4: this exit has no field 'resaon'" },
	{ "a field that another exit has",
	    BODY(CPU "cpu:will(guest.hlt())\ncpu:run()\n"
	    "t:expect(cpu.exit.port, 1)"),
	    "bad.lua:4: this exit has no field 'port'" },

	{ "an unknown intent", BODY("guest.fly()"),
	    "bad.lua:2: a guest cannot 'fly'" },
	{ "an unknown field of an intent", BODY("guest.out { prt = 1 }"),
	    "bad.lua:2: guest.out: unknown field 'prt'" },
	{ "a missing field of an intent", BODY("guest.out { size = 1 }"),
	    "bad.lua:2: field 'port' is missing" },
	{ "a field that is no number", BODY("guest.out { port = \"x\" }"),
	    "bad.lua:2: field 'port' must be an integer" },
	{ "a port beyond all", BODY("guest.out { port = 0x10000 }"),
	    "bad.lua:2: port 65536 is above 0xffff" },
	{ "an odd size", BODY("guest.out { port = 1, size = 3 }"),
	    "bad.lua:2: size 3: 1, 2 or 4" },
	{ "a cpu that will do no intent", BODY(CPU "cpu:will({})"),
	    "bad.lua:2: bad argument #1 to 'will'" },
	{ "a mode that no guest has", BODY("guest.mode \"turbo\""),
	    "bad.lua:2: bad argument #1 to 'mode'" },

	{ "an unknown register of the state",
	    BODY(CPU "t:expect(cpu.state.rzx, 0)"),
	    "bad.lua:2: there is no register 'rzx'" },
	{ "an unknown register of the VCPU",
	    BODY(CPU "t:expect(cpu.truth.rzx, 0)"),
	    "bad.lua:2: there is no register 'rzx'" },
	{ "setting an unknown register", BODY(CPU "cpu:set { rzx = 1 }"),
	    "bad.lua:2: there is no register 'rzx'" },
	{ "an unknown component", BODY(CPU "cpu:get(\"gprs|xyz\")"),
	    "bad.lua:2: there is no component 'xyz' (segs, gprs, " },
	{ "an unknown ioctl", BODY("t:ioctls { RUN = 1 }"),
	    "bad.lua:2: ioctls: unknown field 'RUN'" },
	{ "an unknown count", BODY("t:counts { fun = 1 }"),
	    "bad.lua:2: counts: unknown field 'fun'" },
	{ "an unknown cause", BODY("t:bytes { luck = {} }"),
	    "bad.lua:2: bytes: unknown field 'luck'" },
	{ "an unknown component of bytes", BODY("t:bytes { commit = "
	    "{ xyz = 1 } }"), "bad.lua:2: commit: unknown field 'xyz'" },
	{ "an unknown flag word", BODY(CPU "t:page(cpu, { dirty = \"\" })"),
	    "bad.lua:2: page: unknown field 'dirty'" },
	{ "an unknown errno", BODY("t:fails(\"EHM\", function() end)"),
	    "bad.lua:2: there is no error 'EHM'" },
	{ "an unknown kind of event",
	    BODY(CPU "cpu:inject { type = \"smi\", vector = 1 }"),
	    "bad.lua:2: an event's type is 'intr' or 'excp'" },
	{ "a vector beyond all",
	    BODY(CPU "cpu:inject { type = \"intr\", vector = 300 }"),
	    "bad.lua:2: field 'vector' is above 255" },
	{ "an unknown reason not to run", BODY(CPU "cpu:host(\"tired\")"),
	    "bad.lua:2: bad argument #1 to 'host'" },
	{ "an unknown right",
	    BODY("t:machine():ram { gpa = 0, prot = \"rq\" }"),
	    "bad.lua:2: protection 'rq': letters of 'rwx' only" },
	{ "a bare number as a VCPU", BODY("t:page(1, {})"),
	    "bad.lua:2: bad argument #1 to 'page'" },
	{ "a leaf beyond all", BODY(CPU "cpu:configure_cpuid { leaf = "
	    "1 << 32 }"), "bad.lua:2: field 'leaf' " },
	{ "memory from nowhere", BODY("t:machine():gpa_map { gpa = 0 }"),
	    "bad.lua:2: field 'pages' must be pages" },
	{ "memory over the guest's code",
	    BODY("t:machine():ram { gpa = 0xffffe000, size = 0x2000 }"),
	    "bad.lua:2: the page at 0xfffff000 holds the guest's code" },
	{ "more memory than there is", BODY("t:pages(1 << 60)"),
	    "bad.lua:2: no host memory of " },
	{ "a recording that is not there",
	    BODY("t:replay { file = \"no.xz\" }"),
	    "bad.lua:2: ./no.xz: No such file or directory" },
	{ "expecting a table", BODY("t:expect({}, {})"),
	    "bad.lua:2: expect compares numbers, strings and booleans" },
	{ "expecting nothing", BODY("t:expect(1)"),
	    "bad.lua:2: bad argument #2 to 'expect'" },
	{ "a VCPU after its end", BODY(CPU "cpu:destroy()\ncpu:run()"),
	    "bad.lua:3: this VCPU has been destroyed" },
	{ "a callback that answers nothing",
	    BODY(CPU "cpu:will(guest.inp { port = 1 })\ncpu:run()\n"
	    "cpu:assist_io(function() end)"),
	    "a callback that is asked for data returns" },
	{ "an error thrown in a callback",
	    BODY(CPU "cpu:will(guest.out { port = 1 })\ncpu:run()\n"
	    "cpu:assist_io(function() error(\"oops\") end)"),
	    "bad.lua:4: oops" },
	{ "an error thrown in a test", BODY("error(\"oops\")"),
	    "bad.lua:2: oops" },
	{ "an error that is nil", BODY("error()"),
	    "an error that is no text" },

	{ "an unknown option of a test",
	    "\ntest(\"bad\", { cpuu = \"svm\" }, function() end)",
	    "bad.lua:2: test: unknown field 'cpuu'" },
	{ "an unknown back end of a test",
	    "\ntest(\"bad\", { cpu = \"arm\" }, function() end)",
	    "bad.lua:2: there is no back end 'arm'" },
	{ "an unknown policy of a test",
	    "\ntest(\"bad\", { policy = \"mild\" }, function() end)",
	    "bad.lua:2: there is no policy 'mild'" },
	{ "an unknown quirk of a test",
	    "\ntest(\"bad\", { quirks = \"limp\" }, function() end)",
	    "bad.lua:2: there is no quirk 'limp'" },
	{ "an option that must be true or false",
	    "\ntest(\"bad\", { root = 1 }, function() end)",
	    "bad.lua:2: field 'root' must be true or false" },
};

START_TEST(it_is_an_error_and_the_others_run)
{
	const struct row *row = &rows[_i];
	const char *reason;
	struct run run;
	json_t *report;

	folder_file("bad.lua", row->text);
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--format", "json", "bad.lua", "good.lua");
	must_exit(&run, 2, row->what);
	report = report_parse(run.out);
	ck_assert_str_eq(string(scenario_at(report, 0), "verdict"), "error");
	ck_assert_str_eq(string(scenario_at(report, 0), "file"), "bad.lua");
	reason = string(scenario_at(report, 0), "reason");
	must_have(reason, row->reason, row->what);
	must_lack(reason, "\n", row->what);
	ck_assert_str_eq(string(scenario(report, "good"), "verdict"), "pass");
	ck_assert_int_eq(number_in(report, "totals", "errors"), 1);
	ck_assert_int_eq(number_in(report, "totals", "passed"), 1);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(the_text_report_names_the_broken_file_and_repeats_it)
{
	struct run run;

	folder_file("bad.lua", "\n\nif");
	run = RUN_HERE("run", "bad.lua");
	must_exit(&run, 2, "text");
	must_have(run.out, "\nbad.lua\n  (the file)", "text");
	must_have(run.out, "\n      bad.lua:3: ", "text");
	must_have(run.out, "0 passed, 0 failed, 0 skipped, 1 error\n", "text");
	must_have(run.out, " run --cpu svm bad.lua\n", "text");
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

START_TEST(a_list_names_the_broken_file)
{
	struct run run;

	folder_file("bad.lua", "error({})");
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--list", "bad.lua", "good.lua");
	must_complain(&run, "bad.lua: not a scenario file", "list");
	ck_assert_str_eq(run.out, "good.lua:1: good\n");
	run_free(&run);
}
END_TEST

START_TEST(a_list_says_a_files_name_once)
{
	struct run run;

	folder_file("bad.lua", "if");
	run = RUN_HERE("run", "--list", "bad.lua");
	must_complain(&run, "nvmm-sim: bad.lua:1: ", "list");
	run_free(&run);
}
END_TEST

START_TEST(a_broken_file_is_told_whatever_the_filter)
{
	struct run run;

	folder_file("bad.lua", "if");
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--filter", "good", "bad.lua", "good.lua");
	must_exit(&run, 2, "filter");
	must_have(run.out, "bad.lua:1: ", "filter");
	must_have(run.out, "1 passed, 0 failed, 0 skipped, 1 error\n",
	    "filter");
	run_free(&run);
}
END_TEST

START_TEST(an_error_weighs_more_than_a_failure)
{
	struct run run;

	folder_file("both.lua",
	    "test(\"fails\", function(t) t:expect(1, 2) end)\n"
	    "test(\"broken\", function(t) error(\"oops\") end)\n");
	run = RUN_HERE("run", "both.lua");
	must_exit(&run, 2, "both");
	must_have(run.out, "0 passed, 1 failed, 0 skipped, 1 error\n", "both");
	run_free(&run);
}
END_TEST

Suite *
broken_scenario_suite(void)
{
	Suite *suite = suite_create("broken scenarios");
	TCase *tcase = case_new(suite, "broken scenarios");

	tcase_add_loop_test(tcase, it_is_an_error_and_the_others_run, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase,
	    the_text_report_names_the_broken_file_and_repeats_it);
	tcase_add_test(tcase, a_list_names_the_broken_file);
	tcase_add_test(tcase, a_list_says_a_files_name_once);
	tcase_add_test(tcase, a_broken_file_is_told_whatever_the_filter);
	tcase_add_test(tcase, an_error_weighs_more_than_a_failure);
	return suite;
}
