/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest mappings: an immutable picture, sorted by gpa, that is replaced as a
 * whole.  Engines read it without a lock; who replaces it waits until no
 * engine looks at the old one, as a TLB shootdown would.
 */
#include "kernel/map.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include "kernel/judge.h"
#include "kernel/kernel.h"

struct range {
	uint64_t gpa;
	uint64_t size;
	struct sim_hostmem *mem;	/* one reference */
	uint64_t offset;		/* of gpa in mem */
	int prot;
};

struct sim_map {
	uint64_t generation;
	size_t nranges;
	size_t capacity;		/* allocated; nranges may be less */
	struct range ranges[];
};

static size_t
map_bytes(size_t capacity)
{
	return sizeof(struct sim_map) + capacity * sizeof(struct range);
}

/* The mapping that gpa is in, or NULL. */
static const struct range *
range_find(const struct sim_map *map, uint64_t gpa)
{
	size_t low = 0, high, mid;

	if (map == NULL)
		return NULL;
	high = map->nranges;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (map->ranges[mid].gpa + map->ranges[mid].size <= gpa)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == map->nranges || map->ranges[low].gpa > gpa)
		return NULL;
	return &map->ranges[low];
}

void *
sim_map_access(const struct sim_map *map, uint64_t gpa, int prot, size_t *size)
{
	const struct range *range = range_find(map, gpa);

	if (range == NULL || (range->prot & prot) != prot)
		return NULL;
	*size = range->size - (gpa - range->gpa);
	return range->mem->kernel + range->offset + (gpa - range->gpa);
}

uint64_t
sim_map_generation(const struct sim_map *map)
{
	return map != NULL ? map->generation : 0;
}

void
sim_map_written(const struct sim_map *map, uint64_t gpa, size_t size)
{
	const struct range *range;

	for (; size > 0 && sim_judging(); size--, gpa++) {
		range = range_find(map, gpa);
		if (range != NULL && range->mem->hva != 0)
			sim_judge_memory_written(range->mem->hva +
			    range->offset + (gpa - range->gpa), 1);
	}
}

static void
range_add(struct sim_map *map, const struct range *range, uint64_t from,
    uint64_t to)
{
	struct range *added = &map->ranges[map->nranges++];

	*added = *range;
	added->gpa = from;
	added->size = to - from;
	added->offset = range->offset + (from - range->gpa);
	added->mem->refs++;
}

/* Copies what of the old picture lies outside [gpa, end), and puts *with in. */
static void
map_build(struct sim_map *map, const struct sim_map *old, uint64_t gpa,
    uint64_t end, const struct range *with)
{
	const struct range *range;
	size_t i, n = old != NULL ? old->nranges : 0;
	bool placed = with == NULL;

	for (i = 0; i < n; i++) {
		range = &old->ranges[i];
		if (range->gpa < gpa)
			range_add(map, range, range->gpa,
			    range->gpa + range->size < gpa ?
			    range->gpa + range->size : gpa);
		if (!placed && range->gpa + range->size > gpa) {
			range_add(map, with, gpa, end);
			placed = true;
		}
		if (range->gpa + range->size > end)
			range_add(map, range, range->gpa > end ?
			    range->gpa : end, range->gpa + range->size);
	}
	if (!placed)
		range_add(map, with, gpa, end);
}

static void
wait_until_unused(struct sim_machine *machine, const struct sim_map *map)
{
	unsigned i;

	for (i = 0; map != NULL && i < SIM_MAX_VCPUS; i++) {
		while (atomic_load(&machine->slots[i].map_in_use) == map)
			sched_yield();
	}
}

int
sim_map_replace(struct sim *sim, struct sim_machine *machine, uint64_t gpa,
    uint64_t size, struct sim_hostmem *mem, uint64_t offset, int prot)
{
	const struct range with = {
		.gpa = gpa, .size = size, .mem = mem, .offset = offset,
		.prot = prot,
	};
	struct sim_map *old = atomic_load(&machine->map);
	struct sim_map *map;
	size_t capacity;

	/* At the worst one range is cut in two around the new one. */
	capacity = (old != NULL ? old->nranges : 0) + 2;
	map = sim_alloc(sim, map_bytes(capacity));
	if (map == NULL)
		return ENOMEM;
	map->capacity = capacity;
	map->generation = sim_map_generation(old) + 1;
	map_build(map, old, gpa, gpa + size, mem != NULL ? &with : NULL);
	atomic_store(&machine->map, map);
	wait_until_unused(machine, old);
	sim_map_free(sim, old);
	return 0;
}

void
sim_map_free(struct sim *sim, struct sim_map *map)
{
	size_t i;

	if (map == NULL)
		return;
	for (i = 0; i < map->nranges; i++)
		sim_hostmem_put(sim, map->ranges[i].mem);
	sim_free(sim, map, map_bytes(map->capacity));
}

/*
 * Announce, then look again: a picture that was replaced in between may be
 * gone, one that is still current after the announcement will be waited for.
 */
const struct sim_map *
sim_map_enter(struct sim_machine *machine, struct sim_slot *slot)
{
	const struct sim_map *map;

	do {
		map = atomic_load(&machine->map);
		atomic_store(&slot->map_in_use, map);
	} while (map != atomic_load(&machine->map));
	return map;
}

void
sim_map_leave(struct sim_slot *slot)
{
	atomic_store_explicit(&slot->map_in_use, NULL, memory_order_release);
}
