/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack.
 */
#include "guest.h"

#define IOPL3	0x3002
#define TOP(size)	(STACK - (size))

static const struct row rows[] = {
	{ "PUSH RSP pushes the old one", LONG, 0, BYTES(0x54),
	    .out = { R(RSP, TOP(8)), M(8, TOP(8), STACK) } },
	{ "PUSH of a sign-extended byte", LONG, 0, BYTES(0x6A, 0x80),
	    .out = { R(RSP, TOP(8)), M(8, TOP(8), -128ULL) } },
	{ "PUSH of 16 bits in 64-bit code", LONG, 0, BYTES(0x66, 0x50),
	    .in = { R(RAX, 0x1234) },
	    .out = { R(RSP, TOP(2)), M(2, TOP(2), 0x1234) } },
	{ "PUSH of memory by RSP", LONG, 0, BYTES(0xFF, 0x74, 0x24, 8),
	    .in = { M(8, STACK + 8, 0x55) },
	    .out = { R(RSP, TOP(8)), M(8, TOP(8), 0x55) } },
	{ "PUSH FS", LONG, 0, BYTES(0x0F, 0xA0), .in = { M(8, TOP(8), -1ULL)
	    }, .out = { R(RSP, TOP(8)), M(8, TOP(8), SEL_DATA) } },
	{ "PUSH keeps what SP is not", REAL, 0, BYTES(0x50),
	    .in = { R(RSP, 0xABCD3000), R(RAX, 0x77) },
	    .out = { R(RSP, 0xABCD2FFE), M(2, TOP(2), 0x77) } },
	{ "PUSH wraps at 0", REAL, 0, BYTES(0x50), .in = { R(RSP, 0),
	    R(RAX, 0x77) }, .out = { R(RSP, 0xFFFE), M(2, 0xFFFE, 0x77) } },
	{ "PUSH into a hole", LONG, 0, BYTES(0x50), .in = { R(RSP, HOLE + 8)
	    }, HOLE_STOP(WRITE, HOLE, 8) },
	{ "PUSH from a hole", LONG, 0,
	    BYTES(0xFF, 0x34, 0x25, 0, 0, 1, 0), HOLE_STOP(READ, HOLE, 8) },
	{ "POP RSP", LONG, 0, BYTES(0x5C), .in = { M(8, STACK, 0x1230) },
	    .out = { R(RSP, 0x1230) } },
	{ "POP to memory by RSP as it is then", LONG, 0,
	    BYTES(0x8F, 0x04, 0x24),
	    .in = { M(8, STACK, 0x55), M(8, STACK + 8, 0) },
	    .out = { R(RSP, STACK + 8), M(8, STACK + 8, 0x55) } },
	{ "POP to a hole", LONG, 0, BYTES(0x8F, 0x04, 0x25, 0, 0, 1, 0),
	    HOLE_STOP(WRITE, HOLE, 8) },
	{ "POP from a hole", LONG, 0, BYTES(0x58), .in = { R(RSP, HOLE) },
	    HOLE_STOP(READ, HOLE, 8) },
	{ "POP ES", REAL, 0, BYTES(0x07), .in = { M(2, STACK, 0x123) },
	    .out = { R(RSP, STACK + 2), SELECTOR(ES, 0x123),
	    BASE(ES, 0x1230) } },
	{ "POP DS of an absent segment", PROT, 0, BYTES(0x1F),
	    .in = { M(4, STACK, SEL_ABSENT) }, .end = FAULTS, .vector = 11,
	    .error = SEL_ABSENT },
	{ "PUSHA", REAL, 0, BYTES(0x60), .in = { R(RAX, 1), R(RCX, 2),
	    R(RDX, 3), R(RBX, 4), R(RBP, 6), R(RSI, 7), R(RDI, 8) },
	    .out = { R(RSP, TOP(16)), M(8, TOP(8), 0x0001000200030004),
	    M(8, TOP(16), 0x3000000600070008) } },
	{ "PUSHAD into a hole changes nothing", PROT, 0, BYTES(0x60),
	    .in = { R(RSP, HOLE + 8) }, HOLE_STOP(WRITE, HOLE + 4, 4) },
	{ "POPA leaves SP alone", REAL, 0, BYTES(0x61),
	    .in = { M(8, STACK, 0x1111555500070008),
	    M(8, STACK + 8, 0x0001000200030004), R(RAX, 0), R(RCX, 0),
	    R(RDX, 0), R(RBX, 0), R(RBP, 0), R(RSI, 0), R(RDI, 0) },
	    .out = { R(RSP, STACK + 16), R(RDI, 8), R(RSI, 7),
	    R(RBP, 0x5555), R(RBX, 4), R(RDX, 3), R(RCX, 2), R(RAX, 1) } },
	{ "PUSHF", REAL, 0, BYTES(0x9C), .in = { R(RFLAGS, 0x40ED7) },
	    .out = { R(RSP, TOP(2)), M(2, TOP(2), 0x0ED7) } },
	{ "PUSHFQ", LONG, 0, BYTES(0x9C), .in = { R(RFLAGS, 0x240ED7) },
	    .out = { R(RSP, TOP(8)), M(8, TOP(8), 0x240ED7) } },
	{ "POPFQ of all", LONG, 0, BYTES(0x9D),
	    .in = { M(8, STACK, 0xFFFFFFFFFFFDFEFF) },
	    .out = { R(RSP, STACK + 8), R(RFLAGS, 0x247ED7) } },
	{ "POPF of a user changes neither IF nor IOPL", PROT, 3,
	    BYTES(0x9D), .in = { M(4, STACK, 0x3203), R(RFLAGS, 2) },
	    .out = { R(RSP, STACK + 4), R(RFLAGS, 3) } },
	{ "POPF of a user with IOPL 3 changes IF", PROT, 3, BYTES(0x9D),
	    .in = { M(4, STACK, 0x0203), R(RFLAGS, IOPL3) },
	    .out = { R(RSP, STACK + 4), R(RFLAGS, IOPL3 | 0x201) } },
	{ "POPF of 16 bits keeps ID and AC", LONG, 0, BYTES(0x66, 0x9D),
	    .in = { M(2, STACK, 1), R(RFLAGS, 0x240002) },
	    .out = { R(RSP, STACK + 2), R(RFLAGS, 0x240003) } },
	{ "ENTER", LONG, 0, BYTES(0xC8, 0x20, 0, 0),
	    .in = { R(RBP, 0x1111) }, .out = { M(8, TOP(8), 0x1111),
	    R(RBP, TOP(8)), R(RSP, TOP(0x28)) } },
	{ "ENTER of level 3", PROT, 0, BYTES(0xC8, 4, 0, 3),
	    .in = { R(RBP, 0x2010), M(8, 0x2008, 0x000000AA000000BB) },
	    .out = { M(4, TOP(4), 0x2010), M(4, TOP(8), 0xAA),
	    M(4, TOP(12), 0xBB), M(4, TOP(16), TOP(4)), R(RBP, TOP(4)),
	    R(RSP, TOP(20)) } },
	{ "ENTER whose frame ends in a hole", PROT, 0,
	    BYTES(0xC8, 0, 0, 2), .in = { R(RBP, HOLE + 4) },
	    HOLE_STOP(READ, HOLE, 4) },
	{ "LEAVE", LONG, 0, BYTES(0xC9), .in = { R(RBP, 0x2000),
	    M(8, 0x2000, 0x99) }, .out = { R(RBP, 0x99), R(RSP, 0x2008) } },
	{ "LEAVE from a hole", LONG, 0, BYTES(0xC9), .in = { R(RBP, HOLE) },
	    HOLE_STOP(READ, HOLE, 8) },
	{ "PUSH beyond SS's limit", PROT, 0, BYTES(0x50),
	    .in = { LIMIT(SS, STACK), R(RSP, STACK + 8) },
	    .end = STOPS, .stop = { .kind = SIM_STOP_SHUTDOWN } },
};

const struct row_table stack_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(the_stack_is_used_as_its_rows_say)
{
	row_check(&rows[_i]);
}
END_TEST

Suite *
stack_suite(void)
{
	Suite *suite = suite_create("stack");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, the_stack_is_used_as_its_rows_say, 0,
	    ROWS(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
