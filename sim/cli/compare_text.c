/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comparison for people: the answer first, then what differs, then the
 * sums side by side.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "cli/compare.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/stats.h"

/* --- the answer --- */

/* A list of clauses, of which the last has "and" before it. */
#define CLAUSES_MAX	6
struct clauses {
	char text[CLAUSES_MAX][96];
	unsigned n;
};

static void __attribute__((__format__(__printf__, 2, 3)))
clause(struct clauses *clauses, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(clauses->text[clauses->n++], sizeof(clauses->text[0]),
	    format, ap);
	va_end(ap);
}

static const char *
plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

static void
clauses_fill(struct clauses *clauses, const struct comparison *comparison)
{
	const struct comparison *c = comparison;

	if (c->more > 0)
		clause(clauses, "costs %llu ioctl%s more in %zu of %zu "
		    "scenario%s", c->more_ioctls, plural(c->more_ioctls),
		    c->more, c->n, plural(c->n));
	if (c->less > 0)
		clause(clauses, "costs %llu ioctl%s less in %zu of %zu "
		    "scenario%s", c->less_ioctls, plural(c->less_ioctls),
		    c->less, c->n, plural(c->n));
	if (c->failed > 0)
		clause(clauses, "fails %zu that a passes", c->failed);
	if (c->skipped > 0)
		clause(clauses, "skips %zu that a passes", c->skipped);
	if (c->passed > 0)
		clause(clauses, "passes %zu that a does not", c->passed);
	if (clauses->n == 0 && c->differ > 0)
		clause(clauses, "does something else in %zu of %zu "
		    "scenario%s, at the same cost in ioctls", c->differ, c->n,
		    plural(c->n));
}

void
compare_answer(FILE *out, const struct comparison *comparison)
{
	struct clauses clauses = { .n = 0 };
	unsigned i;

	clauses_fill(&clauses, comparison);
	if (clauses.n == 0)
		fprintf(out, "no difference in %zu scenario%s",
		    comparison->n, plural(comparison->n));
	else
		fputs("b ", out);
	for (i = 0; i < clauses.n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : i + 1 < clauses.n ? ", " :
		    i == 1 ? " and " : ", and ", clauses.text[i]);
	if (comparison->errors > 0)
		fprintf(out, "; %zu scenario%s broken", comparison->errors,
		    comparison->errors == 1 ? " is" : "s are");
}

/* --- figures side by side --- */

static void
put_pair(FILE *out, const char *name, int64_t a, int64_t b)
{
	fprintf(out, "      %-24s%12lld%12lld", name, (long long)a,
	    (long long)b);
	if (a != b)
		fprintf(out, "%+12lld", (long long)(b - a));
	fputc('\n', out);
}

static void
hit_rate(const struct observe_counts *counts, char *text, size_t size)
{
	uint64_t gets = counts->hits + counts->misses;

	if (gets == 0)
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%llu%%",
		    (unsigned long long)(100 * counts->hits / gets));
}

static void
put_rates(FILE *out, const struct observe_counts *a,
    const struct observe_counts *b, bool all)
{
	char rate_a[16], rate_b[16];

	hit_rate(a, rate_a, sizeof(rate_a));
	hit_rate(b, rate_b, sizeof(rate_b));
	if (all || strcmp(rate_a, rate_b) != 0)
		fprintf(out, "      %-24s%12s%12s\n", "hit rate", rate_a,
		    rate_b);
}

/* all: also figures that are the same, except zeros. */
static void
put_figures(FILE *out, const struct observe_counts *a,
    const struct observe_counts *b, bool all)
{
	int64_t of_a, of_b;
	unsigned i;

	for (i = 0; i < OBSERVE_NFIGURES; i++) {
		of_a = observe_figures[i].of(a);
		of_b = observe_figures[i].of(b);
		if (of_a != of_b || (all && of_a != 0))
			put_pair(out, observe_figures[i].name, of_a, of_b);
	}
	put_rates(out, a, b, all);
	for (i = 0; i <= SIM_NIOCTL; i++) {
		of_a = (int64_t)a->kernel.ioctls[i];
		of_b = (int64_t)b->kernel.ioctls[i];
		if (of_a != of_b || (all && of_a != 0))
			put_pair(out, i < SIM_NIOCTL ?
			    sim_ioctl_names[i].name : "UNKNOWN", of_a, of_b);
	}
}

static void
put_calls(FILE *out, const struct observe_counts *a,
    const struct observe_counts *b)
{
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++) {
		if (a->calls[i] != b->calls[i])
			put_pair(out, sim_calls[i].name,
			    (int64_t)a->calls[i], (int64_t)b->calls[i]);
	}
}

/* --- what differs --- */

static void
put_step_of(FILE *out, const struct compare_pair *pair, int side)
{
	const struct compare_step *step = &pair->step;
	const char *reason = pair->result[side]->reason;

	fprintf(out, "        %c: ", "ab"[side]);
	if (step->text[side] != NULL)
		fputs(step->text[side], out);
	else
		fprintf(out, "(the end)%s%.*s", *reason != '\0' ? ": " : "",
		    (int)strcspn(reason, "\n"), reason);
	if (step->text[side] != NULL && step->call[side] != NULL)
		fprintf(out, "  in %s", step->call[side]);
	fputc('\n', out);
}

static void
put_reason(FILE *out, const struct compare_pair *pair, int side)
{
	const char *reason = pair->result[side]->reason;

	if (*reason != '\0')
		fprintf(out, "      %c: %.*s\n", "ab"[side],
		    (int)strcspn(reason, "\n"), reason);
}

