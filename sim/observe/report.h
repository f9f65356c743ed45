/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports of a run: text for people, JSON for programs, TAP and JUnit's XML
 * for what runs tests.
 */
#ifndef SIM_OBSERVE_REPORT_H
#define SIM_OBSERVE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "observe/session.h"

/* Versions of the report's format. */
#define REPORT_SCHEMA	"nvmm-sim-run/1"

/* One scenario, as reports see it. */
struct report_row {
	const char *file;
	const char *name;
	const char *verdict;		/* pass, fail, skip, error */
	const char *reason;		/* may have several lines */
	const char *repeat;		/* the command; NULL for a pass */
	const char *const *notes;	/* NULL-terminated */
	struct observe_counts counts;
};

struct report_totals {
	unsigned passed, failed, skipped, errors;
	struct observe_counts counts;
};

/* How the run was made; strings are borrowed. */
struct report_options {
	const char *cpu, *abi, *engine, *policy, *quirks, *library;
	bool comm;
	bool modelled;			/* inner calls derived, not seen */
	uint64_t seed, preempt;
};

/* One of them under the name that reports give it. */
struct report_option {
	const char *name;
	const char *text;		/* NULL: a number */
	uint64_t number;
};
#define REPORT_NOPTIONS	10
void report_options_list(const struct report_options *options,
    struct report_option list[REPORT_NOPTIONS]);

/* A report in progress; finish() frees it. */
struct report;
struct report_format {
	const char *name;
	/* NULL: out of memory.  colour: for a terminal. */
	struct report *(*start)(FILE *out, bool colour,
	    const struct report_options *options);
	void (*row)(struct report *report, const struct report_row *row);
	/* False: memory was out, and something is missing in it. */
	bool (*finish)(struct report *report,
	    const struct report_totals *totals);
};

/* NULL-terminated; the first is the default. */
extern const struct report_format *const report_formats[];
extern const struct report_format report_text, report_json, report_tap,
    report_junit;

/*
 * The picture of who asked whom how often; comm: with the comm page between
 * them.
 */
void report_diagram(FILE *out, const struct observe_counts *counts,
    bool comm);

/*
 * The bytes of the character that text begins with, or 0 if it is none that
 * every format can carry: a control character but newline and tab, or bytes
 * that are no UTF-8.  Names come from files and may have anything in them.
 */
unsigned report_character(const char *text);

#endif /* SIM_OBSERVE_REPORT_H */
