/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One guest: made, entered again and again, and looked at after each stop.
 */
#include <string.h>

#include "engine/interp/interp.h"
#include "wild.h"

#define ENTRIES		24U
/* Of an entry that runs on and on, no more count: loops prove nothing. */
#define COUNTED		100U
/* More than these in one entry is too long without a look outside. */
#define QUANTUM_MAX	65536U

static void
guest_make(struct wild_guest *guest)
{
	static const unsigned corrupt[] = { 0, 0, 256, 64, 16, 4 };
	struct random *random = &guest->random;
	struct sim_map *map = guest->map;

	guest->mode = (enum wild_mode)random_below(random, WILD_NMODES);
	wild_made(guest);
	guest->corrupt = corrupt[random_below(random, 6)];
	memset(&guest->state, 0, sizeof(guest->state));
	memory_place(guest);
	/* Linear addresses are those of the base, wherever it lies. */
	guest->segment_base = wild_modes[guest->mode].paged ? 0 :
	    map->ranges[0].gpa;
	state_make(guest);
	code_make(random, map->ranges[0].host + AT_CODE, AT_DATA - AT_CODE);
	tables_make(guest);
	memory_close(map);
}

/* Leaves with an instruction that is to come again. */
static bool
is_instruction(const struct sim_stop *stop)
{
	switch (stop->kind) {
	case SIM_STOP_LOOK:
	case SIM_STOP_INT_WINDOW:
	case SIM_STOP_NMI_WINDOW:
	case SIM_STOP_SHUTDOWN:
		return false;
	default:
		return true;
	}
}

static void
entry_run(struct interp *ip, const struct sim_entry *entry,
    struct sim_stop *stop)
{
	uint64_t before = ip->executed;

	memset(stop, 0xA5, sizeof(*stop));
	sim_engine_interp.run(ip, entry, stop);
	if (ip->executed - before > QUANTUM_MAX)
		wild_fail("%llu instructions in one entry",
		    (unsigned long long)(ip->executed - before));
}

/*
 * A stop leaves all as it was before: who comes back without having changed
 * anything meets it again.  The second time, that is: the first may have set
 * accessed bits that the guest takes for something else.
 */
static bool
stops_again(struct wild_guest *guest, struct interp *ip,
    const struct sim_stop *first)
{
	struct sim_stop second, third = *first;
	struct sim_state state;
	struct sim_entry entry = {
		.state = &guest->state, .map = guest->map,
		.event = first->in_delivery ? &third.event : NULL,
	};
	uint64_t sum, executed;

	entry_run(ip, &entry, &second);
	if (!is_instruction(&second))
		return true;
	sum = memory_sum(guest->map);
	state = guest->state;
	executed = ip->executed;
	entry.event = second.in_delivery ? &second.event : NULL;
	entry_run(ip, &entry, &third);
	if (sum != memory_sum(guest->map))
		return true;
	if (executed != ip->executed) {
		wild_fail("a stop is not met again");
		return false;
	}
	if (memcmp(&state, &guest->state, sizeof(state)) != 0) {
		wild_fail("a stop has changed registers");
		return false;
	}
	return check_same(&second, &third);
}

uint64_t
trial_run(struct wild_guest *guest, struct interp *ip)
{
	struct sim_entry entry;
	struct sim_event event;
	struct sim_stop stop;
	uint64_t before, counted = 0;
	unsigned i;

	guest_make(guest);
	for (i = 0; i < ENTRIES; i++) {
		before = ip->executed;
		guest->rip_before = guest->state.gprs[SIM_GPR_RIP];
		meddle_entry(guest, &entry, &event);
		entry_run(ip, &entry, &stop);
		counted += ip->executed - before < COUNTED ?
		    ip->executed - before : COUNTED;
		if (!check_stop(guest, ip, &stop))
			break;
		if (is_instruction(&stop) &&
		    random_below(&guest->random, 16) == 0 &&
		    !stops_again(guest, ip, &stop))
			break;
		meddle(guest, &stop);
	}
	memory_open(guest->map);
	return counted;
}
