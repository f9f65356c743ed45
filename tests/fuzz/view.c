/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comm pages: mapped, unmapped and written with anything.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "kernel/errors.h"

#define COMM_BYTES	1072	/* of the page that mean anything */
#define COMM_STOP	1064

void
fuzz_views_forget(struct fuzz *fuzz, uint64_t addr, uint64_t size)
{
	unsigned i;

	for (i = 0; i < NVIEWS; i++) {
		if ((uintptr_t)fuzz->views[i].addr - addr < size)
			fuzz->views[i].addr = NULL;
	}
}

/* Where the page was in the arena, the arena is again. */
static void
view_gone(struct fuzz *fuzz, uint8_t *addr)
{
	fuzz_views_forget(fuzz, (uintptr_t)addr, PAGE);
	if (fuzz_in_arena(fuzz, (uintptr_t)addr))
		fuzz_arena_reserve(fuzz, (uintptr_t)addr, PAGE);
}

/* As munmap(2): the driver's, if it says so, else the host's. */
static void
view_unmap(struct fuzz *fuzz, uint8_t *addr)
{
	if (sim_munmap(fuzz->sim, addr, PAGE) != 0)
		munmap(addr, PAGE);
	view_gone(fuzz, addr);
}

void
fuzz_views_unmap(struct fuzz *fuzz)
{
	unsigned i;

	for (i = 0; i < NVIEWS; i++) {
		if (fuzz->views[i].addr != NULL)
			view_unmap(fuzz, fuzz->views[i].addr);
	}
}

void
fuzz_view_add(struct fuzz *fuzz, void *addr, bool writable)
{
	struct fuzz_view *view = NULL;
	unsigned i;

	fuzz_views_forget(fuzz, (uintptr_t)addr, PAGE);
	for (i = 0; i < NVIEWS && view == NULL; i++) {
		if (fuzz->views[i].addr == NULL)
			view = &fuzz->views[i];
	}
	if (view == NULL) {
		view = &fuzz->views[fuzz_below(fuzz, NVIEWS)];
		view_unmap(fuzz, view->addr);
	}
	view->addr = addr;
	view->writable = writable;
}

static int64_t
random_offset(struct fuzz *fuzz)
{
	uint64_t machid = fuzz_below(fuzz, fuzz_once_in(fuzz, 4) ? 256 : 16);
	uint64_t cpuid = fuzz_below(fuzz, fuzz_once_in(fuzz, 4) ? 256 : 4);

	if (fuzz_once_in(fuzz, 8))
		return (int64_t)fuzz_edge(fuzz);
	if (fuzz_once_in(fuzz, 2)) {
		machid = fuzz->last.machid;
		cpuid = fuzz->last.cpuid;
	}
	return (int64_t)(machid << 20 | cpuid << 12);
}

/* With MAP_FIXED: in the arena, or where nothing can be. */
static void *
random_hint(struct fuzz *fuzz)
{
	uint64_t arena = (uintptr_t)fuzz->memory.arena;

	switch (fuzz_below(fuzz, 4)) {
	case 0:
		return (void *)(uintptr_t)-PAGE;
	case 1:
		return (void *)(uintptr_t)(arena + 1);
	default:
		return (void *)(uintptr_t)(arena +
		    fuzz_below(fuzz, ARENA_PAGES) * PAGE);
	}
}

static size_t
random_length(struct fuzz *fuzz)
{
	static const size_t lengths[] = { 0, 1, PAGE - 1, PAGE + 1, 2 * PAGE };

	if (fuzz_once_in(fuzz, 4))
		return lengths[fuzz_below(fuzz, 5)];
	return fuzz_once_in(fuzz, 16) ? fuzz_edge(fuzz) : PAGE;
}

void
fuzz_call_mmap(struct fuzz *fuzz)
{
	const struct fuzz_file *file = &fuzz->files[fuzz_below(fuzz, NFILES)];
	int prot = fuzz_once_in(fuzz, 2) ? (int)fuzz_below(fuzz, 8) :
	    PROT_READ | PROT_WRITE;
	int flags = (int)fuzz_random(fuzz) & ~MAP_FIXED;
	void *hint = NULL, *addr = NULL;
	int error;

	if (fuzz_once_in(fuzz, 4)) {
		hint = random_hint(fuzz);
		flags |= MAP_FIXED;
	}
	error = sim_mmap(file->file, hint, random_length(fuzz), prot, flags,
	    random_offset(fuzz), &addr);
	fuzz->nmmaps++;
	if (error == 0)
		fuzz_view_add(fuzz, addr, prot & PROT_WRITE);
	else if (!sim_mmap_error_documented(error))
		fuzz_wrong(fuzz, "an error of mmap that is not documented",
		    "%d", error);
}

void
fuzz_call_munmap(struct fuzz *fuzz)
{
	struct fuzz_view *view = &fuzz->views[fuzz_below(fuzz, NVIEWS)];
	size_t length = random_length(fuzz);
	uint8_t *addr = view->addr;
	bool ours = addr != NULL;

	if (!ours)
		addr = random_hint(fuzz);
	if (sim_munmap(fuzz->sim, addr, length) == 0)
		view_gone(fuzz, addr);
	else if (ours && length > 0) {
		munmap(addr, PAGE);
		view_gone(fuzz, addr);
	}
}

static void
flag_words(struct fuzz *fuzz, uint8_t *page)
{
	uint64_t word;
	unsigned i;

	for (i = 0; i < 3; i++) {
		word = fuzz_once_in(fuzz, 4) ? fuzz_random(fuzz) :
		    fuzz_below(fuzz, SIM_STATE_ALL + 1);
		memcpy(page + i * sizeof(word), &word, sizeof(word));
	}
}

static void
random_event(struct fuzz *fuzz, uint8_t *page)
{
	struct sim_event_record event;

	fuzz_bytes(fuzz, &event, sizeof(event));
	if (!fuzz_once_in(fuzz, 4))
		event.type = (uint32_t)fuzz_below(fuzz, 2);
	if (!fuzz_once_in(fuzz, 4))
		event.vector &= 31;
	memcpy(page + SIM_COMM_EVENT, &event, sizeof(event));
	page[SIM_COMM_EVENT_COMMIT] = (uint8_t)fuzz_random(fuzz);
}

void
fuzz_scribble(struct fuzz *fuzz)
{
	struct fuzz_view *view = &fuzz->views[fuzz_below(fuzz, NVIEWS)];
	uint64_t at = fuzz_below(fuzz, COMM_BYTES), word;

	if (view->addr == NULL || !view->writable)
		return;
	switch (fuzz_below(fuzz, 4)) {
	case 0:
		flag_words(fuzz, view->addr);
		break;
	case 1:
		random_event(fuzz, view->addr);
		break;
	case 2:
		view->addr[COMM_STOP] = (uint8_t)fuzz_below(fuzz, 2);
		break;
	default:
		word = fuzz_edge(fuzz);
		memcpy(view->addr + at / 8 * 8, &word, sizeof(word));
		fuzz_bytes(fuzz, view->addr + at, COMM_BYTES - at > 64 ?
		    64 : COMM_BYTES - at);
	}
}
