/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes to control registers, and instructions that a back end decides
 * about as a whole: NVMM-FACTS section 6 and the processors' manuals.
 */
#include "guest.h"

/* Those that are for kernels only; none of them, at CPL > 0: the vector. */
uint8_t
model_user_fault(const struct model *m)
{
	switch (m->intent.stop.u.insn) {
	case SIM_INSN_MONITOR: case SIM_INSN_MWAIT:
		return VECTOR_UD;
	case SIM_INSN_INVD: case SIM_INSN_WBINVD: case SIM_INSN_INVLPG:
	case SIM_INSN_RDPMC: case SIM_INSN_INVPCID:
		return VECTOR_GP;
	/* Unknown is unknown at any CPL. */
	case SIM_INSN_VMRUN: case SIM_INSN_VMLOAD: case SIM_INSN_VMSAVE:
	case SIM_INSN_STGI: case SIM_INSN_CLGI: case SIM_INSN_SKINIT:
	case SIM_INSN_INVLPGA: case SIM_INSN_INVLPGB: case SIM_INSN_TLBSYNC:
		return model_vmx(m) ? 0 : VECTOR_GP;
	default:
		return 0;
	}
}

static bool
cr0_legal(const struct model *m, uint64_t value)
{
	const struct sim_state *s = &m->truth;
	bool paging = value & SIM_CR0_PG;
	uint64_t efer = s->msrs[SIM_MSR_EFER];

	if (value >= 1ULL << 32 || (paging && !(value & SIM_CR0_PE)) ||
	    (value & (SIM_CR0_CD | SIM_CR0_NW)) == SIM_CR0_NW)
		return false;
	if (paging)
		return (efer & SIM_EFER_LME) == 0 ||
		    (s->crs[SIM_CR_CR4] & SIM_CR4_PAE) != 0;
	/* 64-bit code cannot turn paging off. */
	return (efer & SIM_EFER_LMA) == 0 ||
	    (s->segs[SIM_SEG_CS].attrib & SIM_ATTRIB_L) == 0;
}

static bool
cr4_legal(const struct model *m, uint64_t value)
{
	uint64_t all = model_vmx(m) ? 0x370FFF :
	    m->setup->backend->model->cr4_valid;

	return (value & ~all) == 0 && ((value & SIM_CR4_PAE) != 0 ||
	    (m->truth.msrs[SIM_MSR_EFER] & SIM_EFER_LMA) == 0);
}

static bool
cr_write(struct model *m, unsigned number, uint64_t value)
{
	uint64_t *crs = m->truth.crs;

	switch (number) {
	case 0:
		if (!cr0_legal(m, value))
			return false;
		crs[SIM_CR_CR0] = value | SIM_CR0_ET |
		    (model_vmx(m) ? SIM_CR0_NE : 0);
		return true;
	case 2:
		crs[SIM_CR_CR2] = value;
		return true;
	case 3:
		crs[SIM_CR_CR3] = value;
		return true;
	case 4:
		if (!cr4_legal(m, value))
			return false;
		crs[SIM_CR_CR4] = value;
		return true;
	default:
		if (value > 15)
			return false;
		crs[SIM_CR_CR8] = value;
		return true;
	}
}

enum sim_exit_index
model_cr_write(struct model *m)
{
	unsigned number = m->intent.stop.u.cr.number;
	bool exits = model_vmx(m) && number != 2 && number != 3;

	if (cr_write(m, number, m->intent.stop.u.cr.value)) {
		model_advance(m);
		if (exits && number == 8 && m->tpr_exits)
			return SIM_EXIT_TPR_CHANGED;
	} else if (exits)
		model_event_raise(m, VECTOR_GP);
	else
		model_event_fault(m, VECTOR_GP);
	return exits ? SIM_EXIT_NONE : MODEL_INSIDE;
}

static enum sim_exit_index
xsetbv(struct model *m)
{
	const struct sim_state *s = &m->truth;
	uint64_t value = (s->gprs[SIM_GPR_RAX] & 0xFFFFFFFF) |
	    s->gprs[SIM_GPR_RDX] << 32;

	if ((s->crs[SIM_CR_CR4] & SIM_CR4_OSXSAVE) == 0) {
		model_event_fault(m, VECTOR_UD);
		return MODEL_INSIDE;
	}
	if (s->gprs[SIM_GPR_RCX] != 0 || model_user(m) || (value & 1) == 0 ||
	    (value & ~m->setup->backend->model->xcr0_mask) != 0) {
		model_event_raise(m, VECTOR_GP);
		return SIM_EXIT_NONE;
	}
	m->truth.crs[SIM_CR_XCR0] = value;
	model_advance(m);
	return SIM_EXIT_NONE;
}

