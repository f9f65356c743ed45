/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that the back end decides about as a whole: its table says
 * which are for the VMM, which the kernel answers, and which never exit.
 */
#include "kernel/event.h"
#include "kernel/exit.h"

#define CPL(state)							\
	(((state)->segs[SIM_SEG_SS].attrib & SIM_ATTRIB_DPL) >>		\
	SIM_ATTRIB_DPL_SHIFT)

static enum sim_exit_index
insn_exits(const struct sim_stop *stop, struct sim_exit_record *exit,
    enum sim_exit_index index)
{
	exit->u.insn.npc = stop->npc;
	return index;
}

/* It completes in the guest; only RDTSC leaves something there. */
static enum sim_exit_index
insn_pass(struct sim_vcpu *vcpu, const struct sim_stop *stop)
{
	uint64_t tsc = vcpu->state.msrs[SIM_MSR_TSC];

	if (stop->u.insn == SIM_INSN_RDTSC) {
		vcpu->state.gprs[SIM_GPR_RAX] = tsc & 0xffffffff;
		vcpu->state.gprs[SIM_GPR_RDX] = tsc >> 32;
	}
	sim_exit_advance(vcpu, stop);
	return SIM_EXIT_INSIDE;
}

static bool
xsetbv_valid(const struct sim_vcpu *vcpu, uint64_t value)
{
	uint64_t mask = vcpu->sim->backend->model->xcr0_mask;
	const struct sim_state *state = &vcpu->state;
	bool protected = state->crs[SIM_CR_CR0] & SIM_CR0_PE;

	return state->gprs[SIM_GPR_RCX] == 0 &&
	    (!protected || CPL(state) == 0) && (value & ~mask) == 0 &&
	    (value & SIM_XCR0_X87) != 0;
}

static enum sim_exit_index
insn_xsetbv(struct sim_vcpu *vcpu, const struct sim_stop *stop)
{
	uint64_t *gprs = vcpu->state.gprs;
	uint64_t value = (gprs[SIM_GPR_RAX] & 0xffffffff) |
	    gprs[SIM_GPR_RDX] << 32;

	/* The processor looks at this before it exits. */
	if ((vcpu->state.crs[SIM_CR_CR4] & SIM_CR4_OSXSAVE) == 0) {
		sim_event_fault(vcpu, SIM_VECTOR_UD);
		return SIM_EXIT_INSIDE;
	}
	if (xsetbv_valid(vcpu, value)) {
		vcpu->state.crs[SIM_CR_XCR0] = value;
		sim_exit_advance(vcpu, stop);
	} else
		sim_event_raise(vcpu, SIM_VECTOR_GP);
	return SIM_EXIT_NONE;
}

/* The processor refuses it above ring 0, before it exits. */
static bool
insn_refused(struct sim_vcpu *vcpu, enum sim_insn insn)
{
	const struct sim_state *state = &vcpu->state;
	unsigned vector = sim_insns[insn].user_fault;

	if (vector == 0 || CPL(state) == 0 ||
	    (state->crs[SIM_CR_CR0] & SIM_CR0_PE) == 0)
		return false;
	sim_event_fault(vcpu, vector);
	return true;
}

enum sim_exit_index
sim_exit_insn(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	const struct sim_insn_rule *rule =
	    &vcpu->sim->backend->insns[stop->u.insn];

	if (rule->action != SIM_INSN_UNKNOWN &&
	    insn_refused(vcpu, stop->u.insn))
		return SIM_EXIT_INSIDE;
	switch (rule->action) {
	case SIM_INSN_UNKNOWN:
		sim_event_fault(vcpu, SIM_VECTOR_UD);
		return SIM_EXIT_INSIDE;
	case SIM_INSN_PASSES:
		return insn_pass(vcpu, stop);
	case SIM_INSN_UD:
		sim_event_raise(vcpu, SIM_VECTOR_UD);
		return SIM_EXIT_NONE;
	case SIM_INSN_IS_XSETBV:
		return insn_xsetbv(vcpu, stop);
	case SIM_INSN_INVALID:
		exit->u.inv.hwcode = rule->hwcode;
		return SIM_EXIT_INVALID;
	case SIM_INSN_IS_MONITOR:
		return insn_exits(stop, exit, SIM_EXIT_MONITOR);
	case SIM_INSN_IS_MWAIT:
		return insn_exits(stop, exit, SIM_EXIT_MWAIT);
	}
	return SIM_EXIT_NONE;
}
