/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of descriptor tables and of the task, and looks at
 * descriptors that never fault.
 */
#include "guest.h"

#define GDT		0x0800U
#define IDT		0x8000U
#define GDT_AT(sel)	(GDT + ((sel) & ~7U))

/* A free descriptor of the guest's GDT, of two places in long mode. */
#define NEW		0x40
#define BEYOND		0x80

#define UMIP		CR(CR4, 0xA00)
#define TABLE_BASE	0xFFFF800012345678ULL

#define FLAT(access, flags)						\
	(0x000F00000000FFFFULL | (uint64_t)(access) << 40 |		\
	(uint64_t)(flags) << 52)
/* At 0x9000, of 0x100 bytes. */
#define SMALL(access)	(0x900000FFULL | (uint64_t)(access) << 40)
#define NEW_IS(value)	M(8, GDT_AT(NEW), value)
#define LOADED(seg, attrib)						\
	SELECTOR(seg, NEW), BASE(seg, 0x9000), LIMIT(seg, 0xFF),	\
	ATTRIB(seg, attrib)

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define NP(code)	.end = FAULTS, .vector = 11, .error = code
#define UD		.end = FAULTS, .vector = 6

#define LGDT		BYTES(0x0F, 0x01, 0x13)		/* [RBX] */
#define LIDT		BYTES(0x0F, 0x01, 0x1B)
#define SGDT		BYTES(0x0F, 0x01, 0x03)
#define SIDT		BYTES(0x0F, 0x01, 0x0B)
#define LLDT		BYTES(0x0F, 0x00, 0xD0)		/* AX */
#define LTR		BYTES(0x0F, 0x00, 0xD8)
#define SLDT		BYTES(0x0F, 0x00, 0xC0)
#define STR		BYTES(0x0F, 0x00, 0xC8)
#define VERR		BYTES(0x0F, 0x00, 0xE0)
#define VERW		BYTES(0x0F, 0x00, 0xE8)
#define LAR		BYTES(0x0F, 0x02, 0xC1)		/* EAX, CX */
#define LSL		BYTES(0x0F, 0x03, 0xC1)
#define ARPL		BYTES(0x63, 0xC8)		/* AX, CX */

#define YES		R(RFLAGS, 0x42)
#define NO		R(RFLAGS, 0x02)

