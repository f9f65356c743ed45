/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The encoder of intents: the bytes of each in 16-, 32- and 64-bit code,
 * where they go, and what it refuses.
 */
#include <stdint.h>
#include <string.h>

#include "fixture.h"
#include "scenario/encode.h"

static uint8_t code[4096];

/* A guest in a mode, whose RIP is so far into the harness page. */
static struct sim_state
guest(enum wish_mode mode, uint64_t offset)
{
	struct sim_state state;

	memset(&state, 0, sizeof(state));
	memset(code, 0xCC, sizeof(code));
	if (mode == WISH_REAL)
		state.segs[SIM_SEG_CS].base = 0xFFFF0000;
	if (mode != WISH_REAL)
		state.crs[SIM_CR_CR0] = SIM_CR0_PE;
	if (mode == WISH_PROTECTED)
		state.segs[SIM_SEG_CS].attrib = SIM_ATTRIB_DEF;
	if (mode == WISH_LONG) {
		state.segs[SIM_SEG_CS].attrib = SIM_ATTRIB_L;
		state.msrs[SIM_MSR_EFER] = SIM_EFER_LMA;
	}
	state.gprs[SIM_GPR_RIP] = HARNESS_GPA + offset -
	    state.segs[SIM_SEG_CS].base;
	return state;
}

static const struct row {
	const char *name;
	struct wish wish;
	const char *bytes[3];	/* by mode; NULL: refused */
	enum sim_stop_kind stop;
} rows[] = {
	{ "OUT, a byte", { .kind = WISH_OUT, .size = 1 },
	    { "\xEE", "\xEE", "\xEE" }, SIM_STOP_IO },
	{ "OUT, 2 bytes", { .kind = WISH_OUT, .size = 2 },
	    { "\xEF", "\x66\xEF", "\x66\xEF" }, SIM_STOP_IO },
	{ "IN, 4 bytes", { .kind = WISH_IN, .size = 4 },
	    { "\x66\xED", "\xED", "\xED" }, SIM_STOP_IO },
	{ "REP OUTS from GS", { .kind = WISH_OUTS, .size = 2, .rep = true,
	    .has_seg = true, .seg = SIM_SEG_GS },
	    { "\xF3\x65\x6F", "\xF3\x65\x66\x6F", "\xF3\x65\x66\x6F" },
	    SIM_STOP_IO },
	{ "INS", { .kind = WISH_INS, .size = 1 },
	    { "\x6C", "\x6C", "\x6C" }, SIM_STOP_IO },
	{ "a write of 4 bytes", { .kind = WISH_WRITE, .size = 4,
	    .address = 0xFEE00000 },
	    { "\x66\x89\x07", "\x89\x03", "\x89\x03" }, SIM_STOP_MEMORY },
	{ "a read of a byte", { .kind = WISH_READ, .size = 1 },
	    { "\x8A\x07", "\x8A\x03", "\x8A\x03" }, SIM_STOP_MEMORY },
	{ "a read of 8 bytes", { .kind = WISH_READ, .size = 8 },
	    { NULL, NULL, "\x48\x8B\x03" }, SIM_STOP_MEMORY },
	{ "a write above 4 GiB", { .kind = WISH_WRITE, .size = 1,
	    .address = 1ULL << 32 },
	    { NULL, NULL, "\x88\x03" }, SIM_STOP_MEMORY },
	{ "a fetch", { .kind = WISH_FETCH, .address = 0x5000 },
	    { "", "", "" }, SIM_STOP_MEMORY },
	{ "HLT", { .kind = WISH_HLT }, { "\xF4", "\xF4", "\xF4" },
	    SIM_STOP_HLT },
	{ "CPUID", { .kind = WISH_CPUID },
	    { "\x0F\xA2", "\x0F\xA2", "\x0F\xA2" }, SIM_STOP_CPUID },
	{ "RDMSR", { .kind = WISH_RDMSR },
	    { "\x0F\x32", "\x0F\x32", "\x0F\x32" }, SIM_STOP_RDMSR },
	{ "WRMSR", { .kind = WISH_WRMSR },
	    { "\x0F\x30", "\x0F\x30", "\x0F\x30" }, SIM_STOP_WRMSR },
	{ "UD2", { .kind = WISH_SHUTDOWN },
	    { "\x0F\x0B", "\x0F\x0B", "\x0F\x0B" }, SIM_STOP_SHUTDOWN },
	{ "INVD", { .kind = WISH_INSN, .insn = SIM_INSN_INVD },
	    { "\x0F\x08", "\x0F\x08", "\x0F\x08" }, SIM_STOP_INSN },
	{ "VMMCALL", { .kind = WISH_INSN, .insn = SIM_INSN_VMMCALL },
	    { "\x0F\x01\xD9", "\x0F\x01\xD9", "\x0F\x01\xD9" },
	    SIM_STOP_INSN },
	{ "MOV CR4", { .kind = WISH_MOV_CR, .cr = 4 },
	    { "\x0F\x22\xE0", "\x0F\x22\xE0", "\x0F\x22\xE0" },
	    SIM_STOP_CR_WRITE },
	{ "MOV CR8", { .kind = WISH_MOV_CR, .cr = 8 },
	    { NULL, NULL, "\x44\x0F\x22\xC0" }, SIM_STOP_CR_WRITE },
	{ "INIT", { .kind = WISH_INIT }, { "\x90", "\x90", "\x90" },
	    SIM_STOP_INIT },
};

