/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that is told what to do executes the instruction of each intent.
 */
#include "engine/interp/interp.h"

/*
 * What no instruction makes: a signal from outside, a page that the host
 * gives late, a jump that finds memory where the intent wants a hole; and
 * what needs a handler or a table that is not there.
 */
static bool
by_hand(struct sim_told *told, const struct sim_entry *entry,
    bool *done, struct sim_stop *stop)
{
	const struct sim_intent *intent = &told->intent;
	uint8_t *bytes[8];
	uint64_t fault;

	*stop = intent->stop;
	*done = false;
	if (intent->stop.kind == SIM_STOP_INIT ||
	    intent->stop.kind == SIM_STOP_TASK_SWITCH)
		return true;
	if (intent->first_touch && !told->touched) {
		(void)sim_told_resolve(told, entry->map, bytes, &fault);
		stop->u.mem.gpa = fault;
		return true;
	}
	*done = (intent->step && intent->after.iret) ||
	    (intent->stop.kind == SIM_STOP_MEMORY &&
	    intent->stop.u.mem.access == SIM_ACCESS_EXEC &&
	    sim_told_resolve(told, entry->map, bytes, &fault));
	if (*done)
		sim_told_advance(told, entry->state);
	return *done;
}

/* A fault goes to the feed, unless it is what shuts the guest down. */
static bool
fault_take(struct interp *ip, struct sim_told *told,
    const struct sim_entry *entry, struct sim_stop *stop)
{
	struct sim_event fault = ip->fault;

	if (told->intent.stop.kind == SIM_STOP_SHUTDOWN &&
	    !interp_event(ip, &fault, false)) {
		*stop = ip->stop;
		return false;
	}
	return sim_told_fault(told, entry, &fault, stop);
}

bool
interp_intent(void *engine, struct sim_told *told,
    const struct sim_entry *entry, struct sim_stop *stop)
{
	struct interp *ip = engine;
	bool done;

	if (by_hand(told, entry, &done, stop))
		return done;
	/* Its registers have been loaded behind the interpreter's back. */
	interp_enter(ip, entry);
	if (interp_execute(ip)) {
		if (told->intent.after.pushes)
			told->pushes = true;
		return true;
	}
	if (ip->abort == INTERP_ABORT_FAULT)
		return fault_take(ip, told, entry, stop);
	*stop = ip->stop;
	return false;
}
