/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handlers of signals that come while a thread is inside the device: they
 * run as the ioctl returns, with what the signal carried, and may use the
 * device themselves.
 */
#include <time.h>

#include "interrupt.h"

static struct guest other;
static pthread_t main_thread;

static void
run_returns_none_after_the_handler(void)
{
	guest_make(&guest, ENDLESS);
	handle(SIGALRM, SA_RESTART, count);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
}

/* The handler is done before the next run, which finds the word. */
static void
handler_stops_the_vcpu(void)
{
	guest_make(&guest, ENDLESS);
	handle(SIGALRM, 0, stop_handler);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
	must_run_to(NVMM_VCPU_EXIT_STOPPED);
}

static void
busy_handler(int sig)
{
	struct nvmm_machine machine;

	(void)sig;
	if (nvmm_vcpu_getstate(&guest.machine, &guest.vcpu,
	    NVMM_X64_STATE_ALL) != 0 ||
	    nvmm_machine_create(&machine) != 0 ||
	    run(&other) != 0 || nvmm_machine_destroy(&machine) != 0)
		abort();
	if (other.vcpu.exit->reason != NVMM_VCPU_EXIT_IO)
		abort();
	handled++;
}

static void
handler_uses_the_device(void)
{
	guest_make(&guest, ENDLESS);
	guest_make(&other, HELLO);
	handle(SIGALRM, 0, busy_handler);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
	CHECK(guest.vcpu.state->gprs[NVMM_X64_GPR_RIP] == 0xfff0);
}

static void
nested_handler(int sig)
{
	if (sig == SIGALRM) {
		alarm_soon();
		handle(SIGALRM, 0, count);
		if (run(&guest) != 0 ||
		    guest.vcpu.exit->reason != NVMM_VCPU_EXIT_NONE)
			abort();
	}
}

/* SA_NODEFER: it is interrupted by its own signal, inside the device. */
static void
handler_runs_an_endless_guest(void)
{
	guest_make(&guest, ENDLESS);
	handle(SIGALRM, SA_NODEFER, nested_handler);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
}

/* --- what they carry, and in which order --- */

#define MANY	20

static int values[MANY + 1];

static void
value_handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	if (context == NULL || info->si_pid != getpid())
		abort();
	if (info->si_code != SI_QUEUE || info->si_signo != sig)
		abort();
	if (handled < MANY + 1)
		values[handled] = info->si_value.sival_int;
	handled++;
}

static void
sleep_a_moment(void)
{
	const struct timespec moment = { 0, 20000000 };

	nanosleep(&moment, NULL);
}

/* To the process, where its main thread is all that takes them. */
static void *
queue_to_process(void *arg)
{
	union sigval value;
	int i;

	sleep_a_moment();
	for (i = 1; i <= MANY; i++) {
		value.sival_int = i;
		CHECK(sigqueue(getpid(), *(int *)arg, value) == 0);
	}
	return NULL;
}

static void *
queue_to_thread(void *arg)
{
	union sigval value;
	int i;

	sleep_a_moment();
	for (i = 1; i <= MANY; i++) {
		value.sival_int = i;
		CHECK(pthread_sigqueue(main_thread, *(int *)arg, value) == 0);
	}
	return NULL;
}

