/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator's guests.
 */
#include "sequence.h"

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

static void
inside_make(struct random *random, struct wish *wish)
{
	static const struct wish wishes[] = {
		{ .kind = WISH_NOP }, { .kind = WISH_STI },
		{ .kind = WISH_CLI }, { .kind = WISH_NOP },
		{ .kind = WISH_IRET }, { .kind = WISH_IRET },
		{ .kind = WISH_STACK, .address = 0x2004 },
		{ .kind = WISH_STACK, .address = 0x8000 },
	};

	*wish = wishes[below(random, COUNT(wishes))];
}

static void
cpuid_make(struct random *random, struct wish *wish)
{
	static const uint32_t leaves[] = {
		0, 1, 2, 3, 4, 6, 7, 0xA, 0xB, 0xD, 0x10, 0x15, 0x16, 0x17,
		0x40000000, 0x40000001, 0x80000000, 0x80000001, 0x80000002,
		0x80000005, 0x80000007, 0x80000008, 0x8000000A, 0x80000019,
		0x8000001D, 0x8000001F, 0x80000020, 0xFFFFFFFF,
	};

	wish->kind = WISH_CPUID;
	wish->leaf = chance(random, 2) ? sequence_leaf(random) :
	    leaves[below(random, COUNT(leaves))];
	wish->subleaf = below(random, 4);
}

/* Numbers that mean something on one back end at least. */
static const uint32_t msrs[] = {
	0x10, 0x17, 0x1B, 0x8B, 0xFE, 0x10A, 0x174, 0x175, 0x176, 0x179,
	0x1A0, 0x277, 0x2FF, 0xC0000080, 0xC0000081, 0xC0000082, 0xC0000083,
	0xC0000084, 0xC0000100, 0xC0000101, 0xC0000102, 0xC001001F,
	0xC0010055, 0xC0011021, 0xC0011029,
};

static void
rdmsr_make(struct random *random, struct wish *wish)
{
	wish->kind = WISH_RDMSR;
	wish->msr = msrs[below(random, COUNT(msrs))];
}

/* Long mode stays off: EFER's values have neither LME nor LMA. */
static void
wrmsr_make(struct random *random, struct wish *wish)
{
	static const struct wish special[] = {
		{ .msr = 0x277, .value = 0x0107 },
		{ .msr = 0x277, .value = 0x0207 },
		{ .msr = 0x277, .value = 0x0706050401000607 },
		{ .msr = 0x277, .value = 0x0800000000000000 },
		{ .msr = 0xC0000080, .value = 0x10002 },
		{ .msr = 0xC0000080, .value = 0x1801 },
		{ .msr = 0xC0000080, .value = 0xD801 },
		{ .msr = 0xC0000080, .value = 0x2000 },
	};

	if (chance(random, 3))
		*wish = special[below(random, COUNT(special))];
	else {
		wish->msr = msrs[below(random, COUNT(msrs))];
		wish->value = random_next(random);
		if (wish->msr == 0xC0000080)
			wish->value &= ~(SIM_EFER_LME | SIM_EFER_LMA);
	}
	wish->kind = WISH_WRMSR;
}

static void
port_make(struct random *random, struct wish *wish)
{
	static const uint16_t ports[] = { 0, 0x60, 0x3F8, 0xCFC, 0xFFFF };

	wish->kind = chance(random, 2) ? WISH_IN : WISH_OUT;
	wish->port = ports[below(random, COUNT(ports))];
	wish->size = (uint8_t)(1U << below(random, 3));
	if (wish->kind == WISH_OUT)
		wish->value = random_next(random);
}

/* Where sequences map memory, and where nothing ever is. */
static void
memory_make(struct random *random, struct wish *wish)
{
	static const uint64_t gpas[] = {
		0x1000, 0x1FFE, 0x2000, 0x2FFF, 0x3010, 0x3FFD, 0x8000,
		0xFEE00000, 0xFEE000B0,
	};

	wish->kind = chance(random, 2) ? WISH_READ : WISH_WRITE;
	wish->address = gpas[below(random, COUNT(gpas))];
	wish->size = (uint8_t)(1U << below(random, 3));
	if (wish->kind == WISH_WRITE)
		wish->value = random_next(random);
	wish->first_touch = chance(random, 8);
	if (chance(random, 16)) {
		wish->kind = WISH_FETCH;
		wish->first_touch = false;
		wish->size = 1;
	}
}

/* Paging stays off. */
static void
cr_make(struct random *random, struct wish *wish)
{
	static const uint8_t numbers[] = { 0, 2, 3, 4, 8 };

	wish->kind = WISH_MOV_CR;
	wish->cr = numbers[below(random, COUNT(numbers))];
	wish->value = chance(random, 3) ? below(random, 18) :
	    random_next(random) & random_next(random);
	if (chance(random, 3))
		wish->value &= 0x370FFF;
	if (wish->cr == 0)
		wish->value &= ~SIM_CR0_PG;
}

static void
insn_make(struct random *random, struct wish *wish)
{
	wish->kind = WISH_INSN;
	wish->insn = (enum sim_insn)below(random, SIM_NINSN);
	if (!chance(random, 4))
		return;
	wish->insn = SIM_INSN_XSETBV;
	wish->has_xcr = true;
	wish->xcr = chance(random, 4);
	wish->value = below(random, 5);
}

static void
mode_make(struct random *random, struct wish *wish)
{
	wish->kind = WISH_MODE;
	wish->mode = (enum wish_mode)below(random, WISH_USER + 1);
}

static void
stop_make(struct random *random, struct wish *wish)
{
	static const struct wish wishes[] = {
		{ .kind = WISH_HLT }, { .kind = WISH_HLT },
		{ .kind = WISH_SHUTDOWN }, { .kind = WISH_INIT },
		{ .kind = WISH_TASK_SWITCH },
		{ .kind = WISH_INSN, .insn = SIM_INSN_INVD },
	};

	*wish = wishes[below(random, COUNT(wishes))];
}

static void
wish_make(struct random *random, struct wish *wish)
{
	static void (*const makers[])(struct random *, struct wish *) = {
		inside_make, inside_make, cpuid_make, rdmsr_make, wrmsr_make,
		port_make, port_make, memory_make, memory_make, stop_make,
		cr_make, insn_make, mode_make,
	};

	makers[below(random, COUNT(makers))](random, wish);
	/* Code before it may have turned interrupts on or off. */
	if (chance(random, 8))
		wish->flags_set = SIM_RFLAGS_IF;
	else if (chance(random, 8))
		wish->flags_clear = SIM_RFLAGS_IF;
	/* What the Lua names of these do not take. */
	if (wish->kind == WISH_STI || wish->kind == WISH_CLI ||
	    wish->kind == WISH_MODE || wish->kind == WISH_INSN)
		wish->flags_set = wish->flags_clear = 0;
}

/* It spins until somebody makes the kernel return. */
static void
spin_make(struct random *random, struct step *step)
{
	struct model_action *action = &step->action;

	step->wishes[step->nwishes - 1] = (struct wish){ .kind = WISH_SPIN };
	action->armed = true;
	action->inject = !chance(random, 4);
	sequence_event(random, &action->event);
	action->reason = (enum sim_host_reason)(1 + below(random, 3));
	action->looks = below(random, 4);
}

void
sequence_wishes(struct random *random, struct step *step)
{
	unsigned i;

	step->nwishes = chance(random, 2) ? 1 :
	    1 + below(random, STEP_WISHES);
	for (i = 0; i < step->nwishes; i++)
		wish_make(random, &step->wishes[i]);
	if (chance(random, 8))
		spin_make(random, step);
}
