/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that gets a VCPU out of an endless loop by a signal to its thread,
 * whose handler does nothing: the run returns NONE.
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
static atomic_bool looping, kicked;
static volatile sig_atomic_t signals;

static void
on_signal(int number __unused)
{
	signals = 1;
}

static void
loop_io(struct nvmm_io *io)
{
	if (io->port != LOOP_PORT || io->in)
		errx(EXIT_FAILURE, "nothing at port %#x", io->port);
	atomic_store(&looping, true);
}

/* Until it gets out of the loop, or, if out, until it halts. */
static void
cpu_until(uint64_t wanted)
{
	for (;;) {
		CALL(nvmm_vcpu_run(&mach, &vcpu));
		if (vcpu.exit->reason == wanted &&
		    (wanted != NVMM_VCPU_EXIT_NONE || signals))
			return;
		if (vcpu.exit->reason == NVMM_VCPU_EXIT_IO)
			CALL(nvmm_assist_io(&mach, &vcpu));
		else if (vcpu.exit->reason != NVMM_VCPU_EXIT_NONE)
			exit_unexpected(&vcpu);
	}
}

static void *
cpu_run(void *arg __unused)
{
	cpu_until(NVMM_VCPU_EXIT_NONE);
	atomic_store(&kicked, true);
	printf("kick: out of the loop\n");

	CALL(nvmm_vcpu_getstate(&mach, &vcpu, NVMM_X64_STATE_GPRS));
	vcpu.state->gprs[NVMM_X64_GPR_RIP] = LOOP_HLT_GPA;
	CALL(nvmm_vcpu_setstate(&mach, &vcpu, NVMM_X64_STATE_GPRS));
	cpu_until(NVMM_VCPU_EXIT_HALTED);
	printf("kick: halted\n");
	return NULL;
}

int
main(void)
{
	static const struct nvmm_assist_callbacks callbacks = {
		.io = loop_io,
	};
	struct sigaction action = { .sa_handler = on_signal };
	pthread_t thread;

	if (sigaction(SIGUSR1, &action, NULL) == -1)
		err(EXIT_FAILURE, "sigaction");
	machine_start(&mach, loop_guest, sizeof(loop_guest));
	vcpu_start(&mach, 0, &vcpu, &callbacks);
	errno = pthread_create(&thread, NULL, cpu_run, NULL);
	if (errno != 0)
		err(EXIT_FAILURE, "pthread_create");
	while (!atomic_load(&looping))
		usleep(1000);
	/* A signal that comes before the thread is in its run kicks nobody. */
	while (!atomic_load(&kicked)) {
		(void)pthread_kill(thread, SIGUSR1);
		usleep(1000);
	}
	(void)pthread_join(thread, NULL);
	CALL(nvmm_vcpu_destroy(&mach, &vcpu));
	machine_end(&mach);
	return EXIT_SUCCESS;
}
