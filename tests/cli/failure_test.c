/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a failure is told: the scenario's line, what was expected and seen,
 * and the last calls with the flag words they left.
 */
#include <string.h>

#include "json.h"

#define CPU	"local cpu = t:machine():vcpu(0)\n"
#define RUN_OUT	"cpu:will(guest.out { port = 0x80 }) cpu:run()\n"
#define HALT	"cpu:will(guest.hlt()) cpu:run()\n"
#define BODY(text)	"test(\"fails\", function(t)\n" text "\nend)\n"

struct row {
	const char *what, *text;
	const char *reason;	/* the first line, all of it */
};

static const struct row rows[] = {
	{ "a number", BODY("t:expect(0x12, 0x34)"),
	    "fail.lua:2: expected 0x34, seen 0x12" },
	{ "a small number", BODY("t:expect(1, 2)"),
	    "fail.lua:2: expected 2, seen 1" },
	{ "a negative number", BODY("t:expect(-1, 0)"),
	    "fail.lua:2: expected 0, seen 0xffffffffffffffff" },
	{ "a string", BODY("t:expect(\"a\", \"b\")"),
	    "fail.lua:2: expected \"b\", seen \"a\"" },
	{ "a string for a number", BODY("t:expect(\"1\", 1)"),
	    "fail.lua:2: expected 1, seen \"1\"" },
	{ "nothing for something", BODY("t:expect(nil, true)"),
	    "fail.lua:2: expected true, seen nil" },
	{ "with a word on it", BODY("t:expect(1, 2, \"the answer\")"),
	    "fail.lua:2: the answer: expected 2, seen 1" },
	{ "an exit", BODY(CPU HALT "t:expect(cpu.exit.reason, \"io\")"),
	    "fail.lua:4: expected \"io\", seen \"halted\"" },
	{ "a register", BODY(CPU "t:expect(cpu.truth.rip, 0)"),
	    "fail.lua:3: expected 0, seen 0xfff0" },
	{ "ioctls that did not happen", BODY("t:ioctls { VCPU_RUN = 1 }"),
	    "fail.lua:2: expected 1 ioctl VCPU_RUN, seen 0" },
	{ "ioctls that were not named", BODY(CPU HALT HALT "t:ioctls {}"),
	    "fail.lua:5: expected 0 ioctls VCPU_RUN, seen 2" },
	{ "a count", BODY(CPU HALT "t:counts { exits = 3 }"),
	    "fail.lua:4: expected exits 3, seen 1" },
	{ "hits", BODY(CPU "cpu:get(\"gprs\")\nt:counts { hits = 0 }"),
	    "fail.lua:4: expected hits 0, seen 1" },
	{ "bytes", BODY(CPU "cpu:set { rax = 1 }\n" HALT
	    "t:bytes { commit = {} }"),
	    "fail.lua:5: expected 0 commit bytes of gprs, seen 144" },
	{ "what is cached", BODY(CPU RUN_OUT
	    "t:page(cpu, { cached = \"gprs\" })"),
	    "fail.lua:4: expected cached GPRS in the comm page, seen "
	    "SEGS|GPRS|CRS|MSRS" },
	{ "what waits", BODY(CPU "t:page(cpu, { commit = \"drs\" })"),
	    "fail.lua:3: expected commit DRS in the comm page, seen 0" },
	{ "unknown bits", BODY(CPU "cpu:poke { cached = 0x181 }\n"
	    "t:page(cpu, { cached = \"\" })"),
	    "fail.lua:4: expected cached 0 in the comm page, seen "
	    "SEGS|0x180" },
	{ "a call that fails", BODY("local vm = t:machine() vm:vcpu(0)\n"
	    "vm:vcpu(0)"),
	    "fail.lua:3: nvmm_vcpu_create failed with EBUSY" },
	{ "another error", BODY("local vm = t:machine() vm:vcpu(0)\n"
	    "t:fails(\"ENOENT\", function() vm:vcpu(0) end)"),
	    "fail.lua:3: expected ENOENT, but nvmm_vcpu_create failed with "
	    "EBUSY" },
	{ "no error", BODY("local vm = t:machine()\n"
	    "t:fails(\"ENOENT\", function() vm:vcpu(0) end)"),
	    "fail.lua:3: expected ENOENT, but nothing failed" },
	{ "a guest without intents", BODY(CPU "cpu:run()"),
	    "fail.lua:3: the guest ran out of things to do: say cpu:will() "
	    "before cpu:run()" },
	{ "a function of the file",
	    "local function check(t)\n\tt:expect(1, 2)\nend\n"
	    "test(\"fails\", function(t)\n\tcheck(t)\nend)\n",
	    "fail.lua:2: expected 2, seen 1" },
	{ "a device's callback", BODY(CPU RUN_OUT
	    "cpu:assist_io(function(io)\nt:expect(io.port, 0x81)\nend)"),
	    "fail.lua:5: expected 0x81, seen 0x80" },
	{ "one that pcall() hides", BODY("pcall(function()\n"
	    "t:expect(1, 2) end)"),
	    "fail.lua:3: expected 2, seen 1" },
	{ "one called by pcall() itself", BODY("\npcall(t.expect, t, 1, 2)"),
	    "fail.lua:3: expected 2, seen 1" },
	{ "the first of two", BODY("pcall(t.expect, t, 1, 2)\n"
	    "pcall(t.expect, t, 3, 4)"),
	    "fail.lua:2: expected 2, seen 1" },
};

