/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of more than a word: CMPXCHG8B and CMPXCHG16B, environment and
 * image of the x87 unit.
 */
#include "guest.h"

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define UD		.end = FAULTS, .vector = 6
#define NM		.end = FAULTS, .vector = 7
#define MF		.end = FAULTS, .vector = 16

#define CMPXCHG8B	BYTES(0x0F, 0xC7, 0x0F)		/* [RDI] */
#define LOCK_8B		BYTES(0xF0, 0x0F, 0xC7, 0x0F)
#define CMPXCHG16B	BYTES(0x48, 0x0F, 0xC7, 0x0F)
#define LOCK_16B	BYTES(0xF0, 0x48, 0x0F, 0xC7, 0x0F)

#define ZF_SET		R(RFLAGS, 0x42)
#define ZF_CLEAR	R(RFLAGS, 0x02)

/* Expected: 11111111'22222222, and to come: 33333333'44444444. */
#define OLD_8		0x1111111122222222ULL
#define NEW_8		0x3333333344444444ULL
#define REGISTERS_8							\
	R(RDX, 0x11111111), R(RAX, 0x22222222),				\
	R(RCX, 0x33333333), R(RBX, 0x44444444)
#define SWAPS_8(name, mode, code, at)					\
	{ name, mode, 0, code, .in = { REGISTERS_8, R(RDI, at),		\
	    M(8, at, OLD_8) }, .out = { M(8, at, NEW_8), ZF_SET } }
#define DIFFERS_8(name, mode, code, at)					\
	{ name, mode, 0, code, .in = { REGISTERS_8, R(RDI, at), ZF_SET,	\
	    M(8, at, 0x5555555566666666ULL) },				\
	    .out = { R(RDX, 0x55555555), R(RAX, 0x66666666), ZF_CLEAR } }

#define OLD_16(at)	M(8, at, OLD_8), M(8, (at) + 8, ~OLD_8)
#define NEW_16(at)	M(8, at, NEW_8), M(8, (at) + 8, ~NEW_8)
#define REGISTERS_16							\
	R(RAX, OLD_8), R(RDX, ~OLD_8), R(RBX, NEW_8), R(RCX, ~NEW_8)

static const struct row exchanges[] = {
	SWAPS_8("CMPXCHG8B", PROT, CMPXCHG8B, DATA),
	SWAPS_8("CMPXCHG8B, locked", PROT, LOCK_8B, DATA),
	SWAPS_8("CMPXCHG8B of long mode", LONG, CMPXCHG8B, DATA),
	SWAPS_8("CMPXCHG8B, not aligned", PROT, LOCK_8B, DATA + 3),
	SWAPS_8("CMPXCHG8B across pages", LONG, CMPXCHG8B, 0x4FFD),
	SWAPS_8("CMPXCHG8B across pages, locked", LONG, LOCK_8B, 0x4FFD),
	DIFFERS_8("CMPXCHG8B that differs", PROT, CMPXCHG8B, DATA),
	DIFFERS_8("CMPXCHG8B that differs, locked", LONG, LOCK_8B, DATA),
	DIFFERS_8("CMPXCHG8B that differs across pages", LONG, LOCK_8B,
	    0x4FFD),
	{ "CMPXCHG8B beyond DS", PROT, 0, CMPXCHG8B,
	    .in = { R(RDI, DATA), LIMIT(DS, DATA + 6) }, GP(0) },
	{ "CMPXCHG8B of a register", PROT, 0, BYTES(0x0F, 0xC7, 0xCF), UD },

	{ "CMPXCHG16B", LONG, 0, CMPXCHG16B,
	    .in = { REGISTERS_16, R(RDI, DATA), OLD_16(DATA) },
	    .out = { NEW_16(DATA), ZF_SET } },
	{ "CMPXCHG16B, locked", LONG, 0, LOCK_16B,
	    .in = { REGISTERS_16, R(RDI, DATA), OLD_16(DATA) },
	    .out = { NEW_16(DATA), ZF_SET } },
	{ "CMPXCHG16B whose low half differs", LONG, 0, LOCK_16B,
	    .in = { REGISTERS_16, R(RDI, DATA), OLD_16(DATA),
	    M(1, DATA, 0), ZF_SET },
	    .out = { R(RAX, OLD_8 & ~0xFFULL), ZF_CLEAR } },
	{ "CMPXCHG16B whose high half differs", LONG, 0, CMPXCHG16B,
	    .in = { REGISTERS_16, R(RDI, DATA), OLD_16(DATA),
	    M(8, DATA + 8, 7), ZF_SET },
	    .out = { R(RDX, 7), ZF_CLEAR } },
	{ "CMPXCHG16B, not aligned", LONG, 0, CMPXCHG16B,
	    .in = { R(RDI, DATA + 8) }, GP(0) },
	{ "CMPXCHG16B of no canonical address", LONG, 0, CMPXCHG16B,
	    .in = { R(RDI, 1ULL << 50) }, GP(0) },
	{ "CMPXCHG16B of a hole", LONG, 0, CMPXCHG16B,
	    .in = { R(RDI, HOLE) }, HOLE_STOP(WRITE, HOLE, 16) },
};

