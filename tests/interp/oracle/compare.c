/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both ends of a guest: the kind, and where it left by an OUT of its own,
 * registers and memory.  A hole or a shutdown stops KVM in the middle of an
 * instruction, with registers that say nothing.
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

/*
 * Fields that are not compared.  Paging is the oracle's own in long mode;
 * the shadow is over when KVM has done the OUT; the rest the guests of rows
 * do not have, and KVM does.
 */
static const char *const unlike[] = {
	"cr3", "xcr0", "pat", "tsc", "mxcsr_mask", "int_shadow",
	"int_window_exiting", "nmi_window_exiting", "evt_pending",
};

/* Bits of others that always have one value in a processor, or are ours. */
static const struct {
	const char *name;
	uint64_t mask;
} masks[] = {
	{ "cr0", ~SIM_CR0_PG }, { "cr4", ~SIM_CR4_PAE },
	{ "dr6", 0xE00F }, { "dr7", ~0x400ULL },
};

static bool
word_differs(const char *name, uint64_t ours, uint64_t theirs, char *text,
    size_t size)
{
	if (ours == theirs)
		return false;
	snprintf(text, size, "%s: %llx, KVM %llx", name,
	    (unsigned long long)ours, (unsigned long long)theirs);
	return true;
}

static uint64_t
mask_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(unlike) / sizeof(unlike[0]); i++)
		if (strcmp(unlike[i], name) == 0)
			return 0;
	for (i = 0; i < sizeof(masks) / sizeof(masks[0]); i++)
		if (strcmp(masks[i].name, name) == 0)
			return masks[i].mask;
	return ~0ULL;
}

/*
 * A segment that is not present has a selector, and nothing to speak of.
 * The rows' odd limits went to KVM as bytes, without G.
 */
static void
segments_even(struct sim_state *state)
{
	struct sim_seg *seg;
	unsigned i;

	for (i = 0; i < SIM_NSEG; i++) {
		seg = &state->segs[i];
		if (i == SIM_SEG_GDT || i == SIM_SEG_IDT)
			continue;
		if ((seg->attrib & SIM_ATTRIB_P) == 0)
			*seg = (struct sim_seg){ .selector = seg->selector };
		if ((seg->limit & 0xfff) != 0xfff)
			seg->attrib &= (uint16_t)~SIM_ATTRIB_G;
	}
}

static bool
registers_differ(const struct guest *guest, const struct guest *other,
    char *text, size_t size)
{
	struct sim_state ours = guest->state, theirs = other->state;
	const struct sim_register_row *reg;
	uint64_t mask;
	size_t i;

	segments_even(&ours);
	segments_even(&theirs);
	for (i = 0; (reg = sim_register_row(i)) != NULL; i++) {
		mask = mask_of(reg->name);
		if (word_differs(reg->name, sim_register_get(&ours, reg) &
		    mask, sim_register_get(&theirs, reg) & mask, text, size))
			return true;
	}
	return false;
}

/* The last instruction's address is not kept by every processor. */
static bool
unit_compared(size_t at)
{
	if (at < 160)
		return at < 5 || (at >= 32 && at % 16 < 10);
	return at < 416;
}

static bool
bytes_differ(const struct guest *guest, const struct guest *other, char *text,
    size_t size)
{
	char name[32];
	size_t i;

	for (i = 0; i < SIM_FPU_SIZE; i++) {
		snprintf(name, sizeof(name), "FPU byte %zu", i);
		if (unit_compared(i) && word_differs(name,
		    guest->state.fpu[i], other->state.fpu[i], text, size))
			return true;
	}
	for (i = 0; i < RAM; i++) {
		if (guest->map.ram[i] == other->map.ram[i])
			continue;
		snprintf(name, sizeof(name), "memory at %zx", i);
		return word_differs(name, guest->map.ram[i],
		    other->map.ram[i], text, size);
	}
	return false;
}

/* KVM takes eight bytes of a hole at a time. */
static bool
hole_differs(const struct sim_stop *stop, const struct sim_stop *other,
    char *text, size_t size)
{
	unsigned bytes = stop->u.mem.size < 8 ? stop->u.mem.size : 8;

	return word_differs("hole's address", stop->u.mem.gpa,
	    other->u.mem.gpa, text, size) ||
	    word_differs("access", stop->u.mem.access, other->u.mem.access,
	    text, size) ||
	    word_differs("bytes of a hole", bytes, other->u.mem.size, text,
	    size);
}

bool
port_is_ours(unsigned port)
{
	return port == PORT_DONE ||
	    (port >= PORT_VECTOR && port < PORT_VECTOR + 32);
}

bool
results_differ(const struct guest *guest, const struct sim_stop *stop,
    const struct guest *other, const struct kvm_result *result, char *text,
    size_t size)
{
	const struct sim_stop *theirs = &result->stop;

	if (result->end == KVM_FAILED) {
		snprintf(text, size, "KVM: %s", result->why);
		return true;
	}
	if (word_differs("stop", stop->kind, theirs->kind, text, size))
		return true;
	if (stop->kind == SIM_STOP_MEMORY)
		return hole_differs(stop, theirs, text, size);
	if (stop->kind != SIM_STOP_IO)
		return false;
	if (word_differs("port", stop->u.io.port, theirs->u.io.port, text,
	    size) || word_differs("IN", stop->u.io.in, theirs->u.io.in, text,
	    size) || word_differs("port's bytes", stop->u.io.operand_size,
	    theirs->u.io.operand_size, text, size))
		return true;
	/* An I/O instruction of the row's own is done already on KVM. */
	if (!port_is_ours(stop->u.io.port))
		return false;
	return registers_differ(guest, other, text, size) ||
	    bytes_differ(guest, other, text, size);
}
