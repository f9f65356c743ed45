/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One scenario being run: its side in the child, and what the parent makes
 * of what comes back.
 */
#ifndef SIM_CLI_JOB_H
#define SIM_CLI_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/plan.h"
#include "cli/pool.h"
#include "cli/run_options.h"
#include "scenario/scenario.h"

struct flight;
struct report_totals;

/* What a child tells: a line of the trace, a note, its result. */
enum job_record {
	RECORD_TRACE = 'T', RECORD_NOTE = 'N', RECORD_RESULT = 'R'
};

struct job {
	const struct run_options *options;
	const struct plan *plan;
	const struct plan_item *item;	/* of the plan */
	void *owner;			/* whoever made it */
	struct flight *flight;		/* shared with the child */
	bool finished, has_result;
	struct scenario_result result;
	char **notes;			/* owned, NULL-terminated */
	size_t nnotes;
	bool live;			/* its trace is printed as it comes */
	char *trace;			/* not printed yet; owned */
	size_t trace_length;
};

/* A job for each item of the plan, in shared memory of theirs. */
struct jobs {
	struct job *job;		/* owned, n of them */
	struct flight *flights;		/* owned */
	size_t n;
};

/* -1: out of memory.  A broken file's job is finished at once. */
int jobs_init(struct jobs *jobs, const struct run_options *options,
    const struct plan *plan, void *owner);
void jobs_fini(struct jobs *jobs);

/* A task for each job that is not finished; how many there are. */
size_t jobs_tasks(struct jobs *jobs, struct task *tasks,
    void (*done)(struct task *task));

/* Functions of its task, whose argument is the job. */
void job_child(struct task *task, int fd);
void job_record(struct task *task, int type, const void *data, size_t size);

/* The verdict of a child that crashed, hung or ended early is ours. */
void job_judge(struct job *job, const struct task *task);

/* Prints what there is of the trace; from now on it goes out at once. */
void job_trace_live(struct job *job);

/* One more result. */
void job_totals_add(struct report_totals *totals,
    const struct scenario_result *result);

#endif /* SIM_CLI_JOB_H */