static const struct row tables[] = {
	{ "LGDT", PROT, 0, LGDT,
	    .in = { R(RBX, DATA), M(2, DATA, 0xFF), M(4, DATA + 2, 0x12345678),
	    M(2, DATA + 6, 0xEEEE) },
	    .out = { LIMIT(GDT, 0xFF), BASE(GDT, 0x12345678) } },
	{ "LGDT of 16 bits: a base of 24", PROT, 0,
	    BYTES(0x66, 0x0F, 0x01, 0x13),
	    .in = { R(RBX, DATA), M(2, DATA, 0xFF),
	    M(4, DATA + 2, 0x12345678) },
	    .out = { LIMIT(GDT, 0xFF), BASE(GDT, 0x345678) } },
	{ "LIDT of real mode: a base of 24", REAL, 0, BYTES(0x0F, 0x01, 0x1F),
	    .in = { R(RBX, DATA), M(2, DATA, 0x3FF),
	    M(4, DATA + 2, 0x12345678) },
	    .out = { LIMIT(IDT, 0x3FF), BASE(IDT, 0x345678) } },
	{ "LGDT of 64 bits", LONG, 0, LGDT,
	    .in = { R(RBX, DATA), M(2, DATA, 0xFF),
	    M(8, DATA + 2, TABLE_BASE) },
	    .out = { LIMIT(GDT, 0xFF), BASE(GDT, TABLE_BASE) } },
	{ "LIDT of 64 bits", LONG, 0, LIDT,
	    .in = { R(RBX, DATA), M(2, DATA, 0xFFF),
	    M(8, DATA + 2, TABLE_BASE) },
	    .out = { LIMIT(IDT, 0xFFF), BASE(IDT, TABLE_BASE) } },
	{ "LGDT of no canonical base", LONG, 0, LGDT,
	    .in = { R(RBX, DATA), M(8, DATA + 2, 1ULL << 47) }, GP(0) },
	{ "LGDT beyond DS", PROT, 0, LGDT,
	    .in = { R(RBX, DATA), LIMIT(DS, DATA + 4) }, GP(0) },
	{ "LGDT in user mode", PROT, 3, LGDT, .in = { R(RBX, DATA) }, GP(0) },
	{ "LIDT in user mode", LONG, 3, LIDT, .in = { R(RBX, DATA) }, GP(0) },
	{ "SGDT", PROT, 0, SGDT, .in = { R(RBX, DATA), M(8, DATA, ~0ULL) },
	    .out = { M(2, DATA, 0x7F), M(4, DATA + 2, GDT) } },
	{ "SGDT of 64 bits in user mode", LONG, 3, SGDT,
	    .in = { R(RBX, DATA), BASE(GDT, TABLE_BASE) },
	    .out = { M(2, DATA, 0x7F), M(8, DATA + 2, TABLE_BASE) } },
	{ "SIDT across pages", LONG, 0, SIDT, .in = { R(RBX, 0x4FFC) },
	    .out = { M(2, 0x4FFC, 0x1FF), M(8, 0x4FFE, IDT) } },
	{ "SGDT beyond DS", PROT, 0, SGDT,
	    .in = { R(RBX, DATA), LIMIT(DS, DATA + 4) }, GP(0) },
	{ "SGDT under UMIP", LONG, 3, SGDT, .in = { R(RBX, DATA), UMIP },
	    GP(0) },
	{ "SIDT under UMIP", PROT, 3, SIDT, .in = { R(RBX, DATA), UMIP },
	    GP(0) },
	{ "SIDT of the kernel under UMIP", PROT, 0, SIDT,
	    .in = { R(RBX, DATA), UMIP },
	    .out = { M(2, DATA, 0x1FF), M(4, DATA + 2, IDT) } },
};

