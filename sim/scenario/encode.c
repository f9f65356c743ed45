/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The encoder of intents.  It writes real instructions for the mode the
 * guest is in, so that a library that fetches them, or an engine that
 * executes them, finds what the raw stop says.
 */
#include "scenario/encode.h"

#include <string.h>

/* Bytes of code mode: what CS and EFER make of it. */
enum { CODE16 = 2, CODE32 = 4, CODE64 = 8 };

/* An instruction under construction. */
struct encoder {
	const struct wish *wish;
	const struct sim_state *state;
	struct sim_intent *intent;
	unsigned width;			/* CODE16, CODE32, CODE64 */
};

static unsigned
code_width(const struct sim_state *state)
{
	uint16_t attrib = state->segs[SIM_SEG_CS].attrib;

	if ((state->msrs[SIM_MSR_EFER] & SIM_EFER_LMA) &&
	    (attrib & SIM_ATTRIB_L))
		return CODE64;
	return attrib & SIM_ATTRIB_DEF ? CODE32 : CODE16;
}

static void
byte(struct encoder *e, unsigned value)
{
	e->intent->stop.bytes[e->intent->stop.length++] = (uint8_t)value;
}

static void
load(struct encoder *e, size_t offset, uint64_t value)
{
	struct sim_preload *p = &e->intent->preloads[e->intent->npreloads++];

	p->offset = (uint16_t)offset;
	p->value = value;
}

static void
load_gpr(struct encoder *e, enum sim_gpr_index index, uint64_t value)
{
	load(e, offsetof(struct sim_state, gprs) + index * sizeof(uint64_t),
	    value);
}

static void
load_cr(struct encoder *e, enum sim_cr_index index, uint64_t value)
{
	load(e, offsetof(struct sim_state, crs) + index * sizeof(uint64_t),
	    value);
}

/* A segment is two words: selector, attributes and limit; base. */
static void
load_seg(struct encoder *e, enum sim_seg_index index,
    const struct sim_seg *seg)
{
	size_t offset = offsetof(struct sim_state, segs) +
	    index * sizeof(*seg);
	uint64_t words[2];

	memcpy(words, seg, sizeof(words));
	load(e, offset, words[0]);
	load(e, offset + 8, words[1]);
}

/* 16 bits in 32-bit code, or 32 in 16-bit code: the operand-size prefix. */
static void
operand_size(struct encoder *e)
{
	unsigned size = e->wish->size;

	if ((size == 2 && e->width != CODE16) ||
	    (size == 4 && e->width == CODE16))
		byte(e, 0x66);
	if (size == 8)
		byte(e, 0x48);	/* REX.W */
}

static const char *
encode_port(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool in = wish->kind == WISH_IN;

	load_gpr(e, SIM_GPR_RDX, wish->port);
	if (!in)
		load_gpr(e, SIM_GPR_RAX, wish->value);
	operand_size(e);
	byte(e, (in ? 0xEC : 0xEE) | (wish->size > 1));

	e->intent->stop.kind = SIM_STOP_IO;
	e->intent->stop.u.io.in = in;
	e->intent->stop.u.io.port = wish->port;
	e->intent->stop.u.io.operand_size = wish->size;
	e->intent->stop.u.io.address_size = (uint8_t)e->width;
	e->intent->stop.u.io.seg = SIM_SEG_DS;
	return NULL;
}

static void
segment_prefix(struct encoder *e)
{
	static const uint8_t prefixes[] = {
		[SIM_SEG_ES] = 0x26, [SIM_SEG_CS] = 0x2E, [SIM_SEG_SS] = 0x36,
		[SIM_SEG_DS] = 0x3E, [SIM_SEG_FS] = 0x64, [SIM_SEG_GS] = 0x65,
	};

	if (e->wish->has_seg)
		byte(e, prefixes[e->wish->seg]);
}

static const char *
encode_string(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool in = wish->kind == WISH_INS;

	load_gpr(e, SIM_GPR_RDX, wish->port);
	load_gpr(e, in ? SIM_GPR_RDI : SIM_GPR_RSI, wish->address);
	if (wish->rep) {
		load_gpr(e, SIM_GPR_RCX, wish->count);
		byte(e, 0xF3);
	}
	if (!in)
		segment_prefix(e);
	operand_size(e);
	byte(e, (in ? 0x6C : 0x6E) | (wish->size > 1));

	e->intent->stop.kind = SIM_STOP_IO;
	e->intent->stop.u.io.in = in;
	e->intent->stop.u.io.rep = wish->rep;
	e->intent->stop.u.io.str = true;
	e->intent->stop.u.io.port = wish->port;
	e->intent->stop.u.io.operand_size = wish->size;
	e->intent->stop.u.io.address_size = (uint8_t)e->width;
	e->intent->stop.u.io.seg = in ? SIM_SEG_ES :
	    wish->has_seg ? wish->seg : SIM_SEG_DS;
	return NULL;
}