#define CR0_TS		CR(CR0, 0x39)
#define CR0_EM		CR(CR0, 0x35)
#define CW(value)	FX(2, 0, value)
#define SW(value)	FX(2, 2, value)
#define TW(value)	FX(1, 4, value)
#define PENDING		CW(0x37E), SW(0x8081)	/* invalid operation */

#define FNSTENV		BYTES(0xD9, 0x33)	/* [RBX] */
#define FLDENV		BYTES(0xD9, 0x23)
#define FXSAVE		BYTES(0x0F, 0xAE, 0x03)
#define FXRSTOR		BYTES(0x0F, 0xAE, 0x0B)
#define IMAGE_PROT	288			/* eight XMM registers */
#define IMAGE_LONG	416

/* A physical register's significand, and exponent with sign. */
#define REGISTER(i, significand, exponent)				\
	MM(i, significand), FX(2, 40 + (i) * 16, exponent)

static const struct row environments[] = {
	{ "FNSTENV masks exceptions, ES goes", PROT, 0, FNSTENV,
	    .in = { R(RBX, DATA), PENDING, FX(2, 6, 0x123),
	    FX(4, 8, 0x1234), FX(2, 12, 0x08), FX(4, 16, 0x5678),
	    FX(2, 20, 0x10) },
	    .out = { M(4, DATA, 0xFFFF037E), M(4, DATA + 4, 0xFFFF8081),
	    M(4, DATA + 8, 0xFFFFFFFF), M(4, DATA + 12, 0x1234),
	    M(4, DATA + 16, 0x01230008), M(4, DATA + 20, 0x5678),
	    M(4, DATA + 24, 0xFFFF0010), CW(0x37F), SW(0x0001) } },
	{ "FNSTENV: tags valid, zero, and special", PROT, 0, FNSTENV,
	    .in = { R(RBX, DATA), TW(0x1F), REGISTER(0, 1ULL << 63, 0x3FFF),
	    REGISTER(1, 0, 0x8000), REGISTER(2, 5, 0x7FFF),
	    REGISTER(3, 5, 0), REGISTER(4, 5, 0x3FFF) },
	    .out = { M(4, DATA, 0xFFFF037F), M(4, DATA + 4, 0xFFFF0000),
	    M(4, DATA + 8, 0xFFFFFEA4), M(8, DATA + 12, 0),
	    M(4, DATA + 20, 0), M(4, DATA + 24, 0xFFFF0000) } },
	{ "FNSTENV of 16 bits", PROT, 0, BYTES(0x66, 0xD9, 0x33),
	    .in = { R(RBX, DATA), FX(4, 8, 0x1234), FX(2, 12, 0x08) },
	    .out = { M(2, DATA, 0x37F), M(2, DATA + 2, 0),
	    M(2, DATA + 4, 0xFFFF), M(2, DATA + 6, 0x1234),
	    M(2, DATA + 8, 0x08) } },
	{ "FNSTENV without the unit", PROT, 0, FNSTENV, .in = { CR0_TS }, NM },
	{ "FNSTENV beyond DS", PROT, 0, FNSTENV,
	    .in = { R(RBX, DATA), LIMIT(DS, DATA + 26) }, GP(0) },
	{ "FLDENV", PROT, 0, FLDENV,
	    .in = { R(RBX, DATA), M(4, DATA, 0xFFFFE2BF),
	    M(4, DATA + 4, 0x4700), M(4, DATA + 8, 0xFF3C),
	    M(4, DATA + 12, 0x1234), M(4, DATA + 16, 0xF9230008),
	    M(4, DATA + 20, 0x5678), M(4, DATA + 24, 0xFFFF0010) },
	    .out = { CW(0x27F), SW(0x4700), TW(0x09), FX(2, 6, 0x123),
	    FX(4, 8, 0x1234), FX(2, 12, 0x08), FX(4, 16, 0x5678),
	    FX(2, 20, 0x10) } },
	{ "FLDENV makes an exception pend", PROT, 0, FLDENV,
	    .in = { R(RBX, DATA), M(4, DATA, 0x37E), M(4, DATA + 4, 1),
	    M(4, DATA + 8, 0xFFFF) }, .out = { PENDING } },
	{ "FLDENV with an exception pending", PROT, 0, FLDENV,
	    .in = { R(RBX, DATA), PENDING }, MF },
	{ "FLDENV without the unit", PROT, 0, FLDENV, .in = { CR0_TS }, NM },
	{ "FLDENV beyond DS", PROT, 0, FLDENV,
	    .in = { R(RBX, DATA), LIMIT(DS, DATA + 26) }, GP(0) },

	{ "FXSAVE", PROT, 0, FXSAVE, .in = { R(RBX, DATA) },
	    .out = { IMAGE(IMAGE_PROT, DATA) } },
	{ "FXSAVE of 64-bit mode", LONG, 0, FXSAVE, .in = { R(RBX, DATA) },
	    .out = { IMAGE(IMAGE_LONG, DATA) } },
	{ "FXSAVE across pages", LONG, 0, FXSAVE, .in = { R(RBX, 0x4FF0) },
	    .out = { IMAGE(IMAGE_LONG, 0x4FF0) } },
	{ "FXSAVE, not aligned", PROT, 0, FXSAVE, .in = { R(RBX, DATA + 8) },
	    GP(0) },
	{ "FXSAVE beyond DS", PROT, 0, FXSAVE,
	    .in = { R(RBX, DATA), LIMIT(DS, DATA + 510) }, GP(0) },
	{ "FXSAVE without the unit", PROT, 0, FXSAVE,
	    .in = { R(RBX, DATA), CR0_TS }, NM },
	{ "FXRSTOR of other values", LONG, 0, FXRSTOR,
	    .in = { R(RBX, 0x4FF0), IMAGE(IMAGE_LONG, 0x4FF0),
	    M(8, 0x4FF0 + 160, 0x1234), M(4, 0x4FF0 + 28, 0) },
	    .out = { X(0, 0, 0x1234) } },
	{ "FXRSTOR of an invalid MXCSR", LONG, 0, FXRSTOR,
	    .in = { R(RBX, DATA), M(4, DATA + 24, 0x10000) }, GP(0) },
	{ "FXRSTOR, not aligned", PROT, 0, FXRSTOR,
	    .in = { R(RBX, DATA + 8) }, GP(0) },

	{ "FNINIT without the unit", PROT, 0, BYTES(0xDB, 0xE3),
	    .in = { CR0_EM }, NM },
	{ "FNCLEX", PROT, 0, BYTES(0xDB, 0xE2),
	    .in = { CW(0x37E), SW(0xC7FF) }, .out = { SW(0x4700) } },
	{ "FNCLEX without the unit", PROT, 0, BYTES(0xDB, 0xE2),
	    .in = { CR0_TS }, NM },
	{ "FLDCW with an exception pending", PROT, 0, BYTES(0xD9, 0x2B),
	    .in = { R(RBX, DATA), PENDING }, MF },
	{ "FLDCW unmasks", PROT, 0, BYTES(0xD9, 0x2B),
	    .in = { R(RBX, DATA), M(2, DATA, 0xE33E), SW(0x0001) },
	    .out = { PENDING } },
	{ "FNOP with an exception pending", PROT, 0, BYTES(0xD9, 0xD0),
	    .in = { PENDING }, MF },
	{ "FWAIT under MP and TS", PROT, 0, BYTES(0x9B),
	    .in = { CR(CR0, 0x3B) }, NM },
	{ "FWAIT under TS alone", PROT, 0, BYTES(0x9B), .in = { CR0_TS } },
	{ "EMMS", PROT, 0, BYTES(0x0F, 0x77), .in = { TW(0xFF) },
	    .out = { TW(0) } },
	{ "EMMS under EM", PROT, 0, BYTES(0x0F, 0x77), .in = { CR0_EM }, UD },
	{ "EMMS under TS", PROT, 0, BYTES(0x0F, 0x77), .in = { CR0_TS }, NM },
	{ "EMMS with an exception pending", PROT, 0, BYTES(0x0F, 0x77),
	    .in = { PENDING }, MF },
};

const struct row_table wide_tables[] = {
	ROW_TABLE(exchanges), ROW_TABLE(environments), { NULL, 0 }
};

START_TEST(exchange)
{
	row_check(&exchanges[_i]);
}
END_TEST

START_TEST(environment)
{
	row_check(&environments[_i]);
}
END_TEST

Suite *
wide_suite(void)
{
	Suite *suite = suite_create("wide operands");
	TCase *tcase = tcase_create("wide operands");

	tcase_add_loop_test(tcase, exchange, 0, ROWS(exchanges));
	tcase_add_loop_test(tcase, environment, 0, ROWS(environments));
	suite_add_tcase(suite, tcase);
	return suite;
}
