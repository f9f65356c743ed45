/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast calls between user and kernel: segments are flat and come from MSRs,
 * not from tables (Intel SDM vol. 3, 5.8.7 and 5.8.8; AMD APM vol. 2, 6.1).
 */
#include <Zydis/Zydis.h>

#include "engine/interp/far.h"

#define EFER_SCE	0x1ULL

/* Flat segments, DPL 0 and accessed. */
#define FLAT_CODE	(0x000BU | SIM_ATTRIB_S | SIM_ATTRIB_P | SIM_ATTRIB_G)
#define FLAT_DATA							\
	(0x0003U | SIM_ATTRIB_S | SIM_ATTRIB_P | SIM_ATTRIB_DEF | SIM_ATTRIB_G)

/* What SYSRET takes from R11. */
#define SYSRET_FLAGS	0x3C7FD7ULL

/* CS and SS by rule, and RIP.  Always true. */
static bool
flat_enter(struct interp *ip, unsigned cs, unsigned ss, bool code64,
    uint64_t rip, unsigned cpl)
{
	uint16_t dpl = (uint16_t)(cpl << SIM_ATTRIB_DPL_SHIFT);
	struct sim_seg code = {
		.limit = 0xFFFFFFFF,
		.attrib = (uint16_t)(FLAT_CODE | dpl |
		    (code64 ? SIM_ATTRIB_L : SIM_ATTRIB_DEF)),
	};

	ip->state->segs[SIM_SEG_SS] = (struct sim_seg){
		.selector = (uint16_t)((ss & ~SELECTOR_RPL) | cpl),
		.limit = 0xFFFFFFFF,
		.attrib = (uint16_t)(FLAT_DATA | dpl),
	};
	return interp_code_load(ip, (uint16_t)((cs & ~SELECTOR_RPL) | cpl),
	    &code, rip, cpl);
}

static bool
calls_enabled(const struct interp *ip)
{
	return (ip->state->msrs[SIM_MSR_EFER] & EFER_SCE) &&
	    interp_protected(ip);
}

static bool
op_syscall(struct interp *ip, const struct interp_insn *insn)
{
	const uint64_t *msrs = ip->state->msrs;
	unsigned cs = (unsigned)(msrs[SIM_MSR_STAR] >> 32) & 0xFFFF;
	uint64_t *gprs = ip->state->gprs, rip;

	(void)insn;
	if (!calls_enabled(ip))
		return interp_fault(ip, INTERP_UD);
	gprs[SIM_GPR_RCX] = ip->next_rip;
	if (interp_long(ip)) {
		rip = msrs[ip->code_size == 8 ? SIM_MSR_LSTAR :
		    SIM_MSR_CSTAR];
		gprs[SIM_GPR_R11] = interp_flags(ip) & ~INTERP_RF;
		interp_flags_set(ip, msrs[SIM_MSR_SFMASK] & ~SIM_RFLAGS_MBO,
		    0);
	} else {
		rip = msrs[SIM_MSR_STAR] & 0xFFFFFFFF;
		interp_flags_set(ip, INTERP_IF, 0);
	}
	interp_flags_set(ip, INTERP_RF, 0);
	return flat_enter(ip, cs, cs + 8, interp_long(ip), rip, 0);
}

/* With 64-bit operands to 64-bit code, whose segment is two further on. */
static bool
op_sysret(struct interp *ip, const struct interp_insn *insn)
{
	unsigned cs = (unsigned)(ip->state->msrs[SIM_MSR_STAR] >> 48);
	bool to64 = ip->code_size == 8 && insn->operand_size == 8;
	const uint64_t *gprs = ip->state->gprs;
	uint64_t rip = gprs[SIM_GPR_RCX];

	if (!calls_enabled(ip))
		return interp_fault(ip, INTERP_UD);
	if (ip->cpl != 0 || (to64 && !interp_canonical(rip)))
		return interp_fault_code(ip, INTERP_GP, 0);
	if (interp_long(ip))
		ip->state->gprs[SIM_GPR_RFLAGS] = SIM_RFLAGS_MBO |
		    (gprs[SIM_GPR_R11] & SYSRET_FLAGS);
	else
		interp_flags_set(ip, INTERP_IF, INTERP_IF);
	return flat_enter(ip, to64 ? cs + 16 : cs, cs + 8, to64,
	    to64 ? rip : rip & 0xFFFFFFFF, 3);
}

/* The segment that both SYSENTER and SYSEXIT count from; 0: unusable. */
static unsigned
sysenter_cs(const struct interp *ip)
{
	if ((ip->state->crs[SIM_CR_CR0] & SIM_CR0_PE) == 0)
		return 0;
	return ip->state->msrs[SIM_MSR_SYSENTER_CS] & 0xFFFC;
}

static bool
op_sysenter(struct interp *ip, const struct interp_insn *insn)
{
	const uint64_t *msrs = ip->state->msrs;
	uint64_t mask = interp_mask(interp_long(ip) ? 8 : 4);
	unsigned cs = sysenter_cs(ip);

	(void)insn;
	if (cs == 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	interp_flags_set(ip, INTERP_VM | INTERP_IF | INTERP_RF, 0);
	ip->state->gprs[SIM_GPR_RSP] = msrs[SIM_MSR_SYSENTER_ESP] & mask;
	return flat_enter(ip, cs, cs + 8, interp_long(ip),
	    msrs[SIM_MSR_SYSENTER_EIP] & mask, 0);
}

static bool
op_sysexit(struct interp *ip, const struct interp_insn *insn)
{
	bool to64 = ip->code_size == 8 && insn->operand_size == 8;
	uint64_t rip = ip->state->gprs[SIM_GPR_RDX];
	uint64_t rsp = ip->state->gprs[SIM_GPR_RCX];
	unsigned cs = sysenter_cs(ip);

	if (cs == 0 || ip->cpl != 0 || (to64 &&
	    (!interp_canonical(rip) || !interp_canonical(rsp))))
		return interp_fault_code(ip, INTERP_GP, 0);
	cs += to64 ? 32 : 16;
	ip->state->gprs[SIM_GPR_RSP] = rsp & interp_mask(to64 ? 8 : 4);
	return flat_enter(ip, cs, cs + 8, to64,
	    rip & interp_mask(to64 ? 8 : 4), 3);
}

static bool
op_swapgs(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t *kernel = &ip->state->msrs[SIM_MSR_KERNELGSBASE];
	uint64_t *base = &ip->state->segs[SIM_SEG_GS].base, old = *base;

	(void)insn;
	if (ip->cpl != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	*base = *kernel;
	*kernel = old;
	return true;
}

const struct interp_op interp_ops_syscall[] = {
	{ ZYDIS_MNEMONIC_SYSCALL, op_syscall },
	{ ZYDIS_MNEMONIC_SYSRET, op_sysret },
	{ ZYDIS_MNEMONIC_SYSENTER, op_sysenter },
	{ ZYDIS_MNEMONIC_SYSEXIT, op_sysexit },
	{ ZYDIS_MNEMONIC_SWAPGS, op_swapgs },
	{ 0, NULL },
};
