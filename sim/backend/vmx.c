/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86-VMX: Intel.  The processor is a made-up one of family 6 with XSAVE
 * for x87 and SSE, and eight cores.
 */
#include <string.h>

#include "backend/common.h"

#define MAX_EXTENDED	0x80000008U

/* What a guest's CR4 can hold under VMX. */
#define CR4_VALID	0x370FFFULL

/* Leaf 7, EBX: shown to guests of this back end alone. */
#define INVPCID		(1U << 10)

static const struct sim_cpuid_leaf leaves[] = {
	{ 0x0, SIM_CPUID_ANY, { 0x16, 0x756e6547, 0x6c65746e, 0x49656e69 } },
	{ 0x1, SIM_CPUID_ANY, { 0x000506e3, 0x00100800, 0x7ffafbbf,
	    0xbfebfbff } },
	{ 0x2, SIM_CPUID_ANY, { 0x76036301, 0x00f0b5ff, 0x0, 0x00c30000 } },
	{ 0x4, 0, { 0x1c004121, 0x01c0003f, 0x3f, 0x0 } },
	{ 0x4, 1, { 0x1c004122, 0x01c0003f, 0x3f, 0x0 } },
	{ 0x4, 2, { 0x1c004143, 0x00c0003f, 0x3ff, 0x0 } },
	{ 0x4, 3, { 0x1c03c163, 0x03c0003f, 0x1fff, 0x6 } },
	{ 0x7, 0, { 0x0, 0x029c6fbf, 0x0, 0x9c002400 } },
	{ 0xb, 0, { 0x1, 0x2, 0x100, 0x0 } },
	{ 0xb, 1, { 0x4, 0x8, 0x201, 0x0 } },
	{ 0xd, 1, { 0xf, 0x0, 0x0, 0x0 } },
	{ 0x15, SIM_CPUID_ANY, { 0x2, 0x10c, 0x0, 0x0 } },
	{ 0x16, SIM_CPUID_ANY, { 0xd48, 0x1068, 0x64, 0x0 } },
	{ 0x80000000, SIM_CPUID_ANY, { MAX_EXTENDED, 0x0, 0x0, 0x0 } },
	{ 0x80000001, SIM_CPUID_ANY, { 0x0, 0x0, 0x121, 0x2c100800 } },
	{ 0x80000002, SIM_CPUID_ANY, { 0x6d6d766e, 0x6d69732d, 0x584d5620,
	    0x6f727020 } },
	{ 0x80000003, SIM_CPUID_ANY, { 0x73736563, 0x0000726f, 0x0, 0x0 } },
	{ 0x80000004, SIM_CPUID_ANY, { 0x0, 0x0, 0x0, 0x0 } },
	{ 0x80000005, SIM_CPUID_ANY, { 0x0, 0x0, 0x0, 0x0 } },
	{ 0x80000006, SIM_CPUID_ANY, { 0x0, 0x0, 0x01006040, 0x0 } },
	{ 0x80000007, SIM_CPUID_ANY, { 0x0, 0x0, 0x0, 0x100 } },
	{ 0x80000008, SIM_CPUID_ANY, { 0x3027, 0x0, 0x0, 0x0 } },
};

static const struct sim_cpu_model model = {
	.description = "family 6, XSAVE (x87, SSE)",
	.max_basic = 0x16,
	.max_extended = MAX_EXTENDED,
	.xcr0_mask = SIM_XCR0_X87 | SIM_XCR0_SSE,
	.cr4_valid = CR4_VALID,
	.mxcsr_mask = 0xFFFF,
	/* Host value with bits 7, 16, 18 clear and 11, 12 set. */
	.misc_enable = 0x00801809,
	.arch_capabilities = 0x0,
	.leaves = leaves,
	.nleaves = sizeof(leaves) / sizeof(leaves[0]),
};

static const struct sim_msr_row msrs[] = {
	SIM_MSRS_PASSED,
	{ 0x00000277, SIM_MSR_PAT_VMX, NULL },
	{ 0xc0000080, SIM_MSR_PASS, "efer" },
	{ 0x000001a0, SIM_MSR_MISC_ENABLE, NULL },
	{ 0x0000010a, SIM_MSR_ARCH_CAPABILITIES, NULL },
	{ 0x0000008b, SIM_MSR_ZERO, NULL },
	{ 0x00000017, SIM_MSR_ZERO, NULL },
};

static const struct sim_insn_rule insns[SIM_NINSN] = {
	[SIM_INSN_INVD] = { SIM_INSN_INVALID, 13 },
	[SIM_INSN_GETSEC] = { SIM_INSN_INVALID, 11 },
	[SIM_INSN_WBINVD] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_INVLPG] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_INVPCID] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_RDTSC] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_PAUSE] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_XSETBV] = { SIM_INSN_IS_XSETBV, 0 },
	[SIM_INSN_MONITOR] = { SIM_INSN_IS_MONITOR, 0 },
	[SIM_INSN_MWAIT] = { SIM_INSN_IS_MWAIT, 0 },
	[SIM_INSN_RDTSCP] = { SIM_INSN_UD, 0 },
	[SIM_INSN_RDPMC] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMCALL] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMLAUNCH] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMRESUME] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMXOFF] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMFUNC] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMREAD] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMWRITE] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMPTRLD] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMPTRST] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMCLEAR] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMXON] = { SIM_INSN_UD, 0 },
	[SIM_INSN_INVEPT] = { SIM_INSN_UD, 0 },
	[SIM_INSN_INVVPID] = { SIM_INSN_UD, 0 },
};