/*
 * MOV between RAX and [RBX].  In 16-bit code the address does not fit into
 * BX, so DS takes it, whose hidden base may be anything below 4 GiB.
 */
static const char *
encode_memory(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool write = wish->kind == WISH_WRITE;
	struct sim_seg ds = e->state->segs[SIM_SEG_DS];

	if (wish->size == 8 && e->width != CODE64)
		return "an access of 8 bytes needs a guest in long mode";
	if (wish->address >> 32 != 0 && e->width != CODE64)
		return "a gpa above 4 GiB needs a guest in long mode";
	if (e->width == CODE16) {
		ds.base = wish->address;
		load_seg(e, SIM_SEG_DS, &ds);
		load_gpr(e, SIM_GPR_RBX, 0);
	} else
		load_gpr(e, SIM_GPR_RBX, wish->address);
	if (write)
		load_gpr(e, SIM_GPR_RAX, wish->value);
	operand_size(e);
	byte(e, (write ? 0x88 : 0x8A) | (wish->size > 1));
	/* ModRM: AL with [RBX], which 16-bit code encodes as 7. */
	byte(e, e->width == CODE16 ? 0x07 : 0x03);

	e->intent->stop.kind = SIM_STOP_MEMORY;
	e->intent->stop.u.mem.access =
	    write ? SIM_ACCESS_WRITE : SIM_ACCESS_READ;
	e->intent->stop.u.mem.gpa = wish->address;
	e->intent->stop.u.mem.size = wish->size;
	return NULL;
}

/* The guest jumps to where no code can be fetched: it has no bytes. */
static const char *
encode_fetch(struct encoder *e)
{
	const struct wish *wish = e->wish;
	struct sim_seg cs = e->state->segs[SIM_SEG_CS];

	if (e->width == CODE64)
		load_gpr(e, SIM_GPR_RIP, wish->address);
	else {
		cs.base = wish->address & 0xFFFFFFFFULL;
		load_seg(e, SIM_SEG_CS, &cs);
		load_gpr(e, SIM_GPR_RIP, 0);
	}
	e->intent->stop.kind = SIM_STOP_MEMORY;
	e->intent->stop.u.mem.access = SIM_ACCESS_EXEC;
	e->intent->stop.u.mem.gpa = wish->address;
	e->intent->stop.u.mem.size = 1;
	return NULL;
}

static const char *
encode_msr(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool write = wish->kind == WISH_WRMSR;

	load_gpr(e, SIM_GPR_RCX, wish->msr);
	if (write) {
		load_gpr(e, SIM_GPR_RAX, wish->value & 0xFFFFFFFF);
		load_gpr(e, SIM_GPR_RDX, wish->value >> 32);
	}
	byte(e, 0x0F);
	byte(e, write ? 0x30 : 0x32);
	e->intent->stop.kind = write ? SIM_STOP_WRMSR : SIM_STOP_RDMSR;
	e->intent->stop.u.msr.number = wish->msr;
	e->intent->stop.u.msr.value = wish->value;
	return NULL;
}

static const char *
encode_cpuid(struct encoder *e)
{
	load_gpr(e, SIM_GPR_RAX, e->wish->leaf);
	load_gpr(e, SIM_GPR_RCX, e->wish->subleaf);
	byte(e, 0x0F);
	byte(e, 0xA2);
	e->intent->stop.kind = SIM_STOP_CPUID;
	return NULL;
}

static const char *
encode_hlt(struct encoder *e)
{
	byte(e, 0xF4);
	e->intent->stop.kind = SIM_STOP_HLT;
	return NULL;
}

/* An exception with an IDT that has no room for a single gate. */
static const char *
encode_shutdown(struct encoder *e)
{
	struct sim_seg idt = e->state->segs[SIM_SEG_IDT];

	idt.limit = 0;
	load_seg(e, SIM_SEG_IDT, &idt);
	byte(e, 0x0F);	/* UD2 */
	byte(e, 0x0B);
	e->intent->stop.kind = SIM_STOP_SHUTDOWN;
	return NULL;
}

static const char *
encode_invd(struct encoder *e)
{
	byte(e, 0x0F);
	byte(e, 0x08);
	e->intent->stop.kind = SIM_STOP_INSN;
	e->intent->stop.u.insn = SIM_INSN_INVD;
	return NULL;
}