static const struct row system[] = {
	{ "LLDT", PROT, 0, LLDT, .in = { R(RAX, NEW), NEW_IS(SMALL(0x82)) },
	    .out = { LOADED(LDT, 0x82) } },
	{ "LLDT from memory", PROT, 0, BYTES(0x0F, 0x00, 0x13),
	    .in = { R(RBX, DATA), M(2, DATA, NEW), NEW_IS(SMALL(0x82)) },
	    .out = { LOADED(LDT, 0x82) } },
	{ "LLDT from a hole", PROT, 0, BYTES(0x0F, 0x00, 0x13),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "LLDT of 64 bits", LONG, 0, LLDT,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x82)),
	    M(8, GDT_AT(NEW) + 8, 0xFFFF8000) },
	    .out = { LOADED(LDT, 0x82), BASE(LDT, 0xFFFF800000009000ULL) } },
	{ "LLDT of null", PROT, 0, LLDT,
	    .in = { R(RAX, 3), SELECTOR(LDT, NEW), ATTRIB(LDT, 0x82) },
	    .out = { SELECTOR(LDT, 3), ATTRIB(LDT, 0) } },
	{ "LLDT of no canonical base", LONG, 0, LLDT,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x82)),
	    M(8, GDT_AT(NEW) + 8, 0x8000) }, GP(NEW) },
	{ "LLDT from the LDT", PROT, 0, LLDT, .in = { R(RAX, NEW | 4) },
	    GP(NEW | 4) },
	{ "LLDT of data", PROT, 0, LLDT, .in = { R(RAX, SEL_DATA) },
	    GP(SEL_DATA) },
	{ "LLDT of a TSS", PROT, 0, LLDT,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x89)) }, GP(NEW) },
	{ "LLDT of an absent LDT", PROT, 0, LLDT,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x02)) }, NP(NEW) },
	{ "LLDT beyond the GDT", PROT, 0, LLDT, .in = { R(RAX, BEYOND) },
	    GP(BEYOND) },
	{ "LLDT in user mode", PROT, 3, LLDT, GP(0) },
	{ "LLDT of real mode", REAL, 0, LLDT, UD },

	{ "LTR makes the TSS busy", PROT, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x89)) },
	    .out = { NEW_IS(SMALL(0x8B)), LOADED(TR, 0x8B) } },
	{ "LTR of 16 bits", PROT, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x81)) },
	    .out = { NEW_IS(SMALL(0x83)), LOADED(TR, 0x83) } },
	{ "LTR of 64 bits", LONG, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x89)) },
	    .out = { NEW_IS(SMALL(0x8B)), LOADED(TR, 0x8B) } },
	{ "LTR of 16 bits in long mode", LONG, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x81)) }, GP(NEW) },
	{ "LTR of a busy TSS", PROT, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x8B)) }, GP(NEW) },
	{ "LTR of an absent TSS", PROT, 0, LTR,
	    .in = { R(RAX, NEW), NEW_IS(SMALL(0x09)) }, NP(NEW) },
	{ "LTR of null", PROT, 0, LTR, .in = { R(RAX, 0) }, GP(0) },
	{ "LTR from a hole", PROT, 0, BYTES(0x0F, 0x00, 0x1B),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "LTR in user mode", LONG, 3, LTR, GP(0) },
	{ "LTR of real mode", REAL, 0, LTR, UD },

	{ "STR to a register of 32 bits", LONG, 0, STR,
	    .in = { R(RAX, ~0ULL) }, .out = { R(RAX, 0x28) } },
	{ "STR to a register of 16 bits", LONG, 3,
	    BYTES(0x66, 0x0F, 0x00, 0xC8),
	    .in = { R(RAX, ~0ULL) }, .out = { R(RAX, 0xFFFFFFFFFFFF0028ULL) } },
	{ "STR to memory: 16 bits", LONG, 0, BYTES(0x48, 0x0F, 0x00, 0x0B),
	    .in = { R(RBX, DATA), M(8, DATA, ~0ULL) },
	    .out = { M(2, DATA, 0x28) } },
	{ "STR under UMIP", PROT, 3, STR, .in = { UMIP }, GP(0) },
	{ "STR of real mode", REAL, 0, STR, UD },
	{ "SLDT", LONG, 0, SLDT, .in = { SELECTOR(LDT, 0x48) },
	    .out = { R(RAX, 0x48) } },
	{ "SLDT under UMIP", LONG, 3, SLDT, .in = { UMIP }, GP(0) },
	{ "SLDT of real mode", REAL, 0, SLDT, UD },
};

#define VERIFY(name, cpl, what, selector, result)			\
	{ name, PROT, cpl, what, .in = { R(RAX, selector),		\
	    R(RFLAGS, 0x42) }, .out = { result } }
#define VERIFY_NEW(name, cpl, what, selector, descriptor, result)	\
	{ name, PROT, cpl, what, .in = { R(RAX, selector),		\
	    R(RFLAGS, 0x42), NEW_IS(descriptor) }, .out = { result } }

