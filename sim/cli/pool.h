/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work in child processes: each task runs in a fork of its own and sends
 * records back over a pipe.  Several run at once; what comes back is told
 * task by task.
 */
#ifndef SIM_CLI_POOL_H
#define SIM_CLI_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct task {
	/* In the child; it sends with task_send() and returns. */
	void (*run)(struct task *task, int fd);
	/* In the parent: for each record, and once at the end. */
	void (*record)(struct task *task, int type, const void *data,
	    size_t size);
	void (*done)(struct task *task);
	void *arg;
	/* How it ended, for done(). */
	bool timed_out;
	bool lost;		/* memory was out for its records */
	int status;		/* of waitpid(2) */
	/* The pool's own. */
	pid_t pid;
	int fd;
	bool silent;		/* its end of the pipe is closed */
	double deadline;
	char *buffer;
	size_t length, capacity;
};

/*
 * Sends a record; ends the child if nobody listens any more.  Any thread of
 * the child's.
 */
void task_send(int fd, int type, const void *data, size_t size);

/*
 * Runs n tasks, at most jobs at a time, each at most timeout seconds.  Stops
 * early when *stop becomes true.  0, or -1 with errno when a process cannot
 * be made.
 */
int pool_run(struct task *tasks, size_t n, unsigned jobs, double timeout,
    const bool *stop);

#endif /* SIM_CLI_POOL_H */
