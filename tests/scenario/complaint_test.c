/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What scenarios are told when they ask for nonsense: each row is the body
 * of a test, the verdict it gets and what the reason says.
 */
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "fixture.h"
#include "scenario/scenario.h"

#define VM	"local vm = t:machine() "
#define CPU	VM "local cpu = vm:vcpu(0) "

static const struct scenario_row rows[] = {
	/* Arguments. */
	{ "t:counts { [1] = 2 }", VERDICT_ERROR,
	    "counts: fields need names" },
	{ "t:counts { call = 2 }", VERDICT_ERROR,
	    "counts: unknown field 'call'" },
	{ "t:counts { calls = 'x' }", VERDICT_ERROR,
	    "field 'calls' must be an integer" },
	{ "t:fails('ENONSENSE', function() end)", VERDICT_ERROR,
	    "there is no error 'ENONSENSE'" },
	{ "t:expect({}, {})", VERDICT_ERROR, "no tables" },
	/* The first by name, and no addresses: the same in every run. */
	{ "t:counts { zebra = 1, ape = 1, cat = 1 }", VERDICT_ERROR,
	    "counts: unknown field 'ape'" },
	{ "t:expect(t, 5)", VERDICT_FAIL, "expected 5, seen a userdata" },
	{ "t:expect(tostring({}), 'x')", VERDICT_FAIL, "seen \"a table\"" },
	{ "t:expect(('%s'):format(pairs), 'x')", VERDICT_FAIL,
	    "seen \"a function\"" },
	{ "local x = string.format('%p', {})", VERDICT_ERROR,
	    "another address each time" },
	{ "setmetatable({}, { __gc = function() end })", VERDICT_ERROR,
	    "no __gc" },
	{ "t:expect(1, 10)", VERDICT_FAIL, "expected 0xa, seen 1" },
	{ "t:expect('a', true, 'it')", VERDICT_FAIL,
	    "it: expected true, seen \"a\"" },
	{ "local x = t.nonsense", VERDICT_ERROR,
	    "a test has no field 'nonsense'" },
	{ "t.cpu = 1", VERDICT_ERROR, "cannot be set" },
	{ "t:skip('because')", VERDICT_SKIP, "because" },
	{ "error({})", VERDICT_ERROR, "an error that is no text" },
	{ "for k in pairs({ [true] = 1 }) do end", VERDICT_ERROR,
	    "a boolean is no key that can be sorted" },
	{ "t:expect(pcall(error, 'x'), false) t:note('n')", VERDICT_PASS,
	    "" },
	{ "local s = 'x' for i = 1, 40 do s = s .. s end", VERDICT_ERROR,
	    "not enough memory" },
	{ "while true do end", VERDICT_ERROR, "the scenario does not end" },
	/* Intents. */
	{ "guest.fly()", VERDICT_ERROR, "a guest cannot 'fly'" },
	{ "guest.out {}", VERDICT_ERROR, "field 'port' is missing" },
	{ "guest.out { port = 0x10000 }", VERDICT_ERROR,
	    "port 65536 is above 0xffff" },
	{ "guest.out { port = 1, size = 3 }", VERDICT_ERROR,
	    "size 3: 1, 2 or 4" },
	{ "guest.read { gpa = 1, size = 16 }", VERDICT_ERROR,
	    "size 16: 1, 2, 4 or 8" },
	{ "guest.hlt { interrupts = 1 }", VERDICT_ERROR,
	    "field 'interrupts' must be true or false" },
	{ "guest.cpuid { leaf = 1 << 32 }", VERDICT_ERROR,
	    "field 'leaf' has more than 32 bits" },
	{ "guest:hlt()", VERDICT_ERROR,
	    "guest.hlt: write a dot, not a colon" },
	{ "guest.outs { port = 1, address = 0, seg = 'xs' }", VERDICT_ERROR,
	    "field 'seg': there is no 'xs'" },
	{ "t:fail { ioctl = 'CTL' }", VERDICT_ERROR,
	    "field 'errno' is missing" },
	{ "t:bytes { wanted = 1 }", VERDICT_ERROR,
	    "wanted: a table of fields is needed, not number" },
	{ "t:replay { file = 3 }", VERDICT_ERROR,
	    "field 'file' must be a string" },
	{ CPU "cpu:set { rax = 'x' }", VERDICT_ERROR,
	    "register 'rax' must be an integer" },
	{ CPU "cpu:inject { vector = 1 }", VERDICT_ERROR,
	    "an event's type is 'intr' or 'excp'" },
	{ CPU "cpu:will(7)", VERDICT_ERROR, "intent expected" },
	{ CPU "cpu:will(guest.read { gpa = 0, size = 8 }) cpu:run()",
	    VERDICT_ERROR, "8 bytes needs a guest in long mode" },
	{ CPU "cpu:will(guest.read { gpa = 1 << 32 }) cpu:run()",
	    VERDICT_ERROR, "above 4 GiB needs a guest in long mode" },
	{ CPU "cpu:run()", VERDICT_FAIL, "ran out of things to do" },
	/* More than the ring holds at first, and it has turned once. */
	{ CPU "for i = 1, 5 do cpu:will(guest.out { port = i }) cpu:run() "
	    "cpu:skip() end "
	    "for i = 1, 20 do cpu:will(guest.out { port = i }) end "
	    "for i = 1, 20 do cpu:run() t:expect(cpu.exit.port, i) "
	    "cpu:skip() end", VERDICT_PASS, "" },
	/* More events than there was room for at first. */
	{ CPU "for i = 1, 20 do cpu:inject { type = 'excp', vector = 6 } "
	    "cpu:will(guest.hlt()) cpu:run() end local e = cpu:events() "
	    "t:expect(#e, 20) t:expect(e[20].vector, 6) "
	    "t:expect(e[20].type, 'excp')", VERDICT_PASS, "" },
	{ CPU "local e = cpu:events()[3].vector", VERDICT_FAIL,
	    "the guest took 0 events, not 3" },
	/* Machines and memory. */
	{ VM "local x = vm.nonsense", VERDICT_ERROR,
	    "a machine has no field 'nonsense'" },
	{ VM "vm:gpa_map { pages = 1, gpa = 0 }", VERDICT_ERROR,
	    "field 'pages' must be pages" },
	{ VM "vm:ram { gpa = 0xfffff000 }", VERDICT_ERROR,
	    "holds the guest's code" },
	{ VM "vm:ram { gpa = 0, prot = true }", VERDICT_ERROR,
	    "a protection is letters of 'rwx'" },
	{ VM "vm:ram { gpa = 0, prot = 'rq' }", VERDICT_ERROR,
	    "letters of 'rwx' only" },
	{ VM "vm:ram { gpa = 0, prot = 'rwx' } vm:ram { gpa = 0x10000, prot = "
	    "3 } local _, p = vm:gpa_to_hva(0) t:expect(p, 'rwx')",
	    VERDICT_PASS, "" },
	{ "t:pages(0)", VERDICT_ERROR, "a size above 0" },
	{ "t:pages(-1)", VERDICT_ERROR, "a size above 0" },
	{ "t:pages(1 << 60)", VERDICT_ERROR, "no host memory of" },
	{ "local p = t:pages(4096) t:expect(p.size, 4096) "
	    "t:expect(p.hva & 0xfff, 0) p:write(4095, 'x') "
	    "t:expect(p:read(4095, 1), 'x')", VERDICT_PASS, "" },
	{ "t:pages(4096):read(-1, 1)", VERDICT_ERROR, "outside these pages" },
	{ "t:pages(4096):read(0, -1)", VERDICT_ERROR, "outside these pages" },
	{ "t:pages(4096):read(4097, 0)", VERDICT_ERROR,
	    "outside these pages" },
	{ "t:pages(4096):write(4095, 'xy')", VERDICT_ERROR,
	    "outside these pages" },
	{ "local x = t:pages(1).nonsense", VERDICT_ERROR,
	    "pages have no field 'nonsense'" },
	/* VCPUs. */
	{ CPU "local x = cpu.nonsense", VERDICT_ERROR,
	    "a cpu has no field 'nonsense'" },
	{ CPU "t:expect(cpu.id, 0) t:expect(vm:vcpu(3).id, 3)", VERDICT_PASS,
	    "" },
	{ CPU "local x = cpu.state.rzx", VERDICT_ERROR,
	    "there is no register 'rzx'" },
	{ CPU "local x = cpu.state[true]", VERDICT_ERROR,
	    "there is no register 'true'" },
	{ CPU "cpu.truth.rax = 1", VERDICT_ERROR, "cannot be set" },
	{ CPU "cpu:get('gprs|fish')", VERDICT_ERROR,
	    "there is no component 'fish'" },
	{ CPU "cpu:get('| gprs ') cpu:get(2) cpu:get('')", VERDICT_PASS, "" },
	{ CPU "cpu:inject { type = 'nmi' }", VERDICT_ERROR,
	    "'intr' or 'excp'" },
	{ CPU "cpu:inject { type = 'intr', vector = 256 }", VERDICT_ERROR,
	    "field 'vector' is above 255" },
	{ CPU "cpu:configure_cpuid { leaf = 1, exit = 1 }", VERDICT_ERROR,
	    "field 'exit' must be true or false" },
	{ CPU "cpu:host('signal', 1000)", VERDICT_ERROR, "0 to 999" },
	{ CPU "cpu:host('signal', -1)", VERDICT_ERROR, "0 to 999" },
	{ CPU "cpu:host('party')", VERDICT_ERROR, "invalid option 'party'" },
	{ CPU "cpu:will(guest.hlt()) cpu:run() cpu:skip()", VERDICT_ERROR,
	    "this exit does not say where" },
	{ CPU "cpu:will(guest.hlt()) cpu:run() local x = cpu.exit.port",
	    VERDICT_ERROR, "this exit has no field 'port'" },
	{ CPU "cpu:destroy() cpu:run()", VERDICT_ERROR,
	    "this VCPU has been destroyed" },
	{ CPU "vm:destroy() cpu:run()", VERDICT_ERROR,
	    "this VCPU has been destroyed" },
	{ CPU "local s = cpu.state cpu:destroy() local x = s.rax",
	    VERDICT_ERROR, "this VCPU has been destroyed" },
	{ CPU "cpu:destroy() t:page(cpu, {})", VERDICT_ERROR,
	    "this VCPU has been destroyed" },
	/* Assists. */
	{ CPU "cpu:will(guest.out { port = 1 }) cpu:run() cpu:assist_io()",
	    VERDICT_ERROR, "no function was given" },
	{ CPU "cpu:will(guest.inp { port = 1 }) cpu:run() "
	    "cpu:assist_io(function() return true end)", VERDICT_ERROR,
	    "returns a number or a string" },
	{ CPU "cpu:will(guest.inp { port = 1, size = 4 }) cpu:run() "
	    "cpu:assist_io(function() return 'abcdefgh' end) "
	    "cpu:get('gprs') t:expect(cpu.state.rax, 0x64636261)",
	    VERDICT_PASS, "" },
	/* Two ports at a time: the second is not asked any more. */
	{ CPU "vm:ram { gpa = 0 } cpu:will(guest.outs { port = 1, address = 0,"
	    " count = 3 }) cpu:run() "
	    "cpu:assist_io(function() error('broken device') end)",
	    VERDICT_ERROR, "broken device" },
	/* Loads. */
	{ "t:replay { file = '/etc/passwd' }", VERDICT_ERROR,
	    "must be below the scenario's folder" },
	{ "t:replay { file = '../x' }", VERDICT_ERROR,
	    "must be below the scenario's folder" },
	{ "t:replay { file = 'no.xz' }", VERDICT_ERROR,
	    "No such file or directory" },
};

