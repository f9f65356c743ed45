/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCPU_RUN.  The steps are those of NVMM-FACTS section 2, in their order.
 */
#include <errno.h>

#include "kernel/comm.h"
#include "kernel/event.h"
#include "kernel/exit.h"
#include "kernel/kernel.h"

/* What stays in the guest can follow itself for ever: a loop of PAUSE. */
#define INSIDE_MAX	1000

/* Under preempt_seed, one look in so many finds a reason. */
#define PREEMPT_ONE_IN	8

/* The raised reason whose time has come; reasons count down one a look. */
static enum sim_host_reason
host_look(struct sim_slot *slot)
{
	uint32_t raised = atomic_load_explicit(&slot->host_reason,
	    memory_order_relaxed);

	if (raised == 0 || (raised & 0xff) >= SIM_HOST_ENTRY_FAILURE)
		return SIM_HOST_NOTHING;
	if ((raised >> 8) > 0) {
		atomic_fetch_sub(&slot->host_reason, 1U << 8);
		return SIM_HOST_NOTHING;
	}
	atomic_store(&slot->host_reason, 0);
	return (enum sim_host_reason)(raised & 0xff);
}

/* Hardware's reason to fail the entry; taken by who enters. */
static enum sim_host_reason
hardware_look(struct sim_slot *slot)
{
	uint32_t raised = atomic_load_explicit(&slot->host_reason,
	    memory_order_relaxed) & 0xff;

	if (raised < SIM_HOST_ENTRY_FAILURE)
		return SIM_HOST_NOTHING;
	atomic_store(&slot->host_reason, 0);
	return (enum sim_host_reason)raised;
}

/*
 * A linear congruential generator (Knuth's MMIX); its high bits are good.  A
 * reason that a harness has raised is not hurried by more looks.
 */
static bool
preempt_look(struct sim_slot *slot)
{
	struct sim_vcpu *vcpu = slot->vcpu;

	if (vcpu->sim->preempt_seed == 0 || atomic_load_explicit(
	    &slot->host_reason, memory_order_relaxed) != 0)
		return false;
	vcpu->preempt_state = vcpu->preempt_state * 6364136223846793005ULL +
	    1442695040888963407ULL;
	vcpu->preempted = (vcpu->preempt_state >> 33) % PREEMPT_ONE_IN == 0;
	return vcpu->preempted;
}

/*
 * Whether there is a reason not to run (on), and with which exit: step 1,
 * and step 7 after every exit.  SIM_NEXIT: none.
 */
static enum sim_exit_index
reason_to_return(struct sim_slot *slot)
{
	enum sim_host_reason reason = host_look(slot);
	struct sim_vcpu *vcpu = slot->vcpu;
	const struct sim *sim = vcpu->sim;

	if (sim->signalled != NULL && sim->signalled())
		return SIM_EXIT_NONE;
	if (reason == SIM_HOST_RESCHEDULE || reason == SIM_HOST_SIGNAL)
		return SIM_EXIT_NONE;
	if (sim_comm_stopped(vcpu))
		return SIM_EXIT_STOPPED;
	if (reason == SIM_HOST_SUSPEND)
		return SIM_EXIT_NONE;
	return SIM_NEXIT;
}

/* VMX refuses to enter with an interrupt that the guest would not take. */
static bool
event_refused(const struct sim_vcpu *vcpu)
{
	const struct sim_state *state = &vcpu->state;

	if ((state->intr & SIM_INTR_EVT_PENDING) == 0 ||
	    !vcpu->pending.interrupt ||
	    vcpu->pending.vector == SIM_VECTOR_NMI ||
	    !vcpu->sim->backend->checks_interrupt_at_entry)
		return false;
	return (state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) == 0 ||
	    (state->intr & SIM_INTR_SHADOW);
}

/* Whether the processor refuses to enter at all, and then its code. */
static bool
entry_fails(struct sim_slot *slot, uint64_t *hwcode)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	const struct sim_backend *backend = vcpu->sim->backend;

	switch (hardware_look(slot)) {
	case SIM_HOST_ENTRY_FAILURE:
		*hwcode = backend->invalid.failed_entry;
		return true;
	case SIM_HOST_MISCONFIGURATION:
		*hwcode = backend->invalid.misconfiguration;
		return true;
	default:
		break;
	}
	*hwcode = backend->invalid.bad_state;
	if (!backend->state_valid(&vcpu->state))
		return true;
	if (!event_refused(vcpu))
		return false;
	/* The event is dropped with the entry, or it fails for ever. */
	sim_event_delivered(vcpu);
	return true;
}

/*
 * The guest runs until hardware would exit.  What the processor settles in
 * the guest by itself goes on in the same entry.
 */
static enum sim_exit_index
guest_execute(struct sim_vcpu *vcpu, struct sim_entry *entry,
    struct sim_exit_record *exit)
{
	enum sim_exit_index index;
	struct sim_stop stop;
	bool injected = entry->event != NULL;
	unsigned left = INSIDE_MAX;

	do {
		vcpu->fault_raised = false;
		stop.in_delivery = false;
		vcpu->sim->engine->run(vcpu->engine, entry, &stop);
		if (stop.in_delivery)
			sim_event_again(vcpu, &stop.event);
		else if (injected)
			sim_event_delivered(vcpu);
		injected = false;
		index = stop.kind == SIM_STOP_IDLE ? SIM_NEXIT :
		    sim_exit_from_stop(vcpu, &stop, exit);
		entry->event = vcpu->fault_raised ? &vcpu->fault : NULL;
	} while (index == SIM_EXIT_INSIDE && --left > 0);
	if (index != SIM_EXIT_INSIDE)
		return index;
	if (vcpu->fault_raised)
		sim_event_again(vcpu, &vcpu->fault);
	return SIM_EXIT_LOOK;
}

