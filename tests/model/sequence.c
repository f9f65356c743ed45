/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator of sequences.  What it avoids, because nothing is to be
 * learned about caching there: paging, long mode and 32-bit code, in which
 * the assists would find other instructions.
 */
#include "sequence.h"

#include <string.h>

/* splitmix64: every state is a good start, so a number can be one. */
struct random {
	uint64_t state;
};

static uint64_t
random_next(struct random *random)
{
	uint64_t z = random->state += 0x9E3779B97F4A7C15ULL;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	return z ^ (z >> 31);
}

static unsigned
below(struct random *random, unsigned n)
{
	return (unsigned)(random_next(random) % n);
}

/* One in n. */
static bool
chance(struct random *random, unsigned n)
{
	return below(random, n) == 0;
}

static uint64_t
components_make(struct random *random)
{
	uint64_t bits;

	if (chance(random, 8))
		return SIM_STATE_ALL;
	if (chance(random, 3))
		return SIM_BIT(below(random, SIM_NCOMPONENT));
	do {
		bits = random_next(random) & random_next(random) &
		    SIM_STATE_ALL;
	} while (bits == 0);
	return bits;
}

/* Bits that stay clear. */
static const struct {
	const char *reg;
	uint64_t bits;
} kept_clear[] = {
	{ "cr0", SIM_CR0_PG },
	{ "efer", SIM_EFER_LME | SIM_EFER_LMA },
	{ "cs.attrib", SIM_ATTRIB_L | SIM_ATTRIB_DEF },
	{ "ss.attrib", SIM_ATTRIB_DPL },
};

static uint64_t
value_make(struct random *random, const struct sim_register_row *row)
{
	uint64_t value = random_next(random);
	size_t i;

	switch (below(random, 4)) {
	case 0:
		value = ~0ULL;
		break;
	case 1:
		value = below(random, 16);
		break;
	case 2:
		value = 1ULL << below(random, row->width);
		break;
	}
	if (row->width < 64)
		value &= (1ULL << row->width) - 1;
	for (i = 0; i < sizeof(kept_clear) / sizeof(kept_clear[0]); i++) {
		if (strcmp(kept_clear[i].reg, row->name) == 0)
			value &= ~kept_clear[i].bits;
	}
	return value;
}

static const struct sim_register_row *
register_make(struct random *random, uint64_t components)
{
	const struct sim_register_row *row;
	size_t n = 0;

	while (sim_register_row(n) != NULL)
		n++;
	do {
		row = sim_register_row(below(random, (unsigned)n));
	} while ((components & SIM_BIT(row->component)) == 0);
	return row;
}

static void
set_make(struct random *random, struct step *step)
{
	unsigned i;

	step->components = components_make(random);
	step->nwrites = below(random, STEP_WRITES + 1);
	for (i = 0; i < step->nwrites; i++) {
		step->writes[i].row = register_make(random, step->components);
		step->writes[i].value = value_make(random,
		    step->writes[i].row);
	}
}

static void
inject_make(struct random *random, struct step *step)
{
	step->event.type = chance(random, 2) ? SIM_EVENT_EXCP :
	    SIM_EVENT_INTR;
	step->event.vector = chance(random, 4) ? 2 :
	    (uint8_t)below(random, 48);
	if (step->event.type == SIM_EVENT_EXCP)
		step->event.error = below(random, 16);
}

/* Instructions that the kernel handles, or that never leave the guest. */
static void
handled_make(struct random *random, struct wish *wish)
{
	static const struct wish wishes[] = {
		{ .kind = WISH_NOP }, { .kind = WISH_STI },
		{ .kind = WISH_CLI },
		{ .kind = WISH_CPUID, .leaf = 0x40000000 },
		{ .kind = WISH_CPUID, .leaf = 0x80000007 },
		{ .kind = WISH_RDMSR, .msr = 0x10 },
		{ .kind = WISH_RDMSR, .msr = 0x8B },
		{ .kind = WISH_RDMSR, .msr = 0xC0000080 },
		{ .kind = WISH_RDMSR, .msr = 0xC0000082 },
		{ .kind = WISH_WRMSR, .msr = 0x10, .value = 0x123456789 },
		{ .kind = WISH_WRMSR, .msr = 0x8B, .value = 1 },
		{ .kind = WISH_WRMSR, .msr = 0x277, .value = 0x0107 },
		/* Both of these fault on one back end. */
		{ .kind = WISH_WRMSR, .msr = 0x277, .value = 0x0207 },
		{ .kind = WISH_WRMSR, .msr = 0xC0000080, .value = 0x10002 },
		{ .kind = WISH_WRMSR, .msr = 0xC0000080, .value = 0x1801 },
		{ .kind = WISH_WRMSR, .msr = 0xC0000082, .value = 0x77 },
	};

	*wish = wishes[below(random, sizeof(wishes) / sizeof(wishes[0]))];
}

