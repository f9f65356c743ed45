/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What scenarios do besides calling libnvmm: the driver itself, failures, and
 * something meanwhile.  Each row is the body of a test.
 */
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "fixture.h"

#define VM	"local vm = t:machine() "
#define CPU	VM "local cpu = vm:vcpu(0) "
#define DRIVER	"local d = t:driver() "
#define SPIN	CPU "cpu:will(guest.spin()):meanwhile(function() "
#define RUN	" end) cpu:run()"

static const struct scenario_row rows[] = {
	/* Intents. */
	{ "guest.mov_cr { cr = 5, value = 0 }", VERDICT_ERROR,
	    "cr 5: 0, 2, 3, 4 or 8" },
	{ "guest.mov_cr { cr = 0 }", VERDICT_ERROR,
	    "field 'value' is missing" },
	{ "guest.insn 'fly'", VERDICT_ERROR, "there is no instruction 'fly'" },
	{ "guest.mode 'virtual'", VERDICT_ERROR, "invalid option 'virtual'" },
	{ "guest.read { gpa = 0, first_touch = 1 }", VERDICT_ERROR,
	    "field 'first_touch' must be true or false" },
	{ CPU "cpu:will(guest.mov_cr { cr = 8, value = 0 }) cpu:run()",
	    VERDICT_ERROR, "say guest.mode \"long\" before" },
	{ CPU "cpu:will(guest.task_switch()) cpu:run()", VERDICT_ERROR,
	    "say guest.mode \"protected\" before" },
	{ CPU "cpu:will(guest.stack { gpa = 1 << 32 }) cpu:run()",
	    VERDICT_ERROR, "above 4 GiB needs a guest in long mode" },
	/* Spins. */
	{ CPU "cpu:will(guest.spin()) cpu:run()", VERDICT_FAIL,
	    "the guest spins, and nothing ends that" },
	{ CPU "cpu:will(guest.spin()) cpu:host('signal', 3) "
	    "t:expect(cpu:run(), 'none') cpu:will(guest.hlt()) "
	    "t:expect(cpu:run(), 'halted')", VERDICT_PASS, "" },
	{ SPIN RUN, VERDICT_FAIL, "the guest spins, and nothing ends that" },
	{ SPIN "cpu:stop()" RUN, VERDICT_PASS, "" },
	{ SPIN "cpu:host('signal', 900)" RUN, VERDICT_PASS, "" },
	{ SPIN "error('broken')" RUN, VERDICT_ERROR, "broken" },
	{ SPIN "t:expect(1, 2)" RUN, VERDICT_FAIL, "expected 2, seen 1" },
	{ SPIN "while true do end" RUN, VERDICT_ERROR,
	    "the scenario does not end" },
	{ SPIN "cpu:run()" RUN, VERDICT_ERROR,
	    "this VCPU is running already" },
	{ SPIN "local x = cpu.truth.rax" RUN, VERDICT_ERROR,
	    "this VCPU is running" },
	{ SPIN "t:page(cpu, {})" RUN, VERDICT_ERROR, "this VCPU is running" },
	{ SPIN "cpu:poke {}" RUN, VERDICT_ERROR, "this VCPU is running" },
	{ SPIN "vm:destroy()" RUN, VERDICT_FAIL,
	    "the guest spins, and nothing ends that" },
	{ SPIN "cpu:stop() vm:destroy()" RUN, VERDICT_PASS, "" },
	/* The guest exits before it spins: not yet meanwhile. */
	{ CPU "local n = 0 cpu:will(guest.out { port = 1 }, guest.spin())"
	    ":meanwhile(function() n = n + 1 cpu:stop() end) "
	    "t:expect(cpu:run(), 'io') t:expect(n, 0) cpu:skip() "
	    "t:expect(cpu:run(), 'stopped') t:expect(n, 1)", VERDICT_PASS,
	    "" },
	{ CPU "cpu:meanwhile(function() end)", VERDICT_ERROR,
	    "meanwhile() follows an intent that spins" },
	{ CPU "cpu:will(guest.spin(), guest.hlt()):meanwhile(print)",
	    VERDICT_ERROR, "function expected" },
	{ CPU "cpu:will(guest.spin()):meanwhile(error):meanwhile(error)",
	    VERDICT_ERROR, "something to do meanwhile already" },
	/* Waiting. */
	{ SPIN "t:blocks(function() vm:info() end)" RUN, VERDICT_PASS, "" },
	{ SPIN "t:blocks(function() vm:vcpu(1) end)" RUN, VERDICT_FAIL,
	    "expected to wait, but did not" },
	{ SPIN "t:blocks(function() error('broken') end)" RUN, VERDICT_ERROR,
	    "broken" },
	{ SPIN "t:blocks(5)" RUN, VERDICT_ERROR, "function expected" },
	{ "t:blocks(function() end)", VERDICT_ERROR, "is for what is done in "
	    "meanwhile()" },
	/* Failures on request. */
	{ VM "t:fail { ioctl = 'CTL', errno = 'EIO' } "
	    "t:fails('EIO', function() vm:info() end) vm:info()",
	    VERDICT_PASS, "" },
	{ "t:fail { errno = 'EIO' }", VERDICT_ERROR, "say what fails" },
	{ "t:fail { ioctl = 'CTL', other = 'open', errno = 'EIO' }",
	    VERDICT_ERROR, "say what fails" },
	{ "t:fail { ioctl = 'FLY', errno = 'EIO' }", VERDICT_ERROR,
	    "there is no 'FLY'" },
	{ "t:fail { other = 'munmap', errno = 'EIO' }", VERDICT_ERROR,
	    "there is no 'munmap'" },
	{ "t:fail { other = 'open', errno = 'FLY' }", VERDICT_ERROR,
	    "there is no error 'FLY'" },
	{ "t:fail { other = 'open', errno = 'EIO', nth = 0 }", VERDICT_ERROR,
	    "field 'nth': 1 for the next" },
	/* Set-up is not counted, whether it succeeds or fails. */
	{ VM "vm:vcpu(0) t:fails('EBUSY', function() vm:vcpu(0) end) "
	    "t:fails('EINVAL', function() vm:vcpu(1) vm:vcpu(999) end) "
	    "t:ioctls {}", VERDICT_PASS, "" },
	/* The driver. */
	{ "t:driver { abi = 'v4' }", VERDICT_ERROR,
	    "there is no generation 'v4'" },
	{ "t:driver { flags = 'append' }", VERDICT_ERROR,
	    "flags are of rdonly, wronly, rdwr and cloexec" },
	{ "t:driver { flags = 'rdonly' }", VERDICT_FAIL,
	    "open failed with EINVAL" },
	{ DRIVER "d:close() d:ioctl('CAPABILITY')", VERDICT_ERROR,
	    "this driver has been closed" },
	{ DRIVER "d:ioctl('FLY')", VERDICT_ERROR, "there is no ioctl 'FLY'" },
	{ DRIVER "d:ioctl('CTL', { speed = 1 })", VERDICT_ERROR,
	    "CTL: unknown field 'speed'" },
	{ DRIVER "d:ioctl('VCPU_RUN', { exit = 1 })", VERDICT_ERROR,
	    "VCPU_RUN: unknown field 'exit'" },
	{ DRIVER "d:ioctl('CTL', { op = 'fly' })", VERDICT_ERROR,
	    "field 'op': there is no 'fly'" },
	{ DRIVER "d:ioctl('CTL', { size = 'big' })", VERDICT_ERROR,
	    "field 'size' must be an integer" },
	{ DRIVER "d:ioctl('VCPU_RUN', { machid = 1 << 32 })", VERDICT_ERROR,
	    "field 'machid' has more than 32 bits" },
	{ DRIVER "d:ioctl('VCPU_RUN', {}, { pointer = 'wild' })",
	    VERDICT_ERROR, "field 'pointer': there is no 'wild'" },
	{ DRIVER "d:ioctl('VCPU_RUN', {}, { encoding = 7 })", VERDICT_ERROR,
	    "field 'encoding' must be a string" },
	{ DRIVER "d:ioctl('VCPU_CONFIGURE', { op = 'tpr', conf = 3 })",
	    VERDICT_ERROR, "conf: a table of fields is needed, not number" },
	{ DRIVER "d:ioctl('VCPU_CONFIGURE', { op = 1.5 })",
	    VERDICT_ERROR, "field 'op' must be a name or an integer" },
	/* The driver writes 104 bytes and reads none. */
	{ DRIVER "t:expect(#d:ioctl(0x40684e00, 'x'), 104)", VERDICT_PASS,
	    "" },
	{ DRIVER "t:expect(#d:ioctl(0x40684e00), 104)", VERDICT_PASS, "" },
	{ DRIVER "d:ioctl('VCPU_RUN', {}, { conf = 'null' })", VERDICT_ERROR,
	    "VCPU_RUN has no field 'conf'" },
	{ DRIVER "d:ioctl('VCPU_RUN', {}, { speed = 1 })", VERDICT_ERROR,
	    "ioctl's options: unknown field 'speed'" },
	{ DRIVER "d:ioctl('VCPU_RUN')", VERDICT_FAIL,
	    "ioctl VCPU_RUN failed with ENOENT" },
	{ DRIVER "local x = d:ioctl('MACHINE_CREATE').speed", VERDICT_ERROR,
	    "this ioctl answers no 'speed'" },
	{ DRIVER "for _, p in ipairs { 'null', 'unmapped', 'readonly' } do "
	    "t:fails('EFAULT', function() d:ioctl('CAPABILITY', {}, "
	    "{ pointer = p }) end) end t:expect(d:ioctl('CAPABILITY', {}, "
	    "{ pointer = 'misaligned' }).version, 2)", VERDICT_PASS, "" },
	{ DRIVER "local m = d:ioctl('MACHINE_CREATE', {}, { encoding = "
	    "'linux', sign_extend = true }).machid "
	    "t:expect(d:ioctl(0xc0044e01, '\\0\\0\\0\\0'), "
	    "('<I4'):pack(m + 1))", VERDICT_PASS, "" },
	{ DRIVER "d:mmap { machid = 0 }", VERDICT_FAIL,
	    "mmap failed with ENOENT" },
	{ DRIVER "local m = d:ioctl('MACHINE_CREATE').machid "
	    "local p = d:mmap { machid = m } p:unmap() p:read(0, 1)",
	    VERDICT_ERROR, "these pages have been unmapped" },
	{ DRIVER "local m = d:ioctl('MACHINE_CREATE').machid "
	    "local p = d:mmap { machid = m } p:unmap() p:unmap()",
	    VERDICT_ERROR, "these pages have been unmapped" },
	{ DRIVER "d:ioctl('MACHINE_CREATE') d:dup() t:ioctls { "
	    "MACHINE_CREATE = 1 } t:counts { calls = 0, baseline = 1 }",
	    VERDICT_PASS, "" },
	/* An assist in another's callback: the outer one is not lost. */
	{ CPU "local other = vm:vcpu(1) vm:ram { gpa = 0 } "
	    "cpu:will(guest.outs { port = 1, address = 0, count = 2 }) "
	    "cpu:run() local n, tries = 0, 0 cpu:assist_io(function() "
	    "n = n + 1 if tries == 0 then tries = 1 "
	    "t:fails('EINVAL', function() cpu:assist_mem(error) end) end "
	    "end) t:expect(n, 2)", VERDICT_PASS, "" },
};

START_TEST(a_scenario_from_outside)
{
	struct scenario_result result;
	char text[1024];

	snprintf(text, sizeof(text), "test('one', function(t) %s end)\n",
	    rows[_i].body);
	text_run(text, sim_backends[_i % 2], &result);
	row_judge(&rows[_i], &result);
	if (rows[_i].verdict == VERDICT_PASS)
		ck_assert_str_eq(result.reason, "");
}
END_TEST

Suite *
outside_suite(void)
{
	Suite *suite = suite_create("outside");
	TCase *tcase = fixture_tcase("outside");

	tcase_add_loop_test(tcase, a_scenario_from_outside, 0, NELEM(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
