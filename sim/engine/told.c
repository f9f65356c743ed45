/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of things in a guest that is told what to do.
 */
#include "engine/told.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/map.h"

#define VECTOR_NMI	2

void *
sim_told_alloc(size_t size)
{
	const size_t line = _Alignof(struct sim_told);
	size_t whole = (size + line - 1) / line * line;
	void *vcpu = aligned_alloc(line, whole);

	if (vcpu != NULL)
		memset(vcpu, 0, whole);
	return vcpu;
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

void
sim_told_advance(struct sim_told *told, struct sim_state *state)
{
	const struct sim_intent *intent = &told->intent;

	state->gprs[SIM_GPR_RIP] = intent->stop.npc;
	state->gprs[SIM_GPR_RFLAGS] &= ~SIM_RFLAGS_RF;
	state->intr &= ~SIM_INTR_SHADOW;
	if (!intent->step)
		return;
	state->gprs[SIM_GPR_RFLAGS] |= intent->after.flags_set;
	state->gprs[SIM_GPR_RFLAGS] &= ~intent->after.flags_clear;
	if (intent->after.shadow)
		state->intr |= SIM_INTR_SHADOW;
	if (intent->after.iret)
		told->nmi_blocked = false;
	if (intent->after.pushes)
		told->pushes = true;
}

/*
 * The bytes of one access, which may lie in two mappings: where each is, or
 * false, and then *fault is the first that the guest may not touch.
 */
static bool
resolve(const struct sim_map *map, const struct sim_stop *stop,
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

/* It is mapped, but the host gives a page when it is first touched. */
static bool
first_touch(struct sim_told *told)
{
	bool first = told->intent.first_touch && !told->touched;

	told->touched = true;
	return first;
}

bool
sim_told_resolve(struct sim_told *told, const struct sim_map *map,
    uint8_t *bytes[8], uint64_t *fault)
{
	*fault = told->intent.stop.u.mem.gpa;
	return !first_touch(told) &&
	    resolve(map, &told->intent.stop, bytes, fault);
}

static bool
unfinished(const struct sim_told *told, const struct sim_state *state)
{
	return told->stopped &&
	    state->gprs[SIM_GPR_RIP] == told->rip &&
	    state->segs[SIM_SEG_CS].base == told->cs_base;
}

/* The next instruction, with its registers.  False: there is none. */
static bool
instruction_fetch(struct sim_told *told, struct sim_state *state)
{
	if (unfinished(told, state))
		return true;
	told->stopped = told->touched = false;
	told->spin = SIM_SPIN_ON;
	if (told->feed == NULL ||
	    !told->feed->next(told->arg, state, &told->intent))
		return false;
	preload(state, &told->intent);
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
 * handler sees to; an interrupt's handler comes back to it.
 */
static void
event_take(struct sim_told *told, const struct sim_event *event)
{
	if (!event->interrupt)
		told->stopped = false;
	else if (event->vector == VECTOR_NMI)
		told->nmi_blocked = true;
	if (told->feed != NULL)
		told->feed->delivered(told->arg, event);
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
 * Delivers an event.  False: its frame meets a hole, *stop says where, and
 * nothing has changed.
 */
static bool
event_deliver(struct sim_told *told, const struct sim_entry *entry,
    const struct sim_event *event, struct sim_stop *stop)
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
	if (told->pushes &&
	    !resolve(entry->map, stop, bytes, &stop->u.mem.gpa)) {
		stop->in_delivery = true;
		stop->event = *event;
		return false;
	}
	/* Intel SDM vol. 3, 26.6.1; AMD APM vol. 2, 15.21.5. */
	entry->state->intr &= ~SIM_INTR_SHADOW;
	event_take(told, event);
	return true;
}

bool
sim_told_fault(struct sim_told *told, const struct sim_entry *entry,
    const struct sim_event *fault, struct sim_stop *stop)
{
	entry->state->gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
	return event_deliver(told, entry, fault, stop);
}

/* Stops between two instructions; IDLE: none. */
static enum sim_stop_kind
window_open(const struct sim_told *told, const struct sim_entry *entry)
{
	if (entry->nmi_window && !told->nmi_blocked &&
	    !shadowed(entry->state))
		return SIM_STOP_NMI_WINDOW;
	if (entry->int_window && interruptible(entry->state))
		return SIM_STOP_INT_WINDOW;
	return SIM_STOP_IDLE;
}

static void
stopped_here(struct sim_told *told, const struct sim_state *state)
{
	told->stopped = true;
	told->rip = state->gprs[SIM_GPR_RIP];
	told->cs_base = state->segs[SIM_SEG_CS].base;
}

/* A loop that waits for the outside.  True: it is over. */
static bool
spin(struct sim_told *told, struct sim_state *state, struct sim_stop *stop)
{
	stop->kind = told->spin == SIM_SPIN_DEAD ? SIM_STOP_IDLE :
	    SIM_STOP_OUTSIDE;
	if (told->spin == SIM_SPIN_OVER)
		sim_told_advance(told, state);
	return told->spin == SIM_SPIN_OVER;
}

void
sim_told_ready(struct sim_told *told, const struct sim_state *state)
{
	if (unfinished(told, state) && told->intent.spin &&
	    told->feed->spins != NULL)
		told->spin = told->feed->spins(told->arg);
}

/* One instruction.  False: it stops, or something between two of them. */
static bool
instruction(struct sim_told *told, const struct sim_entry *entry,
    sim_told_execute *execute, void *engine, struct sim_stop *stop)
{
	struct sim_state *state = entry->state;

	stop->kind = window_open(told, entry);
	if (stop->kind != SIM_STOP_IDLE)
		return false;
	if (!instruction_fetch(told, state))
		return false;		/* IDLE */
	stopped_here(told, state);
	/* What led to it may have turned interrupts on. */
	stop->kind = window_open(told, entry);
	if (stop->kind != SIM_STOP_IDLE)
		return false;
	stop->kind = SIM_STOP_IRET;
	if (entry->iret_stops && told->intent.after.iret)
		return false;
	if (told->intent.spin)
		return spin(told, state, stop);
	/* Done: a jump to where it stands must not be done again. */
	told->stopped = !execute(engine, told, entry, stop);
	return !told->stopped;
}

void
sim_told_run(struct sim_told *told, const struct sim_entry *entry,
    sim_told_execute *execute, void *engine, struct sim_stop *stop)
{
	if (entry->event != NULL &&
	    !event_deliver(told, entry, entry->event, stop))
		return;
	while (instruction(told, entry, execute, engine, stop))
		continue;
}
