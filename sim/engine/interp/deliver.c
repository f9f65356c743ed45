/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery of exceptions and interrupts: through the vectors of real mode,
 * or gates of the IDT (Intel SDM vol. 3, chapter 6 and 20.1.4; AMD APM
 * vol. 2, chapter 8).
 */
#include "engine/interp/far.h"

#define BIT(vector)	(1U << (vector))

/* Exceptions after which the instruction does not run again: RF stays. */
#define WITHOUT_RF							\
	(BIT(INTERP_DB) | BIT(INTERP_BP) | BIT(INTERP_OF) |		\
	BIT(INTERP_DF) | BIT(18))

/* An error code of the IDT's: bit 1. */
#define ERROR_IDT	2U

#define DR7_GD		0x2000ULL

struct delivery {
	const struct sim_event *event;
	bool software;
	uint64_t rip;		/* to be pushed */
	uint64_t flags;
	struct interp_gate gate;
	struct interp_target target;
	struct interp_frame frame;
};

static uint32_t
idt_error(const struct sim_event *event)
{
	return event->vector * 8U | ERROR_IDT;
}

/* What the guest has got now: interrupts, its flags, NMI's blocking. */
static void
delivered(struct interp *ip, const struct sim_event *event, uint64_t cleared)
{
	interp_flags_set(ip, cleared | INTERP_TF | INTERP_RF, 0);
	ip->state->intr &= ~SIM_INTR_SHADOW;
	ip->shadow_next = false;
	if (event->interrupt && event->vector == INTERP_NMI)
		ip->nmi_blocked = true;
	/* The handler of debug exceptions may use debug registers. */
	if (!event->interrupt && event->vector == INTERP_DB)
		ip->state->drs[SIM_DR_DR7] &= ~DR7_GD;
}

/* --- real mode: a vector is CS:IP, 4 bytes --- */

static bool
deliver_real(struct interp *ip, struct delivery *delivery)
{
	const struct sim_seg *idt = &ip->state->segs[SIM_SEG_IDT];
	uint32_t offset = delivery->event->vector * 4U;
	struct interp_frame *frame = &delivery->frame;
	struct sim_seg cs = ip->state->segs[SIM_SEG_CS];
	uint64_t vector;

	if (offset + 3 > idt->limit)
		return interp_fault_code(ip, INTERP_GP,
		    idt_error(delivery->event));
	if (!interp_read_system(ip, idt->base + offset, 4, &vector))
		return false;
	interp_frame_begin(ip, frame, 2, false);
	interp_frame_push(frame, delivery->flags);
	interp_frame_push(frame, cs.selector);
	interp_frame_push(frame, delivery->rip);
	if (!interp_frame_place(ip, frame))
		return false;
	interp_frame_commit(ip, frame);
	cs.base = (vector >> 16) << 4;
	delivered(ip, delivery->event, INTERP_IF | INTERP_AC_FLAG);
	return interp_code_load(ip, (uint16_t)(vector >> 16), &cs,
	    vector & 0xFFFF, 0);
}

/* --- protected and long mode: gates --- */

static bool
gate_type_valid(const struct interp *ip, unsigned type)
{
	switch (type) {
	case TYPE_INT_32:
	case TYPE_TRAP_32:
		return true;
	case TYPE_INT_16:
	case TYPE_TRAP_16:
	case TYPE_TASK:
		return !interp_long(ip);
	default:
		return false;
	}
}

static bool
gate_find(struct interp *ip, struct delivery *delivery)
{
	const struct sim_seg *idt = &ip->state->segs[SIM_SEG_IDT];
	unsigned size = interp_long(ip) ? 16 : 8;
	uint32_t offset = delivery->event->vector * size;
	uint32_t error = idt_error(delivery->event);
	struct interp_descriptor descriptor = { 0 };

	if (offset + size - 1 > idt->limit)
		return interp_fault_code(ip, INTERP_GP, error);
	if (!interp_read_system(ip, idt->base + offset, 8, &descriptor.low) ||
	    (size == 16 && !interp_read_system(ip, idt->base + offset + 8, 8,
	    &descriptor.high)))
		return false;
	delivery->gate = interp_gate_decode(&descriptor);
	if (!gate_type_valid(ip, delivery->gate.type))
		return interp_fault_code(ip, INTERP_GP, error);
	if (delivery->software && delivery->gate.dpl < ip->cpl)
		return interp_fault_code(ip, INTERP_GP, error);
	if (!delivery->gate.present)
		return interp_fault_code(ip, INTERP_NP, error);
	if (delivery->gate.type == TYPE_TASK)
		return interp_stop(ip, SIM_STOP_TASK_SWITCH);
	return true;
}

