/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decimal adjustments of AL and AH.  They are gone from 64-bit mode, where
 * their opcodes are invalid, which the decoder knows.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

static uint8_t
al(const struct interp *ip)
{
	return (uint8_t)ip->state->gprs[SIM_GPR_RAX];
}

static void
al_set(struct interp *ip, uint8_t value)
{
	interp_reg_set(ip, SIM_GPR_RAX, 1, false, value);
}

static void
ax_set(struct interp *ip, unsigned value)
{
	interp_reg_set(ip, SIM_GPR_RAX, 2, false, value);
}

/* Whether the low digit left the decimal system, or carried already. */
static bool
low_digit_wrong(const struct interp *ip)
{
	return (al(ip) & 0xf) > 9 || (interp_flags(ip) & INTERP_AF) != 0;
}

/* After an addition (sign 1) or subtraction (-1) of two packed digits. */
static bool
adjust_packed(struct interp *ip, int sign)
{
	uint8_t old = al(ip), value = old;
	uint64_t flags = 0;

	if (low_digit_wrong(ip)) {
		value = (uint8_t)(value + 6 * sign);
		flags |= INTERP_AF;
		/* DAS borrows out of AL here already. */
		if (sign < 0 && old < 6)
			flags |= INTERP_CF;
	}
	if (old > 0x99 || (interp_flags(ip) & INTERP_CF) != 0) {
		value = (uint8_t)(value + 0x60 * sign);
		flags |= INTERP_CF;
	}
	al_set(ip, value);
	interp_flags_set(ip, INTERP_STATUS,
	    flags | interp_flags_result(value, 1));
	return true;
}

static bool
op_daa(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return adjust_packed(ip, 1);
}

static bool
op_das(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return adjust_packed(ip, -1);
}

/* After an addition or subtraction of one digit; AH takes the carry. */
static bool
adjust_unpacked(struct interp *ip, int sign)
{
	unsigned ax = (uint16_t)ip->state->gprs[SIM_GPR_RAX];
	uint64_t flags = 0;

	if (low_digit_wrong(ip)) {
		ax += (unsigned)(0x106 * sign);
		flags = INTERP_AF | INTERP_CF;
	}
	ax &= 0xff0f;
	ax_set(ip, ax);
	interp_flags_set(ip, INTERP_STATUS,
	    flags | interp_flags_result(ax, 1));
	return true;
}

static bool
op_aaa(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return adjust_unpacked(ip, 1);
}

static bool
op_aas(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return adjust_unpacked(ip, -1);
}

/* The base is in the instruction; assemblers write 10. */
static bool
op_aam(struct interp *ip, const struct interp_insn *insn)
{
	unsigned base = (uint8_t)insn->operands[0].imm, value = al(ip);

	if (base == 0)
		return interp_fault(ip, INTERP_DE);
	ax_set(ip, value / base << 8 | value % base);
	interp_flags_set(ip, INTERP_STATUS,
	    interp_flags_result(value % base, 1));
	return true;
}

static bool
op_aad(struct interp *ip, const struct interp_insn *insn)
{
	unsigned base = (uint8_t)insn->operands[0].imm;
	unsigned ah = (unsigned)interp_reg_get(ip, SIM_GPR_RAX, 1, true);
	uint8_t value = (uint8_t)(al(ip) + ah * base);

	ax_set(ip, value);
	interp_flags_set(ip, INTERP_STATUS, interp_flags_result(value, 1));
	return true;
}

const struct interp_op interp_ops_bcd[] = {
	{ ZYDIS_MNEMONIC_AAA, op_aaa },
	{ ZYDIS_MNEMONIC_AAD, op_aad },
	{ ZYDIS_MNEMONIC_AAM, op_aam },
	{ ZYDIS_MNEMONIC_AAS, op_aas },
	{ ZYDIS_MNEMONIC_DAA, op_daa },
	{ ZYDIS_MNEMONIC_DAS, op_das },
	{ 0, NULL }
};
