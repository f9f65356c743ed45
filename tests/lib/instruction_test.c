/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem: shifts, bits, products, the stack and strings, with all
 * they change.  What is not said to change must not.
 */
#include <errno.h>
#include <string.h>

#include "fault.h"
#include "fixture.h"
#include "x86/insn.h"

#define D	FIXTURE_DEVICE
#define STACK	0x20000
#define CF	0x001
#define PF	0x004
#define AF	0x010
#define ZF	0x040
#define SF	0x080
#define OF	0x800

/* Registers before: RBX is D, RSP is STACK, RFLAGS 0x202 and CF. */
#define RAX	0x1122334455667788
#define RCX	0x0000000000000003
#define RDX	0x0000000000000001

#define A	NVMM_X64_GPR_RAX
#define C	NVMM_X64_GPR_RCX
#define DX	NVMM_X64_GPR_RDX
#define SP	NVMM_X64_GPR_RSP
#define IP	NVMM_X64_GPR_RIP

struct change {
	unsigned gpr;
	uint64_t value;		/* 0 with gpr 0: no change */
};

/*
 * 8 bytes at the device are memory and then new_memory; 8 bytes at STACK are
 * stack.  reads and writes: calls of the callback.
 */
static const struct row {
	const char *name;
	uint8_t len;
	uint8_t bytes[9];
	uint64_t memory, new_memory;
	unsigned flags;
	uint8_t reads, writes;
	struct change changes[2];
} rows[] = {
	{ "inc byte [rbx]", 2, { 0xFE, 0x03 }, 0x7F, 0x80,
	    CF | OF | SF | AF, 1, 1, { { 0, 0 } } },
	{ "lock inc dword [rbx]", 3, { 0xF0, 0xFF, 0x03 },
	    0xFFFFFFFF, 0, CF | ZF | AF | PF, 1, 1, { { 0, 0 } } },
	{ "dec word [rbx]", 3, { 0x66, 0xFF, 0x0B }, 0x8000, 0x7FFF,
	    CF | OF | AF | PF, 1, 1, { { 0, 0 } } },
	{ "neg qword [rbx]", 3, { 0x48, 0xF7, 0x1B }, 1, UINT64_MAX,
	    CF | SF | AF | PF, 1, 1, { { 0, 0 } } },
	{ "neg byte [rbx] of 0", 2, { 0xF6, 0x1B }, 0, 0, ZF | PF, 1, 1,
	    { { 0, 0 } } },
	{ "not word [rbx]", 3, { 0x66, 0xF7, 0x13 }, 0x00FF, 0xFF00, CF, 1, 1,
	    { { 0, 0 } } },
	{ "xadd [rbx], eax", 3, { 0x0F, 0xC1, 0x03 }, 2, 0x5566778A, 0,
	    1, 1, { { A, 2 } } },
	{ "cmpxchg [rbx], edx, equal", 3, { 0x0F, 0xB1, 0x13 }, 0x55667788, 1,
	    ZF | PF, 1, 1, { { 0, 0 } } },
	{ "cmpxchg [rbx], edx, not equal", 3, { 0x0F, 0xB1, 0x13 },
	    0x55667787, 0x55667787, 0, 1, 1, { { A, 0x55667787 } } },
	{ "shl byte [rbx], 1", 2, { 0xD0, 0x23 }, 0xC0, 0x80, CF | SF,
	    1, 1, { { 0, 0 } } },
	{ "shl byte [rbx], 1 changes the sign", 2, { 0xD0, 0x23 }, 0x40, 0x80,
	    OF | SF, 1, 1, { { 0, 0 } } },
	{ "shr dword [rbx], 1", 2, { 0xD1, 0x2B }, 0x80000001, 0x40000000,
	    CF | OF | PF, 1, 1, { { 0, 0 } } },
	{ "sar word [rbx], cl", 3, { 0x66, 0xD3, 0x3B }, 0x8004, 0xF000,
	    CF | SF | PF, 1, 1, { { 0, 0 } } },
	{ "shl dword [rbx], 32 changes nothing", 3, { 0xC1, 0x23, 0x20 },
	    5, 5, CF, 1, 1, { { 0, 0 } } },
	{ "shl qword [rbx], 32", 4, { 0x48, 0xC1, 0x23, 0x20 },
	    5, 0x500000000, PF, 1, 1, { { 0, 0 } } },
	{ "rol byte [rbx], 1", 2, { 0xD0, 0x03 }, 0x81, 0x03, CF | OF, 1, 1,
	    { { 0, 0 } } },
	{ "ror byte [rbx], 1", 2, { 0xD0, 0x0B }, 0x02, 0x01, 0, 1, 1,
	    { { 0, 0 } } },
	{ "rcl word [rbx], 1", 3, { 0x66, 0xD1, 0x13 }, 0x8000, 0x0001,
	    CF | OF, 1, 1, { { 0, 0 } } },
	{ "rcr byte [rbx], 1", 2, { 0xD0, 0x1B }, 0x00, 0x80, OF, 1, 1,
	    { { 0, 0 } } },
	{ "shld [rbx], eax, 1", 4, { 0x0F, 0xA4, 0x03, 0x01 }, 0x80000000, 0,
	    CF | OF | ZF | PF, 1, 1, { { 0, 0 } } },
	{ "shrd [rbx], edx, 1", 4, { 0x0F, 0xAC, 0x13, 0x01 }, 2, 0x80000001,
	    OF | SF, 1, 1, { { 0, 0 } } },
	{ "bt dword [rbx], 35 stays in the operand", 4,
	    { 0x0F, 0xBA, 0x23, 0x23 }, 0x7, 0x7, 0, 1, 0, { { 0, 0 } } },
	{ "bts [rbx], ecx", 3, { 0x0F, 0xAB, 0x0B }, 0x70, 0x78, 0, 1, 1,
	    { { 0, 0 } } },
	{ "btr [rbx], ecx", 3, { 0x0F, 0xB3, 0x0B }, 0x78, 0x70, CF, 1, 1,
	    { { 0, 0 } } },
	{ "btc [rbx], ecx", 3, { 0x0F, 0xBB, 0x0B }, 0x78, 0x70, CF, 1, 1,
	    { { 0, 0 } } },
	{ "mul byte [rbx]", 2, { 0xF6, 0x23 }, 2, 2, CF | OF, 1, 0,
	    { { A, 0x1122334455660110 } } },
	{ "mul dword [rbx]", 2, { 0xF7, 0x23 }, 1, 1, 0, 1, 0,
	    { { A, 0x55667788 }, { DX, 0 } } },
	{ "mul qword [rbx]", 3, { 0x48, 0xF7, 0x23 }, UINT64_MAX, UINT64_MAX,
	    CF | OF, 1, 0,
	    { { A, 0xEEDDCCBBAA998878 }, { DX, 0x1122334455667787 } } },
	{ "imul byte [rbx]", 2, { 0xF6, 0x2B }, 0xFF, 0xFF, 0, 1, 0,
	    { { A, 0x1122334455660078 } } },
	{ "imul qword [rbx]", 3, { 0x48, 0xF7, 0x2B }, UINT64_MAX, UINT64_MAX,
	    0, 1, 0, { { A, 0xEEDDCCBBAA998878 }, { DX, UINT64_MAX } } },
	{ "imul ecx, [rbx]", 3, { 0x0F, 0xAF, 0x0B }, 0x40000000, 0x40000000,
	    CF | OF, 1, 0, { { C, 0xC0000000 } } },
	{ "imul ecx, [rbx], -93", 3, { 0x6B, 0x0B, 0xA3 }, 2, 2, 0, 1, 0,
	    { { C, 0xFFFFFF46 } } },
	{ "div dword [rbx]", 2, { 0xF7, 0x33 }, 0x10, 0x10, CF, 1, 0,
	    { { A, 0x15566778 }, { DX, 8 } } },
	{ "div byte [rbx]", 2, { 0xF6, 0x33 }, 0xFF, 0xFF, CF, 1, 0,
	    { { A, 0x1122334455660078 } } },
	{ "div qword [rbx]", 3, { 0x48, 0xF7, 0x33 }, 2, 2, CF, 1, 0,
	    { { A, 0x889119A22AB33BC4 }, { DX, 0 } } },
	{ "idiv dword [rbx]", 2, { 0xF7, 0x3B }, 0xFFFFFFF0, 0xFFFFFFF0, CF,
	    1, 0, { { A, 0xEAA99888 }, { DX, 8 } } },
	{ "idiv qword [rbx]", 3, { 0x48, 0xF7, 0x3B }, 4, 4, CF, 1, 0,
	    { { A, 0x44488CD115599DE2 }, { DX, 0 } } },
	{ "push qword [rbx]", 2, { 0xFF, 0x33 }, 0x1234, 0x1234, CF, 1, 0,
	    { { SP, STACK - 8 } } },
	{ "pop qword [rbx]", 2, { 0x8F, 0x03 }, 0, 0x5555, CF, 0, 1,
	    { { SP, STACK + 8 } } },
	{ "call [rbx]", 2, { 0xFF, 0x13 }, 0x4000, 0x4000, CF, 1, 0,
	    { { SP, STACK - 8 }, { IP, 0x4000 } } },
	{ "jmp [rbx]", 2, { 0xFF, 0x23 }, 0x4000, 0x4000, CF, 1, 0,
	    { { IP, 0x4000 } } },
	{ "cmovae eax, [rbx] clears the upper half", 3, { 0x0F, 0x43, 0x03 },
	    7, 7, CF, 1, 0, { { A, 0x55667788 } } },
	{ "setle [rbx]", 3, { 0x0F, 0x9E, 0x03 }, 0xFF, 0, CF, 0, 1,
	    { { 0, 0 } } },
	{ "movnti [rbx], ecx", 3, { 0x0F, 0xC3, 0x0B }, 0, 3, CF, 0, 1,
	    { { 0, 0 } } },
	{ "mov al, [disp32] by SIB, REX.B and 67", 9,
	    { 0x67, 0x41, 0x8A, 0x04, 0x25, 0x00, 0x00, 0xE0, 0xFE }, 0x42,
	    0x42, CF, 1, 0, { { A, 0x1122334455667742 } } },
};

