/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUID: NVMM-FACTS section 6, leaf by leaf.  The host's answers are the
 * documented processor's.
 */
#include <string.h>

#include "guest.h"

enum { EAX, EBX, ECX, EDX };

static void
host(const struct model *m, uint32_t leaf, uint32_t subleaf, uint32_t *r)
{
	const struct sim_cpu_model *cpu = m->setup->backend->model;
	unsigned i;

	memset(r, 0, 4 * sizeof(*r));
	for (i = 0; i < cpu->nleaves; i++) {
		if (cpu->leaves[i].leaf == leaf &&
		    (cpu->leaves[i].subleaf == subleaf ||
		    cpu->leaves[i].subleaf == SIM_CPUID_ANY))
			memcpy(r, cpu->leaves[i].regs, 4 * sizeof(*r));
	}
}

static void
answer(uint32_t *r, uint32_t eax, uint32_t ebx, uint32_t ecx, uint32_t edx)
{
	r[EAX] = eax;
	r[EBX] = ebx;
	r[ECX] = ecx;
	r[EDX] = edx;
}

static void
leaf_1(const struct model *m, uint32_t *r)
{
	bool osxsave = m->truth.crs[SIM_CR_CR4] & SIM_CR4_OSXSAVE;

	answer(r, r[EAX], (r[EBX] & 0xFFFF) | m->cpuid << 24 |
	    m->machine->nvcpus << 16,
	    (r[ECX] & 0x6ED83203 & ~(1U << 27)) | 1U << 31 |
	    (osxsave ? 1U << 27 : 0), r[EDX] & 0x9F8BAB7F);
}

/* Caches, which end with an empty entry. */
static void
leaf_4(const struct model *m, uint32_t *r)
{
	uint32_t others = m->machine->nvcpus - 1, level = r[EAX] >> 5 & 7;

	if (model_vmx(m) && r[EAX] != 0)
		r[EAX] = (r[EAX] & 0x3FFF) | others << 26 |
		    (level >= 3 ? others << 14 : 0);
	else if (!model_vmx(m))
		answer(r, 0, 0, 0, 0);
}

static void
leaf_7(const struct model *m, uint32_t subleaf, uint32_t *r)
{
	uint32_t ebx = 0x019C23C9 | (model_vmx(m) ? 1U << 10 : 0);

	if (subleaf == 0)
		answer(r, 0, r[EBX] & ebx, r[ECX] & 0x1A000705,
		    r[EDX] & 0x20004410);
	else
		answer(r, 0, 0, 0, 0);
}

static void
leaf_b(const struct model *m, uint32_t subleaf, uint32_t *r)
{
	uint32_t n = m->machine->nvcpus, bits = 0;

	while (n >> (bits + 1) != 0)
		bits++;
	answer(r, 0, 0, 0, 0);
	if (model_vmx(m) && subleaf == 0)
		answer(r, 0, 0, 0x100, m->cpuid);
	else if (model_vmx(m) && subleaf == 1)
		answer(r, bits, n, 0x201, m->cpuid);
}

static void
leaf_d(const struct model *m, uint32_t subleaf, uint32_t *r)
{
	uint64_t mask = m->setup->backend->model->xcr0_mask;
	bool sse = m->truth.crs[SIM_CR_XCR0] & SIM_XCR0_SSE;

	if (subleaf == 0)
		answer(r, (uint32_t)mask, sse ? 576 : 172, 576,
		    (uint32_t)(mask >> 32));
	else
		answer(r, subleaf == 1 ? r[EAX] & 7 : 0, 0, 0, 0);
}

static void
basic(const struct model *m, uint32_t leaf, uint32_t subleaf, uint32_t *r)
{
	switch (leaf) {
	case 0:
		r[EAX] = m->setup->backend->model->max_basic;
		break;
	case 1:
		leaf_1(m, r);
		break;
	case 2:
		if (!model_vmx(m))
			answer(r, 0, 0, 0, 0);
		break;
	case 4:
		leaf_4(m, r);
		break;
	case 7:
		leaf_7(m, subleaf, r);
		break;
	case 0xB:
		leaf_b(m, subleaf, r);
		break;
	case 0xD:
		leaf_d(m, subleaf, r);
		break;
	case 0x15: case 0x16:
		break;
	default:	/* 3, 5, 6, 8, 9, A, C, E to 14 */
		answer(r, 0, 0, 0, 0);
	}
}

static void
extended(const struct model *m, uint32_t leaf, uint32_t *r)
{
	switch (leaf) {
	case 0x80000000:
		r[EAX] = m->setup->backend->model->max_extended;
		break;
	case 0x80000001:
		answer(r, r[EAX], r[EBX], r[ECX] & 0x006309F3,
		    r[EDX] & 0xE7D3AB7F);
		break;
	case 0x80000007:
		answer(r, 0, 0, 0, r[EDX] & 1U << 8);
		break;
	case 0x80000008:
		answer(r, r[EAX], r[EBX] & 0x205, model_vmx(m) ? 0 :
		    (m->machine->nvcpus - 1) | 7U << 12, 0);
		break;
	case 0x80000002: case 0x80000003: case 0x80000004: case 0x80000005:
	case 0x80000006: case 0x80000019: case 0x8000001A: case 0x8000001D:
	case 0x8000001E:
		break;
	default:
		answer(r, 0, 0, 0, 0);
	}
}

/* What is out of range is answered as the highest basic leaf. */
static uint32_t
effective(const struct model *m, uint32_t leaf)
{
	const struct sim_cpu_model *cpu = m->setup->backend->model;

	if (leaf <= cpu->max_basic || leaf == 0x40000000 ||
	    (leaf >= 0x80000000 && leaf <= cpu->max_extended))
		return leaf;
	return cpu->max_basic;
}

/* The VMM's edits.  True: it wants to see the exit. */
static bool
edited(const struct model *m, uint32_t leaf, uint32_t *r)
{
	const struct sim_conf_cpuid *conf;
	unsigned i, j;

	for (i = 0; i < m->nleaves; i++) {
		conf = &m->leaves[i];
		if (conf->leaf != leaf)
			continue;
		if (conf->action == SIM_CONF_CPUID_EXIT)
			return true;
		for (j = 0; j < 4; j++)
			r[j] = (r[j] & ~conf->del[j]) | conf->set[j];
	}
	return false;
}

enum sim_exit_index
model_cpuid(struct model *m, struct sim_exit_record *exit)
{
	uint64_t *gprs = m->truth.gprs;
	uint32_t asked = (uint32_t)gprs[SIM_GPR_RAX];
	uint32_t subleaf = (uint32_t)gprs[SIM_GPR_RCX];
	uint32_t leaf = effective(m, asked), r[4];
	bool exits;

	host(m, leaf, subleaf, r);
	if (leaf == 0x40000000)
		answer(r, leaf, 0x205F5F5F, 0x4D4D564E, 0x5F5F5F20);
	else if (leaf < 0x80000000)
		basic(m, leaf, subleaf, r);
	else
		extended(m, leaf, r);
	exits = edited(m, asked, r);
	gprs[SIM_GPR_RAX] = r[EAX];
	gprs[SIM_GPR_RBX] = r[EBX];
	gprs[SIM_GPR_RCX] = r[ECX];
	gprs[SIM_GPR_RDX] = r[EDX];
	if (!exits) {
		model_advance(m);
		return SIM_EXIT_NONE;
	}
	exit->u.insn.npc = m->intent.stop.npc;
	return SIM_EXIT_CPUID;
}
