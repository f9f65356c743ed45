/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations for programs: integers only, so times are in picoseconds.
 */
#include "observe/generations.h"
#include "observe/json.h"

static int64_t
picoseconds(double ns)
{
	return (int64_t)(ns * 1e3 + 0.5);
}

static json_t *
row_object(bool *incomplete, const struct generations_report *report,
    const struct generations_row *row)
{
	const struct observe_counts *first = &report->rows[0].counts;
	int64_t ioctls = (int64_t)observe_ioctls(&row->counts);
	json_t *object = json_object();

	json_set(incomplete, object, "name", json_string(row->name));
	json_set(incomplete, object, "summary", json_string(row->summary));
	json_set(incomplete, object, "library", json_string(row->library));
	json_set(incomplete, object, "abi", json_string(row->abi));
	json_set(incomplete, object, "policy", json_string(row->policy));
	json_set(incomplete, object, "model", json_boolean(row->model));
	json_put(incomplete, object, "exits",
	    (int64_t)observe_exits(&row->counts));
	json_put(incomplete, object, "ioctls", ioctls);
	json_put(incomplete, object, "avoided",
	    (int64_t)observe_ioctls(first) - ioctls);
	json_put(incomplete, object, "library_bytes", (int64_t)row->copied);
	json_put(incomplete, object, "kernel_bytes",
	    (int64_t)observe_bytes(&row->counts));
	json_put(incomplete, object, "ps_per_exit", picoseconds(row->ns));
	json_put(incomplete, object, "charged_ps_per_exit",
	    picoseconds(generations_charged(report, row)));
	json_put_stats(incomplete, object, &row->counts.kernel);
	return object;
}

bool
generations_json(FILE *out, const struct generations_report *report)
{
	json_t *root = json_object(), *rows = json_array();
	bool incomplete = false;
	unsigned i;

	for (i = 0; i < GENERATIONS_MAX; i++) {
		if (json_array_append_new(rows, row_object(&incomplete, report,
		    &report->rows[i])) != 0)
			incomplete = true;
	}
	json_set(&incomplete, root, "schema",
	    json_string(GENERATIONS_SCHEMA));
	json_set(&incomplete, root, "cpu", json_string(report->cpu));
	json_set(&incomplete, root, "engine", json_string(report->engine));
	json_set(&incomplete, root, "load", json_text(report->load));
	json_put(&incomplete, root, "accesses", (int64_t)report->accesses);
	json_put(&incomplete, root, "repeat", (int64_t)report->repeat);
	json_put(&incomplete, root, "rounds", report->rounds);
	json_put(&incomplete, root, "timer_every", report->timer_every);
	json_put(&incomplete, root, "base_ps", picoseconds(report->base));
	json_set(&incomplete, root, "generations", rows);
	/* What cannot be written is seen by who has opened the file. */
	if (json_dumpf(root, out, JSON_INDENT(2)) != 0 && !ferror(out))
		incomplete = true;
	fputc('\n', out);
	json_decref(root);
	return !incomplete;
}
