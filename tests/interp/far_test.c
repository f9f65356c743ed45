/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers to other code segments: JMP, CALL, call gates, RETF and IRET.
 */
#include "guest.h"

#define GDT		0x0800U
#define GDT_AT(sel)	(GDT + ((sel) & ~7U))

/* Free descriptors of the guest's GDT. */
#define NEW		0x40
#define GATE		0x48	/* long mode's take two places */
#define NEW2		0x58

#define THERE		0x1800U
#define TSS_STACK	0x3800U
#define OLD_STACK	0x3400U

/* Flat code and data by access byte; flags: 0xC of 32 bits, 0xA of 64. */
#define FLAT(access, flags)						\
	(0x000F00000000FFFFULL | (uint64_t)(access) << 40 |		\
	(uint64_t)(flags) << 52)
#define GATE_TO(sel, offset, access, params)				\
	((offset) | (uint64_t)(sel) << 16 | (uint64_t)(params) << 32 |	\
	(uint64_t)(access) << 40)

#define JMP_32(sel)	BYTES(0xEA, 0x00, 0x18, 0, 0, sel, 0)
#define CALL_32(sel)	BYTES(0x9A, 0x00, 0x18, 0, 0, sel, 0)
#define CALL_M		BYTES(0xFF, 0x1B)	/* far [RBX] */
#define AT_M(sel)	R(RBX, DATA), M(4, DATA, THERE), M(2, DATA + 4, sel)

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define NP(code)	.end = FAULTS, .vector = 11, .error = code
#define SS_FAULT(code)	.end = FAULTS, .vector = 12, .error = code
#define TS(code)	.end = FAULTS, .vector = 10, .error = code
#define TASK_SWITCH							\
	.end = STOPS, .stop = { .kind = SIM_STOP_TASK_SWITCH }

/* Segment registers of kernel and user as descriptors make them. */
#define CS_IS(sel, attrib)	SELECTOR(CS, sel), ATTRIB(CS, attrib)
#define SS_IS(sel, attrib)	SELECTOR(SS, sel), ATTRIB(SS, attrib)
#define SS_NULL			SS_IS(0, 0), LIMIT(SS, 0)
#define GONE(seg)		SELECTOR(seg, 0), LIMIT(seg, 0), ATTRIB(seg, 0)

static const struct row jumps[] = {
	{ "JMP of real mode", REAL, 0, BYTES(0xEA, 0x10, 0x00, 0x80, 0x01),
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800) } },
	{ "JMP of real mode beyond the limit", REAL, 0,
	    BYTES(0x66, 0xEA, 0, 0, 1, 0, 0x80, 0x01), GP(0) },
	{ "JMP makes the segment accessed", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x9A, 0xC)) },
	    .out = { R(RIP, THERE), SELECTOR(CS, NEW),
	    M(8, GDT_AT(NEW), FLAT(0x9B, 0xC)) } },
	{ "JMP to 16-bit code", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x9B, 0x8)) },
	    .out = { R(RIP, THERE), CS_IS(NEW, 0x89B) } },
	{ "JMP through memory", PROT, 0, BYTES(0xFF, 0x2B),
	    .in = { AT_M(NEW), M(8, GDT_AT(NEW), FLAT(0x9B, 0xC)) },
	    .out = { R(RIP, THERE), SELECTOR(CS, NEW) } },
	{ "JMP to null", PROT, 0, JMP_32(0), GP(0) },
	{ "JMP beyond the table", PROT, 0, JMP_32(0x80), GP(0x80) },
	{ "JMP to data", PROT, 0, JMP_32(SEL_DATA), GP(SEL_DATA) },
	{ "JMP to an outer segment", PROT, 0, JMP_32(SEL_UCODE),
	    GP(SEL_UCODE & ~3) },
	{ "JMP to an inner segment", PROT, 3, JMP_32(SEL_CODE),
	    GP(SEL_CODE) },
	{ "JMP to conforming code keeps CPL", PROT, 3, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x9F, 0xC)) },
	    .out = { R(RIP, THERE), CS_IS(NEW | 3, 0xC9F) } },
	{ "JMP to absent code", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x1B, 0xC)) }, NP(NEW) },
	{ "JMP beyond its limit", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), 0x00409B00000017FFULL) }, GP(0) },
	{ "JMP from 64-bit code to compatibility mode", LONG, 0,
	    BYTES(0xFF, 0x2B),
	    .in = { AT_M(NEW), M(8, GDT_AT(NEW), FLAT(0x9B, 0xC)) },
	    .out = { R(RIP, THERE), CS_IS(NEW, 0xC9B) } },
	{ "JMP to 64-bit code with D", LONG, 0, BYTES(0xFF, 0x2B),
	    .in = { AT_M(NEW), M(8, GDT_AT(NEW), FLAT(0x9B, 0xE)) },
	    GP(NEW) },
	{ "JMP through a gate", PROT, 0, JMP_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0x8C, 0)) },
	    .out = { R(RIP, 0x1900) } },
	{ "JMP through a gate does not go inwards", PROT, 3, JMP_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0xEC, 0)) },
	    GP(SEL_CODE) },
	{ "JMP to a TSS", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x89, 0)) }, TASK_SWITCH },
	{ "JMP to a task gate", PROT, 0, JMP_32(NEW),
	    .in = { M(8, GDT_AT(NEW), GATE_TO(0x28, 0, 0x85, 0)) },
	    TASK_SWITCH },
};

