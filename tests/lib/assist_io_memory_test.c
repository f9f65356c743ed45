/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory side of nvmm_assist_io: which segment a string is in, where its
 * elements lie, and that whatever fails leaves no trace.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define NPC	0x7777
#define MARK	0x40

static const uint8_t outsb = 0x6E;

/* A string exit: count elements by RSI and RDI at the same offset. */
static struct nvmm_x86_exit_io *
exit_string(bool in, uint8_t size, uint64_t count, uint64_t offset)
{
	struct nvmm_x86_exit_io *io = &fx.vcpu.exit->u.io;
	bool lma = fx.state->msrs[NVMM_X64_MSR_EFER] & 0x400;

	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	io->in = in;
	io->port = 0x60;
	io->seg = in ? NVMM_X64_SEG_ES : NVMM_X64_SEG_DS;
	io->address_size = lma ? 8 : 4;
	io->operand_size = size;
	io->rep = true;
	io->str = true;
	io->npc = NPC;
	fx.gprs[NVMM_X64_GPR_RCX] = count;
	fx.gprs[NVMM_X64_GPR_RSI] = offset;
	fx.gprs[NVMM_X64_GPR_RDI] = offset;
	return io;
}

static int
assist(void)
{
	return nvmm_assist_io(&fx.mach, &fx.vcpu);
}

static void
expect_failure(const char *name, int error)
{
	fixture_snapshot();
	ck_assert_msg(assist() == -1, "%s: succeeds", name);
	ck_assert_msg(errno == error, "%s: errno %d", name, errno);
	fixture_expect_unchanged(name);
	ck_assert_msg(fx.nio == 0, "%s: the device was asked", name);
}

/* A segment of each kind has its number at offset MARK. */
static void
segments_mark(void)
{
	unsigned i;

	for (i = 0; i <= NVMM_X64_SEG_GS; i++) {
		if (i != NVMM_X64_SEG_CS)
			fx.state->segs[i].base = 0x20000 + i * 0x1000;
		fx.ram[fx.state->segs[i].base + MARK] = (uint8_t)(0x50 + i);
	}
}

START_TEST(the_segment_that_the_exit_names_is_used)
{
	struct nvmm_x86_exit_io *io = exit_string(false, 1, 1, MARK);

	segments_mark();
	io->seg = (int8_t)_i;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.io[0].value == 0x50U + _i, "segment %d", _i);
}
END_TEST

START_TEST(in_long_mode_only_fs_and_gs_have_a_base)
{
	struct nvmm_x86_exit_io *io;
	bool has_base = _i >= NVMM_X64_SEG_FS;

	fixture_long_mode();
	segments_mark();
	fx.state->segs[_i].limit = 0;
	fx.state->segs[_i].attrib.p = 0;
	fx.ram[0x8000] = 0x11;
	fx.ram[fx.state->segs[_i].base + 0x8000] = has_base ? 0x22 : 0x11;
	io = exit_string(false, 1, 1, 0x8000);
	io->seg = (int8_t)_i;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.io[0].value == (has_base ? 0x22 : 0x11),
	    "segment %d", _i);
}
END_TEST

static const struct {
	const char *name;
	bool lma;
	uint8_t bytes[15];
	int seg;
} prefixes[] = {
	{ "no prefix", false, { 0x6E }, NVMM_X64_SEG_DS },
	{ "ES", false, { 0x26, 0x6E }, NVMM_X64_SEG_ES },
	{ "CS", false, { 0x2E, 0x6E }, NVMM_X64_SEG_CS },
	{ "SS", false, { 0x36, 0x6F }, NVMM_X64_SEG_SS },
	{ "DS", false, { 0x3E, 0x6E }, NVMM_X64_SEG_DS },
	{ "FS", false, { 0x64, 0x6E }, NVMM_X64_SEG_FS },
	{ "GS", false, { 0x65, 0x6E }, NVMM_X64_SEG_GS },
	{ "among others", false, { 0xF3, 0x64, 0x67, 0x66, 0x6F },
	    NVMM_X64_SEG_FS },
	{ "the last of three", false, { 0x26, 0x65, 0x36, 0x6E },
	    NVMM_X64_SEG_SS },
	{ "behind the opcode", false, { 0x6E, 0x64, 0x64 }, NVMM_X64_SEG_DS },
	{ "as many as there can be", false, { 0x26, 0x26, 0x26, 0x26, 0x26,
	    0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x6E },
	    NVMM_X64_SEG_ES },
	{ "no end", false, { 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x26,
	    0x26, 0x26, 0x26, 0x26, 0x26, 0x26, 0x64 }, NVMM_X64_SEG_FS },
	{ "64-bit: GS", true, { 0x65, 0x48, 0x6E }, NVMM_X64_SEG_GS },
	{ "64-bit: DS does not undo GS", true, { 0x65, 0x3E, 0x6E },
	    NVMM_X64_SEG_GS },
};