/* RFLAGS: bits that are always 0 (Intel SDM vol. 1, 3.4.3). */
#define RFLAGS_ZERO	0xFFFFFFFFFFC08028ULL

/* Intel SDM vol. 3, 26.3.1, as far as NVMM leaves it to the VMM. */
static bool
state_valid(const struct sim_state *state)
{
	uint64_t cr0 = state->crs[SIM_CR_CR0];
	uint64_t rflags = state->gprs[SIM_GPR_RFLAGS];

	if (cr0 >> 32 != 0 || state->drs[SIM_DR_DR7] >> 32 != 0)
		return false;
	if ((cr0 & SIM_CR0_PG) && (cr0 & SIM_CR0_PE) == 0)
		return false;
	if ((rflags & SIM_RFLAGS_MBO) == 0 || (rflags & RFLAGS_ZERO) != 0)
		return false;
	return (state->msrs[SIM_MSR_EFER] & SIM_EFER_LMA) == 0 ||
	    (cr0 & SIM_CR0_PG) == 0 ||
	    (state->crs[SIM_CR_CR4] & SIM_CR4_PAE) != 0;
}

static void
normalize_segs(struct sim_state *state)
{
	struct sim_seg *gdt = &state->segs[SIM_SEG_GDT];
	struct sim_seg *idt = &state->segs[SIM_SEG_IDT];

	/* The VMCS has base and limit of these, nothing else. */
	gdt->selector = gdt->attrib = 0;
	idt->selector = idt->attrib = 0;
}

static void
normalize(struct sim_state *state, uint64_t components)
{
	sim_backend_normalize(state, components, &model);
	if (components & SIM_BIT(SIM_SEGS))
		normalize_segs(state);
	if (components & SIM_BIT(SIM_CRS)) {
		state->crs[SIM_CR_CR0] |= SIM_CR0_NE | SIM_CR0_ET;
		state->crs[SIM_CR_CR4] &= CR4_VALID;
	}
	if (components & SIM_BIT(SIM_DRS))
		state->drs[SIM_DR_DR6] &= 0xffffffff;
}

static bool
leaf_zero(uint32_t leaf)
{
	switch (leaf) {
	case 0x3: case 0x5: case 0x6: case 0x8: case 0x9: case 0xA: case 0xC:
		return true;
	default:
		return leaf >= 0xE && leaf <= 0x14;
	}
}

static uint32_t
log2_floor(uint32_t n)
{
	uint32_t result = 0;

	while (n >>= 1)
		result++;
	return result;
}

/* Leaf 4: how many VCPUs share a cache, and how many there are. */
static void
cache_answer(uint32_t nvcpus, uint32_t regs[4])
{
	uint32_t level = (regs[0] >> 5) & 7;

	if (regs[0] == 0)
		return;
	regs[0] &= 0x3fff;
	if (level >= 3)
		regs[0] |= (nvcpus - 1) << 14;
	regs[0] |= (nvcpus - 1) << 26;
}

static void
topology_answer(uint32_t cpuid, uint32_t nvcpus, uint32_t subleaf,
    uint32_t regs[4])
{
	memset(regs, 0, 4 * sizeof(regs[0]));
	if (subleaf == 0)
		regs[2] = 0x100;
	else if (subleaf == 1) {
		regs[0] = log2_floor(nvcpus);
		regs[1] = nvcpus;
		regs[2] = 0x201;
	} else
		return;
	regs[3] = cpuid;
}

static void
cpuid_answer(uint32_t cpuid, uint32_t nvcpus, uint32_t leaf,
    uint32_t subleaf, uint32_t regs[4])
{
	if (leaf_zero(leaf))
		memset(regs, 0, 4 * sizeof(regs[0]));
	else if (leaf == 0x7 && subleaf == 0)
		regs[1] |= INVPCID;	/* this processor has it */
	else if (leaf == 0x4)
		cache_answer(nvcpus, regs);
	else if (leaf == 0xB)
		topology_answer(cpuid, nvcpus, subleaf, regs);
	else if (leaf == 0x80000008) {
		regs[1] &= 0x205;
		regs[2] = 0;
		regs[3] = 0;
	}
}

const struct sim_backend sim_backend_vmx = {
	.name = "vmx",
	.summary = "x86-VMX (Intel)",
	.model = &model,
	.vcpu_conf_support = SIM_CAP_CONF_CPUID | SIM_CAP_CONF_TPR,
	.invalid = {
		.bad_state = 33,
		.failed_entry = ~0ULL,
		.misconfiguration = 49,
		.task_switch = 9,
	},
	.checks_interrupt_at_entry = true,
	.cr_writes_exit = true,
	.cr0_fixed = SIM_CR0_NE,
	.insns = insns,
	.msrs = msrs,
	.nmsrs = sizeof(msrs) / sizeof(msrs[0]),
	.state_valid = state_valid,
	.normalize = normalize,
	.cpuid = cpuid_answer,
	.exit_io = sim_backend_exit_io,
	.exit_memory = sim_backend_exit_memory,
};
