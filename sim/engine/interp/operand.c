/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of instructions: registers, immediates, and memory by its offset
 * in a segment (Intel SDM vol. 1, 3.7).  Which bytes of memory these are, and
 * whether they may be touched, is known to segment.c, paging.c and memory.c.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

uint64_t
interp_address(const struct interp *ip, const struct interp_insn *insn)
{
	const uint64_t *gprs = ip->state->gprs;
	uint64_t offset = (uint64_t)insn->disp;

	/* Relative to the instruction behind, which next_rip begins as. */
	if (insn->base == INTERP_RIP)
		offset += ip->next_rip;
	else if (insn->base != INTERP_NOREG)
		offset += gprs[insn->base];
	if (insn->index != INTERP_NOREG)
		offset += gprs[insn->index] * insn->scale;
	return offset & interp_mask(insn->address_size);
}

/* Where memory operand i is, if it may be touched so. */
static bool
memory_access(struct interp *ip, const struct interp_insn *insn, unsigned i,
    enum sim_access kind, struct interp_access *access)
{
	return interp_access(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), insn->operands[i].size, kind, access);
}

bool
interp_get(struct interp *ip, const struct interp_insn *insn, unsigned i,
    uint64_t *value)
{
	const struct interp_operand *operand = &insn->operands[i];
	struct interp_access access;

	switch (operand->kind) {
	case INTERP_GPR:
		*value = interp_reg_get(ip, operand->reg, operand->size,
		    operand->high);
		return true;
	case INTERP_IMM:
		*value = operand->imm;
		return true;
	case INTERP_MEM:
		if (!memory_access(ip, insn, i, SIM_ACCESS_READ, &access))
			return false;
		*value = interp_load(&access);
		return true;
	case INTERP_SEG:
		*value = ip->state->segs[operand->reg].selector;
		return true;
	default:
		return interp_fault(ip, INTERP_UD);
	}
}

bool
interp_put(struct interp *ip, const struct interp_insn *insn, unsigned i,
    uint64_t value)
{
	const struct interp_operand *operand = &insn->operands[i];
	struct interp_access access;

	switch (operand->kind) {
	case INTERP_GPR:
		interp_reg_set(ip, operand->reg, operand->size,
		    operand->high, value);
		return true;
	case INTERP_MEM:
		if (!memory_access(ip, insn, i, SIM_ACCESS_WRITE, &access))
			return false;
		interp_store(ip, &access, value);
		return true;
	default:
		return interp_fault(ip, INTERP_UD);
	}
}

bool
interp_rmw_begin(struct interp *ip, const struct interp_insn *insn,
    unsigned i, struct interp_rmw *rmw, uint64_t *value)
{
	return interp_rmw_begin_at(ip, insn, i, interp_address(ip, insn), rmw,
	    value);
}

bool
interp_rmw_begin_at(struct interp *ip, const struct interp_insn *insn,
    unsigned i, uint64_t offset, struct interp_rmw *rmw, uint64_t *value)
{
	const struct interp_operand *operand = &insn->operands[i];

	rmw->operand = i;
	rmw->memory = operand->kind == INTERP_MEM;
	rmw->atomic = false;
	if (rmw->memory) {
		/* XCHG locks by itself. */
		rmw->atomic = insn->lock ||
		    insn->mnemonic == ZYDIS_MNEMONIC_XCHG;
		if (!interp_access(ip, (enum sim_seg_index)insn->seg, offset,
		    operand->size, SIM_ACCESS_WRITE, &rmw->access))
			return false;
		rmw->old = interp_load(&rmw->access);
	} else
		rmw->old = interp_reg_get(ip, operand->reg, operand->size,
		    operand->high);
	*value = rmw->old;
	return true;
}

bool
interp_rmw_commit(struct interp *ip, const struct interp_insn *insn,
    struct interp_rmw *rmw, uint64_t value)
{
	const struct interp_operand *operand = &insn->operands[rmw->operand];

	value &= interp_mask(operand->size);
	if (!rmw->memory) {
		interp_reg_set(ip, operand->reg, operand->size, operand->high,
		    value);
		return true;
	}
	if (!rmw->atomic) {
		interp_store(ip, &rmw->access, value);
		return true;
	}
	if (interp_store_if(ip, &rmw->access, rmw->old, value))
		return true;
	rmw->old = interp_load(&rmw->access);
	return false;
}
