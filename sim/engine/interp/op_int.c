/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that code asks for: INT n and its short forms, BOUND, UD0 to
 * UD2 (Intel SDM vol. 2, "INT n", "BOUND", "UD").
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

static bool
software_interrupt(struct interp *ip, unsigned vector)
{
	const struct sim_event event = { .vector = (uint8_t)vector };

	return interp_deliver(ip, &event, true);
}

/* Below IOPL 3 it is the monitor's of virtual-8086 mode. */
static bool
op_int(struct interp *ip, const struct interp_insn *insn)
{
	if (interp_vm86(ip) && interp_iopl(ip) < 3)
		return interp_fault_code(ip, INTERP_GP, 0);
	return software_interrupt(ip, insn->operands[0].imm & 0xFF);
}

static bool
op_int3(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return software_interrupt(ip, INTERP_BP);
}

static bool
op_into(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if ((interp_flags(ip) & INTERP_OF_FLAG) == 0)
		return true;
	return software_interrupt(ip, INTERP_OF);
}

/* A #DB like the processor's own: the gate's DPL does not matter. */
static bool
op_int1(struct interp *ip, const struct interp_insn *insn)
{
	const struct sim_event event = { .vector = INTERP_DB };

	(void)insn;
	return interp_deliver_at(ip, &event, false, ip->next_rip);
}

/* A signed index between two bounds in memory, both included. */
static bool
op_bound(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size;
	uint64_t index, low, high, offset = interp_address(ip, insn);
	enum sim_seg_index seg = (enum sim_seg_index)insn->seg;

	if (!interp_get(ip, insn, 0, &index) ||
	    !interp_read(ip, seg, offset, size, &low) ||
	    !interp_read(ip, seg, (offset + size) &
	    interp_mask(insn->address_size), size, &high))
		return false;
	index = interp_extend(index, size);
	if ((int64_t)index < (int64_t)interp_extend(low, size) ||
	    (int64_t)index > (int64_t)interp_extend(high, size))
		return interp_fault(ip, INTERP_BR);
	return true;
}

static bool
op_ud(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return interp_fault(ip, INTERP_UD);
}

const struct interp_op interp_ops_int[] = {
	{ ZYDIS_MNEMONIC_INT, op_int },
	{ ZYDIS_MNEMONIC_INT3, op_int3 },
	{ ZYDIS_MNEMONIC_INTO, op_into },
	{ ZYDIS_MNEMONIC_INT1, op_int1 },
	{ ZYDIS_MNEMONIC_BOUND, op_bound },
	{ ZYDIS_MNEMONIC_UD0, op_ud },
	{ ZYDIS_MNEMONIC_UD1, op_ud },
	{ ZYDIS_MNEMONIC_UD2, op_ud },
	{ 0, NULL },
};
