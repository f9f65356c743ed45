/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CMPXCHG and its wide forms, the foundation of all locks.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/*
 * Memory is written in any case (with what it had), so that it must be
 * writable in any case.  A 32-bit register that is not equal keeps its upper
 * half: it is not written.
 */
bool
interp_op_cmpxchg(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	uint64_t expected = interp_reg_get(ip, SIM_GPR_RAX, size, false);
	uint64_t replacement, old;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &replacement) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &old))
		return false;
	while ((rmw.memory || rmw.old == expected) &&
	    !interp_rmw_commit(ip, insn, &rmw,
	    rmw.old == expected ? replacement : rmw.old))
		continue;
	if (rmw.old != expected)
		interp_reg_set(ip, SIM_GPR_RAX, size, false, rmw.old);
	interp_flags_set(ip, INTERP_STATUS,
	    interp_flags_sub(expected, rmw.old, 0, size));
	return true;
}

bool
interp_op_cmpxchg8b(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t *gprs = ip->state->gprs;
	uint64_t expected = gprs[SIM_GPR_RDX] << 32 |
	    (uint32_t)gprs[SIM_GPR_RAX];
	uint64_t replacement = gprs[SIM_GPR_RCX] << 32 |
	    (uint32_t)gprs[SIM_GPR_RBX];
	struct interp_rmw rmw;
	uint64_t old;
	bool equal;

	if (!interp_rmw_begin(ip, insn, 0, &rmw, &old))
		return false;
	do
		equal = rmw.old == expected;
	while (!interp_rmw_commit(ip, insn, &rmw,
	    equal ? replacement : rmw.old));
	if (!equal) {
		gprs[SIM_GPR_RAX] = (uint32_t)rmw.old;
		gprs[SIM_GPR_RDX] = rmw.old >> 32;
	}
	interp_flags_set(ip, INTERP_ZF, equal ? INTERP_ZF : 0);
	return true;
}

/* Both halves must be seen to change at once. */
static bool
store_pair(struct interp *ip, const struct interp_insn *insn,
    const struct interp_access *access, const uint64_t expected[2],
    const uint64_t value[2])
{
	if (insn->lock)
		return interp_store_pair_if(ip, access, expected, value);
	interp_store_bytes(ip, access, value);
	return true;
}

/* An operand that is not aligned is #GP(0), before paging is asked. */
bool
interp_op_cmpxchg16b(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t *gprs = ip->state->gprs, old[2];
	const uint64_t expected[2] = { gprs[SIM_GPR_RAX], gprs[SIM_GPR_RDX] };
	const uint64_t value[2] = { gprs[SIM_GPR_RBX], gprs[SIM_GPR_RCX] };
	enum sim_seg_index seg = (enum sim_seg_index)insn->seg;
	uint64_t offset = interp_address(ip, insn), linear;
	struct interp_access access;
	bool equal;

	if (!interp_linear(ip, seg, offset, 16, SIM_ACCESS_WRITE, &linear))
		return false;
	if (linear % 16 != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!interp_access(ip, seg, offset, 16, SIM_ACCESS_WRITE, &access))
		return false;
	do {
		interp_load_bytes(&access, old);
		equal = old[0] == expected[0] && old[1] == expected[1];
	} while (!store_pair(ip, insn, &access, old, equal ? value : old));
	if (!equal) {
		gprs[SIM_GPR_RAX] = old[0];
		gprs[SIM_GPR_RDX] = old[1];
	}
	interp_flags_set(ip, INTERP_ZF, equal ? INTERP_ZF : 0);
	return true;
}