static const struct row verified[] = {
	VERIFY("VERR of data", 0, VERR, SEL_DATA, YES),
	VERIFY("VERR of absent data", 3, VERR, SEL_ABSENT | 3, YES),
	VERIFY("VERR of null", 0, VERR, 3, NO),
	VERIFY("VERR beyond the GDT", 0, VERR, BEYOND, NO),
	VERIFY("VERR of the kernel's data from user mode", 3, VERR, SEL_DATA,
	    NO),
	VERIFY("VERR of the kernel's data for a user", 0, VERR, SEL_DATA | 3,
	    NO),
	VERIFY_NEW("VERR of readable code", 0, VERR, NEW, FLAT(0x9A, 0xC),
	    YES),
	VERIFY_NEW("VERR of code that is not readable", 0, VERR, NEW,
	    FLAT(0x98, 0xC), NO),
	VERIFY_NEW("VERR of conforming code", 3, VERR, NEW | 3,
	    FLAT(0x9E, 0xC), YES),
	VERIFY_NEW("VERR of a TSS", 0, VERR, NEW, SMALL(0x8B), NO),
	{ "VERR of real mode", REAL, 0, VERR, UD },
	{ "VERR from a hole", PROT, 0, BYTES(0x0F, 0x00, 0x23),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "VERR with the GDT in a hole", PROT, 0, VERR,
	    .in = { R(RAX, NEW), BASE(GDT, HOLE) },
	    HOLE_STOP(READ, HOLE + NEW, 8) },

	VERIFY("VERW of data", 0, VERW, SEL_DATA, YES),
	VERIFY("VERW of null", 0, VERW, 0, NO),
	VERIFY("VERW of the kernel's data from user mode", 3, VERW, SEL_DATA,
	    NO),
	VERIFY_NEW("VERW of data to read", 0, VERW, NEW, FLAT(0x90, 0xC), NO),
	VERIFY_NEW("VERW of code", 0, VERW, NEW, FLAT(0x9A, 0xC), NO),
	VERIFY_NEW("VERW of an LDT", 0, VERW, NEW, SMALL(0x82), NO),
	{ "VERW of real mode", REAL, 0, VERW, UD },
	{ "VERW from a hole", PROT, 0, BYTES(0x0F, 0x00, 0x2B),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "VERW with the GDT in a hole", PROT, 0, VERW,
	    .in = { R(RAX, NEW), BASE(GDT, HOLE) },
	    HOLE_STOP(READ, HOLE + NEW, 8) },
};

/* LAR and LSL of NEW, and what is in EAX then; NONE: as before. */
#define LOOK(name, mode, cpl, what, descriptor, result)			\
	{ name, mode, cpl, what, .in = { R(RCX, NEW | (cpl)),		\
	    NEW_IS(descriptor), R(RFLAGS, 0x02) },			\
	    .out = { YES, R(RAX, result) } }
#define NOTHING(name, mode, cpl, what, selector, descriptor)		\
	{ name, mode, cpl, what, .in = { R(RCX, selector),		\
	    NEW_IS(descriptor), R(RFLAGS, 0x42) }, .out = { NO } }

