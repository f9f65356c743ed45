/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's signal handlers, kept out of the kernel's code.
 *
 * A handler is installed behind one of ours.  Outside the kernel that one
 * just calls it.  Inside, it keeps what the signal carries, and the thread
 * sends itself a token for each of them when it leaves the kernel: what the
 * host delivers then stands for the signal that has waited longest, also
 * where the host has others of that number in its queue already.  So nothing
 * costs anything until a signal comes.
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

/*
 * Handlers that can be on top of each other when all signals are blocked: one
 * of each kind.  If there come more, then blocking does not work, as under
 * valgrind, and what the host gets back comes again at once.
 */
#define OVERFLOWS_MAX	64U

/* Flags that we do the work of; the host gets its own idea of them. */
#define EMULATED	((int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER))

/* A handler with whatever arguments it has: it leaves the others alone. */
typedef void handler_function(int, siginfo_t *, void *);

/* What the program has asked for; the lock is for all but handler, once. */
static struct wanted {
	_Atomic(handler_function *) handler;
	atomic_bool once;		/* SA_RESETHAND */
	atomic_bool nests;		/* SA_NODEFER */
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
 * knows, and neither a guest's loop nor token_send() does.
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

/* A handler that was left by a jump is on no part of the stack in use. */
bool
transport_interrupting(void)
{
	const struct transport_thread *thread = &transport_thread;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	return here >= thread->low && here < thread->high;
}

/* --- signals that wait --- */

/* What a token carries: an address that nobody else knows. */
static char token;

static bool
is_token(const siginfo_t *info)
{
	return info->si_code == SI_QUEUE && info->si_ptr == &token;
}

/* 0, or -1: the host's queue is full. */
static int
token_send(int sig)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_ptr = &token;
	return (int)syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), sig,
	    &info);
}

static struct transport_waiting *
waiting_find(struct transport_thread *thread, int sig)
{
	unsigned i;

	for (i = 0; i < thread->nwaiting; i++) {
		if (thread->waiting[i].info.si_signo == sig)
			return &thread->waiting[i];
	}
	return NULL;
}

static void
waiting_add(struct transport_thread *thread, const siginfo_t *info, bool sent)
{
	struct transport_waiting *waiting;

	waiting = &thread->waiting[thread->nwaiting++];
	waiting->info = *info;
	waiting->sent = sent;
}

static void
waiting_remove(struct transport_thread *thread,
    struct transport_waiting *waiting)
{
	thread->nwaiting--;
	memmove(waiting, waiting + 1, (size_t)(thread->waiting +
	    thread->nwaiting - waiting) * sizeof(*waiting));
}

/*
 * The host keeps all that still come, until this thread is out.  The frame
 * that is restored at a handler's end has 8 bytes for the mask, whatever the
 * C library's type says.  Of handlers on top of each other the lowest, which
 * comes last, has the mask of the program.
 */
static void
block(ucontext_t *context)
{
	struct transport_thread *thread = &transport_thread;
	const uint64_t mask = MASK_ALL & ~SYNCHRONOUS;

	memcpy(&thread->mask, &context->uc_sigmask, MASK_SIZE);
	thread->blocked = true;
	memcpy(&context->uc_sigmask, &mask, MASK_SIZE);
}

/* As the host does, one of a kind waits, but each of the real-time ones. */
static void
defer(int sig, siginfo_t *info, ucontext_t *context)
{
	struct transport_thread *thread = &transport_thread;
	struct transport_waiting *waiting = waiting_find(thread, sig);
	int saved = errno;

	if (is_token(info)) {
		if (waiting != NULL)
			waiting->sent = false;
	} else if (waiting != NULL && sig < SIGRTMIN)
		waiting->sent = false;
	else if (thread->nwaiting < TRANSPORT_WAITING)
		waiting_add(thread, info, false);
	else if (thread->overflows++ < OVERFLOWS_MAX)
		/* The host has it, as long as our handler has it blocked. */
		(void)syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), sig,
		    info);
	if (thread->nwaiting == TRANSPORT_WAITING)
		block(context);
	atomic_store_explicit(&thread->deferred, true, memory_order_relaxed);
	errno = saved;
}

/* A signal that has no token yet, and gets one now; 0: none. */
static int
unsent_take(struct transport_thread *thread)
{
	unsigned i;

	for (i = 0; i < thread->nwaiting; i++) {
		if (thread->waiting[i].sent)
			continue;
		thread->waiting[i].sent = true;
		return thread->waiting[i].info.si_signo;
	}
	return 0;
}

/* With handlers kept out, for the one that changes what waits. */
static int
unsent_next(struct transport_thread *thread)
{
	int sig;

	atomic_store_explicit(&thread->inside, 1, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&thread->deferred, false, memory_order_relaxed);
	sig = unsent_take(thread);
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&thread->inside, 0, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	return sig;
}

/*
 * Handlers run within token_send() or, of what the host has kept, within
 * mask_set().  They may enter the kernel, where others are deferred anew.
 */
