/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Returns to other code segments: RETF and IRET, to the same or an outer
 * CPL, and IRET to virtual-8086 mode (Intel SDM vol. 2, "RET", "IRET").
 */
#include <Zydis/Zydis.h>

#include "engine/interp/far.h"

#define VM86_ATTRIB	0x00F3U

/* What IRET gives back of RFLAGS wherever it runs. */
#define FLAGS_ALWAYS							\
	(INTERP_STATUS | INTERP_TF | INTERP_DF_FLAG | INTERP_NT |	\
	INTERP_RF | INTERP_AC_FLAG | INTERP_ID)
/* VIF and VIP, besides IOPL, are CPL 0's. */
#define FLAGS_VIRTUAL	0x180000ULL

struct comeback {
	unsigned size;		/* bytes of a word */
	uint64_t drop;		/* bytes that leave the stack */
	uint64_t rip, flags;
	uint16_t selector;
	bool outer;		/* the stack changes too */
	uint64_t sp;
	struct sim_seg ss;
	struct interp_descriptor ss_descriptor;
	struct interp_target target;
};

/* The i-th word on the stack. */
static bool
word_peek(struct interp *ip, const struct comeback *back, unsigned i,
    uint64_t *value)
{
	return interp_peek(ip, i * back->size, back->size, value);
}

static bool
address_peek(struct interp *ip, struct comeback *back)
{
	uint64_t selector;

	if (!word_peek(ip, back, 0, &back->rip) ||
	    !word_peek(ip, back, 1, &selector))
		return false;
	back->selector = (uint16_t)selector;
	return true;
}

/* The segment to come back to, which must not be an inner one. */
static bool
target_find(struct interp *ip, struct comeback *back)
{
	unsigned rpl = back->selector & SELECTOR_RPL, dpl;
	struct interp_target *target = &back->target;
	bool good;

	if (!interp_target_read(ip, back->selector, target))
		return false;
	dpl = interp_seg_dpl(&target->cs);
	good = interp_seg_conforms(&target->cs) ? dpl <= rpl : dpl == rpl;
	if (rpl < ip->cpl || !good)
		return interp_fault_code(ip, INTERP_GP,
		    interp_selector_error(back->selector));
	target->rip = back->rip;
	target->cpl = rpl;
	return interp_target_present(ip, target);
}

/* 64-bit code below CPL 3 may have a stack without a segment. */
static bool
stack_null(struct interp *ip, struct comeback *back, uint16_t selector)
{
	unsigned cpl = back->target.cpl;

	if (!interp_long(ip) || cpl == 3 ||
	    (back->target.cs.attrib & SIM_ATTRIB_L) == 0 ||
	    (selector & SELECTOR_RPL) != cpl)
		return interp_fault_code(ip, INTERP_GP, 0);
	back->ss = (struct sim_seg){
		.selector = selector,
		.attrib = (uint16_t)(cpl << SIM_ATTRIB_DPL_SHIFT),
	};
	return true;
}

/* The stack of the outer code, whose words are the i-th and the next. */
static bool
stack_find(struct interp *ip, struct comeback *back, unsigned offset)
{
	unsigned type, cpl = back->target.cpl;
	uint64_t selector;
	uint32_t error;

	if (!interp_peek(ip, offset, back->size, &back->sp) ||
	    !interp_peek(ip, offset + back->size, back->size, &selector))
		return false;
	back->outer = true;
	error = interp_selector_error((uint16_t)selector);
	if (error == 0)
		return stack_null(ip, back, (uint16_t)selector);
	if (!interp_descriptor_read(ip, (uint16_t)selector, INTERP_GP, false,
	    &back->ss_descriptor))
		return false;
	back->ss = interp_descriptor_seg((uint16_t)selector,
	    &back->ss_descriptor);
	type = interp_seg_type(&back->ss);
	if ((selector & SELECTOR_RPL) != cpl ||
	    interp_seg_dpl(&back->ss) != cpl ||
	    (back->ss.attrib & SIM_ATTRIB_S) == 0 || (type & TYPE_CODE) ||
	    (type & TYPE_WRITABLE) == 0)
		return interp_fault_code(ip, INTERP_GP, error);
	if ((back->ss.attrib & SIM_ATTRIB_P) == 0)
		return interp_fault_code(ip, INTERP_SS, error);
	back->ss.attrib |= TYPE_ACCESSED;
	return interp_descriptor_mark(ip, &back->ss_descriptor,
	    DESCRIPTOR_ACCESSED);
}

