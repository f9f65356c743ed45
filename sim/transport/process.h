/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transport in a program that knows nothing of it: the kernel comes
 * with the first open and ends with the process.
 */
#ifndef SIM_TRANSPORT_PROCESS_H
#define SIM_TRANSPORT_PROCESS_H

#include <stddef.h>

/* What whoever has the kernel does; borrowed for ever. */
struct transport_process {
	const char *const *paths;	/* the device's; NULL: the usual */
	/*
	 * A kernel for the process, attached: 0 or an errno value.  Never
	 * called twice at a time, nor while one is attached.
	 */
	int (*start)(void);
	/* This is a forked child: the kernel is its parent's. */
	void (*forget)(void);
	/* The process ends.  May come more than once. */
	void (*finish)(void);
	/* To the user's standard error. */
	void (*print)(const char *text, size_t size);
};

/* Once, before the device is opened. */
void transport_process(const struct transport_process *functions);

/* The process ends: says finish(), with signals kept out. */
void transport_process_end(void);

/*
 * Says transport_process(), if nobody has yet.  Only where the transport is in
 * a program that knows nothing of it.
 */
void transport_begin(void) __attribute__((__weak__));

#endif /* SIM_TRANSPORT_PROCESS_H */
