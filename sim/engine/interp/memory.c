/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loads and stores of guest memory.  Other VCPUs and the VMM look at the same
 * bytes, so aligned words are accessed by relaxed atomics and never tear.
 */
#include <stdatomic.h>
#include <string.h>

#include "engine/interp/interp.h"

#define PAGE_SIZE	4096U

bool
interp_access_linear(struct interp *ip, uint64_t linear, unsigned size,
    enum sim_access kind, bool system, struct interp_access *access)
{
	unsigned room = PAGE_SIZE - (unsigned)(linear % PAGE_SIZE);
	uint64_t next;

	if (!interp_long(ip))
		linear &= 0xFFFFFFFF;
	if (ip->breaks_data && !system)
		interp_debug_access(ip, linear, size,
		    kind == SIM_ACCESS_WRITE);
	access->size = (uint8_t)size;
	access->first = (uint8_t)(size < room ? size : room);
	if (!interp_translate(ip, linear, access->first, kind, system,
	    &access->host[0], &access->gpa[0]))
		return false;
	if (access->first == size)
		return true;
	next = linear + room;
	if (!interp_long(ip))
		next &= 0xFFFFFFFF;
	return interp_translate(ip, next, size - room, kind, system,
	    &access->host[1], &access->gpa[1]);
}

bool
interp_access(struct interp *ip, enum sim_seg_index seg, uint64_t offset,
    unsigned size, enum sim_access kind, struct interp_access *access)
{
	uint64_t linear;

	return interp_linear(ip, seg, offset, size, kind, &linear) &&
	    interp_access_linear(ip, linear, size, kind, false, access);
}

/* One aligned word, which nobody sees half written. */
static uint64_t
word_load(const uint8_t *host, unsigned size)
{
	switch (size) {
	case 1:
		return atomic_load_explicit((const _Atomic uint8_t *)host,
		    memory_order_relaxed);
	case 2:
		return atomic_load_explicit(
		    (const _Atomic uint16_t *)(const void *)host,
		    memory_order_relaxed);
	case 4:
		return atomic_load_explicit(
		    (const _Atomic uint32_t *)(const void *)host,
		    memory_order_relaxed);
	default:
		return atomic_load_explicit(
		    (const _Atomic uint64_t *)(const void *)host,
		    memory_order_relaxed);
	}
}

static void
word_store(uint8_t *host, unsigned size, uint64_t value)
{
	switch (size) {
	case 1:
		atomic_store_explicit((_Atomic uint8_t *)host, (uint8_t)value,
		    memory_order_relaxed);
		break;
	case 2:
		atomic_store_explicit((_Atomic uint16_t *)(void *)host,
		    (uint16_t)value, memory_order_relaxed);
		break;
	case 4:
		atomic_store_explicit((_Atomic uint32_t *)(void *)host,
		    (uint32_t)value, memory_order_relaxed);
		break;
	default:
		atomic_store_explicit((_Atomic uint64_t *)(void *)host, value,
		    memory_order_relaxed);
		break;
	}
}

/* Whether the access is one such word. */
static bool
is_word(const struct interp_access *access)
{
	unsigned size = access->size;

	return access->first == size && (size & (size - 1)) == 0 &&
	    size <= 8 && ((uintptr_t)access->host[0] & (size - 1)) == 0;
}

static uint8_t *
byte_place(const struct interp_access *access, unsigned i)
{
	if (i < access->first)
		return access->host[0] + i;
	return access->host[1] + (i - access->first);
}

uint64_t
interp_load(const struct interp_access *access)
{
	uint64_t value = 0;
	unsigned i;

	if (is_word(access))
		return word_load(access->host[0], access->size);
	for (i = 0; i < access->size; i++)
		value |= word_load(byte_place(access, i), 1) << (i * 8);
	return value;
}

static void
written(struct interp *ip, const struct interp_access *access)
{
	sim_map_written(ip->map, access->gpa[0], access->first);
	if (access->first < access->size)
		sim_map_written(ip->map, access->gpa[1],
		    access->size - access->first);
}

void
interp_store(struct interp *ip, const struct interp_access *access,
    uint64_t value)
{
	unsigned i;

	if (is_word(access))
		word_store(access->host[0], access->size, value);
	else {
		for (i = 0; i < access->size; i++)
			word_store(byte_place(access, i), 1,
			    value >> (i * 8));
	}
	written(ip, access);
}

