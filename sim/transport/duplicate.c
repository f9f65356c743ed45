/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions that duplicate descriptors, under their own
 * names: a duplicate of the device's is one, too.
 */
#include <sys/types.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "transport/private.h"

typedef int dup_function(int);
typedef int dup2_function(int, int);
typedef int dup3_function(int, int, int);
typedef int fcntl_function(int, int, ...);

static dup_function *
next_dup(void)
{
	static _Atomic(void *) cache;

	return (dup_function *)transport_next(&cache, "dup");
}

static dup2_function *
next_dup2(void)
{
	static _Atomic(void *) cache;

	return (dup2_function *)transport_next(&cache, "dup2");
}

static dup3_function *
next_dup3(void)
{
	static _Atomic(void *) cache;

	return (dup3_function *)transport_next(&cache, "dup3");
}

static fcntl_function *
next_fcntl(void)
{
	static _Atomic(void *) cache;

	return (fcntl_function *)transport_next(&cache, "fcntl");
}

/* copy has been made of fd, or was not: -1. */
static int
duplicated(struct sim_file *file, int copy)
{
	int error;

	if (file == NULL || copy == -1)
		return copy;
	error = transport_table_set(copy, file);
	if (error == 0)
		return copy;
	(void)close(copy);
	errno = error;
	return -1;
}

/* What copy was before is closed by becoming another. */
static void
replaced(struct sim_file *old, int fd, int copy)
{
	if (old != NULL && copy != -1 && fd != copy &&
	    transport_table_take(copy, old))
		sim_close(old);
}

int
dup(int fd)
{
	return duplicated(transport_table_get(fd), next_dup()(fd));
}

int
dup2(int fd, int copy)
{
	struct sim_file *file = transport_table_get(fd);
	struct sim_file *old = transport_table_get(copy);

	copy = next_dup2()(fd, copy);
	replaced(old, fd, copy);
	return fd == copy ? copy : duplicated(file, copy);
}

int
dup3(int fd, int copy, int flags)
{
	struct sim_file *file = transport_table_get(fd);
	struct sim_file *old = transport_table_get(copy);

	copy = next_dup3()(fd, copy, flags);
	replaced(old, fd, copy);
	return duplicated(file, copy);
}

static int
fcntl_common(int fd, int command, void *arg)
{
	int result = next_fcntl()(fd, command, arg);

	if (command != F_DUPFD && command != F_DUPFD_CLOEXEC)
		return result;
	return duplicated(transport_table_get(fd), result);
}

/*
 * Whatever the argument is, number, pointer or none, it travels like a
 * pointer: so does the C library pass it on.
 */
#define POINTER_ARGUMENT(last, arg)					\
	do {								\
		va_list ap;						\
									\
		va_start(ap, last);					\
		(arg) = va_arg(ap, void *);				\
		va_end(ap);						\
	} while (0)

int
fcntl(int fd, int command, ...)
{
	void *arg;

	POINTER_ARGUMENT(command, arg);
	return fcntl_common(fd, command, arg);
}

int
fcntl64(int fd, int command, ...)
{
	void *arg;

	POINTER_ARGUMENT(command, arg);
	return fcntl_common(fd, command, arg);
}
