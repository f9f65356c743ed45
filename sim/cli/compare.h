/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two libraries on the same scenarios: what `nvmm-sim compare' has found out,
 * for those who find it out and those who report it.
 */
#ifndef SIM_CLI_COMPARE_H
#define SIM_CLI_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/instructions.h"
#include "cli/job.h"
#include "cli/plan.h"
#include "cli/run_options.h"
#include "observe/report.h"

/* Version of its format in JSON. */
#define COMPARE_SCHEMA	"nvmm-sim-compare/1"

enum { SIDE_A, SIDE_B, NSIDES };

/* One library. */
struct compare_side {
	struct run_options options;
	struct plan plan;		/* b's items are a's */
	struct jobs jobs;		/* one per item */
	struct report_totals totals;
	struct instructions instructions;
};

/* A step is a line of the trace that tells a call's or an ioctl's end. */
struct compare_step {
	unsigned long number;		/* from 1; 0: no step differs */
	char *text[NSIDES];		/* owned; NULL: it had ended */
	char *call[NSIDES];		/* the outermost around it, or NULL */
};

/* What became of a scenario. */
struct compare_pair {
	const struct plan_item *item;
	const struct scenario_result *result[NSIDES];
	bool differs;			/* in its verdict or any count */
	bool apart;			/* it is another one by generation */
	bool worse;			/* of b: verdict or ioctls */
	long long more;			/* ioctls of b, if both passed */
	struct compare_step step;
};

/* All of it; counts are of pairs, unless they say ioctls. */
struct comparison {
	struct compare_side side[NSIDES];
	struct compare_pair *pairs;	/* owned */
	size_t n;
	bool generations;		/* the two speak different ones */
	size_t differ, apart, worse, errors;
	size_t failed, skipped, passed;	/* by b, and a passes or does not */
	size_t more, less;		/* by ioctls */
	unsigned long long more_ioctls, less_ioctls;
};

/* compare_judge.c: fills pairs and counts from the jobs of both sides. */
void compare_judge(struct comparison *comparison);

/*
 * compare_steps.c: finds the first step that differs of each pair that does,
 * by running these again.  0, or an exit status after a complaint.
 */
int compare_steps(struct comparison *comparison);
void compare_step_free(struct compare_step *step);

/* compare_text.c, compare_json.c.  False: memory was out. */
bool compare_text(FILE *out, const struct comparison *comparison);
bool compare_json(FILE *out, const struct comparison *comparison);

/* compare_text.c: the one line that says the answer, without newline. */
void compare_answer(FILE *out, const struct comparison *comparison);

#endif /* SIM_CLI_COMPARE_H */