static bool
word_exchange(uint8_t *host, unsigned size, uint64_t expected, uint64_t value)
{
	uint8_t e8 = (uint8_t)expected;
	uint16_t e16 = (uint16_t)expected;
	uint32_t e32 = (uint32_t)expected;

	switch (size) {
	case 1:
		return atomic_compare_exchange_strong((_Atomic uint8_t *)host,
		    &e8, (uint8_t)value);
	case 2:
		return atomic_compare_exchange_strong(
		    (_Atomic uint16_t *)(void *)host, &e16, (uint16_t)value);
	case 4:
		return atomic_compare_exchange_strong(
		    (_Atomic uint32_t *)(void *)host, &e32, (uint32_t)value);
	default:
		return atomic_compare_exchange_strong(
		    (_Atomic uint64_t *)(void *)host, &expected, value);
	}
}

/*
 * A locked access that is not aligned (a split lock) is not atomic here: no
 * software that is meant to run fast has one.
 */
bool
interp_store_if(struct interp *ip, const struct interp_access *access,
    uint64_t expected, uint64_t value)
{
	bool done;

	if (is_word(access))
		done = word_exchange(access->host[0], access->size, expected,
		    value);
	else {
		done = interp_load(access) == expected;
		if (done)
			interp_store(ip, access, value);
	}
	if (done)
		written(ip, access);
	return done;
}

/* Sixteen bytes at once, with what the host has for it. */
#if defined(__x86_64__)
__attribute__((target("cx16")))
#endif
static bool
pair_exchange(void *host, const uint64_t expected[2], const uint64_t value[2])
{
#if defined(__SIZEOF_INT128__)
	unsigned __int128 old, new;

	memcpy(&old, expected, sizeof(old));
	memcpy(&new, value, sizeof(new));
	return __sync_bool_compare_and_swap((unsigned __int128 *)host, old,
	    new);
#else
	/* Between the processors of such hosts the halves may be seen apart. */
	_Atomic uint64_t *halves = host;
	uint64_t low = expected[0], high = expected[1];

	if (atomic_load(&halves[1]) != high ||
	    !atomic_compare_exchange_strong(&halves[0], &low, value[0]))
		return false;
	return atomic_compare_exchange_strong(&halves[1], &high, value[1]);
#endif
}

bool
interp_store_pair_if(struct interp *ip, const struct interp_access *access,
    const uint64_t expected[2], const uint64_t value[2])
{
	bool done = pair_exchange(access->host[0], expected, value);

	if (done)
		written(ip, access);
	return done;
}

/* By words where both pieces allow it, else byte by byte. */
void
interp_load_bytes(const struct interp_access *access, void *bytes)
{
	uint8_t *to = bytes;
	uint64_t word;
	unsigned i = 0;

	if (access->first == access->size &&
	    ((uintptr_t)access->host[0] & 7) == 0) {
		for (; i + 8 <= access->size; i += 8) {
			word = word_load(access->host[0] + i, 8);
			memcpy(to + i, &word, sizeof(word));
		}
	}
	for (; i < access->size; i++)
		to[i] = (uint8_t)word_load(byte_place(access, i), 1);
}

void
interp_store_bytes(struct interp *ip, const struct interp_access *access,
    const void *bytes)
{
	const uint8_t *from = bytes;
	uint64_t word;
	unsigned i = 0;

	if (access->first == access->size &&
	    ((uintptr_t)access->host[0] & 7) == 0) {
		for (; i + 8 <= access->size; i += 8) {
			memcpy(&word, from + i, sizeof(word));
			word_store(access->host[0] + i, 8, word);
		}
	}
	for (; i < access->size; i++)
		word_store(byte_place(access, i), 1, from[i]);
	written(ip, access);
}

bool
interp_read(struct interp *ip, enum sim_seg_index seg, uint64_t offset,
    unsigned size, uint64_t *value)
{
	struct interp_access access;

	if (!interp_access(ip, seg, offset, size, SIM_ACCESS_READ, &access))
		return false;
	*value = interp_load(&access);
	return true;
}

bool
interp_read_system(struct interp *ip, uint64_t linear, unsigned size,
    uint64_t *value)
{
	struct interp_access access;

	if (!interp_access_linear(ip, linear, size, SIM_ACCESS_READ, true,
	    &access))
		return false;
	*value = interp_load(&access);
	return true;
}
