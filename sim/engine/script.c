/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine that executes nothing: it is told what the guest would do next
 * and turns that into the raw stop directly.  It takes an event by telling
 * the feed; no handler runs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "kernel/map.h"

const struct sim_engine *const sim_engines[] = { &sim_engine_script, NULL };

struct script {
	const struct sim_feed *feed;	/* borrowed */
	void *arg;
	/*
	 * The instruction that made the last stop, and where it stands.  As
	 * long as RIP is there it is not finished and stops again.
	 */
	bool stopped;
	uint64_t rip, cs_base;
	uint64_t fault_gpa;	/* of a memory access that stops */
	struct sim_intent intent;
};

static const char *
script_unavailable(void)
{
	return NULL;
}

static int
script_create(void **vcpu)
{
	*vcpu = calloc(1, sizeof(struct script));
	return *vcpu != NULL ? 0 : ENOMEM;
}

static void
script_destroy(void *vcpu)
{
	free(vcpu);
}

static void
script_feed(void *vcpu, const struct sim_feed *feed, void *arg)
{
	struct script *script = vcpu;

	script->feed = feed;
	script->arg = arg;
}

static void
preload(struct sim_state *state, const struct sim_intent *intent)
{
	const struct sim_preload *p;
	unsigned i;

	for (i = 0; i < intent->npreloads; i++) {
		p = &intent->preloads[i];
		memcpy((uint8_t *)state + p->offset, &p->value,
		    sizeof(p->value));
	}
}

static void
advance(struct sim_state *state, const struct sim_intent *intent)
{
	state->gprs[SIM_GPR_RIP] = intent->stop.npc;
	state->gprs[SIM_GPR_RFLAGS] &= ~SIM_RFLAGS_RF;
	state->intr &= ~SIM_INTR_SHADOW;
}

static void
step(struct sim_state *state, const struct sim_intent *intent)
{
	advance(state, intent);
	state->gprs[SIM_GPR_RFLAGS] |= intent->after.flags_set;
	state->gprs[SIM_GPR_RFLAGS] &= ~intent->after.flags_clear;
	if (intent->after.shadow)
		state->intr |= SIM_INTR_SHADOW;
}

/*
 * The bytes of one access, which may lie in two mappings: where each is, or
 * false, and then *fault is the first that the guest may not touch.
 */
static bool
access_resolve(const struct sim_map *map, const struct sim_stop *stop,
    uint8_t *bytes[8], uint64_t *fault)
{
	static const int prots[] = {
		[SIM_ACCESS_READ] = SIM_PROT_READ,
		[SIM_ACCESS_WRITE] = SIM_PROT_WRITE,
		[SIM_ACCESS_EXEC] = SIM_PROT_EXEC,
	};
	size_t i = 0, size;

	do {
		bytes[i] = sim_map_access(map, stop->u.mem.gpa + i,
		    prots[stop->u.mem.access], &size);
		if (bytes[i] == NULL) {
			*fault = stop->u.mem.gpa + i;
			return false;
		}
	} while (++i < stop->u.mem.size);
	return true;
}

/* Moves RAX to or from guest memory.  False: the guest may not. */
static bool
access_memory(const struct sim_entry *entry, const struct sim_stop *stop,
    uint64_t *fault)
{
	uint64_t *rax = &entry->state->gprs[SIM_GPR_RAX];
	uint8_t *bytes[8], *value = (uint8_t *)rax;
	size_t i;

	if (!access_resolve(entry->map, stop, bytes, fault))
		return false;
	/* A 32-bit load clears the upper half, smaller ones do not. */
	if (stop->u.mem.access == SIM_ACCESS_READ && stop->u.mem.size == 4)
		*rax = 0;
	for (i = 0; i < stop->u.mem.size; i++) {
		if (stop->u.mem.access == SIM_ACCESS_WRITE)
			*bytes[i] = value[i];
		else if (stop->u.mem.access == SIM_ACCESS_READ)
			value[i] = *bytes[i];
	}
	return true;
}

static bool
unfinished(const struct script *script, const struct sim_state *state)
{
	return script->stopped &&
	    state->gprs[SIM_GPR_RIP] == script->rip &&
	    state->segs[SIM_SEG_CS].base == script->cs_base;
}

/* The next instruction, with its registers.  False: there is none. */
static bool
instruction_fetch(struct script *script, struct sim_state *state)
{
	if (unfinished(script, state))
		return true;
	script->stopped = false;
	if (script->feed == NULL ||
	    !script->feed->next(script->arg, state, &script->intent))
		return false;
	preload(state, &script->intent);
	return true;
}

/* Whether it completes inside the guest, and then it has. */
static bool
instruction_execute(struct script *script, const struct sim_entry *entry)
{
	const struct sim_intent *intent = &script->intent;

	if (intent->step)
		step(entry->state, intent);
	else if (intent->stop.kind == SIM_STOP_MEMORY &&
	    access_memory(entry, &intent->stop, &script->fault_gpa))
		advance(entry->state, intent);
	else
		return false;
	return true;
}

static bool
interruptible(const struct sim_state *state)
{
	return (state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) &&
	    (state->intr & SIM_INTR_SHADOW) == 0;
}

/*
 * An exception is taken instead of the instruction that RIP is on, which a
 * handler sees to; an interrupt's handler comes back to it.
 */
static void
event_take(struct script *script, const struct sim_event *event)
{
	if (!event->interrupt)
		script->stopped = false;
	if (script->feed != NULL)
		script->feed->delivered(script->arg, event);
}

static bool
window_open(const struct sim_entry *entry)
{
	return entry->int_window && interruptible(entry->state);
}

static void
stopped_here(struct script *script, const struct sim_state *state)
{
	script->stopped = true;
	script->rip = state->gprs[SIM_GPR_RIP];
	script->cs_base = state->segs[SIM_SEG_CS].base;
}

static void
script_run(void *vcpu, const struct sim_entry *entry, struct sim_stop *stop)
{
	struct script *script = vcpu;
	struct sim_state *state = entry->state;

	if (entry->event != NULL)
		event_take(script, entry->event);
	do {
		stop->kind = SIM_STOP_INT_WINDOW;
		if (window_open(entry))
			return;
		if (!instruction_fetch(script, state)) {
			stop->kind = SIM_STOP_IDLE;
			return;
		}
		/* What led to it may have turned interrupts on. */
		stopped_here(script, state);
		if (window_open(entry))
			return;
	} while (instruction_execute(script, entry));

	*stop = script->intent.stop;
	if (stop->kind == SIM_STOP_MEMORY)
		stop->u.mem.gpa = script->fault_gpa;
}

const struct sim_engine sim_engine_script = {
	.name = "script",
	.summary = "turns the intents of scenarios into exits",
	.unavailable = script_unavailable,
	.vcpu_create = script_create,
	.vcpu_destroy = script_destroy,
	.run = script_run,
	.feed = script_feed,
};
