/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem on instructions that read, compute and write: which
 * callbacks they make, what they leave in memory, registers and flags.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "x86/insn.h"

#define D	FIXTURE_DEVICE
#define CF	0x001
#define PF	0x004
#define AF	0x010
#define ZF	0x040
#define SF	0x080
#define OF	0x800
#define STATUS	(CF | PF | AF | ZF | SF | OF)

/*
 * Bit by bit, as a circuit would: the flags of a + b + carry, and of a - b -
 * borrow when the second is given inverted and so is the carry out.
 */
static uint64_t
adder(uint64_t a, uint64_t b, bool carry, size_t size, bool invert,
    unsigned *flags)
{
	uint64_t sum = 0;
	unsigned i, x, y, ones = 0, bits = (unsigned)size * 8;
	bool into = false;

	*flags = 0;
	carry ^= invert;
	for (i = 0; i < bits; i++) {
		x = a >> i & 1;
		y = (b >> i & 1) ^ invert;
		into = carry;
		sum |= (uint64_t)(x ^ y ^ carry) << i;
		carry = x + y + carry > 1;
		if (i == 3 && (carry ^ invert))
			*flags |= AF;
		if (i < 8)
			ones += (unsigned)(sum >> i & 1);
	}
	*flags |= (carry ^ invert ? CF : 0) | (into != carry ? OF : 0) |
	    (sum == 0 ? ZF : 0) | (sum >> (bits - 1) & 1 ? SF : 0) |
	    (ones % 2 == 0 ? PF : 0);
	return sum;
}

static void
must_compute(uint64_t a, uint64_t b, bool carry, size_t size)
{
	uint64_t rflags = ~(uint64_t)0, sum;
	unsigned flags;

	sum = adder(a, b, carry, size, false, &flags);
	ck_assert_uint_eq(libnvmm_x86_add(a, b, carry, size, &rflags), sum);
	ck_assert_uint_eq(rflags & STATUS, flags);
	ck_assert_uint_eq(rflags | STATUS, ~(uint64_t)0);
	sum = adder(a, b, carry, size, true, &flags);
	ck_assert_uint_eq(libnvmm_x86_subtract(a, b, carry, size, &rflags),
	    sum);
	ck_assert_uint_eq(rflags & STATUS, flags);
}

START_TEST(all_bytes_add_and_subtract_as_a_circuit_does)
{
	unsigned a, b, step = 256 / fixture_count(256);

	for (a = 0; a < 256; a += step) {
		for (b = 0; b < 256; b++) {
			must_compute(a, b, false, 1);
			must_compute(a, b, true, 1);
		}
	}
}
END_TEST

START_TEST(wider_numbers_do_too)
{
	static const uint64_t values[] = {
		0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF,
		0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF,
		0x8000000000000000, 0xFFFFFFFFFFFFFFFF, 0x123456789ABCDEF0,
	};
	const size_t n = sizeof(values) / sizeof(values[0]);
	size_t i, size;

	for (i = 0; i < n * n; i++) {
		for (size = 2; size <= 8; size *= 2) {
			must_compute(values[i / n], values[i % n], false,
			    size);
			must_compute(values[i / n], values[i % n], true, size);
		}
	}
}
END_TEST

/*
 * 8 bytes at D are memory, RBX is D, RAX 0x1122334455667788 and CF is set.
 * Afterwards memory and RAX are as given.  writes: a write follows the read.
 */
#define RAX	0x1122334455667788
static const struct row {
	const char *name;
	uint8_t len;
	uint8_t bytes[8];
	uint8_t size;
	bool writes;
	uint64_t memory, new_memory, rax;
	unsigned flags;
} rows[] = {
	{ "or [rbx], al", 2, { 0x08, 0x03 }, 1, true,
	    0x41, 0xC9, RAX, SF | PF },
	{ "or [rbx], rax", 3, { 0x48, 0x09, 0x03 }, 8, true,
	    0, RAX, RAX, PF },
	{ "or dword [rbx], -1", 3, { 0x83, 0x0B, 0xFF }, 4, true,
	    0x5A5A5A5A00000000, 0x5A5A5A5AFFFFFFFF, RAX, SF | PF },
	{ "or ax, [rbx]", 3, { 0x66, 0x0B, 0x03 }, 2, false,
	    0x8000, 0x8000, 0x112233445566F788, SF | PF },
	{ "lock or byte [rbx], 1", 4, { 0xF0, 0x80, 0x0B, 0x01 }, 1, true,
	    0, 1, RAX, 0 },
	{ "and [rbx], eax", 2, { 0x21, 0x03 }, 4, true,
	    0xFFFFFFFF0F0F0F0F, 0xFFFFFFFF05060708, RAX, 0 },
	{ "and eax, [rbx] clears the upper half", 2, { 0x23, 0x03 }, 4, false,
	    0xFF, 0xFF, 0x88, PF },
	{ "and byte [rbx], 0", 3, { 0x80, 0x23, 0x00 }, 1, true,
	    0x77, 0, RAX, ZF | PF },
	{ "xor [rbx], ax", 3, { 0x66, 0x31, 0x03 }, 2, true,
	    0x7788, 0, RAX, ZF | PF },
	{ "xor al, [rbx]", 2, { 0x32, 0x03 }, 1, false,
	    0x08, 0x08, 0x1122334455667780, SF },
	{ "test [rbx], al", 2, { 0x84, 0x03 }, 1, false,
	    0x77, 0x77, RAX, ZF | PF },
	{ "test dword [rbx], 0x80000000", 6, { 0xF7, 0x03, 0, 0, 0, 0x80 },
	    4, false, 0x80000000, 0x80000000, RAX, SF | PF },
	{ "add [rbx], al", 2, { 0x00, 0x03 }, 1, true,
	    0x78, 0x00, RAX, CF | AF | ZF | PF },
	{ "add qword [rbx], 1", 4, { 0x48, 0x83, 0x03, 0x01 }, 8, true,
	    0x7FFFFFFFFFFFFFFF, 0x8000000000000000, RAX, OF | SF | AF | PF },
	{ "adc byte [rbx], 0", 3, { 0x80, 0x13, 0x00 }, 1, true,
	    0x0F, 0x10, RAX, AF },
	{ "sub [rbx], al", 2, { 0x28, 0x03 }, 1, true,
	    0x87, 0xFF, RAX, CF | SF | AF | PF },
	{ "sub eax, [rbx]", 2, { 0x2B, 0x03 }, 4, false,
	    0x55667788, 0x55667788, 0, ZF | PF },
	{ "sbb byte [rbx], 0", 3, { 0x80, 0x1B, 0x00 }, 1, true,
	    0x80, 0x7F, RAX, OF | AF },
	{ "cmp [rbx], al", 2, { 0x38, 0x03 }, 1, false,
	    0x88, 0x88, RAX, ZF | PF },
	{ "cmp al, [rbx]", 2, { 0x3A, 0x03 }, 1, false,
	    0x89, 0x89, RAX, CF | SF | AF | PF },
	{ "cmp dword [rbx], -1", 3, { 0x83, 0x3B, 0xFF }, 4, false,
	    0xFFFFFFFF, 0xFFFFFFFF, RAX, ZF | PF },
	{ "xchg [rbx], al", 2, { 0x86, 0x03 }, 1, true,
	    0x42, 0x88, 0x1122334455667742, CF },
	{ "xchg [rbx], eax", 2, { 0x87, 0x03 }, 4, true,
	    0xAABBCCDD, 0x55667788, 0xAABBCCDD, CF },
	{ "xchg [rbx], rax", 3, { 0x48, 0x87, 0x03 }, 8, true,
	    7, RAX, 7, CF },
};