static void
run_while(void *(*sender)(void *), int sig)
{
	pthread_t thread;
	sigset_t all, before;

	sigfillset(&all);
	main_thread = pthread_self();
	CHECK(pthread_sigmask(SIG_BLOCK, &all, &before) == 0);
	CHECK(pthread_create(&thread, NULL, sender, &sig) == 0);
	CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled > 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void
must_be_in_order(void)
{
	int i, wrong = 0;

	for (i = 0; i < MANY; i++)
		wrong += values[i] != i + 1;
	for (i = 0; i < MANY && wrong > 0; i++)
		printf("%d ", values[i]);
	CHECK(wrong == 0);
	CHECK(handled == MANY);
}

static void
siginfo_is_kept(void)
{
	guest_make(&guest, ENDLESS);
	handle_info(SIGUSR1, 0, value_handler);
	run_while(queue_to_process, SIGUSR1);
	CHECK(values[0] == 1);
}

static void
queued_to_the_process_in_order(void)
{
	guest_make(&guest, ENDLESS);
	handle_info(SIGRTMIN + 1, 0, value_handler);
	run_while(queue_to_process, SIGRTMIN + 1);
	must_be_in_order();
}

static void
queued_to_the_thread_in_order(void)
{
	guest_make(&guest, ENDLESS);
	handle_info(SIGRTMAX, 0, value_handler);
	run_while(queue_to_thread, SIGRTMAX);
	must_be_in_order();
}

static void
queued_outside_come_at_once(void)
{
	union sigval value;
	int i;

	(void)device_open(O_RDWR);
	handle_info(SIGRTMIN, 0, value_handler);
	for (i = 1; i <= MANY; i++) {
		value.sival_int = i;
		CHECK(pthread_sigqueue(pthread_self(), SIGRTMIN, value) == 0);
		CHECK(handled == i);
	}
	must_be_in_order();
}

static void
all_come_although_they_nest(void)
{
	bool seen[MANY + 1] = { false };
	int i;

	guest_make(&guest, ENDLESS);
	handle_info(SIGRTMIN + 2, SA_NODEFER, value_handler);
	run_while(queue_to_thread, SIGRTMIN + 2);
	CHECK(handled == MANY);
	for (i = 0; i < MANY; i++) {
		CHECK(values[i] > 0 && values[i] <= MANY);
		CHECK(!seen[values[i]]);
		seen[values[i]] = true;
	}
}

/* Many kinds at the same time. */
static void *
one_of_each(void *arg)
{
	int sig;

	(void)arg;
	sleep_a_moment();
	for (sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		CHECK(pthread_kill(main_thread, sig) == 0);
	return NULL;
}

static void
one_of_each_kind(void)
{
	int sig;

	guest_make(&guest, ENDLESS);
	for (sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		handle(sig, 0, count);
	run_while(one_of_each, 0);
	CHECK(handled == SIGRTMAX - SIGRTMIN + 1);
}

/* --- flags --- */

static void
reset_by_sa_resethand(void)
{
	struct sigaction old;

	guest_make(&guest, ENDLESS);
	handle(SIGALRM, (int)SA_RESETHAND, count);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
	CHECK(sigaction(SIGALRM, NULL, &old) == 0);
	CHECK(old.sa_handler == SIG_DFL);
}

static sigset_t seen_mask;

static void
mask_handler(int sig)
{
	(void)sig;
	handled++;
	pthread_sigmask(SIG_BLOCK, NULL, &seen_mask);
}

static void
mask_is_the_programs(int flags, bool itself)
{
	struct sigaction act = { .sa_flags = flags };
	sigset_t mask;

	guest_make(&guest, ENDLESS);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	CHECK(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
	act.sa_handler = mask_handler;
	sigaddset(&act.sa_mask, SIGHUP);
	CHECK(sigaction(SIGALRM, &act, NULL) == 0);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
	CHECK(sigismember(&seen_mask, SIGHUP) == 1);
	CHECK(sigismember(&seen_mask, SIGUSR2) == 1);
	CHECK(sigismember(&seen_mask, SIGALRM) == itself);
	CHECK(sigismember(&seen_mask, SIGTERM) == 0);
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	CHECK(sigismember(&mask, SIGUSR2) == 1);
	CHECK(sigismember(&mask, SIGHUP) == 0);
	CHECK(sigismember(&mask, SIGALRM) == 0);
}

static void
mask_during_a_handler(void)
{
	mask_is_the_programs(0, true);
}

static void
mask_with_sa_nodefer(void)
{
	mask_is_the_programs(SA_NODEFER, false);
}

static char *stack_low;
#define STACK_SIZE	65536

static void
stack_handler(int sig)
{
	char here;

	(void)sig;
	handled += &here >= stack_low && &here < stack_low + STACK_SIZE;
	/* Calls from here, too, and the ioctls of those below still count. */
	if (nvmm_vcpu_getstate(&guest.machine, &guest.vcpu,
	    NVMM_X64_STATE_GPRS) != 0)
		abort();
}

static void
handler_on_its_own_stack(void)
{
	stack_t stack = { .ss_size = STACK_SIZE };

	guest_make(&guest, ENDLESS);
	stack_low = malloc(STACK_SIZE);
	stack.ss_sp = stack_low;
	CHECK(sigaltstack(&stack, NULL) == 0);
	handle(SIGALRM, SA_ONSTACK, stack_handler);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 1);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
	CHECK(handled == 2);
}

static void
blocked_signals_do_not_end_a_run(void)
{
	sigset_t mask;

	guest_make(&guest, HELLO);
	handle(SIGUSR1, 0, count);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	CHECK(pthread_sigmask(SIG_BLOCK, &mask, NULL) == 0);
	CHECK(raise(SIGUSR1) == 0);
	must_run_to(NVMM_VCPU_EXIT_IO);
	CHECK(handled == 0);
	CHECK(pthread_sigmask(SIG_UNBLOCK, &mask, NULL) == 0);
	CHECK(handled == 1);
}

static void
errno_handler(int sig)
{
	(void)sig;
	handled++;
	(void)nvmm_vcpu_getstate(&guest.machine, &guest.vcpu, 1);
	errno = 12;
}

/* A failing ioctl's errno is its own, whatever ran before it returned. */
static void
errno_of_the_ioctl_is_kept(void)
{
	guest_make(&guest, ENDLESS);
	handle(SIGALRM, 0, errno_handler);
	CHECK(nvmm_vcpu_inject(&guest.machine, &guest.vcpu) == 0);
	guest.vcpu.event->type = 77;
	alarm_soon();
	errno = 0;
	CHECK(run(&guest) == -1 && errno == EINVAL);
	while (handled == 0)
		continue;
}

const struct behaviour behaviours[] = {
	B(run_returns_none_after_the_handler), B(handler_stops_the_vcpu),
	B(handler_uses_the_device), B(handler_runs_an_endless_guest),
	B(siginfo_is_kept), B(queued_to_the_process_in_order),
	B(queued_to_the_thread_in_order), B(queued_outside_come_at_once),
	B(all_come_although_they_nest), B(one_of_each_kind),
	B(reset_by_sa_resethand), B(mask_during_a_handler),
	B(mask_with_sa_nodefer), B(handler_on_its_own_stack),
	B(blocked_signals_do_not_end_a_run), B(errno_of_the_ioctl_is_kept),
	{ NULL, NULL, NULL }
};
