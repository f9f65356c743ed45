/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segment registers: loads with their checks, and accesses through what was
 * loaded.
 */
#include "guest.h"

#define GDT		0x0800U
#define GDT_AT(sel)	(GDT + ((sel) & ~7U))

/* Free descriptors of the guest's GDT. */
#define NEW		0x40
#define NEW2		0x48

/* Descriptors: base DATA, limit 0xFFF, 32 bits; by access byte. */
#define DESC(access)							\
	(0x0040000000000FFFULL | (uint64_t)DATA << 16 |		\
	(uint64_t)(access) << 40)

#define MOV_DS_AX	0x8E, 0xD8
#define MOV_SS_AX	0x8E, 0xD0
#define MOV_AL_RBX	0x8A, 0x03

#define LOADED(seg, sel, access)					\
	SELECTOR(seg, sel), BASE(seg, DATA), LIMIT(seg, 0xFFF),		\
	ATTRIB(seg, 0x400 | (access)),					\
	M(8, GDT_AT(sel), DESC(access))

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define NP(code)	.end = FAULTS, .vector = 11, .error = code
#define SS_FAULT(code)	.end = FAULTS, .vector = 12, .error = code

static const struct row rows[] = {
	{ "real mode: the base follows, the limit stays", REAL, 0,
	    BYTES(MOV_DS_AX), .in = { R(RAX, 0x1234), LIMIT(DS, 0xFFFFF) },
	    .out = { SELECTOR(DS, 0x1234), BASE(DS, 0x12340) } },
	{ "data becomes accessed", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x92)) },
	    .out = { LOADED(DS, NEW, 0x93) } },
	{ "readable code is data", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x9A)) },
	    .out = { LOADED(DS, NEW, 0x9B) } },
	{ "code that cannot be read is not", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x98)) }, GP(NEW) },
	{ "a system segment is not", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x82)) }, GP(NEW) },
	{ "absent", PROT, 3, BYTES(MOV_DS_AX),
	    .in = { R(RAX, SEL_ABSENT | 3) }, NP(SEL_ABSENT) },
	{ "beyond the table", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, 0x80) }, GP(0x80) },
	{ "no LDT", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, 0x0C) }, GP(0x0C) },
	{ "from the LDT", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, 0x0C), ATTRIB(LDT, 0x82), LIMIT(LDT, 0xF),
	    BASE(LDT, GDT + 0x50), M(8, GDT + 0x58, DESC(0x93)) },
	    .out = { SELECTOR(DS, 0x0C), BASE(DS, DATA), LIMIT(DS, 0xFFF),
	    ATTRIB(DS, 0x493) } },
	{ "null may be loaded", PROT, 0, BYTES(MOV_DS_AX), .in = { R(RAX, 3) },
	    .out = { SELECTOR(DS, 3), LIMIT(DS, 0), ATTRIB(DS, 0) } },
	{ "user mode gets no inner segment", PROT, 3, BYTES(MOV_DS_AX),
	    .in = { R(RAX, SEL_DATA) }, GP(SEL_DATA) },
	{ "an outer RPL takes rights away", PROT, 0, BYTES(MOV_DS_AX),
	    .in = { R(RAX, SEL_DATA | 3) }, GP(SEL_DATA) },
	{ "conforming code has no such check", PROT, 3, BYTES(MOV_DS_AX),
	    .in = { R(RAX, NEW | 3), M(8, GDT_AT(NEW), DESC(0x9E)) },
	    .out = { LOADED(DS, NEW | 3, 0x9F) } },
	{ "SS must be writable", PROT, 0, BYTES(MOV_SS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x90)) }, GP(NEW) },
	{ "SS must have CPL", PROT, 0, BYTES(MOV_SS_AX),
	    .in = { R(RAX, SEL_UDATA) }, GP(SEL_UDATA & ~3) },
	{ "SS absent is a stack fault", PROT, 0, BYTES(MOV_SS_AX),
	    .in = { R(RAX, NEW), M(8, GDT_AT(NEW), DESC(0x12)) },
	    SS_FAULT(NEW) },
	{ "SS null", PROT, 0, BYTES(MOV_SS_AX), .in = { R(RAX, 0) }, GP(0) },
	{ "SS null in 64-bit code", LONG, 0, BYTES(MOV_SS_AX),
	    .in = { R(RAX, 0) },
	    .out = { SELECTOR(SS, 0), LIMIT(SS, 0), ATTRIB(SS, 0),
	    SHADOW(1) } },
	{ "SS null in 64-bit user code", LONG, 3, BYTES(MOV_SS_AX),
	    .in = { R(RAX, 3) }, GP(0) },

	{ "the last byte of a segment", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RAX, 0), R(RBX, 0xFF), LIMIT(DS, 0xFF),
	    M(1, 0xFF, 0x55) }, .out = { R(RAX, 0x55) } },
	{ "the byte behind", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RBX, 0x100), LIMIT(DS, 0xFF) }, GP(0) },
	{ "a word across the end", PROT, 0, BYTES(0x8B, 0x03),
	    .in = { R(RBX, 0xFD), LIMIT(DS, 0xFF) }, GP(0) },
	{ "a word around the end of the space", PROT, 0, BYTES(0x8B, 0x03),
	    .in = { R(RBX, 0xFFFFFFFE) }, GP(0) },
	{ "the stack's end", PROT, 0, BYTES(0x36, 0x8A, 0x03),
	    .in = { R(RBX, 0x8000), LIMIT(SS, 0x7FFF) }, SS_FAULT(0) },
	{ "expand down: below the limit", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RBX, 0x1000), LIMIT(DS, 0x1000), ATTRIB(DS, 0x497) },
	    GP(0) },
	{ "expand down: above the limit", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RAX, 0), R(RBX, 0x4001), LIMIT(DS, 0x1000),
	    ATTRIB(DS, 0x497), M(1, 0x4001, 0x55) }, .out = { R(RAX, 0x55) } },
	{ "expand down: 16 bits end at 64 KiB", PROT, 0, BYTES(0x8B, 0x03),
	    .in = { R(RBX, 0xFFFD), LIMIT(DS, 0x1000), ATTRIB(DS, 0x97) },
	    GP(0) },
	{ "a write to data that is read-only", PROT, 0, BYTES(0x88, 0x03),
	    .in = { R(RBX, DATA), ATTRIB(DS, 0x491) }, GP(0) },
	{ "a write to code", PROT, 0, BYTES(0x2E, 0x88, 0x03),
	    .in = { R(RBX, DATA) }, GP(0) },
	{ "a null segment", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RBX, DATA), ATTRIB(DS, 0) }, GP(0) },
	{ "64-bit code does not look at DS", LONG, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RAX, 0), R(RBX, DATA), ATTRIB(DS, 0), BASE(DS, 0x100),
	    LIMIT(DS, 0), M(1, DATA, 0x55) }, .out = { R(RAX, 0x55) } },
	{ "64-bit code adds the base of FS", LONG, 0,
	    BYTES(0x64, 0x8A, 0x03), .in = { R(RAX, 0), R(RBX, 0x10),
	    BASE(FS, DATA), M(1, DATA + 0x10, 0x55) },
	    .out = { R(RAX, 0x55) } },
	{ "no canonical address", LONG, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RBX, 1ULL << 47) }, GP(0) },
	{ "no canonical address of the stack", LONG, 0,
	    BYTES(0x8A, 0x45, 0), .in = { R(RBP, 1ULL << 47) }, SS_FAULT(0) },
	{ "a base of 32 bits wraps", PROT, 0, BYTES(MOV_AL_RBX),
	    .in = { R(RAX, 0), R(RBX, DATA + 0x10), BASE(DS, 0xFFFFFFF0),
	    M(1, DATA, 0x55) }, .out = { R(RAX, 0x55) } },
};

const struct row_table segment_tables[] = {
	ROW_TABLE(rows), { NULL, 0 }
};

START_TEST(row)
{
	row_check(&rows[_i]);
}
END_TEST

Suite *
segment_suite(void)
{
	Suite *suite = suite_create("segments");
	TCase *tcase = tcase_create("segments");

	tcase_add_loop_test(tcase, row, 0, ROWS(rows));
	suite_add_tcase(suite, tcase);
	return suite;
}
