/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Data moves between registers and memory, and what changes nothing but
 * RIP.  Flags stay, but for SAHF (Intel SDM vol. 1, 7.3.1).
 */
#include <Zydis/Zydis.h>
#include <stdatomic.h>

#include "engine/interp/interp.h"

/* Condition code of Jcc, SETcc and CMOVcc. */
static bool
holds(const struct interp *ip, const struct interp_insn *insn)
{
	return interp_condition(ip, insn->opcode & 15);
}

static bool
copy(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	return interp_get(ip, insn, 1, &value) &&
	    interp_put(ip, insn, 0, value);
}

/* Interrupts and debug traps wait until SS and (E)SP are both loaded. */
static bool
load_segment(struct interp *ip, unsigned seg, uint16_t selector)
{
	if (!interp_seg_load(ip, (enum sim_seg_index)seg, selector))
		return false;
	if (seg == SIM_SEG_SS)
		ip->shadow_next = true;
	return true;
}

static bool
mov_to_segment(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t selector;

	if (insn->operands[0].reg == SIM_SEG_CS)
		return interp_fault(ip, INTERP_UD);
	return interp_get(ip, insn, 1, &selector) &&
	    load_segment(ip, insn->operands[0].reg, (uint16_t)selector);
}

static bool
op_mov(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t to = insn->operands[0].kind, from = insn->operands[1].kind;

	if (to == INTERP_SEG)
		return mov_to_segment(ip, insn);
	if (to == INTERP_CR || to == INTERP_DR ||
	    from == INTERP_CR || from == INTERP_DR)
		return interp_mov_system(ip, insn);
	return copy(ip, insn);
}

static bool
op_movsx(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	return interp_get(ip, insn, 1, &value) && interp_put(ip, insn, 0,
	    interp_extend(value, insn->operands[1].size));
}

static bool
op_movbe(struct interp *ip, const struct interp_insn *insn)
{
	unsigned i, size = insn->operands[0].size;
	uint64_t value, swapped = 0;

	if (!interp_get(ip, insn, 1, &value))
		return false;
	for (i = 0; i < size; i++)
		swapped = swapped << 8 | (value >> (i * 8) & 0xff);
	return interp_put(ip, insn, 0, swapped);
}

static bool
op_lea(struct interp *ip, const struct interp_insn *insn)
{
	return interp_put(ip, insn, 0, interp_address(ip, insn));
}

/* The source is read, and 32-bit registers lose their upper half, always. */
static bool
op_cmov(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value, old;

	if (!interp_get(ip, insn, 1, &value) ||
	    !interp_get(ip, insn, 0, &old))
		return false;
	return interp_put(ip, insn, 0, holds(ip, insn) ? value : old);
}

static bool
op_set(struct interp *ip, const struct interp_insn *insn)
{
	return interp_put(ip, insn, 0, holds(ip, insn));
}

static bool
op_xlat(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t offset = ip->state->gprs[SIM_GPR_RBX] +
	    interp_reg_get(ip, SIM_GPR_RAX, 1, false), value;

	if (!interp_read(ip, (enum sim_seg_index)insn->seg,
	    offset & interp_mask(insn->address_size), 1, &value))
		return false;
	interp_reg_set(ip, SIM_GPR_RAX, 1, false, value);
	return true;
}

/* CBW, CWDE, CDQE: RAX from its lower half. */
static bool
op_cbw(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size;

	interp_reg_set(ip, SIM_GPR_RAX, size, false,
	    interp_extend(ip->state->gprs[SIM_GPR_RAX], size / 2));
	return true;
}

/* CWD, CDQ, CQO: RDX is RAX's sign. */
static bool
op_cwd(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size;
	bool negative = ip->state->gprs[SIM_GPR_RAX] & interp_sign(size);

	interp_reg_set(ip, SIM_GPR_RDX, size, false, negative ? ~0ULL : 0);
	return true;
}

/* What AH has of the flags. */
#define AH_FLAGS	(INTERP_STATUS & ~INTERP_OF_FLAG)

static bool
op_lahf(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_reg_set(ip, SIM_GPR_RAX, 1, true,
	    (interp_flags(ip) & AH_FLAGS) | SIM_RFLAGS_MBO);
	return true;
}

static bool
op_sahf(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	interp_flags_set(ip, AH_FLAGS,
	    interp_reg_get(ip, SIM_GPR_RAX, 1, true));
	return true;
}

/* LDS, LES, LFS, LGS, LSS: an offset and behind it a selector. */
static bool
load_far(struct interp *ip, const struct interp_insn *insn, unsigned seg)
{
	unsigned i, size = insn->operand_size;
	struct interp_access access;
	uint64_t offset = 0;
	uint8_t bytes[10];

	if (!interp_access(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), size + 2, SIM_ACCESS_READ, &access))
		return false;
	interp_load_bytes(&access, bytes);
	if (!load_segment(ip, seg,
	    (uint16_t)(bytes[size] | bytes[size + 1] << 8)))
		return false;
	for (i = 0; i < size; i++)
		offset |= (uint64_t)bytes[i] << (i * 8);
	return interp_put(ip, insn, 0, offset);
}

