/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions that open files, under their own names: the
 * device is the kernel's, all else goes to the next definition of the name.
 */
#include <sys/types.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>

#include "transport/interpose.h"
#include "transport/next.h"
#include "transport/private.h"

static bool
takes_mode(int flags)
{
	return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

static int
open_common(const char *path, int flags, mode_t mode)
{
	int fd;

	if (transport_is_device(path))
		return transport_device_open(flags);
	fd = next_open()(path, flags, mode);
	transport_replaced(fd);
	return fd;
}

static int
openat_common(int dirfd, const char *path, int flags, mode_t mode)
{
	int fd;

	if (transport_is_device(path))
		return transport_device_open(flags);
	fd = next_openat()(dirfd, path, flags, mode);
	transport_replaced(fd);
	return fd;
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
creat(const char *path, mode_t mode)
{
	return open_common(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int
creat64(const char *path, mode_t mode)
{
	return open_common(path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
