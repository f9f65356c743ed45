/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's signal handlers, kept out of the kernel's code.
 *
 * A handler is installed behind one of ours.  Outside the kernel that one
 * just calls it.  Inside, it keeps what the signal carries, and the thread
 * sends it to itself again when it leaves the kernel.  So nothing costs
 * anything until a signal comes.
 */
#include "transport/signals.h"

#include <sys/syscall.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "transport/next.h"
#include "transport/private.h"

/* Linux's set of signals: a bit each, from bit 0 for signal 1. */
#define MASK_SIZE	8U
#define MASK_ALL	(~0ULL)
#define BIT_OF(sig)	(1ULL << ((sig) - 1))

/* What the processor raises at an instruction cannot wait. */
#define SYNCHRONOUS	(BIT_OF(SIGSEGV) | BIT_OF(SIGBUS) | BIT_OF(SIGFPE) | \
	BIT_OF(SIGILL) | BIT_OF(SIGTRAP) | BIT_OF(SIGSYS))

/* A handler with whatever arguments it has: it leaves the others alone. */
typedef void handler_function(int, siginfo_t *, void *);

/* What the program has asked for; the lock is for all but handler, once. */
static struct wanted {
	_Atomic(handler_function *) handler;
	atomic_bool once;		/* SA_RESETHAND */
	struct sigaction action;
} wanted[NSIG];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
mask_set(uint64_t mask, uint64_t *old)
{
	(void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, old,
	    (size_t)MASK_SIZE);
}

/* It is there if the program was built with ThreadSanitizer. */
extern void __tsan_init(void) __attribute__((__weak__));

/*
 * ThreadSanitizer keeps a signal until the thread calls a function that it
 * knows, and neither a guest's loop nor send() does.
 */
static void
tsan_handle(void)
{
	static pthread_mutex_t nothing = PTHREAD_MUTEX_INITIALIZER;

	if (__tsan_init != NULL && pthread_mutex_trylock(&nothing) == 0)
		(void)pthread_mutex_unlock(&nothing);
}

bool
transport_signalled(void)
{
	tsan_handle();
	return atomic_load_explicit(&transport_thread.deferred,
	    memory_order_relaxed);
}

static void
send(int sig, siginfo_t *info)
{
	/* A full queue loses what the signal carries, not the signal. */
	if (syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), sig,
	    info) != 0)
		(void)syscall(SYS_tgkill, getpid(), gettid(), sig);
}

/*
 * No room to keep it: the host does, while this thread has it blocked.  The
 * frame that is restored at a handler's end has 8 bytes for the mask,
 * whatever the C library's type says.
 */
static void
block(int sig, siginfo_t *info, ucontext_t *context)
{
	struct transport_thread *thread = &transport_thread;
	uint64_t mask = (MASK_ALL & ~SYNCHRONOUS) | BIT_OF(sig);

	if (!thread->blocked)
		memcpy(&thread->mask, &context->uc_sigmask, MASK_SIZE);
	thread->blocked = true;
	memcpy(&context->uc_sigmask, &mask, MASK_SIZE);
	send(sig, info);
}

/* As the host does, one of a kind waits, but each of the real-time ones. */
static bool
is_waiting(const struct transport_thread *thread, int sig)
{
	unsigned i;

	for (i = 0; i < thread->nwaiting && sig < SIGRTMIN; i++) {
		if (thread->waiting[i].si_signo == sig)
			return true;
	}
	return false;
}

static void
defer(int sig, siginfo_t *info, ucontext_t *context)
{
	struct transport_thread *thread = &transport_thread;
	int saved = errno;

	if (thread->nwaiting == TRANSPORT_WAITING)
		block(sig, info, context);
	else if (!is_waiting(thread, sig))
		thread->waiting[thread->nwaiting++] = *info;
	atomic_store_explicit(&thread->deferred, true, memory_order_relaxed);
	errno = saved;
}

/*
 * Each handler runs within send().  It may enter the kernel, where others
 * are deferred anew.
 */
void
transport_undefer(void)
{
	struct transport_thread *thread = &transport_thread;
	siginfo_t waiting[TRANSPORT_WAITING];
	unsigned i, n = thread->nwaiting;
	bool blocked = thread->blocked;
	uint64_t mask = thread->mask;

	memcpy(waiting, thread->waiting, n * sizeof(waiting[0]));
	thread->nwaiting = 0;
	thread->blocked = false;
	atomic_store_explicit(&thread->deferred, false, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	for (i = 0; i < n; i++)
		send(waiting[i].si_signo, &waiting[i]);
	tsan_handle();
	if (blocked)
		mask_set(mask, NULL);
}

static void
handle(int sig, siginfo_t *info, void *context)
{
	struct wanted *want = &wanted[sig];
	const struct sigaction reset = { .sa_handler = SIG_DFL };
	handler_function *handler;

	if (transport_inside() &&
	    ((BIT_OF(sig) & SYNCHRONOUS) == 0 || info->si_code <= 0)) {
		defer(sig, info, context);
		return;
	}
	handler = atomic_load(&want->handler);
	if (atomic_load(&want->once))
		(void)next_sigaction()(sig, &reset, NULL);
	handler(sig, info, context);
}

static bool
is_handler(const struct sigaction *act)
{
	return act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN;
}

/* As the program set it, if it is ours that the host has. */
static void
shown(int sig, struct sigaction *old)
{
	if (old->sa_sigaction == handle)
		*old = wanted[sig].action;
}

/*
 * Only handlers are noted: what else a child of vfork(2) sets is its own,
 * but our memory is its parent's.
 */
static int
action_set(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct wanted *want = &wanted[sig];
	struct wanted before = {
		.handler = atomic_load(&want->handler),
		.once = atomic_load(&want->once),
	};
	struct sigaction ours = *act;
	int result;

	if (!is_handler(act)) {
		result = next_sigaction()(sig, act, old);
		if (result == 0 && old != NULL)
			shown(sig, old);
		return result;
	}
	ours.sa_sigaction = handle;
	ours.sa_flags |= SA_SIGINFO;
	ours.sa_flags &= ~(int)SA_RESETHAND;
	atomic_store(&want->once, (act->sa_flags & (int)SA_RESETHAND) != 0);
	atomic_store(&want->handler, (handler_function *)act->sa_sigaction);
	result = next_sigaction()(sig, &ours, old);
	if (result != 0) {
		atomic_store(&want->once, before.once);
		atomic_store(&want->handler, before.handler);
		return result;
	}
	if (old != NULL)
		shown(sig, old);
	want->action = *act;
	return 0;
}

int
sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct sigaction copy, *seen = old != NULL ? &copy : NULL;
	uint64_t mask;
	int result;

	if (sig <= 0 || sig >= NSIG)
		return next_sigaction()(sig, act, old);
	mask_set(MASK_ALL, &mask);
	pthread_mutex_lock(&lock);
	if (act != NULL)
		result = action_set(sig, act, seen);
	else {
		result = next_sigaction()(sig, NULL, seen);
		if (result == 0 && seen != NULL)
			shown(sig, seen);
	}
	pthread_mutex_unlock(&lock);
	mask_set(mask, NULL);
	if (result == 0 && old != NULL)
		*old = copy;
	return result;
}

/* signal(3) in its flavours. */
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
	return simple(sig, handler, SA_RESTART, true);
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
	return simple(sig, handler, (int)(SA_RESETHAND | SA_NODEFER), false);
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

/* fork(2): nobody is in the middle of it. */
void
transport_signals_lock(void)
{
	pthread_mutex_lock(&lock);
}

void
transport_signals_unlock(void)
{
	pthread_mutex_unlock(&lock);
}