/* The handler's code segment, and the CPL that it runs at. */
static bool
target_find(struct interp *ip, struct delivery *delivery)
{
	struct interp_target *target = &delivery->target;
	uint16_t selector = delivery->gate.selector;
	uint32_t error = interp_selector_error(selector);
	unsigned dpl;

	if (!interp_target_read(ip, selector, target))
		return false;
	dpl = interp_seg_dpl(&target->cs);
	if (dpl > ip->cpl)
		return interp_fault_code(ip, INTERP_GP, error);
	if (interp_long(ip) && (target->cs.attrib & SIM_ATTRIB_L) == 0)
		return interp_fault_code(ip, INTERP_GP, error);
	target->cpl = interp_seg_conforms(&target->cs) ? ip->cpl : dpl;
	/* VM86 is left for CPL 0 only. */
	if (interp_vm86(ip) && target->cpl != 0)
		return interp_fault_code(ip, INTERP_GP, error);
	target->rip = delivery->gate.offset;
	return interp_target_present(ip, target);
}

static void
push_vm86_segments(const struct interp *ip, struct interp_frame *frame)
{
	static const enum sim_seg_index order[] = {
		SIM_SEG_GS, SIM_SEG_FS, SIM_SEG_DS, SIM_SEG_ES
	};
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		interp_frame_push(frame, ip->state->segs[order[i]].selector);
}

static bool
frame_build(struct interp *ip, struct delivery *delivery)
{
	struct interp_frame *frame = &delivery->frame;
	bool wide = interp_long(ip), inner = delivery->target.cpl != ip->cpl;
	unsigned ist = wide ? delivery->gate.params & 7 : 0;
	unsigned word = delivery->gate.type & TYPE_32_BIT ? 4 : 2;

	interp_frame_begin(ip, frame, wide ? 8 : word, wide);
	if ((inner || ist != 0) && !interp_frame_switch(ip, frame,
	    delivery->target.cpl, ist))
		return false;
	if (wide)
		frame->sp &= ~0xFULL;
	if (interp_vm86(ip))
		push_vm86_segments(ip, frame);
	if (inner || wide) {
		interp_frame_push(frame,
		    ip->state->segs[SIM_SEG_SS].selector);
		interp_frame_push(frame, ip->state->gprs[SIM_GPR_RSP]);
	}
	interp_frame_push(frame, delivery->flags);
	interp_frame_push(frame, ip->state->segs[SIM_SEG_CS].selector);
	interp_frame_push(frame, delivery->rip);
	if (delivery->event->has_error)
		interp_frame_push(frame, delivery->event->error);
	return interp_frame_place(ip, frame);
}

/* Segments of VM86 mean nothing to its monitor. */
static void
vm86_leave(struct interp *ip)
{
	static const enum sim_seg_index cleared[] = {
		SIM_SEG_ES, SIM_SEG_DS, SIM_SEG_FS, SIM_SEG_GS
	};
	size_t i;

	for (i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		ip->state->segs[cleared[i]] = (struct sim_seg){ 0 };
}

static bool
deliver_gate(struct interp *ip, struct delivery *delivery)
{
	bool interrupt_gate, vm86 = interp_vm86(ip);

	if (!gate_find(ip, delivery) || !target_find(ip, delivery) ||
	    !frame_build(ip, delivery) ||
	    !interp_target_mark(ip, &delivery->target))
		return false;
	interrupt_gate = (delivery->gate.type & 1) == 0;
	interp_frame_commit(ip, &delivery->frame);
	if (vm86)
		vm86_leave(ip);
	delivered(ip, delivery->event, INTERP_NT | INTERP_VM |
	    (interrupt_gate ? INTERP_IF : 0));
	return interp_target_enter(ip, &delivery->target);
}

/* RFLAGS as pushed: after a fault the instruction is to run again. */
static uint64_t
flags_pushed(const struct interp *ip, const struct sim_event *event,
    bool software)
{
	uint64_t flags = interp_flags(ip);

	if (software || event->interrupt || event->vector >= 32 ||
	    (WITHOUT_RF & BIT(event->vector)))
		return flags;
	return flags | INTERP_RF;
}

bool
interp_deliver(struct interp *ip, const struct sim_event *event,
    bool software)
{
	return interp_deliver_at(ip, event, software, software ?
	    ip->next_rip : ip->state->gprs[SIM_GPR_RIP]);
}

bool
interp_deliver_at(struct interp *ip, const struct sim_event *event,
    bool software, uint64_t rip)
{
	struct delivery delivery = {
		.event = event,
		.software = software,
		.rip = rip,
		.flags = flags_pushed(ip, event, software),
	};
	bool done;

	ip->external = !software;
	if (ip->state->crs[SIM_CR_CR0] & SIM_CR0_PE)
		done = deliver_gate(ip, &delivery);
	else
		done = deliver_real(ip, &delivery);
	ip->external = false;
	return done;
}
