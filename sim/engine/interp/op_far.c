/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JMP and CALL to other code segments, directly and through call gates
 * (Intel SDM vol. 3, 5.8; AMD APM vol. 2, 4.11).  Task switches are left to
 * the kernel, which refuses them.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/far.h"

bool
interp_code_load(struct interp *ip, uint16_t selector,
    const struct sim_seg *seg, uint64_t rip, unsigned cpl)
{
	struct sim_seg *segs = ip->state->segs;

	segs[SIM_SEG_CS] = *seg;
	segs[SIM_SEG_CS].selector = selector;
	if (interp_protected(ip))
		segs[SIM_SEG_SS].attrib = (uint16_t)
		    ((segs[SIM_SEG_SS].attrib & ~SIM_ATTRIB_DPL) |
		    cpl << SIM_ATTRIB_DPL_SHIFT);
	ip->state->gprs[SIM_GPR_RIP] = ip->next_rip = rip;
	interp_mode_update(ip);
	return true;
}

/* --- where to --- */

/* The far pointer of the instruction, in it or in memory. */
static bool
pointer_get(struct interp *ip, const struct interp_insn *insn,
    uint16_t *selector, uint64_t *offset)
{
	const struct interp_operand *operand = &insn->operands[0];
	uint64_t address, high;

	if (operand->kind == INTERP_FAR) {
		*selector = operand->selector;
		*offset = operand->imm & interp_mask(insn->operand_size);
		return true;
	}
	address = interp_address(ip, insn);
	if (!interp_read(ip, (enum sim_seg_index)insn->seg, address,
	    insn->operand_size, offset) ||
	    !interp_read(ip, (enum sim_seg_index)insn->seg,
	    (address + insn->operand_size) & interp_mask(insn->address_size),
	    2, &high))
		return false;
	*selector = (uint16_t)high;
	return true;
}

/* Real mode and VM86: the selector is the base, the limit stays. */
static bool
target_real(struct interp *ip, uint16_t selector, uint64_t offset,
    struct interp_target *target)
{
	target->cs = ip->state->segs[SIM_SEG_CS];
	target->cs.selector = selector;
	target->cs.base = (uint64_t)selector << 4;
	target->rip = offset;
	target->cpl = ip->cpl;
	if (offset > target->cs.limit)
		return interp_fault_code(ip, INTERP_GP, 0);
	return true;
}

/* A code segment of this very CPL, or one that conforms. */
static bool
target_direct(struct interp *ip, struct interp_target *target)
{
	unsigned dpl = interp_seg_dpl(&target->cs);
	uint16_t selector = target->cs.selector;
	bool good;

	target->cpl = ip->cpl;
	if (interp_seg_conforms(&target->cs))
		good = dpl <= ip->cpl;
	else
		good = dpl == ip->cpl && (selector & SELECTOR_RPL) <= ip->cpl;
	if (!good)
		return interp_fault_code(ip, INTERP_GP,
		    interp_selector_error(selector));
	return interp_target_present(ip, target);
}

/* --- call gates --- */

static bool
gate_type_valid(const struct interp *ip, unsigned type)
{
	if (interp_long(ip))
		return type == TYPE_CALL_32;
	return type == TYPE_CALL_32 || type == TYPE_CALL_16 ||
	    type == TYPE_TASK || (type & ~TYPE_32_BIT) == TYPE_TSS_16;
}

/* What a selector means that is no code segment's. */
static bool
gate_read(struct interp *ip, uint16_t selector, struct interp_gate *gate)
{
	uint32_t error = interp_selector_error(selector);
	unsigned rpl = selector & SELECTOR_RPL;
	struct interp_descriptor descriptor;

	if (!interp_descriptor_read(ip, selector, INTERP_GP, false,
	    &descriptor))
		return false;
	*gate = interp_gate_decode(&descriptor);
	if (!gate_type_valid(ip, gate->type) || gate->dpl < ip->cpl ||
	    gate->dpl < rpl)
		return interp_fault_code(ip, INTERP_GP, error);
	if (interp_long(ip)) {
		if (!interp_descriptor_read(ip, selector, INTERP_GP, true,
		    &descriptor))
			return false;
		if (descriptor.high >> 40 & 0x1F)
			return interp_fault_code(ip, INTERP_GP, error);
		*gate = interp_gate_decode(&descriptor);
	}
	if (!gate->present)
		return interp_fault_code(ip, INTERP_NP, error);
	if (gate->type != TYPE_CALL_32 && gate->type != TYPE_CALL_16)
		return interp_stop(ip, SIM_STOP_TASK_SWITCH);
	return true;
}