/* Whether the kernel answers it with #UD. */
static bool
refused(const struct model *m, enum sim_insn insn)
{
	switch (insn) {
	case SIM_INSN_RDPMC: case SIM_INSN_RDTSCP:
		return true;
	case SIM_INSN_RSM: case SIM_INSN_INVLPGA: case SIM_INSN_VMRUN:
	case SIM_INSN_VMMCALL: case SIM_INSN_VMLOAD: case SIM_INSN_VMSAVE:
	case SIM_INSN_STGI: case SIM_INSN_CLGI: case SIM_INSN_SKINIT:
	case SIM_INSN_RDPRU: case SIM_INSN_INVLPGB: case SIM_INSN_INVPCID:
	case SIM_INSN_MCOMMIT: case SIM_INSN_TLBSYNC:
		return !model_vmx(m);
	case SIM_INSN_VMCALL: case SIM_INSN_VMLAUNCH: case SIM_INSN_VMRESUME:
	case SIM_INSN_VMXOFF: case SIM_INSN_VMFUNC: case SIM_INSN_VMREAD:
	case SIM_INSN_VMWRITE: case SIM_INSN_VMPTRLD: case SIM_INSN_VMPTRST:
	case SIM_INSN_VMCLEAR: case SIM_INSN_VMXON: case SIM_INSN_INVEPT:
	case SIM_INSN_INVVPID:
		return model_vmx(m);
	default:
		return false;
	}
}

static enum sim_exit_index
exit_invalid(struct sim_exit_record *exit, uint64_t hwcode)
{
	exit->u.inv.hwcode = hwcode;
	return SIM_EXIT_INVALID;
}

static enum sim_exit_index
inside(struct model *m, enum sim_insn insn)
{
	uint64_t tsc = m->truth.msrs[SIM_MSR_TSC];

	switch (insn) {
	case SIM_INSN_RDTSC:
		m->truth.gprs[SIM_GPR_RAX] = tsc & 0xFFFFFFFF;
		m->truth.gprs[SIM_GPR_RDX] = tsc >> 32;
		break;
	case SIM_INSN_PAUSE: case SIM_INSN_INVLPG: case SIM_INSN_WBINVD:
		break;
	case SIM_INSN_INVPCID:	/* on SVM the kernel has refused it */
		break;
	default:	/* this processor does not know it */
		model_event_fault(m, VECTOR_UD);
		return MODEL_INSIDE;
	}
	model_advance(m);
	return MODEL_INSIDE;
}

enum sim_exit_index
model_insn(struct model *m, struct sim_exit_record *exit)
{
	enum sim_insn insn = m->intent.stop.u.insn;

	if (refused(m, insn)) {
		model_event_raise(m, VECTOR_UD);
		return SIM_EXIT_NONE;
	}
	switch (insn) {
	case SIM_INSN_XSETBV:
		return xsetbv(m);
	case SIM_INSN_INVD:
		return exit_invalid(exit, model_vmx(m) ? 13 : 0x76);
	case SIM_INSN_MONITOR:
	case SIM_INSN_MWAIT:
		exit->u.insn.npc = m->intent.stop.npc;
		return insn == SIM_INSN_MWAIT ? SIM_EXIT_MWAIT :
		    SIM_EXIT_MONITOR;
	default:
		if (insn == SIM_INSN_GETSEC && model_vmx(m))
			return exit_invalid(exit, 11);
		return inside(m, insn);
	}
}

/* INIT and a task switch: each exits on one back end only. */
enum sim_exit_index
model_invalid(struct model *m, struct sim_exit_record *exit)
{
	bool init = m->intent.stop.kind == SIM_STOP_INIT;

	if (init != model_vmx(m))
		return exit_invalid(exit, init ? 0x63 : 9);
	model_advance(m);
	return MODEL_INSIDE;
}
