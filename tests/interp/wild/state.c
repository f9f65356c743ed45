/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers: what each mode needs, and chance.
 */
#include <string.h>

#include "wild.h"

const struct wild_mode_row wild_modes[WILD_NMODES] = {
	[WILD_REAL] = { .name = "real", .code_size = 2 },
	[WILD_VM86] = { .name = "vm86", .code_size = 2, .protected = true,
	    .vm86 = true },
	[WILD_VM86_PAGED] = { .name = "vm86 paged", .code_size = 2,
	    .protected = true, .vm86 = true, .paged = true },
	[WILD_PROT_16] = { .name = "prot16", .code_size = 2,
	    .protected = true },
	[WILD_PROT_32] = { .name = "prot32", .code_size = 4,
	    .protected = true },
	[WILD_PAGED_32] = { .name = "paged32", .code_size = 4,
	    .protected = true, .paged = true },
	[WILD_PAE] = { .name = "pae", .code_size = 4, .protected = true,
	    .paged = true, .pae = true },
	[WILD_COMPAT_16] = { .name = "compat16", .code_size = 2,
	    .protected = true, .paged = true, .pae = true, .wide = true },
	[WILD_COMPAT_32] = { .name = "compat32", .code_size = 4,
	    .protected = true, .paged = true, .pae = true, .wide = true },
	[WILD_LONG] = { .name = "long", .code_size = 8, .protected = true,
	    .paged = true, .pae = true, .wide = true },
};

#define CR0_RANDOM	0x5000EULL	/* AM, WP, TS, EM, MP */
#define CR4_RANDOM	0x350E9EULL	/* all but PAE, PCIDE, OSXMMEXCPT */
#define EFER_RANDOM	0x801ULL	/* NXE, SCE */
#define FLAGS_VALID	0x3F7FD5ULL
#define FLAGS_VM	0x20000ULL
#define MXCSR_VALID	0xFFFFU

/* A place in the base, near the ends of a page, a small or any number. */
uint64_t
state_gpr(struct random *random)
{
	switch (random_below(random, 8)) {
	case 0:
		return random_next(random);
	case 1:
		return random_next(random) & 0xFFFFFFFF;
	case 2:
		return random_below(random, 8);
	case 3:
		return 0xFFFFFFFFFFFFFFFF << random_below(random, 64);
	case 4:
		return random_below(random, 20) * PAGE -
		    random_below(random, 17);
	case 5:
		return (1ULL << 47) - random_below(random, 32);
	default:
		return AT_DATA + random_below(random, BASE_SIZE - AT_DATA);
	}
}

uint64_t
state_rip(struct random *random)
{
	if (random_below(random, 8) == 0)
		return AT_CODE + random_below(random, 4) * PAGE + PAGE -
		    1 - random_below(random, 16);
	return AT_CODE + random_below(random, AT_DATA - AT_CODE);
}

void
state_flags(struct wild_guest *guest)
{
	struct random *random = &guest->random;
	uint64_t flags = random_next(random) & FLAGS_VALID;

	if (random_below(random, 4) != 0)
		flags &= ~0x100ULL;		/* TF */
	if (random_below(random, 4) != 0)
		flags &= ~0x40000ULL;		/* AC */
	flags &= ~FLAGS_VM;
	if (wild_modes[guest->mode].vm86)
		flags |= FLAGS_VM;
	guest->state.gprs[SIM_GPR_RFLAGS] = flags | SIM_RFLAGS_MBO;
}

static bool
corrupts(struct wild_guest *guest)
{
	return guest->corrupt != 0 &&
	    random_below(&guest->random, guest->corrupt) == 0;
}

/* A hidden part that suits the mode; or any. */
void
state_segment(struct wild_guest *guest, enum sim_seg_index i)
{
	const struct wild_mode_row *mode = &wild_modes[guest->mode];
	struct sim_seg *seg = &guest->state.segs[i];
	struct random *random = &guest->random;
	unsigned attrib = i == SIM_SEG_CS ? 0x9B : 0x93;

	if (mode->vm86)
		attrib |= SIM_ATTRIB_DPL;
	if (i == SIM_SEG_CS && mode->code_size == 8)
		attrib |= SIM_ATTRIB_L;
	else if (mode->code_size == 4)
		attrib |= SIM_ATTRIB_DEF;
	*seg = (struct sim_seg){
		.selector = (uint16_t)(random_below(random, 64) * 8),
		.attrib = (uint16_t)attrib,
		.limit = mode->code_size == 2 ? 0xFFFF : 0xFFFFFFFF,
		.base = guest->segment_base & 0xFFFFFFFF,
	};
	if (!corrupts(guest))
		return;
	switch (random_below(random, 4)) {
	case 0:
		seg->attrib = random_next(random) & 0xEFF;
		break;
	case 1:
		seg->limit = (uint32_t)state_gpr(random);
		break;
	case 2:
		seg->base = state_gpr(random);
		break;
	default:
		seg->selector = (uint16_t)random_next(random);
		break;
	}
}

