/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim run: each scenario in a child of its own, reported in order.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "cli/job.h"
#include "cli/output.h"
#include "cli/plan.h"
#include "cli/pool.h"
#include "cli/run_options.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/quirk.h"
#include "observe/report.h"
#include "scenario/scenario.h"

/* The whole run. */
struct run {
	const struct run_options *options;
	const struct plan *plan;
	struct jobs jobs;		/* one per item */
	size_t reported;		/* jobs in the report already */
	bool stop;
	bool watched;			/* on a terminal, and not traced */
	struct report *report;
	struct report_totals totals;
};

static void
job_report(struct run *run, struct job *job)
{
	const struct scenario_result *result = &job->result;
	bool bad = result->verdict == VERDICT_FAIL ||
	    result->verdict == VERDICT_ERROR;
	char *repeat = NULL;
	struct report_row row = {
		.file = job->item->file,
		.name = job->item->name != NULL ? job->item->name :
		    "(the file)",
		.verdict = verdict_names[result->verdict],
		.reason = result->reason,
		.notes = (const char *const *)job->notes,
		.counts = result->counts,
	};

	if (bad)
		repeat = run_options_repeat(run->options, job->item->file,
		    job->item->name);
	row.repeat = repeat;
	job_trace_live(job);
	job_totals_add(&run->totals, result);
	run->options->format->row(run->report, &row);
	free(repeat);
	if (bad && run->options->fail_fast)
		run->stop = true;
}

/* Reports what is finished, as far as all before it are. */
static void
run_report(struct run *run)
{
	struct job *job;

	while (!run->stop && run->reported < run->plan->n &&
	    run->jobs.job[run->reported].finished) {
		job = &run->jobs.job[run->reported];
		job_report(run, job);
		run->reported++;
		if (run->reported < run->plan->n)
			job_trace_live(&run->jobs.job[run->reported]);
	}
}

/* How far it is, where somebody watches; gone when the report comes. */
static void
progress(const struct run *run, size_t finished)
{
	if (!run->watched)
		return;
	if (finished < run->plan->n)
		fprintf(stderr, "\r%zu of %zu\033[K", finished, run->plan->n);
	else
		fputs("\r\033[K", stderr);
}

static void
task_done(struct task *task)
{
	struct job *job = task->arg;
	struct run *run = job->owner;

	job_judge(job, task);
	job->finished = true;
	progress(run, run->plan->n);
	run_report(run);
	progress(run, run->reported);
}

static int
status_of(const struct report_totals *totals)
{
	if (totals->errors > 0)
		return STATUS_ERROR;
	return totals->failed > 0 ? STATUS_FAIL : STATUS_OK;
}

static int
jobs_run(struct run *run)
{
	const struct run_options *options = run->options;
	struct task *tasks = calloc(run->plan->n, sizeof(*tasks));
	int status = STATUS_ERROR;
	size_t ntasks;

	if (tasks == NULL ||
	    jobs_init(&run->jobs, options, run->plan, run) != 0) {
		complain("out of memory");
		goto out;
	}
	ntasks = jobs_tasks(&run->jobs, tasks, task_done);
	if (run->jobs.n > 0)
		job_trace_live(&run->jobs.job[0]);
	run_report(run);
	if (pool_run(tasks, ntasks, (unsigned)options->jobs,
	    (double)options->timeout, &run->stop) != 0) {
		complain("cannot start a process: %s", strerror(errno));
		goto out;
	}
	status = STATUS_OK;
out:
	free(tasks);
	return status;
}

/* By the convention of no-color.org: set, and not to nothing. */
static bool
no_color(void)
{
	const char *value = getenv("NO_COLOR");

	return value != NULL && *value != '\0';
}

/* Runs the plan and reports to out. */
static int
run_to(FILE *out, const struct run_options *options, const struct plan *plan)
{
	struct run run = { .options = options, .plan = plan };
	char quirks[256];
	const struct report_options report = {
		.cpu = options->backend->name,
		.abi = plan->library.generation->name,
		.engine = options->engine->name,
		.policy = options->policy.name,
		.quirks = quirks,
		.library = options->library,
		.comm = options->comm,
		.modelled = probed_modelled(&plan->library),
		.seed = options->seed,
		.preempt = options->preempt,
	};
	bool colour = isatty(fileno(out)) && !no_color();
	int status;

	sim_quirks_format(options->quirks_off, quirks, sizeof(quirks));
	run.watched = isatty(STDERR_FILENO) && isatty(fileno(out)) &&
	    !options->trace;
	run.report = options->format->start(out, colour, &report);
	if (run.report == NULL) {
		complain("out of memory");
		return STATUS_ERROR;
	}
	status = jobs_run(&run);
	if (!options->format->finish(run.report, &run.totals)) {
		complain("out of memory: the report is not complete");
		status = STATUS_ERROR;
	}
	jobs_fini(&run.jobs);
	return status != STATUS_OK ? status : status_of(&run.totals);
}

static int
list_to(FILE *out, const struct plan *plan)
{
	const struct plan_item *item;
	int status = STATUS_OK;
	size_t i;

	for (i = 0; i < plan->n; i++) {
		item = &plan->items[i];
		if (item->broken == NULL) {
			fprintf(out, "%s:%d: %s\n", item->file, item->line,
			    item->name);
			continue;
		}
		/* Most messages begin with the file's name and a line. */
		if (strncmp(item->broken, item->file,
		    strlen(item->file)) == 0)
			complain("%s", item->broken);
		else
			complain("%s: %s", item->file, item->broken);
		status = STATUS_ERROR;
	}
	return status;
}

static int
run_plan(const struct run_options *options, const struct plan *plan)
{
	FILE *out;
	int status;

	out = output_open(options->output);
	if (out == NULL)
		return STATUS_ERROR;
	if (options->list)
		status = list_to(out, plan);
	else
		status = run_to(out, options, plan);
	return output_close(out, options->output) == 0 ? status :
	    STATUS_ERROR;
}

int
cmd_run(int argc, char **argv)
{
	struct run_options options;
	struct files files = { NULL, 0, 0 };
	struct plan plan = { .items = NULL };
	int status;

	status = run_options_parse(argc, argv, &options);
	if (status != -1)
		return status;
	status = files_add_all(&files, options.paths) == 0 ? 0 : STATUS_ERROR;
	if (status == 0)
		status = plan_make(&options, &files, &plan);
	if (status == 0)
		status = run_plan(&options, &plan);
	plan_free(&plan);
	files_free(&files);
	return status;
}