/* Segments that the outer code may not have. */
static void
segments_revoke(struct interp *ip, unsigned cpl)
{
	static const enum sim_seg_index data[] = {
		SIM_SEG_ES, SIM_SEG_DS, SIM_SEG_FS, SIM_SEG_GS
	};
	struct sim_seg *seg;
	size_t i;

	for (i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		seg = &ip->state->segs[data[i]];
		if (interp_seg_is_code(seg) && interp_seg_conforms(seg))
			continue;
		if ((seg->attrib & SIM_ATTRIB_P) &&
		    interp_seg_dpl(seg) < cpl)
			*seg = (struct sim_seg){ 0 };
	}
}

/* All is known: cannot fail. */
static void
comeback_enter(struct interp *ip, const struct comeback *back)
{
	bool outwards = back->target.cpl != ip->cpl;

	if (!back->outer)
		interp_stack_drop(ip, (unsigned)back->drop);
	else
		ip->state->segs[SIM_SEG_SS] = back->ss;
	(void)interp_target_enter(ip, &back->target);
	/* A 16-bit stack keeps the upper half of ESP, as processors do. */
	if (back->outer)
		interp_reg_set(ip, SIM_GPR_RSP, interp_stack_size(ip), false,
		    back->sp);
	if (outwards)
		segments_revoke(ip, back->target.cpl);
}

/* Real mode and VM86: no checks but the limit. */
static bool
target_real(struct interp *ip, struct comeback *back)
{
	struct sim_seg *cs = &back->target.cs;

	*cs = ip->state->segs[SIM_SEG_CS];
	cs->base = (uint64_t)back->selector << 4;
	if (back->rip > cs->limit)
		return interp_fault_code(ip, INTERP_GP, 0);
	return true;
}

static bool
real_enter(struct interp *ip, const struct comeback *back)
{
	interp_stack_drop(ip, (unsigned)back->drop);
	return interp_code_load(ip, back->selector, &back->target.cs,
	    back->rip, ip->cpl);
}

/* --- RETF --- */

bool
interp_ret_far(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size, params = 0;
	struct comeback back = { .size = size };

	if (insn->noperands > 0)
		params = insn->operands[0].imm & 0xFFFF;
	back.drop = 2 * size + params;
	if (!address_peek(ip, &back))
		return false;
	if (!interp_protected(ip))
		return target_real(ip, &back) && real_enter(ip, &back);
	if (!target_find(ip, &back))
		return false;
	/* The outer stack has the parameters too. */
	if (back.target.cpl != ip->cpl &&
	    !stack_find(ip, &back, (unsigned)back.drop))
		return false;
	back.sp += params;
	if (!interp_target_mark(ip, &back.target))
		return false;
	comeback_enter(ip, &back);
	return true;
}

/* --- IRET --- */

/* What IRET may change at a CPL; words of 2 bytes have no upper half. */
static uint64_t
flags_mask(const struct interp *ip, unsigned size)
{
	uint64_t mask = FLAGS_ALWAYS;

	if (ip->cpl <= interp_iopl(ip))
		mask |= INTERP_IF;
	if (ip->cpl == 0)
		mask |= INTERP_IOPL | FLAGS_VIRTUAL;
	return size == 2 ? mask & 0xFFFF : mask;
}