static const struct row looks[] = {
	LOOK("LAR of data", PROT, 0, LAR, FLAT(0x93, 0xC), 0xC09300),
	LOOK("LAR of 64-bit code", LONG, 0, LAR, FLAT(0x9A, 0xA), 0xA09A00),
	LOOK("LAR of conforming code", PROT, 3, LAR, FLAT(0x9E, 0xC),
	    0xC09E00),
	LOOK("LAR of a call gate", PROT, 0, LAR, SMALL(0x8C), 0x8C00),
	LOOK("LAR of a task gate", PROT, 0, LAR, SMALL(0x85), 0x8500),
	LOOK("LAR of a call gate of 16 bits", PROT, 0, LAR, SMALL(0x84),
	    0x8400),
	LOOK("LAR of a TSS of 16 bits", PROT, 0, LAR, SMALL(0x81), 0x8100),
	LOOK("LAR of a call gate in long mode", LONG, 0, LAR, SMALL(0x8C),
	    0x8C00),
	{ "LAR to a register of 16 bits", PROT, 0,
	    BYTES(0x66, 0x0F, 0x02, 0xC1), .in = { R(RCX, SEL_DATA),
	    R(RAX, 0x12345678) }, .out = { YES, R(RAX, 0x12349300) } },
	{ "LAR from memory", PROT, 0, BYTES(0x0F, 0x02, 0x03),
	    .in = { R(RBX, DATA), M(2, DATA, SEL_DATA) },
	    .out = { YES, R(RAX, 0xC09300) } },
	NOTHING("LAR of an interrupt gate", PROT, 0, LAR, NEW, SMALL(0x8E)),
	NOTHING("LAR of a TSS of 16 bits in long mode", LONG, 0, LAR, NEW,
	    SMALL(0x81)),
	NOTHING("LAR of the kernel's from user mode", PROT, 3, LAR, SEL_DATA,
	    0),
	NOTHING("LAR of null", PROT, 0, LAR, 0, 0),
	NOTHING("LAR beyond the GDT", PROT, 0, LAR, BEYOND, 0),
	{ "LAR of real mode", REAL, 0, LAR, UD },
	{ "LAR from a hole", PROT, 0, BYTES(0x0F, 0x02, 0x03),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "LAR with the GDT in a hole", LONG, 0, LAR,
	    .in = { R(RCX, NEW), BASE(GDT, HOLE) },
	    HOLE_STOP(READ, HOLE + NEW, 8) },

	LOOK("LSL by pages", PROT, 0, LSL, FLAT(0x93, 0xC), 0xFFFFFFFF),
	LOOK("LSL by bytes", PROT, 0, LSL, FLAT(0x93, 0x4), 0xFFFFF),
	LOOK("LSL of an LDT", LONG, 0, LSL, SMALL(0x82), 0xFF),
	LOOK("LSL of a TSS of 16 bits", PROT, 0, LSL, SMALL(0x83), 0xFF),
	NOTHING("LSL of a TSS of 16 bits in long mode", LONG, 0, LSL, NEW,
	    SMALL(0x83)),
	NOTHING("LSL of a call gate", PROT, 0, LSL, NEW, SMALL(0x8C)),
	NOTHING("LSL of the kernel's for a user", LONG, 0, LSL, SEL_DATA | 3,
	    0),
	{ "LSL of real mode", REAL, 0, LSL, UD },
	{ "LSL from a hole", PROT, 0, BYTES(0x0F, 0x03, 0x03),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },

	{ "ARPL takes privilege away", PROT, 0, ARPL,
	    .in = { R(RAX, 0x12340041), R(RCX, 3) },
	    .out = { YES, R(RAX, 0x12340043) } },
	{ "ARPL of what has no more", PROT, 0, ARPL,
	    .in = { R(RAX, 0x43), R(RCX, 3), R(RFLAGS, 0x42) },
	    .out = { NO } },
	{ "ARPL of memory", PROT, 3, BYTES(0x63, 0x0B),
	    .in = { R(RBX, DATA), M(4, DATA, 0xFFFF0040), R(RCX, 2) },
	    .out = { YES, M(2, DATA, 0x42) } },
	{ "ARPL beyond DS", PROT, 0, BYTES(0x63, 0x0B),
	    .in = { R(RBX, DATA), LIMIT(DS, DATA) }, GP(0) },
	{ "ARPL of real mode", REAL, 0, ARPL, UD },
};

const struct row_table table_tables[] = {
	ROW_TABLE(tables), ROW_TABLE(system), ROW_TABLE(verified),
	ROW_TABLE(looks), { NULL, 0 }
};

START_TEST(table)
{
	row_check(&tables[_i]);
}
END_TEST

START_TEST(system_segment)
{
	row_check(&system[_i]);
}
END_TEST

START_TEST(verify)
{
	row_check(&verified[_i]);
}
END_TEST

START_TEST(look)
{
	row_check(&looks[_i]);
}
END_TEST

Suite *
table_suite(void)
{
	Suite *suite = suite_create("descriptor tables");
	TCase *tcase = tcase_create("descriptor tables");

	tcase_add_loop_test(tcase, table, 0, ROWS(tables));
	tcase_add_loop_test(tcase, system_segment, 0, ROWS(system));
	tcase_add_loop_test(tcase, verify, 0, ROWS(verified));
	tcase_add_loop_test(tcase, look, 0, ROWS(looks));
	suite_add_tcase(suite, tcase);
	return suite;
}
