/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem: what each instruction does to registers and memory.
 *
 * The instructions are a table.  Registers start as below, the device's and
 * RAM's bytes as their index, unless a row says otherwise.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define D	FIXTURE_DEVICE
#define RAM	0x20000

enum mode { REAL, PROT, LONG };

static void
mode_set(enum mode mode)
{
	if (mode == LONG)
		fixture_long_mode();
	else if (mode == PROT)
		fixture_protected_mode();
}

/* Bytes that the kernel gives along with the exit; 0 of them: none. */
static void
exit_memory(const uint8_t *bytes, uint8_t len)
{
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.vcpu.exit->u.mem.inst_len = len;
	memcpy(fx.vcpu.exit->u.mem.inst_bytes, bytes, len);
}

static void
memory_fill(void)
{
	unsigned i;

	for (i = 0; i < 256; i++) {
		fx.device[i] = (uint8_t)i;
		fx.ram[RAM + i] = (uint8_t)(i + 0x80);
	}
}

/* Success, with nothing but the GPRs to commit, once. */
static void
expect_success(const char *name)
{
	int result;

	fx.comm->state_commit = 0;
	errno = 0;
	result = nvmm_assist_mem(&fx.mach, &fx.vcpu);
	ck_assert_msg(result == 0, "%s: errno %d", name, errno);
	ck_assert_msg(errno == 0, "%s: errno touched", name);
	ck_assert_msg(fx.comm->state_commit == NVMM_X64_STATE_GPRS,
	    "%s: the commit is not that of GPRS", name);
}

static void
expect_access(const char *name, const struct access *want)
{
	const struct access *got = &fx.mem[0];

	ck_assert_msg(fx.nmem == 1, "%s: %u callbacks", name, fx.nmem);
	ck_assert_msg(got->where == want->where && got->size == want->size &&
	    got->write == want->write && got->value == want->value,
	    "%s: %s of %zu bytes at %#lx: %#lx", name,
	    got->write ? "write" : "read", got->size,
	    (unsigned long)got->where, (unsigned long)got->value);
}

#define LOAD(at, size, value)	{ (at), (value), (size), false }
#define STORE(at, size, value)	{ (at), (value), (size), true }

/*
 * RAX is 1122334455667788, RCX 99AABBCCDDEEFF00, RBX and RSI D, RDI D + 0x10;
 * in real mode DS has its base at D and BX is 0x10, SI 0x20, BP 0x30.
 * gpr afterwards is value.
 */
