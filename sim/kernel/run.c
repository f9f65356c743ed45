/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCPU_RUN.  The steps are those of NVMM-FACTS section 2, in their order.
 */
#include <errno.h>

#include "kernel/comm.h"
#include "kernel/event.h"
#include "kernel/exit.h"
#include "kernel/kernel.h"

/* Ticks of the virtual TSC per entry of the guest; any fixed number does. */
#define TSC_PER_ENTRY	1000

/* The raised reason whose time has come; reasons count down one a look. */
static enum sim_host_reason
host_look(struct sim_slot *slot)
{
	uint32_t raised = atomic_load_explicit(&slot->host_reason,
	    memory_order_relaxed);

	if (raised == 0)
		return SIM_HOST_NOTHING;
	if ((raised >> 8) > 0) {
		atomic_fetch_sub(&slot->host_reason, 1U << 8);
		return SIM_HOST_NOTHING;
	}
	atomic_store(&slot->host_reason, 0);
	return (enum sim_host_reason)(raised & 0xff);
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
entry_fails(const struct sim_vcpu *vcpu, const struct sim_event *event)
{
	const struct sim_state *state = &vcpu->state;

	if (event == NULL || !event->interrupt || event->vector == 2 ||
	    !vcpu->sim->backend->checks_interrupt_at_entry)
		return false;
	return (state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) == 0 ||
	    (state->intr & SIM_INTR_SHADOW);
}

/* Step 4: one entry of the guest, up to one exit. */
static enum sim_exit_index
guest_enter(struct sim_slot *slot, struct sim_exit_record *exit)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	struct sim_entry entry = {
		.state = &vcpu->state,
		.event = sim_event_pending(vcpu),
		.int_window = vcpu->state.intr & SIM_INTR_INT_WINDOW,
	};
	enum sim_exit_index index;
	struct sim_stop stop;

	if (entry_fails(vcpu, entry.event)) {
		/* The event is dropped with the entry, or it fails for ever. */
		sim_event_delivered(vcpu);
		exit->u.inv.hwcode =
		    vcpu->sim->backend->invalid.bad_entry_state;
		return SIM_EXIT_INVALID;
	}
	vcpu->state.msrs[SIM_MSR_TSC] += TSC_PER_ENTRY;
	entry.map = sim_map_enter(vcpu->machine, slot);
	do {
		vcpu->sim->engine->run(vcpu->engine, &entry, &stop);
		if (entry.event != NULL)
			sim_event_delivered(vcpu);
		entry.event = NULL;
		index = stop.kind == SIM_STOP_IDLE ? SIM_NEXIT :
		    sim_exit_from_stop(vcpu, &stop, exit);
	} while (index == SIM_EXIT_INSIDE);
	sim_map_leave(slot);
	return index;
}

/* Steps 4, 5 and 7, until something is for the VMM.  The exit to report. */
static enum sim_exit_index
guest_loop(struct sim_slot *slot, struct sim_exit_record *exit)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	const struct sim *sim = vcpu->sim;
	enum sim_exit_index index, reason;

	do {
		index = guest_enter(slot, exit);
		if (index == SIM_NEXIT)
			return SIM_EXIT_NONE;	/* the guest has no more to do */
		/* What is cached while the guest goes on gets stale. */
		if (index == SIM_EXIT_NONE)
			sim_count(&vcpu->stats.handled, 1);
		else
			sim_comm_speculate(vcpu,
			    sim->policy.speculate[index]);
		reason = reason_to_return(slot);
		if (reason != SIM_NEXIT && (index == SIM_EXIT_NONE ||
		    (sim->quirks & SIM_QUIRK_EXIT_OVERWRITTEN)))
			return reason;
	} while (index == SIM_EXIT_NONE);
	return index;
}

/* Step 6: what the VMM wants to know after every run, without asking. */
static void
exitstate_fill(const struct sim_vcpu *vcpu, struct sim_exit_record *exit)
{
	exit->rflags = vcpu->state.gprs[SIM_GPR_RFLAGS];
	exit->cr8 = vcpu->state.crs[SIM_CR_CR8];
	exit->intr = vcpu->state.intr;
}

static int
vcpu_run(struct sim_slot *slot, struct sim_exit_record *exit)
{
	struct sim_vcpu *vcpu = slot->vcpu;
	enum sim_exit_index index;
	int error;

	index = reason_to_return(slot);
	if (index == SIM_NEXIT) {
		sim_comm_commit(vcpu);
		if (sim_comm_take_event(vcpu)) {
			error = sim_event_inject(vcpu);
			if (error)
				return error;
		}
		index = guest_loop(slot, exit);
		exitstate_fill(vcpu, exit);
	}
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
