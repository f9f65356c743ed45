/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim compare: every scenario on two libraries, side by side.
 */
#include "cli/compare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/compare_options.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/pool.h"
#include "cli/probe.h"

static const bool never;

static void
task_done(struct task *task)
{
	struct job *job = task->arg;

	job_judge(job, task);
	job->finished = true;
}

/* Both sides of a scenario after each other, so that they end together. */
static int
run_both(struct comparison *comparison)
{
	const struct run_options *options = &comparison->side[SIDE_A].options;
	struct task *tasks = calloc(2 * comparison->n, sizeof(*tasks));
	struct task *half;
	int s, status = STATUS_ERROR;
	size_t i, n = 0;

	half = calloc(comparison->n, sizeof(*half));
	if (tasks == NULL || half == NULL) {
		complain("out of memory");
		goto out;
	}
	for (s = 0; s < NSIDES; s++) {
		n = jobs_tasks(&comparison->side[s].jobs, half, task_done);
		for (i = 0; i < n; i++)
			tasks[2 * i + (size_t)s] = half[i];
	}
	/* Broken files are the same ones on both sides. */
	if (pool_run(tasks, 2 * n, (unsigned)options->jobs,
	    (double)options->timeout, &never) != 0)
		complain("cannot start a process: %s", strerror(errno));
	else
		status = 0;
out:
	free(half);
	free(tasks);
	return status;
}

static int
sides_plan(struct comparison *comparison, const struct files *files)
{
	struct compare_side *a = &comparison->side[SIDE_A];
	struct compare_side *b = &comparison->side[SIDE_B];
	int status;

	status = plan_make(&a->options, files, &a->plan);
	if (status != 0)
		return status;
	b->plan = a->plan;
	memset(&b->plan.library, 0, sizeof(b->plan.library));
	status = probe_run(&b->options, &b->plan.library);
	if (status != 0)
		return status;
	comparison->n = a->plan.n;
	comparison->pairs = calloc(comparison->n, sizeof(*comparison->pairs));
	if (comparison->pairs == NULL ||
	    jobs_init(&a->jobs, &a->options, &a->plan, NULL) != 0 ||
	    jobs_init(&b->jobs, &b->options, &b->plan, NULL) != 0) {
		complain("out of memory");
		return STATUS_ERROR;
	}
	return 0;
}

static int
report_to(const struct compare_options *options,
    const struct comparison *comparison)
{
	FILE *out = output_open(options->common.output);
	bool complete;

	if (out == NULL)
		return STATUS_ERROR;
	complete = options->json ? compare_json(out, comparison) :
	    compare_text(out, comparison);
	if (!complete)
		complain("out of memory: the report is not complete");
	if (output_close(out, options->common.output) != 0 || !complete)
		return STATUS_ERROR;
	return 0;
}

static int
status_of(const struct comparison *comparison)
{
	if (comparison->errors > 0)
		return STATUS_ERROR;
	return comparison->worse > 0 ? STATUS_FAIL : STATUS_OK;
}

static int
compare(const struct compare_options *options, struct comparison *comparison)
{
	struct files files = { NULL, 0, 0 };
	int s, status;

	status = files_add_all(&files, options->common.paths) == 0 ? 0 :
	    STATUS_ERROR;
	if (status == 0)
		status = sides_plan(comparison, &files);
	if (status == 0)
		status = run_both(comparison);
	if (status == 0) {
		compare_judge(comparison);
		status = compare_steps(comparison);
	}
	for (s = 0; s < NSIDES && status == 0 && options->instructions; s++)
		status = instructions_measure(&comparison->side[s].options,
		    &files, &comparison->side[s].instructions);
	if (status == 0)
		status = report_to(options, comparison);
	files_free(&files);
	return status != 0 ? status : status_of(comparison);
}

int
cmd_compare(int argc, char **argv)
{
	struct comparison comparison = { .n = 0 };
	struct compare_options options;
	int s, status;
	size_t i;

	status = compare_options_parse(argc, argv, &options);
	if (status != -1)
		return status;
	for (s = 0; s < NSIDES; s++)
		comparison.side[s].options = options.side[s];
	status = compare(&options, &comparison);
	for (i = 0; i < comparison.n && comparison.pairs != NULL; i++)
		compare_step_free(&comparison.pairs[i].step);
	free(comparison.pairs);
	for (s = 0; s < NSIDES; s++)
		jobs_fini(&comparison.side[s].jobs);
	plan_free(&comparison.side[SIDE_A].plan);
	return status;
}