static void
system_segment(struct wild_guest *guest, enum sim_seg_index i, uint32_t at,
    uint32_t limit, unsigned attrib)
{
	struct sim_seg *seg = &guest->state.segs[i];

	*seg = (struct sim_seg){
		.selector = (uint16_t)(random_below(&guest->random, 64) * 8),
		.attrib = (uint16_t)attrib,
		.limit = limit,
		.base = guest->segment_base + at,
	};
	if (corrupts(guest))
		seg->base += state_gpr(&guest->random);
	if (corrupts(guest))
		seg->limit = (uint32_t)state_gpr(&guest->random);
}

/* CPL is SS's; user mode has it in all of them. */
static void
user_mode(struct wild_guest *guest)
{
	unsigned i;

	if (!wild_modes[guest->mode].protected ||
	    random_below(&guest->random, 2))
		return;
	for (i = SIM_SEG_ES; i <= SIM_SEG_GS; i++) {
		guest->state.segs[i].attrib |= SIM_ATTRIB_DPL;
		guest->state.segs[i].selector |= 3;
	}
}

static void
controls_make(struct wild_guest *guest)
{
	const struct wild_mode_row *mode = &wild_modes[guest->mode];
	struct sim_state *state = &guest->state;
	struct random *random = &guest->random;
	uint64_t loosely = random_next(random) & random_next(random);

	state->crs[SIM_CR_CR0] = SIM_CR0_ET | SIM_CR0_NE |
	    (mode->protected ? SIM_CR0_PE : 0) |
	    (mode->paged ? SIM_CR0_PG : 0) | (loosely & CR0_RANDOM);
	state->crs[SIM_CR_CR4] = (random_next(random) & CR4_RANDOM) |
	    (mode->pae ? SIM_CR4_PAE : 0);
	/* What forbids most code to run is rare. */
	if (random_below(random, 4) != 0)
		state->crs[SIM_CR_CR4] &= ~0x300000ULL;
	state->msrs[SIM_MSR_EFER] = (random_next(random) & EFER_RANDOM) |
	    (mode->wide ? SIM_EFER_LME | SIM_EFER_LMA : 0);
}

static void
registers_make(struct wild_guest *guest)
{
	struct sim_state *state = &guest->state;
	struct random *random = &guest->random;
	unsigned i;

	for (i = 0; i < 16; i++)
		state->gprs[i] = state_gpr(random);
	state->gprs[SIM_GPR_RSP] = AT_DATA + random_below(random, 0x3FF) * 16;
	state->gprs[SIM_GPR_RIP] = state_rip(random);
	for (i = SIM_MSR_STAR; i < SIM_NMSR; i++)
		state->msrs[i] = random_next(random);
	state->msrs[SIM_MSR_LSTAR] = state_rip(random);
	state->msrs[SIM_MSR_SYSENTER_EIP] = state_rip(random);
	for (i = 0; i < 4; i++)
		state->drs[i] = state_gpr(random);
	state->drs[SIM_DR_DR6] = 0xFFFF0FF0;
	state->drs[SIM_DR_DR7] = 0x400;
	if (random_below(random, 4) == 0)
		state->drs[SIM_DR_DR7] |= random_next(random) & 0xFFFF23FF;
	for (i = 0; i < SIM_FPU_SIZE; i++)
		state->fpu[i] = (uint8_t)random_next(random);
	memset(state->fpu + SIM_FPU_MXCSR, 0, 8);
	state->fpu[SIM_FPU_MXCSR + 1] = 0x1F;
	memset(state->fpu + SIM_FPU_MXCSR_MASK, 0xFF, 2);
}

void
state_make(struct wild_guest *guest)
{
	unsigned i;

	for (i = SIM_SEG_ES; i <= SIM_SEG_GS; i++)
		state_segment(guest, (enum sim_seg_index)i);
	system_segment(guest, SIM_SEG_GDT, AT_GDT, 0x1FF, 0);
	system_segment(guest, SIM_SEG_IDT,
	    wild_modes[guest->mode].protected ? AT_IDT : AT_VECTORS, 0xFFF,
	    0);
	system_segment(guest, SIM_SEG_LDT, AT_GDT, 0x3FF, 0x82);
	system_segment(guest, SIM_SEG_TR, AT_TSS, 0xFF,
	    random_below(&guest->random, 8) ? 0x8B : 0x83);
	user_mode(guest);
	controls_make(guest);
	registers_make(guest);
	state_flags(guest);
}
