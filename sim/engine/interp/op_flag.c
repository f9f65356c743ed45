/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that change one flag.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

static bool
op_clc(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, INTERP_CF, 0);
	return true;
}

static bool
op_stc(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, INTERP_CF, INTERP_CF);
	return true;
}

static bool
op_cmc(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, INTERP_CF, ~interp_flags(ip));
	return true;
}

static bool
op_cld(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, INTERP_DF_FLAG, 0);
	return true;
}

static bool
op_std(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, INTERP_DF_FLAG, INTERP_DF_FLAG);
	return true;
}

/* In virtual-8086 mode CPL is 3, so that IOPL must be. */
static bool
if_allowed(struct interp *ip)
{
	return ip->cpl <= interp_iopl(ip) ||
	    interp_fault_code(ip, INTERP_GP, 0);
}

static bool
op_cli(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (!if_allowed(ip))
		return false;
	interp_flags_set(ip, INTERP_IF, 0);
	return true;
}

/* Where interrupts were off they wait for one more instruction. */
static bool
op_sti(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (!if_allowed(ip))
		return false;
	ip->shadow_next = (interp_flags(ip) & INTERP_IF) == 0;
	interp_flags_set(ip, INTERP_IF, INTERP_IF);
	return true;
}

/* AL from CF: in no manual for long, and in every processor. */
static bool
op_salc(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_reg_set(ip, SIM_GPR_RAX, 1, false,
	    interp_flags(ip) & INTERP_CF ? 0xff : 0);
	return true;
}

const struct interp_op interp_ops_flag[] = {
	{ ZYDIS_MNEMONIC_CLC, op_clc },
	{ ZYDIS_MNEMONIC_STC, op_stc },
	{ ZYDIS_MNEMONIC_CMC, op_cmc },
	{ ZYDIS_MNEMONIC_CLD, op_cld },
	{ ZYDIS_MNEMONIC_STD, op_std },
	{ ZYDIS_MNEMONIC_CLI, op_cli },
	{ ZYDIS_MNEMONIC_STI, op_sti },
	{ ZYDIS_MNEMONIC_SALC, op_salc },
	{ 0, NULL },
};
