/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool: forks, pipes and deadlines.
 */
#include "cli/pool.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX	256

/* Longer records are nobody's. */
#define RECORD_MAX	(1U << 24)

struct header {
	int32_t type;
	uint32_t size;
};

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
write_all(int fd, const void *data, size_t size)
{
	const char *p = data;
	ssize_t n;

	while (size > 0) {
		n = write(fd, p, size);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		p += n;
		size -= (size_t)n;
	}
}

void
task_send(int fd, int type, const void *data, size_t size)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const struct header header = { type, (uint32_t)size };

	pthread_mutex_lock(&lock);
	write_all(fd, &header, sizeof(header));
	write_all(fd, data, size);
	pthread_mutex_unlock(&lock);
}

/*
 * A child: alone with its pipe, gone when the parent goes.  What the library
 * prints must not get into the report.
 */
static void __attribute__((__noreturn__))
child_main(struct task *task, int fd, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	task->run(task, fd);
	close(fd);
	/* By exit(), so that coverage and leak checkers get their turn. */
	exit(0);
}

static int
task_start(struct task *task, double timeout)
{
	pid_t parent = getpid();
	int fds[2], error;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	fflush(NULL);
	task->pid = fork();
	if (task->pid == -1) {
		error = errno;
		close(fds[0]);
		close(fds[1]);
		errno = error;
		return -1;
	}
	if (task->pid == 0) {
		close(fds[0]);
		child_main(task, fds[1], parent);
	}
	close(fds[1]);
	task->fd = fds[0];
	task->deadline = now() + timeout;
	return 0;
}

/* Tells the complete records in the buffer and keeps the rest. */
static void
records_tell(struct task *task)
{
	struct header header;
	size_t at = 0;

	while (task->length - at >= sizeof(header)) {
		memcpy(&header, task->buffer + at, sizeof(header));
		if (header.size > RECORD_MAX) {
			task->length = at = 0;	/* not from task_send() */
			break;
		}
		if (task->length - at - sizeof(header) < header.size)
			break;
		at += sizeof(header);
		task->record(task, header.type, task->buffer + at,
		    header.size);
		at += header.size;
	}
	memmove(task->buffer, task->buffer + at, task->length - at);
	task->length -= at;
}

/* False: the child has closed its end, or memory is out. */
static bool
task_read(struct task *task)
{
	char *buffer;
	ssize_t n;

	if (task->capacity - task->length < 65536) {
		buffer = realloc(task->buffer, task->capacity + 65536 +
		    task->capacity / 2);
		if (buffer == NULL) {
			task->lost = true;
			return false;
		}
		task->buffer = buffer;
		task->capacity += 65536 + task->capacity / 2;
	}
	n = read(task->fd, task->buffer + task->length,
	    task->capacity - task->length);
	if (n == -1)
		return errno == EINTR;
	if (n == 0)
		return false;
	task->length += (size_t)n;
	records_tell(task);
	return true;
}

static void
task_end(struct task *task)
{
	close(task->fd);
	while (waitpid(task->pid, &task->status, 0) == -1 && errno == EINTR)
		continue;
	free(task->buffer);
	task->buffer = NULL;
	task->length = task->capacity = 0;
}

static void
task_kill(struct task *task)
{
	kill(task->pid, SIGKILL);
	task_end(task);
}

/* The tasks that are running. */
struct running {
	struct task *tasks[JOBS_MAX];
	struct pollfd fds[JOBS_MAX];
	unsigned n;
};

static void
running_remove(struct running *running, unsigned i)
{
	running->n--;
	running->tasks[i] = running->tasks[running->n];
}

static int
poll_timeout(const struct running *running)
{
	double first = running->tasks[0]->deadline, left;
	unsigned i;

	for (i = 1; i < running->n; i++) {
		if (running->tasks[i]->deadline < first)
			first = running->tasks[i]->deadline;
	}
	left = first - now();
	return left <= 0 ? 0 : left > 60 ? 60000 : (int)(left * 1000) + 1;
}

static bool
has_exited(const struct task *task)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)task->pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* Whether there is nothing more to wait for; then it has ended. */
static bool
task_look(struct task *task, bool readable)
{
	if (readable && !task_read(task))
		task->silent = true;
	if (task->silent && !task->lost && has_exited(task)) {
		task_end(task);
		return true;
	}
	if (!task->lost && now() < task->deadline)
		return false;
	task->timed_out = !task->lost;
	task_kill(task);
	return true;
}

/*
 * A child has told all when its pipe is closed; it may still have to exit,
 * under the same deadline, for a library can hang there too.  Meanwhile the
 * others go on.
 */
static void
running_wait(struct running *running)
{
	const struct timespec pause = { .tv_nsec = 100000 };
	struct task *task;
	bool exiting = false;
	unsigned i;

	for (i = 0; i < running->n; i++) {
		task = running->tasks[i];
		running->fds[i].fd = task->silent ? -1 : task->fd;
		running->fds[i].events = POLLIN;
		running->fds[i].revents = 0;
		exiting = exiting || task->silent;
	}
	if (exiting)
		nanosleep(&pause, NULL);
	(void)poll(running->fds, running->n,
	    exiting ? 0 : poll_timeout(running));
	for (i = running->n; i-- > 0;) {
		task = running->tasks[i];
		if (!task_look(task, running->fds[i].revents != 0))
			continue;
		running_remove(running, i);
		task->done(task);
	}
}

int
pool_run(struct task *tasks, size_t n, unsigned jobs, double timeout,
    const bool *stop)
{
	struct running running = { .n = 0 };
	size_t next = 0;
	int error = 0;

	if (jobs > JOBS_MAX)
		jobs = JOBS_MAX;
	while (error == 0 && !*stop && (next < n || running.n > 0)) {
		if (next < n && running.n < jobs) {
			if (task_start(&tasks[next], timeout) == -1)
				error = errno;
			else
				running.tasks[running.n++] = &tasks[next++];
			continue;
		}
		running_wait(&running);
	}
	while (running.n > 0)
		task_kill(running.tasks[--running.n]);
	errno = error;
	return error ? -1 : 0;
}