/* Lua knows no place for these. */
static bool
placed(const char *reason)
{
	return strcmp(reason, "an error that is no text") != 0 &&
	    strcmp(reason, "not enough memory") != 0;
}

START_TEST(nonsense_is_named)
{
	struct scenario_result result;
	char text[1024];

	snprintf(text, sizeof(text), "test('one', function(t) %s end)\n",
	    rows[_i].body);
	text_run(text, sim_backends[_i % 2], &result);
	row_judge(&rows[_i], &result);
	if (rows[_i].verdict == VERDICT_ERROR && placed(rows[_i].reason))
		expect_text(rows[_i].body, result.reason, "test.lua:1: ");
	if (rows[_i].verdict == VERDICT_PASS)
		ck_assert_str_eq(result.reason, "");
}
END_TEST

/* Whole files: here body is the file. */
static const struct scenario_row files[] = {
	{ "test(", VERDICT_ERROR, "unexpected symbol" },
	{ "error({})", VERDICT_ERROR, "not a scenario file" },
	{ "test('one')", VERDICT_ERROR, "function expected" },
	{ "\x1bLua", VERDICT_ERROR, "attempt to load a binary chunk" },
	{ "local x = 1", VERDICT_ERROR, "the file has no such test any more" },
	{ "test('one', { speed = 1 }, function(t) end)", VERDICT_ERROR,
	    "test: unknown field 'speed'" },
	{ "test('one', { cpu = 'arm' }, function(t) end)", VERDICT_ERROR,
	    "there is no back end 'arm'" },
	{ "test('one', { engine = 'x' }, function(t) end)", VERDICT_ERROR,
	    "there is no engine 'x'" },
	{ "test('one', { engine = 'interp' }, function(t) "
	    "t:expect(t.engine, 'interp') end)", VERDICT_PASS, "" },
	{ "test('one', function(t) t:expect(t.engine, 'script') "
	    "t:machine():vcpu(0):boot() end)", VERDICT_ERROR,
	    "engine script does not execute guest memory" },
	{ "test('one', { policy = 'x' }, function(t) end)", VERDICT_ERROR,
	    "there is no policy 'x'" },
	{ "test('one', { quirks = 'x' }, function(t) end)", VERDICT_ERROR,
	    "there is no quirk 'x'" },
	{ "test('one', { cpu = 'vmx' }, function(t) end)", VERDICT_SKIP,
	    "for vmx only" },
	{ "test('one', { cpu = 'svm', policy = 'all', root = true, quirks = "
	    "'none' }, function(t) t:expect(t.policy, 'all') end)",
	    VERDICT_PASS, "" },
};

START_TEST(a_broken_file_is_named)
{
	struct scenario_result result;

	text_run(files[_i].body, &sim_backend_svm, &result);
	row_judge(&files[_i], &result);
}
END_TEST

START_TEST(a_library_that_is_none_is_named)
{
	const struct scenario_options options = {
		.library = "/nonexistent.so",
		.backend = &sim_backend_svm,
		.engine = sim_engines[0],
		.policy = &sim_policies[0],
	};
	static const char text[] = "test(\"t\", function(t) end)";
	struct scenario_result result;

	scenario_run(file_write("x.lua", text, sizeof(text) - 1), 0, &options,
	    &result);
	ck_assert_int_eq(result.verdict, VERDICT_ERROR);
	expect_text("library", result.reason, "/nonexistent.so");
}
END_TEST

Suite *
complaint_suite(void)
{
	Suite *suite = suite_create("complaints");
	TCase *tcase = fixture_tcase("complaints");

	tcase_add_loop_test(tcase, nonsense_is_named, 0, NELEM(rows));
	tcase_add_loop_test(tcase, a_broken_file_is_named, 0, NELEM(files));
	tcase_add_test(tcase, a_library_that_is_none_is_named);
	suite_add_tcase(suite, tcase);
	return suite;
}
