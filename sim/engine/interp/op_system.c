/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control and debug registers, and small privileged instructions.  Writes to
 * control registers are the kernel's, which knows what is valid (Intel SDM
 * vol. 3, 2.5 and 17.2).
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

#define CR0_TS		0x08ULL
#define CR0_MSW		0x0FULL	/* what LMSW writes: PE, MP, EM, TS */
#define CR4_DE		0x00008ULL
#define CR4_UMIP	0x00800ULL
#define CR4_FSGSBASE	0x10000ULL

#define DR6_BD		0x2000ULL
#define DR6_FIXED	0xFFFF0FF0ULL
#define DR6_VALID	0x0000E00FULL
#define DR7_GD		0x2000ULL
#define DR7_FIXED	0x00000400ULL
#define DR7_VALID	0xFFFF23FFULL

static bool
supervisor(struct interp *ip)
{
	return ip->cpl == 0 || interp_fault_code(ip, INTERP_GP, 0);
}

/* --- control registers --- */

/* Where a control register is in the state, or -1. */
static int
cr_index(unsigned number)
{
	switch (number) {
	case 0:
		return SIM_CR_CR0;
	case 2:
		return SIM_CR_CR2;
	case 3:
		return SIM_CR_CR3;
	case 4:
		return SIM_CR_CR4;
	case 8:
		return SIM_CR_CR8;
	default:
		return -1;
	}
}

/*
 * Writing CR3 forgets translations even if its value stays; to forget them
 * when the kernel then refuses the value does no harm.
 */
static bool
cr_write(struct interp *ip, unsigned number, uint64_t value)
{
	if (number == 3)
		interp_tlb_flush(ip, false);
	ip->stop.u.cr.number = (uint8_t)number;
	ip->stop.u.cr.value = value;
	return interp_stop(ip, SIM_STOP_CR_WRITE);
}

static bool
mov_cr(struct interp *ip, const struct interp_insn *insn, bool write)
{
	unsigned number = insn->operands[write ? 0 : 1].reg;
	int i = cr_index(number);
	uint64_t value;

	if (i < 0)
		return interp_fault(ip, INTERP_UD);
	if (!supervisor(ip))
		return false;
	if (!write)
		return interp_put(ip, insn, 0, ip->state->crs[i]);
	return interp_get(ip, insn, 1, &value) &&
	    cr_write(ip, number, value);
}

static bool
op_clts(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return supervisor(ip) &&
	    cr_write(ip, 0, ip->state->crs[SIM_CR_CR0] & ~CR0_TS);
}

/* PE can be set by it, but not cleared. */
static bool
op_lmsw(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t cr0 = ip->state->crs[SIM_CR_CR0], value;

	return supervisor(ip) && interp_get(ip, insn, 0, &value) &&
	    cr_write(ip, 0, (cr0 & (~CR0_MSW | SIM_CR0_PE)) |
	    (value & CR0_MSW));
}

static bool
op_smsw(struct interp *ip, const struct interp_insn *insn)
{
	if (ip->cpl > 0 && (ip->state->crs[SIM_CR_CR4] & CR4_UMIP))
		return interp_fault_code(ip, INTERP_GP, 0);
	return interp_put(ip, insn, 0, ip->state->crs[SIM_CR_CR0]);
}

/* --- debug registers --- */

/*
 * Where a debug register is, or -1: #UD.  DR4 and DR5 are other names of DR6
 * and DR7, unless CR4.DE is set.
 */
static int
dr_index(const struct interp *ip, unsigned number)
{
	if (number < 4)
		return SIM_DR_DR0 + (int)number;
	if (number > 7 || (number < 6 &&
	    (ip->state->crs[SIM_CR_CR4] & CR4_DE)))
		return -1;
	return number & 1 ? SIM_DR_DR7 : SIM_DR_DR6;
}