START_TEST(an_instruction_has_the_bytes_of_its_mode)
{
	const struct row *row = &rows[_i];
	struct sim_intent intent;
	struct sim_state state;
	const char *why;
	unsigned mode;
	size_t length;

	for (mode = WISH_REAL; mode <= WISH_LONG; mode++) {
		state = guest((enum wish_mode)mode, 0x10);
		why = wish_encode(&row->wish, &state, code, &intent);
		ck_assert_msg((why == NULL) == (row->bytes[mode] != NULL),
		    "%s, mode %u: %s", row->name, mode, why ? why : "accepted");
		if (why != NULL) {
			expect_text(row->name, why, "long mode");
			continue;
		}
		length = strlen(row->bytes[mode]);
		ck_assert_msg(intent.stop.length == length &&
		    memcmp(intent.stop.bytes, row->bytes[mode], length) == 0 &&
		    memcmp(code + 0x10, row->bytes[mode], length) == 0,
		    "%s, mode %u: other bytes", row->name, mode);
		ck_assert_int_eq(code[0x10 + length], 0xCC);
		ck_assert_int_eq(intent.stop.kind, row->stop);
		ck_assert(!intent.step);
	}
}
END_TEST

/* The value loaded last into a register; fails when there is none. */
static uint64_t
loaded(const struct sim_intent *intent, size_t offset)
{
	unsigned i = intent->npreloads;

	while (i-- > 0) {
		if (intent->preloads[i].offset == offset)
			return intent->preloads[i].value;
	}
	ck_abort_msg("nothing is loaded at %zu", offset);
}

#define LOADED(member)	loaded(&intent, offsetof(struct sim_state, member))

START_TEST(registers_are_loaded_before)
{
	const struct wish wrmsr = { .kind = WISH_WRMSR, .msr = 0x10,
		.value = 0x1122334455667788, .flags_set = SIM_RFLAGS_IF };
	const struct wish outs = { .kind = WISH_OUTS, .size = 1, .port = 0x3f8,
		.address = 0x77, .rep = true, .count = 9 };
	struct sim_state state = guest(WISH_LONG, 0);
	struct sim_intent intent;

	state.gprs[SIM_GPR_RFLAGS] = 2;
	ck_assert_ptr_null(wish_encode(&wrmsr, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RCX]), 0x10);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RAX]), 0x55667788);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RDX]), 0x11223344);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RFLAGS]), SIM_RFLAGS_IF | 2);
	ck_assert_uint_eq(intent.stop.npc, HARNESS_GPA + 2);
	ck_assert_ptr_null(wish_encode(&outs, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RDX]), 0x3f8);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RSI]), 0x77);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RCX]), 9);
	ck_assert_int_eq(intent.stop.u.io.seg, SIM_SEG_DS);
}
END_TEST

