/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scenario in its child, and the records that come back from it.
 */
#include "cli/job.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "observe/flight.h"
#include "observe/report.h"

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

void
job_child(struct task *task, int fd)
{
	struct job *job = task->arg;
	const struct run_options *options = job->options;
	struct sender sender = { .fd = fd };
	char programs[PATH_MAX] = "guests";
	const struct scenario_options scenario = {
		.library = options->library,
		.programs = programs,
		.comm = options->comm,
		.hidden = job->plan->library.hidden,
		.abi = job->plan->library.abi,
		.generation = job->plan->library.generation,
		.backend = options->backend,
		.engine = options->engine,
		.policy = &options->policy,
		.quirks_off = options->quirks_off,
		/* By its rows: a file may give itself any name. */
		.foreign_policy = memcmp(options->policy.speculate,
		    sim_policies[0].speculate,
		    sizeof(options->policy.speculate)) != 0,
		.preempt = options->preempt,
		.seed = options->seed,
		.flight = job->flight,
		.trace = options->trace ? send_trace : NULL,
		.note = send_note,
		.arg = &sender,
	};
	struct scenario_result *result = &job->result;
	char title[1024];

	(void)product_path("guests", programs, sizeof(programs));
	if (options->trace) {
		snprintf(title, sizeof(title), "== %s: %s", job->item->file,
		    job->item->name);
		send_trace(&sender, title);
	}
	scenario_run(job->item->file, job->item->index, &scenario, result);
	task_send(fd, RECORD_RESULT, result, sizeof(*result));
}

/* --- in the parent --- */

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
	if (job->live)
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

void
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
		snprintf(text, size, "outside the scenario's calls of "
		    "libnvmm");
		return;
	}
	flight_format(entry, line, sizeof(line));
	snprintf(text, size, "in %s", line + strspn(line, " "));
}

/* A child that ended by itself, crashed or hung: the verdict is ours. */
void
job_judge(struct job *job, const struct task *task)
{
	struct scenario_result *result = &job->result;
	char where[600];

	if (!task->timed_out && WIFEXITED(task->status) &&
	    WEXITSTATUS(task->status) == 0 && job->has_result)
		return;
	if (job->has_result && result->verdict != VERDICT_PASS)
		return;
	if (task->lost) {
		result->verdict = VERDICT_ERROR;
		snprintf(result->reason, sizeof(result->reason),
		    "out of memory");
		return;
	}
	where_it_was(job, where, sizeof(where));
	if (job->has_result)
		snprintf(where, sizeof(where), "after the scenario");
	result->verdict = VERDICT_FAIL;
	if (task->timed_out)
		snprintf(result->reason, sizeof(result->reason),
		    "timed out after %llu s %s", job->options->timeout,
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

void
job_trace_live(struct job *job)
{
	job->live = true;
	trace_flush(job);
}

static void
job_init(struct job *job, const struct run_options *options,
    const struct plan *plan, const struct plan_item *item)
{
	job->options = options;
	job->plan = plan;
	job->item = item;
	if (item->broken == NULL)
		return;
	job->result.verdict = VERDICT_ERROR;
	snprintf(job->result.reason, sizeof(job->result.reason), "%s",
	    item->broken);
	job->finished = true;
}

static void
job_fini(struct job *job)
{
	size_t i;

	for (i = 0; i < job->nnotes; i++)
		free(job->notes[i]);
	free(job->notes);
	free(job->trace);
}

/* One mapping for all: each child copies the list of mappings. */
int
jobs_init(struct jobs *jobs, const struct run_options *options,
    const struct plan *plan, void *owner)
{
	void *flights;
	size_t i;

	*jobs = (struct jobs){ .n = 0 };
	if (plan->n == 0)
		return 0;
	jobs->job = calloc(plan->n, sizeof(*jobs->job));
	if (jobs->job == NULL)
		return -1;
	flights = mmap(NULL, plan->n * sizeof(*jobs->flights),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (flights == MAP_FAILED) {
		free(jobs->job);
		jobs->job = NULL;
		return -1;
	}
	jobs->n = plan->n;
	jobs->flights = flights;
	for (i = 0; i < plan->n; i++) {
		job_init(&jobs->job[i], options, plan, &plan->items[i]);
		jobs->job[i].owner = owner;
		jobs->job[i].flight = &jobs->flights[i];
	}
	return 0;
}

void
jobs_fini(struct jobs *jobs)
{
	size_t i;

	for (i = 0; i < jobs->n; i++)
		job_fini(&jobs->job[i]);
	if (jobs->flights != NULL)
		munmap(jobs->flights, jobs->n * sizeof(*jobs->flights));
	free(jobs->job);
}

size_t
jobs_tasks(struct jobs *jobs, struct task *tasks,
    void (*done)(struct task *task))
{
	size_t i, n = 0;

	for (i = 0; i < jobs->n; i++) {
		if (jobs->job[i].finished)
			continue;
		tasks[n].run = job_child;
		tasks[n].record = job_record;
		tasks[n].done = done;
		tasks[n].arg = &jobs->job[i];
		n++;
	}
	return n;
}

void
job_totals_add(struct report_totals *totals,
    const struct scenario_result *result)
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
