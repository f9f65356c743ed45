/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device: who is behind it, and its opens.
 */
#include "transport/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "transport/next.h"
#include "transport/process.h"
#include "transport/transport.h"

/* NetBSD's name and that of ports of DragonFly's driver. */
static const char *const device_paths[] = {
	"/dev/nvmm", "/dev/misc/nvmm", NULL
};

/* Linux maps nothing below, unless its administrator wants it so. */
#define PAGE_ZERO	4096U

static const atomic_int always = 1;

struct transport transport = { .paths = device_paths, .alive = &always };
_Thread_local struct transport_thread transport_thread;

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

bool
transport_is_device(const char *path)
{
	unsigned i;

	/* Nothing is mapped this low: the host says EFAULT. */
	if ((uintptr_t)path < PAGE_ZERO || strncmp(path, "/dev/", 5) != 0)
		return false;
	for (i = 0; transport.paths[i] != NULL; i++) {
		if (strcmp(path, transport.paths[i]) == 0)
			return true;
	}
	return false;
}

static int
sim_there(void)
{
	if (transport.start == NULL && transport_begin != NULL)
		transport_begin();
	if (transport.start != NULL)
		return transport.start();
	return transport.sim == NULL ? ENXIO : 0;
}

/*
 * A descriptor of its own for each open, so that its number is taken and
 * fcntl(2) says of it what was asked for.  Where
 * there is none the file is not closed: it owns nothing, and the close of a
 * root owner's would destroy the machines of the others.
 */
static int
device_open(int flags, int *fdp)
{
	struct sim_file *file;
	int error, fd;

	error = sim_there();
	if (error)
		return error;
	error = sim_open(transport.sim, flags, &file);
	if (error)
		return error;
	fd = next_open()("/dev/null", (flags & O_ACCMODE) | O_CLOEXEC);
	if (fd == -1)
		return errno;
	transport_replaced(fd);
	error = transport_table_set(fd, file);
	if (error)
		next_close()(fd);
	*fdp = fd;
	return error;
}

int
transport_device_open(int flags)
{
	int error, fd = -1;

	(void)transport_orphaned();
	/* Its descriptor would be noted as ours. */
	if (transport_is_guest())
		return transport_fail(ENXIO);
	transport_enter();
	error = device_open(flags, &fd);
	transport_leave();
	return error ? transport_fail(error) : fd;
}
