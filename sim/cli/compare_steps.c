/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first step in which two runs of a scenario differ.  Both run at the
 * same time and their traces are compared as they come, so that hardly
 * anything of them is ever kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/compare.h"
#include "cli/pool.h"

static const bool never;

/* A step that the other side has not come to yet. */
struct pending {
	struct pending *next;
	char *text, *call;		/* owned */
};

/* One side of a pair that is run again. */
struct walk {
	struct walk *other;
	struct compare_pair *pair;
	int side;
	/* Calls in calls are passed over: one side's are not seen. */
	bool outer_only;
	char *call;			/* the outermost in progress, owned */
	struct pending *first, **last;
	unsigned long compared;		/* the same in both */
	bool ended, lost;
};

static void
pending_free(struct pending *pending)
{
	if (pending == NULL)
		return;
	free(pending->text);
	free(pending->call);
	free(pending);
}

static struct pending *
pending_take(struct walk *walk)
{
	struct pending *pending = walk->first;

	if (pending == NULL)
		return NULL;
	walk->first = pending->next;
	if (walk->first == NULL)
		walk->last = &walk->first;
	return pending;
}

/* Either may be NULL: that side has ended.  Takes over both. */
static void
differ(struct walk *walk, struct pending *own, struct pending *others)
{
	struct compare_step *step = &walk->pair->step;
	struct pending *of[NSIDES];
	int s;

	of[walk->side] = own;
	of[!walk->side] = others;
	step->number = walk->compared + 1;
	for (s = 0; s < NSIDES; s++) {
		if (of[s] == NULL)
			continue;
		step->text[s] = of[s]->text;
		step->call[s] = of[s]->call;
		free(of[s]);
	}
}

static void
step_add(struct walk *walk, struct pending *own)
{
	struct walk *other = walk->other;
	struct pending *others;

	if (other->first == NULL && !other->ended) {
		*walk->last = own;
		walk->last = &own->next;
		return;
	}
	others = pending_take(other);
	if (others == NULL || strcmp(own->text, others->text) != 0) {
		differ(walk, own, others);
		return;
	}
	walk->compared++;
	other->compared++;
	pending_free(own);
	pending_free(others);
}

/* What a line has behind it when it announces a call that is not over. */
static const char announced[] = " ...";

static bool
is_announced(const char *text)
{
	size_t length = strlen(text), n = sizeof(announced) - 1;

	return length > n && strcmp(text + length - n, announced) == 0;
}

static void
line_add(struct walk *walk, const char *line)
{
	size_t depth = strspn(line, " ");
	const char *text = line + depth;
	struct pending *step;

	if (strncmp(text, "== ", 3) == 0 || strncmp(text, "-- ", 3) == 0)
		return;
	if (is_announced(text)) {
		if (depth > 0)
			return;
		free(walk->call);
		walk->call = strndup(text,
		    strlen(text) - (sizeof(announced) - 1));
		return;
	}
	if (depth > 0 && walk->outer_only && strncmp(text, "ioctl ", 6) != 0)
		return;
	step = calloc(1, sizeof(*step));
	if (step != NULL)
		step->text = strdup(text);
	if (step == NULL || step->text == NULL) {
		free(step);
		walk->lost = true;
		return;
	}
	if (depth > 0 && walk->call != NULL)
		step->call = strdup(walk->call);
	step_add(walk, step);
}

static void
walk_record(struct task *task, int type, const void *data, size_t size)
{
	const struct job *job = task->arg;
	struct walk *walk = job->owner;
	char *line;

	if (type != RECORD_TRACE || walk->pair->step.number != 0)
		return;
	line = strndup(data, size);
	if (line == NULL)
		walk->lost = true;
	else
		line_add(walk, line);
	free(line);
}

/* What the other side has beyond our end, it has alone. */
static void
walk_done(struct task *task)
{
	const struct job *job = task->arg;
	struct walk *walk = job->owner;
	struct pending *others;

	walk->ended = true;
	walk->lost = walk->lost || task->lost;
	if (walk->pair->step.number != 0)
		return;
	others = pending_take(walk->other);
	if (others != NULL)
		differ(walk, NULL, others);
}

static void
walk_fini(struct walk *walk)
{
	struct pending *pending;

	while ((pending = pending_take(walk)) != NULL)
		pending_free(pending);
	free(walk->call);
}

/* --- all pairs --- */

struct walks {
	struct run_options options[NSIDES];
	struct plan plan[NSIDES];	/* items are borrowed */
	struct jobs jobs[NSIDES];
	struct walk *walks;		/* two per pair, as tasks are */
	struct task *tasks;
	size_t n;			/* of pairs */
};

