/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves between registers and memory, single flags, and ports.
 */
#include "guest.h"

#define CF	0x003		/* RFLAGS with one flag set */
#define ZF	0x042
#define IF	0x202
#define DF	0x402
#define IOPL3	0x3002

static const struct row moves[] = {
	{ "MOV to AH", REAL, 0, BYTES(0xB4, 0x12),
	    .in = { R(RAX, 0xAABBCCDD) }, .out = { R(RAX, 0xAABB12DD) } },
	{ "MOV to SPL needs REX", LONG, 0, BYTES(0x40, 0xB4, 0x12),
	    .in = { R(RSP, STACK) }, .out = { R(RSP, STACK + 0x12) } },
	{ "MOV of 16 bits keeps the rest", LONG, 0, BYTES(0x66, 0x89, 0xC8),
	    .in = { R(RAX, 0x1111222233334444), R(RCX, 0x5555) },
	    .out = { R(RAX, 0x1111222233335555) } },
	{ "MOV of 32 bits clears the upper half", LONG, 0, BYTES(0x89, 0xC8),
	    .in = { R(RAX, 0x1111222233334444), R(RCX, 0x8000000012345678) },
	    .out = { R(RAX, 0x12345678) } },
	{ "MOV of a sign-extended immediate", LONG, 0,
	    BYTES(0x48, 0xC7, 0xC0, 0xFE, 0xFF, 0xFF, 0xFF),
	    .out = { R(RAX, 0xFFFFFFFFFFFFFFFE) } },
	{ "MOV of a 64-bit immediate", LONG, 0,
	    BYTES(0x49, 0xB9, 1, 2, 3, 4, 5, 6, 7, 8),
	    .out = { R(R9, 0x0807060504030201) } },
	{ "MOV from memory, all of an address", LONG, 0,
	    BYTES(0x4A, 0x8B, 0x44, 0xD3, 0xF0),
	    .in = { R(RBX, DATA), R(R10, 4), M(8, DATA + 16, 0x77) },
	    .out = { R(RAX, 0x77) } },
	{ "MOV relative to RIP", LONG, 0,
	    BYTES(0x89, 0x05, 0xFA, 0x2F, 0, 0), .in = { R(RAX, 0x99) },
	    .out = { M(4, DATA, 0x99) } },
	{ "MOV of a 16-bit address wraps", REAL, 0,
	    BYTES(0x8A, 0x40, 0x10), .in = { R(RBX, 0xC000), R(RSI, 0x8000),
	    M(1, 0x4010, 0x55), R(RAX, 0) }, .out = { R(RAX, 0x55) } },
	{ "MOV through FS's base", LONG, 0,
	    BYTES(0x64, 0x8B, 0x04, 0x25, 8, 0, 0, 0),
	    .in = { BASE(FS, DATA), M(4, DATA + 8, 0x1234) },
	    .out = { R(RAX, 0x1234) } },
	{ "MOV through a far offset", LONG, 0,
	    BYTES(0xA2, 0x05, 0x40, 0, 0, 0, 0, 0, 0),
	    .in = { R(RAX, 0x7E) }, .out = { M(1, DATA + 5, 0x7E) } },
	{ "MOV from a hole", LONG, 0, BYTES(0x8B, 0x04, 0x25, 0, 0, 1, 0),
	    HOLE_STOP(READ, HOLE, 4) },
	{ "MOV to a hole", PROT, 0, BYTES(0x66, 0xA3, 0x10, 0, 1, 0),
	    HOLE_STOP(WRITE, HOLE + 0x10, 2) },
	{ "MOV into a hole's neighbour and it", LONG, 0,
	    BYTES(0x48, 0x89, 0x04, 0x25, 0xFC, 0xFF, 0, 0),
	    HOLE_STOP(WRITE, HOLE, 4) },
	{ "MOV beyond the limit", PROT, 0, BYTES(0xA1, 0xFD, 0x40, 0, 0),
	    .in = { LIMIT(DS, 0x40FF) }, .end = FAULTS, .vector = 13 },
	{ "MOV beyond SS's limit", PROT, 0, BYTES(0x8B, 0x45, 0),
	    .in = { R(RBP, 0x40FD), LIMIT(SS, 0x40FF) },
	    .end = FAULTS, .vector = 12 },
	{ "MOV from a non-canonical address", LONG, 0, BYTES(0x8B, 0x00),
	    .in = { R(RAX, 1ULL << 47) }, .end = FAULTS, .vector = 13 },
	{ "MOV of a selector, zero-extended", PROT, 0, BYTES(0x8C, 0xD8),
	    .out = { R(RAX, SEL_DATA) } },
	{ "MOV of a selector to memory: 16 bits", PROT, 0,
	    BYTES(0x8C, 0x1D, 0, 0x40, 0, 0),
	    .in = { M(4, DATA, 0xFFFFFFFF) },
	    .out = { M(4, DATA, 0xFFFF0000 | SEL_DATA) } },
	{ "MOV to DS in real mode", REAL, 0, BYTES(0x8E, 0xD8),
	    .in = { R(RAX, 0x400) },
	    .out = { SELECTOR(DS, 0x400), BASE(DS, 0x4000) } },
	{ "MOV to ES of an absent segment", LONG, 0, BYTES(0x8E, 0xC0),
	    .in = { R(RAX, SEL_ABSENT) }, .end = FAULTS, .vector = 11,
	    .error = SEL_ABSENT },
	{ "MOV to CS", PROT, 0, BYTES(0x8E, 0xC8),
	    .end = FAULTS, .vector = 6 },
	{ "MOVZX from AH", LONG, 0, BYTES(0x0F, 0xB6, 0xCC),
	    .in = { R(RAX, 0xFE01) }, .out = { R(RCX, 0xFE) } },
	{ "MOVZX of 16 bits", LONG, 0, BYTES(0x48, 0x0F, 0xB7, 0xC8),
	    .in = { R(RAX, 0xFFFFFFFFFFFF8001) }, .out = { R(RCX, 0x8001) } },
	{ "MOVSX to 16 bits", LONG, 0, BYTES(0x66, 0x0F, 0xBE, 0xC8),
	    .in = { R(RAX, 0x80), R(RCX, 0x1111111111111111) },
	    .out = { R(RCX, 0x111111111111FF80) } },
	{ "MOVSX to 32 bits", LONG, 0, BYTES(0x0F, 0xBF, 0xC8),
	    .in = { R(RAX, 0x8000) }, .out = { R(RCX, 0xFFFF8000) } },
	{ "MOVSXD", LONG, 0, BYTES(0x48, 0x63, 0xC8),
	    .in = { R(RAX, 0x80000000) },
	    .out = { R(RCX, 0xFFFFFFFF80000000) } },
	/* As AMD's processors do; by Intel's manual it would read 2. */
	{ "MOVSXD of a word reads 4 bytes", LONG, 0, BYTES(0x66, 0x63, 0x03),
	    .in = { R(RBX, HOLE - 2) }, HOLE_STOP(READ, HOLE, 2) },
	{ "MOVBE from memory", LONG, 0,
	    BYTES(0x48, 0x0F, 0x38, 0xF0, 0x03),
	    .in = { R(RBX, DATA), M(8, DATA, 0x0102030405060708) },
	    .out = { R(RAX, 0x0807060504030201) } },
	{ "MOVBE of 16 bits to memory", LONG, 0,
	    BYTES(0x66, 0x0F, 0x38, 0xF1, 0x03),
	    .in = { R(RBX, DATA), R(RAX, 0x1234) },
	    .out = { M(2, DATA, 0x3412) } },
	{ "MOVNTI", LONG, 0, BYTES(0x0F, 0xC3, 0x03),
	    .in = { R(RBX, DATA), R(RAX, 0x12345678) },
	    .out = { M(4, DATA, 0x12345678) } },
	{ "LEA truncates to the address size", LONG, 0,
	    BYTES(0x67, 0x48, 0x8D, 0x44, 0x19, 1),
	    .in = { R(RCX, 0xFFFFFFFF), R(RBX, 0x10) },
	    .out = { R(RAX, 0x10) } },
	{ "LEA truncates to the operand size", LONG, 0,
	    BYTES(0x66, 0x8D, 0x04, 0x19),
	    .in = { R(RAX, 0), R(RCX, 0x12345), R(RBX, 0) },
	    .out = { R(RAX, 0x2345) } },
	{ "CMOV that moves", LONG, 0, BYTES(0x48, 0x0F, 0x42, 0xC1),
	    .in = { R(RFLAGS, CF), R(RCX, 5) }, .out = { R(RAX, 5) } },
	{ "CMOV that does not, and clears all the same", LONG, 0,
	    BYTES(0x0F, 0x42, 0xC1),
	    .in = { R(RAX, 0x1234567800000001), R(RCX, 5) },
	    .out = { R(RAX, 1) } },
	{ "CMOV reads although it does not move", LONG, 0,
	    BYTES(0x0F, 0x42, 0x04, 0x25, 0, 0, 1, 0),
	    HOLE_STOP(READ, HOLE, 4) },
	{ "SETZ", LONG, 0, BYTES(0x0F, 0x94, 0xC4),
	    .in = { R(RFLAGS, ZF), R(RAX, 0xFFFF) },
	    .out = { R(RAX, 0x1FF) } },
	{ "SETNZ to memory", LONG, 0, BYTES(0x0F, 0x95, 0x03),
	    .in = { R(RFLAGS, ZF), R(RBX, DATA), M(1, DATA, 9) },
	    .out = { M(1, DATA, 0) } },
	{ "XLAT with a segment", PROT, 0, BYTES(0x64, 0xD7),
	    .in = { BASE(FS, 0x1000), R(RBX, 0x3000), R(RAX, 0x11223304),
	    M(1, DATA + 4, 0xAB) }, .out = { R(RAX, 0x112233AB) } },
	{ "CBW", LONG, 0, BYTES(0x66, 0x98), .in = { R(RAX, 0x11110080) },
	    .out = { R(RAX, 0x1111FF80) } },
	{ "CWDE", LONG, 0, BYTES(0x98), .in = { R(RAX, 0x8000) },
	    .out = { R(RAX, 0xFFFF8000) } },
	{ "CDQE", LONG, 0, BYTES(0x48, 0x98), .in = { R(RAX, 0x80000000) },
	    .out = { R(RAX, 0xFFFFFFFF80000000) } },
	{ "CWD", REAL, 0, BYTES(0x99), .in = { R(RAX, 0x8000), R(RDX, 0x10000)
	    }, .out = { R(RDX, 0x1FFFF) } },
	{ "CDQ", LONG, 0, BYTES(0x99), .in = { R(RAX, 0x80000000) },
	    .out = { R(RDX, 0xFFFFFFFF) } },
	{ "CQO", LONG, 0, BYTES(0x48, 0x99), .in = { R(RAX, 1) },
	    .out = { R(RDX, 0) } },
	{ "LAHF", LONG, 0, BYTES(0x9F), .in = { R(RFLAGS, 0x8D7),
	    R(RAX, 0) }, .out = { R(RAX, 0xD700) } },
	{ "SAHF", LONG, 0, BYTES(0x9E), .in = { R(RFLAGS, 0x802),
	    R(RAX, 0xFF00) }, .out = { R(RFLAGS, 0x8D7) } },
	{ "LFS", PROT, 0, BYTES(0x0F, 0xB4, 0x03), .in = { R(RBX, DATA),
	    M(4, DATA, 0x12345678), M(2, DATA + 4, SEL_SMALL) },
	    .out = { R(RAX, 0x12345678), SELECTOR(FS, SEL_SMALL),
	    BASE(FS, DATA), LIMIT(FS, 0xFF), ATTRIB(FS, 0x4F3) } },
	{ "LES of an absent segment", PROT, 0, BYTES(0xC4, 0x03),
	    .in = { R(RBX, DATA), M(2, DATA + 4, SEL_ABSENT) },
	    .end = FAULTS, .vector = 11, .error = SEL_ABSENT },
	{ "LDS in real mode", REAL, 0, BYTES(0xC5, 0x07),
	    .in = { R(RBX, DATA), M(4, DATA, 0x02001234), R(RAX, 0) },
	    .out = { R(RAX, 0x1234), SELECTOR(DS, 0x200),
	    BASE(DS, 0x2000) } },
	{ "NOP of several bytes looks at no memory", LONG, 0,
	    BYTES(0x66, 0x0F, 0x1F, 0x84, 0, 0, 0, 1, 0) },
	{ "PREFETCH of a hole", LONG, 0,
	    BYTES(0x0F, 0x18, 0x0C, 0x25, 0, 0, 1, 0) },
	{ "ENDBR64", LONG, 0, BYTES(0xF3, 0x0F, 0x1E, 0xFA) },
	{ "MFENCE", LONG, 0, BYTES(0x0F, 0xAE, 0xF0) },
	{ "CLFLUSH", LONG, 0, BYTES(0x0F, 0xAE, 0x3B),
	    .in = { R(RBX, DATA) } },
};

