/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUID: the answer is the back end's fixed processor, edited by the rules
 * of NVMM-FACTS section 6, then by what the VMM configured.
 */
#include <string.h>

#include "kernel/exit.h"

enum { EAX, EBX, ECX, EDX };

#define LEAF_HYPERVISOR		0x40000000U
#define LEAF_EXTENDED		0x80000000U

/* What is left of the processor's feature words. */
#define MASK_1_ECX		0x6ED83203U
#define MASK_1_EDX		0x9F8BAB7FU
#define MASK_7_EBX		0x019C23C9U
#define MASK_7_ECX		0x1A000705U
#define MASK_7_EDX		0x20004410U
#define MASK_EXT1_ECX		0x006309F3U
#define MASK_EXT1_EDX		0xE7D3AB7FU
#define HYPERVISOR_PRESENT	0x80000000U
#define OSXSAVE			0x08000000U

static void
host_answer(const struct sim_cpu_model *model, uint32_t leaf,
    uint32_t subleaf, uint32_t regs[4])
{
	const struct sim_cpuid_leaf *row;
	unsigned i;

	memset(regs, 0, 4 * sizeof(regs[0]));
	for (i = 0; i < model->nleaves; i++) {
		row = &model->leaves[i];
		if (row->leaf != leaf || (row->subleaf != subleaf &&
		    row->subleaf != SIM_CPUID_ANY))
			continue;
		memcpy(regs, row->regs, sizeof(row->regs));
		return;
	}
}

/* Leaves out of range are answered as the highest basic one. */
static uint32_t
leaf_in_range(const struct sim_cpu_model *model, uint32_t leaf)
{
	if (leaf == LEAF_HYPERVISOR)
		return leaf;
	if (leaf < LEAF_EXTENDED)
		return leaf > model->max_basic ? model->max_basic : leaf;
	return leaf > model->max_extended ? model->max_basic : leaf;
}

static void
answer_1(const struct sim_vcpu *vcpu, uint32_t regs[4])
{
	uint32_t nvcpus = atomic_load(&vcpu->machine->nvcpus);

	regs[EBX] = (regs[EBX] & 0xffff) | (nvcpus & 0xff) << 16 |
	    vcpu->cpuid << 24;
	regs[ECX] = (regs[ECX] & MASK_1_ECX) | HYPERVISOR_PRESENT;
	if (vcpu->state.crs[SIM_CR_CR4] & SIM_CR4_OSXSAVE)
		regs[ECX] |= OSXSAVE;
	else
		regs[ECX] &= ~OSXSAVE;
	regs[EDX] &= MASK_1_EDX;
}

static void
answer_7(const struct sim_vcpu *vcpu, uint32_t subleaf, uint32_t regs[4])
{
	(void)vcpu;
	if (subleaf != 0) {
		memset(regs, 0, 4 * sizeof(regs[0]));
		return;
	}
	regs[EAX] = 0;
	regs[EBX] &= MASK_7_EBX;
	regs[ECX] &= MASK_7_ECX;
	regs[EDX] &= MASK_7_EDX;
}

/* XSAVE area sizes: header and legacy area, with or without SSE. */
static void
answer_d(const struct sim_vcpu *vcpu, uint32_t subleaf, uint32_t regs[4])
{
	uint64_t mask = vcpu->sim->backend->model->xcr0_mask;
	uint32_t eax = regs[EAX];

	memset(regs, 0, 4 * sizeof(regs[0]));
	if (subleaf == 0) {
		regs[EAX] = (uint32_t)mask;
		regs[EBX] = vcpu->state.crs[SIM_CR_XCR0] & SIM_XCR0_SSE ?
		    576 : 172;
		regs[ECX] = 576;
		regs[EDX] = (uint32_t)(mask >> 32);
	} else if (subleaf == 1)
		regs[EAX] = eax & 7;
}

static void
answer_hypervisor(uint32_t regs[4])
{
	regs[EAX] = LEAF_HYPERVISOR;
	memcpy(&regs[EBX], "___ ", 4);
	memcpy(&regs[ECX], "NVMM", 4);
	memcpy(&regs[EDX], " ___", 4);
}

static void
answer_common(const struct sim_vcpu *vcpu, uint32_t leaf, uint32_t subleaf,
    uint32_t regs[4])
{
	const struct sim_cpu_model *model = vcpu->sim->backend->model;

	switch (leaf) {
	case 0:
		regs[EAX] = model->max_basic;
		break;
	case 1:
		answer_1(vcpu, regs);
		break;
	case 7:
		answer_7(vcpu, subleaf, regs);
		break;
	case 0xD:
		answer_d(vcpu, subleaf, regs);
		break;
	case LEAF_HYPERVISOR:
		answer_hypervisor(regs);
		break;
	case LEAF_EXTENDED:
		regs[EAX] = model->max_extended;
		break;
	case LEAF_EXTENDED + 1:
		regs[ECX] &= MASK_EXT1_ECX;
		regs[EDX] &= MASK_EXT1_EDX;
		break;
	case LEAF_EXTENDED + 7:
		regs[EDX] &= 1U << 8;	/* invariant TSC */
		regs[EAX] = regs[EBX] = regs[ECX] = 0;
		break;
	}
}

/* The VMM's edits of a leaf, and whether it wants to see the exit. */
static bool
configured(const struct sim_vcpu *vcpu, uint32_t leaf, uint32_t regs[4])
{
	const struct sim_conf_cpuid *conf;
	unsigned i, j;

	for (i = 0; i < vcpu->ncpuid_confs; i++) {
		conf = &vcpu->cpuid_confs[i];
		if (conf->leaf != leaf)
			continue;
		if (conf->action & SIM_CONF_CPUID_EXIT)
			return true;
		for (j = 0; j < 4; j++)
			regs[j] = (regs[j] & ~conf->del[j]) | conf->set[j];
	}
	return false;
}

enum sim_exit_index
sim_exit_cpuid(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	const struct sim_backend *backend = vcpu->sim->backend;
	uint64_t *gprs = vcpu->state.gprs;
	uint32_t asked = (uint32_t)gprs[SIM_GPR_RAX];
	uint32_t subleaf = (uint32_t)gprs[SIM_GPR_RCX];
	uint32_t leaf = leaf_in_range(backend->model, asked);
	uint32_t regs[4];
	bool exits;

	host_answer(backend->model, leaf, subleaf, regs);
	answer_common(vcpu, leaf, subleaf, regs);
	backend->cpuid(vcpu->cpuid, atomic_load(&vcpu->machine->nvcpus), leaf,
	    subleaf, regs);
	exits = configured(vcpu, asked, regs);

	gprs[SIM_GPR_RAX] = regs[EAX];
	gprs[SIM_GPR_RBX] = regs[EBX];
	gprs[SIM_GPR_RCX] = regs[ECX];
	gprs[SIM_GPR_RDX] = regs[EDX];
	if (exits) {
		exit->u.insn.npc = stop->npc;
		return SIM_EXIT_CPUID;
	}
	sim_exit_advance(vcpu, stop);
	return SIM_EXIT_NONE;
}
