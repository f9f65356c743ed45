/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SSE registers and their moves (Intel SDM vol. 1, 10.4.1 and 11.4.1), with
 * those of MMX, whose registers are the x87 ones.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/sse.h"

static uint8_t *
xmm(const struct interp *ip, unsigned reg)
{
	return ip->state->fpu + INTERP_FX_XMM + reg * INTERP_XMM_SIZE;
}

static unsigned
top(const struct interp *ip)
{
	return (unsigned)(interp_word_get(ip->state->fpu + INTERP_FX_SW, 2) &
	    INTERP_SW_TOP) >> INTERP_SW_TOP_SHIFT;
}

/* The image has ST(0) first, MMX registers do not move with TOP. */
static uint8_t *
mmx(const struct interp *ip, unsigned reg)
{
	return ip->state->fpu + INTERP_FX_ST +
	    ((reg - top(ip)) & 7) * INTERP_FX_ST_SIZE;
}

void
interp_fpu_turn(struct interp *ip, unsigned to)
{
	uint8_t *fpu = ip->state->fpu, old[8 * INTERP_FX_ST_SIZE];
	unsigned i, from = top(ip);
	uint64_t status = interp_word_get(fpu + INTERP_FX_SW, 2);

	memcpy(old, fpu + INTERP_FX_ST, sizeof(old));
	for (i = 0; from != to && i < 8; i++)
		memcpy(fpu + INTERP_FX_ST + i * INTERP_FX_ST_SIZE,
		    old + ((i + to - from) & 7) * INTERP_FX_ST_SIZE,
		    INTERP_FX_ST_SIZE);
	interp_word_put(fpu + INTERP_FX_SW, 2, (status & ~INTERP_SW_TOP) |
	    (uint64_t)to << INTERP_SW_TOP_SHIFT);
}

/* Each MMX instruction makes TOP 0 and all registers valid. */
static void
mmx_enter(struct interp *ip)
{
	ip->state->fpu[SIM_FPU_TW] = 0xff;
	interp_fpu_turn(ip, 0);
}

bool
interp_sse_usable(struct interp *ip)
{
	const uint64_t *crs = ip->state->crs;

	if ((crs[SIM_CR_CR0] & INTERP_CR0_EM) ||
	    !(crs[SIM_CR_CR4] & INTERP_CR4_OSFXSR))
		return interp_fault(ip, INTERP_UD);
	if (crs[SIM_CR_CR0] & INTERP_CR0_TS)
		return interp_fault(ip, INTERP_NM);
	return true;
}

/* Without CR0.NE an interrupt controller would tell: none does. */
bool
interp_fpu_pending(struct interp *ip)
{
	if ((ip->state->crs[SIM_CR_CR0] & SIM_CR0_NE) &&
	    (interp_word_get(ip->state->fpu + INTERP_FX_SW, 2) &
	    INTERP_SW_ES))
		return interp_fault(ip, INTERP_MF);
	return true;
}

static bool
mmx_usable(struct interp *ip)
{
	uint64_t cr0 = ip->state->crs[SIM_CR_CR0];

	if (cr0 & INTERP_CR0_EM)
		return interp_fault(ip, INTERP_UD);
	if (cr0 & INTERP_CR0_TS)
		return interp_fault(ip, INTERP_NM);
	return interp_fpu_pending(ip);
}

static bool
has(const struct interp_insn *insn, enum interp_operand_kind kind)
{
	unsigned i;

	for (i = 0; i < insn->noperands; i++) {
		if (insn->operands[i].kind == kind)
			return true;
	}
	return false;
}

bool
interp_simd_usable(struct interp *ip, const struct interp_insn *insn)
{
	if (has(insn, INTERP_XMM) && !interp_sse_usable(ip))
		return false;
	return !has(insn, INTERP_MMX) || mmx_usable(ip);
}

/* What moves to and from any address; all else of 16 bytes is aligned. */
static bool
any_address(const struct interp_insn *insn)
{
	switch (insn->mnemonic) {
	case ZYDIS_MNEMONIC_MOVUPS:
	case ZYDIS_MNEMONIC_MOVUPD:
	case ZYDIS_MNEMONIC_MOVDQU:
	case ZYDIS_MNEMONIC_LDDQU:
		return true;
	default:
		return false;
	}
}

static bool
memory_access(struct interp *ip, const struct interp_insn *insn,
    unsigned size, enum sim_access kind, struct interp_access *access)
{
	enum sim_seg_index seg = (enum sim_seg_index)insn->seg;
	uint64_t linear;

	if (!interp_linear(ip, seg, interp_address(ip, insn), size, kind,
	    &linear))
		return false;
	if (size == INTERP_XMM_SIZE && linear % INTERP_XMM_SIZE != 0 &&
	    !any_address(insn))
		return interp_fault_code(ip, INTERP_GP, 0);
	return interp_access_linear(ip, linear, size, kind, false, access);
}

