/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Near control transfers: RIP changes, CS stays (Intel SDM vol. 1, 6.4.1 and
 * 7.3.8).  Far forms are op_far.c's.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/*
 * RIP as the operand size has it, if code may be fetched there: below the
 * limit of CS, or canonical in 64-bit code.
 */
static bool
reachable(struct interp *ip, const struct interp_insn *insn, uint64_t *target)
{
	bool good;

	*target &= interp_mask(insn->operand_size);
	if (ip->code_size == 8)
		good = interp_canonical(*target);
	else
		good = *target <= ip->state->segs[SIM_SEG_CS].limit;
	return good || interp_fault_code(ip, INTERP_GP, 0);
}

static bool
jump(struct interp *ip, const struct interp_insn *insn, uint64_t target)
{
	if (!reachable(ip, insn, &target))
		return false;
	ip->next_rip = target;
	return true;
}

/* Relative to the instruction behind, which next_rip begins as. */
static bool
jump_relative(struct interp *ip, const struct interp_insn *insn)
{
	return jump(ip, insn, ip->next_rip + insn->operands[0].imm);
}

/* Where a near JMP or CALL goes: relative, or by a register or memory. */
static bool
destination(struct interp *ip, const struct interp_insn *insn,
    uint64_t *target)
{
	if (!interp_get(ip, insn, 0, target))
		return false;
	if (insn->operands[0].kind == INTERP_IMM)
		*target += ip->next_rip;
	return reachable(ip, insn, target);
}

/* FF /3 and FF /5 have a selector behind the offset; so have 9A and EA. */
static bool
is_far(const struct interp_insn *insn)
{
	const struct interp_operand *operand = &insn->operands[0];

	return operand->kind == INTERP_FAR ||
	    (operand->kind == INTERP_MEM && operand->size > insn->operand_size);
}

static bool
op_jmp(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t target;

	if (is_far(insn))
		return interp_jmp_far(ip, insn);
	if (!destination(ip, insn, &target))
		return false;
	ip->next_rip = target;
	return true;
}

static bool
op_call(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t target;

	if (is_far(insn))
		return interp_call_far(ip, insn);
	if (!destination(ip, insn, &target) ||
	    !interp_push(ip, insn->operand_size, ip->next_rip))
		return false;
	ip->next_rip = target;
	return true;
}

static bool
op_ret(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size;
	uint64_t target, arguments = 0;

	if (insn->opcode == 0xCA || insn->opcode == 0xCB)
		return interp_ret_far(ip, insn);
	if (insn->noperands > 0)
		arguments = insn->operands[0].imm & 0xffff;
	if (!interp_peek(ip, 0, size, &target) || !jump(ip, insn, target))
		return false;
	interp_stack_drop(ip, size + (unsigned)arguments);
	return true;
}

static bool
op_jcc(struct interp *ip, const struct interp_insn *insn)
{
	if (!interp_condition(ip, insn->opcode & 15))
		return true;
	return jump_relative(ip, insn);
}

/* JCXZ, JECXZ, JRCXZ: the address size says which part of RCX. */
static bool
op_jcxz(struct interp *ip, const struct interp_insn *insn)
{
	if (interp_reg_get(ip, SIM_GPR_RCX, insn->address_size, false) != 0)
		return true;
	return jump_relative(ip, insn);
}

/* LOOP counts, and goes on while RCX is not 0 and ZF is as wanted. */
static bool
loop(struct interp *ip, const struct interp_insn *insn, bool zf_good)
{
	unsigned size = insn->address_size;
	uint64_t count = interp_reg_get(ip, SIM_GPR_RCX, size, false) - 1;

	if ((count & interp_mask(size)) != 0 && zf_good &&
	    !jump_relative(ip, insn))
		return false;
	interp_reg_set(ip, SIM_GPR_RCX, size, false, count);
	return true;
}

static bool
op_loop(struct interp *ip, const struct interp_insn *insn)
{
	return loop(ip, insn, true);
}

static bool
op_loope(struct interp *ip, const struct interp_insn *insn)
{
	return loop(ip, insn, (interp_flags(ip) & INTERP_ZF) != 0);
}

static bool
op_loopne(struct interp *ip, const struct interp_insn *insn)
{
	return loop(ip, insn, (interp_flags(ip) & INTERP_ZF) == 0);
}

const struct interp_op interp_ops_control[] = {
	{ ZYDIS_MNEMONIC_JMP, op_jmp },
	{ ZYDIS_MNEMONIC_CALL, op_call },
	{ ZYDIS_MNEMONIC_RET, op_ret },
	{ ZYDIS_MNEMONIC_JCXZ, op_jcxz },
	{ ZYDIS_MNEMONIC_JECXZ, op_jcxz },
	{ ZYDIS_MNEMONIC_JRCXZ, op_jcxz },
	{ ZYDIS_MNEMONIC_LOOP, op_loop },
	{ ZYDIS_MNEMONIC_LOOPE, op_loope },
	{ ZYDIS_MNEMONIC_LOOPNE, op_loopne },
	{ ZYDIS_MNEMONIC_JO, op_jcc },
	{ ZYDIS_MNEMONIC_JNO, op_jcc },
	{ ZYDIS_MNEMONIC_JB, op_jcc },
	{ ZYDIS_MNEMONIC_JNB, op_jcc },
	{ ZYDIS_MNEMONIC_JZ, op_jcc },
	{ ZYDIS_MNEMONIC_JNZ, op_jcc },
	{ ZYDIS_MNEMONIC_JBE, op_jcc },
	{ ZYDIS_MNEMONIC_JNBE, op_jcc },
	{ ZYDIS_MNEMONIC_JS, op_jcc },
	{ ZYDIS_MNEMONIC_JNS, op_jcc },
	{ ZYDIS_MNEMONIC_JP, op_jcc },
	{ ZYDIS_MNEMONIC_JNP, op_jcc },
	{ ZYDIS_MNEMONIC_JL, op_jcc },
	{ ZYDIS_MNEMONIC_JNL, op_jcc },
	{ ZYDIS_MNEMONIC_JLE, op_jcc },
	{ ZYDIS_MNEMONIC_JNLE, op_jcc },
	{ 0, NULL },
};