static bool
op_lds(struct interp *ip, const struct interp_insn *insn)
{
	return load_far(ip, insn, SIM_SEG_DS);
}

static bool
op_les(struct interp *ip, const struct interp_insn *insn)
{
	return load_far(ip, insn, SIM_SEG_ES);
}

static bool
op_lfs(struct interp *ip, const struct interp_insn *insn)
{
	return load_far(ip, insn, SIM_SEG_FS);
}

static bool
op_lgs(struct interp *ip, const struct interp_insn *insn)
{
	return load_far(ip, insn, SIM_SEG_GS);
}

static bool
op_lss(struct interp *ip, const struct interp_insn *insn)
{
	return load_far(ip, insn, SIM_SEG_SS);
}

/* Also all hints: a prefetch of an address that faults is dropped. */
static bool
op_nop(struct interp *ip, const struct interp_insn *insn)
{
	(void)ip;
	(void)insn;
	return true;
}

/* Loads and stores of guests are the host's relaxed ones. */
static bool
op_fence(struct interp *ip, const struct interp_insn *insn)
{
	(void)ip;
	(void)insn;
	atomic_thread_fence(memory_order_seq_cst);
	return true;
}

/* There is no cache to flush, but the address is checked as a load's. */
static bool
op_clflush(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	return interp_read(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), 1, &value);
}

#define CONDITIONS(prefix, handler)					\
	{ prefix##O, handler }, { prefix##NO, handler },		\
	{ prefix##B, handler }, { prefix##NB, handler },		\
	{ prefix##Z, handler }, { prefix##NZ, handler },		\
	{ prefix##BE, handler }, { prefix##NBE, handler },		\
	{ prefix##S, handler }, { prefix##NS, handler },		\
	{ prefix##P, handler }, { prefix##NP, handler },		\
	{ prefix##L, handler }, { prefix##NL, handler },		\
	{ prefix##LE, handler }, { prefix##NLE, handler }

const struct interp_op interp_ops_move[] = {
	{ ZYDIS_MNEMONIC_MOV, op_mov },
	{ ZYDIS_MNEMONIC_MOVZX, copy },
	{ ZYDIS_MNEMONIC_MOVSX, op_movsx },
	{ ZYDIS_MNEMONIC_MOVSXD, op_movsx },
	{ ZYDIS_MNEMONIC_MOVBE, op_movbe },
	{ ZYDIS_MNEMONIC_MOVNTI, copy },
	{ ZYDIS_MNEMONIC_LEA, op_lea },
	{ ZYDIS_MNEMONIC_XLAT, op_xlat },
	{ ZYDIS_MNEMONIC_CBW, op_cbw },
	{ ZYDIS_MNEMONIC_CWDE, op_cbw },
	{ ZYDIS_MNEMONIC_CDQE, op_cbw },
	{ ZYDIS_MNEMONIC_CWD, op_cwd },
	{ ZYDIS_MNEMONIC_CDQ, op_cwd },
	{ ZYDIS_MNEMONIC_CQO, op_cwd },
	{ ZYDIS_MNEMONIC_LAHF, op_lahf },
	{ ZYDIS_MNEMONIC_SAHF, op_sahf },
	{ ZYDIS_MNEMONIC_LDS, op_lds },
	{ ZYDIS_MNEMONIC_LES, op_les },
	{ ZYDIS_MNEMONIC_LFS, op_lfs },
	{ ZYDIS_MNEMONIC_LGS, op_lgs },
	{ ZYDIS_MNEMONIC_LSS, op_lss },
	{ ZYDIS_MNEMONIC_NOP, op_nop },
	{ ZYDIS_MNEMONIC_PAUSE, op_nop },
	{ ZYDIS_MNEMONIC_ENDBR32, op_nop },
	{ ZYDIS_MNEMONIC_ENDBR64, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCH, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCHW, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCHNTA, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCHT0, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCHT1, op_nop },
	{ ZYDIS_MNEMONIC_PREFETCHT2, op_nop },
	{ ZYDIS_MNEMONIC_LFENCE, op_fence },
	{ ZYDIS_MNEMONIC_SFENCE, op_fence },
	{ ZYDIS_MNEMONIC_MFENCE, op_fence },
	{ ZYDIS_MNEMONIC_CLFLUSH, op_clflush },
	{ ZYDIS_MNEMONIC_CLFLUSHOPT, op_clflush },
	{ ZYDIS_MNEMONIC_CLWB, op_clflush },
	CONDITIONS(ZYDIS_MNEMONIC_CMOV, op_cmov),
	CONDITIONS(ZYDIS_MNEMONIC_SET, op_set),
	{ 0, NULL },
};
