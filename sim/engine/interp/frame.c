/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Targets and frames of far transfers: all is read and found out first, so
 * that a fault or a hole leaves nothing behind but accessed bits.
 */
#include "engine/interp/far.h"

/* Where a TSS keeps the stacks of CPL 0 to 2, and of IST 1 to 7. */
#define TSS_16_STACKS	2
#define TSS_32_STACKS	4
#define TSS_64_STACKS	4
#define TSS_64_IST	0x24

struct interp_gate
interp_gate_decode(const struct interp_descriptor *descriptor)
{
	uint64_t low = descriptor->low;
	struct interp_gate gate = {
		.type = low >> 40 & 0x1F,
		.dpl = low >> 45 & 0x3,
		.present = low >> 47 & 1,
		.params = low >> 32 & 0x1F,
		.selector = (uint16_t)(low >> 16),
		.offset = low & 0xFFFF,
	};

	if (gate.type & TYPE_32_BIT)
		gate.offset |= (low >> 32 & 0xFFFF0000) |
		    descriptor->high << 32;
	return gate;
}

bool
interp_target_read(struct interp *ip, uint16_t selector,
    struct interp_target *target)
{
	if ((selector & ~SELECTOR_RPL) == 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!interp_descriptor_read(ip, selector, INTERP_GP, false,
	    &target->descriptor))
		return false;
	target->cs = interp_descriptor_seg(selector, &target->descriptor);
	if (!interp_seg_is_code(&target->cs))
		return interp_fault_code(ip, INTERP_GP,
		    interp_selector_error(selector));
	return true;
}

static bool
is_64_bit(const struct interp *ip, const struct sim_seg *cs)
{
	return interp_long(ip) && (cs->attrib & SIM_ATTRIB_L);
}

bool
interp_target_present(struct interp *ip, struct interp_target *target)
{
	uint32_t error = interp_selector_error(target->cs.selector);
	bool good;

	if ((target->cs.attrib & SIM_ATTRIB_P) == 0)
		return interp_fault_code(ip, INTERP_NP, error);
	if (!is_64_bit(ip, &target->cs))
		good = target->rip <= target->cs.limit;
	else if (target->cs.attrib & SIM_ATTRIB_DEF)
		return interp_fault_code(ip, INTERP_GP, error);
	else
		good = interp_canonical(target->rip);
	return good || interp_fault_code(ip, INTERP_GP, 0);
}

bool
interp_target_mark(struct interp *ip, struct interp_target *target)
{
	target->cs.attrib |= TYPE_ACCESSED;
	return interp_descriptor_mark(ip, &target->descriptor,
	    DESCRIPTOR_ACCESSED);
}

bool
interp_target_enter(struct interp *ip, const struct interp_target *target)
{
	return interp_code_load(ip, (uint16_t)
	    ((target->cs.selector & ~SELECTOR_RPL) | target->cpl),
	    &target->cs, target->rip, target->cpl);
}

/* --- frames --- */

void
interp_frame_begin(const struct interp *ip, struct interp_frame *frame,
    unsigned word, bool wide)
{
	frame->ss = ip->state->segs[SIM_SEG_SS];
	frame->inner = false;
	frame->wide = wide;
	frame->word = (uint8_t)word;
	frame->sp = ip->state->gprs[SIM_GPR_RSP];
	if (!interp_long(ip))
		frame->sp &= 0xFFFFFFFF;
	frame->count = 0;
}

/* A field of the TSS. */
static bool
tss_read(struct interp *ip, uint32_t offset, unsigned size, uint64_t *value)
{
	const struct sim_seg *tr = &ip->state->segs[SIM_SEG_TR];

	if (offset + size - 1 > tr->limit)
		return interp_fault_code(ip, INTERP_TS,
		    interp_selector_error(tr->selector));
	return interp_read_system(ip, tr->base + offset, size, value);
}

/* 64-bit code has stacks without a segment. */
static bool
switch_wide(struct interp *ip, struct interp_frame *frame, unsigned cpl,
    unsigned ist)
{
	uint32_t offset = ist != 0 ? TSS_64_IST + (ist - 1) * 8 :
	    TSS_64_STACKS + cpl * 8;

	if (!tss_read(ip, offset, 8, &frame->sp))
		return false;
	if (!interp_canonical(frame->sp))
		return interp_fault_code(ip, INTERP_SS, 0);
	if (cpl == ip->cpl)
		return true;
	frame->inner = true;
	frame->descriptor = (struct interp_descriptor){ 0 };
	frame->ss = (struct sim_seg){
		.selector = (uint16_t)cpl,
		.attrib = (uint16_t)(cpl << SIM_ATTRIB_DPL_SHIFT),
	};
	return true;
}