static void
exit_memory(const uint8_t *bytes, size_t len)
{
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.vcpu.exit->u.mem.inst_len = (uint8_t)len;
	memcpy(fx.vcpu.exit->u.mem.inst_bytes, bytes, len);
}

static void
registers_set(void)
{
	fixture_long_mode();
	fx.gprs[A] = RAX;
	fx.gprs[C] = RCX;
	fx.gprs[DX] = RDX;
	fx.gprs[SP] = STACK;
	fx.gprs[NVMM_X64_GPR_RBX] = D;
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 0x202 | CF;
	poke(STACK, 0x5555, 8);
}

static int
assist(void)
{
	return nvmm_assist_mem(&fx.mach, &fx.vcpu);
}

static void
expect_gprs(const struct row *row, uint64_t *want)
{
	unsigned i;

	want[IP] += row->len;
	want[NVMM_X64_GPR_RFLAGS] = 0x202 | row->flags;
	for (i = 0; i < 2; i++) {
		if (row->changes[i].gpr != 0 || row->changes[i].value != 0)
			want[row->changes[i].gpr] = row->changes[i].value;
	}
	for (i = 0; i < NVMM_X64_NGPR; i++)
		ck_assert_msg(fx.gprs[i] == want[i], "%s: register %u is %#lx",
		    row->name, i, (unsigned long)fx.gprs[i]);
}

