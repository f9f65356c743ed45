/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Copies between the kernel and its caller, who may hand any pointer.
 *
 * What lies on the caller's own live stack is certainly mapped and is copied
 * directly: that is all that libnvmm does.  Any other pointer goes through
 * process_vm_readv(2) on ourselves, or a pipe where that is forbidden: the
 * host's kernel then finds out about bad pointers, without a signal.
 */
#include <sys/uio.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"

/*
 * The bounds of the calling thread's stack: asking takes microseconds and
 * the answer never changes, so each thread remembers its own.
 */
static _Thread_local struct {
	uintptr_t low, high;
	uintptr_t entry;	/* of the ioctl under way: ours begin below */
	bool (*interrupting)(void);	/* of its kernel, or NULL */
} stack;

/* Bytes below the frame that copies, for the functions that it calls. */
#define CALLEES		4096U

uintptr_t
sim_copy_enter(const struct sim *sim, uintptr_t entry)
{
	uintptr_t outer = stack.entry;

	stack.entry = entry;
	stack.interrupting = sim->interrupting;
	return outer;
}

static void
stack_find(void)
{
	pthread_attr_t attr;
	void *low;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return;
	if (pthread_attr_getstack(&attr, &low, &size) == 0) {
		stack.low = (uintptr_t)low;
		stack.high = stack.low + size;
	}
	pthread_attr_destroy(&attr);
}

static bool
on_live_stack(uint64_t caller, size_t size)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	if (stack.high == 0) {
		/* Who asks allocates memory, which may be interrupted. */
		if (stack.interrupting != NULL && stack.interrupting())
			return false;
		stack_find();
	}
	/* A handler on a stack of its own, or a coroutine, is not on ours. */
	if (here < stack.low || here >= stack.high)
		return false;
	return caller >= here && caller >= stack.entry &&
	    caller < stack.high && size <= stack.high - caller;
}

/*
 * Whether it lies in the frames of this kernel itself, where no caller can
 * have anything: a pointer to what was on his stack once.
 */
static bool
on_our_stack(uint64_t caller, size_t size)
{
	uintptr_t low = (uintptr_t)__builtin_frame_address(0) - CALLEES;

	if (stack.entry < stack.low || stack.entry > stack.high)
		return false;
	return caller < stack.entry &&
	    (caller >= low || low - caller < size);
}

/* Both directions through a pipe; at most one page, which always fits. */
static int
copy_by_pipe(const void *src, void *dst, size_t size)
{
	int error = EFAULT;
	int fds[2];

	if (size > SIM_PAGE_SIZE || pipe2(fds, O_CLOEXEC) == -1)
		return EFAULT;
	if (write(fds[1], src, size) == (ssize_t)size &&
	    read(fds[0], dst, size) == (ssize_t)size)
		error = 0;
	close(fds[0]);
	close(fds[1]);
	return error;
}

typedef ssize_t vm_copy(pid_t, const struct iovec *, unsigned long,
    const struct iovec *, unsigned long, unsigned long);

static int
copy_checked(vm_copy *vm, void *kernel, uint64_t caller, size_t size)
{
	struct iovec local = { .iov_base = kernel, .iov_len = size };
	struct iovec remote = {
		.iov_base = (void *)(uintptr_t)caller,
		.iov_len = size,
	};
	int saved = errno;
	ssize_t n;
	int error;

	n = vm(getpid(), &local, 1, &remote, 1, 0);
	if (n == (ssize_t)size)
		error = 0;
	else if (n == -1 && (errno == ENOSYS || errno == EPERM))
		error = -1;
	else
		error = EFAULT;
	errno = saved;
	return error;
}

int
sim_copyin(uint64_t caller, void *dst, size_t size)
{
	const void *src = (const void *)(uintptr_t)caller;
	int error;

	if (on_live_stack(caller, size)) {
		memcpy(dst, src, size);
		return 0;
	}
	if (on_our_stack(caller, size))
		return EFAULT;
	error = copy_checked(process_vm_readv, dst, caller, size);
	return error == -1 ? copy_by_pipe(src, dst, size) : error;
}

int
sim_copyout(const void *src, uint64_t caller, size_t size)
{
	void *dst = (void *)(uintptr_t)caller;
	void *local = (void *)(uintptr_t)src;	/* readv's iovec is not const */
	int error;

	if (on_live_stack(caller, size)) {
		memcpy(dst, src, size);
		return 0;
	}
	if (on_our_stack(caller, size))
		return EFAULT;
	error = copy_checked(process_vm_writev, local, caller, size);
	return error == -1 ? copy_by_pipe(src, dst, size) : error;
}