START_TEST(an_unknown_segment_is_found_among_the_prefixes)
{
	struct nvmm_x86_exit_io *io;
	int seg = prefixes[_i].seg;

	if (prefixes[_i].lma)
		fixture_long_mode();
	segments_mark();
	memcpy(fx.ram + FIXTURE_CODE, prefixes[_i].bytes, 15);
	io = exit_string(false, 1, 1, MARK);
	io->seg = -1;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.io[0].value == 0x50U + seg, "%s: %#lx",
	    prefixes[_i].name, (unsigned long)fx.io[0].value);
}
END_TEST

START_TEST(prefixes_are_found_across_pages)
{
	struct nvmm_x86_exit_io *io;

	segments_mark();
	fx.ram[FIXTURE_CODE + 0xFFE] = 0x66;
	fx.ram[FIXTURE_CODE + 0xFFF] = 0x64;
	fx.ram[FIXTURE_CODE + 0x1000] = outsb;
	fx.gprs[NVMM_X64_GPR_RIP] = 0xFFE;
	io = exit_string(false, 1, 1, MARK);
	io->seg = -1;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.io[0].value, 0x50 + NVMM_X64_SEG_FS);
}
END_TEST

START_TEST(the_page_behind_the_instruction_need_not_exist)
{
	struct nvmm_x86_exit_io *io;

	fixture_long_mode();
	fixture_map(FIXTURE_CODE + 0x1000, 0, 0);
	fx.ram[FIXTURE_CODE + 0xFFF] = outsb;
	fx.gprs[NVMM_X64_GPR_RIP] = FIXTURE_CODE + 0xFFF;
	io = exit_string(false, 1, 1, 0x20000);
	io->seg = -1;
	ck_assert_int_eq(assist(), 0);
}
END_TEST

START_TEST(unreadable_prefixes_fail)
{
	struct nvmm_x86_exit_io *io;

	fixture_long_mode();
	fixture_map(FIXTURE_CODE, 0, 0);
	io = exit_string(false, 1, 1, 0x20000);
	io->seg = -1;
	expect_failure("not present", EFAULT);
}
END_TEST

START_TEST(ins_needs_no_prefixes_for_es)
{
	struct nvmm_x86_exit_io *io;

	fixture_long_mode();
	fixture_map(FIXTURE_CODE, 0, 0);
	io = exit_string(true, 1, 1, 0x20000);
	io->seg = -1;
	ck_assert_int_eq(assist(), 0);
}
END_TEST

static const struct {
	const char *name;
	uint8_t size;
	uint32_t limit;
	uint64_t offset;
	unsigned moved;	/* elements of 8; 0: EFAULT */
} limits[] = {
	{ "far from it", 4, 0xFFFF, 0x100, 8 },
	{ "up to it", 4, 0x11F, 0x100, 8 },
	{ "the batch reaches beyond", 4, 0x11E, 0x100, 7 },
	{ "the last byte of an element", 4, 0x103, 0x100, 1 },
	{ "one byte less", 4, 0x102, 0x100, 0 },
	{ "a byte at it", 1, 0x100, 0x100, 1 },
	{ "a byte beyond it", 1, 0xFF, 0x100, 0 },
	{ "a segment smaller than an element", 4, 2, 0, 0 },
	{ "the largest offset", 4, 0xFFFF, 0xFFFFFFFF, 0 },
};

