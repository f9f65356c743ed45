/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's other functions that set a signal's handler, in terms of
 * our sigaction(2).
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "transport/signals.h"

/* Linux's, and no effect; but sysv_signal(3) shows it. */
#ifndef SA_INTERRUPT
#define SA_INTERRUPT	0x20000000
#endif

/* A bit for each signal, from bit 0 for signal 1, by siginterrupt(3). */
static atomic_ullong interrupting;

static sighandler_t
simple(int sig, sighandler_t handler, int flags, bool masks)
{
	struct sigaction act = { .sa_flags = flags }, old;

	act.sa_handler = handler;
	if (handler == SIG_ERR) {
		errno = EINVAL;
		return SIG_ERR;
	}
	if (masks)
		sigaddset(&act.sa_mask, sig);
	return sigaction(sig, &act, &old) == 0 ? old.sa_handler : SIG_ERR;
}

sighandler_t
signal(int sig, sighandler_t handler)
{
	bool interrupts = sig > 0 && sig < NSIG &&
	    (atomic_load(&interrupting) >> (sig - 1) & 1) != 0;

	return simple(sig, handler, interrupts ? 0 : SA_RESTART, true);
}

sighandler_t
ssignal(int sig, sighandler_t handler)
{
	return signal(sig, handler);
}

sighandler_t
bsd_signal(int sig, sighandler_t handler)
{
	return signal(sig, handler);
}

sighandler_t
sysv_signal(int sig, sighandler_t handler)
{
	return simple(sig, handler, (int)(SA_RESETHAND | SA_NODEFER |
	    SA_INTERRUPT), false);
}

sighandler_t
__sysv_signal(int sig, sighandler_t handler)
{
	return sysv_signal(sig, handler);
}

/* SIG_HOLD is an answer, too: the signal was blocked. */
sighandler_t
sigset(int sig, sighandler_t handler)
{
	sighandler_t old = SIG_HOLD;
	sigset_t one, mask;

	sigemptyset(&one);
	if (sigaddset(&one, sig) != 0)
		return SIG_ERR;
	if (handler == SIG_HOLD) {
		struct sigaction act;

		if (pthread_sigmask(SIG_BLOCK, &one, &mask) != 0 ||
		    sigaction(sig, NULL, &act) != 0)
			return SIG_ERR;
		old = act.sa_handler;
	} else {
		old = simple(sig, handler, 0, false);
		if (old == SIG_ERR ||
		    pthread_sigmask(SIG_UNBLOCK, &one, &mask) != 0)
			return SIG_ERR;
	}
	return sigismember(&mask, sig) == 1 ? SIG_HOLD : old;
}

int
siginterrupt(int sig, int interrupts)
{
	struct sigaction act;

	if (sigaction(sig, NULL, &act) != 0)
		return -1;
	if (interrupts) {
		atomic_fetch_or(&interrupting, 1ULL << (sig - 1));
		act.sa_flags &= ~SA_RESTART;
	} else {
		atomic_fetch_and(&interrupting, ~(1ULL << (sig - 1)));
		act.sa_flags |= SA_RESTART;
	}
	return sigaction(sig, &act, NULL);
}
