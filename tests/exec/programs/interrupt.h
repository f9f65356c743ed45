/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals for a program whose guest is running.
 */
#ifndef TESTS_EXEC_INTERRUPT_H
#define TESTS_EXEC_INTERRUPT_H

#include <sys/time.h>
#include <pthread.h>
#include <signal.h>

#include "check.h"

static struct guest guest;
static volatile sig_atomic_t handled;

static inline int
run(struct guest *g)
{
	return nvmm_vcpu_run(&g->machine, &g->vcpu);
}

static inline void
must_run_to(uint64_t reason)
{
	CHECK(run(&guest) == 0);
	CHECK(guest.vcpu.exit->reason == reason);
}

static inline void
handle(int sig, int flags, void (*handler)(int))
{
	struct sigaction act = { .sa_flags = flags };

	act.sa_handler = handler;
	CHECK(sigaction(sig, &act, NULL) == 0);
}

static inline void
handle_info(int sig, int flags, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction act = { .sa_flags = flags | SA_SIGINFO };

	act.sa_sigaction = handler;
	CHECK(sigaction(sig, &act, NULL) == 0);
}

/* Once, after a moment: the guest is running then. */
static inline void
alarm_soon(void)
{
	const struct itimerval soon = { .it_value = { 0, 20000 } };

	CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
}

static inline void
count(int sig)
{
	(void)sig;
	handled++;
}

static inline void
stop_handler(int sig)
{
	(void)sig;
	handled++;
	if (nvmm_vcpu_stop(&guest.vcpu) != 0)
		abort();
}

#endif /* TESTS_EXEC_INTERRUPT_H */
