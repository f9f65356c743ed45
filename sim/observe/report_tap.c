/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as TAP, version 13, for harnesses: a line per scenario, a block
 * of YAML behind each that failed, notes and totals as comments.  The plan
 * comes last, since --fail-fast may cut the run short.
 */
#include <stdlib.h>
#include <string.h>

#include "observe/report.h"

struct report {
	FILE *out;
	unsigned n;
};

/* Size bytes of text on one line; the characters in marked get a \ before. */
static void
put_part(FILE *out, const char *text, size_t size, const char *marked)
{
	const char *end = text + size;
	unsigned length;

	for (; text < end; text += length > 0 ? length : 1) {
		length = report_character(text);
		if (strchr(marked, *text) != NULL)
			fputc('\\', out);
		if (*text == '\n' || *text == '\t')
			fputc(' ', out);
		else if (length == 0)
			fputc('?', out);
		else
			fwrite(text, 1, length, out);
	}
}

/* What TAP would take for a directive is marked as text. */
static void
put_line(FILE *out, const char *text)
{
	put_part(out, text, strlen(text), "#\\");
}

static struct report *
tap_start(FILE *out, bool colour, const struct report_options *options)
{
	struct report_option list[REPORT_NOPTIONS];
	struct report *report = calloc(1, sizeof(*report));
	unsigned i;

	(void)colour;
	if (report == NULL)
		return NULL;
	report->out = out;
	fputs("TAP version 13\n# nvmm-sim run:", out);
	report_options_list(options, list);
	for (i = 0; i < REPORT_NOPTIONS; i++) {
		fprintf(out, " %s=", list[i].name);
		if (list[i].text != NULL)
			put_line(out, list[i].text);
		else
			fprintf(out, "%llu",
			    (unsigned long long)list[i].number);
	}
	fputc('\n', out);
	return report;
}

static void
put_string(FILE *out, const char *key, const char *text)
{
	fprintf(out, "  %s: \"", key);
	put_part(out, text, strlen(text), "\"\\");
	fputs("\"\n", out);
}

/* As a literal block, whose first line gives the indentation. */
static void
put_lines(FILE *out, const char *key, const char *text)
{
	size_t length;

	fprintf(out, "  %s: |\n", key);
	for (text += strspn(text, " \t\n"); *text != '\0';
	    text += text[length] == '\n' ? length + 1 : length) {
		length = strcspn(text, "\n");
		fputs("    ", out);
		put_part(out, text, length, "");
		fputc('\n', out);
	}
}

static void
put_block(FILE *out, const struct report_row *row)
{
	unsigned i;

	fputs("  ---\n", out);
	put_string(out, "verdict", row->verdict);
	put_lines(out, "reason", row->reason);
	if (row->repeat != NULL)
		put_string(out, "again", row->repeat);
	fputs("  counts:\n", out);
	for (i = 0; i < OBSERVE_NFIGURES; i++)
		fprintf(out, "    %s: %lld\n", observe_figures[i].name,
		    (long long)observe_figures[i].of(&row->counts));
	fputs("  ...\n", out);
}

static void
tap_row(struct report *report, const struct report_row *row)
{
	bool skip = strcmp(row->verdict, "skip") == 0;
	bool ok = skip || strcmp(row->verdict, "pass") == 0;
	FILE *out = report->out;
	size_t i;

	fprintf(out, "%sok %u - ", ok ? "" : "not ", ++report->n);
	put_line(out, row->file);
	fputs(": ", out);
	put_line(out, row->name);
	if (skip) {
		fputs(" # SKIP ", out);
		put_line(out, row->reason);
	}
	fputc('\n', out);
	if (!ok)
		put_block(out, row);
	for (i = 0; row->notes != NULL && row->notes[i] != NULL; i++) {
		fputs("# ", out);
		put_line(out, row->notes[i]);
		fputc('\n', out);
	}
}

static bool
tap_finish(struct report *report, const struct report_totals *totals)
{
	FILE *out = report->out;
	unsigned i;

	fprintf(out, "1..%u\n# passed %u\n# failed %u\n# skipped %u\n"
	    "# errors %u\n", report->n, totals->passed, totals->failed,
	    totals->skipped, totals->errors);
	for (i = 0; i < OBSERVE_NFIGURES; i++)
		fprintf(out, "# %s %lld\n", observe_figures[i].name,
		    (long long)observe_figures[i].of(&totals->counts));
	free(report);
	return true;
}

const struct report_format report_tap = {
	.name = "tap",
	.start = tap_start,
	.row = tap_row,
	.finish = tap_finish,
};
