/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables that would do, but for what is corrupt in them: entries that point
 * at holes, at the tables themselves, or are anything at all.
 */
#include <string.h>

#include "wild.h"

#define PTE_P		0x001ULL
#define PTE_LARGE	0x080ULL

static void
put(uint8_t *at, unsigned size, uint64_t value)
{
	for (; size > 0; size--, value >>= 8)
		*at++ = (uint8_t)value;
}

static bool
corrupts(struct wild_guest *guest)
{
	return guest->corrupt != 0 &&
	    random_below(&guest->random, guest->corrupt) == 0;
}

/* --- page tables --- */

/* Present, and most of them writable, for users, accessed. */
static uint64_t
entry_flags(struct random *random)
{
	uint64_t flags = PTE_P | 0x6 | (random_next(random) & 0x160);

	if (random_below(random, 8) == 0)
		flags ^= random_next(random) & 0x1E;
	return flags;
}

static uint64_t
entry_corrupt(struct wild_guest *guest, uint64_t entry)
{
	struct random *random = &guest->random;
	uint64_t base = guest->map->ranges[0].gpa;

	switch (random_below(random, 4)) {
	case 0:
		return random_next(random);
	case 1:		/* a table, maybe this one */
		return (base + AT_TABLES + random_below(random, 4) * PAGE) |
		    entry_flags(random);
	case 2:		/* some range, or the hole behind it */
		return (guest->map->ranges[random_below(random, NRANGES)].gpa +
		    random_below(random, 4) * PAGE) | entry_flags(random);
	default:
		return entry ^ 1ULL << random_below(random, 64);
	}
}

/* Level counts from 0, the top; the last one maps the base again and again. */
static void
table_make(struct wild_guest *guest, unsigned level, unsigned levels,
    unsigned size)
{
	uint64_t base = guest->map->ranges[0].gpa, entry;
	uint8_t *table = guest->map->ranges[0].host + AT_TABLES +
	    level * PAGE;
	unsigned i, n = PAGE / size;

	for (i = 0; i < n; i++) {
		if (level + 1 == levels)
			entry = base + (i * PAGE) % (4 * BASE_SIZE);
		else
			entry = base + AT_TABLES + (level + 1) * PAGE;
		entry |= entry_flags(&guest->random);
		/* Large pages, but where the code is. */
		if (i > 0 && level + 1 < levels && i % 3 == 0)
			entry = (uint64_t)i << 22 | PTE_LARGE |
			    entry_flags(&guest->random);
		/* Rights are not for PAE's first level. */
		if (levels == 3 && level == 0)
			entry &= ~0x1E6ULL;
		if (corrupts(guest))
			entry = entry_corrupt(guest, entry);
		put(table + i * size, size, entry);
	}
}

static void
page_tables_make(struct wild_guest *guest)
{
	const struct wild_mode_row *mode = &wild_modes[guest->mode];
	unsigned levels = mode->wide ? 4 : mode->pae ? 3 : 2, level;

	for (level = 0; level < levels; level++)
		table_make(guest, level, levels, mode->pae ? 8 : 4);
	guest->state.crs[SIM_CR_CR3] = guest->map->ranges[0].gpa + AT_TABLES;
	if (corrupts(guest))
		guest->state.crs[SIM_CR_CR3] ^= random_next(&guest->random) &
		    0xFFFFF;
}

/* --- descriptors --- */

static uint64_t
descriptor_make(struct wild_guest *guest, bool code)
{
	const struct wild_mode_row *mode = &wild_modes[guest->mode];
	struct random *random = &guest->random;
	uint64_t base = guest->segment_base;
	uint64_t type = code ? 0x1A : 0x12, flags = 0x8;

	if (random_below(random, 8) == 0)
		type = random_below(random, 32);
	if (code && mode->code_size == 8 && random_below(random, 8) != 0)
		flags |= 0x2;
	else if (random_below(random, 4) != 0)
		flags |= 0x4;
	return 0xFFFF | (base & 0xFFFFFF) << 16 | type << 40 |
	    (uint64_t)(random_below(random, 2) * 3) << 45 |
	    (uint64_t)(random_below(random, 16) != 0) << 47 |
	    (random_below(random, 8) ? 0xFULL : 0) << 48 | flags << 52 |
	    (base >> 24 & 0xFF) << 56;
}

/* A gate's offset is one of the code's; its selector any. */
static uint64_t
gate_make(struct wild_guest *guest, bool call)
{
	static const uint8_t interrupts[] = { 0xE, 0xE, 0xF, 0xE, 0x6, 0x7,
	    0x5, 0xE };
	struct random *random = &guest->random;
	uint64_t type = call ? random_below(random, 2) ? 0xC : 0x4 :
	    interrupts[random_below(random, 8)];

	return (state_rip(random) & 0xFFFF) |
	    (uint64_t)(random_below(random, 32) * 8) << 16 |
	    (uint64_t)random_below(random, call ? 4 : 2) << 32 |
	    type << 40 | (uint64_t)(random_below(random, 2) * 3) << 45 |
	    (uint64_t)(random_below(random, 16) != 0) << 47;
}

static void
descriptors_make(struct wild_guest *guest)
{
	uint8_t *base = guest->map->ranges[0].host;
	bool wide = wild_modes[guest->mode].wide;
	uint64_t entry;
	unsigned i;

	for (i = 0; i < PAGE / 8; i++) {
		entry = i % 8 == 6 ? gate_make(guest, true) :
		    descriptor_make(guest, i % 2);
		if (corrupts(guest))
			entry = random_next(&guest->random);
		put(base + AT_GDT + i * 8, 8, entry);
		/* Gates of long mode have a second half, of zeroes mostly. */
		entry = wide && i % 2 ? 0 : gate_make(guest, false);
		if (corrupts(guest))
			entry = random_next(&guest->random);
		put(base + AT_IDT + i * 8, 8, entry);
	}
}

/* Stacks, and a map of ports behind them. */
static void
tss_make(struct wild_guest *guest)
{
	uint8_t *tss = guest->map->ranges[0].host + AT_TSS;
	unsigned i;

	for (i = 0; i < PAGE; i += 4)
		put(tss + i, 4, AT_DATA + random_below(&guest->random,
		    BASE_SIZE - AT_DATA));
	for (i = 8; i < 0x60 && !wild_modes[guest->mode].wide; i += 8)
		put(tss + i, 4, random_below(&guest->random, 64) * 8);
	for (i = 8; i < 0x60 && wild_modes[guest->mode].wide; i += 8)
		put(tss + i, 4, 0);
	put(tss + 102, 2, random_below(&guest->random, 200));
}

void
tables_make(struct wild_guest *guest)
{
	uint8_t *base = guest->map->ranges[0].host;
	unsigned i;

	for (i = 0; i < 256; i++) {
		put(base + AT_VECTORS + i * 4, 2, state_rip(&guest->random));
		put(base + AT_VECTORS + i * 4 + 2, 2,
		    corrupts(guest) ? random_next(&guest->random) : 0);
	}
	for (i = 0x400; i < AT_GDT; i++)
		base[i] = (uint8_t)random_next(&guest->random);
	page_tables_make(guest);
	descriptors_make(guest);
	tss_make(guest);
}
