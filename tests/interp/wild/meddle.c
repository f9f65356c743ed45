/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VMM does between two entries: it finishes instructions, more or
 * less, injects events, and changes registers, memory and mappings by hand.
 */
#include <string.h>

#include "wild.h"

static void
change_gpr(struct wild_guest *guest)
{
	guest->state.gprs[random_below(&guest->random, 16)] =
	    state_gpr(&guest->random);
}

static void
change_rip(struct wild_guest *guest)
{
	guest->state.gprs[SIM_GPR_RIP] = random_below(&guest->random, 16) ?
	    state_rip(&guest->random) : state_gpr(&guest->random);
}

static void
change_segment(struct wild_guest *guest)
{
	state_segment(guest, (enum sim_seg_index)
	    random_below(&guest->random, SIM_SEG_GS + 1));
}

/* Paging, WP, SMAP and the like; also what no processor would accept. */
static void
change_controls(struct wild_guest *guest)
{
	static const struct {
		enum sim_cr_index cr;
		uint64_t bits;
	} flips[] = {
		{ SIM_CR_CR0, SIM_CR0_PG }, { SIM_CR_CR0, SIM_CR0_PE },
		{ SIM_CR_CR0, 0x10000 }, { SIM_CR_CR0, 0xC },
		{ SIM_CR_CR4, SIM_CR4_PAE }, { SIM_CR_CR4, 0x10 },
		{ SIM_CR_CR4, 0x80 }, { SIM_CR_CR4, 0x200 },
		{ SIM_CR_CR4, 0x100000 }, { SIM_CR_CR4, 0x200000 },
		{ SIM_CR_CR3, 0x1000 }, { SIM_CR_CR3, 0x8000 }
	};
	unsigned i = random_below(&guest->random,
	    sizeof(flips) / sizeof(flips[0]) + 1);

	if (i == sizeof(flips) / sizeof(flips[0]))
		guest->state.msrs[SIM_MSR_EFER] ^=
		    random_next(&guest->random) & 0xD01;
	else
		guest->state.crs[flips[i].cr] ^= flips[i].bits;
}

/* The host writes, maybe code. */
static void
change_memory(struct wild_guest *guest)
{
	uint8_t *base = guest->map->ranges[0].host;
	uint64_t word = random_next(&guest->random);

	memory_open(guest->map);
	memcpy(base + random_below(&guest->random, BASE_SIZE - 8), &word,
	    sizeof(word));
	code_make(&guest->random, base + state_rip(&guest->random) - 16, 16);
	memory_close(guest->map);
}

static void (*const changes[])(struct wild_guest *guest) = {
	change_gpr, change_rip, change_rip, change_segment, change_controls,
	change_memory, memory_change, state_flags
};
#define NCHANGES	(sizeof(changes) / sizeof(changes[0]))

void
meddle(struct wild_guest *guest, const struct sim_stop *stop)
{
	struct random *random = &guest->random;

	switch (stop->kind) {
	case SIM_STOP_LOOK:
	case SIM_STOP_SHUTDOWN:
		change_rip(guest);
		break;
	case SIM_STOP_INT_WINDOW:
	case SIM_STOP_NMI_WINDOW:
		break;
	default:
		if (stop->kind == SIM_STOP_CR_WRITE && stop->u.cr.number == 3)
			guest->state.crs[SIM_CR_CR3] = stop->u.cr.value;
		if (random_below(random, 4) != 0) {
			guest->state.gprs[SIM_GPR_RIP] = stop->npc;
			guest->state.intr = 0;
		}
		break;
	}
	while (random_below(random, 3) == 0)
		changes[random_below(random, NCHANGES)](guest);
}

void
meddle_entry(struct wild_guest *guest, struct sim_entry *entry,
    struct sim_event *event)
{
	static const uint32_t with_error = 0x27D00;
	struct random *random = &guest->random;

	*entry = (struct sim_entry){
		.state = &guest->state,
		.map = guest->map,
		.int_window = random_below(random, 16) == 0,
		.nmi_window = random_below(random, 16) == 0,
		.iret_stops = random_below(random, 8) == 0,
	};
	if (random_below(random, 4) != 0)
		return;
	*event = (struct sim_event){
		.interrupt = random_below(random, 2),
		.vector = (uint8_t)random_below(random,
		    random_below(random, 2) ? 256 : 32),
	};
	if (!event->interrupt && event->vector < 32 &&
	    (with_error >> event->vector & 1)) {
		event->has_error = true;
		event->error = random_next(random) & 0xFFFF;
	}
	entry->event = event;
}
