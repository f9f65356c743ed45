/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions that a caller of the device uses, under their
 * own names: what concerns the device goes to the kernel, all else to the
 * next definition of the same name.
 *
 * Nothing here may fail for another file's sake, and the way to another
 * descriptor's ioctl is a look-up of two loads.
 */
#include "transport/interpose.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "transport/next.h"
#include "transport/private.h"

/* The group of the device's commands, in bits 8 to 15. */
#define GROUP(command)	(((command) >> 8) & 0xffU)
#define NUMBER(command)	((command) & 0xffU)

/* SETSTATE, GETSTATE, INJECT and RUN: what a VMM does all the time. */
#define HOT_FIRST	7U
#define HOT_LAST	10U

/* --- descriptors --- */

/* A descriptor of the device goes. */
static void
descriptor_gone(int fd, struct sim_file *file)
{
	if (transport_orphaned())
		file = transport_inherited;
	if (transport_is_guest())
		return;
	transport_enter();
	if (transport_table_take(fd, file) && file != transport_inherited)
		sim_close(file);
	transport_leave();
}

void
transport_replaced(int fd)
{
	struct sim_file *file = transport_table_get(fd);

	if (file != NULL)
		descriptor_gone(fd, file);
}

bool
transport_looks_ours(int fd)
{
	struct stat st;

	/* /dev/null's numbers, by Linux's list of devices. */
	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3);
}

/*
 * Somebody may have closed it behind our back, and its number be another
 * file's now.  Costs a syscall, which the hot ioctls are spared.
 */
static bool
still_ours(int fd, struct sim_file *file)
{
	int saved = errno;

	if (transport_looks_ours(fd))
		return true;
	descriptor_gone(fd, file);
	errno = saved;
	return false;
}

int
close(int fd)
{
	transport_replaced(fd);
	return next_close()(fd);
}

/* Linux's own flag, for where the C library's headers are older. */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC	(1U << 2)
#endif

static void
range_gone(unsigned first, unsigned last)
{
	int fd = first > INT_MAX ? -1 : (int)first;

	while (fd >= 0 && (fd = transport_table_next(fd)) != -1 &&
	    (unsigned)fd <= last) {
		transport_replaced(fd);
		fd++;
	}
}

int
close_range(unsigned first, unsigned last, int flags)
{
	int result = next_close_range()(first, last, flags);

	if (result == 0 && ((unsigned)flags & CLOSE_RANGE_CLOEXEC) == 0)
		range_gone(first, last);
	return result;
}

void
closefrom(int low)
{
	int fd = low < 0 ? 0 : low;

	if (close_range((unsigned)fd, ~0U, 0) == 0)
		return;
	/* A Linux before 5.9 cannot; descriptors are no more than these. */
	for (; fd < (int)sysconf(_SC_OPEN_MAX); fd++)
		(void)close(fd);
}

/* --- ioctl --- */

static int
device_ioctl(struct sim_file *file, unsigned long command, void *arg)
{
	int error;

	transport_enter();
	transport_thread.ioctls++;
	if (transport_thread.depth == 0)
		atomic_fetch_add(&transport.foreign_ioctls, 1);
	error = sim_ioctl(file, command, arg);
	transport_leave();
	return error ? transport_fail(error) : 0;
}

/* Ours, to a descriptor that is not; perhaps it was in another life. */
static int
stray_ioctl(int fd, unsigned long command, void *arg)
{
	int result = next_ioctl()(fd, command, arg);

	if (result == -1 && errno == ENOTTY && transport.stray != NULL)
		errno = transport.stray(fd);
	return result;
}

static int
ioctl_common(int fd, unsigned long command, void *arg)
{
	struct sim_file *file = transport_table_get(fd);
	unsigned number = NUMBER(command);

	if (file == NULL && GROUP(command) == 'N')
		return stray_ioctl(fd, command, arg);
	if (file == NULL)
		return next_ioctl()(fd, command, arg);
	if ((GROUP(command) != 'N' || number < HOT_FIRST ||
	    number > HOT_LAST) && !still_ours(fd, file))
		return next_ioctl()(fd, command, arg);
	if (transport_orphaned())
		file = transport_inherited;
	if (file == transport_inherited)
		return transport_fail(transport.disown());
	return device_ioctl(file, command, arg);
}

int
ioctl(int fd, unsigned long command, ...)
{
	void *arg;

	POINTER_ARGUMENT(command, arg);
	return ioctl_common(fd, command, arg);
}

/* Where time_t has had 64 bits all along, nobody asks for this one. */
int
__ioctl_time64(int fd, unsigned long command, ...)
{
	void *arg;

	POINTER_ARGUMENT(command, arg);
	return ioctl_common(fd, command, arg);
}

/* --- memory --- */

/* What lay there before, a comm page perhaps, is gone. */
static void
range_replaced(void *addr, size_t length)
{
	if (transport.sim == NULL || transport_inside())
		return;
	transport_enter();
	sim_replaced(transport.sim, addr, length);
	transport_leave();
}

static void *
device_mmap(struct sim_file *file, void *addr, size_t length, int prot,
    int flags, off_t offset)
{
	void *mapped = MAP_FAILED;
	int error;

	if (transport_orphaned())
		file = transport_inherited;
	if (file == transport_inherited)
		error = transport.disown();
	else {
		transport_enter();
		error = sim_mmap(file, addr, length, prot, flags, offset,
		    &mapped);
		transport_leave();
	}
	if (error) {
		errno = error;
		return MAP_FAILED;
	}
	return mapped;
}

void *
mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset)
{
	struct sim_file *file = transport_table_get(fd);
	void *mapped;

	if (file != NULL && (flags & MAP_ANONYMOUS) == 0 &&
	    still_ours(fd, file))
		return device_mmap(file, addr, length, prot, flags, offset);
	mapped = next_mmap()(addr, length, prot, flags, fd, offset);
	if ((flags & MAP_FIXED) && mapped != MAP_FAILED)
		range_replaced(addr, length);
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
	int error;

	if (transport.sim != NULL && !transport_inside()) {
		transport_enter();
		error = sim_munmap(transport.sim, addr, length);
		transport_leave();
		if (error == 0)
			return 0;
	}
	return next_munmap()(addr, length);
}

/* new_address is there only when the flags ask for it. */
void *
mremap(void *addr, size_t old_length, size_t length, int flags, ...)
{
	void *target = NULL, *moved;
	va_list ap;

	va_start(ap, flags);
	if (flags & MREMAP_FIXED)
		target = va_arg(ap, void *);
	va_end(ap);
	moved = next_mremap()(addr, old_length, length, flags, target);
	if (moved == MAP_FAILED)
		return moved;
	if (moved != addr)
		range_replaced(addr, old_length);
	if (flags & MREMAP_FIXED)
		range_replaced(moved, length);
	return moved;
}
