/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generator of sequences.  What it avoids, because nothing is to be
 * learned about caching there: paging, long mode and 32-bit code, in which
 * the assists would find other instructions.
 */
#include "sequence.h"

#include <errno.h>
#include <string.h>

const struct sequence_cpu sequence_cpus[SEQUENCE_CPUS] = {
	{ 0, 0 }, { 0, SEQUENCE_LAST }, { 1, 3 }, { 0, 7 },
};

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
	static unsigned n;
	const struct sim_register_row *row;

	while (sim_register_row(n) != NULL)
		n++;
	do {
		row = sim_register_row(below(random, n));
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

/* A VMM that plays with windows and shadows. */
static void
set_windows(struct random *random, struct step *step)
{
	static const char *const names[] = {
		"int_shadow", "int_window_exiting", "nmi_window_exiting",
		"rflags",
	};
	unsigned i;

	step->components = SIM_BIT(SIM_INTR);
	step->nwrites = 1 + below(random, 4);
	for (i = 0; i < step->nwrites; i++) {
		step->writes[i].row = sim_register_find(names[i]);
		step->writes[i].value = below(random, 2);
	}
	if (step->nwrites == 4) {
		step->components |= SIM_BIT(SIM_GPRS);
		step->writes[3].value = 2 + 0x200 * below(random, 2);
	}
}

void
sequence_event(struct random *random, struct sim_event_record *event)
{
	event->type = chance(random, 2) ? SIM_EVENT_EXCP : SIM_EVENT_INTR;
	event->vector = chance(random, 4) ? 2 : (uint8_t)below(random, 48);
	if (chance(random, 16)) {
		event->type = (uint32_t)random_next(random);
		event->vector = (uint8_t)random_next(random);
	}
	if (event->type == SIM_EVENT_EXCP)
		event->error = chance(random, 4) ? random_next(random) :
		    below(random, 16);
}

static void
fault_make(struct random *random, struct step *step)
{
	static const enum sim_ioctl_index ioctls[] = {
		SIM_VCPU_GETSTATE, SIM_VCPU_GETSTATE, SIM_VCPU_RUN,
		SIM_VCPU_RUN, SIM_VCPU_CREATE, SIM_VCPU_DESTROY, SIM_GPA_MAP,
		SIM_GPA_UNMAP, SIM_VCPU_CONFIGURE,
	};
	static const int errors[] = { EIO, EINTR, ENOMEM, EAGAIN };

	step->ioctl = ioctls[below(random,
	    sizeof(ioctls) / sizeof(ioctls[0]))];
	step->error = errors[below(random,
	    sizeof(errors) / sizeof(errors[0]))];
}

static void
map_make(struct random *random, struct step *step)
{
	static const uint64_t gpas[] = { 0x1000, 0x2000, 0x3000, 0xFEE00000 };
	unsigned page = below(random, MODEL_PAGES);

	step->area.gpa = gpas[below(random, sizeof(gpas) / sizeof(gpas[0]))];
	step->area.offset = page * MODEL_PAGE;
	step->area.size = (1 + below(random,
	    page + 1 < MODEL_PAGES ? 2 : 1)) * MODEL_PAGE;
	step->area.prot = chance(random, 2) ? 7 : (int)below(random, 8);
}

/* Mostly of what has been mapped before. */
static void
unmap_make(struct random *random, struct sequence *sequence,
    struct step *step)
{
	const struct step *other;

	map_make(random, step);
	for (other = step; other-- > sequence->steps;) {
		if (other->kind != STEP_MAP || chance(random, 4))
			continue;
		step->area = other->area;
		step->cpu = other->cpu;
		return;
	}
}

uint32_t
sequence_leaf(struct random *random)
{
	static const uint32_t leaves[] = { 1, 0x17, 0x40000000, 0x80000007 };

	return leaves[below(random, sizeof(leaves) / sizeof(leaves[0]))];
}

static void
leaf_make(struct random *random, struct step *step)
{
	struct sim_conf_cpuid *leaf = &step->leaf;
	unsigned i;

	leaf->leaf = sequence_leaf(random);
	leaf->action = chance(random, 12) ? 3 : below(random, 3);
	for (i = 0; i < 4; i++) {
		leaf->set[i] = (uint32_t)(random_next(random) &
		    random_next(random));
		leaf->del[i] = (uint32_t)random_next(random);
		if (!chance(random, 16))
			leaf->del[i] &= ~leaf->set[i];
	}
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
	/* Out of 64; the assists mostly follow their exits instead. */
	static const struct {
		unsigned weight;
		enum step_kind kind;
	} kinds[] = {
		{ 18, STEP_RUN }, { 10, STEP_GET }, { 10, STEP_SET },
		{ 4, STEP_INJECT }, { 3, STEP_HOST }, { 2, STEP_STOP },
		{ 1, STEP_ASSIST_IO }, { 1, STEP_ASSIST_MEM },
		{ 1, STEP_FINISH }, { 2, STEP_FAULT }, { 1, STEP_RENEW },
		{ 1, STEP_TWICE }, { 1, STEP_BEYOND }, { 3, STEP_MAP },
		{ 2, STEP_UNMAP }, { 3, STEP_CPUID }, { 1, STEP_TPR },
	};
	unsigned i, n = below(random, 64);

	for (i = 0; n >= kinds[i].weight; i++)
		n -= kinds[i].weight;
	return kinds[i].kind;
}

static void
step_make(struct random *random, struct sequence *sequence,
    struct step *step)
{
	switch (step->kind) {
	case STEP_GET:
		step->components = components_make(random);
		break;
	case STEP_SET:
		if (chance(random, 5))
			set_windows(random, step);
		else
			set_make(random, step);
		break;
	case STEP_INJECT:
		sequence_event(random, &step->event);
		break;
	case STEP_RUN:
		sequence_wishes(random, step);
		break;
	case STEP_HOST:
		step->reason = (enum sim_host_reason)(1 + below(random, 5));
		step->looks = below(random, 4);
		break;
	case STEP_FAULT:
		fault_make(random, step);
		break;
	case STEP_MAP:
		map_make(random, step);
		break;
	case STEP_UNMAP:
		unmap_make(random, sequence, step);
		break;
	case STEP_CPUID:
		leaf_make(random, step);
		break;
	case STEP_TPR:
		step->exits = chance(random, 2);
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
	unsigned i, n, cpus;

	random.state = random_next(&random) + number;
	n = 1 + below(&random, SEQUENCE_STEPS);
	cpus = 1 + below(&random, SEQUENCE_CPUS);
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
			step->cpu = chance(&random, 2) ? 0 :
			    below(&random, cpus);
		}
		step_make(&random, sequence, step);
	}
	/* A last look finds what nobody asked for. */
	step = &sequence->steps[n - 1];
	memset(step, 0, sizeof(*step));
	step->kind = STEP_GET;
	step->components = SIM_STATE_ALL;
	sequence->nsteps = n;
}

unsigned
sequence_used(const struct sequence *sequence)
{
	unsigned i, used = 0;

	for (i = 0; i < sequence->nsteps; i++)
		used |= 1U << sequence->steps[i].cpu;
	return used;
}
