/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem: where the instruction's bytes come from, and all the ways
 * in which it fails without a trace.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "x86/insn.h"

#define D	FIXTURE_DEVICE
#define RAM	0x20000

static const uint8_t store_al[] = { 0x88, 0x03 };	/* mov [rbx], al */
static const uint8_t load_al[] = { 0x8A, 0x03 };	/* mov al, [rbx] */

static void
exit_memory(const uint8_t *bytes, uint8_t len)
{
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.vcpu.exit->u.mem.inst_len = len;
	if (len > 0)
		memcpy(fx.vcpu.exit->u.mem.inst_bytes, bytes, len);
	fx.gprs[NVMM_X64_GPR_RBX] = D;
}

/* The kernel knows no bytes: they are at RIP. */
static void
exit_unknown(uint64_t rip)
{
	exit_memory(NULL, 0);
	fx.gprs[NVMM_X64_GPR_RIP] = rip;
}

static int
assist(void)
{
	return nvmm_assist_mem(&fx.mach, &fx.vcpu);
}

static void
expect_failure(const char *name, int error)
{
	fixture_snapshot();
	ck_assert_msg(assist() == -1, "%s: succeeds", name);
	ck_assert_msg(errno == error, "%s: errno %d", name, errno);
	fixture_expect_unchanged(name);
	ck_assert_msg(fx.nmem == 0, "%s: the device was asked", name);
}

START_TEST(another_exit_reason_is_refused_before_any_state_is_fetched)
{
	exit_memory(store_al, 2);
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	fx.comm->state_cached = 0;
	expect_failure("reason", EINVAL);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(without_a_mem_callback_it_is_refused)
{
	exit_memory(store_al, 2);
	fx.vcpu.cbs.mem = NULL;
	expect_failure("no callback", EINVAL);
}
END_TEST

START_TEST(it_fetches_four_components_at_once_and_nothing_later)
{
	fixture_long_mode();
	memcpy(fx.ram + FIXTURE_CODE, store_al, 2);
	exit_unknown(FIXTURE_CODE);
	fx.comm->state_cached = 0;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.comm->state_wanted, NVMM_X64_STATE_GPRS |
	    NVMM_X64_STATE_SEGS | NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS);
}
END_TEST

START_TEST(the_errno_of_getstate_comes_out)
{
	exit_memory(store_al, 2);
	fx.comm->state_cached = 0;
	fx.ioctl_error = ENOENT;
	expect_failure("getstate", ENOENT);
}
END_TEST

START_TEST(bytes_from_the_kernel_are_used_as_they_are)
{
	fixture_long_mode();
	fixture_map(FIXTURE_CODE, 0, 0);
	exit_memory(store_al, 2);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
}
END_TEST

START_TEST(too_few_bytes_from_the_kernel_are_fetched_instead)
{
	fixture_long_mode();
	memcpy(fx.ram + FIXTURE_CODE, store_al, 2);
	exit_memory(store_al, 1);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE + 2);
}
END_TEST

START_TEST(more_bytes_than_there_can_be_are_15)
{
	fixture_long_mode();
	exit_memory(store_al, 2);
	fx.vcpu.exit->u.mem.inst_len = 255;
	ck_assert_int_eq(assist(), 0);
}
END_TEST

START_TEST(the_page_behind_the_instruction_need_not_exist)
{
	fixture_long_mode();
	fixture_map(FIXTURE_CODE + 0x1000, 0, 0);
	memcpy(fx.ram + FIXTURE_CODE + 0xFFE, store_al, 2);
	exit_unknown(FIXTURE_CODE + 0xFFE);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE + 0x1000);
}
END_TEST

START_TEST(an_instruction_over_two_pages_is_fetched_from_both)
{
	fixture_long_mode();
	fixture_map(0x501000, 0x30000, PTE_WU);
	fixture_map(0x500000, 0x22000, PTE_WU);
	fx.ram[0x22FFF] = store_al[0];
	fx.ram[0x30000] = store_al[1];
	exit_unknown(0x500FFF);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], 0x501001);
}
END_TEST

START_TEST(code_in_a_device_is_fetched_through_the_callback)
{
	fixture_long_mode();
	memcpy(fx.device + 0x10, load_al, 2);
	exit_unknown(D + 0x10);
	fx.gprs[NVMM_X64_GPR_RBX] = RAM;
	fx.ram[RAM] = 0x42;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].where, D + 0x10);
	ck_assert(!fx.mem[0].write);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RAX], 0x42);
}
END_TEST

