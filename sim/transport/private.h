/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the transport's files share.
 */
#ifndef SIM_TRANSPORT_PRIVATE_H
#define SIM_TRANSPORT_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

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
};
extern struct transport transport;

/* A call in progress, on its caller's stack. */
struct transport_frame {
	struct transport_frame *outer;
	struct sim_call_event event;
	unsigned long ioctls_before;
	unsigned long ioctls_inner;	/* of the calls it made */
};

/* What a thread has going on. */
struct transport_thread {
	unsigned long ioctls;		/* on the device, ever */
	struct transport_frame *frame;	/* innermost call, or NULL */
	unsigned generation;		/* to which local belongs */
	void *local;			/* the observer's */
};
extern _Thread_local struct transport_thread transport_thread;

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
/* The first descriptor of the device from fd on, or -1. */
int transport_table_next(int fd);

/*
 * The definition behind ours, kept in *cache.  Looked up at first use, by
 * whoever comes first: finding the same address twice does no harm.
 */
void *transport_next(_Atomic(void *) *cache, const char *name);

#endif /* SIM_TRANSPORT_PRIVATE_H */