START_TEST(sixteen_bit_code_reaches_memory_by_the_base_of_ds)
{
	const struct wish wish = { .kind = WISH_READ, .size = 1,
		.address = 0xFEE00020 };
	struct sim_state state = guest(WISH_REAL, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_DS].base), 0xFEE00020);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RBX]), 0);
}
END_TEST

START_TEST(thirty_two_bit_code_takes_off_the_base_of_ds)
{
	const struct wish wish = { .kind = WISH_READ, .size = 1,
		.address = 0x2000 };
	struct sim_state state = guest(WISH_PROTECTED, 0);
	struct sim_intent intent;

	state.segs[SIM_SEG_DS].base = 1;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RBX]), 0x1FFF);
	ck_assert_uint_eq(intent.stop.u.mem.gpa, 0x2000);
	/* Addresses wrap around at 4 GiB. */
	state.segs[SIM_SEG_DS].base = 0x1FFFF3000;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RBX]), 0xF000);
	/* Long mode ignores it. */
	state = guest(WISH_LONG, 0);
	state.segs[SIM_SEG_DS].base = 1;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RBX]), 0x2000);
}
END_TEST

START_TEST(a_fetch_jumps)
{
	const struct wish wish = { .kind = WISH_FETCH, .address = 0x5000 };
	struct sim_state state = guest(WISH_LONG, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RIP]), 0x5000);
	state = guest(WISH_PROTECTED, 0);
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_CS].base), 0x5000);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RIP]), 0);
}
END_TEST

/* Base, RIP, and the RIP that is loaded. */
static const struct narrow {
	enum wish_mode mode;
	uint64_t base, rip, expected;
} narrows[] = {
	/* The page, for who takes RIP's upper bits for part of it. */
	{ WISH_REAL, 0xFFFE0000, 0x1F000, 0xF000 },
	{ WISH_REAL, 0xFFFF0000, 0x1FFFFF000, 0xF000 },
	{ WISH_REAL, 0xFFFEF100, 0xFFF2, 0xFF00 },
	{ WISH_REAL, 0xFFFEF005, 0, 0xF000 },
	{ WISH_PROTECTED, 0, 0x1FFFFF000, 0xFFFFF000 },
	{ WISH_PROTECTED, 0xFFFFFFFF, 0, 0xFFFFF001 },
};

START_TEST(an_instruction_pointer_is_as_wide_as_its_code)
{
	const struct narrow *narrow = &narrows[_i];
	const struct wish wish = { .kind = WISH_HLT };
	struct sim_state state = guest(narrow->mode, 0);
	struct sim_intent intent;

	state.segs[SIM_SEG_CS].base = narrow->base;
	state.gprs[SIM_GPR_RIP] = narrow->rip;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RIP]), narrow->expected);
	ck_assert_int_eq(code[0], 0xF4);
	ck_assert_uint_eq(intent.stop.npc, narrow->expected + 1);
	/* There it stays. */
	if (intent.npreloads == 1) {
		state.gprs[SIM_GPR_RIP] = narrow->expected;
		ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
		ck_assert_uint_eq(intent.npreloads, 0);
	}
}
END_TEST

/* The last place with room for the longest instruction is 4096 - 15. */
START_TEST(where_no_room_is_left_it_jumps_to_the_start)
{
	const struct wish wish = { .kind = WISH_HLT };
	struct sim_intent intent;
	struct sim_state state;
	unsigned mode;

	for (mode = WISH_REAL; mode <= WISH_LONG; mode++) {
		state = guest((enum wish_mode)mode, 4096 - SIM_INST_MAX);
		ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
		ck_assert_uint_eq(intent.npreloads, 0);
		ck_assert_int_eq(code[4096 - SIM_INST_MAX], 0xF4);
		state = guest((enum wish_mode)mode, 4096 - SIM_INST_MAX + 1);
		ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
		ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RIP]),
		    HARNESS_GPA - state.segs[SIM_SEG_CS].base);
		ck_assert_int_eq(code[0], 0xF4);
		ck_assert_uint_eq(intent.stop.npc,
		    LOADED(gprs[SIM_GPR_RIP]) + 1);
	}
	/* 16-bit code somewhere else needs another base as well. */
	state = guest(WISH_REAL, 0);
	state.segs[SIM_SEG_CS].base = 0x1000;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_CS].base), 0xFFFF0000);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RIP]), 0xF000);
}
END_TEST