/* Instructions that the VMM has to see. */
static void
exiting_make(struct random *random, struct wish *wish)
{
	static const struct wish wishes[] = {
		{ .kind = WISH_OUT, .port = 0x3F8 },
		{ .kind = WISH_OUT, .port = 0xCF8 },
		{ .kind = WISH_IN, .port = 0x60 },
		{ .kind = WISH_IN, .port = 0xCFC },
		{ .kind = WISH_READ, .address = 0xFEE00000 },
		{ .kind = WISH_WRITE, .address = 0xFEE000B0 },
		{ .kind = WISH_READ, .address = 0x1000 },
		{ .kind = WISH_HLT },
		{ .kind = WISH_RDMSR, .msr = 0x1B },
		{ .kind = WISH_WRMSR, .msr = 0x1B, .value = 0xFEE00900 },
		{ .kind = WISH_SHUTDOWN }, { .kind = WISH_INVD },
	};

	*wish = wishes[below(random, sizeof(wishes) / sizeof(wishes[0]))];
	if (wish->kind <= WISH_READ) {
		wish->size = (uint8_t)(1U << below(random, 3));
		wish->value = (wish->kind == WISH_OUT ||
		    wish->kind == WISH_WRITE) ? random_next(random) : 0;
	}
}

static void
run_make(struct random *random, struct step *step)
{
	unsigned i, handled = chance(random, 2) ? 0 : below(random,
	    STEP_WISHES);

	for (i = 0; i < handled; i++)
		handled_make(random, &step->wishes[i]);
	exiting_make(random, &step->wishes[i]);
	step->nwishes = i + 1;
}

/* What a VMM would do about the exit that the step makes, or STEP_RUN. */
static enum step_kind
follow_up(const struct step *step)
{
	switch (step->wishes[step->nwishes - 1].kind) {
	case WISH_OUT:
	case WISH_IN:
		return STEP_ASSIST_IO;
	case WISH_READ:
	case WISH_WRITE:
		return STEP_ASSIST_MEM;
	default:
		return STEP_FINISH;
	}
}

static enum step_kind
kind_make(struct random *random)
{
	/* Out of 32; the assists mostly follow their exits instead. */
	static const struct {
		unsigned weight;
		enum step_kind kind;
	} kinds[] = {
		{ 9, STEP_RUN }, { 8, STEP_GET }, { 7, STEP_SET },
		{ 2, STEP_INJECT }, { 2, STEP_HOST }, { 1, STEP_STOP },
		{ 1, STEP_ASSIST_IO }, { 1, STEP_ASSIST_MEM },
		{ 1, STEP_FINISH },
	};
	unsigned i, n = below(random, 32);

	for (i = 0; n >= kinds[i].weight; i++)
		n -= kinds[i].weight;
	return kinds[i].kind;
}

static void
step_make(struct random *random, struct step *step)
{
	switch (step->kind) {
	case STEP_GET:
		step->components = components_make(random);
		break;
	case STEP_SET:
		set_make(random, step);
		break;
	case STEP_INJECT:
		inject_make(random, step);
		break;
	case STEP_RUN:
		run_make(random, step);
		break;
	case STEP_HOST:
		step->reason = (enum sim_host_reason)(1 + below(random, 3));
		step->looks = below(random, 4);
		break;
	default:
		break;
	}
}

void
sequence_make(struct sequence *sequence, uint64_t seed, uint64_t number)
{
	struct random random = { .state = seed };
	const struct step *last;
	struct step *step;
	unsigned i, n;

	random.state = random_next(&random) + number;
	n = 1 + below(&random, SEQUENCE_STEPS);
	memset(sequence, 0, sizeof(*sequence));
	for (i = 0; i < n; i++) {
		step = &sequence->steps[i];
		last = i > 0 ? &sequence->steps[i - 1] : NULL;
		if (last != NULL && last->kind == STEP_RUN &&
		    !chance(&random, 3)) {
			step->kind = follow_up(last);
			step->cpu = last->cpu;
		} else {
			step->kind = kind_make(&random);
			step->cpu = chance(&random, 4);
		}
		step_make(&random, step);
	}
	/* A last look finds what nobody asked for. */
	step = &sequence->steps[n - 1];
	memset(step, 0, sizeof(*step));
	step->kind = STEP_GET;
	step->components = SIM_STATE_ALL;
	sequence->nsteps = n;
}
