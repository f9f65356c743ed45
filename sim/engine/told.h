/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that are told what to do: intents from a feed, one after the other,
 * with windows and events between them.  No handler runs in such a guest:
 * it takes an event by telling the feed.  What an instruction itself does is
 * the engine's.
 */
#ifndef SIM_ENGINE_TOLD_H
#define SIM_ENGINE_TOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

struct sim_told {
	/* Lines of its own: the next VCPU's thread is another. */
	_Alignas(64) const struct sim_feed *feed;	/* borrowed, or NULL */
	void *arg;
	/*
	 * The instruction that made the last stop, and where it stands.  As
	 * long as RIP is there it is not finished and stops again.
	 */
	bool stopped;
	uint64_t rip, cs_base;
	bool touched;		/* the intent's first touch has been */
	enum sim_spin spin;	/* what spins() said of it */
	bool pushes;		/* events need room on the stack */
	bool nmi_blocked;	/* until the handler's IRET */
	struct sim_intent intent;
};

/*
 * Executes told->intent, whose registers are loaded and whose bytes stand at
 * RIP.  True: the guest is past it, or has taken a fault instead
 * (sim_told_fault()).  False: *stop says how it stops.
 */
typedef bool sim_told_execute(void *engine, struct sim_told *told,
    const struct sim_entry *entry, struct sim_stop *stop);

/*
 * Memory for an engine's VCPU that has one of these in it: zeroed, for
 * free().  NULL: there is none.
 */
void *sim_told_alloc(size_t size);

/* An engine's run() and ready() for such a guest. */
void sim_told_run(struct sim_told *told, const struct sim_entry *entry,
    sim_told_execute *execute, void *engine, struct sim_stop *stop);
void sim_told_ready(struct sim_told *told, const struct sim_state *state);

/*
 * The guest takes a fault of its own.  False: its frame meets a hole, and
 * *stop says where.
 */
bool sim_told_fault(struct sim_told *told, const struct sim_entry *entry,
    const struct sim_event *fault, struct sim_stop *stop);

/* Past the intent's instruction; its side effects besides its own. */
void sim_told_advance(struct sim_told *told, struct sim_state *state);

/*
 * The bytes of the intent's access, which may lie in two mappings: where
 * each is, or false, and then *fault is the first that the guest may not
 * touch, or that the host has not given yet.
 */
bool sim_told_resolve(struct sim_told *told, const struct sim_map *map,
    uint8_t *bytes[8], uint64_t *fault);

#endif /* SIM_ENGINE_TOLD_H */
