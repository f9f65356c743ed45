/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single steps and breakpoints.
 */
#include "guest.h"

/* The handler of #DB, by real mode's vector 1. */
#define HANDLER		M(4, 4, 0x01800010)
#define IN_HANDLER(flags, ip)						\
	R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),		\
	R(RFLAGS, (flags) & ~0x100), R(RSP, STACK - 6),			\
	M(2, STACK - 2, flags), M(2, STACK - 4, 0), M(2, STACK - 6, ip)

#define NOP		BYTES(0x90)
#define STORE		BYTES(0xA2, 0x00, 0x40)		/* MOV [DATA], AL */
#define LOAD		BYTES(0xA0, 0x00, 0x40)
#define STORE_3		BYTES(0xA2, 0x03, 0x40)

/* DR7: breakpoint n on; what it waits for; bytes. */
#define ON(n)		(1ULL << ((n) * 2))
#define EXECUTE(n)	0ULL
#define WRITE(n)	(1ULL << (16 + (n) * 4))
#define ACCESS(n)	(3ULL << (16 + (n) * 4))
#define FOUR(n)		(3ULL << (18 + (n) * 4))

static const struct row rows[] = {
	{ "TF traps behind the instruction", REAL, 0, NOP,
	    .in = { HANDLER, R(RFLAGS, 0x102) },
	    .out = { IN_HANDLER(0x102, CODE + 1), DR(DR6, 0x4000) } },
	{ "TF that POPF sets counts from the next one on", REAL, 0,
	    BYTES(0x9D), .in = { M(2, STACK, 0x102) },
	    .out = { R(RFLAGS, 0x102), R(RSP, STACK + 2) } },
	{ "TF that POPF clears traps once more", REAL, 0, BYTES(0x9D),
	    .in = { HANDLER, M(2, STACK, 0x2), R(RFLAGS, 0x102) },
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),
	    R(RFLAGS, 2), R(RSP, STACK - 4), M(2, STACK, 0x2),
	    M(2, STACK - 2, 0), M(2, STACK - 4, CODE + 1),
	    DR(DR6, 0x4000) } },
	{ "a load of SS holds the trap off", REAL, 0, BYTES(0x8E, 0xD0),
	    .in = { R(RFLAGS, 0x102), R(RAX, 0) },
	    .out = { R(RFLAGS, 0x102), SHADOW(1) } },
	{ "a code breakpoint comes before the instruction", REAL, 0, NOP,
	    .in = { HANDLER, R(RFLAGS, 2), DR(DR0, CODE),
	    DR(DR7, ON(0) | EXECUTE(0)) },
	    .out = { IN_HANDLER(2, CODE), DR(DR6, 1) } },
	{ "RF passes a code breakpoint once", REAL, 0, NOP,
	    .in = { R(RFLAGS, 0x10002), DR(DR0, CODE), DR(DR7, ON(0)) },
	    .out = { R(RFLAGS, 2) } },
	{ "a code breakpoint elsewhere is none", REAL, 0, NOP,
	    .in = { R(RFLAGS, 2), DR(DR0, CODE + 0x100), DR(DR7, ON(0)) },
	    .out = { R(RFLAGS, 2) } },
	{ "one that is not on is none", REAL, 0, NOP,
	    .in = { R(RFLAGS, 2), DR(DR0, CODE), DR(DR7, ON(1)) },
	    .out = { R(RFLAGS, 2) } },
	{ "a store hits a breakpoint on writes", REAL, 0, STORE,
	    .in = { HANDLER, R(RFLAGS, 2), R(RAX, 0x5A), DR(DR1, DATA),
	    DR(DR7, ON(1) | WRITE(1)) },
	    .out = { IN_HANDLER(2, CODE + 3), M(1, DATA, 0x5A),
	    DR(DR6, 2) } },
	{ "a load does not", REAL, 0, LOAD,
	    .in = { R(RFLAGS, 2), R(RAX, 0), M(1, DATA, 0x11),
	    DR(DR1, DATA), DR(DR7, ON(1) | WRITE(1)) },
	    .out = { R(RAX, 0x11) } },
	{ "a load hits a breakpoint on accesses", REAL, 0, LOAD,
	    .in = { HANDLER, R(RFLAGS, 2), R(RAX, 0), M(1, DATA, 0x11),
	    DR(DR3, DATA), DR(DR7, ON(3) | ACCESS(3)) },
	    .out = { IN_HANDLER(2, CODE + 3), R(RAX, 0x11),
	    DR(DR6, 8) } },
	{ "four bytes are watched as one", REAL, 0, STORE_3,
	    .in = { HANDLER, R(RFLAGS, 2), R(RAX, 0x5A), DR(DR2, DATA),
	    DR(DR7, ON(2) | WRITE(2) | FOUR(2)) },
	    .out = { IN_HANDLER(2, CODE + 3), M(1, DATA + 3, 0x5A),
	    DR(DR6, 4) } },
	{ "the byte behind them is not", REAL, 0, STORE_3,
	    .in = { R(RFLAGS, 2), R(RAX, 0x5A), DR(DR2, DATA + 4),
	    DR(DR7, ON(2) | WRITE(2) | FOUR(2)) },
	    .out = { M(1, DATA + 3, 0x5A) } },
	{ "a step that hits tells both", REAL, 0, STORE,
	    .in = { HANDLER, R(RFLAGS, 0x102), R(RAX, 0x5A), DR(DR1, DATA),
	    DR(DR7, ON(1) | WRITE(1)) },
	    .out = { IN_HANDLER(0x102, CODE + 3), M(1, DATA, 0x5A),
	    DR(DR6, 0x4002) } },
	{ "MOV to DR7 turns a breakpoint on", PROT, 0,
	    BYTES(0x0F, 0x23, 0xF8), .in = { R(RAX, 0x1) },
	    .out = { DR(DR7, 0x401) } },
};

const struct row_table debug_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(debug)
{
	row_check(&rows[_i]);
}
END_TEST

Suite *
debug_suite(void)
{
	Suite *suite = suite_create("debug");
	TCase *tcase = tcase_create("debug");

	tcase_add_loop_test(tcase, debug, 0, ROWS(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
