/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shrinking: first steps go, in ever smaller pieces, then what is in the
 * steps that are left; again and again until nothing can go any more.
 */
#include "shrink.h"

#include <string.h>

#include "play.h"

/* Keeps the smaller one if it fails too. */
static bool
keep(struct player *player, struct sequence *sequence,
    const struct sequence *smaller)
{
	if (player_play(player, smaller))
		return false;
	*sequence = *smaller;
	return true;
}

static bool
steps_remove(struct player *player, struct sequence *sequence, unsigned n)
{
	struct sequence smaller;
	bool any = false;
	unsigned i = 0;

	while (n <= sequence->nsteps && i <= sequence->nsteps - n) {
		smaller = *sequence;
		memmove(&smaller.steps[i], &smaller.steps[i + n],
		    (smaller.nsteps - i - n) * sizeof(smaller.steps[0]));
		smaller.nsteps -= n;
		if (keep(player, sequence, &smaller))
			any = true;
		else
			i++;
	}
	return any;
}

/* One way to make a step smaller: false when there is none left. */
static bool
step_simplify(struct step *step, unsigned way)
{
	unsigned n;

	if (way < SIM_NCOMPONENT) {
		if ((step->components & SIM_BIT(way)) == 0 ||
		    (step->components & (step->components - 1)) == 0)
			return false;
		step->components &= ~SIM_BIT(way);
		return true;
	}
	n = way - SIM_NCOMPONENT;
	if (n < STEP_WRITES) {
		if (n >= step->nwrites)
			return false;
		step->nwrites--;
		memmove(&step->writes[n], &step->writes[n + 1],
		    (step->nwrites - n) * sizeof(step->writes[0]));
		return true;
	}
	n -= STEP_WRITES;
	if (n < STEP_WISHES) {
		if (n >= step->nwishes)
			return false;
		step->nwishes--;
		memmove(&step->wishes[n], &step->wishes[n + 1],
		    (step->nwishes - n) * sizeof(step->wishes[0]));
		return true;
	}
	n -= STEP_WISHES;
	if (n < STEP_WRITES) {
		if (n >= step->nwrites || step->writes[n].value <= 1)
			return false;
		step->writes[n].value = 1;
		return true;
	}
	return false;
}

#define WAYS	(SIM_NCOMPONENT + 2 * STEP_WRITES + STEP_WISHES)

/* Values that mean nothing become the plainest ones. */
static bool
step_plain(struct step *step)
{
	struct step before = *step;

	step->cpu = 0;
	step->looks = 0;
	if (step->kind == STEP_RUN && step->nwishes > 0)
		step->wishes[step->nwishes - 1] =
		    (struct wish){ .kind = WISH_HLT };
	return memcmp(&before, step, sizeof(before)) != 0;
}

static bool
contents_simplify(struct player *player, struct sequence *sequence)
{
	struct sequence smaller;
	bool any = false;
	unsigned i, way;

	for (i = 0; i < sequence->nsteps; i++) {
		for (way = 0; way < WAYS; way++) {
			smaller = *sequence;
			while (step_simplify(&smaller.steps[i], way) &&
			    keep(player, sequence, &smaller)) {
				any = true;
				smaller = *sequence;
			}
		}
		smaller = *sequence;
		if (step_plain(&smaller.steps[i]))
			any |= keep(player, sequence, &smaller);
	}
	return any;
}

/* All steps on one VCPU: what fails there needs no other. */
static void
cpus_merge(struct player *player, struct sequence *sequence)
{
	struct sequence smaller = *sequence;
	unsigned i;

	for (i = 0; i < smaller.nsteps; i++)
		smaller.steps[i].cpu = 0;
	(void)keep(player, sequence, &smaller);
}

void
shrink(struct player *player, struct sequence *sequence)
{
	unsigned n;
	bool again;

	/* What comes after the failure cannot matter. */
	sequence->nsteps = player->failure.step + 1;
	do {
		again = false;
		for (n = sequence->nsteps; n > 0; n /= 2)
			again |= steps_remove(player, sequence, n);
		again |= contents_simplify(player, sequence);
	} while (again);
	cpus_merge(player, sequence);
	(void)player_play(player, sequence);
	sequence->nsteps = player->failure.step + 1;
}
