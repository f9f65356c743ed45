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

#define VECTOR_NMI	2
#define VECTOR_GP	13

const struct sim_engine *const sim_engines[] = { &sim_engine_script, NULL };

struct script {
	_Alignas(64) const struct sim_feed *feed;	/* borrowed */
	void *arg;
	/*
	 * The instruction that made the last stop, and where it stands.  As
	 * long as RIP is there it is not finished and stops again.
	 */
	bool stopped;
	uint64_t rip, cs_base;
	uint64_t fault_gpa;	/* of a memory access that stops */
	bool touched;		/* the intent's first touch has been */
	enum sim_spin spin;	/* what spins() said of it */
	bool pushes;		/* events need room on the stack */
	bool nmi_blocked;	/* until the handler's IRET */
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
	/* Lines of its own: the next VCPU's thread is another. */
	*vcpu = aligned_alloc(_Alignof(struct script), sizeof(struct script));
	if (*vcpu == NULL)
		return ENOMEM;
	memset(*vcpu, 0, sizeof(struct script));
	return 0;
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
step(struct script *script, struct sim_state *state)
{
	const struct sim_intent *intent = &script->intent;

	advance(state, intent);
	state->gprs[SIM_GPR_RFLAGS] |= intent->after.flags_set;
	state->gprs[SIM_GPR_RFLAGS] &= ~intent->after.flags_clear;
	if (intent->after.shadow)
		state->intr |= SIM_INTR_SHADOW;
	if (intent->after.iret)
		script->nmi_blocked = false;
	if (intent->after.pushes)
		script->pushes = true;
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

/*
 * Moves RAX to or from guest memory, which others use at the same time.
 * False: the guest may not.
 */
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
	if (stop->u.mem.access == SIM_ACCESS_WRITE)
		sim_map_written(entry->map, stop->u.mem.gpa,
		    stop->u.mem.size);
	for (i = 0; i < stop->u.mem.size; i++) {
		if (stop->u.mem.access == SIM_ACCESS_WRITE)
			__atomic_store_n(bytes[i], value[i],
			    __ATOMIC_RELAXED);
		else if (stop->u.mem.access == SIM_ACCESS_READ)
			value[i] = __atomic_load_n(bytes[i],
			    __ATOMIC_RELAXED);
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
	script->stopped = script->touched = false;
	script->spin = SIM_SPIN_ON;
	if (script->feed == NULL ||
	    !script->feed->next(script->arg, state, &script->intent))
		return false;
	preload(state, &script->intent);
	return true;
}

/* It is mapped, but the host gives a page when it is first touched. */
static bool
first_touch(struct script *script)
{
	bool first = script->intent.first_touch && !script->touched;

	script->touched = true;
	if (first)
		script->fault_gpa = script->intent.stop.u.mem.gpa;
	return first;
}

/* Whether it completes inside the guest, and then it has. */
static bool
instruction_execute(struct script *script, const struct sim_entry *entry)
{
	const struct sim_intent *intent = &script->intent;

	if (intent->step)
		step(script, entry->state);
	else if (intent->stop.kind == SIM_STOP_MEMORY &&
	    !first_touch(script) &&
	    access_memory(entry, &intent->stop, &script->fault_gpa))
		advance(entry->state, intent);
	else
		return false;
	return true;
}

static bool
shadowed(const struct sim_state *state)
{
	return (state->intr & SIM_INTR_SHADOW) != 0;
}

static bool
interruptible(const struct sim_state *state)
{
	return (state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) &&
	    !shadowed(state);
}

/*
 * An exception is taken instead of the instruction that RIP is on, which a
 * handler sees to; an interrupt's handler comes back to it.  The shadow is
 * over with either (Intel SDM vol. 3, 26.6.1; AMD APM vol. 2, 15.21.5).
 */
static void
event_take(struct script *script, struct sim_state *state,
    const struct sim_event *event)
{
	state->intr &= ~SIM_INTR_SHADOW;
	if (!event->interrupt)
		script->stopped = false;
	else if (event->vector == VECTOR_NMI)
		script->nmi_blocked = true;
	if (script->feed != NULL)
		script->feed->delivered(script->arg, event);
}

static bool
long_mode(const struct sim_state *state)
{
	return (state->msrs[SIM_MSR_EFER] & SIM_EFER_LMA) &&
	    (state->segs[SIM_SEG_CS].attrib & SIM_ATTRIB_L);
}

/* Bytes of the first word that an event's delivery pushes. */
static unsigned
push_size(const struct sim_state *state)
{
	if (long_mode(state))
		return 8;
	return state->crs[SIM_CR_CR0] & SIM_CR0_PE ? 4 : 2;
}

/*
 * Delivers the entry's event.  False: its frame meets a hole, *stop says
 * where, and nothing has changed.
 */
static bool
event_deliver(struct script *script, const struct sim_entry *entry,
    struct sim_stop *stop)
{
	const struct sim_state *state = entry->state;
	unsigned size = push_size(state);
	uint64_t base = long_mode(state) ? 0 : state->segs[SIM_SEG_SS].base;
	uint8_t *bytes[8];

	memset(stop, 0, sizeof(*stop));
	stop->kind = SIM_STOP_MEMORY;
	stop->u.mem.access = SIM_ACCESS_WRITE;
	stop->u.mem.size = (uint8_t)size;
	stop->u.mem.gpa = base + state->gprs[SIM_GPR_RSP] - size;
	if (script->pushes &&
	    !access_resolve(entry->map, stop, bytes, &stop->u.mem.gpa)) {
		stop->in_delivery = true;
		return false;
	}
	event_take(script, entry->state, entry->event);
	return true;
}

/* Stops between two instructions; IDLE: none. */
static enum sim_stop_kind
window_open(const struct script *script, const struct sim_entry *entry)
{
	if (entry->nmi_window && !script->nmi_blocked &&
	    !shadowed(entry->state))
		return SIM_STOP_NMI_WINDOW;
	if (entry->int_window && interruptible(entry->state))
		return SIM_STOP_INT_WINDOW;
	return SIM_STOP_IDLE;
}

static void
stopped_here(struct script *script, const struct sim_state *state)
{
	script->stopped = true;
	script->rip = state->gprs[SIM_GPR_RIP];
	script->cs_base = state->segs[SIM_SEG_CS].base;
}

/* Whether code at CPL > 0 may not execute this: the vector, or 0. */
static unsigned
user_fault(const struct sim_intent *intent)
{
	if (intent->step)
		return 0;
	switch (intent->stop.kind) {
	case SIM_STOP_HLT:
	case SIM_STOP_RDMSR:
	case SIM_STOP_WRMSR:
	case SIM_STOP_CR_WRITE:
		return VECTOR_GP;
	case SIM_STOP_INSN:
		return sim_insns[intent->stop.u.insn].user_fault;
	default:
		return 0;
	}
}

static bool
user_mode(const struct sim_state *state)
{
	return (state->crs[SIM_CR_CR0] & SIM_CR0_PE) &&
	    (state->segs[SIM_SEG_SS].attrib & SIM_ATTRIB_DPL) != 0;
}

/* The processor refuses the instruction: true, and the guest knows. */
static bool
refused(struct script *script, struct sim_state *state)
{
	unsigned vector = user_fault(&script->intent);
	const struct sim_event event = {
		.vector = (uint8_t)vector,
		.has_error = vector == VECTOR_GP,
	};

	if (vector == 0 || !user_mode(state))
		return false;
	state->gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
	event_take(script, state, &event);
	return true;
}

/* A loop that waits for the outside: it stops for that, or is over. */
static enum sim_stop_kind
spin(struct script *script, struct sim_state *state)
{
	switch (script->spin) {
	case SIM_SPIN_OVER:
		advance(state, &script->intent);
		return SIM_NSTOP;
	case SIM_SPIN_DEAD:
		return SIM_STOP_IDLE;
	case SIM_SPIN_ON:
		break;
	}
	return SIM_STOP_OUTSIDE;
}

static void
script_ready(void *vcpu, const struct sim_state *state)
{
	struct script *script = vcpu;

	if (unfinished(script, state) && script->intent.spin &&
	    script->feed->spins != NULL)
		script->spin = script->feed->spins(script->arg);
}

/*
 * One instruction: false if it stops, with stop->kind for stops that are
 * not the intent's own, or SIM_NSTOP.
 */
static bool
instruction(struct script *script, const struct sim_entry *entry,
    struct sim_stop *stop)
{
	struct sim_state *state = entry->state;

	stop->kind = window_open(script, entry);
	if (stop->kind != SIM_STOP_IDLE)
		return false;
	if (!instruction_fetch(script, state))
		return false;		/* IDLE */
	stopped_here(script, state);
	/* What led to it may have turned interrupts on. */
	stop->kind = window_open(script, entry);
	if (stop->kind != SIM_STOP_IDLE)
		return false;
	stop->kind = SIM_STOP_IRET;
	if (entry->iret_stops && script->intent.after.iret)
		return false;
	if (refused(script, state))
		return true;
	stop->kind = SIM_NSTOP;
	if (!script->intent.spin) {
		/* Done: a jump to where it stands must not be done again. */
		script->stopped = !instruction_execute(script, entry);
		return !script->stopped;
	}
	stop->kind = spin(script, state);
	return stop->kind == SIM_NSTOP;
}

static void
script_run(void *vcpu, const struct sim_entry *entry, struct sim_stop *stop)
{
	struct script *script = vcpu;

	if (entry->event != NULL && !event_deliver(script, entry, stop))
		return;
	while (instruction(script, entry, stop))
		continue;
	if (stop->kind != SIM_NSTOP)
		return;
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
	.ready = script_ready,
	.feed = script_feed,
};
