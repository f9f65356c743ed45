/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The linker sends the functions below here first (--wrap in tests.mk).
 */
#include "fault.h"

#include <sys/mman.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_mmap(void *addr, size_t len, int prot, int flags, int fd,
    off_t offset);
int __real_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
    off_t offset);
int __wrap_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr);

static bool armed, persistent, fired;
static unsigned left;

void
fault_arm(unsigned skip, bool for_ever)
{
	armed = true;
	persistent = for_ever;
	fired = false;
	left = skip;
}

bool
fault_disarm(void)
{
	armed = false;
	return fired;
}

bool
fault_here(void)
{
	if (!armed || (fired && !persistent))
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	fired = true;
	return true;
}

void *
__wrap_calloc(size_t n, size_t size)
{
	if (!fault_here())
		return __real_calloc(n, size);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
	if (!fault_here())
		return __real_aligned_alloc(alignment, size);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_realloc(void *old, size_t size)
{
	if (!fault_here())
		return __real_realloc(old, size);
	errno = ENOMEM;
	return NULL;
}

void *
__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
    off_t offset)
{
	if (!fault_here())
		return __real_mmap(addr, len, prot, flags, fd, offset);
	errno = ENOMEM;
	return MAP_FAILED;
}

int
__wrap_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr)
{
	return fault_here() ? ENOMEM : __real_pthread_rwlock_init(lock, attr);
}