START_TEST(an_element_beyond_the_limit_fails)
{
	fx.state->segs[NVMM_X64_SEG_ES].limit = limits[_i].limit;
	exit_string(true, limits[_i].size, 8, limits[_i].offset);
	if (limits[_i].moved == 0) {
		expect_failure(limits[_i].name, EFAULT);
		return;
	}
	ck_assert_msg(assist() == 0, "%s: fails", limits[_i].name);
	ck_assert_msg(fx.nio == limits[_i].moved, "%s: %u elements",
	    limits[_i].name, fx.nio);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RCX], 8 - limits[_i].moved);
}
END_TEST

START_TEST(a_hostile_address_size_meets_the_limit_too)
{
	struct nvmm_x86_exit_io *io = exit_string(true, 4, 8, UINT64_MAX - 1);

	io->address_size = 8;
	expect_failure("wraps", EFAULT);
}
END_TEST

START_TEST(a_segment_that_is_not_present_fails)
{
	exit_string(true, 1, 1, 0);
	fx.state->segs[NVMM_X64_SEG_ES].attrib.p = 0;
	expect_failure("ES", EFAULT);
}
END_TEST

START_TEST(linear_addresses_wrap_at_4_gb_outside_long_mode)
{
	fixture_protected_mode();
	fx.state->segs[NVMM_X64_SEG_DS].base = 0xFFFFF000;
	fx.ram[0x8000] = 0x5C;
	exit_string(false, 1, 1, 0x9000);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.io[0].value, 0x5C);
}
END_TEST

/* In long mode with addresses of 32 bits. */
START_TEST(a_batch_ends_where_its_addresses_wrap)
{
	struct nvmm_x86_exit_io *io;

	fixture_long_mode();
	fixture_map(0xFFFFF000, 0x20000, PTE_WU);
	fixture_map(0x100000000, 0x21000, PTE_WU);
	io = exit_string(true, 4, 8, 0xFFFFFFF8);
	io->address_size = 4;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nio, 2);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], 0);
	io = exit_string(true, 4, 8, 0xFFFFFFFE);
	io->address_size = 4;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nio, 3);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], 2);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RCX], 7);
}
END_TEST

START_TEST(an_element_may_lie_on_two_pages_far_apart)
{
	fixture_long_mode();
	fixture_map(0x500000, 0x20000, PTE_WU);
	fixture_map(0x501000, 0x30000, PTE_WU);
	fx.port_next = 0x11;
	exit_string(true, 4, 1, 0x500FFE);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(peek(0x20FFE, 2), 0x1211);
	ck_assert_uint_eq(peek(0x30000, 2), 0x1413);
}
END_TEST

START_TEST(a_batch_over_ram_and_a_device_gives_each_its_piece)
{
	fixture_long_mode();
	fixture_map(0x500000, 0x20000, PTE_WU);
	fixture_map(0x501000, FIXTURE_DEVICE, PTE_WU);
	fx.device[0] = 0xDE;
	fx.ram[0x20FFC] = 0x77;
	exit_string(false, 4, 2, 0x500FFC);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].where, FIXTURE_DEVICE);
	ck_assert_uint_eq(fx.mem[0].size, 4);
	ck_assert_uint_eq(fx.io[0].value, 0x77);
	ck_assert_uint_eq(fx.io[1].value, 0xDE);
}
END_TEST

START_TEST(an_area_that_ends_within_a_page_is_not_overrun)
{
	uint8_t *area;

	fixture_protected_mode();
	area = fixture_area(0x200000, 0x802,
	    NVMM_PROT_READ | NVMM_PROT_WRITE);
	fx.port_next = 0x11;
	exit_string(true, 4, 1, 0x200800);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(area[0x800], 0x11);
	ck_assert_uint_eq(area[0x801], 0x12);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].where, 0x200802);
	ck_assert_uint_eq(fx.mem[0].value, 0x1413);
}
END_TEST

START_TEST(more_areas_in_a_page_than_there_can_be_are_refused)
{
	unsigned i;

	fixture_protected_mode();
	for (i = 0; i < 6; i++)
		(void)fixture_area(0x200000 + i, 1, NVMM_PROT_ALL);
	exit_string(true, 4, 2, 0x200000);
	expect_failure("8 bytes in 6 areas", EFAULT);
	exit_string(true, 4, 1, 0x200000);
	ck_assert_int_eq(assist(), 0);
}
END_TEST

