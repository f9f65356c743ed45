/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Near control transfers.
 */
#include "guest.h"

#define CF	0x003
#define ZF	0x042
#define THERE	0x1800U
#define BACK	0x0F80U

static const struct row rows[] = {
	{ "JMP backwards", LONG, 0, BYTES(0xE9, 0x7B, 0xFF, 0xFF, 0xFF),
	    .out = { R(RIP, BACK) } },
	{ "JMP of 16 bits truncates", PROT, 0, BYTES(0x66, 0xE9, 0xFC, 0x07),
	    .out = { R(RIP, THERE) } },
	{ "JMP by a register", LONG, 0, BYTES(0xFF, 0xE0),
	    .in = { R(RAX, THERE) }, .out = { R(RIP, THERE) } },
	{ "JMP by memory", PROT, 0, BYTES(0xFF, 0x23), .in = { R(RBX, DATA),
	    M(4, DATA, THERE) }, .out = { R(RIP, THERE) } },
	{ "JMP to no canonical address", LONG, 0, BYTES(0xFF, 0xE0),
	    .in = { R(RAX, 1ULL << 63) }, .end = FAULTS, .vector = 13 },
	{ "JMP beyond CS's limit", PROT, 0, BYTES(0xFF, 0xE0),
	    .in = { R(RAX, 0x8000), LIMIT(CS, 0x7FFF) },
	    .end = FAULTS, .vector = 13 },
	{ "JMP by a hole", LONG, 0, BYTES(0xFF, 0x24, 0x25, 0, 0, 1, 0),
	    .end = STOPS, .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_READ, .gpa = HOLE, .size = 8 } } },
	{ "CALL", LONG, 0, BYTES(0xE8, 0xFB, 0x07, 0, 0),
	    .out = { R(RIP, THERE), R(RSP, STACK - 8),
	    M(8, STACK - 8, CODE + 5) } },
	{ "CALL of 16 bits", REAL, 0, BYTES(0xE8, 0xFD, 0x07),
	    .out = { R(RIP, THERE), R(RSP, STACK - 2),
	    M(2, STACK - 2, CODE + 3) } },
	{ "CALL by RSP takes the address before the push", LONG, 0,
	    BYTES(0xFF, 0x14, 0x24), .in = { M(8, STACK, THERE) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 8),
	    M(8, STACK - 8, CODE + 3) } },
	{ "CALL to no canonical address pushes nothing", LONG, 0,
	    BYTES(0xFF, 0xD0), .in = { R(RAX, 1ULL << 47) },
	    .end = FAULTS, .vector = 13 },
	{ "CALL with the stack in a hole", LONG, 0, BYTES(0xFF, 0xD0),
	    .in = { R(RAX, THERE), R(RSP, HOLE + 8) }, .end = STOPS,
	    .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_WRITE, .gpa = HOLE, .size = 8 } } },
	{ "RET", LONG, 0, BYTES(0xC3), .in = { M(8, STACK, THERE) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 8) } },
	{ "RET that drops arguments", PROT, 0, BYTES(0xC2, 8, 0x80),
	    .in = { M(4, STACK, THERE) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 0x800C) } },
	{ "RET to no canonical address", LONG, 0, BYTES(0xC3),
	    .in = { M(8, STACK, 1ULL << 62) }, .end = FAULTS, .vector = 13 },
	{ "JC taken", LONG, 0, BYTES(0x0F, 0x82, 0xFA, 0x07, 0, 0),
	    .in = { R(RFLAGS, CF) }, .out = { R(RIP, THERE) } },
	{ "JC not taken", LONG, 0, BYTES(0x72, 0x10) },
	{ "Jcc not taken may lead beyond the limit", PROT, 0,
	    BYTES(0x0F, 0x82, 0, 0, 0, 0x70), .in = { LIMIT(CS, 0x7FFF) } },
	{ "Jcc taken may not", PROT, 0, BYTES(0x0F, 0x83, 0, 0, 0, 0x70),
	    .in = { LIMIT(CS, 0x7FFF) }, .end = FAULTS, .vector = 13 },
	{ "JRCXZ", LONG, 0, BYTES(0xE3, 0x10), .in = { R(RCX, 0) },
	    .out = { R(RIP, CODE + 0x12) } },
	{ "JECXZ in 64-bit code", LONG, 0, BYTES(0x67, 0xE3, 0x10),
	    .in = { R(RCX, 1ULL << 32) }, .out = { R(RIP, CODE + 0x13) } },
	{ "JCXZ of a wider RCX", REAL, 0, BYTES(0xE3, 0x10),
	    .in = { R(RCX, 0x10000) }, .out = { R(RIP, CODE + 0x12) } },
	{ "LOOP", LONG, 0, BYTES(0xE2, 0x10), .in = { R(RCX, 2) },
	    .out = { R(RCX, 1), R(RIP, CODE + 0x12) } },
	{ "LOOP ends at 0", LONG, 0, BYTES(0xE2, 0x10), .in = { R(RCX, 1) },
	    .out = { R(RCX, 0) } },
	{ "LOOP by CX wraps", REAL, 0, BYTES(0xE2, 0x10),
	    .in = { R(RCX, 0x10000) },
	    .out = { R(RCX, 0x1FFFF), R(RIP, CODE + 0x12) } },
	{ "LOOPE without ZF", LONG, 0, BYTES(0xE1, 0x10), .in = { R(RCX, 9)
	    }, .out = { R(RCX, 8) } },
	{ "LOOPE with ZF", LONG, 0, BYTES(0xE1, 0x10), .in = { R(RCX, 9),
	    R(RFLAGS, ZF) }, .out = { R(RCX, 8), R(RIP, CODE + 0x12) } },
	{ "LOOPNE with ZF", LONG, 0, BYTES(0xE0, 0x10), .in = { R(RCX, 9),
	    R(RFLAGS, ZF) }, .out = { R(RCX, 8) } },
	{ "LOOP that cannot jump does not count", PROT, 0,
	    BYTES(0xE2, 0x7F), .in = { R(RCX, 9), LIMIT(CS, CODE + 0x10) },
	    .end = FAULTS, .vector = 13 },
};

const struct row_table control_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(transfers_go_where_their_rows_say)
{
	row_check(&rows[_i]);
}
END_TEST

Suite *
control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, transfers_go_where_their_rows_say, 0,
	    ROWS(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