/* What stands behind a gate: CALL may go inwards, JMP may not. */
static bool
target_gate(struct interp *ip, const struct interp_gate *gate, bool call,
    struct interp_target *target)
{
	uint32_t error = interp_selector_error(gate->selector);
	bool inner, conforms;
	unsigned dpl;

	if (!interp_target_read(ip, gate->selector, target))
		return false;
	dpl = interp_seg_dpl(&target->cs);
	conforms = interp_seg_conforms(&target->cs);
	inner = !conforms && dpl < ip->cpl;
	if (dpl > ip->cpl || (inner && !call))
		return interp_fault_code(ip, INTERP_GP, error);
	if (interp_long(ip) && (target->cs.attrib & SIM_ATTRIB_L) == 0)
		return interp_fault_code(ip, INTERP_GP, error);
	target->cpl = inner ? dpl : ip->cpl;
	target->rip = gate->offset;
	return interp_target_present(ip, target);
}

/* Words of the caller's stack, copied to the inner one. */
static bool
params_copy(struct interp *ip, struct interp_frame *frame, unsigned params)
{
	uint64_t value;
	unsigned i;

	for (i = params; i-- > 0; ) {
		if (!interp_peek(ip, i * frame->word, frame->word, &value))
			return false;
		interp_frame_push(frame, value);
	}
	return true;
}

/* --- JMP and CALL --- */

/* Where the pointer leads; gate->type is 0 if there is no gate. */
static bool
target_find(struct interp *ip, uint16_t selector, uint64_t offset, bool call,
    struct interp_gate *gate, struct interp_target *target)
{
	gate->type = 0;
	if (!interp_protected(ip))
		return target_real(ip, selector, offset, target);
	if ((selector & ~SELECTOR_RPL) == 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!interp_descriptor_read(ip, selector, INTERP_GP, false,
	    &target->descriptor))
		return false;
	target->cs = interp_descriptor_seg(selector, &target->descriptor);
	target->rip = offset;
	if (interp_seg_is_code(&target->cs))
		return target_direct(ip, target);
	return gate_read(ip, selector, gate) &&
	    target_gate(ip, gate, call, target);
}

static bool
target_mark(struct interp *ip, struct interp_target *target)
{
	return !interp_protected(ip) || interp_target_mark(ip, target);
}

static bool
target_enter(struct interp *ip, const struct interp_target *target)
{
	if (interp_protected(ip))
		return interp_target_enter(ip, target);
	return interp_code_load(ip, target->cs.selector, &target->cs,
	    target->rip, target->cpl);
}

bool
interp_jmp_far(struct interp *ip, const struct interp_insn *insn)
{
	struct interp_target target;
	struct interp_gate gate;
	uint16_t selector;
	uint64_t offset;

	return pointer_get(ip, insn, &selector, &offset) &&
	    target_find(ip, selector, offset, false, &gate, &target) &&
	    target_mark(ip, &target) && target_enter(ip, &target);
}

/* The return address, and before it the caller's stack if it changes. */
static bool
call_frame(struct interp *ip, const struct interp_insn *insn,
    const struct interp_gate *gate, const struct interp_target *target,
    struct interp_frame *frame)
{
	bool wide = ip->code_size == 8 || (gate->type && interp_long(ip));
	unsigned word = insn->operand_size;

	if (gate->type != 0)
		word = wide ? 8 : gate->type & TYPE_32_BIT ? 4 : 2;
	interp_frame_begin(ip, frame, word, wide);
	if (target->cpl != ip->cpl) {
		if (!interp_frame_switch(ip, frame, target->cpl, 0))
			return false;
		interp_frame_push(frame,
		    ip->state->segs[SIM_SEG_SS].selector);
		interp_frame_push(frame, ip->state->gprs[SIM_GPR_RSP]);
		if (!wide && !params_copy(ip, frame, gate->params))
			return false;
	}
	interp_frame_push(frame, ip->state->segs[SIM_SEG_CS].selector);
	interp_frame_push(frame, ip->next_rip);
	return interp_frame_place(ip, frame);
}

bool
interp_call_far(struct interp *ip, const struct interp_insn *insn)
{
	struct interp_target target;
	struct interp_frame frame;
	struct interp_gate gate;
	uint16_t selector;
	uint64_t offset;

	if (!pointer_get(ip, insn, &selector, &offset) ||
	    !target_find(ip, selector, offset, true, &gate, &target) ||
	    !call_frame(ip, insn, &gate, &target, &frame) ||
	    !target_mark(ip, &target))
		return false;
	interp_frame_commit(ip, &frame);
	return target_enter(ip, &target);
}
