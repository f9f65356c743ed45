/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report as JUnit's XML, which CI services show: a testsuite per file
 * with a testcase per scenario.  Sums stand before what they sum up, so all
 * is kept until the end.
 */
#include <stdlib.h>
#include <string.h>

#include "observe/buffer.h"
#include "observe/report.h"

/* The file whose rows are coming. */
struct suite {
	char *file;		/* owned; NULL: none yet */
	unsigned passed, failed, skipped, errors;
	struct observe_counts counts;
	struct buffer cases;
};

struct report {
	FILE *out;
	const struct report_options *options;
	struct suite suite;
	struct buffer suites;	/* those that are complete */
	bool incomplete;	/* memory was out */
};

/* Closes it and copies it to out; false: memory was out. */
static bool
buffer_copy(struct buffer *buffer, FILE *out)
{
	bool complete = buffer_close(buffer);

	if (buffer->text != NULL)
		fwrite(buffer->text, 1, buffer->size, out);
	free(buffer->text);
	return complete;
}

static struct report *
junit_start(FILE *out, bool colour, const struct report_options *options)
{
	struct report *report = calloc(1, sizeof(*report));

	(void)colour;
	if (report == NULL)
		return NULL;
	report->out = out;
	report->options = options;
	if (!buffer_open(&report->suites)) {
		free(report);
		return NULL;
	}
	return report;
}

static const char *
entity_of(char character)
{
	switch (character) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

/*
 * XML has no place for most control characters, not even escaped; readers
 * make a space of a newline in an attribute unless it is.
 */
static void
put_part(FILE *out, const char *text, size_t size, const char *newline)
{
	const char *entity, *end = text + size;
	unsigned length;

	for (; text < end; text += length > 0 ? length : 1) {
		length = report_character(text);
		entity = *text == '\n' ? newline : entity_of(*text);
		if (entity != NULL)
			fputs(entity, out);
		else if (length == 0)
			fputc('?', out);
		else
			fwrite(text, 1, length, out);
	}
}

static void
put_escaped(FILE *out, const char *text)
{
	put_part(out, text, strlen(text), "\n");
}

static void
put_attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	put_part(out, value, strlen(value), "&#10;");
	fputc('"', out);
}

static void
put_property(FILE *out, const char *name, const char *value)
{
	fputs("      <property", out);
	put_attribute(out, "name", name);
	put_attribute(out, "value", value);
	fputs("/>\n", out);
}

static void
put_number(FILE *out, const char *name, long long value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", value);
	put_property(out, name, text);
}

static void
put_properties(FILE *out, const struct report_options *options,
    const struct observe_counts *counts)
{
	struct report_option list[REPORT_NOPTIONS];
	unsigned i;

	fputs("    <properties>\n", out);
	report_options_list(options, list);
	for (i = 0; i < REPORT_NOPTIONS; i++) {
		if (list[i].text != NULL)
			put_property(out, list[i].name, list[i].text);
		else
			put_number(out, list[i].name,
			    (long long)list[i].number);
	}
	for (i = 0; i < OBSERVE_NFIGURES; i++)
		put_number(out, observe_figures[i].name,
		    observe_figures[i].of(counts));
	fputs("    </properties>\n", out);
}

static void
put_numbers(FILE *out, unsigned passed, unsigned failed, unsigned skipped,
    unsigned errors)
{
	fprintf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\" "
	    "skipped=\"%u\">\n", passed + failed + skipped + errors, failed,
	    errors, skipped);
}

/* The suite goes to those that are complete. */
static void
suite_end(struct report *report)
{
	struct suite *suite = &report->suite;
	FILE *out = report->suites.out;

	if (suite->file == NULL)
		return;
	fputs("  <testsuite", out);
	put_attribute(out, "name", suite->file);
	put_numbers(out, suite->passed, suite->failed, suite->skipped,
	    suite->errors);
	put_properties(out, report->options, &suite->counts);
	if (!buffer_copy(&suite->cases, out))
		report->incomplete = true;
	fputs("  </testsuite>\n", out);
	free(suite->file);
	suite->file = NULL;
}

/* False: memory is out, and the row lost. */
static bool
suite_begin(struct report *report, const char *file)
{
	struct suite *suite = &report->suite;

	if (suite->file != NULL && strcmp(suite->file, file) == 0)
		return true;
	suite_end(report);
	memset(suite, 0, sizeof(*suite));
	if (!buffer_open(&suite->cases))
		return false;
	suite->file = strdup(file);
	if (suite->file != NULL)
		return true;
	(void)buffer_close(&suite->cases);
	free(suite->cases.text);
	return false;
}

static void
put_outcome(FILE *out, const struct report_row *row, const char *element)
{
	fprintf(out, "      <%s message=\"", element);
	put_part(out, row->reason, strcspn(row->reason, "\n"), "");
	fputs("\">", out);
	put_escaped(out, row->reason);
	if (row->repeat != NULL) {
		fputs("\nagain: ", out);
		put_escaped(out, row->repeat);
	}
	fprintf(out, "</%s>\n", element);
}

static void
put_notes(FILE *out, const char *const *notes)
{
	if (notes == NULL || *notes == NULL)
		return;
	fputs("      <system-out>", out);
	for (; *notes != NULL; notes++) {
		put_escaped(out, *notes);
		fputc('\n', out);
	}
	fputs("</system-out>\n", out);
}

static void
junit_row(struct report *report, const struct report_row *row)
{
	struct suite *suite = &report->suite;
	const struct {
		const char *verdict, *element;
		unsigned *number;
	} verdicts[] = {
		{ "pass", NULL, &suite->passed },
		{ "fail", "failure", &suite->failed },
		{ "skip", "skipped", &suite->skipped },
		{ "error", "error", &suite->errors },
	};
	FILE *out;
	unsigned i;

	if (!suite_begin(report, row->file)) {
		report->incomplete = true;
		return;
	}
	out = suite->cases.out;
	observe_counts_add(&suite->counts, &row->counts);
	fputs("    <testcase", out);
	put_attribute(out, "classname", row->file);
	put_attribute(out, "name", row->name);
	fputs(">\n", out);
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(verdicts[i].verdict, row->verdict) != 0)
			continue;
		++*verdicts[i].number;
		if (verdicts[i].element != NULL)
			put_outcome(out, row, verdicts[i].element);
	}
	put_notes(out, row->notes);
	fputs("    </testcase>\n", out);
}

static bool
junit_finish(struct report *report, const struct report_totals *totals)
{
	FILE *out = report->out;
	bool complete;

	suite_end(report);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
	    "name=\"nvmm-sim run\"", out);
	put_numbers(out, totals->passed, totals->failed, totals->skipped,
	    totals->errors);
	complete = buffer_copy(&report->suites, out) && !report->incomplete;
	fputs("</testsuites>\n", out);
	free(report);
	return complete;
}

const struct report_format report_junit = {
	.name = "junit",
	.start = junit_start,
	.row = junit_row,
	.finish = junit_finish,
};