static const char *
encode_sti(struct encoder *e)
{
	byte(e, 0xFB);
	e->intent->step = true;
	e->intent->after.flags_set = SIM_RFLAGS_IF;
	/* Only where interrupts were off does STI hold them off once more. */
	e->intent->after.shadow =
	    (e->state->gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) == 0;
	return NULL;
}

static const char *
encode_cli(struct encoder *e)
{
	byte(e, 0xFA);
	e->intent->step = true;
	e->intent->after.flags_clear = SIM_RFLAGS_IF;
	return NULL;
}

static const char *
encode_nop(struct encoder *e)
{
	byte(e, 0x90);
	e->intent->step = true;
	return NULL;
}

/* What code that switches modes leaves behind; paging stays off. */
static const char *
encode_mode(struct encoder *e)
{
	/* Type 11: code, readable, accessed; the base still spans 4 GiB. */
	struct sim_seg cs = { 0x8, 11 | SIM_ATTRIB_S | SIM_ATTRIB_P |
	    SIM_ATTRIB_DEF | SIM_ATTRIB_G, 0xFFFFFFFF, 0 };
	struct sim_seg ds = { 0x10, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P |
	    SIM_ATTRIB_DEF | SIM_ATTRIB_G, 0xFFFFFFFF, 0 };

	if (e->wish->mode == WISH_REAL) {
		cs = (struct sim_seg){ 0xF000, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P,
		    0xFFFF, 0xFFFF0000 };
		ds = (struct sim_seg){ 0, 3 | SIM_ATTRIB_S | SIM_ATTRIB_P,
		    0xFFFF, 0 };
	} else if (e->wish->mode == WISH_LONG) {
		cs.attrib &= (uint16_t)~SIM_ATTRIB_DEF;
		cs.attrib |= SIM_ATTRIB_L;
	}
	load_seg(e, SIM_SEG_CS, &cs);
	load_seg(e, SIM_SEG_DS, &ds);
	load_seg(e, SIM_SEG_ES, &ds);
	load_cr(e, SIM_CR_CR0, (e->state->crs[SIM_CR_CR0] & ~SIM_CR0_PE) |
	    (e->wish->mode != WISH_REAL ? SIM_CR0_PE : 0));
	load(e, offsetof(struct sim_state, msrs),
	    e->wish->mode == WISH_LONG ? SIM_EFER_LMA | SIM_EFER_LME : 0);
	load_gpr(e, SIM_GPR_RIP, HARNESS_GPA - cs.base);
	byte(e, 0x90);
	e->intent->step = true;
	return NULL;
}

static const char *(*const encoders[NWISH])(struct encoder *) = {
	[WISH_OUT] = encode_port, [WISH_IN] = encode_port,
	[WISH_OUTS] = encode_string, [WISH_INS] = encode_string,
	[WISH_WRITE] = encode_memory, [WISH_READ] = encode_memory,
	[WISH_FETCH] = encode_fetch, [WISH_HLT] = encode_hlt,
	[WISH_CPUID] = encode_cpuid, [WISH_RDMSR] = encode_msr,
	[WISH_WRMSR] = encode_msr, [WISH_SHUTDOWN] = encode_shutdown,
	[WISH_INVD] = encode_invd, [WISH_STI] = encode_sti,
	[WISH_CLI] = encode_cli, [WISH_NOP] = encode_nop,
	[WISH_MODE] = encode_mode,
};

/*
 * Where the instruction goes: where RIP is, if that is in the page with
 * room for the longest instruction, else to the page's start, as if the
 * guest had jumped.  The address in the page.
 */
static unsigned
place(struct encoder *e)
{
	const struct sim_seg *cs = &e->state->segs[SIM_SEG_CS];
	struct sim_seg far = *cs;
	uint64_t rip = e->state->gprs[SIM_GPR_RIP];
	uint64_t base = e->width == CODE64 ? 0 : cs->base;
	uint64_t offset = base + rip - HARNESS_GPA;

	if (offset <= 4096 - SIM_INST_MAX)
		return (unsigned)offset;
	if (e->width == CODE16 && HARNESS_GPA - base > 0xFFFF) {
		far.base = base = 0xFFFF0000;
		load_seg(e, SIM_SEG_CS, &far);
	}
	load_gpr(e, SIM_GPR_RIP, HARNESS_GPA - base);
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
	intent->step = false;
	offset = place(&e);
	if (wish->flags_set != 0 || wish->flags_clear != 0)
		load_gpr(&e, SIM_GPR_RFLAGS, wish->flags_set |
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
