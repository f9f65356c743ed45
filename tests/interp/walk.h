/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of page tables: an entry for each level, an access, and where it
 * leads, which fault it makes, or where it stops.  The suite walks them; the
 * oracle runs instructions that make the access.
 */
#ifndef TESTS_INTERP_WALK_H
#define TESTS_INTERP_WALK_H

#include "guest.h"

#define WALK_TABLE(i)	(0x4000ULL + (i) * 0x1000)
#define WALK_READ_ONLY	0xB000ULL
#define WALK_LINEAR	0x00403123ULL	/* entries 0, 0, 2, 3, or 1, 3 */

enum walk_paging { P32, PAE, P64, NONE };
enum walk_led { TO, FAULT, STOP };

struct walk_row {
	const char *name;
	enum walk_paging paging;
	uint64_t entries[4];	/* from the top */
	enum sim_access kind;
	enum walk_led led;
	uint64_t result;	/* gpa or error code */
	bool user, system;
	uint64_t linear;	/* 0: WALK_LINEAR */
	uint64_t cr0, cr4, efer, flags;	/* besides what the mode needs */
	enum sim_access stop;	/* of the stop: READ unless told */
};

extern const struct walk_row walk_rows[];
extern const size_t walk_nrows;

/* Where the entry of a level, 0 the top, is for an address. */
uint8_t *walk_entry_at(struct guest *guest, enum walk_paging paging,
    uint64_t linear, unsigned level);

/* Levels of a kind of paging, and the bytes of an entry. */
unsigned walk_levels(enum walk_paging paging);
unsigned walk_entry_size(enum walk_paging paging);

/* A guest with a row's tables and registers, and these bytes to execute. */
void walk_guest_make(struct guest *guest, const struct walk_row *row,
    const uint8_t *bytes, size_t size);

#endif /* TESTS_INTERP_WALK_H */