START_TEST(code_is_at_the_base_of_cs_and_wraps_at_4_gb)
{
	fixture_protected_mode();
	fx.state->segs[NVMM_X64_SEG_CS].base = 0xFFFF0000;
	memcpy(fx.ram + 0x8000, store_al, 2);
	exit_unknown(0x18000);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], 0x18002);
}
END_TEST

START_TEST(code_that_cannot_be_fetched_fails)
{
	fixture_long_mode();
	exit_unknown(0x700000);
	expect_failure("not present", EFAULT);
	exit_unknown(0x0000800000000000);
	expect_failure("not canonical", EFAULT);
	(void)fixture_area(0x200000, 4096, NVMM_PROT_WRITE);
	fixture_map(0x200000, 0x200000, PTE_WU);
	exit_unknown(0x200000);
	expect_failure("unreadable area", EFAULT);
	exit_memory(store_al, 1);
	fx.gprs[NVMM_X64_GPR_RIP] = 0x700000;
	expect_failure("too few bytes given", EFAULT);
}
END_TEST

START_TEST(an_instruction_that_ends_on_a_missing_page_fails)
{
	fixture_long_mode();
	fixture_map(FIXTURE_CODE + 0x1000, 0, 0);
	fx.ram[FIXTURE_CODE + 0xFFF] = store_al[0];
	exit_unknown(FIXTURE_CODE + 0xFFF);
	expect_failure("second page", EFAULT);
}
END_TEST

static const struct {
	const char *name;
	uint8_t bytes[15];
} unsupported[] = {
	{ "no instruction", { 0x0F, 0xFF } },
	{ "a locked mov", { 0xF0, 0x88, 0x03 } },
	{ "nothing but prefixes", { 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
	    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66 } },
	{ "hlt", { 0xF4 } },
	{ "mov al, bl", { 0x88, 0xD8 } },
	{ "mov eax, imm", { 0xB8, 0x01 } },
	{ "mov cr0, rax", { 0x0F, 0x22, 0xC0 } },
	{ "mov ds, [rbx]", { 0x8E, 0x1B } },
	{ "cmpsd xmm0, [rbx], 0", { 0xF2, 0x0F, 0xC2, 0x03, 0 } },
	{ "paddb xmm0, [rbx]", { 0x66, 0x0F, 0xFC, 0x03 } },
	{ "movaps xmm0, xmm1", { 0x0F, 0x28, 0xC1 } },
	{ "movq mm0, [rbx]", { 0x0F, 0x6F, 0x03 } },
	{ "pop fs", { 0x0F, 0xA1 } },
	{ "call far [rbx]", { 0xFF, 0x1B } },
	{ "jmp far [rbx]", { 0xFF, 0x2B } },
	{ "jmp rbx", { 0xFF, 0xE3 } },
	{ "retf", { 0xCB } },
	{ "66 jmp [rbx]", { 0x66, 0xFF, 0x23 } },
	{ "inc ebx", { 0xFF, 0xC3 } },
	{ "div ebx", { 0xF7, 0xF3 } },
	{ "cmpxchg8b [rbx]", { 0x0F, 0xC7, 0x0B } },
	{ "lea rax, [rbx]", { 0x48, 0x8D, 0x03 } },
	{ "fld dword [rbx]", { 0xD9, 0x03 } },
	{ "vmovups ymm0, [rbx]", { 0xC5, 0xFC, 0x10, 0x03 } },
};

/* RCX is 0, so that a mistaken REP would be seen too. */
START_TEST(what_is_not_emulated_leaves_no_trace)
{
	fixture_long_mode();
	exit_memory(unsupported[_i].bytes, 15);
	expect_failure(unsupported[_i].name, ENODEV);
	memcpy(fx.ram + FIXTURE_CODE, unsupported[_i].bytes, 15);
	exit_unknown(FIXTURE_CODE);
	expect_failure(unsupported[_i].name, ENODEV);
}
END_TEST

