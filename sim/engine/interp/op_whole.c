/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that leave the guest as a whole: those of insn.c's table,
 * HLT, CPUID and MSRs.  Only the processor's checks are made here.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

#define CR4_TSD		0x4ULL

static const struct {
	uint16_t mnemonic;
	uint16_t insn;		/* enum sim_insn */
} names[] = {
	{ ZYDIS_MNEMONIC_INVD, SIM_INSN_INVD },
	{ ZYDIS_MNEMONIC_WBINVD, SIM_INSN_WBINVD },
	{ ZYDIS_MNEMONIC_RDTSC, SIM_INSN_RDTSC },
	{ ZYDIS_MNEMONIC_PAUSE, SIM_INSN_PAUSE },
	{ ZYDIS_MNEMONIC_RDTSCP, SIM_INSN_RDTSCP },
	{ ZYDIS_MNEMONIC_RDPMC, SIM_INSN_RDPMC },
	{ ZYDIS_MNEMONIC_RSM, SIM_INSN_RSM },
	{ ZYDIS_MNEMONIC_MONITOR, SIM_INSN_MONITOR },
	{ ZYDIS_MNEMONIC_MWAIT, SIM_INSN_MWAIT },
	{ ZYDIS_MNEMONIC_XSETBV, SIM_INSN_XSETBV },
	{ ZYDIS_MNEMONIC_GETSEC, SIM_INSN_GETSEC },
	{ ZYDIS_MNEMONIC_INVPCID, SIM_INSN_INVPCID },
	{ ZYDIS_MNEMONIC_VMRUN, SIM_INSN_VMRUN },
	{ ZYDIS_MNEMONIC_VMMCALL, SIM_INSN_VMMCALL },
	{ ZYDIS_MNEMONIC_VMLOAD, SIM_INSN_VMLOAD },
	{ ZYDIS_MNEMONIC_VMSAVE, SIM_INSN_VMSAVE },
	{ ZYDIS_MNEMONIC_STGI, SIM_INSN_STGI },
	{ ZYDIS_MNEMONIC_CLGI, SIM_INSN_CLGI },
	{ ZYDIS_MNEMONIC_SKINIT, SIM_INSN_SKINIT },
	{ ZYDIS_MNEMONIC_INVLPGA, SIM_INSN_INVLPGA },
	{ ZYDIS_MNEMONIC_RDPRU, SIM_INSN_RDPRU },
	{ ZYDIS_MNEMONIC_INVLPGB, SIM_INSN_INVLPGB },
	{ ZYDIS_MNEMONIC_TLBSYNC, SIM_INSN_TLBSYNC },
	{ ZYDIS_MNEMONIC_MCOMMIT, SIM_INSN_MCOMMIT },
	{ ZYDIS_MNEMONIC_VMCALL, SIM_INSN_VMCALL },
	{ ZYDIS_MNEMONIC_VMLAUNCH, SIM_INSN_VMLAUNCH },
	{ ZYDIS_MNEMONIC_VMRESUME, SIM_INSN_VMRESUME },
	{ ZYDIS_MNEMONIC_VMXOFF, SIM_INSN_VMXOFF },
	{ ZYDIS_MNEMONIC_VMFUNC, SIM_INSN_VMFUNC },
	{ ZYDIS_MNEMONIC_VMREAD, SIM_INSN_VMREAD },
	{ ZYDIS_MNEMONIC_VMWRITE, SIM_INSN_VMWRITE },
	{ ZYDIS_MNEMONIC_VMPTRLD, SIM_INSN_VMPTRLD },
	{ ZYDIS_MNEMONIC_VMPTRST, SIM_INSN_VMPTRST },
	{ ZYDIS_MNEMONIC_VMCLEAR, SIM_INSN_VMCLEAR },
	{ ZYDIS_MNEMONIC_VMXON, SIM_INSN_VMXON },
	{ ZYDIS_MNEMONIC_INVEPT, SIM_INSN_INVEPT },
	{ ZYDIS_MNEMONIC_INVVPID, SIM_INSN_INVVPID },
};

/* What it needs CPL 0 for, and whether there is such a one, the kernel knows. */
static bool
whole_stop(struct interp *ip, enum sim_insn insn)
{
	ip->stop.u.insn = insn;
	return interp_stop(ip, SIM_STOP_INSN);
}

static bool
op_whole(struct interp *ip, const struct interp_insn *insn)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].mnemonic == insn->mnemonic)
			return whole_stop(ip, (enum sim_insn)names[i].insn);
	}
	return interp_fault(ip, INTERP_UD);
}

