/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting and recording calls.  Each thread counts for itself; the sums
 * are made when somebody asks.
 */
#include "observe/session.h"

#include <sys/mman.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "observe/flight.h"

#define DEPTH_MAX	8	/* calls in calls; libnvmm needs two */

/* A thread's part; only that thread writes it. */
struct local {
	struct local *next;
	struct observe_counts counts;	/* kernel unused */
	unsigned depth;			/* calls in progress */
	unsigned announced;		/* of these, already in the trace */
	struct flight_entry open[DEPTH_MAX];
};

struct session {
	struct session_config config;
	_Atomic(struct local *) locals;
	bool muted;
};

/* The kernel's observer gets no thread-local of the transport's. */
static _Thread_local struct local *current;

int
session_create(const struct session_config *config, struct session **sessionp)
{
	struct session *session;

	session = calloc(1, sizeof(*session));
	if (session == NULL)
		return ENOMEM;
	session->config = *config;
	*sessionp = session;
	return 0;
}

void
session_destroy(struct session *session)
{
	struct local *local;

	if (session == NULL)
		return;
	current = NULL;
	while ((local = session->locals) != NULL) {
		session->locals = local->next;
		(void)munmap(local, sizeof(*local));
	}
	free(session);
}

/*
 * NULL when memory is out: the thread then goes uncounted, not astray.  The
 * call may be a signal handler's, so there is neither malloc() nor a lock.
 */
