/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the functions that set a signal's handler return and show, printed:
 * with us and without, it is the same.
 */
#include <signal.h>
#include <string.h>

#include "check.h"

/* Old programs call them all the same. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

sighandler_t bsd_signal(int sig, sighandler_t handler);

static void
handler(int sig)
{
	printf("  handler of %d\n", sig);
}

static void
handler_of_three(int sig, siginfo_t *info, void *context)
{
	printf("  three of %d, code %d, %d\n", sig, info->si_code,
	    context != NULL);
}

static const char *
name_of(sighandler_t function)
{
	if (function == SIG_DFL)
		return "default";
	if (function == SIG_IGN)
		return "ignored";
	if (function == SIG_ERR)
		return "error";
	if (function == SIG_HOLD)
		return "held";
	if (function == handler)
		return "handler";
	return (void *)function == (void *)handler_of_three ? "three" : "?";
}

static void
show_action(const char *what, int sig)
{
	struct sigaction act;
	int i;

	memset(&act, 0x55, sizeof(act));
	CHECK(sigaction(sig, NULL, &act) == 0);
	printf("%s: %d: %s, flags %#x, restorer %d, mask", what, sig,
	    name_of(act.sa_handler), (unsigned)act.sa_flags,
	    act.sa_restorer != NULL);
	for (i = 1; i < 32; i++)
		if (sigismember(&act.sa_mask, i) == 1)
			printf(" %d", i);
	printf("\n");
}

static void
show_set(const char *what, int flags, int masked)
{
	struct sigaction act = { .sa_flags = flags }, old;

	if (flags & SA_SIGINFO)
		act.sa_sigaction = handler_of_three;
	else
		act.sa_handler = handler;
	if (masked != 0)
		sigaddset(&act.sa_mask, masked);
	memset(&old, 0x55, sizeof(old));
	printf("%s: %d", what, sigaction(SIGUSR1, &act, &old));
	printf(", was %s %#x\n", name_of(old.sa_handler),
	    (unsigned)old.sa_flags);
	show_action(what, SIGUSR1);
	fflush(stdout);
	raise(SIGUSR1);
	show_action("after", SIGUSR1);
}

static void
show_simple(const char *what, sighandler_t (*set)(int, sighandler_t))
{
	printf("%s: %s", what, name_of(set(SIGUSR2, handler)));
	printf(" %s", name_of(set(SIGUSR2, SIG_IGN)));
	printf(" %s", name_of(set(SIGUSR2, handler)));
	errno = 0;
	printf(" %s", name_of(set(SIGKILL, handler)));
	printf(" %d", errno);
	errno = 0;
	printf(" %s", name_of(set(0, handler)));
	printf(" %s", name_of(set(65, handler)));
	printf(" %s", name_of(set(32, handler)));
	/* The C library's sigset(3) takes it for a handler. */
	if (set != sigset)
		printf(" %s", name_of(set(SIGUSR2, SIG_ERR)));
	printf(" %d\n", errno);
	show_action(what, SIGUSR2);
	raise(SIGUSR2);
	show_action("after", SIGUSR2);
	(void)set(SIGUSR2, SIG_DFL);
}

static void
show_sigset(void)
{
	printf("sigset: %s", name_of(sigset(SIGUSR2, SIG_HOLD)));
	printf(" %s", name_of(sigset(SIGUSR2, handler)));
	printf(" %s", name_of(sigset(SIGUSR2, SIG_HOLD)));
	printf(" %s", name_of(sigset(SIGUSR2, SIG_HOLD)));
	raise(SIGUSR2);
	printf(" pending");
	fflush(stdout);
	printf(" %s\n", name_of(sigset(SIGUSR2, handler)));
	show_action("sigset", SIGUSR2);
}

static void
show(void)
{
	struct sigaction act = { .sa_flags = 0 };

	act.sa_handler = handler;
	show_action("at first", SIGUSR1);
	show_set("plain", 0, 0);
	show_set("restart", SA_RESTART, SIGHUP);
	show_set("all masks", 0, SIGKILL);
	show_set("three", SA_SIGINFO, SIGUSR1);
	show_set("nodefer", SA_NODEFER | SA_SIGINFO, 0);
	show_set("onstack", SA_ONSTACK | SA_NOCLDSTOP, 0);
	show_set("once", (int)SA_RESETHAND, SIGHUP);
	FAILS(sigaction(SIGKILL, &act, NULL), EINVAL);
	FAILS(sigaction(0, &act, NULL), EINVAL);
	FAILS(sigaction(65, &act, NULL), EINVAL);
	FAILS(sigaction(33, &act, NULL), EINVAL);
	show_action("kill", SIGKILL);
	show_simple("signal", signal);
	show_simple("ssignal", ssignal);
	show_simple("bsd_signal", bsd_signal);
	show_simple("sysv_signal", sysv_signal);
	show_simple("sigset", sigset);
	show_sigset();
	CHECK(siginterrupt(SIGUSR2, 1) == 0);
	show_action("interrupts", SIGUSR2);
	(void)signal(SIGUSR2, handler);
	show_action("signal then", SIGUSR2);
	CHECK(siginterrupt(SIGUSR2, 0) == 0);
	show_action("restarts", SIGUSR2);
	FAILS(siginterrupt(99, 1), EINVAL);
}

const struct behaviour behaviours[] = {
	APART(show),
	{ NULL, NULL, NULL }
};
