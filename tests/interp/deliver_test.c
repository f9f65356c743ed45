/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of events: through the vectors of real mode, gates of all kinds,
 * with a change of privilege, and what comes of faults meanwhile.
 */
#include "guest.h"

#define GDT		0x0800U
#define GDT_AT(sel)	(GDT + ((sel) & ~7U))
#define IDT		0x8000U
#define IDT_32(v)	(IDT + (v) * 8)
#define IDT_64(v)	(IDT + (v) * 16)

/* Free descriptors of the guest's GDT. */
#define NEW		0x40

#define THERE		0x1800U
#define TSS_STACK	0x3800U
#define IST_STACK	0x3C08U

#define V		0x1EU		/* its gate is the row's */
#define IDT_ERROR(v)	((v) * 8 + 2)

#define FLAT(access, flags)						\
	(0x000F00000000FFFFULL | (uint64_t)(access) << 40 |		\
	(uint64_t)(flags) << 52)
#define GATE_TO(sel, offset, access, ist)				\
	((offset) | (uint64_t)(sel) << 16 | (uint64_t)(ist) << 32 |	\
	(uint64_t)(access) << 40)
#define GATE_32(access)	M(8, IDT_32(V), GATE_TO(SEL_CODE, THERE, access, 0))
#define GATE_64(access, ist)						\
	M(8, IDT_64(V), GATE_TO(SEL_CODE, THERE, access, ist))

#define INT_V		BYTES(0xCD, V)
#define INTERRUPT	.injected = true, .event = { true, false, V, 0 }
#define EXCEPTION(vector, has, error)					\
	.injected = true, .event = { false, has, vector, error }

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define NP(code)	.end = FAULTS, .vector = 11, .error = code
#define TS(code)	.end = FAULTS, .vector = 10, .error = code
#define DOUBLE		.end = FAULTS, .vector = 8, .error = 0
#define SHUTDOWN	.end = STOPS, .stop = { .kind = SIM_STOP_SHUTDOWN }

#define CS_IS(sel, attrib)	SELECTOR(CS, sel), ATTRIB(CS, attrib)
#define SS_IS(sel, attrib)	SELECTOR(SS, sel), ATTRIB(SS, attrib)

/* A frame, from the top: what is pushed last comes first. */
#define WORD_16(top, i, value)	M(2, (top) - (i) * 2, value)
#define WORD_32(top, i, value)	M(4, (top) - (i) * 4, value)
#define WORD_64(top, i, value)	M(8, (top) - (i) * 8, value)

static const struct row real[] = {
	{ "INT of real mode", REAL, 0, INT_V,
	    .in = { M(4, V * 4, 0x01800010), R(RFLAGS, 0x302) },
	    .out = { R(RIP, 0x10), SELECTOR(CS, 0x180), BASE(CS, 0x1800),
	    R(RFLAGS, 2), R(RSP, STACK - 6), WORD_16(STACK, 1, 0x302),
	    WORD_16(STACK, 2, 0), WORD_16(STACK, 3, CODE + 2) } },
	{ "an interrupt of real mode", REAL, 0,
	    .in = { M(4, V * 4, THERE), SHADOW(1) }, INTERRUPT,
	    .out = { R(RIP, THERE), R(RSP, STACK - 6), SHADOW(0),
	    WORD_16(STACK, 1, 2), WORD_16(STACK, 2, 0),
	    WORD_16(STACK, 3, CODE) } },
	{ "the stack wraps", REAL, 0, INT_V,
	    .in = { M(4, V * 4, THERE), R(RSP, 2), M(2, 0, 0) },
	    .out = { R(RIP, THERE), R(RSP, 0xFFFC), M(2, 0, 2),
	    M(2, 0xFFFE, 0), M(2, 0xFFFC, CODE + 2) } },
	{ "a short IDT ends in shutdown", REAL, 0, INT_V,
	    .in = { LIMIT(IDT, 0x1F) }, SHUTDOWN },
	{ "INTO without overflow", REAL, 0, BYTES(0xCE) },
	{ "INTO with overflow", REAL, 0, BYTES(0xCE),
	    .in = { R(RFLAGS, 0x802), M(4, 4 * 4, THERE) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 6),
	    WORD_16(STACK, 1, 0x802), WORD_16(STACK, 2, 0),
	    WORD_16(STACK, 3, CODE + 1) } },
};

