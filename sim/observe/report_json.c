/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report that programs read: one object, keys in a fixed order, zeros
 * present.
 */
#include <jansson.h>
#include <stdlib.h>

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

/* Takes over value; NULL, or an object that is, come from lack of memory. */
static void
set(struct report *report, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		report->incomplete = true;
}

static void
put(struct report *report, json_t *object, const char *key, int64_t value)
{
	set(report, object, key, json_integer(value));
}

static json_t *
by_call(struct report *report, const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++)
		put(report, object, sim_calls[i].name,
		    (int64_t)counts->calls[i]);
	return object;
}

static json_t *
by_ioctl(struct report *report, const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NIOCTL; i++)
		put(report, object, sim_ioctl_names[i].name,
		    (int64_t)counts->kernel.ioctls[i]);
	put(report, object, "UNKNOWN",
	    (int64_t)counts->kernel.ioctls[SIM_IOCTL_UNKNOWN]);
	return object;
}

static json_t *
by_exit(struct report *report, const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++)
		put(report, object, sim_exits[i].name,
		    (int64_t)counts->kernel.exits[i]);
	return object;
}

static json_t *
by_component(struct report *report, const struct observe_counts *counts)
{
	json_t *object = json_object(), *causes;
	unsigned i, j;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		causes = json_object();
		for (j = 0; j < SIM_NCAUSE; j++)
			put(report, causes, sim_cause_names[j],
			    (int64_t)counts->kernel.bytes[j][i]);
		set(report, object, sim_components[i].name, causes);
	}
	return object;
}

static void
put_counts(struct report *report, json_t *object,
    const struct observe_counts *counts)
{
	unsigned i;

	for (i = 0; i < OBSERVE_NFIGURES; i++)
		put(report, object, observe_figures[i].name,
		    observe_figures[i].of(counts));
	set(report, object, "by_call", by_call(report, counts));
	set(report, object, "by_ioctl", by_ioctl(report, counts));
	set(report, object, "by_exit", by_exit(report, counts));
	set(report, object, "by_component", by_component(report, counts));
}

/* Names come from files and need not be UTF-8. */
static json_t *
string(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : json_string("(not UTF-8)");
}

static json_t *
notes_array(struct report *report, const char *const *notes)
{
	json_t *array = json_array();

	for (; notes != NULL && *notes != NULL; notes++) {
		if (json_array_append_new(array, string(*notes)) != 0)
			report->incomplete = true;
	}
	return array;
}

static void
json_row(struct report *report, const struct report_row *row)
{
	json_t *object = json_object();

	set(report, object, "file", string(row->file));
	set(report, object, "name", string(row->name));
	set(report, object, "verdict", string(row->verdict));
	set(report, object, "reason", string(row->reason));
	set(report, object, "notes", notes_array(report, row->notes));
	set(report, object, "again", row->repeat != NULL ?
	    string(row->repeat) : json_null());
	put_counts(report, object, &row->counts);
	if (json_array_append_new(report->scenarios, object) != 0)
		report->incomplete = true;
}

static json_t *
options_object(struct report *report, const struct report_options *options)
{
	struct report_option list[REPORT_NOPTIONS];
	json_t *object = json_object();
	unsigned i;

	report_options_list(options, list);
	for (i = 0; i < REPORT_NOPTIONS; i++) {
		if (list[i].text != NULL)
			set(report, object, list[i].name,
			    string(list[i].text));
		else
			put(report, object, list[i].name,
			    (int64_t)list[i].number);
	}
	return object;
}

static bool
json_finish(struct report *report, const struct report_totals *totals)
{
	bool complete;
	json_t *root = json_object(), *object = json_object();

	put(report, object, "passed", totals->passed);
	put(report, object, "failed", totals->failed);
	put(report, object, "skipped", totals->skipped);
	put(report, object, "errors", totals->errors);
	put_counts(report, object, &totals->counts);

	set(report, root, "schema", json_string(REPORT_SCHEMA));
	set(report, root, "options", options_object(report, report->options));
	set(report, root, "scenarios", report->scenarios);
	set(report, root, "totals", object);
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
