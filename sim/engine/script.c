/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine that executes nothing: it is told what the guest would do next
 * and turns that into the raw stop directly.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "engine/told.h"
#include "kernel/map.h"

static const struct sim_event general_protection = {
	.vector = 13,
	.has_error = true,
};

static const char *
script_unavailable(void)
{
	return NULL;
}

static int
script_create(void **vcpu)
{
	*vcpu = sim_told_alloc(sizeof(struct sim_told));
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
	struct sim_told *told = vcpu;

	told->feed = feed;
	told->arg = arg;
}

/* Moves RAX to or from guest memory.  False: the guest may not. */
static bool
access_memory(struct sim_told *told, const struct sim_entry *entry,
    uint64_t *fault)
{
	const struct sim_stop *stop = &told->intent.stop;
	uint64_t *rax = &entry->state->gprs[SIM_GPR_RAX];
	uint8_t *bytes[8], *value = (uint8_t *)rax;
	size_t i;

	if (!sim_told_resolve(told, entry->map, bytes, fault))
		return false;
	/* A 32-bit load clears the upper half, smaller ones do not. */
	if (stop->u.mem.access == SIM_ACCESS_READ && stop->u.mem.size == 4)
		*rax = 0;
	if (stop->u.mem.access == SIM_ACCESS_WRITE)
		sim_map_written(entry->map, stop->u.mem.gpa,
		    stop->u.mem.size);
	/* Other VCPUs and the VMM touch the same memory. */
	for (i = 0; i < stop->u.mem.size; i++) {
		if (stop->u.mem.access == SIM_ACCESS_WRITE)
			atomic_store_explicit((_Atomic uint8_t *)bytes[i],
			    value[i], memory_order_relaxed);
		else if (stop->u.mem.access == SIM_ACCESS_READ)
			value[i] = atomic_load_explicit(
			    (_Atomic uint8_t *)bytes[i],
			    memory_order_relaxed);
	}
	return true;
}

static unsigned
cpl_of(const struct sim_state *state)
{
	if ((state->crs[SIM_CR_CR0] & SIM_CR0_PE) == 0)
		return 0;
	return (state->segs[SIM_SEG_SS].attrib & SIM_ATTRIB_DPL) >>
	    SIM_ATTRIB_DPL_SHIFT;
}

/*
 * What code at this CPL may not execute.  Guests that are told what to do
 * have no TSS, so that no port is theirs above IOPL.
 */
static bool
refused(const struct sim_intent *intent, const struct sim_state *state)
{
	unsigned cpl = cpl_of(state);
	unsigned iopl = (state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IOPL) >>
	    SIM_RFLAGS_IOPL_SHIFT;

	if (intent->step || cpl == 0)
		return false;
	switch (intent->stop.kind) {
	case SIM_STOP_IO:
		return cpl > iopl;
	case SIM_STOP_HLT:
	case SIM_STOP_RDMSR:
	case SIM_STOP_WRMSR:
	case SIM_STOP_CR_WRITE:
		return true;
	default:
		return false;
	}
}

static bool
script_execute(void *engine, struct sim_told *told,
    const struct sim_entry *entry, struct sim_stop *stop)
{
	const struct sim_intent *intent = &told->intent;
	uint64_t fault = 0;

	(void)engine;
	if (refused(intent, entry->state))
		return sim_told_fault(told, entry, &general_protection, stop);
	if (intent->step || (intent->stop.kind == SIM_STOP_MEMORY &&
	    access_memory(told, entry, &fault))) {
		sim_told_advance(told, entry->state);
		return true;
	}
	*stop = intent->stop;
	if (stop->kind == SIM_STOP_MEMORY)
		stop->u.mem.gpa = fault;
	return false;
}

static void
script_run(void *vcpu, const struct sim_entry *entry, struct sim_stop *stop)
{
	sim_told_run(vcpu, entry, script_execute, vcpu, stop);
}

static void
script_ready(void *vcpu, const struct sim_state *state)
{
	sim_told_ready(vcpu, state);
}

static const char *const limits[] = {
	"guests have no code of their own; no handler runs, nothing is translated",
	NULL
};

const struct sim_engine sim_engine_script = {
	.name = "script",
	.limits = limits,
	.summary = "turns the intents of scenarios into exits",
	.unavailable = script_unavailable,
	.vcpu_create = script_create,
	.vcpu_destroy = script_destroy,
	.run = script_run,
	.ready = script_ready,
	.feed = script_feed,
};
