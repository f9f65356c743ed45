/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A session observes one kernel and the library in front of it: it counts
 * the calls, keeps the last of them for failure reports, and prints them as
 * they happen if somebody wants a trace.
 */
#ifndef SIM_OBSERVE_SESSION_H
#define SIM_OBSERVE_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/control.h"
#include "observe/call.h"

struct session;

/* What the reports are made of. */
struct observe_counts {
	uint64_t calls[SIM_NCALL];	/* inner calls included */
	uint64_t hits, misses;		/* getstates without, with an ioctl */
	uint64_t baseline;		/* ioctls without a comm page */
	uint64_t modelled;		/* calls not seen but documented */
	uint64_t foreign;		/* ioctls outside any call */
	struct sim_stats kernel;
};

/* Sums over a counts' parts. */
uint64_t observe_calls(const struct observe_counts *counts);
uint64_t observe_ioctls(const struct observe_counts *counts);
uint64_t observe_exits(const struct observe_counts *counts);
uint64_t observe_other(const struct observe_counts *counts);
uint64_t observe_bytes(const struct observe_counts *counts);

/* The single figures, under the names that reports give them, in order. */
struct observe_figure {
	const char *name;
	int64_t (*of)(const struct observe_counts *counts);
};
#define OBSERVE_NFIGURES	11
extern const struct observe_figure observe_figures[OBSERVE_NFIGURES];

/* to += from, and to -= from, counter by counter. */
void observe_counts_add(struct observe_counts *to,
    const struct observe_counts *from);
void observe_counts_sub(struct observe_counts *to,
    const struct observe_counts *from);

struct flight;

struct session_config {
	/* Inner calls that cannot be seen: they are derived. */
	struct sim_hidden_calls hidden;
	/* Those of every call in which none is seen, too. */
	bool model_unseen;
	/* Gets each line of a trace, without newline; NULL: no trace. */
	void (*trace)(void *arg, const char *line);
	void *trace_arg;
	/* Where the last calls are kept; borrowed; may be NULL. */
	struct flight *flight;
};

/* 0 or ENOMEM.  Destroy after the transport is detached. */
int session_create(const struct session_config *config,
    struct session **sessionp);
void session_destroy(struct session *session);

/* The tables to attach: to the transport and to the kernel. */
extern const struct sim_call_observer session_call_observer;
extern const struct sim_observer session_ioctl_observer;

/*
 * Puts the calls that this thread is in into the trace, if they are not
 * there yet: another thread will do something before they end.
 */
void session_announce(struct session *session);

/* From now on ioctls are neither recorded nor traced, as when tidying up. */
void session_mute(struct session *session);

/*
 * All counts so far: the session's and sim's.  foreign: ioctls that the
 * transport saw outside any call; they cost without a comm page what they
 * cost with it.
 */
void session_counts(struct session *session, struct sim *sim,
    unsigned long foreign, struct observe_counts *counts);

#endif /* SIM_OBSERVE_SESSION_H */