static uint64_t
device(void)
{
	return libnvmm_x86_get_le(fx.device, 8);
}

static void
row_begin(const struct row *row)
{
	fixture_long_mode();
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.vcpu.exit->u.mem.inst_len = row->len;
	memcpy(fx.vcpu.exit->u.mem.inst_bytes, row->bytes, row->len);
	fx.gprs[NVMM_X64_GPR_RAX] = RAX;
	fx.gprs[NVMM_X64_GPR_RBX] = D;
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 0x202 | CF;
	libnvmm_x86_put_le(fx.device, row->memory, 8);
}

START_TEST(an_instruction_computes_what_it_should)
{
	const struct row *row = &rows[_i];

	row_begin(row);
	ck_assert_msg(nvmm_assist_mem(&fx.mach, &fx.vcpu) == 0,
	    "%s: errno %d", row->name, errno);
	ck_assert_msg(device() == row->new_memory, "%s: memory %#lx",
	    row->name, (unsigned long)device());
	ck_assert_msg(fx.gprs[NVMM_X64_GPR_RAX] == row->rax, "%s: RAX %#lx",
	    row->name, (unsigned long)fx.gprs[NVMM_X64_GPR_RAX]);
	ck_assert_msg(fx.gprs[NVMM_X64_GPR_RFLAGS] == (0x202 | row->flags),
	    "%s: RFLAGS %#lx", row->name,
	    (unsigned long)fx.gprs[NVMM_X64_GPR_RFLAGS]);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE + row->len);
	ck_assert_uint_eq(fx.comm->state_commit, NVMM_X64_STATE_GPRS);
}
END_TEST

START_TEST(it_reads_once_and_then_writes_once_or_not_at_all)
{
	const struct row *row = &rows[_i];

	row_begin(row);
	ck_assert_int_eq(nvmm_assist_mem(&fx.mach, &fx.vcpu), 0);
	ck_assert_msg(fx.nmem == (row->writes ? 2 : 1), "%s: %u callbacks",
	    row->name, fx.nmem);
	ck_assert_msg(!fx.mem[0].write && fx.mem[0].size == row->size &&
	    fx.mem[0].where == D, "%s: the read", row->name);
	ck_assert_msg(fx.nmem == 1 || (fx.mem[1].write &&
	    fx.mem[1].size == row->size && fx.mem[1].where == D),
	    "%s: the write", row->name);
}
END_TEST

START_TEST(what_may_be_read_but_not_written_fails_without_a_trace)
{
	const struct row *row = &rows[_i];
	int result;

	row_begin(row);
	fx.gprs[NVMM_X64_GPR_RBX] = FIXTURE_ROM;
	fixture_snapshot();
	result = nvmm_assist_mem(&fx.mach, &fx.vcpu);
	ck_assert_msg(result == (row->writes ? -1 : 0), "%s", row->name);
	if (!row->writes)
		return;
	ck_assert_int_eq(errno, EFAULT);
	fixture_expect_unchanged(row->name);
}
END_TEST

Suite *
arithmetic_suite(void)
{
	Suite *suite = suite_create("arithmetic");
	TCase *tc = fixture_tcase("arithmetic");
	int nrows = sizeof(rows) / sizeof(rows[0]);

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, all_bytes_add_and_subtract_as_a_circuit_does);
	tcase_add_test(tc, wider_numbers_do_too);
	tcase_add_loop_test(tc, an_instruction_computes_what_it_should, 0,
	    nrows);
	tcase_add_loop_test(tc,
	    it_reads_once_and_then_writes_once_or_not_at_all, 0, nrows);
	tcase_add_loop_test(tc,
	    what_may_be_read_but_not_written_fails_without_a_trace, 0, nrows);
	return suite;
}