void
transport_undefer(void)
{
	struct transport_thread *thread = &transport_thread;
	int sig, saved = errno;

	thread->overflows = 0;
	do {
		while ((sig = unsent_next(thread)) != 0) {
			/* A full queue: any signal will do for a token. */
			if (token_send(sig) != 0)
				(void)syscall(SYS_tgkill, getpid(), gettid(),
				    sig);
			/* valgrind looks for signals after this one only. */
			(void)syscall(SYS_tgkill, getpid(), gettid(), 0);
			tsan_handle();
		}
		if (thread->blocked) {
			thread->blocked = false;
			mask_set(thread->mask, NULL);
		}
	} while (atomic_load_explicit(&thread->deferred,
	    memory_order_relaxed));
	errno = saved;
}

/*
 * Outside the kernel: what has waited comes first, in the place of what has
 * come now.  False: this was a token, and what it stood for has gone.
 */
static bool
waiting_swap(int sig, siginfo_t *info)
{
	struct transport_thread *thread = &transport_thread;
	struct transport_waiting *waiting = waiting_find(thread, sig);
	siginfo_t come = *info;

	if (waiting == NULL)
		return !is_token(info);
	*info = waiting->info;
	waiting_remove(thread, waiting);
	if (!is_token(&come) && sig >= SIGRTMIN)
		waiting_add(thread, &come, true);
	return true;
}

/* --- handlers --- */

/* The host does it for its own; the set action has the flag off. */
static void
emulate(int sig, const struct wanted *want)
{
	struct sigaction reset;
	uint64_t mask;

	if (atomic_load(&want->once)) {
		reset = want->action;
		reset.sa_handler = SIG_DFL;
		(void)next_sigaction()(sig, &reset, NULL);
	}
	if (atomic_load(&want->nests) &&
	    sigismember(&want->action.sa_mask, sig) == 0) {
		mask = BIT_OF(sig);
		(void)syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &mask, NULL,
		    (size_t)MASK_SIZE);
	}
}

/* Calls from the handler are none of those that it has interrupted. */
static void
call(handler_function *handler, int sig, siginfo_t *info, ucontext_t *context)
{
	struct transport_thread *thread = &transport_thread;
	const unsigned depth = thread->depth, floor = thread->floor;
	const uintptr_t low = thread->low, high = thread->high;
	const stack_t *stack = &context->uc_stack;
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	thread->low = 0;
	thread->high = here;
	if (here - (uintptr_t)stack->ss_sp < stack->ss_size) {
		thread->low = (uintptr_t)stack->ss_sp;
		thread->high = thread->low + stack->ss_size;
	}
	thread->floor = depth;
	handler(sig, info, context);
	thread->depth = depth;
	thread->floor = floor;
	thread->low = low;
	thread->high = high;
}

static void
handle(int sig, siginfo_t *info, void *context)
{
	struct wanted *want = &wanted[sig];
	handler_function *handler;

	if (transport_inside() &&
	    ((BIT_OF(sig) & SYNCHRONOUS) == 0 || info->si_code <= 0)) {
		defer(sig, info, context);
		return;
	}
	if (transport_thread.nwaiting > 0 || is_token(info)) {
		if (!waiting_swap(sig, info))
			return;
	}
	handler = atomic_load(&want->handler);
	if (atomic_load(&want->once) || atomic_load(&want->nests))
		emulate(sig, want);
	call(handler, sig, info, context);
}

/* --- what the program asks for --- */

static bool
is_handler(const struct sigaction *act)
{
	return act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN;
}

/* As the program set it, if it is ours that the host has. */
static void
shown(int sig, struct sigaction *old)
{
	const struct sigaction *action = &wanted[sig].action;

	if (old->sa_sigaction != handle)
		return;
	old->sa_sigaction = action->sa_sigaction;
	old->sa_flags = (old->sa_flags & ~EMULATED) |
	    (action->sa_flags & EMULATED);
}

static void
want_set(struct wanted *want, const struct sigaction *act)
{
	atomic_store(&want->once, (act->sa_flags & (int)SA_RESETHAND) != 0);
	atomic_store(&want->nests, (act->sa_flags & (int)SA_NODEFER) != 0);
	atomic_store(&want->handler, (handler_function *)act->sa_sigaction);
	want->action = *act;
}

/*
 * Only handlers are noted: what else a child of vfork(2) sets is its own,
 * but our memory is its parent's.
 */
static int
action_set(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct wanted *want = &wanted[sig];
	const struct sigaction before = want->action;
	struct sigaction ours = *act, seen;
	int result;

	if (is_handler(act)) {
		ours.sa_sigaction = handle;
		ours.sa_flags = (ours.sa_flags & ~EMULATED) | SA_SIGINFO;
	}
	result = next_sigaction()(sig, NULL, &seen);
	if (result != 0)
		return result;
	shown(sig, &seen);
	/* It may be called at once. */
	if (is_handler(act))
		want_set(want, act);
	result = next_sigaction()(sig, &ours, NULL);
	if (result != 0 && is_handler(act))
		want_set(want, &before);
	if (result == 0 && old != NULL)
		*old = seen;
	return result;
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

void
transport_signals_lock_init(void)
{
	pthread_mutex_init(&lock, NULL);
}

void
transport_signals_forget(void)
{
	struct transport_thread *thread = &transport_thread;

	thread->nwaiting = 0;
	atomic_store_explicit(&thread->deferred, false, memory_order_relaxed);
	if (thread->blocked)
		mask_set(thread->mask, NULL);
	thread->blocked = false;
}