static const struct row {
	const char *name;
	enum mode mode;
	uint8_t len;
	uint8_t bytes[15];
	struct access access;
	unsigned gpr;
	uint64_t value;
} rows[] = {
	{ "mov [rbx], al", LONG, 2, { 0x88, 0x03 }, STORE(D, 1, 0x88),
	    NVMM_X64_GPR_RAX, 0x1122334455667788 },
	{ "mov [rbx], ah", LONG, 2, { 0x88, 0x23 }, STORE(D, 1, 0x77),
	    NVMM_X64_GPR_RAX, 0x1122334455667788 },
	{ "mov [rbx], dil", LONG, 3, { 0x40, 0x88, 0x3B }, STORE(D, 1, 0x10),
	    NVMM_X64_GPR_RDI, D + 0x10 },
	{ "mov [rbx], ax", LONG, 3, { 0x66, 0x89, 0x03 },
	    STORE(D, 2, 0x7788), NVMM_X64_GPR_RBX, D },
	{ "mov [rbx], eax", LONG, 2, { 0x89, 0x03 },
	    STORE(D, 4, 0x55667788), NVMM_X64_GPR_RBX, D },
	{ "mov [rbx], rax", LONG, 3, { 0x48, 0x89, 0x03 },
	    STORE(D, 8, 0x1122334455667788), NVMM_X64_GPR_RBX, D },
	{ "mov [rbx], r9b", LONG, 3, { 0x44, 0x88, 0x0B }, STORE(D, 1, 0x99),
	    NVMM_X64_GPR_R9, 0x99 },
	{ "mov al, [rbx + 8]", LONG, 3, { 0x8A, 0x43, 0x08 },
	    LOAD(D + 8, 1, 0x08), NVMM_X64_GPR_RAX, 0x1122334455667708 },
	{ "mov ah, [rbx + 8]", LONG, 3, { 0x8A, 0x63, 0x08 },
	    LOAD(D + 8, 1, 0x08), NVMM_X64_GPR_RAX, 0x1122334455660888 },
	{ "mov spl, [rbx + 8]", LONG, 4, { 0x40, 0x8A, 0x63, 0x08 },
	    LOAD(D + 8, 1, 0x08), NVMM_X64_GPR_RSP, 0x08 },
	{ "mov ax, [rbx + 8]", LONG, 4, { 0x66, 0x8B, 0x43, 0x08 },
	    LOAD(D + 8, 2, 0x0908), NVMM_X64_GPR_RAX, 0x1122334455660908 },
	{ "mov eax, [rbx + 8]", LONG, 3, { 0x8B, 0x43, 0x08 },
	    LOAD(D + 8, 4, 0x0B0A0908), NVMM_X64_GPR_RAX, 0x0B0A0908 },
	{ "mov rax, [rbx + 8]", LONG, 4, { 0x48, 0x8B, 0x43, 0x08 },
	    LOAD(D + 8, 8, 0x0F0E0D0C0B0A0908), NVMM_X64_GPR_RAX,
	    0x0F0E0D0C0B0A0908 },
	{ "mov r15, [rbx - 8]", LONG, 4, { 0x4C, 0x8B, 0x7B, 0xF8 },
	    LOAD(D - 8, 8, 0), NVMM_X64_GPR_R15, 0 },
	{ "mov byte [rbx], 0xFE", LONG, 3, { 0xC6, 0x03, 0xFE },
	    STORE(D, 1, 0xFE), NVMM_X64_GPR_RBX, D },
	{ "mov word [rbx], 0xFEDC", LONG, 5, { 0x66, 0xC7, 0x03, 0xDC, 0xFE },
	    STORE(D, 2, 0xFEDC), NVMM_X64_GPR_RBX, D },
	{ "mov qword [rbx], -2", LONG, 7,
	    { 0x48, 0xC7, 0x03, 0xFE, 0xFF, 0xFF, 0xFF },
	    STORE(D, 8, 0xFFFFFFFFFFFFFFFE), NVMM_X64_GPR_RBX, D },
	{ "mov eax, moffs64", LONG, 9, { 0xA1, 0x04, 0, 0xE0, 0xFE },
	    LOAD(D + 4, 4, 0x07060504), NVMM_X64_GPR_RAX, 0x07060504 },
	{ "mov moffs32, al", LONG, 6, { 0x67, 0xA2, 0x04, 0, 0xE0, 0xFE },
	    STORE(D + 4, 1, 0x88), NVMM_X64_GPR_RBX, D },
	{ "mov [rbx + r9 * 2 + 4], al", LONG, 5,
	    { 0x42, 0x88, 0x44, 0x4B, 0x04 }, STORE(D + 0x136, 1, 0x88),
	    NVMM_X64_GPR_RBX, D },
	{ "mov al, [rip + disp]", LONG, 6, { 0x8A, 0x05, 0xFA, 0xFF, 0xDE,
	    0xFE }, LOAD(D, 1, 0), NVMM_X64_GPR_RAX,
	    0x1122334455667700 },
	{ "mov al, [eip + disp]", LONG, 7, { 0x67, 0x8A, 0x05, 0xFA, 0xFF,
	    0xDE, 0xFE }, LOAD(D + 1, 1, 1), NVMM_X64_GPR_RAX,
	    0x1122334455667701 },
	{ "mov al, [ebx]", LONG, 3, { 0x67, 0x8A, 0x03 }, LOAD(D, 1, 0),
	    NVMM_X64_GPR_RAX, 0x1122334455667700 },
	{ "mov al, fs:[8]", LONG, 8, { 0x64, 0x8A, 0x04, 0x25, 0x08, 0, 0, 0 },
	    LOAD(D + 0x28, 1, 0x28), NVMM_X64_GPR_RAX, 0x1122334455667728 },
	{ "mov al, es:[rbx]", LONG, 3, { 0x26, 0x8A, 0x03 }, LOAD(D, 1, 0),
	    NVMM_X64_GPR_RAX, 0x1122334455667700 },
	{ "mov [rbx], ds", LONG, 2, { 0x8C, 0x1B }, STORE(D, 2, 0xD5D5),
	    NVMM_X64_GPR_RBX, D },
	{ "movzx eax, byte [rbx + 0x90]", LONG, 7,
	    { 0x0F, 0xB6, 0x83, 0x90, 0, 0, 0 }, LOAD(D + 0x90, 1, 0x90),
	    NVMM_X64_GPR_RAX, 0x90 },
	{ "movzx ax, byte [rbx + 0x90]", LONG, 8,
	    { 0x66, 0x0F, 0xB6, 0x83, 0x90, 0, 0, 0 },
	    LOAD(D + 0x90, 1, 0x90), NVMM_X64_GPR_RAX, 0x1122334455660090 },
	{ "movzx rax, word [rbx + 0x90]", LONG, 8,
	    { 0x48, 0x0F, 0xB7, 0x83, 0x90, 0, 0, 0 },
	    LOAD(D + 0x90, 2, 0x9190), NVMM_X64_GPR_RAX, 0x9190 },
	{ "movsx eax, byte [rbx + 0x90]", LONG, 7,
	    { 0x0F, 0xBE, 0x83, 0x90, 0, 0, 0 }, LOAD(D + 0x90, 1, 0x90),
	    NVMM_X64_GPR_RAX, 0xFFFFFF90 },
	{ "movsx rax, byte [rbx + 0x70]", LONG, 5,
	    { 0x48, 0x0F, 0xBE, 0x43, 0x70 }, LOAD(D + 0x70, 1, 0x70),
	    NVMM_X64_GPR_RAX, 0x70 },
	{ "movsx rax, word [rbx + 0x90]", LONG, 8,
	    { 0x48, 0x0F, 0xBF, 0x83, 0x90, 0, 0, 0 },
	    LOAD(D + 0x90, 2, 0x9190), NVMM_X64_GPR_RAX,
	    0xFFFFFFFFFFFF9190 },
	{ "movsxd rax, [rbx + 0x90]", LONG, 7,
	    { 0x48, 0x63, 0x83, 0x90, 0, 0, 0 },
	    LOAD(D + 0x90, 4, 0x93929190), NVMM_X64_GPR_RAX,
	    0xFFFFFFFF93929190 },
	/* As AMD's processors do; by Intel's manual it would read 2. */
	{ "movsxd ax, [rbx + 0x90]", LONG, 7,
	    { 0x66, 0x63, 0x83, 0x90, 0, 0, 0 },
	    LOAD(D + 0x90, 4, 0x93929190), NVMM_X64_GPR_RAX,
	    0x1122334455669190 },
	{ "movbe eax, [rbx + 8]", LONG, 5, { 0x0F, 0x38, 0xF0, 0x43, 0x08 },
	    LOAD(D + 8, 4, 0x0B0A0908), NVMM_X64_GPR_RAX, 0x08090A0B },
	{ "movbe [rbx], rax", LONG, 5, { 0x48, 0x0F, 0x38, 0xF1, 0x03 },
	    STORE(D, 8, 0x8877665544332211), NVMM_X64_GPR_RBX, D },
	{ "stosb", LONG, 1, { 0xAA }, STORE(D + 0x10, 1, 0x88),
	    NVMM_X64_GPR_RDI, D + 0x11 },
	{ "stosq", LONG, 2, { 0x48, 0xAB },
	    STORE(D + 0x10, 8, 0x1122334455667788), NVMM_X64_GPR_RDI,
	    D + 0x18 },
	{ "lodsd", LONG, 1, { 0xAD }, LOAD(D, 4, 0x03020100),
	    NVMM_X64_GPR_RAX, 0x03020100 },
	{ "lodsw moves rsi", LONG, 2, { 0x66, 0xAD }, LOAD(D, 2, 0x0100),
	    NVMM_X64_GPR_RSI, D + 2 },
	{ "mov [ebx], eax", PROT, 2, { 0x89, 0x03 }, STORE(D, 4, 0x55667788),
	    NVMM_X64_GPR_RBX, D },
	{ "mov eax, moffs32", PROT, 5, { 0xA1, 0x04, 0, 0xE0, 0xFE },
	    LOAD(D + 4, 4, 0x07060504), NVMM_X64_GPR_RAX, 0x07060504 },
	{ "mov al, fs:[8]", PROT, 7, { 0x64, 0x8A, 0x05, 0x08, 0, 0, 0 },
	    LOAD(D + 0x28, 1, 0x28), NVMM_X64_GPR_RAX, 0x1122334455667728 },
	{ "mov al, [ebx + disp beyond 4 GB]", PROT, 6,
	    { 0x8A, 0x83, 0x00, 0x00, 0x00, 0xFF }, LOAD(0xFDE00000, 1, 0),
	    NVMM_X64_GPR_RAX, 0x1122334455667700 },
	{ "mov [bx + si], al", REAL, 2, { 0x88, 0x00 },
	    STORE(D + 0x30, 1, 0x88), NVMM_X64_GPR_RBX, 0x10 },
	{ "mov al, [bx - 0x11] wraps at 64 KB", REAL, 3,
	    { 0x8A, 0x47, 0xEF }, LOAD(D + 0xFFFF, 1, 0),
	    NVMM_X64_GPR_RAX, 0x1122334455667700 },
	{ "mov al, [bp + 1] is in SS", REAL, 3, { 0x8A, 0x46, 0x01 },
	    LOAD(D + 0x1031, 1, 0x31), NVMM_X64_GPR_RAX,
	    0x1122334455667731 },
	{ "mov eax, ds:[bp + 0]", REAL, 5, { 0x66, 0x3E, 0x8B, 0x46, 0 },
	    LOAD(D + 0x30, 4, 0x33323130), NVMM_X64_GPR_RAX, 0x33323130 },
	{ "mov ax, [moffs16]", REAL, 3, { 0xA1, 0x00, 0x90 },
	    LOAD(D + 0x9000, 2, 0x0100), NVMM_X64_GPR_RAX,
	    0x1122334455660100 },
	{ "lodsb", REAL, 1, { 0xAC }, LOAD(D + 0x20, 1, 0x20),
	    NVMM_X64_GPR_RSI, 0x21 },
};