static const struct {
	const char *name;
	uint8_t bytes[3];
	uint8_t len;
	uint64_t rbx;	/* RSI and RDI too */
} failing[] = {
	{ "load, not present", { 0x8A, 0x03 }, 2, 0x700000 },
	{ "store, not present", { 0x88, 0x03 }, 2, 0x700000 },
	{ "store, read-only page", { 0x88, 0x03 }, 2, 0x600000 },
	{ "store over a device and a read-only page", { 0x48, 0x89, 0x03 }, 3,
	    0x5FFFFF },
	{ "store, ROM", { 0x88, 0x03 }, 2, FIXTURE_ROM },
	{ "load, not canonical", { 0x8A, 0x03 }, 2, 0x8000000000000000 },
	{ "stosb, read-only page", { 0xAA }, 1, 0x600000 },
	{ "lodsb, not present", { 0xAC }, 1, 0x700000 },
};

START_TEST(memory_that_fails_leaves_no_trace)
{
	fixture_long_mode();
	fixture_map(0x5FF000, D, PTE_WU);
	fixture_map(0x600000, RAM, PTE_P);
	exit_memory(failing[_i].bytes, failing[_i].len);
	fx.gprs[NVMM_X64_GPR_RBX] = failing[_i].rbx;
	fx.gprs[NVMM_X64_GPR_RSI] = failing[_i].rbx;
	fx.gprs[NVMM_X64_GPR_RDI] = failing[_i].rbx;
	expect_failure(failing[_i].name, EFAULT);
}
END_TEST

START_TEST(movs_asks_no_device_before_its_target_is_known_to_be_good)
{
	static const uint8_t movsb[] = { 0xA4 };

	fixture_long_mode();
	exit_memory(movsb, 1);
	fx.gprs[NVMM_X64_GPR_RSI] = D;
	fx.gprs[NVMM_X64_GPR_RDI] = FIXTURE_ROM;
	expect_failure("device to ROM", EFAULT);
}
END_TEST

START_TEST(smap_keeps_the_system_off_pages_of_user_mode)
{
	static const uint8_t movsb[] = { 0xA4 };

	fixture_long_mode();
	fixture_map(0x5FF000, D, PTE_P | PTE_W);
	fixture_map(0x600000, RAM, PTE_WU);
	exit_memory(movsb, 1);
	fx.gprs[NVMM_X64_GPR_RSI] = 0x5FF000;
	fx.gprs[NVMM_X64_GPR_RDI] = 0x600000;
	fx.state->crs[NVMM_X64_CR_CR4] |= 1U << 21;
	expect_failure("device to a user's page", EFAULT);
	fx.gprs[NVMM_X64_GPR_RFLAGS] |= 1U << 18;
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.nmem, 1);
}
END_TEST

/* What no row of the table has today, but Zydis can say. */
static const struct {
	const char *name;
	ZydisDecodedOperand operand;
} strange[] = {
	{ "an address not to be accessed", {
	    .type = ZYDIS_OPERAND_TYPE_MEMORY, .size = 64,
	    .mem = { .type = ZYDIS_MEMOP_TYPE_AGEN,
	    .segment = ZYDIS_REGISTER_DS } } },
	{ "memory in no segment", {
	    .type = ZYDIS_OPERAND_TYPE_MEMORY, .size = 64,
	    .mem = { .type = ZYDIS_MEMOP_TYPE_MEM } } },
	{ "memory in another segment", {
	    .type = ZYDIS_OPERAND_TYPE_MEMORY, .size = 64,
	    .mem = { .type = ZYDIS_MEMOP_TYPE_MEM,
	    .segment = ZYDIS_REGISTER_GDTR } } },
	{ "a vector as base", {
	    .type = ZYDIS_OPERAND_TYPE_MEMORY, .size = 64,
	    .mem = { .type = ZYDIS_MEMOP_TYPE_MEM,
	    .segment = ZYDIS_REGISTER_DS, .base = ZYDIS_REGISTER_XMM0 } } },
	{ "a vector as index", {
	    .type = ZYDIS_OPERAND_TYPE_MEMORY, .size = 64,
	    .mem = { .type = ZYDIS_MEMOP_TYPE_MEM,
	    .segment = ZYDIS_REGISTER_DS, .index = ZYDIS_REGISTER_XMM0,
	    .scale = 1 } } },
	{ "128 bits", { .type = ZYDIS_OPERAND_TYPE_REGISTER, .size = 128,
	    .reg = { .value = ZYDIS_REGISTER_RAX } } },
	{ "no bits", { .type = ZYDIS_OPERAND_TYPE_IMMEDIATE } },
	{ "a vector", { .type = ZYDIS_OPERAND_TYPE_REGISTER, .size = 64,
	    .reg = { .value = ZYDIS_REGISTER_XMM0 } } },
	{ "a control register", {
	    .type = ZYDIS_OPERAND_TYPE_REGISTER, .size = 64,
	    .reg = { .value = ZYDIS_REGISTER_CR0 } } },
	{ "a far pointer", { .type = ZYDIS_OPERAND_TYPE_POINTER,
	    .size = 32 } },
};

