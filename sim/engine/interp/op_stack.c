/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack (Intel SDM vol. 1, 6.2): the stack segment says how much of RSP
 * counts, the instruction how wide a word is.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

unsigned
interp_stack_size(const struct interp *ip)
{
	if (ip->code_size == 8)
		return 8;
	return ip->state->segs[SIM_SEG_SS].attrib & SIM_ATTRIB_DEF ? 4 : 2;
}

static uint64_t
stack_pointer(const struct interp *ip)
{
	return interp_reg_get(ip, SIM_GPR_RSP, interp_stack_size(ip), false);
}

static void
stack_pointer_set(struct interp *ip, uint64_t value)
{
	interp_reg_set(ip, SIM_GPR_RSP, interp_stack_size(ip), false, value);
}

/* Where size bytes at an offset on the stack are. */
static bool
stack_access(struct interp *ip, uint64_t offset, unsigned size,
    enum sim_access kind, struct interp_access *access)
{
	return interp_access(ip, SIM_SEG_SS,
	    offset & interp_mask(interp_stack_size(ip)), size, kind, access);
}

bool
interp_push(struct interp *ip, unsigned size, uint64_t value)
{
	uint64_t top = stack_pointer(ip) - size;
	struct interp_access access;

	if (!stack_access(ip, top, size, SIM_ACCESS_WRITE, &access))
		return false;
	interp_store(ip, &access, value);
	stack_pointer_set(ip, top);
	return true;
}

bool
interp_peek(struct interp *ip, unsigned offset, unsigned size,
    uint64_t *value)
{
	struct interp_access access;

	if (!stack_access(ip, stack_pointer(ip) + offset, size,
	    SIM_ACCESS_READ, &access))
		return false;
	*value = interp_load(&access);
	return true;
}

void
interp_stack_drop(struct interp *ip, unsigned bytes)
{
	stack_pointer_set(ip, stack_pointer(ip) + bytes);
}

static bool
op_push(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	return interp_get(ip, insn, 0, &value) &&
	    interp_push(ip, insn->operand_size, value);
}

/* A popped selector, with RSP as it is after the pop. */
static bool
pop_segment(struct interp *ip, unsigned seg, uint64_t selector)
{
	if (!interp_seg_load(ip, (enum sim_seg_index)seg, (uint16_t)selector))
		return false;
	if (seg == SIM_SEG_SS)
		ip->shadow_next = true;
	return true;
}

/* The destination's address and RSP as a destination see RSP moved. */
static bool
op_pop(struct interp *ip, const struct interp_insn *insn)
{
	const struct interp_operand *to = &insn->operands[0];
	uint64_t rsp = ip->state->gprs[SIM_GPR_RSP], value;
	bool done;

	if (!interp_peek(ip, 0, insn->operand_size, &value))
		return false;
	interp_stack_drop(ip, insn->operand_size);
	if (to->kind == INTERP_SEG)
		done = pop_segment(ip, to->reg, value);
	else
		done = interp_put(ip, insn, 0, value);
	if (!done)
		ip->state->gprs[SIM_GPR_RSP] = rsp;
	return done;
}

/* RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, from the highest address down. */
#define NALL	8

static bool
op_pusha(struct interp *ip, const struct interp_insn *insn)
{
	unsigned i, size = insn->operand_size;
	uint64_t top = stack_pointer(ip);
	struct interp_access words[NALL];

	for (i = 0; i < NALL; i++) {
		if (!stack_access(ip, top - (i + 1) * size, size,
		    SIM_ACCESS_WRITE, &words[i]))
			return false;
	}
	for (i = 0; i < NALL; i++)
		interp_store(ip, &words[i], ip->state->gprs[i]);
	stack_pointer_set(ip, top - NALL * size);
	return true;
}

static bool
op_popa(struct interp *ip, const struct interp_insn *insn)
{
	unsigned i, size = insn->operand_size;
	uint64_t words[NALL];

	for (i = NALL; i-- > 0; ) {
		if (!interp_peek(ip, (NALL - 1 - i) * size, size, &words[i]))
			return false;
	}
	for (i = 0; i < NALL; i++) {
		if (i != SIM_GPR_RSP)
			interp_reg_set(ip, i, size, false, words[i]);
	}
	interp_stack_drop(ip, NALL * size);
	return true;
}

/* Virtual-8086 mode leaves the flags to its monitor below IOPL 3. */
static bool
flags_allowed(struct interp *ip)
{
	if (interp_vm86(ip) && interp_iopl(ip) < 3)
		return interp_fault_code(ip, INTERP_GP, 0);
	return true;
}

static bool
op_pushf(struct interp *ip, const struct interp_insn *insn)
{
	return flags_allowed(ip) && interp_push(ip, insn->operand_size,
	    interp_flags(ip) & ~(INTERP_RF | INTERP_VM));
}