bool
interp_simd_get(struct interp *ip, const struct interp_insn *insn, unsigned i,
    uint8_t *bytes)
{
	const struct interp_operand *operand = &insn->operands[i];
	struct interp_access access;
	uint64_t value;

	memset(bytes, 0, INTERP_XMM_SIZE);
	switch (operand->kind) {
	case INTERP_XMM:
		memcpy(bytes, xmm(ip, operand->reg), INTERP_XMM_SIZE);
		return true;
	case INTERP_MMX:
		memcpy(bytes, mmx(ip, operand->reg), 8);
		return true;
	case INTERP_MEM:
		if (!memory_access(ip, insn, operand->size, SIM_ACCESS_READ,
		    &access))
			return false;
		interp_load_bytes(&access, bytes);
		return true;
	default:
		if (!interp_get(ip, insn, i, &value))
			return false;
		interp_word_put(bytes, 8, value);
		return true;
	}
}

static void
mmx_set(struct interp *ip, unsigned reg, const uint8_t *bytes)
{
	uint8_t *to;

	mmx_enter(ip);
	to = mmx(ip, reg);
	memcpy(to, bytes, 8);
	/* Read as an x87 value it is not a number. */
	to[8] = to[9] = 0xff;
}

bool
interp_simd_put(struct interp *ip, const struct interp_insn *insn, unsigned i,
    const uint8_t *bytes, unsigned size)
{
	const struct interp_operand *operand = &insn->operands[i];
	struct interp_access access;

	switch (operand->kind) {
	case INTERP_XMM:
		memcpy(xmm(ip, operand->reg), bytes, size);
		break;
	case INTERP_MMX:
		mmx_set(ip, operand->reg, bytes);
		break;
	case INTERP_MEM:
		if (!memory_access(ip, insn, operand->size, SIM_ACCESS_WRITE,
		    &access))
			return false;
		interp_store_bytes(ip, &access, bytes);
		break;
	default:
		interp_reg_set(ip, operand->reg, operand->size, false,
		    interp_word_get(bytes, 8));
		break;
	}
	if (has(insn, INTERP_MMX))
		mmx_enter(ip);
	return true;
}

/* The whole register. */
static bool
op_copy(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t bytes[INTERP_XMM_SIZE];

	return interp_simd_usable(ip, insn) &&
	    interp_simd_get(ip, insn, 1, bytes) &&
	    interp_simd_put(ip, insn, 0, bytes, INTERP_XMM_SIZE);
}

/* MOVD, MOVQ and their kin: 4 or 8 bytes, the rest of a register becomes 0. */
static bool
op_movq(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	uint8_t bytes[INTERP_XMM_SIZE];

	if (insn->operands[1].size < size)
		size = insn->operands[1].size;
	if (size > 8)
		size = 8;
	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, bytes))
		return false;
	memset(bytes + size, 0, INTERP_XMM_SIZE - size);
	return interp_simd_put(ip, insn, 0, bytes, INTERP_XMM_SIZE);
}

/* MOVSS, MOVSD: only a load from memory clears what is above. */
static bool
scalar(struct interp *ip, const struct interp_insn *insn, unsigned size)
{
	bool load = insn->operands[1].kind == INTERP_MEM;
	uint8_t bytes[INTERP_XMM_SIZE];

	return interp_simd_usable(ip, insn) &&
	    interp_simd_get(ip, insn, 1, bytes) &&
	    interp_simd_put(ip, insn, 0, bytes,
	    load ? INTERP_XMM_SIZE : size);
}

static bool
op_movss(struct interp *ip, const struct interp_insn *insn)
{
	return scalar(ip, insn, 4);
}

bool
interp_movsd_sse(struct interp *ip, const struct interp_insn *insn)
{
	return scalar(ip, insn, 8);
}

/* One half of a register, 0 or 1, to one of another, or of memory. */
static bool
half(struct interp *ip, const struct interp_insn *insn, unsigned from,
    unsigned to)
{
	uint8_t bytes[INTERP_XMM_SIZE], whole[INTERP_XMM_SIZE];

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, bytes))
		return false;
	if (insn->operands[0].kind == INTERP_MEM)
		return interp_simd_put(ip, insn, 0, bytes + from * 8, 8);
	if (insn->operands[1].kind == INTERP_MEM)
		from = 0;
	memcpy(whole, xmm(ip, insn->operands[0].reg), sizeof(whole));
	memcpy(whole + to * 8, bytes + from * 8, 8);
	return interp_simd_put(ip, insn, 0, whole, INTERP_XMM_SIZE);
}

static bool
op_movlps(struct interp *ip, const struct interp_insn *insn)
{
	return half(ip, insn, 0, 0);
}

static bool
op_movhps(struct interp *ip, const struct interp_insn *insn)
{
	return half(ip, insn, 1, 1);
}