static bool
dr_write(struct interp *ip, int i, uint64_t value)
{
	if (i < SIM_DR_DR6) {
		ip->state->drs[i] = value;
		return true;
	}
	if (value >> 32 != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	ip->state->drs[i] = i == SIM_DR_DR6 ?
	    (value & DR6_VALID) | DR6_FIXED :
	    (value & DR7_VALID) | DR7_FIXED;
	interp_debug_update(ip);
	return true;
}

static bool
mov_dr(struct interp *ip, const struct interp_insn *insn, bool write)
{
	int i = dr_index(ip, insn->operands[write ? 0 : 1].reg);
	uint64_t *drs = ip->state->drs, value;

	if (!supervisor(ip))
		return false;
	if (i < 0)
		return interp_fault(ip, INTERP_UD);
	if (drs[SIM_DR_DR7] & DR7_GD) {
		drs[SIM_DR_DR6] |= DR6_BD;
		return interp_fault(ip, INTERP_DB);
	}
	if (!write)
		return interp_put(ip, insn, 0, drs[i]);
	return interp_get(ip, insn, 1, &value) && dr_write(ip, i, value);
}

bool
interp_mov_system(struct interp *ip, const struct interp_insn *insn)
{
	bool write = insn->operands[0].kind != INTERP_GPR;

	if (insn->operands[write ? 0 : 1].kind == INTERP_CR)
		return mov_cr(ip, insn, write);
	return mov_dr(ip, insn, write);
}

/* --- the rest --- */

/*
 * A page may be part of a large one, whose other parts stand apart in the
 * TLB: all are forgotten, which a processor may do.
 */
static bool
op_invlpg(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (!supervisor(ip))
		return false;
	interp_tlb_flush(ip, true);
	return true;
}

static bool
op_xgetbv(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t xcr0 = ip->state->crs[SIM_CR_XCR0];

	(void)insn;
	if ((ip->state->crs[SIM_CR_CR4] & SIM_CR4_OSXSAVE) == 0)
		return interp_fault(ip, INTERP_UD);
	if ((ip->state->gprs[SIM_GPR_RCX] & 0xFFFFFFFF) != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	ip->state->gprs[SIM_GPR_RAX] = xcr0 & 0xFFFFFFFF;
	ip->state->gprs[SIM_GPR_RDX] = xcr0 >> 32;
	return true;
}

static bool
ac_set(struct interp *ip, uint64_t value)
{
	if (ip->cpl > 0)
		return interp_fault(ip, INTERP_UD);
	interp_flags_set(ip, INTERP_AC_FLAG, value);
	return true;
}

static bool
op_clac(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return ac_set(ip, 0);
}

static bool
op_stac(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return ac_set(ip, INTERP_AC_FLAG);
}

static bool
bases_enabled(struct interp *ip)
{
	return (ip->state->crs[SIM_CR_CR4] & CR4_FSGSBASE) ||
	    interp_fault(ip, INTERP_UD);
}

static bool
base_read(struct interp *ip, const struct interp_insn *insn,
    enum sim_seg_index seg)
{
	return bases_enabled(ip) &&
	    interp_put(ip, insn, 0, ip->state->segs[seg].base);
}

static bool
base_write(struct interp *ip, const struct interp_insn *insn,
    enum sim_seg_index seg)
{
	uint64_t base;

	if (!bases_enabled(ip) || !interp_get(ip, insn, 0, &base))
		return false;
	if (!interp_canonical(base))
		return interp_fault_code(ip, INTERP_GP, 0);
	ip->state->segs[seg].base = base;
	return true;
}

static bool
op_rdfsbase(struct interp *ip, const struct interp_insn *insn)
{
	return base_read(ip, insn, SIM_SEG_FS);
}

static bool
op_rdgsbase(struct interp *ip, const struct interp_insn *insn)
{
	return base_read(ip, insn, SIM_SEG_GS);
}

static bool
op_wrfsbase(struct interp *ip, const struct interp_insn *insn)
{
	return base_write(ip, insn, SIM_SEG_FS);
}

static bool
op_wrgsbase(struct interp *ip, const struct interp_insn *insn)
{
	return base_write(ip, insn, SIM_SEG_GS);
}

const struct interp_op interp_ops_system[] = {
	{ ZYDIS_MNEMONIC_CLTS, op_clts },
	{ ZYDIS_MNEMONIC_LMSW, op_lmsw },
	{ ZYDIS_MNEMONIC_SMSW, op_smsw },
	{ ZYDIS_MNEMONIC_INVLPG, op_invlpg },
	{ ZYDIS_MNEMONIC_XGETBV, op_xgetbv },
	{ ZYDIS_MNEMONIC_CLAC, op_clac },
	{ ZYDIS_MNEMONIC_STAC, op_stac },
	{ ZYDIS_MNEMONIC_RDFSBASE, op_rdfsbase },
	{ ZYDIS_MNEMONIC_RDGSBASE, op_rdgsbase },
	{ ZYDIS_MNEMONIC_WRFSBASE, op_wrfsbase },
	{ ZYDIS_MNEMONIC_WRGSBASE, op_wrgsbase },
	{ 0, NULL },
};