static const struct row flags[] = {
	{ "CLC", LONG, 0, BYTES(0xF8), .in = { R(RFLAGS, CF) },
	    .out = { R(RFLAGS, 2) } },
	{ "STC", LONG, 0, BYTES(0xF9), .out = { R(RFLAGS, CF) } },
	{ "CMC", LONG, 0, BYTES(0xF5), .in = { R(RFLAGS, CF) },
	    .out = { R(RFLAGS, 2) } },
	{ "CMC again", LONG, 0, BYTES(0xF5), .out = { R(RFLAGS, CF) } },
	{ "STD", LONG, 0, BYTES(0xFD), .out = { R(RFLAGS, DF) } },
	{ "CLD", LONG, 0, BYTES(0xFC), .in = { R(RFLAGS, DF) },
	    .out = { R(RFLAGS, 2) } },
	{ "CLI", LONG, 0, BYTES(0xFA), .in = { R(RFLAGS, IF) },
	    .out = { R(RFLAGS, 2) } },
	{ "CLI of a user", PROT, 3, BYTES(0xFA), .in = { R(RFLAGS, IF) },
	    .end = FAULTS, .vector = 13 },
	{ "CLI of a user with IOPL 3", PROT, 3, BYTES(0xFA),
	    .in = { R(RFLAGS, IF | IOPL3) }, .out = { R(RFLAGS, IOPL3) } },
	{ "STI of a user", PROT, 3, BYTES(0xFB), .end = FAULTS,
	    .vector = 13 },
	{ "SALC", PROT, 0, BYTES(0xD6), .in = { R(RFLAGS, CF),
	    R(RAX, 0x1100) }, .out = { R(RAX, 0x11FF) } },
};

