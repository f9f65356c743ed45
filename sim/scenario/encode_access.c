/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Encoding accesses to ports and to memory.
 */
#include "scenario/encoder.h"

/* 16 bits in 32-bit code, or 32 in 16-bit code: the operand-size prefix. */
static void
operand_size(struct encoder *e)
{
	unsigned size = e->wish->size;

	if ((size == 2 && e->width != CODE16) ||
	    (size == 4 && e->width == CODE16))
		encoder_byte(e, 0x66);
	if (size == 8)
		encoder_byte(e, 0x48);	/* REX.W */
}

const char *
encode_port(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool in = wish->kind == WISH_IN;

	encoder_load_gpr(e, SIM_GPR_RDX, wish->port);
	if (!in)
		encoder_load_gpr(e, SIM_GPR_RAX, wish->value);
	operand_size(e);
	encoder_byte(e, (in ? 0xEC : 0xEE) | (wish->size > 1));

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
		encoder_byte(e, prefixes[e->wish->seg]);
}

const char *
encode_string(struct encoder *e)
{
	const struct wish *wish = e->wish;
	bool in = wish->kind == WISH_INS;

	encoder_load_gpr(e, SIM_GPR_RDX, wish->port);
	encoder_load_gpr(e, in ? SIM_GPR_RDI : SIM_GPR_RSI, wish->address);
	if (wish->rep) {
		encoder_load_gpr(e, SIM_GPR_RCX, wish->count);
		encoder_byte(e, 0xF3);
	}
	if (!in)
		segment_prefix(e);
	operand_size(e);
	encoder_byte(e, (in ? 0x6C : 0x6E) | (wish->size > 1));

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
 * BX, so DS takes it, whose hidden base may be anything below 4 GiB.  In
 * 32-bit code RBX is what DS lacks, wherever the VMM has put that.
 */
const char *
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
		encoder_load_seg(e, SIM_SEG_DS, &ds);
		encoder_load_gpr(e, SIM_GPR_RBX, 0);
	} else if (e->width == CODE32)
		encoder_load_gpr(e, SIM_GPR_RBX,
		    (wish->address - ds.base) & 0xFFFFFFFF);
	else
		encoder_load_gpr(e, SIM_GPR_RBX, wish->address);
	if (write)
		encoder_load_gpr(e, SIM_GPR_RAX, wish->value);
	operand_size(e);
	encoder_byte(e, (write ? 0x88 : 0x8A) | (wish->size > 1));
	/* ModRM: AL with [RBX], which 16-bit code encodes as 7. */
	encoder_byte(e, e->width == CODE16 ? 0x07 : 0x03);

	e->intent->stop.kind = SIM_STOP_MEMORY;
	e->intent->stop.u.mem.access =
	    write ? SIM_ACCESS_WRITE : SIM_ACCESS_READ;
	e->intent->stop.u.mem.gpa = wish->address;
	e->intent->stop.u.mem.size = wish->size;
	return NULL;
}

/* The guest jumps to where no code can be fetched: it has no bytes. */
const char *
encode_fetch(struct encoder *e)
{
	const struct wish *wish = e->wish;
	struct sim_seg cs = e->state->segs[SIM_SEG_CS];

	if (e->width == CODE64)
		encoder_load_gpr(e, SIM_GPR_RIP, wish->address);
	else {
		cs.base = wish->address & 0xFFFFFFFFULL;
		encoder_load_seg(e, SIM_SEG_CS, &cs);
		encoder_load_gpr(e, SIM_GPR_RIP, 0);
	}
	e->intent->stop.kind = SIM_STOP_MEMORY;
	e->intent->stop.u.mem.access = SIM_ACCESS_EXEC;
	e->intent->stop.u.mem.gpa = wish->address;
	e->intent->stop.u.mem.size = 1;
	return NULL;
}
