/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that run wild: random code, registers, tables and mappings, in every
 * mode.  Nobody knows what such a guest should do; but it must stop, within
 * bounds, with a record and registers that can be true, and touch no memory
 * of the host but its own, which stands between pages that nobody may touch.
 *
 *   main.c      the run, its options, what a failure prints
 *   memory.c    the guest's mappings, and where they are on the host
 *   code.c      bytes that have a chance to be instructions
 *   tables.c    page tables, descriptor tables, the TSS
 *   state.c     registers by mode
 *   trial.c     one guest, from its making to its last stop
 *   meddle.c    what a VMM does between two entries
 *   check.c     what holds after each stop
 */
#ifndef TESTS_INTERP_WILD_WILD_H
#define TESTS_INTERP_WILD_WILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "interp/native/random.h"
#include "kernel/map.h"

#define PAGE		4096U
#define NRANGES		8U

/* Where things stand in the base, the first and largest range. */
#define AT_VECTORS	0x0000U		/* of real mode */
#define AT_GDT		0x1000U
#define AT_IDT		0x2000U
#define AT_TSS		0x3000U
#define AT_TABLES	0x4000U		/* a page for each level */
#define AT_CODE		0x8000U
#define AT_DATA		0xC000U		/* and stacks */
#define BASE_SIZE	0x10000U

enum wild_mode {
	WILD_REAL, WILD_VM86, WILD_VM86_PAGED, WILD_PROT_16, WILD_PROT_32,
	WILD_PAGED_32, WILD_PAE, WILD_COMPAT_16, WILD_COMPAT_32, WILD_LONG,
	WILD_NMODES
};

struct wild_mode_row {
	const char *name;
	uint8_t code_size;	/* bytes: 2, 4, 8 */
	bool protected, vm86, paged, pae, wide;	/* wide: long mode */
};
extern const struct wild_mode_row wild_modes[WILD_NMODES];

/* A mapping, if it is present; its place on the host is always there. */
struct wild_range {
	uint8_t *host;
	uint64_t gpa;
	size_t size;
	int prot;
	bool present;
};

struct sim_map {
	uint64_t generation;
	struct wild_range ranges[NRANGES];
};

struct wild_guest {
	struct random random;
	enum wild_mode mode;
	unsigned corrupt;	/* one in so many table entries is; 0: none */
	uint64_t segment_base;	/* linear address of the base */
	struct sim_map *map;
	struct sim_state state;
	uint64_t rip_before;	/* of the last entry */
};

/* memory.c: once for all guests; then for each; between two entries. */
bool memory_create(struct sim_map *map);
void memory_place(struct wild_guest *guest);
void memory_change(struct wild_guest *guest);
/* The base may be written by us, whatever its guest may do. */
void memory_open(struct sim_map *map);
void memory_close(struct sim_map *map);
/* A number for what stands in memory that the guest can see. */
uint64_t memory_sum(const struct sim_map *map);

/* code.c */
void code_make(struct random *random, uint8_t *at, size_t size);

/* tables.c */
void tables_make(struct wild_guest *guest);

/* state.c */
void state_make(struct wild_guest *guest);
uint64_t state_gpr(struct random *random);
uint64_t state_rip(struct random *random);
void state_flags(struct wild_guest *guest);
void state_segment(struct wild_guest *guest, enum sim_seg_index seg);

/* trial.c: the instructions that it executed, loops not counted in full. */
struct interp;
uint64_t trial_run(struct wild_guest *guest, struct interp *ip);

/* meddle.c: after a stop, and what the next entry brings. */
void meddle(struct wild_guest *guest, const struct sim_stop *stop);
void meddle_entry(struct wild_guest *guest, struct sim_entry *entry,
    struct sim_event *event);

/* check.c: prints what is wrong. */
bool check_stop(const struct wild_guest *guest, struct interp *ip,
    const struct sim_stop *stop);
bool check_same(const struct sim_stop *stop, const struct sim_stop *again);

/* main.c: notes the guest for whoever finds it dead; says what is wrong. */
void wild_made(const struct wild_guest *guest);
void wild_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#endif /* TESTS_INTERP_WILD_WILD_H */