START_TEST(a_failure_says_where_and_what)
{
	const struct row *row = &rows[_i];
	const char *reason;
	size_t length;
	struct run run;
	json_t *report;

	folder_file("fail.lua", row->text);
	run = RUN_HERE("run", "--format", "json", "fail.lua");
	must_exit(&run, 1, row->what);
	report = report_parse(run.out);
	ck_assert_str_eq(string(scenario_at(report, 0), "verdict"), "fail");
	reason = string(scenario_at(report, 0), "reason");
	length = strcspn(reason, "\n");
	ck_assert_msg(length == strlen(row->reason) &&
	    strncmp(reason, row->reason, length) == 0,
	    "%s: expected \"%s\", seen \"%.*s\"", row->what, row->reason,
	    (int)length, reason);
	must_have(reason, "\nlast calls:\n  ", row->what);
	must_have(reason, "\n  nvmm_", row->what);
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(the_last_calls_are_told_with_their_flag_words)
{
	struct run run;

	folder_file("fail.lua", BODY(CPU HALT "cpu:set { dr0 = 1 }\n"
	    "cpu:get(\"gprs|drs\")\ncpu:get(\"gprs\")\n" HALT "t:ioctls {}"));
	run = RUN_HERE("run", "fail.lua");
	must_exit(&run, 1, "last calls");
	must_have(run.out, "\n"
	    "      fail.lua:8: expected 0 ioctls VCPU_GETSTATE, seen 1\n"
	    "      last calls:\n"
	    "        nvmm_vcpu_run(0, 0) = 0\n"
	    "          ioctl VCPU_RUN = 0  exit=halted"
	    "  cached=SEGS|GPRS|CRS|DRS|MSRS|INTR|FPU->0\n"
	    "        nvmm_vcpu_setstate(0, 0, DRS) = 0\n"
	    "        nvmm_vcpu_getstate(0, 0, GPRS|DRS) = 0\n"
	    "          ioctl VCPU_GETSTATE = 0  wanted=GPRS->0  commit=DRS"
	    "  cached=DRS->GPRS|DRS\n"
	    "        nvmm_vcpu_getstate(0, 0, GPRS) = 0  hit\n"
	    "        nvmm_vcpu_run(0, 0) = 0\n"
	    "          ioctl VCPU_RUN = 0  exit=halted  commit=DRS->0"
	    "  cached=GPRS|DRS->0\n", "last calls");
	run_free(&run);
}
END_TEST

START_TEST(a_failed_call_and_its_ioctl_tell_the_errno)
{
	struct run run;

	folder_file("fail.lua", BODY("local vm = t:machine() vm:vcpu(0)\n"
	    "vm:vcpu(0)"));
	run = RUN_HERE("run", "fail.lua");
	must_exit(&run, 1, "errno");
	must_have(run.out, "        nvmm_vcpu_create(0, 0) = -1 EBUSY\n"
	    "          ioctl VCPU_CREATE = -1 EBUSY\n", "errno");
	run_free(&run);
}
END_TEST

START_TEST(a_failure_fits_on_a_screen)
{
	const char *p;
	struct run run;
	unsigned lines = 0;

	folder_file("fail.lua", BODY(CPU "for i = 1, 1000 do\n" HALT "end\n"
	    "t:ioctls {}"));
	run = RUN_HERE("run", "fail.lua");
	must_exit(&run, 1, "many calls");
	for (p = run.out; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_msg(lines >= 24 && lines <= 48, "%u lines", lines);
	run_free(&run);
}
END_TEST

START_TEST(a_skip_gives_its_reason_and_no_failure)
{
	struct run run;

	folder_file("skip.lua", "test(\"skips\", function(t)\n"
	    "t:skip(\"not today\") end)\n"
	    "test(\"for vmx\", { cpu = \"vmx\" }, function() end)\n");
	run = RUN_HERE("run", "skip.lua");
	must_exit(&run, 0, "skip");
	must_have(run.out, "\n      not today\n", "skip");
	must_have(run.out, "\n      for vmx only\n", "skip");
	must_have(run.out, "0 passed, 0 failed, 2 skipped, 0 errors\n",
	    "skip");
	must_lack(run.out, "again:", "skip");
	run_free(&run);
}
END_TEST

Suite *
failure_suite(void)
{
	Suite *suite = suite_create("failures");
	TCase *tcase = case_new(suite, "failures");

	tcase_add_loop_test(tcase, a_failure_says_where_and_what, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, the_last_calls_are_told_with_their_flag_words);
	tcase_add_test(tcase, a_failed_call_and_its_ioctl_tell_the_errno);
	tcase_add_test(tcase, a_failure_fits_on_a_screen);
	tcase_add_test(tcase, a_skip_gives_its_reason_and_no_failure);
	return suite;
}
