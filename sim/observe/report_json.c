/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report that programs read: one object, keys in a fixed order, zeros
 * present.
 */
#include <jansson.h>
#include <stdlib.h>

#include "observe/json.h"
#include "observe/report.h"

struct report {
	FILE *out;
	const struct report_options *options;
	json_t *scenarios;
	bool incomplete;	/* memory was out */
};

static struct report *
json_start(FILE *out, bool colour, const struct report_options *options)
{
	struct report *report = calloc(1, sizeof(*report));

	(void)colour;
	if (report == NULL)
		return NULL;
	report->out = out;
	report->options = options;
	report->scenarios = json_array();
	return report;
}

static json_t *
notes_array(struct report *report, const char *const *notes)
{
	json_t *array = json_array();

	for (; notes != NULL && *notes != NULL; notes++) {
		if (json_array_append_new(array, json_text(*notes)) != 0)
			report->incomplete = true;
	}
	return array;
}

static void
json_row(struct report *report, const struct report_row *row)
{
	bool *bad = &report->incomplete;
	json_t *object = json_object();

	json_set(bad, object, "file", json_text(row->file));
	json_set(bad, object, "name", json_text(row->name));
	json_set(bad, object, "verdict", json_text(row->verdict));
	json_set(bad, object, "reason", json_text(row->reason));
	json_set(bad, object, "notes", notes_array(report, row->notes));
	json_set(bad, object, "again", row->repeat != NULL ?
	    json_text(row->repeat) : json_null());
	json_put_counts(bad, object, &row->counts);
	if (json_array_append_new(report->scenarios, object) != 0)
		report->incomplete = true;
}

static json_t *
options_object(struct report *report, const struct report_options *options)
{
	bool *bad = &report->incomplete;
	struct report_option list[REPORT_NOPTIONS];
	json_t *object = json_object();
	unsigned i;

	report_options_list(options, list);
	for (i = 0; i < REPORT_NOPTIONS; i++) {
		if (list[i].text != NULL)
			json_set(bad, object, list[i].name,
			    json_text(list[i].text));
		else
			json_put(bad, object, list[i].name,
			    (int64_t)list[i].number);
	}
	return object;
}

static bool
json_finish(struct report *report, const struct report_totals *totals)
{
	bool *bad = &report->incomplete;
	bool complete;
	json_t *root = json_object(), *object = json_object();

	json_put(bad, object, "passed", totals->passed);
	json_put(bad, object, "failed", totals->failed);
	json_put(bad, object, "skipped", totals->skipped);
	json_put(bad, object, "errors", totals->errors);
	json_put_counts(bad, object, &totals->counts);

	json_set(bad, root, "schema", json_string(REPORT_SCHEMA));
	json_set(bad, root, "options", options_object(report, report->options));
	json_set(bad, root, "scenarios", report->scenarios);
	json_set(bad, root, "totals", object);
	/* What cannot be written is seen by who has opened the file. */
	if (json_dumpf(root, report->out, JSON_INDENT(2)) != 0 &&
	    !ferror(report->out))
		report->incomplete = true;
	fputc('\n', report->out);
	json_decref(root);
	complete = !report->incomplete;
	free(report);
	return complete;
}

const struct report_format report_json = {
	.name = "json",
	.start = json_start,
	.row = json_row,
	.finish = json_finish,
};
