/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes to control registers.  On SVM the processor does them in the guest;
 * on VMX those to CR0, CR4 and CR8 exit, and the kernel does what the
 * processor would, unless the VMM wants to see CR8.
 */
#include "kernel/event.h"
#include "kernel/exit.h"

#define CR8_VALID	0xFULL

/* CR0 as software may write it (Intel SDM vol. 3, 2.5; AMD APM vol. 2, 3.1). */
static bool
cr0_valid(const struct sim_state *state, uint64_t value)
{
	uint64_t efer = state->msrs[SIM_MSR_EFER];
	bool paging = value & SIM_CR0_PG;

	if (value >> 32 != 0)
		return false;
	if (paging && (value & SIM_CR0_PE) == 0)
		return false;
	if ((value & SIM_CR0_NW) && (value & SIM_CR0_CD) == 0)
		return false;
	if (paging && (efer & SIM_EFER_LME) &&
	    (state->crs[SIM_CR_CR4] & SIM_CR4_PAE) == 0)
		return false;
	/* Long mode is left through its 32-bit half only. */
	return paging || (efer & SIM_EFER_LMA) == 0 ||
	    (state->segs[SIM_SEG_CS].attrib & SIM_ATTRIB_L) == 0;
}

/* Paging decides whether the long mode that is enabled is active. */
static void
cr0_write(struct sim_vcpu *vcpu, uint64_t value)
{
	uint64_t *efer = &vcpu->state.msrs[SIM_MSR_EFER];
	uint64_t changed = value ^ vcpu->state.crs[SIM_CR_CR0];

	if (changed & SIM_CR0_PG) {
		if ((value & SIM_CR0_PG) && (*efer & SIM_EFER_LME))
			*efer |= SIM_EFER_LMA;
		else
			*efer &= ~SIM_EFER_LMA;
	}
	vcpu->state.crs[SIM_CR_CR0] = value | SIM_CR0_ET |
	    vcpu->sim->backend->cr0_fixed;
}

static bool
cr4_valid(const struct sim_vcpu *vcpu, uint64_t value)
{
	if (value & ~vcpu->sim->backend->model->cr4_valid)
		return false;
	/* Long mode cannot be without PAE. */
	return (value & SIM_CR4_PAE) ||
	    (vcpu->state.msrs[SIM_MSR_EFER] & SIM_EFER_LMA) == 0;
}

/* False: #GP, nothing written. */
static bool
cr_write(struct sim_vcpu *vcpu, unsigned number, uint64_t value)
{
	uint64_t *crs = vcpu->state.crs;

	switch (number) {
	case 0:
		if (!cr0_valid(&vcpu->state, value))
			return false;
		cr0_write(vcpu, value);
		return true;
	case 2:
		crs[SIM_CR_CR2] = value;
		return true;
	case 3:
		crs[SIM_CR_CR3] = value;
		return true;
	case 4:
		if (!cr4_valid(vcpu, value))
			return false;
		crs[SIM_CR_CR4] = value;
		return true;
	default:
		if (value & ~CR8_VALID)
			return false;
		crs[SIM_CR_CR8] = value;
		return true;
	}
}

enum sim_exit_index
sim_exit_cr_write(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	unsigned number = stop->u.cr.number;
	bool exits = vcpu->sim->backend->cr_writes_exit && number != 2 &&
	    number != 3;

	(void)exit;
	if (!cr_write(vcpu, number, stop->u.cr.value)) {
		if (exits)
			sim_event_raise(vcpu, SIM_VECTOR_GP);
		else
			sim_event_fault(vcpu, SIM_VECTOR_GP);
		return exits ? SIM_EXIT_NONE : SIM_EXIT_INSIDE;
	}
	sim_exit_advance(vcpu, stop);
	if (!exits)
		return SIM_EXIT_INSIDE;
	return number == 8 && vcpu->tpr_exit_changed ? SIM_EXIT_TPR_CHANGED :
	    SIM_EXIT_NONE;
}