static const struct row protected[] = {
	{ "an interrupt gate clears IF", PROT, 0, INT_V,
	    .in = { GATE_32(0x8E), R(RFLAGS, 0x302) },
	    .out = { R(RIP, THERE), R(RFLAGS, 2), R(RSP, STACK - 12),
	    WORD_32(STACK, 1, 0x302), WORD_32(STACK, 2, SEL_CODE),
	    WORD_32(STACK, 3, CODE + 2) } },
	{ "a trap gate keeps it, NT goes", PROT, 0, INT_V,
	    .in = { GATE_32(0x8F), R(RFLAGS, 0x4202) },
	    .out = { R(RIP, THERE), R(RFLAGS, 0x202), R(RSP, STACK - 12),
	    WORD_32(STACK, 1, 0x4202), WORD_32(STACK, 2, SEL_CODE),
	    WORD_32(STACK, 3, CODE + 2) } },
	{ "a gate of 16 bits", PROT, 0, INT_V, .in = { GATE_32(0x86) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 6), WORD_16(STACK, 1, 2),
	    WORD_16(STACK, 2, SEL_CODE), WORD_16(STACK, 3, CODE + 2) } },
	{ "an interrupt from user mode", PROT, 3, .in = { GATE_32(0x8E) },
	    INTERRUPT, .out = { R(RIP, THERE), CS_IS(SEL_CODE, 0xC9B),
	    SS_IS(SEL_DATA, 0xC93), R(RSP, TSS_STACK - 20),
	    WORD_32(TSS_STACK, 1, SEL_UDATA), WORD_32(TSS_STACK, 2, STACK),
	    WORD_32(TSS_STACK, 3, 2), WORD_32(TSS_STACK, 4, SEL_UCODE),
	    WORD_32(TSS_STACK, 5, CODE) } },
	{ "an error code is pushed last", PROT, 0, EXCEPTION(13, true, 0x5A),
	    .in = { M(8, IDT_32(13), GATE_TO(SEL_CODE, THERE, 0x8E, 0)) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 16),
	    WORD_32(STACK, 1, 0x10002), WORD_32(STACK, 2, SEL_CODE),
	    WORD_32(STACK, 3, CODE), WORD_32(STACK, 4, 0x5A) } },
	{ "INT of a privileged gate", PROT, 3, INT_V, .in = { GATE_32(0x8E) },
	    GP(IDT_ERROR(V)) },
	{ "INT of a gate for users", PROT, 3, INT_V, .in = { GATE_32(0xEE) },
	    .out = { R(RIP, THERE), CS_IS(SEL_CODE, 0xC9B),
	    SS_IS(SEL_DATA, 0xC93), R(RSP, TSS_STACK - 20),
	    WORD_32(TSS_STACK, 1, SEL_UDATA), WORD_32(TSS_STACK, 2, STACK),
	    WORD_32(TSS_STACK, 3, 2), WORD_32(TSS_STACK, 4, SEL_UCODE),
	    WORD_32(TSS_STACK, 5, CODE + 2) } },
	{ "INT without a gate", PROT, 0, INT_V,
	    .in = { GATE_32(0) }, GP(IDT_ERROR(V)) },
	{ "INT of an absent gate", PROT, 0, INT_V, .in = { GATE_32(0x0E) },
	    NP(IDT_ERROR(V)) },
	{ "INT beyond the IDT", PROT, 0, BYTES(0xCD, 0x40),
	    GP(IDT_ERROR(0x40)) },
	{ "an interrupt without a gate: EXT", PROT, 0, INTERRUPT,
	    .in = { GATE_32(0) },
	    GP(IDT_ERROR(V) + 1) },
	{ "a gate to null", PROT, 0, INTERRUPT,
	    .in = { M(8, IDT_32(V), GATE_TO(0, THERE, 0x8E, 0)) }, GP(1) },
	{ "a gate to an outer segment", PROT, 0, INT_V,
	    .in = { M(8, IDT_32(V), GATE_TO(SEL_UCODE, THERE, 0x8E, 0)) },
	    GP(SEL_UCODE & ~3) },
	{ "a gate to absent code", PROT, 0, INT_V,
	    .in = { M(8, IDT_32(V), GATE_TO(NEW, THERE, 0x8E, 0)),
	    M(8, GDT_AT(NEW), FLAT(0x1B, 0xC)) }, NP(NEW) },
	{ "a task gate", PROT, 0, INT_V, .in = { GATE_32(0x85) },
	    .end = STOPS, .stop = { .kind = SIM_STOP_TASK_SWITCH } },
	{ "#GP that cannot be delivered is #DF", PROT, 0,
	    EXCEPTION(13, true, 0),
	    .in = { M(8, IDT_32(13), 0) }, DOUBLE },
	{ "#DE and then #NP is #DF", PROT, 0, EXCEPTION(0, false, 0),
	    .in = { M(8, IDT_32(0), GATE_TO(SEL_CODE, THERE, 0x0E, 0)) },
	    DOUBLE },
	{ "#PF and then #GP is #DF", PROT, 0, EXCEPTION(14, true, 2),
	    .in = { M(8, IDT_32(14), 0) }, DOUBLE },
	{ "#UD and then #GP is #GP", PROT, 0, EXCEPTION(6, false, 0),
	    .in = { M(8, IDT_32(6), 0) }, GP(6 * 8 + 3) },
	{ "#DF that cannot be delivered ends", PROT, 0, BYTES(0x0F, 0x0B),
	    .in = { LIMIT(IDT, 0) }, SHUTDOWN },
	{ "the stack of the TSS is in a hole", PROT, 3, BYTES(0x0F, 0x0B),
	    .in = { M(4, TSS + 4, HOLE + 4) }, .end = STOPS,
	    .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_WRITE, .gpa = HOLE, .size = 4 } } },
};

