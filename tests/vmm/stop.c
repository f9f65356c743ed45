/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that gets a VCPU out of an endless loop by nvmm_vcpu_stop(): from
 * another thread, and from signal handlers in the VCPU's thread and in
 * another one.
 */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop.h"
#include "vmm.h"

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu;
static pthread_t cpu_thread;
static atomic_bool looping, stopped;

static void
loop_io(struct nvmm_io *io)
{
	if (io->port != LOOP_PORT || io->in)
		errx(EXIT_FAILURE, "nothing at port %#x", io->port);
	atomic_store(&looping, true);
}

/* In whichever thread got it. */
static void
on_signal(int number __unused)
{
	(void)nvmm_vcpu_stop(&vcpu);
}

static void *
cpu_run(void *arg __unused)
{
	do {
		CALL(nvmm_vcpu_run(&mach, &vcpu));
		if (vcpu.exit->reason == NVMM_VCPU_EXIT_IO)
			CALL(nvmm_assist_io(&mach, &vcpu));
		else if (vcpu.exit->reason != NVMM_VCPU_EXIT_NONE &&
		    vcpu.exit->reason != NVMM_VCPU_EXIT_STOPPED)
			exit_unexpected(&vcpu);
	} while (vcpu.exit->reason != NVMM_VCPU_EXIT_STOPPED);
	atomic_store(&stopped, true);
	return NULL;
}

static void
stop_directly(void)
{
	CALL(nvmm_vcpu_stop(&vcpu));
}

static void
stop_by_signal_there(void)
{
	(void)pthread_kill(cpu_thread, SIGUSR1);
}

static void
stop_by_signal_here(void)
{
	(void)pthread_kill(pthread_self(), SIGUSR1);
}

static const struct way {
	void (*stop)(void);
	const char *name;
} ways[] = {
	{ stop_directly, "another thread" },
	{ stop_by_signal_there, "a handler in its own thread" },
	{ stop_by_signal_here, "a handler in another thread" },
};

/* A stop can be lost, by its interface: it is repeated until it is seen. */
static void
loop_and_stop(const struct way *way)
{
	atomic_store(&stopped, false);
	errno = pthread_create(&cpu_thread, NULL, cpu_run, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
	while (!atomic_load(&looping))
		usleep(1000);
	while (!atomic_load(&stopped)) {
		way->stop();
		usleep(1000);
	}
	(void)pthread_join(cpu_thread, NULL);
	printf("stop: STOPPED by %s\n", way->name);
}

int
main(void)
{
	static const struct nvmm_assist_callbacks callbacks = {
		.io = loop_io,
	};
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	if (sigaction(SIGUSR1, &action, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	machine_start(&mach, loop_guest, sizeof(loop_guest));
	vcpu_start(&mach, 0, &vcpu, &callbacks);
	for (i = 0; i < __arraycount(ways); i++)
		loop_and_stop(&ways[i]);
	CALL(nvmm_vcpu_destroy(&mach, &vcpu));
	machine_end(&mach);
	return EXIT_SUCCESS;
}
