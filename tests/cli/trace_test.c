/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --trace: each call and ioctl on standard error, as it happens.
 */
#include <string.h>

#include "run.h"

static const char scenario_text[] =
    "test(\"traced\", function(t) local vm = t:machine()\n"
    "local cpu = vm:vcpu(0)\n"
    "cpu:set { rax = 1, dr0 = 2 }\n"
    "cpu:will(guest.out { port = 0x80 }) cpu:run()\n"
    "cpu:assist_io(function() end)\n"
    "cpu:get(\"gprs|fpu\")\n"
    "t:fails(\"EBUSY\", function() vm:vcpu(0) end)\n"
    "end)\n";

static const char trace[] =
    "nvmm_init() ...\n"
    "  ioctl CAPABILITY = 0\n"
    "nvmm_init() = 0\n"
    "nvmm_machine_create() ...\n"
    "  ioctl MACHINE_CREATE = 0\n"
    "nvmm_machine_create() = 0\n"
    "nvmm_vcpu_create(0, 0) ...\n"
    "  ioctl VCPU_CREATE = 0\n"
    "nvmm_vcpu_create(0, 0) = 0\n"
    "nvmm_vcpu_setstate(0, 0, GPRS|DRS) = 0\n"
    "nvmm_vcpu_run(0, 0) ...\n"
    "  ioctl VCPU_RUN = 0  exit=io  commit=GPRS|DRS->0"
    "  cached=SEGS|GPRS|CRS|DRS|MSRS|INTR|FPU->SEGS|GPRS|CRS|MSRS\n"
    "nvmm_vcpu_run(0, 0) = 0\n"
    "nvmm_assist_io(0, 0) ...\n"
    "  nvmm_vcpu_getstate(0, 0, SEGS|GPRS|CRS|MSRS) = 0  hit\n"
    "  nvmm_vcpu_setstate(0, 0, GPRS) = 0\n"
    "nvmm_assist_io(0, 0) = 0\n"
    "nvmm_vcpu_getstate(0, 0, GPRS|FPU) ...\n"
    "  ioctl VCPU_GETSTATE = 0  wanted=FPU->0  commit=GPRS"
    "  cached=SEGS|GPRS|CRS|MSRS->SEGS|GPRS|CRS|MSRS|FPU\n"
    "nvmm_vcpu_getstate(0, 0, GPRS|FPU) = 0\n"
    "nvmm_vcpu_create(0, 0) ...\n"
    "  ioctl VCPU_CREATE = -1 EBUSY\n"
    "nvmm_vcpu_create(0, 0) = -1 EBUSY\n";

START_TEST(calls_and_ioctls_go_to_standard_error)
{
	struct run run;

	folder_file("traced.lua", scenario_text);
	run = RUN_HERE("run", "--trace", "traced.lua");
	must_exit(&run, 0, "--trace");
	must_have(run.err, trace, "--trace");
	run_free(&run);
}
END_TEST

START_TEST(a_trace_tells_what_a_scenario_chooses)
{
	struct run run;

	folder_file("chosen.lua",
	    "test(\"a\", { quirks = \"gpa-unmap-top,v2-lost-stop\" },\n"
	    "function() end)\n"
	    "test(\"b\", { quirks = \"none\", policy = \"all\" },\n"
	    "function() end)\n"
	    "test(\"c\", { quirks = \"all\" }, function() end)\n");
	run = RUN_HERE("run", "--trace", "chosen.lua");
	must_exit(&run, 0, "chosen");
	must_have(run.err, "== chosen.lua: a\n-- policy netbsd, quirks "
	    "v2-lost-stop,gpa-unmap-top\nnvmm_init() ...\n", "chosen");
	must_have(run.err, "== chosen.lua: b\n-- policy all, quirks none\n"
	    "nvmm_init() ...\n", "chosen");
	must_have(run.err, "== chosen.lua: c\nnvmm_init() ...\n", "chosen");
	run_free(&run);
}
END_TEST

START_TEST(a_trace_changes_nothing_in_the_report)
{
	struct run plain, traced;

	folder_file("traced.lua", scenario_text);
	plain = RUN_HERE("run", "--format", "json", "traced.lua");
	traced = RUN_HERE("run", "--format", "json", "--trace", "traced.lua");
	must_exit(&traced, 0, "--trace");
	ck_assert_str_eq(plain.out, traced.out);
	ck_assert_str_eq(plain.err, "");
	run_free(&plain);
	run_free(&traced);
}
END_TEST

START_TEST(tidying_up_is_not_traced)
{
	struct run run;

	folder_file("traced.lua", scenario_text);
	run = RUN_HERE("run", "--trace", "traced.lua");
	must_lack(run.err, "DESTROY", "--trace");
	run_free(&run);
}
END_TEST

/* What another scenario did meanwhile does not get in between. */
START_TEST(traces_come_scenario_by_scenario)
{
	const char *first, *second;
	struct run run;

	folder_file("two.lua",
	    "test(\"one\", function(t) local cpu = t:machine():vcpu(1)\n"
	    "for i = 1, 200 do cpu:set { rax = i } end end)\n"
	    "test(\"two\", function(t) local cpu = t:machine():vcpu(2)\n"
	    "for i = 1, 200 do cpu:set { rax = i } end end)\n");
	run = RUN_HERE("run", "--trace", "--jobs", "2", "two.lua");
	must_exit(&run, 0, "two traces");
	first = strstr(run.err, "nvmm_vcpu_setstate(0, 1, GPRS)");
	second = strstr(run.err, "nvmm_vcpu_setstate(0, 2, GPRS)");
	ck_assert_ptr_nonnull(first);
	ck_assert_ptr_nonnull(second);
	ck_assert(first < second);
	ck_assert_ptr_null(strstr(second, "nvmm_vcpu_setstate(0, 1, GPRS)"));
	run_free(&run);
}
END_TEST

Suite *
trace_suite(void)
{
	Suite *suite = suite_create("trace");
	TCase *tcase = case_new(suite, "trace");

	tcase_add_test(tcase, calls_and_ioctls_go_to_standard_error);
	tcase_add_test(tcase, a_trace_tells_what_a_scenario_chooses);
	tcase_add_test(tcase, a_trace_changes_nothing_in_the_report);
	tcase_add_test(tcase, tidying_up_is_not_traced);
	tcase_add_test(tcase, traces_come_scenario_by_scenario);
	return suite;
}