static const struct row wide[] = {
	{ "a gate of long mode aligns the stack", LONG, 0, INT_V,
	    .in = { GATE_64(0x8E, 0), R(RSP, STACK - 3) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 56),
	    WORD_64(STACK, 3, SEL_DATA), WORD_64(STACK, 4, STACK - 3),
	    WORD_64(STACK, 5, 2), WORD_64(STACK, 6, SEL_CODE),
	    WORD_64(STACK, 7, CODE + 2) } },
	{ "from user mode", LONG, 3, .in = { GATE_64(0x8E, 0) }, INTERRUPT,
	    .out = { R(RIP, THERE), CS_IS(SEL_CODE, 0xA9B), SS_IS(0, 0),
	    LIMIT(SS, 0), R(RSP, TSS_STACK - 40),
	    WORD_64(TSS_STACK, 1, SEL_UDATA), WORD_64(TSS_STACK, 2, STACK),
	    WORD_64(TSS_STACK, 3, 2), WORD_64(TSS_STACK, 4, SEL_UCODE),
	    WORD_64(TSS_STACK, 5, CODE) } },
	{ "IST without a change of CPL", LONG, 0, INTERRUPT,
	    .in = { GATE_64(0x8E, 2), M(8, TSS + 0x2C, IST_STACK) },
	    .out = { R(RIP, THERE), R(RSP, 0x3C00 - 40),
	    WORD_64(0x3C00, 1, SEL_DATA), WORD_64(0x3C00, 2, STACK),
	    WORD_64(0x3C00, 3, 2), WORD_64(0x3C00, 4, SEL_CODE),
	    WORD_64(0x3C00, 5, CODE) } },
	{ "a gate of 16 bits", LONG, 0, INT_V, .in = { GATE_64(0x86, 0) },
	    GP(IDT_ERROR(V)) },
	{ "code of 32 bits", LONG, 0, INT_V,
	    .in = { M(8, IDT_64(V), GATE_TO(NEW, THERE, 0x8E, 0)),
	    M(8, GDT_AT(NEW), FLAT(0x9B, 0xC)) }, GP(NEW) },
	{ "no canonical handler", LONG, 0, INT_V,
	    .in = { GATE_64(0x8E, 0), M(8, IDT_64(V) + 8, 0x10000) },
	    GP(0) },
	{ "no canonical IST", LONG, 0, INTERRUPT,
	    .in = { GATE_64(0x8E, 1), M(8, TSS + 0x24, 1ULL << 50) },
	    .end = FAULTS, .vector = 12, .error = 1 },
	{ "a fault sets RF in its frame", LONG, 0, EXCEPTION(6, false, 0),
	    .in = { M(8, IDT_64(6), GATE_TO(SEL_CODE, THERE, 0x8E, 0)) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 40),
	    WORD_64(STACK, 1, SEL_DATA), WORD_64(STACK, 2, STACK),
	    WORD_64(STACK, 3, 0x10002), WORD_64(STACK, 4, SEL_CODE),
	    WORD_64(STACK, 5, CODE) } },
	{ "INT3 does not", LONG, 0, BYTES(0xCC),
	    .in = { M(8, IDT_64(3), GATE_TO(SEL_CODE, THERE, 0x8E, 0)) },
	    .out = { R(RIP, THERE), R(RSP, STACK - 40),
	    WORD_64(STACK, 1, SEL_DATA), WORD_64(STACK, 2, STACK),
	    WORD_64(STACK, 3, 2), WORD_64(STACK, 4, SEL_CODE),
	    WORD_64(STACK, 5, CODE + 1) } },
	{ "the IDT is in a hole", LONG, 0, INT_V, .in = { BASE(IDT, HOLE) },
	    .end = STOPS, .stop = { .kind = SIM_STOP_MEMORY, .u.mem = {
	    .access = SIM_ACCESS_READ, .gpa = HOLE + V * 16, .size = 8 } } },
	{ "a canonical IDT is needed no more than for its use", LONG, 0,
	    BYTES(0x90), .in = { BASE(IDT, 1ULL << 50) } },
};

const struct row_table deliver_tables[] = {
	ROW_TABLE(real), ROW_TABLE(protected), ROW_TABLE(wide), { NULL, 0 }
};

START_TEST(real_row)
{
	row_check(&real[_i]);
}
END_TEST

START_TEST(protected_row)
{
	row_check(&protected[_i]);
}
END_TEST


START_TEST(wide_row)
{
	row_check(&wide[_i]);
}
END_TEST

Suite *
deliver_suite(void)
{
	Suite *suite = suite_create("delivery");
	TCase *tcase = tcase_create("delivery");

	tcase_add_loop_test(tcase, real_row, 0, ROWS(real));
	tcase_add_loop_test(tcase, protected_row, 0, ROWS(protected));
	tcase_add_loop_test(tcase, wide_row, 0, ROWS(wide));
	suite_add_tcase(suite, tcase);
	return suite;
}