/* What POPF may change, besides RF, which it clears. */
static uint64_t
popf_mask(const struct interp *ip, unsigned size)
{
	uint64_t mask = INTERP_STATUS | INTERP_TF | INTERP_DF_FLAG |
	    INTERP_NT | INTERP_AC_FLAG | INTERP_ID;

	if (ip->cpl <= interp_iopl(ip))
		mask |= INTERP_IF;
	if (ip->cpl == 0)
		mask |= INTERP_IOPL;
	return mask & interp_mask(size);
}

static bool
op_popf(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operand_size;
	uint64_t value;

	if (!flags_allowed(ip) || !interp_peek(ip, 0, size, &value))
		return false;
	interp_stack_drop(ip, size);
	interp_flags_set(ip, popf_mask(ip, size), value);
	interp_flags_set(ip, INTERP_RF, 0);
	return true;
}

/* What ENTER will write, found out before it writes anything. */
#define ENTER_LEVELS	31

struct frame {
	unsigned levels, size;
	uint64_t top;			/* RSP at the beginning */
	uint64_t pointer;		/* the new RBP */
	struct interp_access saved;	/* for RBP */
	/* The outer frames' pointers, and where the copies go. */
	struct interp_access from[ENTER_LEVELS], to[ENTER_LEVELS];
};

static bool
frame_find(struct interp *ip, struct frame *frame)
{
	uint64_t bp = ip->state->gprs[SIM_GPR_RBP];
	unsigned i, size = frame->size;

	if (!stack_access(ip, frame->top - size, size, SIM_ACCESS_WRITE,
	    &frame->saved))
		return false;
	for (i = 0; i < frame->levels; i++) {
		if (i + 1 < frame->levels && !stack_access(ip,
		    bp - (i + 1) * size, size, SIM_ACCESS_READ,
		    &frame->from[i]))
			return false;
		if (!stack_access(ip, frame->top - (i + 2) * size, size,
		    SIM_ACCESS_WRITE, &frame->to[i]))
			return false;
	}
	return true;
}

/* In the processor's order, since a copy may read what was just pushed. */
static void
frame_write(struct interp *ip, const struct frame *frame)
{
	unsigned i;

	interp_store(ip, &frame->saved, ip->state->gprs[SIM_GPR_RBP]);
	for (i = 0; i + 1 < frame->levels; i++)
		interp_store(ip, &frame->to[i], interp_load(&frame->from[i]));
	if (frame->levels > 0)
		interp_store(ip, &frame->to[i], frame->pointer);
}

/* All of RSP behind a push, of which only a part may count as address. */
static uint64_t
pointer_behind_push(const struct interp *ip, unsigned size)
{
	uint64_t mask = interp_mask(interp_stack_size(ip));
	uint64_t rsp = ip->state->gprs[SIM_GPR_RSP];

	return (rsp & ~mask) | ((rsp - size) & mask);
}

static bool
op_enter(struct interp *ip, const struct interp_insn *insn)
{
	struct interp_access room;
	struct frame frame = {
		.levels = (unsigned)insn->operands[1].imm & ENTER_LEVELS,
		.size = insn->operand_size,
		.top = stack_pointer(ip),
		.pointer = pointer_behind_push(ip, insn->operand_size),
	};
	uint64_t bottom = frame.top - (frame.levels + 1) * frame.size -
	    (insn->operands[0].imm & 0xffff);

	/* The new top must be writable, although nothing is written there. */
	if (!frame_find(ip, &frame) || !stack_access(ip, bottom, frame.size,
	    SIM_ACCESS_WRITE, &room))
		return false;
	frame_write(ip, &frame);
	interp_reg_set(ip, SIM_GPR_RBP, frame.size, false, frame.pointer);
	stack_pointer_set(ip, bottom);
	return true;
}

static bool
op_leave(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t frame = ip->state->gprs[SIM_GPR_RBP];
	unsigned size = insn->operand_size;
	struct interp_access access;

	if (!stack_access(ip, frame, size, SIM_ACCESS_READ, &access))
		return false;
	stack_pointer_set(ip, frame + size);
	interp_reg_set(ip, SIM_GPR_RBP, size, false, interp_load(&access));
	return true;
}

const struct interp_op interp_ops_stack[] = {
	{ ZYDIS_MNEMONIC_PUSH, op_push },
	{ ZYDIS_MNEMONIC_POP, op_pop },
	{ ZYDIS_MNEMONIC_PUSHA, op_pusha },
	{ ZYDIS_MNEMONIC_PUSHAD, op_pusha },
	{ ZYDIS_MNEMONIC_POPA, op_popa },
	{ ZYDIS_MNEMONIC_POPAD, op_popa },
	{ ZYDIS_MNEMONIC_PUSHF, op_pushf },
	{ ZYDIS_MNEMONIC_PUSHFD, op_pushf },
	{ ZYDIS_MNEMONIC_PUSHFQ, op_pushf },
	{ ZYDIS_MNEMONIC_POPF, op_popf },
	{ ZYDIS_MNEMONIC_POPFD, op_popf },
	{ ZYDIS_MNEMONIC_POPFQ, op_popf },
	{ ZYDIS_MNEMONIC_ENTER, op_enter },
	{ ZYDIS_MNEMONIC_LEAVE, op_leave },
	{ 0, NULL },
};