static struct local *
local_get(struct session *session, void **slot)
{
	struct local *local = *slot;

	if (local != NULL)
		return local;
	local = mmap(NULL, sizeof(*local), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (local == MAP_FAILED)
		return NULL;
	local->next = atomic_load(&session->locals);
	while (!atomic_compare_exchange_weak(&session->locals, &local->next,
	    local))
		continue;
	*slot = local;
	current = local;
	return local;
}

static void
trace_line(struct session *session, const struct flight_entry *entry)
{
	char line[512];

	flight_format(entry, line, sizeof(line));
	session->config.trace(session->config.trace_arg, line);
}

/* Outer calls appear before what happens inside them. */
static void
trace_announce(struct session *session, struct local *local)
{
	for (; local->announced < local->depth; local->announced++) {
		if (local->announced < DEPTH_MAX)
			trace_line(session, &local->open[local->announced]);
	}
}

static void
record(struct session *session, struct flight_entry *entry)
{
	if (session->config.flight != NULL)
		flight_write(session->config.flight, entry);
}

static void
call_enter(void *arg, void **slot, const struct sim_call_event *event)
{
	struct session *session = arg;
	struct local *local = local_get(session, slot);
	struct flight_entry *entry;

	if (local == NULL)
		return;
	/* Calls that a handler has jumped out of are not in progress. */
	local->depth = event->depth;
	if (local->announced > local->depth)
		local->announced = local->depth;
	if (session->config.trace != NULL)
		trace_announce(session, local);
	if (local->depth++ >= DEPTH_MAX)
		return;
	entry = &local->open[local->depth - 1];
	memset(entry, 0, sizeof(*entry));
	entry->depth = (uint8_t)(local->depth - 1);
	entry->index = (uint8_t)event->call;
	memcpy(entry->args, event->args, sizeof(entry->args));
	record(session, entry);
}

static void
count(struct observe_counts *counts, enum sim_call_index call, int result,
    unsigned ioctls)
{
	counts->calls[call]++;
	/* Refused before any ioctl: costs nothing either way. */
	if (sim_calls[call].per_call)
		counts->baseline += result == 0 || ioctls > 0;
	else
		counts->baseline += ioctls;
	if (call != SIM_CALL_VCPU_GETSTATE)
		return;
	if (ioctls > 0)
		counts->misses++;
	else if (result == 0)
		counts->hits++;
}

/* A call that was not seen, inside the one that is ending. */
static void
model(struct session *session, struct local *local,
    const struct sim_call_event *event, enum sim_call_index call,
    unsigned ioctls)
{
	const struct sim_call_row *row = &sim_calls[event->call];
	bool get = call == SIM_CALL_VCPU_GETSTATE;
	struct flight_entry entry = {
		.finished = true,
		.modelled = true,
		.hit = get && ioctls == 0,
		.depth = (uint8_t)local->depth,
		.index = (uint8_t)call,
		.args = { event->args[0], event->args[1],
		    get ? row->inner_getstate : row->inner_setstate },
	};

	count(&local->counts, call, 0, ioctls);
	local->counts.modelled++;
	record(session, &entry);
	if (session->config.trace == NULL)
		return;
	trace_announce(session, local);
	trace_line(session, &entry);
}

/*
 * What a function that hides its inner calls is documented to have called.
 * Its ioctl, if there was one, was the getstate's.  Returns how many are left.
 */
static unsigned
model_inner(struct session *session, struct local *local,
    const struct sim_call_event *event)
{
	const struct sim_hidden_calls *hidden = &session->config.hidden;
	const struct sim_call_row *row = &sim_calls[event->call];
	bool unseen = session->config.model_unseen && event->inner == 0;
	uint32_t bit = UINT32_C(1) << event->call;
	unsigned ioctls = event->ioctls;

	/* Refused for the exit's reason, before anything was called. */
	if (event->result == -1 && event->error == EINVAL && ioctls == 0)
		return 0;
	if ((hidden->getstate & bit) || (unseen && row->inner_getstate)) {
		model(session, local, event, SIM_CALL_VCPU_GETSTATE, ioctls);
		ioctls = 0;
	}
	if (event->result == 0 &&
	    ((hidden->setstate & bit) || (unseen && row->inner_setstate)))
		model(session, local, event, SIM_CALL_VCPU_SETSTATE, 0);
	return ioctls;
}

static void
call_leave(void *arg, void **slot, const struct sim_call_event *event)
{
	struct session *session = arg;
	struct local *local = *slot;
	struct flight_entry *entry;

	if (local == NULL || local->depth == 0)
		return;
	count(&local->counts, event->call, event->result,
	    model_inner(session, local, event));

	local->depth--;
	if (local->depth >= DEPTH_MAX)
		return;
	entry = &local->open[local->depth];
	entry->result = event->result;
	entry->error = event->error;
	entry->hit = event->call == SIM_CALL_VCPU_GETSTATE &&
	    event->result == 0 && event->ioctls == 0;
	entry->finished = true;
	if (session->config.flight != NULL)
		flight_rewrite(session->config.flight, entry);
	if (session->config.trace != NULL)
		trace_line(session, entry);
	if (local->announced > local->depth)
		local->announced = local->depth;
}

static void
ioctl_done(void *arg, const struct sim_ioctl_report *report)
{
	const struct sim_run_arg *run = report->args;
	struct session *session = arg;
	struct local *local = current;	/* NULL: outside any call */
	struct flight_entry entry = {
		.is_ioctl = true,
		.finished = true,
		.index = (uint8_t)report->ioctl,
		.result = report->error,
		.has_flags = report->has_flags,
	};

	if (session->muted)
		return;
	if (local != NULL)
		entry.depth = (uint8_t)local->depth;
	if (entry.has_flags) {
		entry.before = report->before;
		entry.after = report->after;
	}
	if (report->ioctl == SIM_VCPU_RUN && report->error == 0)
		entry.exit_reason = run->exit.reason;
	record(session, &entry);
	if (session->config.trace == NULL)
		return;
	if (local != NULL)
		trace_announce(session, local);
	trace_line(session, &entry);
}

const struct sim_call_observer session_call_observer = {
	.enter = call_enter,
	.leave = call_leave,
};

const struct sim_observer session_ioctl_observer = {
	.ioctl = ioctl_done,
};

void
session_announce(struct session *session)
{
	if (session->config.trace != NULL && current != NULL)
		trace_announce(session, current);
}

void
session_mute(struct session *session)
{
	session->muted = true;
}

void
session_counts(struct session *session, struct sim *sim,
    unsigned long foreign, struct observe_counts *counts)
{
	struct local *local;

	memset(counts, 0, sizeof(*counts));
	for (local = session->locals; local != NULL; local = local->next)
		observe_counts_add(counts, &local->counts);
	counts->baseline += foreign;
	counts->foreign = foreign;
	sim_stats_read(sim, &counts->kernel);
}
