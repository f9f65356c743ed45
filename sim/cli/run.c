/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim run: each scenario in a child of its own, reported in order.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "cli/plan.h"
#include "cli/pool.h"
#include "cli/run_options.h"
#include "engine/engine.h"
#include "observe/flight.h"
#include "observe/report.h"
#include "scenario/scenario.h"

enum { RECORD_TRACE = 'T', RECORD_NOTE = 'N', RECORD_RESULT = 'R' };

/* The whole run. */
struct run {
	const struct run_options *options;
	const struct plan *plan;
	struct job *jobs;		/* one per item */
	size_t reported;		/* jobs in the report already */
	bool stop;
	struct report *report;
	struct report_totals totals;
};

/* One scenario. */
struct job {
	struct run *run;
	const struct plan_item *item;
	struct flight *flight;		/* shared with the child */
	bool finished, has_result;
	struct scenario_result result;
	char **notes;			/* owned, NULL-terminated */
	size_t nnotes;
	char *trace;			/* not printed yet; owned */
	size_t trace_length;
};

/* --- in the child --- */

struct sender {
	int fd;
};

static void
send_trace(void *arg, const char *line)
{
	const struct sender *sender = arg;

	task_send(sender->fd, RECORD_TRACE, line, strlen(line));
}

static void
send_note(void *arg, const char *line)
{
	const struct sender *sender = arg;

	task_send(sender->fd, RECORD_NOTE, line, strlen(line));
}

static void
job_child(struct task *task, int fd)
{
	struct job *job = task->arg;
	const struct run_options *options = job->run->options;
	struct sender sender = { .fd = fd };
	const struct scenario_options scenario = {
		.library = options->library,
		.comm = options->comm,
		.modelled = job->run->plan->modelled,
		.backend = options->backend,
		.engine = options->engine,
		.policy = &options->policy,
		.foreign_policy = strcmp(options->policy.name,
		    sim_policies[0].name) != 0,
		.seed = options->seed,
		.flight = job->flight,
		.trace = options->trace ? send_trace : NULL,
		.note = send_note,
		.arg = &sender,
	};
	struct scenario_result *result = &job->result;

	scenario_run(job->item->file, job->item->index, &scenario, result);
	task_send(fd, RECORD_RESULT, result, sizeof(*result));
}

/* --- in the parent --- */

static bool
is_next(const struct job *job)
{
	return job == &job->run->jobs[job->run->reported];
}

/* Lines appear at once for the scenario whose turn it is, else later. */
static void
trace_flush(struct job *job)
{
	if (job->trace == NULL)
		return;
	fwrite(job->trace, 1, job->trace_length, stderr);
	free(job->trace);
	job->trace = NULL;
	job->trace_length = 0;
}

static void
trace_add(struct job *job, const char *line, size_t size)
{
	char *trace = realloc(job->trace, job->trace_length + size + 1);

	if (trace == NULL)
		return;
	memcpy(trace + job->trace_length, line, size);
	trace[job->trace_length + size] = '\n';
	job->trace = trace;
	job->trace_length += size + 1;
	if (is_next(job))
		trace_flush(job);
}

static void
note_add(struct job *job, const char *line, size_t size)
{
	char **notes = realloc(job->notes,
	    (job->nnotes + 2) * sizeof(*notes));

	if (notes == NULL)
		return;
	job->notes = notes;
	notes[job->nnotes] = strndup(line, size);
	if (notes[job->nnotes] != NULL)
		notes[++job->nnotes] = NULL;
}

static void
job_record(struct task *task, int type, const void *data, size_t size)
{
	struct job *job = task->arg;

	if (type == RECORD_TRACE)
		trace_add(job, data, size);
	else if (type == RECORD_NOTE)
		note_add(job, data, size);
	else if (type == RECORD_RESULT && size == sizeof(job->result)) {
		memcpy(&job->result, data, size);
		job->has_result = true;
	}
}

/* Which call the child was in when it ended. */
static void
where_it_was(const struct job *job, char *text, size_t size)
{
	const struct flight_entry *entry = flight_unfinished(job->flight);
	char line[512];

	if (entry == NULL) {
		snprintf(text, size, "outside libnvmm");
		return;
	}
	flight_format(entry, line, sizeof(line));
	snprintf(text, size, "in %s", line + strspn(line, " "));
}

/* A child that ended by itself, crashed or hung: the verdict is ours. */
static void
judge(struct job *job, const struct task *task)
{
	struct scenario_result *result = &job->result;
	char where[600];

	if (!task->timed_out && WIFEXITED(task->status) &&
	    WEXITSTATUS(task->status) == 0 && job->has_result)
		return;
	if (job->has_result && result->verdict != VERDICT_PASS)
		return;
	where_it_was(job, where, sizeof(where));
	if (job->has_result)
		snprintf(where, sizeof(where), "after the scenario");
	result->verdict = VERDICT_FAIL;
	if (task->timed_out)
		snprintf(result->reason, sizeof(result->reason),
		    "timed out after %llu s %s", job->run->options->timeout,
		    where);
	else if (WIFSIGNALED(task->status))
		snprintf(result->reason, sizeof(result->reason),
		    "crashed with SIG%s %s",
		    sigabbrev_np(WTERMSIG(task->status)), where);
	else
		snprintf(result->reason, sizeof(result->reason),
		    "the process ended with status %d %s",
		    WEXITSTATUS(task->status), where);
}

