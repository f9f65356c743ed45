/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Encoding what the guest does without a stop, as steps on its way.
 */
#include "scenario/encoder.h"

/* What guest.stack leaves room for in 16-bit code. */
#define STACK_ROOM	0x1000

const char *
encode_sti(struct encoder *e)
{
	encoder_byte(e, 0xFB);
	e->intent->step = true;
	e->intent->after.flags_set = SIM_RFLAGS_IF;
	/* Only where interrupts were off does STI hold them off once more. */
	e->intent->after.shadow =
	    (e->state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) == 0;
	return NULL;
}

const char *
encode_cli(struct encoder *e)
{
	encoder_byte(e, 0xFA);
	e->intent->step = true;
	e->intent->after.flags_clear = SIM_RFLAGS_IF;
	return NULL;
}

const char *
encode_nop(struct encoder *e)
{
	encoder_byte(e, 0x90);
	e->intent->step = true;
	return NULL;
}

/* The frame that it pops is taken to lead to the next instruction. */
const char *
encode_iret(struct encoder *e)
{
	if (e->width == CODE64)
		encoder_byte(e, 0x48);	/* REX.W */
	encoder_byte(e, 0xCF);
	e->intent->step = true;
	e->intent->after.iret = true;
	return NULL;
}

/* JMP to itself; past it is where the guest goes on when that is over. */
const char *
encode_spin(struct encoder *e)
{
	encoder_byte(e, 0xEB);
	encoder_byte(e, 0xFE);
	e->intent->spin = true;
	return NULL;
}

/*
 * MOV RSP, RBX.  In 16-bit code the base of SS takes what does not fit into
 * SP; elsewhere it is 0.
 */
const char *
encode_stack(struct encoder *e)
{
	struct sim_seg ss = e->state->segs[SIM_SEG_SS];
	uint64_t top = e->wish->address;

	if (top >> 32 != 0 && e->width != CODE64)
		return "a gpa above 4 GiB needs a guest in long mode";
	ss.base = 0;
	if (e->width == CODE16 && top > STACK_ROOM)
		ss.base = top - STACK_ROOM;
	encoder_load_seg(e, SIM_SEG_SS, &ss);
	encoder_load_gpr(e, SIM_GPR_RBX, top - ss.base);
	encoder_load_gpr(e, SIM_GPR_RSP, top - ss.base);
	if (e->width == CODE64)
		encoder_byte(e, 0x48);	/* REX.W */
	encoder_byte(e, 0x89);
	encoder_byte(e, 0xDC);
	e->intent->step = true;
	e->intent->after.pushes = true;
	return NULL;
}

/* What code that switches modes leaves behind; paging stays off. */
const char *
encode_mode(struct encoder *e)
{
	/* Type 11: code, readable, accessed; the base still spans 4 GiB. */
	struct sim_seg cs = { 0x8, 11 | SIM_ATTRIB_S | SIM_ATTRIB_P |
	    SIM_ATTRIB_DEF | SIM_ATTRIB_G, 0xFFFFFFFF, 0 };
	struct sim_seg ds = { 0x10, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P |
	    SIM_ATTRIB_DEF | SIM_ATTRIB_G, 0xFFFFFFFF, 0 };
	const uint16_t user = 3 << SIM_ATTRIB_DPL_SHIFT;

	if (e->wish->mode == WISH_REAL) {
		cs = (struct sim_seg){ 0xF000, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P,
		    0xFFFF, 0xFFFF0000 };
		ds = (struct sim_seg){ 0, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P,
		    0xFFFF, 0 };
	} else if (e->wish->mode == WISH_LONG) {
		cs.attrib &= (uint16_t)~SIM_ATTRIB_DEF;
		cs.attrib |= SIM_ATTRIB_L;
	} else if (e->wish->mode == WISH_USER) {
		cs = (struct sim_seg){ 0x1B, cs.attrib | user, cs.limit, 0 };
		ds = (struct sim_seg){ 0x23, ds.attrib | user, ds.limit, 0 };
	}
	encoder_load_seg(e, SIM_SEG_CS, &cs);
	encoder_load_seg(e, SIM_SEG_DS, &ds);
	encoder_load_seg(e, SIM_SEG_ES, &ds);
	encoder_load_seg(e, SIM_SEG_SS, &ds);
	encoder_load_cr(e, SIM_CR_CR0, e->wish->mode != WISH_REAL ?
	    e->state->crs[SIM_CR_CR0] | SIM_CR0_PE :
	    e->state->crs[SIM_CR_CR0] & ~SIM_CR0_PE);
	encoder_load(e, offsetof(struct sim_state, msrs),
	    e->wish->mode == WISH_LONG ? SIM_EFER_LMA | SIM_EFER_LME : 0);
	encoder_load_gpr(e, SIM_GPR_RIP, HARNESS_GPA - cs.base);
	encoder_byte(e, 0x90);
	e->intent->step = true;
	return NULL;
}
