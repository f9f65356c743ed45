/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report that people read: a line per scenario, totals, the diagram.
 */
#include "observe/report.h"

#include <stdlib.h>
#include <string.h>

#include "observe/buffer.h"

#define NAME_WIDTH	58

struct report {
	FILE *out;
	bool colour;
	const struct report_options *options;
	char *file;		/* of the last row; owned */
	struct buffer failures;	/* a line for each */
};

static struct report *
text_start(FILE *out, bool colour, const struct report_options *options)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report == NULL)
		return NULL;
	report->out = out;
	report->colour = colour;
	report->options = options;
	if (!buffer_open(&report->failures)) {
		free(report);
		return NULL;
	}
	fprintf(out, "nvmm-sim run: %s, abi %s, engine %s, policy %s, "
	    "comm page %s\n", options->cpu, options->abi, options->engine,
	    options->policy, options->comm ? "on" : "off");
	fprintf(out, "%-*s verdict   calls  ioctls avoided   hits\n",
	    NAME_WIDTH, "");
	return report;
}

static const char *
colour_of(const char *verdict)
{
	static const struct {
		const char *verdict, *code;
	} codes[] = {
		{ "pass", "\033[32m" }, { "fail", "\033[31m" },
		{ "error", "\033[31m" }, { "skip", "\033[33m" },
	};
	unsigned i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(codes[i].verdict, verdict) == 0)
			return codes[i].code;
	}
	return "";
}

/* "-" where there was nothing to hit. */
static void
hit_rate(const struct report *report, const struct observe_counts *counts,
    char *text, size_t size)
{
	uint64_t gets = counts->hits + counts->misses;

	if (gets == 0 || !report->options->comm)
		snprintf(text, size, "-");
	else
		snprintf(text, size, "%llu%%",
		    (unsigned long long)(100 * counts->hits / gets));
}

static void
put_counts(const struct report *report, const struct observe_counts *counts)
{
	long long avoided = (long long)counts->baseline -
	    (long long)observe_ioctls(counts);
	char rate[16];

	hit_rate(report, counts, rate, sizeof(rate));
	fprintf(report->out, "%8llu%8llu%8lld%7s\n",
	    (unsigned long long)observe_calls(counts),
	    (unsigned long long)observe_ioctls(counts), avoided, rate);
}

static void
put_indented(const struct report *report, const char *text)
{
	size_t length;

	while (*text != '\0') {
		length = strcspn(text, "\n");
		fprintf(report->out, "      %.*s\n", (int)length, text);
		text += length;
		text += *text == '\n';
	}
}

static void
put_file(struct report *report, const char *file)
{
	if (report->file != NULL && strcmp(report->file, file) == 0)
		return;
	free(report->file);
	report->file = strdup(file);
	fprintf(report->out, "%s\n", file);
}

static void
text_row(struct report *report, const struct report_row *row)
{
	size_t length = strlen(row->name), i;

	put_file(report, row->file);
	fprintf(report->out, "  %s", row->name);
	if (length > NAME_WIDTH - 3)
		fprintf(report->out, "\n%*s", NAME_WIDTH, "");
	else
		fprintf(report->out, "%*s", (int)(NAME_WIDTH - 2 - length), "");
	fprintf(report->out, " %s%-6s%s",
	    report->colour ? colour_of(row->verdict) : "", row->verdict,
	    report->colour ? "\033[0m" : "");
	put_counts(report, &row->counts);
	put_indented(report, row->reason);
	for (i = 0; row->notes != NULL && row->notes[i] != NULL; i++)
		put_indented(report, row->notes[i]);
	if (row->repeat == NULL)
		return;
	fprintf(report->out, "      again: %s\n", row->repeat);
	fprintf(report->failures.out, "  %.*s\n      in \"%s\"\n",
	    (int)strcspn(row->reason, "\n"), row->reason, row->name);
}

static bool
text_finish(struct report *report, const struct report_totals *totals)
{
	const struct observe_counts *counts = &totals->counts;
	FILE *out = report->out;
	bool complete;

	fprintf(out, "\n%-*s       ", NAME_WIDTH, "total");
	put_counts(report, counts);
	fprintf(out, "%u passed, %u failed, %u skipped, %u error%s\n\n",
	    totals->passed, totals->failed, totals->skipped, totals->errors,
	    totals->errors == 1 ? "" : "s");
	complete = buffer_close(&report->failures);
	if (report->failures.text != NULL)
		fprintf(out, "what broke:\n%s\n", report->failures.text);
	if (observe_calls(counts) > 0)
		report_diagram(out, counts, report->options->comm);
	if (report->options->modelled)
		fprintf(out, "\n%llu inner calls are modelled: this library "
		    "calls its own functions directly,\nso they are derived "
		    "from what its assists are documented to call.\n",
		    (unsigned long long)counts->modelled);
	free(report->failures.text);
	free(report->file);
	free(report);
	return complete;
}

const struct report_format report_text = {
	.name = "text",
	.start = text_start,
	.row = text_row,
	.finish = text_finish,
};
