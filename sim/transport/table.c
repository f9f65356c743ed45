/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which descriptors are the device's.  Two levels, so that looking up any
 * descriptor of a process that has very many costs two loads.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "transport/private.h"

/* Together 2^20, Linux's default ceiling of descriptors (fs.nr_open). */
#define BLOCK_FDS	1024
#define NBLOCKS		1024

struct block {
	_Atomic(struct sim_file *) files[BLOCK_FDS];
};

static _Atomic(struct block *) blocks[NBLOCKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct block *
block_get(int fd)
{
	if (fd < 0 || fd >= BLOCK_FDS * NBLOCKS)
		return NULL;
	return atomic_load_explicit(&blocks[fd / BLOCK_FDS],
	    memory_order_acquire);
}

static struct block *
block_make(int fd)
{
	struct block *block, *expected = NULL;

	if (fd < 0 || fd >= BLOCK_FDS * NBLOCKS)
		return NULL;
	block = calloc(1, sizeof(*block));
	if (block == NULL)
		return NULL;
	if (atomic_compare_exchange_strong(&blocks[fd / BLOCK_FDS], &expected,
	    block))
		return block;
	free(block);
	return expected;
}

int
transport_table_set(int fd, struct sim_file *file)
{
	struct block *block = block_get(fd);

	if (block == NULL && file != NULL)
		block = block_make(fd);
	if (block == NULL)
		return ENOMEM;
	atomic_store(&block->files[fd % BLOCK_FDS], file);
	return 0;
}

struct sim_file *
transport_table_get(int fd)
{
	struct block *block = block_get(fd);

	if (block == NULL)
		return NULL;
	return atomic_load_explicit(&block->files[fd % BLOCK_FDS],
	    memory_order_acquire);
}

/*
 * Descriptors of one open file count as one owner.  They are few, and closed
 * rarely: looking for another one costs less than keeping account.
 */
bool
transport_table_take(int fd, struct sim_file *file)
{
	bool last = false;
	int other = -1;

	pthread_mutex_lock(&lock);
	if (transport_table_get(fd) == file) {
		(void)transport_table_set(fd, NULL);
		do {
			other = transport_table_next(other + 1);
		} while (other != -1 && transport_table_get(other) != file);
		last = other == -1;
	}
	pthread_mutex_unlock(&lock);
	return last;
}

void
transport_table_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
transport_table_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void
transport_table_lock_init(void)
{
	pthread_mutex_init(&lock, NULL);
}

int
transport_table_next(int fd)
{
	for (; fd < BLOCK_FDS * NBLOCKS; fd++) {
		if (block_get(fd) == NULL)
			fd |= BLOCK_FDS - 1;	/* the block's last */
		else if (transport_table_get(fd) != NULL)
			return fd;
	}
	return -1;
}
