/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the linker puts in the place of the C library's functions (ld's
 * --wrap) in library and kernel, and in these tests too: each call is one
 * place where a fault can be.
 */
#include <sys/mman.h>
#include <sys/types.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>

#include "nomem.h"
#include "wrap.h"

static struct {
	bool armed, always, paused;
	unsigned first, calls, met;
} faults;

void
faults_arm(unsigned first, bool always)
{
	faults.first = first;
	faults.always = always;
	faults.calls = faults.met = 0;
	faults.armed = true;
}

void
faults_disarm(void)
{
	faults.armed = false;
}

void
faults_pause(bool pause)
{
	faults.paused = pause;
}

unsigned
faults_calls(void)
{
	return faults.calls;
}

unsigned
faults_met(void)
{
	return faults.met;
}

static bool
fault(int error)
{
	unsigned call;

	if (!faults.armed || faults.paused)
		return false;
	call = faults.calls++;
	if (call != faults.first && !(faults.always && call > faults.first))
		return false;
	faults.met++;
	errno = error;
	return true;
}

void *
__wrap_malloc(size_t size)
{
	return fault(ENOMEM) ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fault(ENOMEM) ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return fault(ENOMEM) ? NULL : __real_realloc(p, size);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fault(ENOMEM) ? NULL : __real_aligned_alloc(alignment, size);
}

void *
__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
    off_t offset)
{
	if (fault(ENOMEM))
		return MAP_FAILED;
	return __real_mmap(addr, size, prot, flags, fd, offset);
}

int
__wrap_memfd_create(const char *name, unsigned flags)
{
	return fault(EMFILE) ? -1 : __real_memfd_create(name, flags);
}

int
__wrap_ftruncate(int fd, off_t size)
{
	return fault(EFBIG) ? -1 : __real_ftruncate(fd, size);
}

int
__wrap_fcntl(int fd, int command, ...)
{
	va_list ap;
	long arg;

	va_start(ap, command);
	arg = va_arg(ap, long);
	va_end(ap);
	return fault(EPERM) ? -1 : __real_fcntl(fd, command, arg);
}

int
__wrap_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr)
{
	return fault(ENOMEM) ? ENOMEM : __real_pthread_rwlock_init(lock, attr);
}