/* RF counts for the next instruction, and NMIs may come again. */
static bool
iret_done(struct interp *ip)
{
	ip->keep_rf = true;
	ip->nmi_blocked = false;
	return true;
}

static bool
iret_real(struct interp *ip, struct comeback *back)
{
	uint64_t mask = flags_mask(ip, back->size) & ~FLAGS_VIRTUAL;

	if (interp_vm86(ip)) {
		if (interp_iopl(ip) < 3)
			return interp_fault_code(ip, INTERP_GP, 0);
		mask &= ~INTERP_IOPL;
	}
	if (!address_peek(ip, back) || !word_peek(ip, back, 2, &back->flags) ||
	    !target_real(ip, back))
		return false;
	(void)real_enter(ip, back);
	interp_flags_set(ip, mask, back->flags);
	return iret_done(ip);
}

/* Nine words: EIP, CS, EFLAGS, ESP, SS, ES, DS, FS, GS. */
static bool
iret_vm86(struct interp *ip, const struct comeback *back)
{
	static const enum sim_seg_index order[] = {
		SIM_SEG_SS, SIM_SEG_ES, SIM_SEG_DS, SIM_SEG_FS, SIM_SEG_GS
	};
	uint64_t esp, selectors[5];
	struct sim_seg cs = {
		.base = (uint64_t)back->selector << 4,
		.limit = 0xFFFF, .attrib = VM86_ATTRIB,
	};
	unsigned i;

	if (!word_peek(ip, back, 3, &esp))
		return false;
	for (i = 0; i < 5; i++) {
		if (!word_peek(ip, back, 4 + i, &selectors[i]))
			return false;
	}
	if (back->rip > cs.limit)
		return interp_fault_code(ip, INTERP_GP, 0);
	/* As the registers were pushed: all but the fixed bit. */
	interp_flags_set(ip, flags_mask(ip, 4) | INTERP_VM, back->flags);
	for (i = 0; i < 5; i++)
		(void)interp_seg_load(ip, order[i], (uint16_t)selectors[i]);
	ip->state->gprs[SIM_GPR_RSP] = esp;
	(void)interp_code_load(ip, back->selector, &cs, back->rip, 3);
	return iret_done(ip);
}

static bool
iret_protected(struct interp *ip, struct comeback *back)
{
	uint64_t mask = flags_mask(ip, back->size);

	if (!target_find(ip, back))
		return false;
	/* 64-bit code always gives its stack back. */
	if ((back->target.cpl != ip->cpl || ip->code_size == 8) &&
	    !stack_find(ip, back, 3 * back->size))
		return false;
	if (!interp_target_mark(ip, &back->target))
		return false;
	comeback_enter(ip, back);
	interp_flags_set(ip, mask, back->flags);
	return iret_done(ip);
}

static bool
op_iret(struct interp *ip, const struct interp_insn *insn)
{
	struct comeback back = {
		.size = insn->operand_size,
		.drop = 3 * insn->operand_size,
	};

	if (!interp_protected(ip))
		return iret_real(ip, &back);
	if (interp_flags(ip) & INTERP_NT) {
		if (interp_long(ip))
			return interp_fault_code(ip, INTERP_GP, 0);
		return interp_stop(ip, SIM_STOP_TASK_SWITCH);
	}
	if (!address_peek(ip, &back) ||
	    !word_peek(ip, &back, 2, &back.flags))
		return false;
	if ((back.flags & INTERP_VM) && back.size == 4 && ip->cpl == 0 &&
	    !interp_long(ip))
		return iret_vm86(ip, &back);
	return iret_protected(ip, &back);
}

const struct interp_op interp_ops_return[] = {
	{ ZYDIS_MNEMONIC_IRET, op_iret },
	{ ZYDIS_MNEMONIC_IRETD, op_iret },
	{ ZYDIS_MNEMONIC_IRETQ, op_iret },
	{ 0, NULL },
};
