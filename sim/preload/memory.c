/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own memory, under the C library's names, which nobody but the
 * kernel's library sees.
 *
 * An ioctl may come from a signal handler that has interrupted the program
 * in malloc(3), whose locks are then taken and whose lists are in disorder;
 * a real kernel does not mind either.  No handler runs while we are here.
 */
#include "preload/memory.h"

#include <sys/mman.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Address space, not memory: as much as all machines could ever need. */
#define ROOM		((size_t)1 << 36)
#define ROOM_SMALL	((size_t)1 << 30)	/* where that is not allowed */

/* Sizes are powers of two up to here, and then as they are. */
#define CLASS_FIRST	7U
#define CLASS_LAST	16U
#define LARGE		((size_t)1 << CLASS_LAST)
#define LARGE_UNIT	((size_t)4096)

/* Keeps what follows on a cache line of its own. */
struct block {
	size_t size;			/* of all of it */
	struct block *next;		/* free, of this class, or large */
	char pad[48];
};
_Static_assert(sizeof(struct block) == 64, "blocks are aligned by 64");

static struct {
	pthread_mutex_t lock;
	char *base;			/* NULL: there is none yet */
	size_t room;
	atomic_size_t used;		/* never less, also in a child */
	struct block *small[CLASS_LAST];
	struct block *large;
} heap = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool
heap_make(void)
{
	void *base;

	if (heap.base != NULL)
		return true;
	heap.room = ROOM;
	base = mmap(NULL, heap.room, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED) {
		heap.room = ROOM_SMALL;
		base = mmap(NULL, heap.room, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	if (base == MAP_FAILED)
		return false;
	heap.base = base;
	return true;
}

static unsigned
class_of(size_t size)
{
	unsigned class = CLASS_FIRST;

	while (((size_t)1 << class) < size)
		class++;
	return class;
}

/* From what was never used: zeros.  A large one has pages of its own. */
static struct block *
block_new(size_t size)
{
	const size_t unit = size < LARGE ? sizeof(struct block) : LARGE_UNIT;
	struct block *block;
	size_t at;

	at = (atomic_load(&heap.used) + unit - 1) / unit * unit;
	if (!heap_make() || size > heap.room - at)
		return NULL;
	atomic_store(&heap.used, at + size);
	block = (struct block *)(void *)(heap.base + at);
	block->size = size;
	return block;
}

/* The size may be smaller than the block found: a large one fits exactly. */
static struct block *
block_find(struct block **list, size_t size)
{
	struct block *block;

	for (; (block = *list) != NULL; list = &block->next) {
		if (block->size == size) {
			*list = block->next;
			return block;
		}
	}
	return NULL;
}

static void *
allocate(size_t size, bool zero)
{
	struct block *block, **list;

	if (size > SIZE_MAX / 2)
		return NULL;
	size += sizeof(*block);
	if (size < LARGE) {
		list = &heap.small[class_of(size) - 1];
		size = (size_t)1 << class_of(size);
	} else {
		list = &heap.large;
		size = (size + LARGE_UNIT - 1) / LARGE_UNIT * LARGE_UNIT;
	}
	pthread_mutex_lock(&heap.lock);
	block = block_find(list, size);
	/* What is large was given back, but for its header's page. */
	if (block != NULL && zero)
		memset(block + 1, 0, (size < LARGE ? size : LARGE_UNIT) -
		    sizeof(*block));
	if (block == NULL)
		block = block_new(size);
	pthread_mutex_unlock(&heap.lock);
	return block != NULL ? block + 1 : NULL;
}

void *
malloc(size_t size)
{
	return allocate(size, false);
}

void *
calloc(size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return allocate(n * size, true);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
	return alignment > sizeof(struct block) ? NULL :
	    allocate(size, false);
}

void
free(void *p)
{
	struct block *block = p, **list;

	if (p == NULL)
		return;
	block--;
	list = block->size < LARGE ? &heap.small[class_of(block->size) - 1] :
	    &heap.large;
	if (block->size >= LARGE)
		(void)madvise((char *)block + LARGE_UNIT,
		    block->size - LARGE_UNIT, MADV_DONTNEED);
	pthread_mutex_lock(&heap.lock);
	block->next = *list;
	*list = block;
	pthread_mutex_unlock(&heap.lock);
}

void *
realloc(void *p, size_t size)
{
	const struct block *block = p;
	size_t had;
	void *moved;

	moved = allocate(size, false);
	if (p == NULL || moved == NULL)
		return moved;
	had = block[-1].size - sizeof(*block);
	memcpy(moved, p, had < size ? had : size);
	free(p);
	return moved;
}

/* The large blocks have gone back already. */
int
malloc_trim(size_t pad)
{
	(void)pad;
	return 0;
}

void
preload_memory_forget(void)
{
	pthread_mutex_init(&heap.lock, NULL);
	memset(heap.small, 0, sizeof(heap.small));
	heap.large = NULL;
}