START_TEST(ins_needs_w_in_the_tables)
{
	fixture_long_mode();
	fixture_map(0x500000, 0x20000, PTE_P | PTE_U);
	exit_string(true, 4, 1, 0x500000);
	expect_failure("read-only page", EFAULT);
	exit_string(false, 4, 1, 0x500000);
	ck_assert_int_eq(assist(), 0);
}
END_TEST

START_TEST(ins_needs_w_on_every_page_before_any_byte_moves)
{
	fixture_long_mode();
	fixture_map(0x500000, 0x20000, PTE_WU);
	fixture_map(0x501000, 0x21000, PTE_P);
	exit_string(true, 4, 8, 0x500FF0);
	expect_failure("second page", EFAULT);
	ck_assert_uint_eq(peek(0x20FF0, 8), 0);
}
END_TEST

START_TEST(a_page_that_is_not_present_fails)
{
	fixture_long_mode();
	exit_string(true, 4, 8, 0x700000);
	expect_failure("ins", EFAULT);
	exit_string(false, 4, 8, 0x700000);
	expect_failure("outs", EFAULT);
	exit_string(false, 4, 8, 0x0000800000000000);
	expect_failure("not canonical", EFAULT);
}
END_TEST

START_TEST(an_area_without_the_right_fails)
{
	fixture_long_mode();
	exit_string(true, 1, 1, FIXTURE_ROM);
	expect_failure("ROM written", EFAULT);
	(void)fixture_area(0x200000, 4096, NVMM_PROT_WRITE);
	fixture_map(0x200000, 0x200000, PTE_WU);
	exit_string(false, 1, 1, 0x200000);
	expect_failure("unreadable area", EFAULT);
	exit_string(false, 1, 1, FIXTURE_ROM);
	ck_assert_int_eq(assist(), 0);
}
END_TEST

START_TEST(without_a_mem_callback_there_is_only_ram)
{
	fixture_long_mode();
	fx.vcpu.cbs.mem = NULL;
	exit_string(true, 1, 1, FIXTURE_DEVICE);
	expect_failure("device", EINVAL);
	exit_string(true, 1, 1, 0x20000);
	ck_assert_int_eq(assist(), 0);
}
END_TEST

Suite *
assist_io_memory_suite(void)
{
	Suite *suite = suite_create("assist_io_memory");
	TCase *tc = fixture_tcase("segments");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, the_segment_that_the_exit_names_is_used, 0,
	    NVMM_X64_SEG_GS + 1);
	tcase_add_loop_test(tc, in_long_mode_only_fs_and_gs_have_a_base, 0,
	    NVMM_X64_SEG_GS + 1);
	tcase_add_loop_test(tc,
	    an_unknown_segment_is_found_among_the_prefixes, 0,
	    sizeof(prefixes) / sizeof(prefixes[0]));
	tcase_add_test(tc, prefixes_are_found_across_pages);
	tcase_add_test(tc, the_page_behind_the_instruction_need_not_exist);
	tcase_add_test(tc, unreadable_prefixes_fail);
	tcase_add_test(tc, ins_needs_no_prefixes_for_es);
	tcase_add_loop_test(tc, an_element_beyond_the_limit_fails, 0,
	    sizeof(limits) / sizeof(limits[0]));
	tcase_add_test(tc, a_hostile_address_size_meets_the_limit_too);
	tcase_add_test(tc, a_segment_that_is_not_present_fails);
	tcase_add_test(tc, linear_addresses_wrap_at_4_gb_outside_long_mode);

	tc = fixture_tcase("pages");
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_batch_ends_where_its_addresses_wrap);
	tcase_add_test(tc, an_element_may_lie_on_two_pages_far_apart);
	tcase_add_test(tc, a_batch_over_ram_and_a_device_gives_each_its_piece);
	tcase_add_test(tc, an_area_that_ends_within_a_page_is_not_overrun);
	tcase_add_test(tc, more_areas_in_a_page_than_there_can_be_are_refused);
	tcase_add_test(tc, ins_needs_w_in_the_tables);
	tcase_add_test(tc, ins_needs_w_on_every_page_before_any_byte_moves);
	tcase_add_test(tc, a_page_that_is_not_present_fails);
	tcase_add_test(tc, an_area_without_the_right_fails);
	tcase_add_test(tc, without_a_mem_callback_there_is_only_ram);
	return suite;
}
