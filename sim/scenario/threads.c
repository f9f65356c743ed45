/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that spins stands still in its thread until the scenario's thread
 * is done, or waits for a lock that the run holds.  So at any moment one of
 * the two goes on.
 */
#include "scenario/threads.h"

#include <errno.h>
#include <time.h>

#include "kernel/control.h"
#include "observe/session.h"
#include "scenario/private.h"

/* Waiting for a lock is told by nobody: looked at so often. */
#define POLL_NANOSECONDS	200000

void
threads_init(struct scn *scn)
{
	struct scn_threads *threads = &scn->threads;

	pthread_mutex_init(&threads->lock, NULL);
	pthread_cond_init(&threads->changed, NULL);
	threads->owner = pthread_self();
}

void
threads_fini(struct scn *scn)
{
	pthread_cond_destroy(&scn->threads.changed);
	pthread_mutex_destroy(&scn->threads.lock);
}

static void *
runner_main(void *arg)
{
	struct scn_runner *runner = arg;
	struct scn *scn = runner->cpu->vm->scn;
	struct scn_threads *threads = &scn->threads;

	runner->result = cpu_run_once(runner->cpu);
	runner->error = errno;
	pthread_mutex_lock(&threads->lock);
	runner->returned = true;
	if (--threads->running == 0)
		threads->released = false;
	pthread_cond_broadcast(&threads->changed);
	pthread_mutex_unlock(&threads->lock);
	return NULL;
}

static void
runner_remove(struct scn_threads *threads, struct scn_runner *runner)
{
	struct scn_runner **link = &threads->runners;

	while (*link != runner)
		link = &(*link)->next;
	*link = runner->next;
	runner->cpu->queue.runner = NULL;
}

/* The thread has ended, or is about to. */
static void
runner_join(struct scn *scn, struct scn_runner *runner)
{
	pthread_join(runner->thread, NULL);
	pthread_mutex_lock(&scn->threads.lock);
	runner_remove(&scn->threads, runner);
	pthread_mutex_unlock(&scn->threads.lock);
}

bool
threads_start(struct scn *scn, struct scn_runner *runner, struct scn_cpu *cpu)
{
	struct scn_threads *threads = &scn->threads;
	bool spinning;
	int error;

	*runner = (struct scn_runner){ .cpu = cpu, .spinning = cpu->free };
	cpu->queue.runner = runner;
	pthread_mutex_lock(&threads->lock);
	runner->next = threads->runners;
	threads->runners = runner;
	error = pthread_create(&runner->thread, NULL, runner_main, runner);
	if (error) {
		runner->result = -1;
		runner->error = error;
		runner_remove(threads, runner);
		pthread_mutex_unlock(&threads->lock);
		return false;
	}
	threads->running++;
	while (!runner->spinning && !runner->returned)
		pthread_cond_wait(&threads->changed, &threads->lock);
	spinning = runner->spinning;
	pthread_mutex_unlock(&threads->lock);
	if (!spinning)
		runner_join(scn, runner);
	return spinning;
}

void
threads_finish(struct scn *scn, struct scn_runner *runner, bool failed)
{
	pthread_mutex_lock(&scn->threads.lock);
	runner->over = true;
	runner->failed = failed;
	if (failed && runner->cpu->free)
		(void)sim_host_raise(scn->sim, runner->cpu->vm->mach.machid,
		    runner->cpu->vcpu.cpuid, SIM_HOST_SIGNAL, 0);
	pthread_cond_broadcast(&scn->threads.changed);
	pthread_mutex_unlock(&scn->threads.lock);
	runner_join(scn, runner);
}

bool
threads_running(struct scn *scn, const struct scn_runner *runner)
{
	bool running;

	pthread_mutex_lock(&scn->threads.lock);
	running = !runner->returned;
	pthread_mutex_unlock(&scn->threads.lock);
	return running;
}

static void
wait_a_little(struct scn_threads *threads)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += POLL_NANOSECONDS;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&threads->changed, &threads->lock,
	    &until);
}

/* One after the other, innermost first, for the sake of the order. */
static bool
may_leave(const struct scn_threads *threads, const struct scn_runner *runner)
{
	const struct scn_runner *inner;

	if (!threads->released)
		return false;
	for (inner = threads->runners; inner != runner; inner = inner->next) {
		if (!inner->returned)
			return false;
	}
	return true;
}

bool
threads_spin(struct scn *scn, struct scn_runner *runner)
{
	struct scn_threads *threads = &scn->threads;
	bool failed;

	if (!runner->spinning)
		session_announce(scn->session);
	pthread_mutex_lock(&threads->lock);
	runner->spinning = true;
	pthread_cond_broadcast(&threads->changed);
	while (!runner->over && !may_leave(threads, runner)) {
		/* t:blocks() sees for itself to what waits. */
		if (threads->blocking == 0 && !threads->released &&
		    sim_waiting(scn->sim) > 0)
			threads->released = true;
		else
			wait_a_little(threads);
	}
	failed = runner->failed;
	pthread_mutex_unlock(&threads->lock);
	return !failed;
}

void
threads_settle(struct scn *scn)
{
	struct scn_threads *threads = &scn->threads;

	if (!pthread_equal(pthread_self(), threads->owner))
		return;
	pthread_mutex_lock(&threads->lock);
	while (threads->released)
		pthread_cond_wait(&threads->changed, &threads->lock);
	pthread_mutex_unlock(&threads->lock);
}

/* What the scenario waits for can leave by a signal. */
static void
release(struct scn *scn)
{
	struct scn_threads *threads = &scn->threads;
	const struct scn_runner *runner;

	for (runner = threads->runners; runner != NULL; runner = runner->next) {
		if (!runner->returned)
			(void)sim_host_raise(scn->sim,
			    runner->cpu->vm->mach.machid,
			    runner->cpu->vcpu.cpuid, SIM_HOST_SIGNAL, 0);
	}
	threads->released = threads->running > 0;
	pthread_cond_broadcast(&threads->changed);
}

static void *
watch_main(void *arg)
{
	struct scn_watch *watch = arg;
	struct scn_threads *threads = &watch->scn->threads;

	pthread_mutex_lock(&threads->lock);
	while (!watch->over && !watch->saw) {
		if (sim_waiting(watch->scn->sim) > 0) {
			watch->saw = true;
			release(watch->scn);
		} else
			wait_a_little(threads);
	}
	pthread_mutex_unlock(&threads->lock);
	return NULL;
}

int
threads_watch_begin(struct scn *scn, struct scn_watch *watch)
{
	int error;

	*watch = (struct scn_watch){ .scn = scn };
	pthread_mutex_lock(&scn->threads.lock);
	scn->threads.blocking++;
	error = pthread_create(&watch->thread, NULL, watch_main, watch);
	if (error)
		scn->threads.blocking--;
	pthread_mutex_unlock(&scn->threads.lock);
	return error;
}

bool
threads_watch_end(struct scn_watch *watch)
{
	struct scn_threads *threads = &watch->scn->threads;

	pthread_mutex_lock(&threads->lock);
	watch->over = true;
	pthread_cond_broadcast(&threads->changed);
	pthread_mutex_unlock(&threads->lock);
	pthread_join(watch->thread, NULL);
	pthread_mutex_lock(&threads->lock);
	threads->blocking--;
	pthread_mutex_unlock(&threads->lock);
	return watch->saw;
}
