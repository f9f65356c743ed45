/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that execute: what their scenarios are told, and what a VMM's loop
 * makes of their exits.
 */
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "fixture.h"

/* A machine that has a program at 0x7c00; all are a few bytes long. */
#define VM	"local vm = t:machine() local ram = vm:ram { gpa = 0, "	\
	"size = 0x10000 } "
#define CPU	VM "local cpu = vm:vcpu(0):boot { at = 0x7c00 } "
#define CODE(bytes)	CPU "ram:write(0x7c00, '" bytes "') "
#define TWO	CPU "local b = vm:vcpu(1):boot { at = 0x7c00 } "	\
	"cpu:get('gprs') cpu:set { rbx = 1 } "

static const struct scenario_row rows[] = {
	/* Programs. */
	{ VM "vm:program { name = 'halt' }", VERDICT_ERROR,
	    "field 'gpa' is missing" },
	{ VM "vm:program { gpa = 0 }", VERDICT_ERROR, "string expected" },
	{ VM "vm:program { name = 'halt', at = 0 }", VERDICT_ERROR,
	    "program: unknown field 'at'" },
	{ VM "vm:program { name = 'no', gpa = 0 }", VERDICT_ERROR,
	    "there is no program 'no'" },
	{ VM "vm:program { name = '../halt', gpa = 0 }", VERDICT_ERROR,
	    "a program has a name, not a path" },
	{ VM "vm:program { name = 'empty', gpa = 0 }", VERDICT_ERROR,
	    "is empty or too large" },
	{ VM "vm:program { name = 'halt', gpa = 0x10000 }", VERDICT_ERROR,
	    "no RAM at 0x10000" },
	{ VM "vm:program { name = 'halt', gpa = 0xffff }", VERDICT_ERROR,
	    "no RAM at 0x10000" },
	{ VM "vm:ram { gpa = 0x10000 } t:expect(vm:program { name = 'halt', "
	    "gpa = 0xffff }, 2) t:expect(ram:read(0xffff, 1), '\\xf4') "
	    "t:ioctls {}", VERDICT_PASS, "" },
	/* VCPUs. */
	{ CPU "cpu:will(guest.hlt())", VERDICT_ERROR, "takes no intents" },
	{ VM "vm:vcpu(0):boot { at = 0x100000 }", VERDICT_ERROR,
	    "real mode reaches 1 MiB" },
	{ VM "vm:vcpu(0):boot {}", VERDICT_ERROR, "field 'at' is missing" },
	{ VM "ram:write(0x234, '\\xf4') local cpu = vm:vcpu(0) "
	    "cpu:set { rip = 0x234, ['cs.base'] = 0 } cpu:boot() "
	    "t:expect(cpu:run(), 'halted') t:expect(cpu.truth.rip, 0x235)",
	    VERDICT_PASS, "" },
	{ VM "ram:write(0xf123, '\\xf4') local cpu = vm:vcpu(0) "
	    "cpu:boot { at = 0xf123 } t:expect(cpu:run(), 'halted') "
	    "t:expect(cpu.truth['cs.selector'], 0) t:ioctls { VCPU_RUN = 1 }",
	    VERDICT_PASS, "" },
	{ VM "vm:ram { gpa = 0x41000 }:write(5, '\\xf4') "
	    "local cpu = vm:vcpu(0):boot { at = 0x41005 } "
	    "t:expect(cpu:run(), 'halted') t:expect(cpu.truth.rip, 0x1006) "
	    "t:expect(cpu.truth['cs.selector'], 0x4000)", VERDICT_PASS, "" },
	/* A VMM's loop: out 1, al ; jmp back. */
	{ CODE("\\xe6\\1\\xeb\\xfc") "cpu:serve { io = function() end, "
	    "max = 3 }", VERDICT_FAIL, "the guest has made 3 exits" },
	{ CODE("\\xe6\\1\\xf4") "t:expect(cpu:serve {}, 'io')",
	    VERDICT_PASS, "" },
	{ CODE("\\xe6\\1\\xf4") "cpu:serve { io = 1 }", VERDICT_ERROR,
	    "field 'io' must be a function" },
	{ CODE("\\xe6\\1\\xf4") "cpu:serve { out = 1 }", VERDICT_ERROR,
	    "serve: unknown field 'out'" },
	{ CODE("\\xe6\\1\\xf4") "cpu:serve { io = function() error('dead') "
	    "end }", VERDICT_ERROR, "dead" },
	/* rdmsr, hlt; and the vector of #GP is another hlt. */
	{ CODE("\\x0f\\x32\\xf4") "cpu:get('gprs') cpu:set { rcx = 0x1b } "
	    "t:expect(cpu:serve { rdmsr = function(msr) "
	    "t:expect(msr, 0x1b) return 0x123456789abcdef0 end }, 'halted') "
	    "t:expect(cpu.truth.rax, 0x9abcdef0) "
	    "t:expect(cpu.truth.rdx, 0x12345678)", VERDICT_PASS, "" },
	{ CODE("\\x0f\\x32\\xf4") "ram:write(52, '\\0\\5') "
	    "ram:write(0x500, '\\xf4') cpu:get('gprs') "
	    "cpu:set { rcx = 0x1b } t:expect(cpu:serve { "
	    "rdmsr = function(msr) end }, 'halted') "
	    "t:expect(cpu.truth.rip, 0x501)", VERDICT_PASS, "" },
	{ CODE("\\x0f\\x30\\xf4") "local seen = 0 cpu:get('gprs') "
	    "cpu:set { rcx = 0x1b, rax = 7, rdx = 1 } t:expect(cpu:serve { "
	    "wrmsr = function(msr, value) seen = value end }, 'halted') "
	    "t:expect(seen, 0x100000007) t:expect(cpu.truth.rip, 0x7c03)",
	    VERDICT_PASS, "" },
	{ CODE("\\x0f\\x30\\xf4") "ram:write(52, '\\0\\5') "
	    "ram:write(0x500, '\\xf4') cpu:get('gprs') "
	    "cpu:set { rcx = 0x1b } t:expect(cpu:serve { "
	    "wrmsr = function() return false end }, 'halted') "
	    "t:expect(cpu.truth.rip, 0x501)", VERDICT_PASS, "" },
	/* Together. */
	{ VM "vm:run_together {}", VERDICT_ERROR,
	    "field 'cpus' must be a table" },
	{ VM "vm:run_together { cpus = {} }", VERDICT_ERROR,
	    "must have 1 to 256 VCPUs" },
	{ VM "vm:run_together { cpus = { vm:vcpu(0) } }", VERDICT_ERROR,
	    "VCPU 1 executes no program" },
	{ CPU "vm:run_together { cpus = { cpu, cpu } }", VERDICT_ERROR,
	    "VCPU 2 is there twice" },
	{ CPU "t:machine():run_together { cpus = { cpu } }", VERDICT_ERROR,
	    "VCPU 1 is of another machine" },
	{ CODE("\\xf4") "local r = vm:run_together { cpus = { cpu } } "
	    "t:expect(#r, 1) t:expect(r[1], 'halted')", VERDICT_PASS, "" },
	/* dec bx ; jz +2 ; jmp $ ; out 1, al: the first leaves, not both. */
	{ TWO "ram:write(0x7c00, '\\x4b\\x74\\2\\xeb\\xfe\\xe6\\1') "
	    "local r = vm:run_together { cpus = { b, cpu } } "
	    "t:expect(r[2], 'io') t:expect(r[1], 'none') "
	    "b:host('signal', 3) t:expect(b:run(), 'none')",
	    VERDICT_PASS, "" },
	{ TWO "ram:write(0x7c00, '\\x4b\\x74\\2\\xeb\\xfe\\xe6\\1\\xf4') "
	    "vm:run_together { cpus = { b, cpu }, io = function() "
	    "error('dead') end }", VERDICT_ERROR, "dead" },
	{ TWO "ram:write(0x7c00, '\\xe6\\1\\xeb\\xfc') "
	    "vm:run_together { cpus = { b, cpu }, max = 20, "
	    "io = function() end }", VERDICT_FAIL, "and go on" },
	/* Meanwhile, an endless loop. */
	{ CODE("\\xeb\\xfe") "cpu:meanwhile(function() cpu:stop() end) "
	    "t:expect(cpu:run(), 'stopped')", VERDICT_PASS, "" },
	{ CODE("\\xeb\\xfe") "cpu:meanwhile(function() error('dead') end) "
	    "cpu:run()", VERDICT_ERROR, "dead" },
};

START_TEST(a_guest_executes)
{
	struct scenario_result result;
	char text[1024];

	(void)file_write("halt.bin", "\xf4\xf4", 2);
	(void)file_write("empty.bin", "", 0);
	snprintf(text, sizeof(text), "test('one', { engine = 'interp' }, "
	    "function(t) %s end)\n", rows[_i].body);
	text_run(text, sim_backends[_i % 2], &result);
	row_judge(&rows[_i], &result);
	if (rows[_i].verdict == VERDICT_PASS)
		ck_assert_str_eq(result.reason, "");
}
END_TEST

Suite *
guest_suite(void)
{
	Suite *suite = suite_create("guests");
	TCase *tcase = fixture_tcase("guests");

	tcase_add_loop_test(tcase, a_guest_executes, 0, NELEM(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