static void
totals_add(struct report_totals *totals, const struct scenario_result *result)
{
	unsigned *const numbers[] = {
		[VERDICT_PASS] = &totals->passed,
		[VERDICT_FAIL] = &totals->failed,
		[VERDICT_SKIP] = &totals->skipped,
		[VERDICT_ERROR] = &totals->errors,
	};

	++*numbers[result->verdict];
	observe_counts_add(&totals->counts, &result->counts);
}

static void
job_report(struct job *job)
{
	struct run *run = job->run;
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
	trace_flush(job);
	totals_add(&run->totals, result);
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
	    run->jobs[run->reported].finished) {
		job = &run->jobs[run->reported];
		job_report(job);
		run->reported++;
		if (run->reported < run->plan->n)
			trace_flush(&run->jobs[run->reported]);
	}
}

static void
job_done(struct task *task)
{
	struct job *job = task->arg;

	judge(job, task);
	job->finished = true;
	run_report(job->run);
}

static struct flight *
flight_shared(void)
{
	void *flight = mmap(NULL, sizeof(struct flight),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return flight == MAP_FAILED ? NULL : flight;
}

/* A task for each test; a broken file needs none. */
static int
jobs_make(struct run *run, struct task *tasks, size_t *ntasks)
{
	const struct plan_item *item;
	struct job *job;
	size_t i;

	for (i = 0; i < run->plan->n; i++) {
		item = &run->plan->items[i];
		job = &run->jobs[i];
		job->run = run;
		job->item = item;
		if (item->broken != NULL) {
			job->result.verdict = VERDICT_ERROR;
			snprintf(job->result.reason,
			    sizeof(job->result.reason), "%s", item->broken);
			job->finished = true;
			continue;
		}
		job->flight = flight_shared();
		if (job->flight == NULL)
			return -1;
		tasks[*ntasks].run = job_child;
		tasks[*ntasks].record = job_record;
		tasks[*ntasks].done = job_done;
		tasks[*ntasks].arg = job;
		++*ntasks;
	}
	return 0;
}

static void
jobs_free(struct run *run)
{
	struct job *job;
	size_t i, j;

	for (i = 0; run->jobs != NULL && i < run->plan->n; i++) {
		job = &run->jobs[i];
		if (job->flight != NULL)
			munmap(job->flight, sizeof(*job->flight));
		for (j = 0; j < job->nnotes; j++)
			free(job->notes[j]);
		free(job->notes);
		free(job->trace);
	}
	free(run->jobs);
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
	size_t ntasks = 0;

	run->jobs = calloc(run->plan->n, sizeof(*run->jobs));
	if (tasks == NULL || run->jobs == NULL ||
	    jobs_make(run, tasks, &ntasks) != 0) {
		complain("out of memory");
		goto out;
	}
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

/* Runs the plan and reports to out. */
static int
run_to(FILE *out, const struct run_options *options, const struct plan *plan)
{
	struct run run = { .options = options, .plan = plan };
	const struct report_options report = {
		.cpu = options->backend->name,
		.engine = options->engine->name,
		.policy = options->policy.name,
		.library = options->library,
		.comm = options->comm,
		.modelled = plan->modelled,
		.seed = options->seed,
	};
	bool colour = isatty(fileno(out)) && getenv("NO_COLOR") == NULL;
	int status;

	run.report = options->format->start(out, colour, &report);
	if (run.report == NULL) {
		complain("out of memory");
		return STATUS_ERROR;
	}
	status = jobs_run(&run);
	options->format->finish(run.report, &run.totals);
	jobs_free(&run);
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
		complain("%s", item->broken);
		status = STATUS_ERROR;
	}
	return status;
}

static int
run_plan(const struct run_options *options, const struct plan *plan)
{
	FILE *out = stdout;
	int status;

	if (plan->n == 0) {
		complain("no scenario is called like that; "
		    "`nvmm-sim run --list' shows them");
		return STATUS_ERROR;
	}
	if (options->output != NULL)
		out = fopen(options->output, "w");
	if (out == NULL) {
		complain("%s: %s", options->output, strerror(errno));
		return STATUS_ERROR;
	}
	if (options->list)
		status = list_to(out, plan);
	else
		status = run_to(out, options, plan);
	if (fflush(out) != 0 || ferror(out)) {
		complain("%s: cannot write the report",
		    options->output ? options->output : "standard output");
		status = STATUS_ERROR;
	}
	if (out != stdout)
		fclose(out);
	return status;
}

int
cmd_run(int argc, char **argv)
{
	char scenarios[] = "scenarios";
	char *by_default[] = { scenarios, NULL };
	struct run_options options;
	struct files files = { NULL, 0, 0 };
	struct plan plan = { .items = NULL };
	char **path;
	int status;

	status = run_options_parse(argc, argv, &options);
	if (status != -1)
		return status;
	path = *options.paths != NULL ? options.paths : by_default;
	for (status = 0; *path != NULL && status == 0; path++) {
		if (files_add(&files, *path) != 0)
			status = STATUS_ERROR;
	}
	if (status == 0)
		status = plan_make(&options, &files, &plan);
	if (status == 0)
		status = run_plan(&options, &plan);
	plan_free(&plan);
	files_free(&files);
	return status;
}
