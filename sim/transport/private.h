/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the transport's files share.
 */
#ifndef SIM_TRANSPORT_PRIVATE_H
#define SIM_TRANSPORT_PRIVATE_H

#include <sys/types.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "observe/call.h"

struct sim;
struct sim_file;

/* The one global state: who is attached.  table.c has the descriptors. */
struct transport {
	struct sim *sim;
	const struct sim_call_observer *observer;
	void *observer_arg;
	unsigned generation;		/* counts attachments */
	atomic_ulong foreign_ioctls;	/* issued outside any call */
	const char *const *paths;	/* the device's; NULL-terminated */
	/*
	 * Where the kernel comes into being with the first open: attaches
	 * one, if there is none.  0 or an errno value.  NULL: it is there,
	 * or there is none.
	 */
	int (*start)(void);
	pid_t pid;			/* whose kernel it is; 0: anybody's */
	/*
	 * 0 in a child of which fork's handlers know nothing: it calls
	 * orphaned() before it does anything here.
	 */
	const atomic_int *alive;
	void (*orphaned)(void);
	/* The errno for an inherited descriptor; says why, once. */
	int (*disown)(void);
	/* The errno for a command of ours on a file that is not. */
	int (*stray)(int fd);
	void (*undefer)(void);		/* lets deferred handlers run */
};
extern struct transport transport;

/*
 * A call in progress.  It is kept in the thread: on the stack it would become
 * somebody else's memory when a handler or a callback leaves by a jump.
 */
struct transport_frame {
	uintptr_t address;		/* of its stack frame */
	unsigned long ioctls_before;
	unsigned long ioctls_inner;	/* of the calls it made */
	struct sim_call_event event;
};

/* Calls in calls; libnvmm needs two, and a callback may make others. */
#define TRANSPORT_DEPTH		8

/* Signals that can wait for a thread to leave the kernel; the host has more. */
#define TRANSPORT_WAITING	24

/* One of them: sent, if the host has been asked to deliver it again. */
struct transport_waiting {
	siginfo_t info;
	bool sent;
};

/*
 * What a thread has going on.  inside and deferred are shared with its own
 * signal handlers; what follows is theirs while inside is not 0.
 */
struct transport_thread {
	unsigned long ioctls;		/* on the device, ever */
	unsigned depth;			/* frames in use */
	/*
	 * Of these, those of the calls that a handler has interrupted; it
	 * runs on the stack between these addresses.
	 */
	unsigned floor;
	uintptr_t low, high;
	struct transport_frame frames[TRANSPORT_DEPTH];
	unsigned generation;		/* to which local belongs */
	void *local;			/* the observer's */
	atomic_uint inside;		/* our code, which no handler sees */
	atomic_bool deferred;		/* a handler waits for its end */
	bool blocked;			/* all signals, until its end; then: */
	uint64_t mask;
	unsigned overflows;		/* since it was out of the kernel */
	unsigned nwaiting;
	struct transport_waiting waiting[TRANSPORT_WAITING];
};
extern _Thread_local struct transport_thread transport_thread;

/*
 * Between these two, no handler of the program runs in this thread: it would
 * find our locks taken.  They nest.
 */
static inline void
transport_enter(void)
{
	struct transport_thread *thread = &transport_thread;

	/* The thread's own handlers are all who look. */
	atomic_store_explicit(&thread->inside, atomic_load_explicit(
	    &thread->inside, memory_order_relaxed) + 1,
	    memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
}

static inline void
transport_leave(void)
{
	struct transport_thread *thread = &transport_thread;

	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&thread->inside, atomic_load_explicit(
	    &thread->inside, memory_order_relaxed) - 1,
	    memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&thread->deferred, memory_order_relaxed) &&
	    atomic_load_explicit(&thread->inside, memory_order_relaxed) == 0)
		transport.undefer();
}

/* Whether this thread is between them: the kernel's own calls are not ours. */
static inline bool
transport_inside(void)
{
	return atomic_load_explicit(&transport_thread.inside,
	    memory_order_relaxed) != 0;
}

/* True: such a child; all descriptors of the device are inherited now. */
static inline bool
transport_orphaned(void)
{
	if (atomic_load_explicit(transport.alive, memory_order_relaxed) != 0)
		return false;
	transport.orphaned();
	return true;
}

/* A child of vfork(2): it has our memory, but descriptors of its own. */
static inline bool
transport_is_guest(void)
{
	return transport.pid != 0 && transport.pid != getpid();
}

static inline int
transport_fail(int error)
{
	errno = error;
	return -1;
}

/* device.c: whether the path is the device's, and its open(2). */
bool transport_is_device(const char *path);
int transport_device_open(int flags);

/*
 * interpose.c: fd has become another file's, or nobody's.  If it was the
 * device's, that one is closed.
 */
void transport_replaced(int fd);
/* Whether it is the kind of file that stands for the device. */
bool transport_looks_ours(int fd);

/*
 * Descriptors of the device.  set: 0 or ENOMEM; a NULL file removes.  get is
 * safe against set in other threads, takes no lock and knows any descriptor.
 */
int transport_table_set(int fd, struct sim_file *file);
struct sim_file *transport_table_get(int fd);
/*
 * Removes the descriptor, if it still is file's.  True: it was the last, and
 * the caller says sim_close().
 */
bool transport_table_take(int fd, struct sim_file *file);
/* Around fork(2): nobody is in the middle of a change. */
void transport_table_lock(void);
void transport_table_unlock(void);
/* In a child whose parent did not wait for that. */
void transport_table_lock_init(void);
/* The first descriptor of the device from fd on, or -1. */
int transport_table_next(int fd);

/* Stands for a file of another process; no kernel knows it. */
#define transport_inherited	((struct sim_file *)&transport)

#endif /* SIM_TRANSPORT_PRIVATE_H */
