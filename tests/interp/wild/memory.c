/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest's memory.  On the host each range has a page before and behind it
 * that nobody may touch, and what its mapping does not allow the guest, the
 * host's processor does not allow the interpreter.
 */
#include <sys/mman.h>
#include <string.h>

#include "wild.h"

static const unsigned range_pages[NRANGES] = {
	BASE_SIZE / PAGE, 4, 3, 2, 2, 1, 1, 1
};

/* Where ranges like to be: the ends of what processors can address. */
static const uint64_t places[] = {
	0x10000, 0x20000, 0xA0000, 0xFF000, 0x100000, 0x3FF000, 0x400000,
	0x7FFFF000, 0xFFFF0000, 0xFFFFF000, 0x100000000, 0x3FFFFFF000,
	0x4000000000, 0x7FFFFFFFFFF000, 0xFFFFFFFFFF000
};
#define NPLACES	(sizeof(places) / sizeof(places[0]))

static const struct wild_range *
range_find(const struct sim_map *map, uint64_t gpa)
{
	const struct wild_range *range;

	for (range = map->ranges; range < map->ranges + NRANGES; range++) {
		if (range->present && gpa >= range->gpa &&
		    gpa - range->gpa < range->size)
			return range;
	}
	return NULL;
}

void *
sim_map_access(const struct sim_map *map, uint64_t gpa, int prot, size_t *size)
{
	const struct wild_range *range = range_find(map, gpa);

	if (range == NULL || (range->prot & prot) != prot)
		return NULL;
	*size = range->size - (gpa - range->gpa);
	return range->host + (gpa - range->gpa);
}

uint64_t
sim_map_generation(const struct sim_map *map)
{
	return map->generation;
}

/* Whoever says so has written, and so could. */
void
sim_map_written(const struct sim_map *map, uint64_t gpa, size_t size)
{
	size_t room;

	if (sim_map_access(map, gpa, SIM_PROT_WRITE, &room) == NULL ||
	    room < size)
		wild_fail("%zu bytes at %#llx are said to be written", size,
		    (unsigned long long)gpa);
}

bool
memory_create(struct sim_map *map)
{
	size_t i, pages = 1;
	uint8_t *at;

	for (i = 0; i < NRANGES; i++)
		pages += range_pages[i] + 1;
	at = mmap(NULL, pages * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	if (at == MAP_FAILED)
		return false;
	memset(map, 0, sizeof(*map));
	at += PAGE;
	for (i = 0; i < NRANGES; i++) {
		map->ranges[i].host = at;
		map->ranges[i].size = range_pages[i] * PAGE;
		at += map->ranges[i].size + PAGE;
	}
	return true;
}

static void
host_protect(const struct wild_range *range, int prot)
{
	if (mprotect(range->host, range->size, prot) != 0)
		wild_fail("mprotect");
}

/* Code is read by the interpreter, not executed. */
static int
host_prot(const struct wild_range *range)
{
	if (!range->present)
		return PROT_NONE;
	return (range->prot & (SIM_PROT_READ | SIM_PROT_EXEC) ? PROT_READ :
	    PROT_NONE) | (range->prot & SIM_PROT_WRITE ? PROT_WRITE :
	    PROT_NONE);
}

void
memory_open(struct sim_map *map)
{
	host_protect(&map->ranges[0], PROT_READ | PROT_WRITE);
}

void
memory_close(struct sim_map *map)
{
	host_protect(&map->ranges[0], host_prot(&map->ranges[0]));
}

static bool
overlaps(const struct sim_map *map, const struct wild_range *range)
{
	const struct wild_range *other;

	for (other = map->ranges; other < map->ranges + NRANGES; other++) {
		if (other != range && other->present &&
		    other->gpa < range->gpa + range->size &&
		    range->gpa < other->gpa + other->size)
			return true;
	}
	return false;
}

/* Often beside another one. */
static void
range_place(struct wild_guest *guest, struct wild_range *range)
{
	struct random *random = &guest->random;
	const struct wild_range *other =
	    &guest->map->ranges[random_below(random, NRANGES)];

	if (random_below(random, 2))
		range->gpa = other->gpa + other->size;
	else
		range->gpa = places[random_below(random, NPLACES)];
	range->prot = random_below(random, 2) ? 7 :
	    (int)random_below(random, 8);
	range->present = random_below(random, 4) != 0 &&
	    range->gpa + range->size <= 1ULL << 52 &&
	    !overlaps(guest->map, range);
	host_protect(range, host_prot(range));
}

void
memory_place(struct wild_guest *guest)
{
	static const uint64_t bases[] = {
		0, 0, 0, 0, 0, 0x10000, 0x100000, 0xFFFF0000
	};
	struct wild_range *range = guest->map->ranges;
	uint64_t word;
	size_t i, j;

	guest->map->generation++;
	for (i = 0; i < NRANGES; i++, range++) {
		range->present = false;
		host_protect(range, PROT_READ | PROT_WRITE);
		/* What matters in the base is written by others. */
		for (j = i == 0 ? AT_DATA : 0; j < range->size;
		    j += sizeof(word)) {
			word = random_next(&guest->random);
			memcpy(range->host + j, &word, sizeof(word));
		}
	}
	range = guest->map->ranges;
	range->gpa = bases[random_below(&guest->random, 8)];
	range->present = true;
	range->prot = random_below(&guest->random, 16) ? 7 :
	    (int)random_below(&guest->random, 8);
	for (i = 1; i < NRANGES; i++)
		range_place(guest, &guest->map->ranges[i]);
}

/* A range comes, goes, moves, or has other rights. */
void
memory_change(struct wild_guest *guest)
{
	struct wild_range *range =
	    &guest->map->ranges[random_below(&guest->random, NRANGES)];

	guest->map->generation++;
	if (range != guest->map->ranges) {
		range_place(guest, range);
		return;
	}
	range->prot = random_below(&guest->random, 4) ? 7 :
	    (int)random_below(&guest->random, 8);
	host_protect(range, host_prot(range));
}

uint64_t
memory_sum(const struct sim_map *map)
{
	const struct wild_range *range;
	uint64_t sum = 0, word;
	size_t i;

	for (range = map->ranges; range < map->ranges + NRANGES; range++) {
		if (!range->present || range->prot == 0)
			continue;
		for (i = 0; i < range->size; i += sizeof(word)) {
			memcpy(&word, range->host + i, sizeof(word));
			sum = (sum ^ word) * 0x9E3779B97F4A7C15ULL;
			sum ^= sum >> 29;
		}
	}
	return sum;
}
