/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions that duplicate descriptors, under their own
 * names: a duplicate of the device's is one, too.
 */
#include <sys/types.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "transport/interpose.h"
#include "transport/next.h"
#include "transport/private.h"

/* copy has been made of fd, or was not: -1. */
static int
duplicated(struct sim_file *file, int copy)
{
	int error;

	if (file == NULL || copy == -1)
		return copy;
	if (transport_orphaned())
		file = transport_inherited;
	if (transport_is_guest())
		return copy;
	transport_enter();
	error = transport_table_set(copy, file);
	transport_leave();
	if (error == 0)
		return copy;
	(void)next_close()(copy);
	return transport_fail(error);
}

int
dup(int fd)
{
	int copy = next_dup()(fd);

	transport_replaced(copy);
	return duplicated(transport_table_get(fd), copy);
}

int
dup2(int fd, int copy)
{
	struct sim_file *file = transport_table_get(fd);
	int made = next_dup2()(fd, copy);

	if (made == -1 || made == fd)
		return made;
	/* What it was before is closed by becoming another. */
	transport_replaced(made);
	return duplicated(file, made);
}

int
dup3(int fd, int copy, int flags)
{
	struct sim_file *file = transport_table_get(fd);
	int made = next_dup3()(fd, copy, flags);

	if (made != -1)
		transport_replaced(made);
	return duplicated(file, made);
}

static int
fcntl_common(int fd, int command, void *arg)
{
	int result = next_fcntl()(fd, command, arg);

	if (command != F_DUPFD && command != F_DUPFD_CLOEXEC)
		return result;
	transport_replaced(result);
	return duplicated(transport_table_get(fd), result);
}

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

int
__fcntl_time64(int fd, int command, ...)
{
	void *arg;

	POINTER_ARGUMENT(command, arg);
	return fcntl_common(fd, command, arg);
}
