/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86-SVM: AMD.  The processor is a made-up one of family 17h with decode
 * assists, XSAVE for x87 and SSE, and eight cores.
 */
#include <string.h>

#include "backend/common.h"

#define MAX_EXTENDED	0x8000001FU

/* This processor's CR4: all up to UMIP, and FSGSBASE, OSXSAVE, SMEP, SMAP. */
#define CR4_VALID	0x350FFFULL

/* EFER: SCE, LME, LMA, NXE, SVME, FFXSR, TCE (AMD APM vol. 2, 3.1.7). */
#define EFER_VALID	0xDD01ULL

/* Brand string and vendor are ASCII in little-endian registers. */
static const struct sim_cpuid_leaf leaves[] = {
	{ 0x0, SIM_CPUID_ANY, { 0xd, 0x68747541, 0x444d4163, 0x69746e65 } },
	{ 0x1, SIM_CPUID_ANY, { 0x00800f12, 0x00080800, 0x7ed8320b,
	    0x178bfbff } },
	{ 0x7, 0, { 0x0, 0x209c01a9, 0x0, 0x0 } },
	{ 0xd, 1, { 0xf, 0x0, 0x0, 0x0 } },
	{ 0x80000000, SIM_CPUID_ANY, { MAX_EXTENDED, 0x68747541, 0x444d4163,
	    0x69746e65 } },
	{ 0x80000001, SIM_CPUID_ANY, { 0x00800f12, 0x40000000, 0x35c233ff,
	    0x2fd3fbff } },
	{ 0x80000002, SIM_CPUID_ANY, { 0x6d6d766e, 0x6d69732d, 0x4d565320,
	    0x6f727020 } },
	{ 0x80000003, SIM_CPUID_ANY, { 0x73736563, 0x0000726f, 0x0, 0x0 } },
	{ 0x80000004, SIM_CPUID_ANY, { 0x0, 0x0, 0x0, 0x0 } },
	{ 0x80000005, SIM_CPUID_ANY, { 0xff40ff40, 0xff40ff40, 0x20080140,
	    0x40040140 } },
	{ 0x80000006, SIM_CPUID_ANY, { 0x26006400, 0x66006400, 0x02006140,
	    0x00808140 } },
	{ 0x80000007, SIM_CPUID_ANY, { 0x0, 0x1b, 0x0, 0x6799 } },
	{ 0x80000008, SIM_CPUID_ANY, { 0x3030, 0x1007, 0x4007, 0x0 } },
	{ 0x80000019, SIM_CPUID_ANY, { 0xf040f040, 0xf0400000, 0x0, 0x0 } },
	{ 0x8000001a, SIM_CPUID_ANY, { 0x3, 0x0, 0x0, 0x0 } },
	{ 0x8000001d, 0, { 0x00004121, 0x01c0003f, 0x3f, 0x0 } },
	{ 0x8000001d, 1, { 0x00004122, 0x00c0003f, 0xff, 0x0 } },
	{ 0x8000001d, 2, { 0x00004143, 0x01c0003f, 0x3ff, 0x2 } },
	{ 0x8000001e, SIM_CPUID_ANY, { 0x0, 0x100, 0x0, 0x0 } },
};

static const struct sim_cpu_model model = {
	.description = "family 17h, decode assists, XSAVE (x87, SSE)",
	.max_basic = 0xD,
	.max_extended = MAX_EXTENDED,
	.xcr0_mask = SIM_XCR0_X87 | SIM_XCR0_SSE,
	.cr4_valid = CR4_VALID,
	.mxcsr_mask = 0x2FFFF,
	.leaves = leaves,
	.nleaves = sizeof(leaves) / sizeof(leaves[0]),
};

static const struct sim_msr_row msrs[] = {
	SIM_MSRS_PASSED,
	{ 0x00000277, SIM_MSR_PASS, "pat" },
	{ 0xc0000080, SIM_MSR_EFER_SVM, NULL },
	{ 0xc001001f, SIM_MSR_NB_CFG, NULL },
	{ 0xc0010055, SIM_MSR_ZERO, NULL },
	{ 0xc0011021, SIM_MSR_ZERO, NULL },
	{ 0xc0011029, SIM_MSR_ZERO, NULL },
	{ 0x0000008b, SIM_MSR_ZERO, NULL },
};

