/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR: NVMM-FACTS section 6, "MSRs".
 */
#include "guest.h"

#define MSR_TSC			0x10
#define MSR_INTEL_17		0x17
#define MSR_MICROCODE		0x8B
#define MSR_ARCH_CAPABILITIES	0x10A
#define MSR_MISC_ENABLE		0x1A0
#define MSR_PAT			0x277
#define MSR_EFER		0xC0000080
#define MSR_NB_CFG		0xC001001F

/* Those that never exit: straight to the register, or NULL. */
static uint64_t *
passed(struct model *m, uint32_t number)
{
	struct sim_state *s = &m->truth;

	switch (number) {
	case 0x174:
		return &s->msrs[SIM_MSR_SYSENTER_CS];
	case 0x175:
		return &s->msrs[SIM_MSR_SYSENTER_ESP];
	case 0x176:
		return &s->msrs[SIM_MSR_SYSENTER_EIP];
	case MSR_PAT:
		return model_vmx(m) ? NULL : &s->msrs[SIM_MSR_PAT];
	case MSR_EFER:
		return model_vmx(m) ? &s->msrs[SIM_MSR_EFER] : NULL;
	case 0xC0000081:
		return &s->msrs[SIM_MSR_STAR];
	case 0xC0000082:
		return &s->msrs[SIM_MSR_LSTAR];
	case 0xC0000083:
		return &s->msrs[SIM_MSR_CSTAR];
	case 0xC0000084:
		return &s->msrs[SIM_MSR_SFMASK];
	case 0xC0000100:
		return &s->segs[SIM_SEG_FS].base;
	case 0xC0000101:
		return &s->segs[SIM_SEG_GS].base;
	case 0xC0000102:
		return &s->msrs[SIM_MSR_KERNELGSBASE];
	default:
		return NULL;
	}
}

/* Reads as zero, and writes do nothing. */
static bool
empty(const struct model *m, uint32_t number)
{
	if (model_vmx(m))
		return number == MSR_MICROCODE || number == MSR_INTEL_17;
	return number == MSR_MICROCODE || number == 0xC0010055 ||
	    number == 0xC0011029 || number == 0xC0011021;
}

/* What the kernel answers a read with; false: the VMM has to. */
static bool
kernel_reads(const struct model *m, uint32_t number, uint64_t *value)
{
	const struct sim_cpu_model *cpu = m->setup->backend->model;

	*value = 0;
	if (empty(m, number))
		return true;
	switch (number) {
	case MSR_EFER:
		*value = m->truth.msrs[SIM_MSR_EFER] & ~SIM_EFER_SVME;
		return true;
	case MSR_PAT:
		*value = m->truth.msrs[SIM_MSR_PAT];
		return true;
	case MSR_NB_CFG:
		*value = 1ULL << 54;
		return !model_vmx(m);
	case MSR_MISC_ENABLE:
		*value = cpu->misc_enable;
		return model_vmx(m);
	case MSR_ARCH_CAPABILITIES:
		*value = cpu->arch_capabilities & 0x131;
		return model_vmx(m);
	default:
		return false;
	}
}

static void
read_done(struct model *m, uint64_t value)
{
	m->truth.gprs[SIM_GPR_RAX] = value & 0xFFFFFFFF;
	m->truth.gprs[SIM_GPR_RDX] = value >> 32;
	model_advance(m);
}

enum sim_exit_index
model_rdmsr(struct model *m, struct sim_exit_record *exit)
{
	uint32_t number = m->intent.stop.u.msr.number;
	const uint64_t *reg = number == MSR_TSC ?
	    &m->truth.msrs[SIM_MSR_TSC] : passed(m, number);
	uint64_t value;

	if (reg != NULL) {
		read_done(m, *reg);
		return MODEL_INSIDE;
	}
	if (!kernel_reads(m, number, &value)) {
		exit->u.rdmsr.msr = number;
		exit->u.rdmsr.npc = m->intent.stop.npc;
		return SIM_EXIT_RDMSR;
	}
	/* A host without ARCH_CAPABILITIES has none to show. */
	if (number == MSR_ARCH_CAPABILITIES &&
	    m->setup->backend->model->arch_capabilities == 0)
		model_event_raise(m, VECTOR_GP);
	else
		read_done(m, value);
	return SIM_EXIT_NONE;
}

/* Whether every byte is a memory type that there is. */
static bool
pat_legal(uint64_t pat)
{
	for (; pat != 0; pat >>= 8) {
		if ((pat & 0xFF) > 7 || (pat & 0xFF) == 2 || (pat & 0xFF) == 3)
			return false;
	}
	return true;
}

/* Bits 0, 8, 10, 11, 12, 14, 15. */
static bool
efer_legal(uint64_t efer)
{
	return (efer & ~0xDD01ULL) == 0;
}

/* Whether the kernel does the write, and then whether it may be done. */
static bool
kernel_writes(struct model *m, uint32_t number, uint64_t value, bool *legal)
{
	uint64_t *msrs = m->truth.msrs;

	*legal = true;
	if (empty(m, number))
		return true;
	switch (number) {
	case MSR_TSC:
		msrs[SIM_MSR_TSC] = value;
		return true;
	case MSR_EFER:
		*legal = efer_legal(value);
		if (*legal)
			msrs[SIM_MSR_EFER] = value & ~SIM_EFER_SVME;
		return true;
	case MSR_PAT:
		*legal = pat_legal(value);
		if (*legal)
			msrs[SIM_MSR_PAT] = value;
		return true;
	case MSR_MISC_ENABLE:
		return model_vmx(m);
	default:
		return false;
	}
}

enum sim_exit_index
model_wrmsr(struct model *m, struct sim_exit_record *exit)
{
	uint32_t number = m->intent.stop.u.msr.number;
	uint64_t value = m->intent.stop.u.msr.value;
	uint64_t *reg = passed(m, number);
	bool legal;

	if (reg != NULL) {
		*reg = value;
		model_advance(m);
		return MODEL_INSIDE;
	}
	if (!kernel_writes(m, number, value, &legal)) {
		exit->u.wrmsr.msr = number;
		exit->u.wrmsr.val = value;
		exit->u.wrmsr.npc = m->intent.stop.npc;
		return SIM_EXIT_WRMSR;
	}
	if (legal)
		model_advance(m);
	else
		model_event_raise(m, VECTOR_GP);
	return SIM_EXIT_NONE;
}
