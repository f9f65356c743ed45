/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is different between two runs of a scenario, and what is worse.
 */
#include <string.h>

#include "cli/compare.h"

/*
 * How calls became known is no difference.  Generations differ in how a comm
 * page is mapped.
 */
static bool
counts_differ(const struct comparison *comparison,
    const struct scenario_result *const result[NSIDES])
{
	struct observe_counts a = result[SIDE_A]->counts;
	struct observe_counts b = result[SIDE_B]->counts;

	a.modelled = b.modelled = 0;
	if (comparison->generations) {
		memset(a.kernel.other, 0, sizeof(a.kernel.other));
		memset(b.kernel.other, 0, sizeof(b.kernel.other));
	}
	return memcmp(&a, &b, sizeof(a)) != 0;
}

/*
 * Most scenarios of one generation only say so and skip; some stop a VCPU
 * where it can be stopped, and go another way where it cannot.
 */
static bool
goes_apart(const struct compare_pair *pair)
{
	const struct scenario_result *a = pair->result[SIDE_A];
	const struct scenario_result *b = pair->result[SIDE_B];

	if (a->verdict != b->verdict)
		return a->verdict == VERDICT_SKIP || b->verdict == VERDICT_SKIP;
	return a->counts.calls[SIM_CALL_VCPU_STOP] !=
	    b->counts.calls[SIM_CALL_VCPU_STOP];
}

static void
count_turned(struct comparison *comparison, struct compare_pair *pair)
{
	enum verdict a = pair->result[SIDE_A]->verdict;
	enum verdict b = pair->result[SIDE_B]->verdict;

	if (comparison->generations && goes_apart(pair)) {
		pair->apart = true;
		comparison->apart++;
	} else if (a == VERDICT_PASS && b == VERDICT_SKIP) {
		pair->worse = true;
		comparison->skipped++;
	} else if (a == VERDICT_PASS && b != VERDICT_PASS) {
		pair->worse = true;
		comparison->failed++;
	} else if (a != VERDICT_PASS && b == VERDICT_PASS)
		comparison->passed++;
}

/* What scenarios ask the driver without the library is not its cost. */
static long long
ioctls_of(const struct scenario_result *result)
{
	return (long long)(observe_ioctls(&result->counts) -
	    result->counts.foreign);
}

/* A scenario that failed may have ended at any point. */
static void
count_ioctls(struct comparison *comparison, struct compare_pair *pair)
{
	if (pair->apart || pair->result[SIDE_A]->verdict != VERDICT_PASS ||
	    pair->result[SIDE_B]->verdict != VERDICT_PASS)
		return;
	pair->more = ioctls_of(pair->result[SIDE_B]) -
	    ioctls_of(pair->result[SIDE_A]);
	if (pair->more > 0) {
		pair->worse = true;
		comparison->more++;
		comparison->more_ioctls += (unsigned long long)pair->more;
	} else if (pair->more < 0) {
		comparison->less++;
		comparison->less_ioctls += (unsigned long long)-pair->more;
	}
}

static void
judge(struct comparison *comparison, struct compare_pair *pair)
{
	const struct scenario_result *const *result = pair->result;

	pair->differs = result[SIDE_A]->verdict != result[SIDE_B]->verdict ||
	    counts_differ(comparison, result);
	count_turned(comparison, pair);
	count_ioctls(comparison, pair);
	comparison->differ += pair->differs && !pair->apart;
	comparison->worse += pair->worse;
	/* What is broken with a was not broken by b. */
	comparison->errors += result[SIDE_A]->verdict == VERDICT_ERROR;
}

void
compare_judge(struct comparison *comparison)
{
	struct compare_side *side = comparison->side;
	struct compare_pair *pair;
	size_t i;
	int s;

	comparison->generations = side[SIDE_A].plan.library.generation !=
	    side[SIDE_B].plan.library.generation;
	for (i = 0; i < comparison->n; i++) {
		pair = &comparison->pairs[i];
		pair->item = side[SIDE_A].jobs.job[i].item;
		for (s = 0; s < NSIDES; s++) {
			pair->result[s] = &side[s].jobs.job[i].result;
			job_totals_add(&side[s].totals, pair->result[s]);
		}
		judge(comparison, pair);
	}
}