static void
put_again(FILE *out, const struct comparison *comparison,
    const struct compare_pair *pair)
{
	char *command = run_options_repeat(&comparison->side[SIDE_B].options,
	    pair->item->file, pair->item->name);

	if (command != NULL)
		fprintf(out, "      again: %s\n", command);
	free(command);
}

static const char *
kind_of(const struct compare_pair *pair)
{
	if (pair->result[SIDE_A]->verdict == VERDICT_ERROR)
		return "broken";
	if (pair->worse)
		return "worse";
	if (pair->more < 0 ||
	    (pair->result[SIDE_A]->verdict != VERDICT_PASS &&
	    pair->result[SIDE_B]->verdict == VERDICT_PASS))
		return "better";
	return "differs";
}

static void
put_difference(FILE *out, const struct comparison *comparison,
    const struct compare_pair *pair)
{
	const struct scenario_result *a = pair->result[SIDE_A];
	const struct scenario_result *b = pair->result[SIDE_B];

	fprintf(out, "  %-60s %s\n", pair->item->name != NULL ?
	    pair->item->name : "(the file)", kind_of(pair));
	if (a->verdict != b->verdict)
		fprintf(out, "      %-24s%12s%12s\n", "verdict",
		    verdict_names[a->verdict], verdict_names[b->verdict]);
	put_reason(out, pair, SIDE_A);
	put_reason(out, pair, SIDE_B);
	put_figures(out, &a->counts, &b->counts, false);
	put_calls(out, &a->counts, &b->counts);
	if (pair->step.number != 0) {
		fprintf(out, "      step %lu is the first that differs:\n",
		    pair->step.number);
		put_step_of(out, pair, SIDE_A);
		put_step_of(out, pair, SIDE_B);
	} else if (pair->differs && a->verdict != VERDICT_SKIP &&
	    b->verdict != VERDICT_SKIP)
		fputs("      every step is the same\n", out);
	put_again(out, comparison, pair);
}

/* What is broken with both is the same, but must be told. */
static bool
is_told(const struct compare_pair *pair)
{
	if (pair->result[SIDE_A]->verdict == VERDICT_ERROR)
		return true;
	return pair->differs && !pair->apart;
}

static void
put_differences(FILE *out, const struct comparison *comparison)
{
	const struct compare_pair *pair;
	const char *file = "";
	size_t i;

	for (i = 0; i < comparison->n; i++) {
		pair = &comparison->pairs[i];
		if (!is_told(pair))
			continue;
		if (strcmp(file, pair->item->file) != 0)
			fprintf(out, "\n%s\n", pair->item->file);
		file = pair->item->file;
		put_difference(out, comparison, pair);
	}
}

/* --- around that --- */

static void
put_head(FILE *out, const struct comparison *comparison)
{
	const struct run_options *options = &comparison->side[SIDE_A].options;
	const struct compare_side *side;
	int s;

	fprintf(out, "nvmm-sim compare: %s, engine %s, policy %s\n",
	    options->backend->name, options->engine->name,
	    options->policy.name);
	for (s = 0; s < NSIDES; s++) {
		side = &comparison->side[s];
		fprintf(out, "  %c: %s (abi %s%s)\n", "ab"[s],
		    side->options.library, side->plan.library.generation->name,
		    probed_modelled(&side->plan.library) ?
		    ", inner calls modelled" : "");
	}
	if (comparison->generations)
		fprintf(out, "  each on its own generation: %zu scenario%s for "
		    "one of them, or %s\n", comparison->apart,
		    comparison->apart == 1 ? " is" : "s are",
		    comparison->apart == 1 ? "goes its own way" :
		    "go their own ways");
}

static void
put_cost(FILE *out, const struct instructions *instructions, unsigned call)
{
	if (instructions->calls[call] == 0)
		fprintf(out, "%12s", "-");
	else
		fprintf(out, "%12.1f", (double)instructions->cost[call] /
		    (double)instructions->calls[call]);
}

static void
put_instructions(FILE *out, const struct comparison *comparison)
{
	const struct instructions *a = &comparison->side[SIDE_A].instructions;
	const struct instructions *b = &comparison->side[SIDE_B].instructions;
	unsigned i;

	if (!a->asked)
		return;
	if (a->why != NULL || b->why != NULL) {
		fprintf(out, "\ninstructions per call: not counted: %s\n",
		    a->why != NULL ? a->why : b->why);
		return;
	}
	fprintf(out, "\n%-30s%12s%12s\n", "instructions per call", "a", "b");
	for (i = 0; i < SIM_NCALL; i++) {
		if (a->calls[i] == 0 && b->calls[i] == 0)
			continue;
		fprintf(out, "      %-24s", sim_calls[i].name);
		put_cost(out, a, i);
		put_cost(out, b, i);
		fputc('\n', out);
	}
}

bool
compare_text(FILE *out, const struct comparison *comparison)
{
	const struct report_totals *a = &comparison->side[SIDE_A].totals;
	const struct report_totals *b = &comparison->side[SIDE_B].totals;

	compare_answer(out, comparison);
	fputs("\n\n", out);
	put_head(out, comparison);
	put_differences(out, comparison);
	fprintf(out, "\n%-30s%12s%12s\n", "total", "a", "b");
	put_pair(out, "passed", a->passed, b->passed);
	put_pair(out, "failed", a->failed, b->failed);
	put_pair(out, "skipped", a->skipped, b->skipped);
	put_pair(out, "errors", a->errors, b->errors);
	put_figures(out, &a->counts, &b->counts, true);
	put_instructions(out, comparison);
	return true;
}