START_TEST(an_instruction_changes_what_it_should_and_nothing_else)
{
	const struct row *row = &rows[_i];
	uint64_t want[NVMM_X64_NGPR], memory;
	unsigned i, writes = 0;

	registers_set();
	libnvmm_x86_put_le(fx.device, row->memory, 8);
	exit_memory(row->bytes, row->len);
	memcpy(want, fx.gprs, sizeof(want));
	ck_assert_msg(assist() == 0, "%s: errno %d", row->name, errno);
	expect_gprs(row, want);
	memory = libnvmm_x86_get_le(fx.device, 8);
	ck_assert_msg(memory == row->new_memory, "%s: memory %#lx", row->name,
	    (unsigned long)memory);
	for (i = 0; i < fx.nmem; i++)
		writes += fx.mem[i].write;
	ck_assert_msg(writes == row->writes &&
	    fx.nmem == (unsigned)row->reads + row->writes,
	    "%s: %u callbacks", row->name, fx.nmem);
	ck_assert_uint_eq(fx.comm->state_commit, NVMM_X64_STATE_GPRS);
}
END_TEST

/* The conditions in the order of their codes: what holds with which flag. */
static const struct {
	const char *name;
	unsigned holds, fails;	/* flags, one of each that matters */
} conditions[] = {
	{ "o", OF, CF }, { "no", ZF, OF }, { "b", CF, ZF }, { "ae", ZF, CF },
	{ "e", ZF, CF }, { "ne", CF, ZF }, { "be, by ZF", ZF, SF },
	{ "a", SF, CF }, { "s", SF, OF }, { "ns", OF, SF }, { "p", PF, CF },
	{ "np", CF, PF }, { "l", SF, SF | OF }, { "ge", SF | OF, OF },
	{ "le", OF, 0 }, { "g", 0, ZF },
};