static bool
is_walked(const struct compare_pair *pair)
{
	return pair->differs && pair->item->name != NULL &&
	    pair->result[SIDE_A]->verdict != VERDICT_SKIP &&
	    pair->result[SIDE_B]->verdict != VERDICT_SKIP;
}

static void
walk_init(struct walks *walks, size_t i, int side, struct compare_pair *pair,
    bool outer_only)
{
	struct walk *walk = &walks->walks[2 * i + (size_t)side];
	struct task *task = &walks->tasks[2 * i + (size_t)side];

	walk->other = &walks->walks[2 * i + (size_t)!side];
	walk->pair = pair;
	walk->side = side;
	walk->outer_only = outer_only;
	walk->last = &walk->first;
	task->run = job_child;
	task->record = walk_record;
	task->done = walk_done;
	task->arg = &walks->jobs[side].job[i];
	walks->jobs[side].job[i].owner = walk;
}

static bool
walks_alloc(struct walks *walks, const struct comparison *comparison)
{
	int s;

	walks->walks = calloc(2 * walks->n, sizeof(*walks->walks));
	walks->tasks = calloc(2 * walks->n, sizeof(*walks->tasks));
	if (walks->walks == NULL || walks->tasks == NULL)
		return false;
	for (s = 0; s < NSIDES; s++) {
		walks->options[s] = comparison->side[s].options;
		walks->options[s].trace = true;
		walks->plan[s].library = comparison->side[s].plan.library;
		walks->plan[s].items = calloc(walks->n,
		    sizeof(*walks->plan[s].items));
		if (walks->plan[s].items == NULL)
			return false;
	}
	return true;
}

static bool
walks_init(struct walks *walks, const struct comparison *comparison)
{
	bool outer_only = probed_modelled(&comparison->side[SIDE_A].plan.library) ||
	    probed_modelled(&comparison->side[SIDE_B].plan.library);
	size_t i, n = 0;
	int s;

	if (!walks_alloc(walks, comparison))
		return false;
	for (i = 0; i < comparison->n; i++) {
		if (!is_walked(&comparison->pairs[i]))
			continue;
		for (s = 0; s < NSIDES; s++)
			walks->plan[s].items[n] = *comparison->pairs[i].item;
		n++;
	}
	for (s = 0; s < NSIDES; s++) {
		walks->plan[s].n = n;
		if (jobs_init(&walks->jobs[s], &walks->options[s],
		    &walks->plan[s], NULL) != 0)
			return false;
	}
	for (i = 0, n = 0; i < comparison->n; i++) {
		if (!is_walked(&comparison->pairs[i]))
			continue;
		for (s = 0; s < NSIDES; s++)
			walk_init(walks, n, s, &comparison->pairs[i],
			    outer_only);
		n++;
	}
	return true;
}

static void
walks_fini(struct walks *walks)
{
	size_t i;
	int s;

	for (i = 0; walks->walks != NULL && i < 2 * walks->n; i++)
		walk_fini(&walks->walks[i]);
	for (s = 0; s < NSIDES; s++) {
		jobs_fini(&walks->jobs[s]);
		free(walks->plan[s].items);
	}
	free(walks->walks);
	free(walks->tasks);
}

static int
walks_run(struct walks *walks, const struct comparison *comparison)
{
	const struct run_options *options = &comparison->side[SIDE_A].options;
	size_t i;

	if (!walks_init(walks, comparison)) {
		complain("out of memory");
		return STATUS_ERROR;
	}
	if (pool_run(walks->tasks, 2 * walks->n, (unsigned)options->jobs * 2,
	    (double)options->timeout, &never) != 0) {
		complain("cannot start a process: %s", strerror(errno));
		return STATUS_ERROR;
	}
	for (i = 0; i < 2 * walks->n; i++) {
		if (walks->walks[i].lost) {
			complain("out of memory: a step is missing");
			return STATUS_ERROR;
		}
	}
	return 0;
}

int
compare_steps(struct comparison *comparison)
{
	struct walks walks = { .n = 0 };
	int status;
	size_t i;

	for (i = 0; i < comparison->n; i++)
		walks.n += is_walked(&comparison->pairs[i]);
	if (walks.n == 0)
		return 0;
	status = walks_run(&walks, comparison);
	walks_fini(&walks);
	return status;
}

void
compare_step_free(struct compare_step *step)
{
	int s;

	for (s = 0; s < NSIDES; s++) {
		free(step->text[s]);
		free(step->call[s]);
	}
}