static void
registers_set(enum mode mode)
{
	uint64_t *gprs = fx.gprs;

	gprs[NVMM_X64_GPR_RAX] = 0x1122334455667788;
	gprs[NVMM_X64_GPR_RCX] = 0x99AABBCCDDEEFF00;
	gprs[NVMM_X64_GPR_R9] = 0x99;
	fx.state->segs[NVMM_X64_SEG_DS].selector = 0xD5D5;
	if (mode != REAL) {
		gprs[NVMM_X64_GPR_RBX] = gprs[NVMM_X64_GPR_RSI] = D;
		gprs[NVMM_X64_GPR_RDI] = D + 0x10;
		fx.state->segs[NVMM_X64_SEG_FS].base = D + 0x20;
		return;
	}
	gprs[NVMM_X64_GPR_RBX] = 0x10;
	gprs[NVMM_X64_GPR_RSI] = 0x20;
	gprs[NVMM_X64_GPR_RBP] = 0x30;
	fx.state->segs[NVMM_X64_SEG_DS].base = D;
	fx.state->segs[NVMM_X64_SEG_SS].base = D + 0x1000;
}

static void
row_run(const struct row *row, bool given)
{
	uint64_t start;

	mode_set(row->mode);
	if (row->mode == LONG) {
		/* Where rows with negative displacements lead. */
		fixture_map(D - 0x1000, D - 0x1000, PTE_WU);
		fixture_map(0xFFFFFFFFFEE00000, 0xFEE00000, PTE_WU);
	}
	registers_set(row->mode);
	memory_fill();
	start = fx.gprs[NVMM_X64_GPR_RIP];
	memcpy(fx.ram + FIXTURE_CODE, row->bytes, row->len);
	exit_memory(row->bytes, given ? row->len : 0);
	expect_success(row->name);
	expect_access(row->name, &row->access);
	ck_assert_msg(fx.gprs[row->gpr] == row->value, "%s: register %#lx",
	    row->name, (unsigned long)fx.gprs[row->gpr]);
	ck_assert_msg(fx.gprs[NVMM_X64_GPR_RIP] == start + row->len,
	    "%s: RIP", row->name);
}