START_TEST(each_condition_looks_at_its_flags)
{
	const uint8_t setcc[] = { 0x0F, (uint8_t)(0x90 + _i), 0x03 };
	const uint8_t cmovcc[] = { 0x0F, (uint8_t)(0x40 + _i), 0x13 };

	registers_set();
	exit_memory(setcc, sizeof(setcc));
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 0x202 | conditions[_i].holds;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.device[0] == 1, "set%s", conditions[_i].name);
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 0x202 | conditions[_i].fails;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.device[0] == 0, "set%s", conditions[_i].name);
	fx.device[0] = 0x42;
	exit_memory(cmovcc, sizeof(cmovcc));
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.gprs[DX] == RDX, "cmov%s", conditions[_i].name);
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 0x202 | conditions[_i].holds;
	ck_assert_int_eq(assist(), 0);
	ck_assert_msg(fx.gprs[DX] == 0x42, "cmov%s", conditions[_i].name);
}
END_TEST

/* Whatever can run out is out. */
START_TEST(the_assist_allocates_nothing)
{
	int result;

	registers_set();
	exit_memory(rows[_i].bytes, rows[_i].len);
	libnvmm_x86_put_le(fx.device, rows[_i].memory, 8);
	fault_arm(0, true);
	result = assist();
	ck_assert(!fault_disarm());
	ck_assert_int_eq(result, 0);
}
END_TEST

/* Negative and far bit numbers; the operand is the 4 bytes with the bit. */
static const struct {
	uint64_t number, where;
} bits[] = {
	{ 0, D + 0x100 }, { 31, D + 0x100 }, { 32, D + 0x104 },
	{ (uint64_t)-1, D + 0xFC }, { (uint64_t)-32, D + 0xFC },
	{ (uint64_t)-33, D + 0xF8 }, { 0x7FF, D + 0x1FC },
};

START_TEST(a_bit_number_in_a_register_is_signed_and_may_be_far)
{
	static const uint8_t bts[] = { 0x0F, 0xAB, 0x0B };

	registers_set();
	fx.gprs[NVMM_X64_GPR_RBX] = D + 0x100;
	fx.gprs[C] = bits[_i].number & UINT32_MAX;
	exit_memory(bts, sizeof(bts));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.mem[1].where, bits[_i].where);
	ck_assert_uint_eq(fx.mem[1].size, 4);
	ck_assert_uint_eq(fx.mem[1].value,
	    UINT64_C(1) << (bits[_i].number % 32));
}
END_TEST

/* Exceptions of the guest, which the assist does not make. */
static const struct {
	const char *name;
	uint8_t len;
	uint8_t bytes[4];
	uint64_t memory;
} faults[] = {
	{ "div by 0", 2, { 0xF7, 0x33 }, 0 },
	{ "div, a quotient too large", 2, { 0xF7, 0x33 }, 1 },
	{ "idiv by 0", 2, { 0xF7, 0x3B }, 0 },
	{ "idiv, a quotient too large", 2, { 0xF7, 0x3B }, 2 },
	{ "jmp, not canonical", 2, { 0xFF, 0x23 }, UINT64_C(1) << 47 },
	{ "call, not canonical", 2, { 0xFF, 0x13 }, UINT64_C(1) << 63 },
	{ "movaps, not aligned", 4, { 0x0F, 0x28, 0x43, 0x01 }, 0 },
	{ "movaps to memory, not aligned", 4, { 0x0F, 0x29, 0x43, 0x01 }, 0 },
};