START_TEST(steps_change_the_flags)
{
	const struct wish sti = { .kind = WISH_STI }, cli = { .kind = WISH_CLI };
	const struct wish nop = { .kind = WISH_NOP };
	struct sim_state state = guest(WISH_LONG, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&sti, &state, code, &intent));
	ck_assert(intent.step && intent.after.shadow);
	ck_assert_uint_eq(intent.after.flags_set, SIM_RFLAGS_IF);
	state.gprs[SIM_GPR_RFLAGS] = SIM_RFLAGS_IF;
	ck_assert_ptr_null(wish_encode(&sti, &state, code, &intent));
	ck_assert(intent.step && !intent.after.shadow);
	ck_assert_ptr_null(wish_encode(&cli, &state, code, &intent));
	ck_assert_uint_eq(intent.after.flags_clear, SIM_RFLAGS_IF);
	ck_assert_uint_eq(intent.after.flags_set, 0);
	ck_assert_ptr_null(wish_encode(&nop, &state, code, &intent));
	ck_assert(intent.step);
	ck_assert_uint_eq(intent.after.flags_clear, 0);
}
END_TEST

START_TEST(a_task_switch_is_a_far_jump_in_protected_mode)
{
	static const char bytes[] = "\xEA\0\0\0\0\x18\0";
	const struct wish wish = { .kind = WISH_TASK_SWITCH };
	struct sim_state state = guest(WISH_PROTECTED, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert_int_eq(intent.stop.length, 7);
	ck_assert_mem_eq(code, bytes, 7);
	ck_assert_int_eq(intent.stop.kind, SIM_STOP_TASK_SWITCH);
	state = guest(WISH_REAL, 0);
	expect_text("real", wish_encode(&wish, &state, code, &intent),
	    "protected mode");
	state = guest(WISH_LONG, 0);
	expect_text("long", wish_encode(&wish, &state, code, &intent),
	    "protected mode");
}
END_TEST

START_TEST(an_iret_unblocks_nmis_and_a_spin_spins)
{
	static const char *const irets[] = { "\xCF", "\xCF", "\x48\xCF" };
	const struct wish iret = { .kind = WISH_IRET };
	const struct wish spin = { .kind = WISH_SPIN };
	struct sim_state state = guest((enum wish_mode)_i, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&iret, &state, code, &intent));
	ck_assert_mem_eq(code, irets[_i], strlen(irets[_i]));
	ck_assert(intent.step && intent.after.iret && !intent.spin);
	ck_assert_ptr_null(wish_encode(&spin, &state, code, &intent));
	ck_assert_mem_eq(code, "\xEB\xFE", 2);
	ck_assert(intent.spin && !intent.step && !intent.after.iret);
	ck_assert_uint_eq(intent.stop.npc, state.gprs[SIM_GPR_RIP] + 2);
}
END_TEST

START_TEST(a_stack_ends_where_it_is_told)
{
	const struct wish wish = { .kind = WISH_STACK, .address = 0x12345678 };
	struct sim_state state = guest((enum wish_mode)_i, 0);
	struct sim_intent intent;

	state.segs[SIM_SEG_SS].base = 0x77;
	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert(intent.step && intent.after.pushes);
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_SS].base) +
	    LOADED(gprs[SIM_GPR_RSP]), 0x12345678);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RSP]),
	    LOADED(gprs[SIM_GPR_RBX]));
	if (_i == WISH_REAL)
		ck_assert_uint_le(LOADED(gprs[SIM_GPR_RSP]), 0xFFFF);
}
END_TEST