START_TEST(an_instruction_does_what_it_should)
{
	row_run(&rows[_i], true);
}
END_TEST

START_TEST(an_instruction_that_must_be_fetched_does_the_same)
{
	row_run(&rows[_i], false);
}
END_TEST

/* MOVSB and its kin; addresses are D or RAM. */
static const struct {
	const char *name;
	uint64_t from, to;
	unsigned callbacks;
} moves[] = {
	{ "device to RAM", D + 8, RAM, 1 },
	{ "RAM to device", RAM, D + 8, 1 },
	{ "device to device", D + 8, D + 0x80, 2 },
	{ "RAM to RAM", RAM, RAM + 0x80, 0 },
};

static uint8_t *
host(uint64_t address)
{
	return address >= D ? &fx.device[address - D] : &fx.ram[address];
}

START_TEST(movs_moves_between_ram_and_devices)
{
	static const uint8_t movsd[] = { 0xA5 };

	fixture_long_mode();
	memory_fill();
	fx.gprs[NVMM_X64_GPR_RSI] = moves[_i].from;
	fx.gprs[NVMM_X64_GPR_RDI] = moves[_i].to;
	exit_memory(movsd, 1);
	expect_success(moves[_i].name);
	ck_assert_msg(memcmp(host(moves[_i].from), host(moves[_i].to), 4) == 0,
	    "%s", moves[_i].name);
	ck_assert_msg(fx.nmem == moves[_i].callbacks, "%s: %u callbacks",
	    moves[_i].name, fx.nmem);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RSI], moves[_i].from + 4);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], moves[_i].to + 4);
}
END_TEST