START_TEST(what_is_an_exception_leaves_no_trace)
{
	registers_set();
	libnvmm_x86_put_le(fx.device, faults[_i].memory, 8);
	exit_memory(faults[_i].bytes, faults[_i].len);
	fixture_snapshot();
	ck_assert_msg(assist() == -1, "%s", faults[_i].name);
	ck_assert_int_eq(errno, ENODEV);
	fixture_expect_unchanged(faults[_i].name);
	ck_assert_uint_eq(libnvmm_x86_get_le(fx.device, 8),
	    faults[_i].memory);
}
END_TEST

START_TEST(a_stack_may_be_a_device)
{
	static const uint8_t push[] = { 0x51 }, pop[] = { 0x58 };
	static const uint8_t push_rsp[] = { 0x54 };
	static const uint8_t call[] = { 0xE8, 0x10, 0, 0, 0 };
	static const uint8_t ret[] = { 0xC2, 0x08, 0x00 };

	registers_set();
	fx.gprs[SP] = D + 0x20;
	exit_memory(push, sizeof(push));
	ck_assert_int_eq(assist(), 0);
	exit_memory(push_rsp, sizeof(push_rsp));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.mem[1].value, D + 0x18);
	exit_memory(pop, sizeof(pop));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[A], D + 0x18);
	exit_memory(call, sizeof(call));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.mem[3].value, FIXTURE_CODE + 8);
	ck_assert_uint_eq(fx.gprs[IP], FIXTURE_CODE + 0x18);
	exit_memory(ret, sizeof(ret));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[IP], FIXTURE_CODE + 8);
	ck_assert_uint_eq(fx.gprs[SP], D + 0x20);
}
END_TEST

/* REPE and REPNE CMPSB: whether RIP stays after an element. */
static const struct {
	uint8_t prefix;
	bool equal;
	uint64_t count;
	bool stays;
} compares[] = {
	{ 0xF3, true, 2, true }, { 0xF3, false, 2, false },
	{ 0xF2, true, 2, false }, { 0xF2, false, 2, true },
	{ 0xF3, true, 1, false }, { 0xF2, false, 1, false },
};

START_TEST(comparisons_of_strings_end_by_count_or_zf)
{
	uint8_t cmpsb[] = { compares[_i].prefix, 0xA6 };
	uint8_t scasb[] = { compares[_i].prefix, 0xAE };
	uint8_t value = compares[_i].equal ? 0x88 : 0x87;
	uint64_t next = FIXTURE_CODE + (compares[_i].stays ? 0 : 2);

	registers_set();
	fx.device[0] = value;
	fx.ram[STACK] = 0x88;
	fx.gprs[C] = compares[_i].count;
	fx.gprs[NVMM_X64_GPR_RSI] = STACK;
	fx.gprs[NVMM_X64_GPR_RDI] = D;
	exit_memory(cmpsb, sizeof(cmpsb));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RSI], STACK + 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], D + 1);
	ck_assert_uint_eq(fx.gprs[C], compares[_i].count - 1);
	ck_assert_uint_eq(fx.gprs[IP], next);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RFLAGS], 0x202U |
	    (compares[_i].equal ? ZF | PF : 0));

	fx.gprs[C] = compares[_i].count;
	fx.gprs[IP] = FIXTURE_CODE;
	fx.gprs[NVMM_X64_GPR_RDI] = D;
	exit_memory(scasb, sizeof(scasb));
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], D + 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RSI], STACK + 1);
	ck_assert_uint_eq(fx.gprs[IP], next);
}
END_TEST

/* Where the other operand may not be, though the device may. */
static void
pop_fails(const char *name)
{
	static const uint8_t pop[] = { 0x8F, 0x03 };

	exit_memory(pop, sizeof(pop));
	fixture_snapshot();
	ck_assert_msg(assist() == -1, "%s", name);
	ck_assert_msg(errno == EFAULT, "%s: errno %d", name, errno);
	fixture_expect_unchanged(name);
	ck_assert_uint_eq(fx.nmem, 0);
}

