/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pointers good and bad.  HVA_MAP and MAP_FIXED replace what is where they
 * map, so they get addresses in an arena of our own, or such that no host
 * can map anything.
 */
#include <sys/mman.h>
#include <string.h>

#include "fuzz.h"

int
fuzz_memory_create(struct fuzz *fuzz)
{
	struct fuzz_memory *memory = &fuzz->memory;

	memory->arena = mmap(NULL, ARENA_SIZE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	memory->pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory->arena == MAP_FAILED || memory->pages == MAP_FAILED)
		return -1;
	if (mprotect(memory->pages + PAGE, PAGE, PROT_READ) == -1)
		return -1;
	return mprotect(memory->pages + 2 * PAGE, PAGE, PROT_NONE);
}

void
fuzz_arena_reset(struct fuzz *fuzz)
{
	(void)mmap(fuzz->memory.arena, ARENA_SIZE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

/* NOREPLACE: what the driver unmapped must be free. */
void
fuzz_arena_reserve(struct fuzz *fuzz, uint64_t addr, uint64_t size)
{
	void *wanted = (void *)(uintptr_t)addr;

	if (mmap(wanted, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0) != wanted)
		fuzz_wrong(fuzz, "what was unmapped is still in use",
		    "%#llx, %#llx bytes", (unsigned long long)addr,
		    (unsigned long long)size);
}

bool
fuzz_in_arena(const struct fuzz *fuzz, uint64_t addr)
{
	return addr - (uintptr_t)fuzz->memory.arena < ARENA_SIZE;
}

uint64_t
fuzz_hva(struct fuzz *fuzz)
{
	uint64_t arena = (uintptr_t)fuzz->memory.arena;

	switch (fuzz_below(fuzz, 24)) {
	case 0:
		return 0;
	case 1:
		return arena + fuzz_below(fuzz, ARENA_SIZE);
	case 2:		/* the kernel's half, or of no half at all */
		return (fuzz_random(fuzz) | 1ULL << 63) & ~(PAGE - 1);
	case 3:
		return -PAGE;
	case 4:
		return fuzz_random(fuzz) | 1;	/* not aligned */
	default:	/* a few places, so that ranges meet again */
		return arena + fuzz_below(fuzz, 64) * 16 * PAGE +
		    (fuzz_once_in(fuzz, 4) ? PAGE : 0);
	}
}

uint64_t
fuzz_hva_size(struct fuzz *fuzz, uint64_t hva)
{
	uint64_t left = (uintptr_t)fuzz->memory.arena + ARENA_SIZE - hva;

	switch (fuzz_below(fuzz, 16)) {
	case 0:
		return 0;
	case 1:
		return 1ULL << (48 + fuzz_below(fuzz, 16));
	case 2:
		return -PAGE;
	case 3:
		return fuzz_random(fuzz) | 1;
	default:
		break;
	}
	if (!fuzz_in_arena(fuzz, hva))
		return PAGE;
	left = (left > 20 * PAGE ? 20 * PAGE : left) / PAGE;
	return left == 0 ? 0 : (1 + fuzz_below(fuzz, left)) * PAGE;
}

/* Where nothing is, or nothing may be touched. */
static uint8_t *
place_bad(struct fuzz *fuzz)
{
	static const uint64_t bad[] = {
		0, 1, 0xfff, -1ULL, -8ULL, 1ULL << 47, 1ULL << 63,
		0xffff800000000000ULL,
	};
	unsigned n = sizeof(bad) / sizeof(bad[0]);
	unsigned i = (unsigned)fuzz_below(fuzz, n + 2);

	if (i < n)
		return (uint8_t *)(uintptr_t)bad[i];
	/* Not at all accessible, or only at its beginning. */
	return fuzz->memory.pages + 2 * PAGE - (i == n ? 0 : 1);
}

struct fuzz_place
fuzz_place(struct fuzz *fuzz, uint8_t *stack, size_t size)
{
	struct fuzz_place place = { .readable = true, .writable = true };
	struct fuzz_view *view = &fuzz->views[fuzz_below(fuzz, NVIEWS)];

	switch (fuzz_below(fuzz, 32)) {
	case 0:
		place.addr = place_bad(fuzz);
		place.readable = place.writable = false;
		break;
	case 1:
		place.addr = fuzz->memory.pages + PAGE +
		    fuzz_below(fuzz, PAGE - size);
		place.writable = false;
		break;
	case 2: case 3:
		place.addr = fuzz->memory.pages +
		    fuzz_below(fuzz, PAGE - size);
		break;
	case 4: case 5:
		place.addr = stack + fuzz_below(fuzz, size);
		break;
	case 6:		/* in a comm page */
		if (view->addr != NULL && view->writable) {
			place.addr = view->addr + fuzz_below(fuzz,
			    PAGE - size);
			break;
		}
		/* FALLTHROUGH */
	default:
		place.addr = stack;
	}
	return place;
}