START_TEST(xsetbv_has_its_operands_only_if_they_are_given)
{
	const struct wish bare = { .kind = WISH_INSN,
		.insn = SIM_INSN_XSETBV };
	const struct wish full = { .kind = WISH_INSN,
		.insn = SIM_INSN_XSETBV, .has_xcr = true, .xcr = 1,
		.value = 0x1122334455667788 };
	struct sim_state state = guest(WISH_REAL, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&bare, &state, code, &intent));
	ck_assert_uint_eq(intent.npreloads, 0);
	ck_assert_ptr_null(wish_encode(&full, &state, code, &intent));
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RCX]), 1);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RAX]), 0x55667788);
	ck_assert_uint_eq(LOADED(gprs[SIM_GPR_RDX]), 0x11223344);
	ck_assert_mem_eq(code, "\x0F\x01\xD1", 3);
}
END_TEST

START_TEST(user_mode_is_privilege_level_3)
{
	const struct wish user = { .kind = WISH_MODE, .mode = WISH_USER };
	const struct wish back = { .kind = WISH_MODE, .mode = WISH_PROTECTED };
	struct sim_state state = guest(WISH_PROTECTED, 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&user, &state, code, &intent));
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_SS]) >> 16 & SIM_ATTRIB_DPL,
	    SIM_ATTRIB_DPL);
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_CS]) & 3, 3);
	ck_assert_ptr_null(wish_encode(&back, &state, code, &intent));
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_SS]) >> 16 & SIM_ATTRIB_DPL, 0);
}
END_TEST

START_TEST(modes_are_switched)
{
	struct wish wish = { .kind = WISH_MODE, .mode = (enum wish_mode)_i };
	struct sim_state state = guest((enum wish_mode)((_i + 1) % 3), 0);
	struct sim_intent intent;

	ck_assert_ptr_null(wish_encode(&wish, &state, code, &intent));
	ck_assert(intent.step);
	ck_assert_uint_eq(LOADED(crs[SIM_CR_CR0]) & SIM_CR0_PE,
	    _i == WISH_REAL ? 0 : SIM_CR0_PE);
	ck_assert_uint_eq(LOADED(msrs[SIM_MSR_EFER]),
	    _i == WISH_LONG ? SIM_EFER_LMA | SIM_EFER_LME : 0);
	ck_assert_uint_eq(LOADED(segs[SIM_SEG_CS].base) +
	    LOADED(gprs[SIM_GPR_RIP]), HARNESS_GPA);
}
END_TEST

Suite *
encode_suite(void)
{
	Suite *suite = suite_create("encode");
	TCase *tcase = tcase_create("encode");

	tcase_add_loop_test(tcase, an_instruction_has_the_bytes_of_its_mode,
	    0, NELEM(rows));
	tcase_add_test(tcase, registers_are_loaded_before);
	tcase_add_test(tcase,
	    sixteen_bit_code_reaches_memory_by_the_base_of_ds);
	tcase_add_loop_test(tcase,
	    an_instruction_pointer_is_as_wide_as_its_code, 0,
	    sizeof(narrows) / sizeof(narrows[0]));
	tcase_add_test(tcase, thirty_two_bit_code_takes_off_the_base_of_ds);
	tcase_add_test(tcase, a_fetch_jumps);
	tcase_add_test(tcase, where_no_room_is_left_it_jumps_to_the_start);
	tcase_add_test(tcase, steps_change_the_flags);
	tcase_add_test(tcase, a_task_switch_is_a_far_jump_in_protected_mode);
	tcase_add_loop_test(tcase, an_iret_unblocks_nmis_and_a_spin_spins,
	    WISH_REAL, WISH_LONG + 1);
	tcase_add_loop_test(tcase, a_stack_ends_where_it_is_told, WISH_REAL,
	    WISH_LONG + 1);
	tcase_add_test(tcase, xsetbv_has_its_operands_only_if_they_are_given);
	tcase_add_test(tcase, user_mode_is_privilege_level_3);
	tcase_add_loop_test(tcase, modes_are_switched, 0, 3);
	suite_add_tcase(suite, tcase);
	return suite;
}