START_TEST(a_segment_prefix_moves_the_source_only)
{
	static const uint8_t movsb[] = { 0x64, 0xA4 };

	fixture_protected_mode();
	memory_fill();
	fx.state->segs[NVMM_X64_SEG_FS].base = D;
	fx.gprs[NVMM_X64_GPR_RSI] = 0x33;
	fx.gprs[NVMM_X64_GPR_RDI] = RAM;
	exit_memory(movsb, 2);
	expect_success("fs movsb");
	ck_assert_uint_eq(fx.ram[RAM], 0x33);
}
END_TEST

START_TEST(strings_run_downwards_with_df)
{
	static const uint8_t stosw[] = { 0x66, 0xAB };

	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RFLAGS] |= 0x400;
	fx.gprs[NVMM_X64_GPR_RDI] = D;
	exit_memory(stosw, 2);
	expect_success("stosw");
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], D - 2);
}
END_TEST

START_TEST(rep_does_one_element_a_call_and_moves_rip_at_its_end)
{
	static const uint8_t prefix[] = { 0xF3, 0xF2 };
	uint8_t stosd[] = { prefix[_i], 0xAB };

	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RCX] = 2;
	fx.gprs[NVMM_X64_GPR_RDI] = D;
	exit_memory(stosd, 2);
	expect_success("first");
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RCX], 1);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], D + 4);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE);
	expect_success("second");
	ck_assert_uint_eq(fx.nmem, 2);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RCX], 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE + 2);
}
END_TEST

START_TEST(rep_with_count_0_only_moves_rip)
{
	static const uint8_t bytes[] = { 0x67, 0xF3, 0xA4 };

	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RCX] = 0x100000000;	/* ECX is 0 */
	fx.gprs[NVMM_X64_GPR_RSI] = D;
	exit_memory(bytes, 3);
	expect_success("rep movsb");
	ck_assert_uint_eq(fx.nmem, 0);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RCX], 0x100000000);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RSI], D);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RIP], FIXTURE_CODE + 3);
}
END_TEST

START_TEST(addresses_of_strings_have_the_width_of_addresses)
{
	static const uint8_t stosb[] = { 0x67, 0xAA };

	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RDI] = 0xABCD000000000000 | D;
	exit_memory(stosb, 2);
	expect_success("32 bits");
	ck_assert_uint_eq(fx.mem[0].where, D);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], D + 1);
	fx.gprs[NVMM_X64_GPR_RDI] = 0xABCDFFFF;
	fixture_protected_mode();
	fx.state->msrs[NVMM_X64_MSR_EFER] = 0;
	fx.state->segs[NVMM_X64_SEG_ES].base = D;
	expect_success("16 bits");
	ck_assert_uint_eq(fx.mem[1].where, D + 0xFFFF);
	ck_assert_uint_eq(fx.gprs[NVMM_X64_GPR_RDI], 0xABCD0000);
}
END_TEST

