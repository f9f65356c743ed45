/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim generations: each plays the load, in rounds and in turn, so that
 * noise hits them alike; all in this process, on one thread.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "cli/generations_options.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "observe/generations.h"
#include "scenario/generation.h"
#include "scenario/load.h"

#define ROUNDS		7	/* odd: the median is one of them */
#define BASE_CALLS	20000	/* of a round */

/* As in the scenario that plays the recorded boot. */
#define TIMER_EVERY	400
#define TIMER_VECTOR	0x20

struct measuring {
	const struct generations_options *options;
	struct load load;			/* owned */
	struct generation generations[GENERATIONS];	/* owned */
	int event_fd;				/* owned */
	uint64_t repeat;
	unsigned rounds;
	double ns[GENERATIONS][ROUNDS];		/* of an exit */
	double base[ROUNDS];			/* ns of a real ioctl */
	struct generations_report report;
};

_Static_assert(GENERATIONS == GENERATIONS_MAX, "the report has them all");

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of the rounds; of two in the middle the greater. */
static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return values[n / 2];
}

/* An ioctl that the host's kernel refuses at once: what a syscall costs. */
static double
measure_base(int fd)
{
	double start = generation_now();
	unsigned i;

	for (i = 0; i < BASE_CALLS; i++)
		(void)ioctl(fd, 0x4e00, NULL);
	return (generation_now() - start) / BASE_CALLS;
}

/* The repeats of a round: all rounds together have all of them. */
static uint64_t
repeats_of(const struct measuring *m, unsigned round)
{
	return m->repeat / m->rounds + (round < m->repeat % m->rounds);
}

static int
measure_one(struct measuring *m, unsigned i, unsigned round)
{
	const struct load_plan plan = {
		.load = &m->load,
		.timer_every = TIMER_EVERY,
		.timer_vector = TIMER_VECTOR,
		.repeat = repeats_of(m, round),
	};
	struct generations_row *row = &m->report.rows[i];
	struct generation_played played;
	char why[512];

	if (generation_play(&m->generations[i], &plan, &played, why,
	    sizeof(why)) != 0) {
		complain("%s: %s: %s", row->library, m->options->load, why);
		return STATUS_FAIL;
	}
	m->ns[i][round] = played.ns / (double)observe_exits(&played.counts);
	observe_counts_add(&row->counts, &played.counts);
	row->copied += played.copied;
	return STATUS_OK;
}

/* Who begins changes with each round. */
static int
measure(struct measuring *m)
{
	unsigned round, i;
	int status;

	for (round = 0; round < m->rounds; round++) {
		m->base[round] = measure_base(m->event_fd);
		for (i = 0; i < GENERATIONS; i++) {
			status = measure_one(m, (i + round) % GENERATIONS,
			    round);
			if (status != STATUS_OK)
				return status;
		}
	}
	m->report.base = median(m->base, m->rounds);
	for (i = 0; i < GENERATIONS; i++)
		m->report.rows[i].ns = median(m->ns[i], m->rounds);
	return STATUS_OK;
}

/* The guest is the same: so are its exits, one by one. */
static int
exits_agree(const struct generations_report *report)
{
	const struct sim_stats *first = &report->rows[0].counts.kernel;
	unsigned i;

	for (i = 1; i < GENERATIONS; i++) {
		if (memcmp(report->rows[i].counts.kernel.exits, first->exits,
		    sizeof(first->exits)) == 0)
			continue;
		complain("%s: %s: its exits are not those of %s",
		    report->rows[i].library, report->load,
		    report->rows[0].library);
		return STATUS_FAIL;
	}
	return STATUS_OK;
}

/*
 * How often the load is played: an access is an exit, and there are a few
 * more.  When exits are asked for, enough of it for every round.
 */
static void
plan_rounds(struct measuring *m)
{
	const struct generations_options *options = m->options;

	m->repeat = options->repeat;
	if (m->repeat == 0)
		m->repeat = (options->exits + m->load.n - 1) / m->load.n;
	if (options->repeat == 0 && m->repeat < ROUNDS)
		m->repeat = ROUNDS;
	m->rounds = m->repeat < ROUNDS ? (unsigned)m->repeat : ROUNDS;
}

static void
describe(struct measuring *m)
{
	struct generations_report *report = &m->report;
	const struct generation_row *row;
	unsigned i;

	report->cpu = m->options->run.backend->name;
	report->engine = sim_engines[0]->name;
	report->load = m->options->load;
	report->accesses = m->load.n;
	report->repeat = m->repeat;
	report->rounds = m->rounds;
	report->timer_every = TIMER_EVERY;
	for (i = 0; i < GENERATIONS; i++) {
		row = &generation_rows[i];
		report->rows[i] = (struct generations_row){
			.name = row->name, .title = row->title,
			.summary = row->summary, .library = row->library,
			.abi = row->abi->name, .policy = row->policy,
			.model = row->model,
		};
	}
}

/* Load, libraries, kernels, and something for BASE.  0 or STATUS_ERROR. */
static int
prepare(struct measuring *m)
{
	char path[PATH_MAX], why[PATH_MAX + 128];
	unsigned i;

	if (load_read(m->options->load, &m->load, why, sizeof(why)) != 0) {
		complain("%s", why);
		return STATUS_ERROR;
	}
	plan_rounds(m);
	describe(m);
	m->event_fd = eventfd(0, EFD_CLOEXEC);
	if (m->event_fd == -1) {
		complain("eventfd: %s", strerror(errno));
		return STATUS_ERROR;
	}
	for (i = 0; i < GENERATIONS; i++) {
		if (product_path(generation_rows[i].library, path,
		    sizeof(path)) != 0) {
			complain("cannot find %s beside this program",
			    generation_rows[i].library);
			return STATUS_ERROR;
		}
		if (generation_open(&m->generations[i], &generation_rows[i],
		    path, m->options->run.backend, why, sizeof(why)) != 0) {
			complain("%s", why);
			return STATUS_ERROR;
		}
	}
	return STATUS_OK;
}

static void
tidy(struct measuring *m)
{
	generations_close(m->generations);
	if (m->event_fd != -1)
		close(m->event_fd);
	load_free(&m->load);
}

/* The report goes where it shall; its file is made before the work. */
static int
run_to(FILE *out, const char *name, struct measuring *m)
{
	int status = prepare(m);

	if (status == STATUS_OK)
		status = measure(m);
	if (status == STATUS_OK)
		status = exits_agree(&m->report);
	if (status == STATUS_OK && !m->options->report(out, &m->report)) {
		complain("out of memory: the report is not complete");
		status = STATUS_ERROR;
	}
	if (fflush(out) != 0 || ferror(out)) {
		complain("%s: cannot write the report", name);
		status = STATUS_ERROR;
	}
	tidy(m);
	return status;
}

int
cmd_generations(int argc, char **argv)
{
	struct generations_options options;
	struct measuring m = { .options = &options, .event_fd = -1 };
	FILE *out = stdout;
	int status;

	status = generations_options_parse(argc, argv, &options);
	if (status != -1)
		return status;
	if (options.run.output != NULL)
		out = fopen(options.run.output, "w");
	if (out == NULL) {
		complain("%s: %s", options.run.output, strerror(errno));
		return STATUS_ERROR;
	}
	status = run_to(out, options.run.output != NULL ? options.run.output :
	    "standard output", &m);
	if (out != stdout)
		fclose(out);
	return status;
}