static const struct sim_insn_rule insns[SIM_NINSN] = {
	[SIM_INSN_INVD] = { SIM_INSN_INVALID, 0x76 },
	[SIM_INSN_WBINVD] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_INVLPG] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_RDTSC] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_PAUSE] = { SIM_INSN_PASSES, 0 },
	[SIM_INSN_XSETBV] = { SIM_INSN_IS_XSETBV, 0 },
	[SIM_INSN_MONITOR] = { SIM_INSN_IS_MONITOR, 0 },
	[SIM_INSN_MWAIT] = { SIM_INSN_IS_MWAIT, 0 },
	[SIM_INSN_RDTSCP] = { SIM_INSN_UD, 0 },
	[SIM_INSN_RDPMC] = { SIM_INSN_UD, 0 },
	[SIM_INSN_RSM] = { SIM_INSN_UD, 0 },
	[SIM_INSN_INVPCID] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMRUN] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMMCALL] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMLOAD] = { SIM_INSN_UD, 0 },
	[SIM_INSN_VMSAVE] = { SIM_INSN_UD, 0 },
	[SIM_INSN_STGI] = { SIM_INSN_UD, 0 },
	[SIM_INSN_CLGI] = { SIM_INSN_UD, 0 },
	[SIM_INSN_SKINIT] = { SIM_INSN_UD, 0 },
	[SIM_INSN_INVLPGA] = { SIM_INSN_UD, 0 },
	[SIM_INSN_RDPRU] = { SIM_INSN_UD, 0 },
	[SIM_INSN_INVLPGB] = { SIM_INSN_UD, 0 },
	[SIM_INSN_TLBSYNC] = { SIM_INSN_UD, 0 },
	[SIM_INSN_MCOMMIT] = { SIM_INSN_UD, 0 },
};

/* AMD APM vol. 2, 15.5.1, "Canonicalization and Consistency Checks". */
static bool
state_valid(const struct sim_state *state)
{
	uint64_t cr0 = state->crs[SIM_CR_CR0];
	uint64_t efer = state->msrs[SIM_MSR_EFER];
	uint16_t cs = state->segs[SIM_SEG_CS].attrib;

	if ((cr0 & SIM_CR0_NW) && (cr0 & SIM_CR0_CD) == 0)
		return false;
	if (cr0 >> 32 != 0 || state->drs[SIM_DR_DR6] >> 32 != 0 ||
	    state->drs[SIM_DR_DR7] >> 32 != 0 || (efer & ~EFER_VALID) != 0)
		return false;
	if ((efer & SIM_EFER_LME) == 0 || (cr0 & SIM_CR0_PG) == 0)
		return true;
	return (state->crs[SIM_CR_CR4] & SIM_CR4_PAE) && (cr0 & SIM_CR0_PE) &&
	    (cs & (SIM_ATTRIB_L | SIM_ATTRIB_DEF)) !=
	    (SIM_ATTRIB_L | SIM_ATTRIB_DEF);
}

static void
normalize(struct sim_state *state, uint64_t components)
{
	sim_backend_normalize(state, components, &model);
	if (components & SIM_BIT(SIM_CRS))
		state->crs[SIM_CR_CR8] &= 0xF;
	/* SVME is set inside and hidden outside; here lives the outside. */
	if (components & SIM_BIT(SIM_MSRS))
		state->msrs[SIM_MSR_EFER] &= ~SIM_EFER_SVME;
}

/* Leaves that an SVM guest sees as zero, besides those out of range. */
static bool
leaf_zero(uint32_t leaf)
{
	switch (leaf) {
	case 0x2: case 0x3: case 0x4: case 0x5: case 0x6: case 0x8:
	case 0x9: case 0xA: case 0xB: case 0xC:
	case 0x8000001B: case 0x8000001C: case 0x8000001F:
		return true;
	default:
		return leaf >= 0x80000009 && leaf <= 0x80000018;
	}
}

static void
cpuid_answer(uint32_t cpuid, uint32_t nvcpus, uint32_t leaf,
    uint32_t subleaf, uint32_t regs[4])
{
	(void)cpuid;
	(void)subleaf;
	if (leaf_zero(leaf))
		memset(regs, 0, 4 * sizeof(regs[0]));
	else if (leaf == 0x80000008) {
		regs[1] &= 0x205;
		regs[2] = (nvcpus - 1) | 7U << 12;
		regs[3] = 0;
	}
}

static void
exit_memory(const struct sim_stop *stop, struct sim_exit_record *exit)
{
	sim_backend_exit_memory(stop, exit);
	/* AMD APM vol. 2, 15.25.6: a walk of the guest's tables is a write. */
	if (stop->u.mem.walk)
		exit->u.mem.prot = 2;	/* PROT_WRITE */
	exit->u.mem.inst_len = stop->length;
	memcpy(exit->u.mem.inst_bytes, stop->bytes, stop->length);
}

const struct sim_backend sim_backend_svm = {
	.name = "svm",
	.summary = "x86-SVM (AMD)",
	.model = &model,
	.vcpu_conf_support = SIM_CAP_CONF_CPUID,
	.invalid = {
		.bad_state = ~0ULL,
		.failed_entry = ~0ULL,
		.misconfiguration = ~0ULL,
		.init = 0x63,
	},
	.nmi_window_by_iret = true,
	.insns = insns,
	.msrs = msrs,
	.nmsrs = sizeof(msrs) / sizeof(msrs[0]),
	.state_valid = state_valid,
	.normalize = normalize,
	.cpuid = cpuid_answer,
	.exit_io = sim_backend_exit_io,
	.exit_memory = exit_memory,
};
