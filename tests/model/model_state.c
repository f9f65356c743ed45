/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers: those of a new VCPU, what hardware makes of those that a VMM
 * sets, and those that no guest can be entered with.  NVMM-FACTS section 6.
 */
#include <string.h>

#include "guest.h"

#define CR0_CACHE	(SIM_CR0_CD | SIM_CR0_NW)

static uint32_t
fpu_word(const struct sim_state *state, size_t offset)
{
	uint32_t word;

	memcpy(&word, &state->fpu[offset], sizeof(word));
	return word;
}

static void
fpu_word_set(struct sim_state *state, size_t offset, uint32_t word)
{
	memcpy(&state->fpu[offset], &word, sizeof(word));
}

/* Installing is idempotent for what is not new, so all is normalized. */
void
model_normalize(struct model *m)
{
	const struct sim_cpu_model *cpu = m->setup->backend->model;
	struct sim_state *s = &m->truth;
	uint32_t mask = fpu_word(s, SIM_FPU_MXCSR_MASK) & cpu->mxcsr_mask;

	fpu_word_set(s, SIM_FPU_MXCSR_MASK, mask);
	fpu_word_set(s, SIM_FPU_MXCSR, fpu_word(s, SIM_FPU_MXCSR) & mask);
	s->crs[SIM_CR_XCR0] = (s->crs[SIM_CR_XCR0] & cpu->xcr0_mask) | 1;
	if (!model_vmx(m)) {
		s->crs[SIM_CR_CR8] &= 15;
		s->msrs[SIM_MSR_EFER] &= ~SIM_EFER_SVME;
		return;
	}
	s->crs[SIM_CR_CR0] |= SIM_CR0_NE | SIM_CR0_ET;
	s->crs[SIM_CR_CR4] &= 0x370FFF;
	s->drs[SIM_DR_DR6] &= 0xFFFFFFFF;
	s->segs[SIM_SEG_GDT].selector = s->segs[SIM_SEG_GDT].attrib = 0;
	s->segs[SIM_SEG_IDT].selector = s->segs[SIM_SEG_IDT].attrib = 0;
}

static void
reset_registers(struct sim_state *s)
{
	static const struct sim_seg data = { 0, 0x93, 0xFFFF, 0 };
	unsigned i;

	for (i = SIM_SEG_ES; i <= SIM_SEG_GS; i++)
		s->segs[i] = data;
	s->segs[SIM_SEG_CS].selector = 0xF000;
	s->segs[SIM_SEG_CS].base = 0xFFFF0000;
	s->segs[SIM_SEG_GDT] = s->segs[SIM_SEG_IDT] =
	    (struct sim_seg){ 0, 0x92, 0xFFFF, 0 };
	s->segs[SIM_SEG_LDT] = (struct sim_seg){ 0, 0x82, 0xFFFF, 0 };
	s->segs[SIM_SEG_TR] = (struct sim_seg){ 0, 0x83, 0xFFFF, 0 };
	s->gprs[SIM_GPR_RDX] = 0x600;
	s->gprs[SIM_GPR_RIP] = 0xFFF0;
	s->gprs[SIM_GPR_RFLAGS] = 2;
	s->crs[SIM_CR_CR0] = 0x60000010;
	s->crs[SIM_CR_XCR0] = 1;
	s->drs[SIM_DR_DR6] = 0xFFFF0FF0;
	s->drs[SIM_DR_DR7] = 0x400;
	s->msrs[SIM_MSR_PAT] = 0x0007040600070406;
	s->fpu[SIM_FPU_CW] = 0x40;
	s->fpu[SIM_FPU_TW] = s->fpu[SIM_FPU_ZERO] = 0x55;
	fpu_word_set(s, SIM_FPU_MXCSR, 0x1F80);
}

void
model_reset(struct model *m)
{
	reset_registers(&m->written);
	m->truth = m->written;
	model_normalize(m);
	/* The simulator's clock, where it runs by itself, is not at 0. */
	if (model_v3(m))
		m->truth.msrs[SIM_MSR_TSC] = MODEL_TSC_AT_CREATION;
	if ((m->setup->quirks_off & SIM_QUIRK_RESET_MXCSR_0) == 0)
		return;
	fpu_word_set(&m->truth, SIM_FPU_MXCSR, 0x1F80);
	fpu_word_set(&m->truth, SIM_FPU_MXCSR_MASK,
	    m->setup->backend->model->mxcsr_mask);
}

/* CPL is SS.dpl on SVM; where it is not, as on VMX, NVMM keeps them equal. */
unsigned
model_cpl(const struct model *m)
{
	if ((m->truth.crs[SIM_CR_CR0] & SIM_CR0_PE) == 0)
		return 0;
	return m->truth.segs[SIM_SEG_SS].attrib >> 5 & 3;
}

bool
model_user(const struct model *m)
{
	return model_cpl(m) > 0;
}

bool
model_state_refused(const struct model *m)
{
	const struct sim_state *s = &m->truth;
	uint64_t cr0 = s->crs[SIM_CR_CR0], rflags = s->gprs[SIM_GPR_RFLAGS];

	if (cr0 >= 1ULL << 32 || s->drs[SIM_DR_DR7] >= 1ULL << 32)
		return true;
	if (model_vmx(m))
		return (rflags & 2) == 0 || (rflags & 0x8028) != 0 ||
		    rflags >= 1ULL << 22;
	return (cr0 & CR0_CACHE) == SIM_CR0_NW ||
	    s->drs[SIM_DR_DR6] >= 1ULL << 32 ||
	    (s->msrs[SIM_MSR_EFER] & ~0xDD01ULL) != 0;
}