/* Step 4: one entry of the guest, up to one exit. */
static enum sim_exit_index
guest_enter(struct sim_slot *slot, struct sim_exit_record *exit)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	bool nmi_window = vcpu->state.intr & SIM_INTR_NMI_WINDOW;
	bool by_iret = vcpu->sim->backend->nmi_window_by_iret;
	struct sim_entry entry = {
		.state = &vcpu->state,
		.int_window = vcpu->state.intr & SIM_INTR_INT_WINDOW,
		.nmi_window = nmi_window && !by_iret,
		.iret_stops = nmi_window && by_iret,
	};
	enum sim_exit_index index;
	uint64_t hwcode;

	if (entry_fails(slot, &hwcode)) {
		exit->u.inv.hwcode = hwcode;
		return SIM_EXIT_INVALID;
	}
	entry.event = sim_event_pending(vcpu);
	vcpu->state.msrs[SIM_MSR_TSC] += SIM_TSC_PER_ENTRY;
	vcpu->sim->engine->ready(vcpu->engine, &vcpu->state);
	entry.map = sim_map_enter(vcpu->machine, slot);
	index = guest_execute(vcpu, &entry, exit);
	sim_map_leave(slot);
	return index;
}

/* Step 3: 0, or EINVAL: what stands in the page is no event. */
static int
event_take(struct sim_vcpu *vcpu)
{
	return sim_comm_take_event(vcpu) ? sim_event_inject(vcpu) : 0;
}

/*
 * Steps 5 and 7 after an exit: whether the guest goes on; else *index is
 * what to report.
 */
static bool
goes_on(struct sim_slot *slot, enum sim_exit_index *index)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	const struct sim *sim = vcpu->sim;
	enum sim_exit_index reason;

	if (*index == SIM_NEXIT) {
		*index = SIM_EXIT_NONE;	/* the guest has no more to do */
		return false;
	}
	if (*index == SIM_EXIT_LOOK) {
		*index = reason_to_return(slot);
		return *index == SIM_NEXIT;
	}
	/* What is cached while the guest goes on gets stale. */
	if (*index == SIM_EXIT_NONE)
		sim_count(&vcpu->stats.handled, 1);
	else
		sim_comm_speculate(vcpu, sim->policy.speculate[*index]);
	reason = reason_to_return(slot);
	if (*index != SIM_EXIT_NONE) {
		if (reason != SIM_NEXIT && !vcpu->abi->keeps_exit &&
		    (sim->quirks & SIM_QUIRK_EXIT_OVERWRITTEN))
			*index = reason;
		return false;
	}
	if (reason == SIM_NEXIT && preempt_look(slot))
		return false;
	*index = reason;
	return reason == SIM_NEXIT;
}

/* Steps 3 to 7, until something is for the VMM.  0, or EINVAL. */
static int
guest_loop(struct sim_slot *slot, struct sim_exit_record *exit,
    enum sim_exit_index *index)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	bool look = true;
	int error;

	do {
		if (look) {
			error = event_take(vcpu);
			if (error)
				return error;
		}
		look = vcpu->abi->event_each_entry;
		*index = guest_enter(slot, exit);
	} while (goes_on(slot, index));
	return 0;
}

/* Step 6: what the VMM wants to know after every run, without asking. */
static void
exitstate_fill(const struct sim_vcpu *vcpu, struct sim_exit_record *exit)
{
	exit->rflags = vcpu->state.gprs[SIM_GPR_RFLAGS];
	exit->cr8 = vcpu->state.crs[SIM_CR_CR8];
	exit->intr = vcpu->state.intr;
}

/* A fault that was the host's own affair: the guest has this memory. */
static bool
fault_resolved(struct sim_slot *slot, const struct sim_exit_record *exit)
{
	const struct sim_map *map;
	bool resolved;
	size_t size;

	map = sim_map_enter(slot->vcpu->machine, slot);
	resolved = sim_map_access(map, exit->u.mem.gpa, exit->u.mem.prot,
	    &size) != NULL;
	sim_map_leave(slot);
	if (resolved)
		sim_count(&slot->vcpu->stats.handled, 1);
	return resolved;
}

static int
vcpu_run(struct sim_slot *slot, struct sim_exit_record *exit)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	enum sim_exit_index index;
	int error;

	vcpu->preempted = false;
	do {
		index = reason_to_return(slot);
		if (index == SIM_NEXIT && preempt_look(slot))
			index = SIM_EXIT_NONE;
		if (index != SIM_NEXIT)
			break;
		sim_comm_commit(vcpu);
		error = guest_loop(slot, exit, &index);
		if (error)
			return error;
		exitstate_fill(vcpu, exit);
	} while (index == SIM_EXIT_MEMORY && fault_resolved(slot, exit));
	exit->reason = sim_exits[index].reason;
	sim_count(&vcpu->stats.exits[index], 1);
	return 0;
}

int
sim_do_vcpu_run(struct sim_call *call)
{
	struct sim_run_arg *arg = call->arg;
	struct sim_slot *slot = call->slot;
	int error;

	error = vcpu_run(slot, &arg->exit);
	/*
	 * Step 8: cleared whatever came of it, and so a stop can get lost.
	 * Without the quirk it is cleared when it was obeyed.
	 */
	if ((call->sim->quirks & SIM_QUIRK_LOST_STOP) || (error == 0 &&
	    arg->exit.reason == sim_exits[SIM_EXIT_STOPPED].reason))
		sim_comm_clear_stop(slot->vcpu);
	return error;
}