/* The segment that a TSS names for a stack of this CPL. */
static bool
stack_check(struct interp *ip, struct interp_frame *frame, uint16_t selector,
    unsigned cpl)
{
	uint32_t error = interp_selector_error(selector);
	unsigned type;

	if (error == 0)
		return interp_fault_code(ip, INTERP_TS, 0);
	if (!interp_descriptor_read(ip, selector, INTERP_TS, false,
	    &frame->descriptor))
		return false;
	frame->ss = interp_descriptor_seg(selector, &frame->descriptor);
	type = interp_seg_type(&frame->ss);
	if ((selector & SELECTOR_RPL) != cpl ||
	    interp_seg_dpl(&frame->ss) != cpl ||
	    (frame->ss.attrib & SIM_ATTRIB_S) == 0 || (type & TYPE_CODE) ||
	    (type & TYPE_WRITABLE) == 0)
		return interp_fault_code(ip, INTERP_TS, error);
	if ((frame->ss.attrib & SIM_ATTRIB_P) == 0)
		return interp_fault_code(ip, INTERP_SS, error);
	return interp_descriptor_mark(ip, &frame->descriptor,
	    DESCRIPTOR_ACCESSED);
}

bool
interp_frame_switch(struct interp *ip, struct interp_frame *frame,
    unsigned cpl, unsigned ist)
{
	const struct sim_seg *tr = &ip->state->segs[SIM_SEG_TR];
	bool tss_32 = interp_seg_type(tr) & TYPE_32_BIT;
	uint32_t offset = tss_32 ? TSS_32_STACKS + cpl * 8 :
	    TSS_16_STACKS + cpl * 4;
	unsigned size = tss_32 ? 4 : 2;
	uint64_t selector;

	if (frame->wide)
		return switch_wide(ip, frame, cpl, ist);
	if (!tss_read(ip, offset, size, &frame->sp) ||
	    !tss_read(ip, offset + size, 2, &selector) ||
	    !stack_check(ip, frame, (uint16_t)selector, cpl))
		return false;
	frame->inner = true;
	frame->ss.attrib |= TYPE_ACCESSED;
	return true;
}

void
interp_frame_push(struct interp_frame *frame, uint64_t value)
{
	frame->values[frame->count++] = value;
}

/* How much of the stack pointer counts. */
static uint64_t
sp_mask(const struct interp_frame *frame)
{
	if (frame->wide)
		return ~0ULL;
	return interp_mask(frame->ss.attrib & SIM_ATTRIB_DEF ? 4 : 2);
}

/* Where the i-th push goes. */
static uint64_t
sp_after(const struct interp_frame *frame, unsigned pushes)
{
	uint64_t mask = sp_mask(frame);

	return (frame->sp & ~mask) |
	    ((frame->sp - pushes * frame->word) & mask);
}

bool
interp_frame_place(struct interp *ip, struct interp_frame *frame)
{
	uint32_t error = frame->inner ?
	    interp_selector_error(frame->ss.selector) : 0;
	uint64_t offset, linear;
	unsigned i;

	for (i = 0; i < frame->count; i++) {
		offset = sp_after(frame, i + 1) & sp_mask(frame);
		linear = offset;
		if (frame->wide) {
			if (!interp_canonical(offset) ||
			    !interp_canonical(offset + frame->word - 1))
				return interp_fault_code(ip, INTERP_SS,
				    error);
		} else if (!interp_linear_in(ip, &frame->ss, offset,
		    frame->word, SIM_ACCESS_WRITE, INTERP_SS, error, &linear))
			return false;
		if (!interp_access_linear(ip, linear, frame->word,
		    SIM_ACCESS_WRITE, frame->inner, &frame->places[i]))
			return false;
	}
	return true;
}

void
interp_frame_commit(struct interp *ip, const struct interp_frame *frame)
{
	unsigned i;

	for (i = 0; i < frame->count; i++)
		interp_store(ip, &frame->places[i], frame->values[i] &
		    interp_mask(frame->word));
	ip->state->gprs[SIM_GPR_RSP] = sp_after(frame, frame->count);
	if (frame->inner)
		ip->state->segs[SIM_SEG_SS] = frame->ss;
}