#define PORT(...)							\
	.end = STOPS, .stop = { .kind = SIM_STOP_IO, .u.io = { __VA_ARGS__ } }
#define SIZES(address, operand)						\
	.address_size = address, .operand_size = operand
#define AT(name)	.seg = SIM_SEG_##name

static const struct row ports[] = {
	{ "IN AL, 0x60", REAL, 0, BYTES(0xE4, 0x60), PORT(.in = true,
	    .port = 0x60, AT(DS), SIZES(2, 1)) },
	{ "OUT DX, EAX", LONG, 0, BYTES(0xEF), .in = { R(RDX, 0x1234CF8) },
	    PORT(.port = 0x4CF8, AT(DS), SIZES(8, 4)) },
	{ "OUT DX, AX", PROT, 0, BYTES(0x66, 0xEF), .in = { R(RDX, 0x80) },
	    PORT(.port = 0x80, AT(DS), SIZES(4, 2)) },
	{ "REP OUTSB with a segment", PROT, 0, BYTES(0xF3, 0x2E, 0x6E),
	    .in = { R(RDX, 0x3F8), R(RCX, 5) }, PORT(.rep = true,
	    .str = true, .port = 0x3F8, AT(CS), SIZES(4, 1)) },
	{ "INSW of a user who may", PROT, 3, BYTES(0x66, 0x6D),
	    .in = { R(RDX, PORT_FIRST) }, PORT(.in = true, .str = true,
	    .port = PORT_FIRST, AT(ES), SIZES(4, 2)) },
	{ "REP INSD of nothing: the VMM finds out", PROT, 0,
	    BYTES(0xF3, 0x6D), .in = { R(RCX, 0), R(RDX, 0x1F0) },
	    PORT(.in = true, .rep = true, .str = true, .port = 0x1F0, AT(ES),
	    SIZES(4, 4)) },
	{ "IN of a user who may not", PROT, 3, BYTES(0xE4, 0x60),
	    .end = FAULTS, .vector = 13 },
	{ "IN whose second port is not allowed", PROT, 3, BYTES(0xED),
	    .in = { R(RDX, PORT_LAST) }, .end = FAULTS, .vector = 13 },
	{ "OUT beyond the map", LONG, 3, BYTES(0xEE),
	    .in = { R(RDX, 0x1000) }, .end = FAULTS, .vector = 13 },
	{ "OUT of a user with IOPL 3", LONG, 3, BYTES(0xEE),
	    .in = { R(RDX, 0x1000), R(RFLAGS, IOPL3) },
	    PORT(.port = 0x1000, AT(DS), SIZES(8, 1)) },
};

const struct row_table move_tables[] = {
	ROW_TABLE(moves), ROW_TABLE(flags), ROW_TABLE(ports), { NULL, 0 }
};

START_TEST(moves_do_what_their_rows_say)
{
	row_check(&moves[_i]);
}
END_TEST

START_TEST(one_flag_changes)
{
	row_check(&flags[_i]);
}
END_TEST

START_TEST(ports_leave_the_guest)
{
	row_check(&ports[_i]);
}
END_TEST

Suite *
move_suite(void)
{
	Suite *suite = suite_create("move");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, moves_do_what_their_rows_say, 0,
	    ROWS(moves));
	tcase_add_loop_test(tcase, one_flag_changes, 0, ROWS(flags));
	tcase_add_loop_test(tcase, ports_leave_the_guest, 0, ROWS(ports));
	suite_add_tcase(suite, tcase);
	return suite;
}