/* Where RIP goes from the last byte of the code that a mode can address. */
START_TEST(rip_is_as_wide_as_the_mode)
{
	static const uint8_t mov[] = { 0x88, 0x03 };
	static const uint64_t next[] = { 1, 1, 0x100000001 };
	uint64_t last = _i == REAL ? 0xFFFF : 0xFFFFFFFF;

	mode_set((enum mode)_i);
	fx.gprs[NVMM_X64_GPR_RBX] = fx.gprs[NVMM_X64_GPR_RBP] = D;
	fx.state->segs[NVMM_X64_SEG_SS].base = _i == REAL ? D : 0;
	fx.gprs[NVMM_X64_GPR_RIP] = last;
	exit_memory(mov, 2);
	expect_success("mov");
	ck_assert_msg(fx.gprs[NVMM_X64_GPR_RIP] == next[_i], "mode %d: %#lx",
	    _i, (unsigned long)fx.gprs[NVMM_X64_GPR_RIP]);
}
END_TEST

START_TEST(compatibility_mode_is_32_bit_code_with_long_tables)
{
	static const uint8_t mov[] = { 0x8B, 0x03 };

	fixture_long_mode();
	fx.state->segs[NVMM_X64_SEG_CS].attrib.l = 0;
	fx.state->segs[NVMM_X64_SEG_CS].attrib.def = 1;
	fx.state->segs[NVMM_X64_SEG_DS].base = 0x10;
	fx.gprs[NVMM_X64_GPR_RBX] = 0xFFFFFFFF00000000 | D;
	exit_memory(mov, 2);
	expect_success("mov eax, [ebx]");
	ck_assert_uint_eq(fx.mem[0].where, D + 0x10);
}
END_TEST

START_TEST(an_operand_over_two_pages_of_a_device_is_two_pieces)
{
	static const uint8_t mov[] = { 0x48, 0x89, 0x03 };

	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RAX] = 0x1122334455667788;
	fx.gprs[NVMM_X64_GPR_RBX] = D + 0xFFD;
	exit_memory(mov, 3);
	expect_success("mov [rbx], rax");
	ck_assert_uint_eq(fx.nmem, 2);
	ck_assert_uint_eq(fx.mem[0].where, D + 0xFFD);
	ck_assert_uint_eq(fx.mem[0].value, 0x667788);
	ck_assert_uint_eq(fx.mem[1].where, D + 0x1000);
	ck_assert_uint_eq(fx.mem[1].value, 0x1122334455);
}
END_TEST

Suite *
assist_mem_suite(void)
{
	Suite *suite = suite_create("assist_mem");
	TCase *tc = fixture_tcase("instructions");
	int nrows = sizeof(rows) / sizeof(rows[0]);

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, an_instruction_does_what_it_should, 0, nrows);
	tcase_add_loop_test(tc,
	    an_instruction_that_must_be_fetched_does_the_same, 0, nrows);
	tcase_add_loop_test(tc, rip_is_as_wide_as_the_mode, 0, 3);
	tcase_add_test(tc,
	    compatibility_mode_is_32_bit_code_with_long_tables);
	tcase_add_test(tc,
	    an_operand_over_two_pages_of_a_device_is_two_pieces);

	tc = fixture_tcase("strings");
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, movs_moves_between_ram_and_devices, 0,
	    sizeof(moves) / sizeof(moves[0]));
	tcase_add_test(tc, a_segment_prefix_moves_the_source_only);
	tcase_add_test(tc, strings_run_downwards_with_df);
	tcase_add_loop_test(tc,
	    rep_does_one_element_a_call_and_moves_rip_at_its_end, 0, 2);
	tcase_add_test(tc, rep_with_count_0_only_moves_rip);
	tcase_add_test(tc, addresses_of_strings_have_the_width_of_addresses);
	return suite;
}
