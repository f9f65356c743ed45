/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Encoding instructions that stop as a whole, whatever their operands are.
 */
#include "scenario/encoder.h"

/* The selector of a TSS that nothing looks at: the switch itself stops. */
#define TSS_SELECTOR	0x18

const char *
encode_msr(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool write = wish->kind == WISH_WRMSR;

	encoder_load_gpr(e, SIM_GPR_RCX, wish->msr);
	if (write) {
		encoder_load_gpr(e, SIM_GPR_RAX, wish->value & 0xFFFFFFFF);
		encoder_load_gpr(e, SIM_GPR_RDX, wish->value >> 32);
	}
	encoder_byte(e, 0x0F);
	encoder_byte(e, write ? 0x30 : 0x32);
	e->intent->stop.kind = write ? SIM_STOP_WRMSR : SIM_STOP_RDMSR;
	e->intent->stop.u.msr.number = wish->msr;
	e->intent->stop.u.msr.value = wish->value;
	return NULL;
}

const char *
encode_cpuid(struct encoder *e)
{
	encoder_load_gpr(e, SIM_GPR_RAX, e->wish->leaf);
	encoder_load_gpr(e, SIM_GPR_RCX, e->wish->subleaf);
	encoder_byte(e, 0x0F);
	encoder_byte(e, 0xA2);
	e->intent->stop.kind = SIM_STOP_CPUID;
	return NULL;
}

const char *
encode_hlt(struct encoder *e)
{
	encoder_byte(e, 0xF4);
	e->intent->stop.kind = SIM_STOP_HLT;
	return NULL;
}

/* An exception with an IDT that has no room for a single gate. */
const char *
encode_shutdown(struct encoder *e)
{
	struct sim_seg idt = e->state->segs[SIM_SEG_IDT];

	idt.limit = 0;
	encoder_load_seg(e, SIM_SEG_IDT, &idt);
	encoder_byte(e, 0x0F);	/* UD2 */
	encoder_byte(e, 0x0B);
	e->intent->stop.kind = SIM_STOP_SHUTDOWN;
	return NULL;
}

/* MOV CRn, RAX; CR8 is there with a REX prefix only. */
const char *
encode_cr(struct encoder *e)
{
	const struct wish *wish = e->wish;

	if (wish->cr == 8 && e->width != CODE64)
		return "CR8 can be written in long mode only: say "
		    "guest.mode \"long\" before";
	encoder_load_gpr(e, SIM_GPR_RAX, wish->value);
	if (wish->cr == 8)
		encoder_byte(e, 0x44);	/* REX.R */
	encoder_byte(e, 0x0F);
	encoder_byte(e, 0x22);
	encoder_byte(e, 0xC0 | (wish->cr & 7U) << 3);
	e->intent->stop.kind = SIM_STOP_CR_WRITE;
	e->intent->stop.u.cr.number = wish->cr;
	/* Outside long mode the register has 32 bits. */
	e->intent->stop.u.cr.value = e->width == CODE64 ? wish->value :
	    wish->value & 0xFFFFFFFF;
	return NULL;
}

/* Registers are loaded for XSETBV alone, and only if the wish has them. */
const char *
encode_insn(struct encoder *e)
{
	const struct wish *wish = e->wish;
	const struct sim_insn_row *row = &sim_insns[wish->insn];
	unsigned i;

	if (wish->has_xcr) {
		encoder_load_gpr(e, SIM_GPR_RCX, wish->xcr);
		encoder_load_gpr(e, SIM_GPR_RAX, wish->value & 0xFFFFFFFF);
		encoder_load_gpr(e, SIM_GPR_RDX, wish->value >> 32);
	}
	for (i = 0; i < row->length; i++)
		encoder_byte(e, row->bytes[i]);
	e->intent->stop.kind = SIM_STOP_INSN;
	e->intent->stop.u.insn = wish->insn;
	return NULL;
}

/* The signal comes during a NOP, so that there is a place to go on. */
const char *
encode_init(struct encoder *e)
{
	encoder_byte(e, 0x90);
	e->intent->stop.kind = SIM_STOP_INIT;
	return NULL;
}

/* A far JMP to a TSS. */
const char *
encode_task_switch(struct encoder *e)
{
	unsigned i;

	if (e->width == CODE64 ||
	    (e->state->crs[SIM_CR_CR0] & SIM_CR0_PE) == 0)
		return "a task switch needs a guest in protected mode: say "
		    "guest.mode \"protected\" before";
	encoder_byte(e, 0xEA);
	for (i = 0; i < e->width; i++)
		encoder_byte(e, 0);
	encoder_byte(e, TSS_SELECTOR);
	encoder_byte(e, 0);
	e->intent->stop.kind = SIM_STOP_TASK_SWITCH;
	return NULL;
}
