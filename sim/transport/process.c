/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel lives in one process.  A child of fork(2) gets none of it: the
 * descriptors that it has inherited are nobody's, and what it opens itself
 * is a new kernel's.
 */
#include "transport/process.h"

#include <sys/mman.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "transport/next.h"
#include "transport/private.h"
#include "transport/signals.h"
#include "transport/transport.h"

static const struct transport_process *process;
static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int *alive;		/* on a page of its own, or NULL */

static void
say(const char *line)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "nvmm-sim: %s\n", line);

	if (n > 0)
		process->print(text, (size_t)n);
}

static void
say_once(atomic_flag *said, const char *line)
{
	int saved = errno;

	if (!atomic_flag_test_and_set(said))
		say(line);
	errno = saved;
}

static int
disown(void)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	say_once(&said, "a forked child uses the device's descriptor of its "
	    "parent, whose kernel it cannot reach: ENXIO; it must open the "
	    "device itself");
	return ENXIO;
}

/* Commands of ours on /dev/null, which is what our descriptors are. */
static int
stray(int fd)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	if (!transport_looks_ours(fd))
		return ENOTTY;
	say_once(&said, "a program uses a descriptor of the device that it "
	    "got from another process, whose kernel it cannot reach: ENXIO; "
	    "it must open the device itself");
	return ENXIO;
}

/* A page that is a child's zeros, whoever made it. */
static void
alive_make(void)
{
	void *page;

	if (alive != NULL)
		return;
	page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ |
	    PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return;
	alive = page;
	atomic_store(alive, 1);
	/* A Linux before 4.14 cannot: then nobody tells us of such a child. */
	if (madvise(page, (size_t)sysconf(_SC_PAGESIZE),
	    MADV_WIPEONFORK) == 0)
		transport.alive = alive;
}

static int
start(void)
{
	static int failed;	/* start_lock; it would fail again */
	int error;

	pthread_mutex_lock(&start_lock);
	if (transport.sim == NULL && failed == 0) {
		alive_make();
		failed = process->start();
	}
	error = failed;
	pthread_mutex_unlock(&start_lock);
	return error;
}

static void
before_fork(void)
{
	transport_enter();
	pthread_mutex_lock(&start_lock);
	transport_signals_lock();
	transport_table_lock();
}

static void
in_parent(void)
{
	transport_table_unlock();
	transport_signals_unlock();
	pthread_mutex_unlock(&start_lock);
	transport_leave();
}

/* The kernel, its machines and its threads are the parent's. */
static void
leave_to_parent(void)
{
	int fd;

	transport_signals_forget();
	transport.pid = getpid();
	if (alive != NULL)
		atomic_store(alive, 1);
	if (transport.sim == NULL)
		return;
	for (fd = 0; (fd = transport_table_next(fd)) != -1; fd++)
		(void)transport_table_set(fd, transport_inherited);
	transport_attach(NULL, NULL, NULL);
	process->forget();
}

static void
in_child(void)
{
	transport_table_unlock();
	transport_signals_unlock();
	pthread_mutex_unlock(&start_lock);
	leave_to_parent();
	transport_leave();
}

/*
 * A child of _Fork(3), clone(2) or the like.  Other threads may have been
 * anywhere; what they have locked is locked for ever.
 */
static void
orphaned(void)
{
	transport_enter();
	pthread_mutex_init(&start_lock, NULL);
	transport_table_lock_init();
	transport_signals_lock_init();
	leave_to_parent();
	transport_leave();
}

void
transport_process(const struct transport_process *functions)
{
	process = functions;
	if (functions->paths != NULL)
		transport.paths = functions->paths;
	transport.pid = getpid();
	transport.start = start;
	transport.disown = disown;
	transport.stray = stray;
	transport.orphaned = orphaned;
	transport.undefer = transport_undefer;
	(void)pthread_atfork(before_fork, in_parent, in_child);
	/* The one end that no destructor sees, and no _exit(2). */
	(void)at_quick_exit(transport_process_end);
}

void
transport_process_end(void)
{
	/* A child of vfork(2) is not us. */
	if (process == NULL || transport.pid != getpid())
		return;
	transport_enter();
	process->finish();
	transport_leave();
}

/* These do not come by the destructors. */
static void __attribute__((__noreturn__))
leave_process(int status)
{
	transport_process_end();
	next__exit()(status);
	__builtin_unreachable();
}

void
_exit(int status)
{
	leave_process(status);
}

void
_Exit(int status)
{
	leave_process(status);
}
