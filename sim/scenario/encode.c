/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The encoder of intents.  It writes real instructions for the mode the
 * guest is in, so that a library that fetches them, or an engine that
 * executes them, finds what the raw stop says.
 */
#include "scenario/encode.h"

#include <string.h>

#include "scenario/encoder.h"

static unsigned
code_width(const struct sim_state *state)
{
	uint16_t attrib = state->segs[SIM_SEG_CS].attrib;

	if ((state->msrs[SIM_MSR_EFER] & SIM_EFER_LMA) &&
	    (attrib & SIM_ATTRIB_L))
		return CODE64;
	return attrib & SIM_ATTRIB_DEF ? CODE32 : CODE16;
}

void
encoder_byte(struct encoder *e, unsigned value)
{
	e->intent->stop.bytes[e->intent->stop.length++] = (uint8_t)value;
}

void
encoder_load(struct encoder *e, size_t offset, uint64_t value)
{
	struct sim_preload *p = &e->intent->preloads[e->intent->npreloads++];

	p->offset = (uint16_t)offset;
	p->value = value;
}

void
encoder_load_gpr(struct encoder *e, enum sim_gpr_index index, uint64_t value)
{
	encoder_load(e, offsetof(struct sim_state, gprs) +
	    index * sizeof(uint64_t), value);
}

void
encoder_load_cr(struct encoder *e, enum sim_cr_index index, uint64_t value)
{
	encoder_load(e, offsetof(struct sim_state, crs) +
	    index * sizeof(uint64_t), value);
}

/* A segment is two words: selector, attributes and limit; base. */
void
encoder_load_seg(struct encoder *e, enum sim_seg_index index,
    const struct sim_seg *seg)
{
	size_t offset = offsetof(struct sim_state, segs) +
	    index * sizeof(*seg);
	uint64_t words[2];

	memcpy(words, seg, sizeof(words));
	encoder_load(e, offset, words[0]);
	encoder_load(e, offset + 8, words[1]);
}

static const char *(*const encoders[NWISH])(struct encoder *) = {
	[WISH_OUT] = encode_port, [WISH_IN] = encode_port,
	[WISH_OUTS] = encode_string, [WISH_INS] = encode_string,
	[WISH_WRITE] = encode_memory, [WISH_READ] = encode_memory,
	[WISH_FETCH] = encode_fetch, [WISH_HLT] = encode_hlt,
	[WISH_CPUID] = encode_cpuid, [WISH_RDMSR] = encode_msr,
	[WISH_WRMSR] = encode_msr, [WISH_SHUTDOWN] = encode_shutdown,
	[WISH_MOV_CR] = encode_cr, [WISH_INSN] = encode_insn,
	[WISH_INIT] = encode_init, [WISH_TASK_SWITCH] = encode_task_switch,
	[WISH_STI] = encode_sti, [WISH_CLI] = encode_cli,
	[WISH_NOP] = encode_nop, [WISH_IRET] = encode_iret,
	[WISH_SPIN] = encode_spin, [WISH_STACK] = encode_stack,
	[WISH_MODE] = encode_mode,
};

/* The highest RIP that leaves room for the longest instruction. */
static uint64_t
rip_max(const struct encoder *e)
{
	uint64_t top = e->width == CODE16 ? UINT16_MAX :
	    e->width == CODE32 ? UINT32_MAX : UINT64_MAX;

	return top - (SIM_INST_MAX - 1);
}

/*
 * Where the instruction goes: where RIP is, if that is in the page with
 * room for the longest instruction, else to the page's start, as if the
 * guest had jumped.  The address in the page.
 */
static unsigned
place(struct encoder *e)
{
	/* Outside 64-bit code, addresses have 32 bits. */
	uint64_t mask = e->width == CODE64 ? UINT64_MAX : UINT32_MAX;
	struct sim_seg cs = e->state->segs[SIM_SEG_CS];
	uint64_t rip = e->state->gprs[SIM_GPR_RIP];
	uint64_t base = e->width == CODE64 ? 0 : cs.base;
	uint64_t offset = (base + rip - HARNESS_GPA) & mask;

	if (rip <= rip_max(e) && offset <= 4096 - SIM_INST_MAX)
		return (unsigned)offset;
	rip = (HARNESS_GPA - base) & mask;
	if (rip > rip_max(e)) {
		cs.base = 0xFFFF0000;
		encoder_load_seg(e, SIM_SEG_CS, &cs);
		rip = HARNESS_GPA - cs.base;
	}
	encoder_load_gpr(e, SIM_GPR_RIP, rip);
	return 0;
}

static uint64_t
rip_after(const struct sim_intent *intent, const struct sim_state *state)
{
	const size_t rip = offsetof(struct sim_state, gprs[SIM_GPR_RIP]);
	uint64_t value = state->gprs[SIM_GPR_RIP];
	unsigned i;

	for (i = 0; i < intent->npreloads; i++) {
		if (intent->preloads[i].offset == rip)
			value = intent->preloads[i].value;
	}
	return value + intent->stop.length;
}

const char *
wish_encode(const struct wish *wish, const struct sim_state *state,
    uint8_t *code, struct sim_intent *intent)
{
	struct encoder e = {
		.wish = wish,
		.state = state,
		.intent = intent,
		.width = code_width(state),
	};
	const char *why;
	unsigned offset;

	memset(&intent->stop, 0, sizeof(intent->stop));
	memset(&intent->after, 0, sizeof(intent->after));
	intent->npreloads = 0;
	intent->step = intent->spin = false;
	intent->first_touch = wish->first_touch;
	offset = place(&e);
	if (wish->flags_set != 0 || wish->flags_clear != 0)
		encoder_load_gpr(&e, SIM_GPR_RFLAGS, wish->flags_set |
		    (state->gprs[SIM_GPR_RFLAGS] & ~wish->flags_clear));
	why = encoders[wish->kind](&e);
	if (why != NULL)
		return why;
	if (wish->kind == WISH_MODE)
		offset = 0;
	memcpy(code + offset, intent->stop.bytes, intent->stop.length);
	intent->stop.npc = rip_after(intent, state);
	return NULL;
}