static const struct row calls[] = {
	{ "CALL of real mode", REAL, 0,
	    BYTES(0x9A, 0x10, 0x00, 0x80, 0x01),
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),
	    R(RSP, STACK - 4), M(2, STACK - 4, CODE + 5),
	    M(2, STACK - 2, 0) } },
	{ "CALL of 32 bits", PROT, 0, CALL_32(NEW),
	    .in = { M(8, GDT_AT(NEW), FLAT(0x9B, 0xC)) },
	    .out = { R(RIP, THERE), SELECTOR(CS, NEW), R(RSP, STACK - 8),
	    M(4, STACK - 8, CODE + 7), M(4, STACK - 4, SEL_CODE) } },
	{ "CALL of 64 bits", LONG, 0, BYTES(0x48, 0xFF, 0x1B),
	    .in = { R(RBX, DATA), M(8, DATA, THERE), M(2, DATA + 8, NEW),
	    M(8, GDT_AT(NEW), FLAT(0x9B, 0xA)) },
	    .out = { R(RIP, THERE), SELECTOR(CS, NEW), R(RSP, STACK - 16),
	    M(8, STACK - 16, CODE + 3), M(8, STACK - 8, SEL_CODE) } },
	{ "CALL beyond the stack's limit: no handler has a stack", PROT, 0,
	    CALL_32(SEL_CODE), .in = { R(RSP, 0x9004), LIMIT(SS, 0x8FFF) },
	    .end = STOPS, .stop = { .kind = SIM_STOP_SHUTDOWN } },
	{ "CALL with a stack in a hole", PROT, 0, CALL_32(SEL_CODE),
	    .in = { R(RSP, HOLE + 8) }, .end = STOPS,
	    .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_WRITE, .gpa = HOLE + 4, .size = 4 } } },
	{ "a gate to the same CPL", PROT, 0, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0x8C, 5)) },
	    .out = { R(RIP, 0x1900), R(RSP, STACK - 8),
	    M(4, STACK - 8, CODE + 7), M(4, STACK - 4, SEL_CODE) } },
	{ "a gate inwards copies parameters", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0xEC, 2)),
	    M(4, STACK, 0x11111111), M(4, STACK + 4, 0x22222222) },
	    .out = { R(RIP, 0x1900), CS_IS(SEL_CODE, 0xC9B),
	    SS_IS(SEL_DATA, 0xC93), R(RSP, TSS_STACK - 24),
	    M(4, TSS_STACK - 24, CODE + 7), M(4, TSS_STACK - 20, SEL_UCODE),
	    M(4, TSS_STACK - 16, 0x11111111),
	    M(4, TSS_STACK - 12, 0x22222222), M(4, TSS_STACK - 8, STACK),
	    M(4, TSS_STACK - 4, SEL_UDATA) } },
	{ "a gate of 16 bits inwards", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0xE4, 1)),
	    M(2, STACK, 0x1111) },
	    .out = { R(RIP, 0x1900), CS_IS(SEL_CODE, 0xC9B),
	    SS_IS(SEL_DATA, 0xC93), R(RSP, TSS_STACK - 10),
	    M(2, TSS_STACK - 10, CODE + 7), M(2, TSS_STACK - 8, SEL_UCODE),
	    M(2, TSS_STACK - 6, 0x1111), M(2, TSS_STACK - 4, STACK),
	    M(2, TSS_STACK - 2, SEL_UDATA) } },
	{ "a gate of 64 bits inwards", LONG, 3, CALL_M,
	    .in = { AT_M(GATE), M(8, GDT_AT(GATE),
	    GATE_TO(SEL_CODE, 0x1900, 0xEC, 0)), M(8, GDT_AT(GATE) + 8, 0) },
	    .out = { R(RIP, 0x1900), CS_IS(SEL_CODE, 0xA9B), SS_NULL,
	    R(RSP, TSS_STACK - 32), M(8, TSS_STACK - 32, CODE + 2),
	    M(8, TSS_STACK - 24, SEL_UCODE), M(8, TSS_STACK - 16, STACK),
	    M(8, TSS_STACK - 8, SEL_UDATA) } },
	{ "a gate of 64 bits to other code", LONG, 3, CALL_M,
	    .in = { AT_M(GATE), M(8, GDT_AT(GATE),
	    GATE_TO(NEW2 + 8, 0x1900, 0xEC, 0)), M(8, GDT_AT(GATE) + 8, 0),
	    M(8, GDT_AT(NEW2 + 8), FLAT(0x9B, 0xC)) }, GP(NEW2 + 8) },
	{ "a gate for inner callers", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0x8C, 0)) },
	    GP(GATE) },
	{ "an absent gate", PROT, 0, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(SEL_CODE, 0x1900, 0x0C, 0)) },
	    NP(GATE) },
	{ "a gate to null", PROT, 0, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(0, 0x1900, 0x8C, 0)) },
	    GP(0) },
	{ "the TSS names a null stack", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(NEW, 0x1900, 0xEC, 0)),
	    M(8, GDT_AT(NEW), FLAT(0xBB, 0xC)), M(2, TSS + 16, 0) }, TS(0) },
	{ "the TSS names a stack of another CPL", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(NEW, 0x1900, 0xEC, 0)),
	    M(8, GDT_AT(NEW), FLAT(0xBB, 0xC)), M(2, TSS + 16, SEL_DATA) },
	    TS(SEL_DATA) },
	{ "the TSS names an absent stack", PROT, 3, CALL_32(GATE),
	    .in = { M(8, GDT_AT(GATE), GATE_TO(NEW, 0x1900, 0xEC, 0)),
	    M(8, GDT_AT(NEW), FLAT(0xBB, 0xC)),
	    M(8, GDT_AT(NEW2), FLAT(0x33, 0xC)), M(2, TSS + 16, NEW2 | 1) },
	    SS_FAULT(NEW2) },
};

