/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR: the back end's table says which MSRs never leave the
 * guest, which the kernel answers, and all others reach the VMM.
 */
#include "kernel/event.h"
#include "kernel/exit.h"

/* AMD APM vol. 2, 3.1.7: what a guest may write to EFER under SVM. */
#define EFER_SVM_VALID							\
	((1ULL << 0) | (1ULL << 8) | (1ULL << 10) | (1ULL << 11) |	\
	(1ULL << 12) | (1ULL << 14) | (1ULL << 15))
#define NB_CFG_INITAPICCPUIDLO	(1ULL << 54)

static const struct sim_msr_row any_other = { 0, SIM_MSR_EXIT, NULL };

static const struct sim_msr_row *
row_find(const struct sim_backend *backend, uint32_t number)
{
	unsigned i;

	for (i = 0; i < backend->nmsrs; i++) {
		if (backend->msrs[i].number == number)
			return &backend->msrs[i];
	}
	return &any_other;
}

/* Never an exit on hardware: the guest's own registers, and its clock. */
static bool
never_exits(const struct sim_msr_row *row, bool write)
{
	return row->action == SIM_MSR_PASS ||
	    (row->action == SIM_MSR_TSC_WRITE && !write);
}

/* Whether the kernel answers the read, and then the value. */
static bool
msr_read(const struct sim_vcpu *vcpu, const struct sim_msr_row *row,
    uint64_t *value)
{
	const struct sim_cpu_model *model = vcpu->sim->backend->model;
	const uint64_t *msrs = vcpu->state.msrs;

	switch (row->action) {
	case SIM_MSR_PASS:
		*value = sim_register_get(&vcpu->state,
		    sim_register_find(row->reg));
		return true;
	case SIM_MSR_TSC_WRITE:
		*value = msrs[SIM_MSR_TSC];
		return true;
	case SIM_MSR_EFER_SVM:
		*value = msrs[SIM_MSR_EFER] & ~SIM_EFER_SVME;
		return true;
	case SIM_MSR_PAT_VMX:
		*value = msrs[SIM_MSR_PAT];
		return true;
	case SIM_MSR_NB_CFG:
		*value = NB_CFG_INITAPICCPUIDLO;
		return true;
	case SIM_MSR_MISC_ENABLE:
		*value = model->misc_enable;
		return true;
	case SIM_MSR_ARCH_CAPABILITIES:
		*value = model->arch_capabilities;
		return true;
	case SIM_MSR_ZERO:
		*value = 0;
		return true;
	case SIM_MSR_EXIT:
		break;
	}
	return false;
}

/* Memory types: 0 UC, 1 WC, 4 WT, 5 WP, 6 WB, 7 UC- (Intel SDM, 12.12.2). */
static bool
pat_valid(uint64_t value)
{
	const unsigned valid = (1U << 0) | (1U << 1) | (1U << 4) |
	    (1U << 5) | (1U << 6) | (1U << 7);
	unsigned i, type;

	for (i = 0; i < 8; i++) {
		type = (value >> (i * 8)) & 0xff;
		if (type > 7 || (valid & (1U << type)) == 0)
			return false;
	}
	return true;
}

enum write_result { WRITTEN, FAULTS, FOR_VMM };

static enum write_result
msr_write(struct sim_vcpu *vcpu, const struct sim_msr_row *row,
    uint64_t value)
{
	uint64_t *msrs = vcpu->state.msrs;

	switch (row->action) {
	case SIM_MSR_PASS:
		sim_register_set(&vcpu->state, sim_register_find(row->reg),
		    value);
		return WRITTEN;
	case SIM_MSR_TSC_WRITE:
		msrs[SIM_MSR_TSC] = value;
		return WRITTEN;
	case SIM_MSR_EFER_SVM:
		if (value & ~EFER_SVM_VALID)
			return FAULTS;
		msrs[SIM_MSR_EFER] = value & ~SIM_EFER_SVME;
		return WRITTEN;
	case SIM_MSR_PAT_VMX:
		if (!pat_valid(value))
			return FAULTS;
		msrs[SIM_MSR_PAT] = value;
		return WRITTEN;
	case SIM_MSR_MISC_ENABLE:
	case SIM_MSR_ZERO:
		return WRITTEN;
	case SIM_MSR_NB_CFG:
	case SIM_MSR_ARCH_CAPABILITIES:
	case SIM_MSR_EXIT:
		break;
	}
	return FOR_VMM;
}

enum sim_exit_index
sim_exit_rdmsr(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	const struct sim_msr_row *row = row_find(vcpu->sim->backend,
	    stop->u.msr.number);
	bool inside = never_exits(row, false);
	uint64_t value;

	if (!inside) {
		exit->u.rdmsr.msr = stop->u.msr.number;
		exit->u.rdmsr.npc = stop->npc;
	}
	if (row->action == SIM_MSR_ARCH_CAPABILITIES &&
	    vcpu->sim->backend->model->arch_capabilities == 0) {
		/* The processor has no such MSR. */
		sim_event_raise(vcpu, SIM_VECTOR_GP);
		return SIM_EXIT_NONE;
	}
	if (!msr_read(vcpu, row, &value))
		return SIM_EXIT_RDMSR;
	vcpu->state.gprs[SIM_GPR_RAX] = value & 0xffffffff;
	vcpu->state.gprs[SIM_GPR_RDX] = value >> 32;
	sim_exit_advance(vcpu, stop);
	return inside ? SIM_EXIT_INSIDE : SIM_EXIT_NONE;
}

enum sim_exit_index
sim_exit_wrmsr(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	const struct sim_msr_row *row = row_find(vcpu->sim->backend,
	    stop->u.msr.number);

	if (!never_exits(row, true)) {
		exit->u.wrmsr.msr = stop->u.msr.number;
		exit->u.wrmsr.val = stop->u.msr.value;
		exit->u.wrmsr.npc = stop->npc;
	}
	switch (msr_write(vcpu, row, stop->u.msr.value)) {
	case WRITTEN:
		sim_exit_advance(vcpu, stop);
		return never_exits(row, true) ? SIM_EXIT_INSIDE :
		    SIM_EXIT_NONE;
	case FAULTS:
		sim_event_raise(vcpu, SIM_VECTOR_GP);
		return SIM_EXIT_NONE;
	case FOR_VMM:
		break;
	}
	return SIM_EXIT_WRMSR;
}