/* The clock may be the kernel's alone. */
static bool
op_clock(struct interp *ip, const struct interp_insn *insn)
{
	if (ip->cpl > 0 && (ip->state->crs[SIM_CR_CR4] & CR4_TSD))
		return interp_fault_code(ip, INTERP_GP, 0);
	return op_whole(ip, insn);
}

static bool
op_hlt(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (ip->cpl > 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	return interp_stop(ip, SIM_STOP_HLT);
}

static bool
op_cpuid(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return interp_stop(ip, SIM_STOP_CPUID);
}

static bool
op_rdmsr(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (ip->cpl > 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	ip->stop.u.msr.number = (uint32_t)ip->state->gprs[SIM_GPR_RCX];
	return interp_stop(ip, SIM_STOP_RDMSR);
}

static bool
op_wrmsr(struct interp *ip, const struct interp_insn *insn)
{
	const uint64_t *gprs = ip->state->gprs;

	(void)insn;
	if (ip->cpl > 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	ip->stop.u.msr.number = (uint32_t)gprs[SIM_GPR_RCX];
	ip->stop.u.msr.value = (gprs[SIM_GPR_RAX] & 0xFFFFFFFF) |
	    gprs[SIM_GPR_RDX] << 32;
	return interp_stop(ip, SIM_STOP_WRMSR);
}

const struct interp_op interp_ops_whole[] = {
	{ ZYDIS_MNEMONIC_HLT, op_hlt },
	{ ZYDIS_MNEMONIC_CPUID, op_cpuid },
	{ ZYDIS_MNEMONIC_RDMSR, op_rdmsr },
	{ ZYDIS_MNEMONIC_WRMSR, op_wrmsr },
	{ ZYDIS_MNEMONIC_RDTSC, op_clock },
	{ ZYDIS_MNEMONIC_RDTSCP, op_clock },
	{ ZYDIS_MNEMONIC_INVD, op_whole },
	{ ZYDIS_MNEMONIC_WBINVD, op_whole },
	{ ZYDIS_MNEMONIC_PAUSE, op_whole },
	{ ZYDIS_MNEMONIC_RDPMC, op_whole },
	{ ZYDIS_MNEMONIC_RSM, op_whole },
	{ ZYDIS_MNEMONIC_MONITOR, op_whole },
	{ ZYDIS_MNEMONIC_MWAIT, op_whole },
	{ ZYDIS_MNEMONIC_XSETBV, op_whole },
	{ ZYDIS_MNEMONIC_GETSEC, op_whole },
	{ ZYDIS_MNEMONIC_INVPCID, op_whole },
	{ ZYDIS_MNEMONIC_VMRUN, op_whole },
	{ ZYDIS_MNEMONIC_VMMCALL, op_whole },
	{ ZYDIS_MNEMONIC_VMLOAD, op_whole },
	{ ZYDIS_MNEMONIC_VMSAVE, op_whole },
	{ ZYDIS_MNEMONIC_STGI, op_whole },
	{ ZYDIS_MNEMONIC_CLGI, op_whole },
	{ ZYDIS_MNEMONIC_SKINIT, op_whole },
	{ ZYDIS_MNEMONIC_INVLPGA, op_whole },
	{ ZYDIS_MNEMONIC_RDPRU, op_whole },
	{ ZYDIS_MNEMONIC_INVLPGB, op_whole },
	{ ZYDIS_MNEMONIC_TLBSYNC, op_whole },
	{ ZYDIS_MNEMONIC_MCOMMIT, op_whole },
	{ ZYDIS_MNEMONIC_VMCALL, op_whole },
	{ ZYDIS_MNEMONIC_VMLAUNCH, op_whole },
	{ ZYDIS_MNEMONIC_VMRESUME, op_whole },
	{ ZYDIS_MNEMONIC_VMXOFF, op_whole },
	{ ZYDIS_MNEMONIC_VMFUNC, op_whole },
	{ ZYDIS_MNEMONIC_VMREAD, op_whole },
	{ ZYDIS_MNEMONIC_VMWRITE, op_whole },
	{ ZYDIS_MNEMONIC_VMPTRLD, op_whole },
	{ ZYDIS_MNEMONIC_VMPTRST, op_whole },
	{ ZYDIS_MNEMONIC_VMCLEAR, op_whole },
	{ ZYDIS_MNEMONIC_VMXON, op_whole },
	{ ZYDIS_MNEMONIC_INVEPT, op_whole },
	{ ZYDIS_MNEMONIC_INVVPID, op_whole },
	{ 0, NULL },
};
