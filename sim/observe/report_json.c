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

static void
put(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *
by_call(const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++)
		put(object, sim_calls[i].name, counts->calls[i]);
	return object;
}

static json_t *
by_ioctl(const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NIOCTL; i++)
		put(object, sim_ioctl_names[i].name,
		    counts->kernel.ioctls[i]);
	put(object, "UNKNOWN", counts->kernel.ioctls[SIM_IOCTL_UNKNOWN]);
	return object;
}

static json_t *
by_exit(const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++)
		put(object, sim_exits[i].name, counts->kernel.exits[i]);
	return object;
}

static json_t *
by_component(const struct observe_counts *counts)
{
	json_t *object = json_object(), *causes;
	unsigned i, j;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		causes = json_object();
		for (j = 0; j < SIM_NCAUSE; j++)
			put(causes, sim_cause_names[j],
			    counts->kernel.bytes[j][i]);
		json_object_set_new(object, sim_components[i].name, causes);
	}
	return object;
}

static void
put_counts(json_t *object, const struct observe_counts *counts)
{
	uint64_t ioctls = observe_ioctls(counts);

	put(object, "calls", observe_calls(counts));
	put(object, "ioctls", ioctls);
	put(object, "baseline", counts->baseline);
	put(object, "avoided", counts->baseline - ioctls);
	put(object, "hits", counts->hits);
	put(object, "misses", counts->misses);
	put(object, "exits", observe_exits(counts));
	put(object, "handled", counts->kernel.handled);
	put(object, "other", observe_other(counts));
	put(object, "bytes", observe_bytes(counts));
	put(object, "modelled", counts->modelled);
	json_object_set_new(object, "by_call", by_call(counts));
	json_object_set_new(object, "by_ioctl", by_ioctl(counts));
	json_object_set_new(object, "by_exit", by_exit(counts));
	json_object_set_new(object, "by_component", by_component(counts));
}

/* Names come from files and need not be UTF-8. */
static json_t *
string(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : json_string("(not UTF-8)");
}

static void
json_row(struct report *report, const struct report_row *row)
{
	json_t *object = json_object();

	json_object_set_new(object, "file", string(row->file));
	json_object_set_new(object, "name", string(row->name));
	json_object_set_new(object, "verdict", string(row->verdict));
	json_object_set_new(object, "reason", string(row->reason));
	put_counts(object, &row->counts);
	json_array_append_new(report->scenarios, object);
}

static json_t *
options_object(const struct report_options *options)
{
	json_t *object = json_object();

	json_object_set_new(object, "cpu", string(options->cpu));
	json_object_set_new(object, "engine", string(options->engine));
	json_object_set_new(object, "policy", string(options->policy));
	json_object_set_new(object, "comm",
	    string(options->comm ? "on" : "off"));
	json_object_set_new(object, "libnvmm", string(options->library));
	json_object_set_new(object, "inner_calls",
	    string(options->modelled ? "modelled" : "seen"));
	put(object, "seed", options->seed);
	return object;
}

static void
json_finish(struct report *report, const struct report_totals *totals)
{
	json_t *root = json_object(), *object = json_object();

	put(object, "passed", totals->passed);
	put(object, "failed", totals->failed);
	put(object, "skipped", totals->skipped);
	put(object, "errors", totals->errors);
	put_counts(object, &totals->counts);

	json_object_set_new(root, "schema", json_string(REPORT_SCHEMA));
	json_object_set_new(root, "options", options_object(report->options));
	json_object_set_new(root, "scenarios", report->scenarios);
	json_object_set_new(root, "totals", object);
	json_dumpf(root, report->out, JSON_INDENT(2));
	fputc('\n', report->out);
	json_decref(root);
	free(report);
}

const struct report_format report_json = {
	.name = "json",
	.start = json_start,
	.row = json_row,
	.finish = json_finish,
};
