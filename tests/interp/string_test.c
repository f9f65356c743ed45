/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * String instructions and their repetition.
 */
#include "guest.h"

#define ZF	0x46		/* of equal operands: PF too */
#define DF	0x402
#define TO	(DATA + 0x800)

static const struct row rows[] = {
	{ "MOVSB", LONG, 0, BYTES(0xA4), .in = { R(RSI, DATA), R(RDI, TO),
	    M(1, DATA, 0x11) }, .out = { M(1, TO, 0x11), R(RSI, DATA + 1),
	    R(RDI, TO + 1) } },
	{ "MOVSD is not SSE's", PROT, 0, BYTES(0xA5), .in = { R(RSI, DATA),
	    R(RDI, TO), M(4, DATA, 0x11223344) }, .out = {
	    M(4, TO, 0x11223344), R(RSI, DATA + 4), R(RDI, TO + 4) } },
	{ "MOVSQ backwards", LONG, 0, BYTES(0x48, 0xA5), .in = {
	    R(RFLAGS, DF), R(RSI, DATA), R(RDI, TO), M(8, DATA, 0x55) },
	    .out = { M(8, TO, 0x55), R(RSI, DATA - 8), R(RDI, TO - 8) } },
	{ "MOVSW from another segment", REAL, 0, BYTES(0x64, 0xA5),
	    .in = { BASE(FS, DATA), R(RSI, 2), R(RDI, TO),
	    M(2, DATA + 2, 0x4321) },
	    .out = { M(2, TO, 0x4321), R(RSI, 4), R(RDI, TO + 2) } },
	{ "MOVSB with 32-bit addresses", LONG, 0, BYTES(0x67, 0xA4),
	    .in = { R(RSI, 0x100000000 | DATA), R(RDI, TO), M(1, DATA, 7) },
	    .out = { M(1, TO, 7), R(RSI, DATA + 1), R(RDI, TO + 1) } },
	{ "REP MOVSB in bulk", LONG, 0, BYTES(0xF3, 0xA4),
	    .in = { R(RSI, DATA), R(RDI, TO), R(RCX, 0x300),
	    M(8, DATA, 0x1122334455667788), M(1, DATA + 0x2FF, 0x99) },
	    .out = { R(RSI, DATA + 0x300), R(RDI, TO + 0x300), R(RCX, 0),
	    M(8, TO, 0x1122334455667788), M(1, TO + 0x2FF, 0x99) } },
	{ "REP MOVSB that reads what it wrote", LONG, 0, BYTES(0xF3, 0xA4),
	    .in = { R(RSI, DATA), R(RDI, DATA + 1), R(RCX, 16),
	    M(1, DATA, 0x5A) },
	    .out = { R(RSI, DATA + 16), R(RDI, DATA + 17), R(RCX, 0),
	    M(8, DATA, 0x5A5A5A5A5A5A5A5A),
	    M(8, DATA + 8, 0x5A5A5A5A5A5A5A5A), M(1, DATA + 16, 0x5A) } },
	{ "REP MOVSB downwards over itself", LONG, 0, BYTES(0xF3, 0xA4),
	    .in = { R(RSI, DATA + 1), R(RDI, DATA), R(RCX, 8),
	    M(8, DATA + 1, 0x0807060504030201) },
	    .out = { R(RSI, DATA + 9), R(RDI, DATA + 8), R(RCX, 0),
	    M(1, DATA + 8, 8), M(8, DATA, 0x0807060504030201) } },
	{ "REP MOVSB of nothing", LONG, 0, BYTES(0xF3, 0xA4),
	    .in = { R(RCX, 0), R(RSI, HOLE), R(RDI, HOLE) } },
	{ "REP MOVSB counts in CX", REAL, 0, BYTES(0xF3, 0xA4),
	    .in = { R(RCX, 0x10001), R(RSI, DATA), R(RDI, TO), M(1, DATA, 3)
	    }, .out = { R(RCX, 0x10000), R(RSI, DATA + 1), R(RDI, TO + 1),
	    M(1, TO, 3) } },
	{ "REP MOVSD into a hole keeps what is done", LONG, 0,
	    BYTES(0xF3, 0xA5), .in = { R(RCX, 5), R(RSI, DATA),
	    R(RDI, HOLE - 8), M(8, DATA, 0x2222222211111111) },
	    .out = { R(RCX, 3), R(RSI, DATA + 8), R(RDI, HOLE),
	    M(8, HOLE - 8, 0x2222222211111111) },
	    HOLE_STOP(WRITE, HOLE, 4) },
	{ "MOVS of a word half in a hole", LONG, 0, BYTES(0x48, 0xA5),
	    .in = { R(RSI, HOLE - 4), R(RDI, TO) },
	    HOLE_STOP(READ, HOLE, 4) },
	{ "REP STOSD beyond the limit", PROT, 0, BYTES(0xF3, 0xAB),
	    .in = { LIMIT(ES, DATA + 9), R(RCX, 100), R(RDI, DATA),
	    R(RAX, 0x01020304) }, .out = { R(RCX, 98), R(RDI, DATA + 8),
	    M(8, DATA, 0x0102030401020304) }, .end = FAULTS, .vector = 13 },
	{ "REP STOSW", PROT, 0, BYTES(0xF3, 0x66, 0xAB), .in = { R(RCX, 4),
	    R(RDI, DATA), R(RAX, 0x1234) }, .out = { R(RCX, 0),
	    R(RDI, DATA + 8), M(8, DATA, 0x1234123412341234) } },
	{ "REP STOSB over many pages", PROT, 0, BYTES(0xF3, 0xAA),
	    .in = { R(RCX, 0x5FFF), R(RDI, 0x9001), R(RAX, 0),
	    M(8, 0xC000, -1ULL), M(1, 0x9000, 1), M(1, 0xF000, 1) },
	    .out = { R(RCX, 0), R(RDI, 0xF000), M(8, 0xC000, 0) } },
	{ "REP STOSB backwards", LONG, 0, BYTES(0xF3, 0xAA),
	    .in = { R(RFLAGS, DF), R(RCX, 4), R(RDI, DATA + 3),
	    R(RAX, 0xEE) }, .out = { R(RCX, 0), R(RDI, DATA - 1),
	    M(4, DATA, 0xEEEEEEEE) } },
	{ "LODSB keeps the rest of RAX", LONG, 0, BYTES(0xAC),
	    .in = { R(RSI, DATA), M(1, DATA, 0x7F), R(RAX, 0x1111) },
	    .out = { R(RAX, 0x117F), R(RSI, DATA + 1) } },
	{ "LODSD clears the upper half", LONG, 0, BYTES(0xAD),
	    .in = { R(RSI, DATA), M(4, DATA, 0x7F), R(RAX, -1ULL) },
	    .out = { R(RAX, 0x7F), R(RSI, DATA + 4) } },
	{ "CMPSB: source less destination", LONG, 0, BYTES(0xA6),
	    .in = { R(RSI, DATA), R(RDI, TO), M(1, DATA, 1), M(1, TO, 2) },
	    .out = { R(RSI, DATA + 1), R(RDI, TO + 1), R(RFLAGS, 0x97) } },
	{ "REPE CMPSB ends at a difference", LONG, 0, BYTES(0xF3, 0xA6),
	    .in = { R(RSI, DATA), R(RDI, TO), R(RCX, 8),
	    M(4, DATA, 0x02030201), M(4, TO, 0x01030201) },
	    .out = { R(RSI, DATA + 4), R(RDI, TO + 4), R(RCX, 4),
	    R(RFLAGS, 2) } },
	{ "REPE SCASB of all", LONG, 0, BYTES(0xF3, 0xAE), .in = {
	    R(RDI, DATA), R(RCX, 100), R(RAX, 0) }, .out = {
	    R(RDI, DATA + 100), R(RCX, 0), R(RFLAGS, ZF) } },
	{ "REPNE SCASB finds", LONG, 0, BYTES(0xF2, 0xAE), .in = {
	    R(RDI, DATA), R(RCX, -1ULL), R(RAX, 0x20), M(1, DATA + 50, 0x20)
	    }, .out = { R(RDI, DATA + 51), R(RCX, -52ULL),
	    R(RFLAGS, ZF) } },
	{ "REPNE SCASW meets a hole", LONG, 0, BYTES(0x66, 0xF2, 0xAF),
	    .in = { R(RDI, HOLE - 4), R(RCX, 9), R(RAX, 0xFFFF) },
	    .out = { R(RDI, HOLE), R(RCX, 7), R(RFLAGS, 0x86) },
	    HOLE_STOP(READ, HOLE, 2) },
	{ "CMPSD of SSE2 is arithmetic", LONG, 0,
	    BYTES(0xF2, 0x0F, 0xC2, 0xC1, 0), .end = FAULTS, .vector = 6 },
};

const struct row_table string_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(strings_do_what_their_rows_say)
{
	row_check(&rows[_i]);
}
END_TEST

Suite *
string_suite(void)
{
	Suite *suite = suite_create("string");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, strings_do_what_their_rows_say, 0,
	    ROWS(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
