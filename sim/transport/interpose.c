/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions that a caller of the device uses, under their
 * own names: what concerns the device goes to the kernel, all else to the
 * next definition of the same name.
 *
 * Nothing here may fail for another file's sake, and the way to another
 * descriptor's ioctl is a look-up of two loads.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "transport/interpose.h"
#include "transport/private.h"
#include "transport/transport.h"

#define DEVICE_PATH	"/dev/nvmm"

struct transport transport;
_Thread_local struct transport_thread transport_thread;

void *
transport_next(_Atomic(void *) *cache, const char *name)
{
	void *address = atomic_load_explicit(cache, memory_order_relaxed);

	if (address == NULL) {
		address = dlsym(RTLD_NEXT, name);
		atomic_store_explicit(cache, address, memory_order_relaxed);
	}
	return address;
}

typedef int open_function(const char *, int, ...);
typedef int openat_function(int, const char *, int, ...);
typedef int close_function(int);
typedef int ioctl_function(int, unsigned long, ...);
typedef void *mmap_function(void *, size_t, int, int, int, off_t);
typedef int munmap_function(void *, size_t);

static open_function *
next_open(void)
{
	static _Atomic(void *) cache;

	return (open_function *)transport_next(&cache, "open");
}

static openat_function *
next_openat(void)
{
	static _Atomic(void *) cache;

	return (openat_function *)transport_next(&cache, "openat");
}

static close_function *
next_close(void)
{
	static _Atomic(void *) cache;

	return (close_function *)transport_next(&cache, "close");
}

static ioctl_function *
next_ioctl(void)
{
	static _Atomic(void *) cache;

	return (ioctl_function *)transport_next(&cache, "ioctl");
}

static mmap_function *
next_mmap(void)
{
	static _Atomic(void *) cache;

	return (mmap_function *)transport_next(&cache, "mmap");
}

static munmap_function *
next_munmap(void)
{
	static _Atomic(void *) cache;

	return (munmap_function *)transport_next(&cache, "munmap");
}

void
transport_attach(struct sim *sim, const struct sim_call_observer *observer,
    void *arg)
{
	transport.sim = sim;
	transport.observer = observer;
	transport.observer_arg = arg;
	transport.generation++;
	atomic_store(&transport.foreign_ioctls, 0);
}

void
transport_detach(void)
{
	int fd;

	/* A library keeps its descriptor for ever; its kernel does not. */
	for (fd = 0; (fd = transport_table_next(fd)) != -1; fd++)
		close(fd);
	transport_attach(NULL, NULL, NULL);
}

unsigned long
transport_foreign_ioctls(void)
{
	return atomic_load(&transport.foreign_ioctls);
}

static int
fail(int error)
{
	errno = error;
	return -1;
}

/*
 * A descriptor of its own for each open, so that its number is taken.  Where
 * there is none the file is not closed: it owns nothing, and the close of a
 * root owner's would destroy the machines of the others.
 */
static int
device_open(int flags)
{
	struct sim_file *file;
	int error, fd;

	if (transport.sim == NULL)
		return fail(ENXIO);
	error = sim_open(transport.sim, flags, &file);
	if (error)
		return fail(error);
	fd = next_open()("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd == -1)
		return -1;
	error = transport_table_set(fd, file);
	if (error) {
		next_close()(fd);
		return fail(error);
	}
	return fd;
}

static bool
is_device(const char *path)
{
	return path != NULL && strcmp(path, DEVICE_PATH) == 0;
}

static bool
takes_mode(int flags)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

static int
open_common(const char *path, int flags, mode_t mode)
{
	if (is_device(path))
		return device_open(flags);
	return next_open()(path, flags, mode);
}

static int
openat_common(int dirfd, const char *path, int flags, mode_t mode)
{
	if (is_device(path))
		return device_open(flags);
	return next_openat()(dirfd, path, flags, mode);
}

/* The mode, which is there only when the flags ask for one. */
#define MODE_ARGUMENT(flags, mode)					\
	do {								\
		va_list ap;						\
									\
		(mode) = 0;						\
		if (takes_mode(flags)) {				\
			va_start(ap, flags);				\
			(mode) = va_arg(ap, mode_t);			\
			va_end(ap);					\
		}							\
	} while (0)

int
open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_ARGUMENT(flags, mode);
	return open_common(path, flags, mode);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_ARGUMENT(flags, mode);
	return open_common(path, flags, mode);
}

int
openat(int dirfd, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_ARGUMENT(flags, mode);
	return openat_common(dirfd, path, flags, mode);
}

int
openat64(int dirfd, const char *path, int flags, ...)
{
	mode_t mode;

	MODE_ARGUMENT(flags, mode);
	return openat_common(dirfd, path, flags, mode);
}

/* What _FORTIFY_SOURCE makes of an open without a mode. */
int
__open_2(const char *path, int flags)
{
	return open_common(path, flags, 0);
}

int
__open64_2(const char *path, int flags)
{
	return open_common(path, flags, 0);
}

int
__openat_2(int dirfd, const char *path, int flags)
{
	return openat_common(dirfd, path, flags, 0);
}

int
__openat64_2(int dirfd, const char *path, int flags)
{
	return openat_common(dirfd, path, flags, 0);
}

int
close(int fd)
{
	struct sim_file *file = transport_table_get(fd);

	if (file != NULL && transport_table_take(fd, file))
		sim_close(file);
	return next_close()(fd);
}

int
ioctl(int fd, unsigned long command, ...)
{
	struct sim_file *file = transport_table_get(fd);
	va_list ap;
	void *arg;
	int error;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (file == NULL)
		return next_ioctl()(fd, command, arg);

	transport_thread.ioctls++;
	if (transport_thread.frame == NULL)
		atomic_fetch_add(&transport.foreign_ioctls, 1);
	error = sim_ioctl(file, command, arg);
	return error ? fail(error) : 0;
}

void *
mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	struct sim_file *file = transport_table_get(fd);
	void *mapped;
	int error;

	if (file == NULL)
		return next_mmap()(addr, length, prot, flags, fd, offset);
	error = sim_mmap(file, addr, length, prot, flags, offset, &mapped);
	if (error) {
		errno = error;
		return MAP_FAILED;
	}
	return mapped;
}

/* Where off_t has 64 bits, and nowhere else does this build, both are one. */
void *
mmap64(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	return mmap(addr, length, prot, flags, fd, offset);
}

int
munmap(void *addr, size_t length)
{
	if (transport.sim != NULL &&
	    sim_munmap(transport.sim, addr, length) == 0)
		return 0;
	return next_munmap()(addr, length);
}