#define FLAGS	0x202U
#define IRET_32		BYTES(0xCF)
#define IRET_64		BYTES(0x48, 0xCF)
#define FRAME_32(i, value)	M(4, STACK + (i) * 4, value)
#define FRAME_64(i, value)	M(8, STACK + (i) * 8, value)
#define TO_USER_32							\
	FRAME_32(0, THERE), FRAME_32(1, SEL_UCODE), FRAME_32(2, FLAGS),	\
	FRAME_32(3, OLD_STACK), FRAME_32(4, SEL_UDATA)
#define USER_32								\
	R(RIP, THERE), CS_IS(SEL_UCODE, 0xCFB), SS_IS(SEL_UDATA, 0xCF3),	\
	GONE(ES), GONE(DS), GONE(FS), GONE(GS)

static const struct row returns[] = {
	{ "RETF of real mode", REAL, 0, BYTES(0xCB),
	    .in = { M(2, STACK, 0x10), M(2, STACK + 2, 0x180) },
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),
	    R(RSP, STACK + 4) } },
	{ "RETF to the same CPL", PROT, 0, BYTES(0xCA, 4, 0),
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_CODE) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 12) } },
	{ "RETF outwards drops parameters of both stacks", PROT, 0,
	    BYTES(0xCA, 4, 0),
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_UCODE),
	    FRAME_32(3, OLD_STACK), FRAME_32(4, SEL_UDATA) },
	    .out = { USER_32, R(RSP, OLD_STACK + 4) } },
	{ "RETF inwards", PROT, 3, BYTES(0xCB),
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_CODE) },
	    GP(SEL_CODE) },
	{ "RETF to null", PROT, 0, BYTES(0xCB), GP(0) },
	{ "RETF to an outer stack that is none", PROT, 0, BYTES(0xCB),
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_UCODE),
	    FRAME_32(2, OLD_STACK), FRAME_32(3, SEL_DATA) }, GP(SEL_DATA) },
	{ "RETF of 64 bits", LONG, 0, BYTES(0x48, 0xCB),
	    .in = { FRAME_64(0, THERE), FRAME_64(1, SEL_CODE) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 16) } },

	{ "IRET of real mode", REAL, 0, BYTES(0xCF),
	    .in = { M(2, STACK, 0x10), M(2, STACK + 2, 0x180),
	    M(2, STACK + 4, 0x3202) },
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),
	    R(RSP, STACK + 6), R(RFLAGS, 0x3202) } },
	{ "IRET to the same CPL", PROT, 0, IRET_32,
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_CODE),
	    FRAME_32(2, 0x240ED7) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 12),
	    R(RFLAGS, 0x240ED7 & ~0x100) } },
	{ "IRET outwards", PROT, 0, IRET_32, .in = { TO_USER_32 },
	    .out = { USER_32, R(RSP, OLD_STACK), R(RFLAGS, FLAGS) } },
	{ "IRET at CPL 3 changes neither IF nor IOPL", PROT, 3, IRET_32,
	    .in = { FRAME_32(0, THERE), FRAME_32(1, SEL_UCODE),
	    FRAME_32(2, 0x3246) },
	    .out = { R(RIP, THERE), R(RSP, STACK + 12), R(RFLAGS, 0x46) } },
	{ "IRET of a nested task", PROT, 0, IRET_32,
	    .in = { R(RFLAGS, 0x4002) }, TASK_SWITCH },
	{ "IRET of a nested task in long mode", LONG, 0, IRET_64,
	    .in = { R(RFLAGS, 0x4002) }, GP(0) },
	{ "IRET to virtual-8086 mode", PROT, 0, IRET_32,
	    .in = { FRAME_32(0, 0x10), FRAME_32(1, 0x180),
	    FRAME_32(2, 0x23202), FRAME_32(3, 0x400), FRAME_32(4, 0x300),
	    FRAME_32(5, 0x101), FRAME_32(6, 0x102), FRAME_32(7, 0x103),
	    FRAME_32(8, 0x104), M(4, 0x1810, 0x0B0F90) },
	    .end = FAULTS, .vector = 6, .out = { R(RIP, 0x11),
	    R(RFLAGS, 0x23202) } },
	{ "IRET of 64 bits gives the stack back", LONG, 0, IRET_64,
	    .in = { FRAME_64(0, THERE), FRAME_64(1, SEL_CODE),
	    FRAME_64(2, FLAGS), FRAME_64(3, OLD_STACK), FRAME_64(4, 0) },
	    .out = { R(RIP, THERE), SS_NULL, R(RSP, OLD_STACK),
	    R(RFLAGS, FLAGS) } },
	{ "IRET of 64 bits outwards", LONG, 0, IRET_64,
	    .in = { FRAME_64(0, THERE), FRAME_64(1, SEL_UCODE),
	    FRAME_64(2, FLAGS), FRAME_64(3, OLD_STACK),
	    FRAME_64(4, SEL_UDATA) },
	    .out = { R(RIP, THERE), CS_IS(SEL_UCODE, 0xAFB),
	    SS_IS(SEL_UDATA, 0xCF3), R(RSP, OLD_STACK), R(RFLAGS, FLAGS),
	    GONE(ES), GONE(DS), GONE(FS), GONE(GS) } },
	{ "IRET of 64 bits to no canonical address", LONG, 0, IRET_64,
	    .in = { FRAME_64(0, 1ULL << 50), FRAME_64(1, SEL_UCODE),
	    FRAME_64(2, FLAGS), FRAME_64(3, OLD_STACK),
	    FRAME_64(4, SEL_UDATA) }, GP(0) },
	{ "IRET of 64 bits outwards without a stack", LONG, 0, IRET_64,
	    .in = { FRAME_64(0, THERE), FRAME_64(1, SEL_UCODE),
	    FRAME_64(2, FLAGS), FRAME_64(3, OLD_STACK), FRAME_64(4, 3) },
	    GP(0) },
	{ "IRET with its frame in a hole", LONG, 0, IRET_64,
	    .in = { R(RSP, HOLE - 8) }, .end = STOPS,
	    .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_READ, .gpa = HOLE, .size = 8 } } },
};

const struct row_table far_tables[] = {
	ROW_TABLE(jumps), ROW_TABLE(calls), ROW_TABLE(returns), { NULL, 0 }
};

START_TEST(jump)
{
	row_check(&jumps[_i]);
}
END_TEST

START_TEST(call)
{
	row_check(&calls[_i]);
}
END_TEST

START_TEST(comeback)
{
	row_check(&returns[_i]);
}
END_TEST

Suite *
far_suite(void)
{
	Suite *suite = suite_create("far transfers");
	TCase *tcase = tcase_create("far transfers");

	tcase_add_loop_test(tcase, jump, 0, ROWS(jumps));
	tcase_add_loop_test(tcase, call, 0, ROWS(calls));
	tcase_add_loop_test(tcase, comeback, 0, ROWS(returns));
	suite_add_tcase(suite, tcase);
	return suite;
}
