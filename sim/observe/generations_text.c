/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations for people: what each costs, and what was said of the comm
 * page when it came, beside what comes out here.
 */
#include <string.h>

#include "observe/generations.h"
#include "observe/number.h"

/*
 * Of the comm page's introduction in April 2019: "several million syscalls",
 * and seconds of a boot of a Windows installer on 4 VCPUs.
 */
#define CLAIM_BEFORE	95.0
#define CLAIM_AFTER	76.0

double
generations_per_exit(const struct generations_row *row, uint64_t n)
{
	return (double)n / (double)observe_exits(&row->counts);
}

double
generations_charged(const struct generations_report *report,
    const struct generations_row *row)
{
	return row->ns + report->base *
	    generations_per_exit(row, observe_ioctls(&row->counts));
}

static void
put_title(FILE *out, const struct generations_row *row)
{
	fprintf(out, "%s%-*s", row->title, (int)(24 - strlen(row->title)),
	    row->model ? " (model)" : "");
}

static void
put_head(FILE *out, const struct generations_report *report)
{
	char n[3][NUMBER_SIZE];

	fprintf(out, "nvmm-sim generations: %s, engine %s, load %s\n"
	    "%s access%s, a timer's interrupt at each %uth; played %s "
	    "time%s by each:\n%s exits; median of %u round%s in turn\n\n",
	    report->cpu, report->engine, report->load,
	    number_grouped(report->accesses, n[0]),
	    report->accesses == 1 ? "" : "es", report->timer_every,
	    number_grouped(report->repeat, n[1]),
	    report->repeat == 1 ? "" : "s",
	    number_grouped(observe_exits(&report->rows[0].counts), n[2]),
	    report->rounds, report->rounds == 1 ? "" : "s");
}

static void
put_costs(FILE *out, const struct generations_report *report)
{
	const struct generations_row *row, *first = &report->rows[0];
	double charged, charged_first = generations_charged(report, first);
	unsigned i;

	fprintf(out, "%-24s%8s%17s%22s%15s\n%-24s%8s%9s%8s%8s%7s%7s%8s%7s\n",
	    "", "syscalls", "bytes copied by", "processor time", "charged",
	    "", "an exit", "library", "kernel", "ns", "first", "BASE",
	    "ns", "first");
	for (i = 0; i < GENERATIONS_MAX; i++) {
		row = &report->rows[i];
		charged = generations_charged(report, row);
		put_title(out, row);
		fprintf(out, "%8.3f%9.1f%8.1f%8.1f%7.2f%7.2f%8.1f%7.2f\n",
		    generations_per_exit(row, observe_ioctls(&row->counts)),
		    generations_per_exit(row, row->copied),
		    generations_per_exit(row, observe_bytes(&row->counts)),
		    row->ns, row->ns / first->ns, row->ns / report->base,
		    charged, charged / charged_first);
	}
}

static uint64_t
avoided(const struct generations_report *report,
    const struct generations_row *row)
{
	return observe_ioctls(&report->rows[0].counts) -
	    observe_ioctls(&row->counts);
}

static void
put_totals(FILE *out, const struct generations_report *report)
{
	const struct generations_row *row;
	char n[4][NUMBER_SIZE];
	unsigned i;

	fprintf(out, "\n%-24s%12s%12s%20s%20s\n", "in all", "syscalls",
	    "avoided", "bytes by library", "bytes by kernel");
	for (i = 0; i < GENERATIONS_MAX; i++) {
		row = &report->rows[i];
		put_title(out, row);
		fprintf(out, "%12s%12s%20s%20s\n",
		    number_grouped(observe_ioctls(&row->counts), n[0]),
		    number_grouped(avoided(report, row), n[1]),
		    number_grouped(row->copied, n[2]),
		    number_grouped(observe_bytes(&row->counts), n[3]));
	}
}

static void
put_claims(FILE *out, const struct generations_report *report)
{
	const struct generations_row *none = &report->rows[0];
	const struct generations_row *page = &report->rows[1];
	const struct generations_row *place = &report->rows[2];
	char n[2][NUMBER_SIZE];

	fprintf(out, "\nThe comm page was said to avoid several million "
	    "syscalls and to bring a boot\nfrom 1 min 35 s to 1 min 16 s, "
	    "x %.2f.  Here it avoids %s of %s,\nand an exit takes x %.2f of "
	    "the time, charged; x %.2f uncharged.\n",
	    CLAIM_AFTER / CLAIM_BEFORE,
	    number_grouped(avoided(report, page), n[0]),
	    number_grouped(observe_ioctls(&none->counts), n[1]),
	    generations_charged(report, page) /
	    generations_charged(report, none), page->ns / none->ns);
	fprintf(out, "The end of the copies, announced then, spares %.1f "
	    "bytes more of each exit and\n%s syscalls in all: a further "
	    "x %.2f, charged; x %.2f uncharged.\n",
	    generations_per_exit(page, page->copied) -
	    generations_per_exit(place, place->copied),
	    number_grouped(observe_ioctls(&page->counts) -
	    observe_ioctls(&place->counts), n[0]),
	    generations_charged(report, place) /
	    generations_charged(report, page), place->ns / page->ns);
}

static void
put_notes(FILE *out, const struct generations_report *report)
{
	fprintf(out, "\nOnly the ratios are claims, and of exits alone: no "
	    "guest works between them, as\none did in that boot.  A syscall "
	    "is a function call here; charged is the time\nand, for each "
	    "syscall, BASE: %.1f ns, an ioctl on an eventfd that fails,\n"
	    "measured in the same rounds.\n", report->base);
	fprintf(out, "(model): a cost model of that history under today's "
	    "function names, not the\nlibrary of that time.  No kernel here "
	    "copies state without a comm page: the\nfirst model moves it by "
	    "way of the page, at the cost of that time's ioctl and\n"
	    "copy.\n");
}

bool
generations_text(FILE *out, const struct generations_report *report)
{
	put_head(out, report);
	put_costs(out, report);
	put_totals(out, report);
	put_claims(out, report);
	put_notes(out, report);
	return true;
}