START_TEST(an_operand_of_another_kind_is_not_supported)
{
	struct libnvmm_x86_cpu cpu;
	struct libnvmm_x86_insn insn;
	struct libnvmm_x86_operand operand;

	ck_assert_int_eq(libnvmm_x86_begin(&cpu, &fx.mach, &fx.vcpu), 0);
	memset(&insn, 0, sizeof(insn));
	insn.info.address_width = 64;
	insn.operands[0] = strange[_i].operand;
	errno = 0;
	ck_assert_msg(libnvmm_x86_operand_prepare(&cpu, &insn, 0,
	    &operand) == -1, "%s", strange[_i].name);
	ck_assert_msg(errno == ENODEV, "%s: errno %d", strange[_i].name,
	    errno);
}
END_TEST

/* Any bytes at all: no crash, and nothing committed unless it succeeded. */
START_TEST(random_bytes_do_no_harm)
{
	uint64_t random = 88172645463325252;
	unsigned i, j;

	fixture_long_mode();
	if (_i < 2)
		fx.state->segs[NVMM_X64_SEG_CS].attrib.l = 0;
	if (_i == 1)
		fx.state->segs[NVMM_X64_SEG_CS].attrib.def = 1;
	for (i = 0; i < fixture_count(20000); i++) {
		uint8_t bytes[16];

		for (j = 0; j < sizeof(bytes); j += 8) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			memcpy(bytes + j, &random, 8);
		}
		fx.nmem = 0;
		exit_memory(bytes, 15);
		fixture_snapshot();
		if (assist() == -1) {
			ck_assert(errno == EFAULT || errno == ENODEV);
			fixture_expect_unchanged("random");
		}
	}
}
END_TEST

Suite *
assist_mem_errors_suite(void)
{
	Suite *suite = suite_create("assist_mem_errors");
	TCase *tc = fixture_tcase("fetching");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc,
	    another_exit_reason_is_refused_before_any_state_is_fetched);
	tcase_add_test(tc, without_a_mem_callback_it_is_refused);
	tcase_add_test(tc,
	    it_fetches_four_components_at_once_and_nothing_later);
	tcase_add_test(tc, the_errno_of_getstate_comes_out);
	tcase_add_test(tc, bytes_from_the_kernel_are_used_as_they_are);
	tcase_add_test(tc, too_few_bytes_from_the_kernel_are_fetched_instead);
	tcase_add_test(tc, more_bytes_than_there_can_be_are_15);
	tcase_add_test(tc, the_page_behind_the_instruction_need_not_exist);
	tcase_add_test(tc, an_instruction_over_two_pages_is_fetched_from_both);
	tcase_add_test(tc, code_in_a_device_is_fetched_through_the_callback);
	tcase_add_test(tc, code_is_at_the_base_of_cs_and_wraps_at_4_gb);
	tcase_add_test(tc, code_that_cannot_be_fetched_fails);
	tcase_add_test(tc, an_instruction_that_ends_on_a_missing_page_fails);

	tc = fixture_tcase("failures");
	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, what_is_not_emulated_leaves_no_trace, 0,
	    sizeof(unsupported) / sizeof(unsupported[0]));
	tcase_add_loop_test(tc, memory_that_fails_leaves_no_trace, 0,
	    sizeof(failing) / sizeof(failing[0]));
	tcase_add_test(tc,
	    movs_asks_no_device_before_its_target_is_known_to_be_good);
	tcase_add_test(tc, smap_keeps_the_system_off_pages_of_user_mode);
	tcase_add_loop_test(tc, an_operand_of_another_kind_is_not_supported, 0,
	    sizeof(strange) / sizeof(strange[0]));
	tcase_add_loop_test(tc, random_bytes_do_no_harm, 0, 3);
	return suite;
}