static bool
op_movhlps(struct interp *ip, const struct interp_insn *insn)
{
	return half(ip, insn, 1, 0);
}

static bool
op_movlhps(struct interp *ip, const struct interp_insn *insn)
{
	return half(ip, insn, 0, 1);
}

/* MASKMOVDQU, MASKMOVQ: the bytes whose mask has bit 7, to DS:RDI. */
static bool
op_maskmov(struct interp *ip, const struct interp_insn *insn)
{
	unsigned i, size = insn->operands[0].kind == INTERP_XMM ? 16 : 8;
	uint8_t bytes[INTERP_XMM_SIZE], mask[INTERP_XMM_SIZE];
	struct interp_access all, one = { .first = 1, .size = 1 };

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 0, bytes) ||
	    !interp_simd_get(ip, insn, 1, mask) ||
	    !interp_access(ip, (enum sim_seg_index)insn->seg,
	    interp_reg_get(ip, SIM_GPR_RDI, insn->address_size, false), size,
	    SIM_ACCESS_WRITE, &all))
		return false;
	/* The others are not touched: someone else may write them. */
	for (i = 0; i < size; i++) {
		if (!(mask[i] & 0x80))
			continue;
		one.host[0] = i < all.first ? all.host[0] + i :
		    all.host[1] + (i - all.first);
		one.gpa[0] = i < all.first ? all.gpa[0] + i :
		    all.gpa[1] + (i - all.first);
		interp_store(ip, &one, bytes[i]);
	}
	if (size == 8)
		mmx_enter(ip);
	return true;
}

static bool
op_ldmxcsr(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t *fpu = ip->state->fpu;
	uint64_t value;

	if (!interp_sse_usable(ip) || !interp_get(ip, insn, 0, &value))
		return false;
	if (value & ~interp_mxcsr_mask(ip))
		return interp_fault_code(ip, INTERP_GP, 0);
	interp_word_put(fpu + SIM_FPU_MXCSR, 4, value);
	return true;
}

static bool
op_stmxcsr(struct interp *ip, const struct interp_insn *insn)
{
	return interp_sse_usable(ip) && interp_put(ip, insn, 0,
	    interp_word_get(ip->state->fpu + SIM_FPU_MXCSR, 4));
}

/* State that has not been in a processor has no mask: all of SSE3's. */
uint64_t
interp_mxcsr_mask(const struct interp *ip)
{
	uint64_t mask = interp_word_get(ip->state->fpu + SIM_FPU_MXCSR_MASK,
	    4);

	return mask != 0 ? mask : 0xffff;
}

const struct interp_op interp_ops_sse[] = {
	{ ZYDIS_MNEMONIC_MOVAPS, op_copy },
	{ ZYDIS_MNEMONIC_MOVAPD, op_copy },
	{ ZYDIS_MNEMONIC_MOVDQA, op_copy },
	{ ZYDIS_MNEMONIC_MOVUPS, op_copy },
	{ ZYDIS_MNEMONIC_MOVUPD, op_copy },
	{ ZYDIS_MNEMONIC_MOVDQU, op_copy },
	{ ZYDIS_MNEMONIC_LDDQU, op_copy },
	{ ZYDIS_MNEMONIC_MOVNTPS, op_copy },
	{ ZYDIS_MNEMONIC_MOVNTPD, op_copy },
	{ ZYDIS_MNEMONIC_MOVNTDQ, op_copy },
	{ ZYDIS_MNEMONIC_MOVNTDQA, op_copy },
	{ ZYDIS_MNEMONIC_MOVD, op_movq },
	{ ZYDIS_MNEMONIC_MOVQ, op_movq },
	{ ZYDIS_MNEMONIC_MOVNTQ, op_movq },
	{ ZYDIS_MNEMONIC_MOVDQ2Q, op_movq },
	{ ZYDIS_MNEMONIC_MOVQ2DQ, op_movq },
	{ ZYDIS_MNEMONIC_MOVSS, op_movss },
	{ ZYDIS_MNEMONIC_MOVLPS, op_movlps },
	{ ZYDIS_MNEMONIC_MOVLPD, op_movlps },
	{ ZYDIS_MNEMONIC_MOVHPS, op_movhps },
	{ ZYDIS_MNEMONIC_MOVHPD, op_movhps },
	{ ZYDIS_MNEMONIC_MOVHLPS, op_movhlps },
	{ ZYDIS_MNEMONIC_MOVLHPS, op_movlhps },
	{ ZYDIS_MNEMONIC_MASKMOVDQU, op_maskmov },
	{ ZYDIS_MNEMONIC_MASKMOVQ, op_maskmov },
	{ ZYDIS_MNEMONIC_LDMXCSR, op_ldmxcsr },
	{ ZYDIS_MNEMONIC_STMXCSR, op_stmxcsr },
	{ 0, NULL },
};
