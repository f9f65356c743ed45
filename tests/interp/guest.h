/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests of one instruction: a row says what stands in registers and memory,
 * the bytes, and all that is different afterwards.  Whatever else differs is
 * a failure.
 */
#ifndef TESTS_INTERP_GUEST_H
#define TESTS_INTERP_GUEST_H

#include <check.h>
#include <stdint.h>

#include "engine/engine.h"

/* Guest memory: linear is physical, and above RAM there is nothing. */
#define RAM	0x10000U
#define TSS	0x0900U
#define CODE	0x1000U
#define STACK	0x3000U
#define DATA	0x4000U
#define HOLE	RAM

/* Selectors; + 3 for user mode. */
#define SEL_CODE	0x08
#define SEL_DATA	0x10
#define SEL_UCODE	0x1B
#define SEL_UDATA	0x23
#define SEL_ABSENT	0x30
#define SEL_SMALL	0x38		/* base DATA, limit 0xff */

/* Ports that user mode may use, by the TSS's map. */
#define PORT_FIRST	0x98
#define PORT_LAST	0x9F

enum guest_mode { REAL, PROT, LONG };

/* One word of a guest's state. */
enum place_kind { NOWHERE, IN_GPR, IN_MEMORY, IN_FPU, IN_LIMIT, IN_SELECTOR,
	IN_BASE, IN_ATTRIB, IN_CR, IN_STACK, IN_IMAGE, IN_DR, IN_MSR,
	IN_INTR };

struct place {
	uint8_t kind, size;
	uint32_t at;
	uint64_t value;
};

#define R(name, value)	{ IN_GPR, 8, SIM_GPR_##name, value }
#define M(size, at, value)	{ IN_MEMORY, size, at, value }
#define X(reg, half, value)						\
	{ IN_FPU, 8, 160 + (reg) * 16 + (half) * 8, value }
#define MM(reg, value)	{ IN_FPU, 8, 32 + (reg) * 16, value }
/* All bytes of the eight x87 registers. */
#define ST(byte)	{ IN_STACK, 128, 32, byte }
/* The FPU state as it is, so many bytes of it, in memory. */
#define IMAGE(bytes, at)	{ IN_IMAGE, 0, at, bytes }
#define FX(size, at, value)	{ IN_FPU, size, at, value }
#define LIMIT(seg, value)	{ IN_LIMIT, 4, SIM_SEG_##seg, value }
#define SELECTOR(seg, value)	{ IN_SELECTOR, 2, SIM_SEG_##seg, value }
#define BASE(seg, value)	{ IN_BASE, 8, SIM_SEG_##seg, value }
#define ATTRIB(seg, value)	{ IN_ATTRIB, 2, SIM_SEG_##seg, value }
#define DR(name, value)	{ IN_DR, 8, SIM_DR_##name, value }
#define MSR(name, value)	{ IN_MSR, 8, SIM_MSR_##name, value }
#define SHADOW(value)	{ IN_INTR, 8, 0, value }
#define CR(name, value)	{ IN_CR, 8, SIM_CR_##name, value }

#define NPLACES		24

enum end {
	RUNS,			/* to the instruction behind, or to RIP */
	FAULTS,			/* with vector and error; out: nothing */
	STOPS			/* with stop; RIP stays */
};

struct row {
	const char *name;
	enum guest_mode mode;
	unsigned cpl;
	uint8_t bytes[SIM_INST_MAX + 1];
	uint8_t length;
	struct place in[NPLACES], out[NPLACES];
	enum end end;
	uint8_t vector;
	uint32_t error;
	struct sim_stop stop;	/* kind and u */
	bool injected;		/* event comes first */
	struct sim_event event;
};

#define BYTES(...)							\
	.bytes = { __VA_ARGS__ },					\
	.length = sizeof((uint8_t[]){ __VA_ARGS__ })

/* It stops: an access of bytes at a hole. */
#define HOLE_STOP(how, where, bytes)					\
	.end = STOPS, .stop = { .kind = SIM_STOP_MEMORY,		\
	    .u.mem = { .access = SIM_ACCESS_##how, .gpa = where,	\
	    .size = bytes } }

void row_check(const struct row *row);

/* Tables of rows, for others who run them; each list ends with NULL. */
struct row_table {
	const struct row *rows;
	int count;
};

#define ROW_TABLE(table)	{ table, ROWS(table) }

extern const struct row_table far_tables[], deliver_tables[],
    segment_tables[], debug_tables[], control_tables[], stack_tables[],
    string_tables[], move_tables[], fetch_tables[], sse_tables[],
    system_tables[], table_tables[], wide_tables[];

/* A guest whose next instructions are these bytes, for other tests. */
struct sim_map {
	uint8_t ram[RAM];
	uint64_t read_only;	/* gpa of a page; 0: none */
	uint64_t generation;
};

struct guest {
	struct sim_state state;
	struct sim_map map;
};

/* The ports by which a guest of a row leaves. */
#define PORT_DONE	0x99		/* it got there */
#define PORT_VECTOR	0xA0U		/* + its number: an exception */

/* The guest before the row's instruction, and as it should be after it. */
void row_guests(const struct row *row, struct guest *guest,
    struct guest *want);

/* Runs it in the interpreter until it stops; event, or NULL, comes first. */
void guest_run(struct guest *guest, const struct sim_event *event,
    struct sim_stop *stop);

void guest_make(struct guest *guest, enum guest_mode mode, unsigned cpl,
    const uint8_t *bytes, size_t size);

/* A suite of one test that loops over a table. */
#define ROWS(table)	(int)(sizeof(table) / sizeof((table)[0]))

Suite *move_suite(void);
Suite *fetch_suite(void);
Suite *paging_suite(void);
Suite *entry_suite(void);
Suite *stack_suite(void);
Suite *string_suite(void);
Suite *control_suite(void);
Suite *sse_suite(void);
Suite *far_suite(void);
Suite *deliver_suite(void);
Suite *debug_suite(void);
Suite *segment_suite(void);
Suite *table_suite(void);
Suite *system_suite(void);
Suite *wide_suite(void);

#endif /* TESTS_INTERP_GUEST_H */