START_TEST(a_second_operand_meets_limits_and_rights)
{
	struct nvmm_x64_state_seg *ss = &fx.state->segs[NVMM_X64_SEG_SS];

	registers_set();
	fixture_map(STACK, STACK, PTE_P | PTE_W);
	ss->attrib.dpl = 3;
	pop_fails("a page of the supervisor");

	fixture_protected_mode();
	ss->attrib.dpl = 0;
	fx.state->msrs[NVMM_X64_MSR_EFER] = 0;
	ss->limit = STACK + 2;
	pop_fails("beyond the limit");
	ss->limit = STACK;
	ss->attrib.type = 7;
	pop_fails("below an expanding segment");
	ss->limit = UINT32_MAX;
	ss->attrib.type = 3;
	ss->attrib.p = 0;
	pop_fails("not present");
	ss->attrib.p = 1;
	ss->attrib.type = 9;
	pop_fails("code that cannot be read");
	ss->attrib.type = 3;
	fx.state->segs[NVMM_X64_SEG_DS].attrib.type = 1;
	pop_fails("data that cannot be written");
}
END_TEST

START_TEST(a_jump_ends_within_the_limit_of_cs)
{
	static const uint8_t jmp[] = { 0xFF, 0x23 };

	registers_set();
	fixture_protected_mode();
	fx.state->msrs[NVMM_X64_MSR_EFER] = 0;
	fx.state->segs[NVMM_X64_SEG_CS].limit = 0x3FFF;
	libnvmm_x86_put_le(fx.device, 0x4000, 4);
	exit_memory(jmp, sizeof(jmp));
	fixture_snapshot();
	ck_assert_int_eq(assist(), -1);
	ck_assert_int_eq(errno, ENODEV);
	fixture_expect_unchanged("jmp");
	libnvmm_x86_put_le(fx.device, 0x3FFF, 4);
	ck_assert_int_eq(assist(), 0);
	ck_assert_uint_eq(fx.gprs[IP], 0x3FFF);
}
END_TEST

/* RFLAGS.RF ends with the instruction, not with an element of it. */
START_TEST(what_is_finished_resumes_no_longer)
{
	static const uint8_t rep_stosb[] = { 0xF3, 0xAA };

	registers_set();
	fx.gprs[NVMM_X64_GPR_RFLAGS] |= 0x10000;
	fx.gprs[NVMM_X64_GPR_RDI] = D;
	fx.gprs[C] = 2;
	exit_memory(rep_stosb, sizeof(rep_stosb));
	ck_assert_int_eq(assist(), 0);
	ck_assert(fx.gprs[NVMM_X64_GPR_RFLAGS] & 0x10000);
	ck_assert_int_eq(assist(), 0);
	ck_assert(!(fx.gprs[NVMM_X64_GPR_RFLAGS] & 0x10000));
}
END_TEST

#define ROWS(table)	(int)(sizeof(table) / sizeof((table)[0]))

Suite *
instruction_suite(void)
{
	Suite *suite = suite_create("instruction");
	TCase *tc = fixture_tcase("instruction");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc,
	    an_instruction_changes_what_it_should_and_nothing_else, 0,
	    ROWS(rows));
	tcase_add_loop_test(tc, each_condition_looks_at_its_flags, 0,
	    ROWS(conditions));
	tcase_add_loop_test(tc, the_assist_allocates_nothing, 0, ROWS(rows));
	tcase_add_loop_test(tc,
	    a_bit_number_in_a_register_is_signed_and_may_be_far, 0,
	    ROWS(bits));
	tcase_add_loop_test(tc, what_is_an_exception_leaves_no_trace, 0,
	    ROWS(faults));
	tcase_add_test(tc, a_stack_may_be_a_device);
	tcase_add_loop_test(tc, comparisons_of_strings_end_by_count_or_zf, 0,
	    ROWS(compares));
	tcase_add_test(tc, a_second_operand_meets_limits_and_rights);
	tcase_add_test(tc, a_jump_ends_within_the_limit_of_cs);
	tcase_add_test(tc, what_is_finished_resumes_no_longer);
	return suite;
}
