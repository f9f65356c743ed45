/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comparison for programs: one object, keys in a fixed order, zeros
 * present.
 */
#include <jansson.h>
#include <stdlib.h>

#include "backend/backend.h"
#include "cli/compare.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/quirk.h"
#include "observe/buffer.h"
#include "observe/json.h"

static const char *const side_names[NSIDES] = { "a", "b" };

static json_t *
text_or_null(const char *text)
{
	return text != NULL ? json_text(text) : json_null();
}

static json_t *
options_object(bool *bad, const struct comparison *comparison)
{
	const struct run_options *options = &comparison->side[SIDE_A].options;
	json_t *object = json_object();
	char quirks[256];

	sim_quirks_format(options->quirks_off, quirks, sizeof(quirks));
	json_set(bad, object, "cpu", json_text(options->backend->name));
	json_set(bad, object, "engine", json_text(options->engine->name));
	json_set(bad, object, "policy", json_text(options->policy.name));
	json_set(bad, object, "quirks", json_text(quirks));
	json_put(bad, object, "seed", (int64_t)options->seed);
	return object;
}

static json_t *
library_object(bool *bad, const struct compare_side *side)
{
	json_t *object = json_object();

	json_set(bad, object, "libnvmm", json_text(side->options.library));
	json_set(bad, object, "abi",
	    json_text(side->plan.library.generation->name));
	json_set(bad, object, "inner_calls",
	    json_text(probed_modelled(&side->plan.library) ? "modelled" :
	    "seen"));
	return object;
}

static json_t *
result_object(bool *bad, const struct comparison *comparison,
    const struct compare_pair *pair, int side)
{
	const struct scenario_result *result = pair->result[side];
	json_t *object = json_object();
	char *again = run_options_repeat(&comparison->side[side].options,
	    pair->item->file, pair->item->name);

	json_set(bad, object, "verdict",
	    json_text(verdict_names[result->verdict]));
	json_set(bad, object, "reason", json_text(result->reason));
	json_set(bad, object, "again", text_or_null(again));
	json_put_counts(bad, object, &result->counts);
	free(again);
	return object;
}

static json_t *
step_object(bool *bad, const struct compare_step *step)
{
	json_t *object, *of;
	int s;

	if (step->number == 0)
		return json_null();
	object = json_object();
	json_put(bad, object, "step", (int64_t)step->number);
	for (s = 0; s < NSIDES; s++) {
		of = json_object();
		json_set(bad, of, "text", text_or_null(step->text[s]));
		json_set(bad, of, "call", text_or_null(step->call[s]));
		json_set(bad, object, side_names[s], of);
	}
	return object;
}

static json_t *
pair_object(bool *bad, const struct comparison *comparison,
    const struct compare_pair *pair)
{
	json_t *object = json_object();
	int s;

	json_set(bad, object, "file", json_text(pair->item->file));
	json_set(bad, object, "name", json_text(pair->item->name != NULL ?
	    pair->item->name : "(the file)"));
	json_set(bad, object, "differs", json_boolean(pair->differs));
	json_set(bad, object, "one_generation", json_boolean(pair->apart));
	json_set(bad, object, "worse", json_boolean(pair->worse));
	for (s = 0; s < NSIDES; s++)
		json_set(bad, object, side_names[s],
		    result_object(bad, comparison, pair, s));
	json_set(bad, object, "first_difference",
	    step_object(bad, &pair->step));
	return object;
}

static json_t *
pairs_array(bool *bad, const struct comparison *comparison)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < comparison->n; i++) {
		if (json_array_append_new(array, pair_object(bad, comparison,
		    &comparison->pairs[i])) != 0)
			*bad = true;
	}
	return array;
}

static json_t *
totals_object(bool *bad, const struct report_totals *totals)
{
	json_t *object = json_object();

	json_put(bad, object, "passed", totals->passed);
	json_put(bad, object, "failed", totals->failed);
	json_put(bad, object, "skipped", totals->skipped);
	json_put(bad, object, "errors", totals->errors);
	json_put_counts(bad, object, &totals->counts);
	return object;
}

/* Null where nothing was counted. */
static json_t *
instructions_object(bool *bad, const struct instructions *instructions)
{
	json_t *object, *of;
	unsigned i;

	if (!instructions->asked || instructions->why != NULL)
		return json_null();
	object = json_object();
	for (i = 0; i < SIM_NCALL; i++) {
		of = json_object();
		json_put(bad, of, "calls", (int64_t)instructions->calls[i]);
		json_put(bad, of, "instructions",
		    (int64_t)instructions->cost[i]);
		json_set(bad, object, sim_calls[i].name, of);
	}
	return object;
}

static json_t *
answer_text(bool *bad, const struct comparison *comparison)
{
	struct buffer answer;
	json_t *text = NULL;

	if (!buffer_open(&answer)) {
		*bad = true;
		return NULL;
	}
	compare_answer(answer.out, comparison);
	if (buffer_close(&answer))
		text = json_text(answer.text);
	free(answer.text);
	return text;
}

bool
compare_json(FILE *out, const struct comparison *comparison)
{
	json_t *root = json_object(), *totals = json_object();
	json_t *instructions = json_object();
	const struct compare_side *side;
	bool bad = false;
	int s;

	json_set(&bad, root, "schema", json_text(COMPARE_SCHEMA));
	json_set(&bad, root, "answer", answer_text(&bad, comparison));
	json_set(&bad, root, "worse", json_boolean(comparison->worse > 0));
	json_set(&bad, root, "options", options_object(&bad, comparison));
	for (s = 0; s < NSIDES; s++) {
		side = &comparison->side[s];
		json_set(&bad, root, side_names[s],
		    library_object(&bad, side));
		json_set(&bad, totals, side_names[s],
		    totals_object(&bad, &side->totals));
		json_set(&bad, instructions, side_names[s],
		    instructions_object(&bad, &side->instructions));
	}
	json_set(&bad, root, "scenarios", pairs_array(&bad, comparison));
	json_set(&bad, root, "totals", totals);
	json_set(&bad, root, "instructions", instructions);
	/* What cannot be written is seen by who has opened the file. */
	if (json_dumpf(root, out, JSON_INDENT(2)) != 0 && !ferror(out))
		bad = true;
	fputc('\n', out);
	json_decref(root);
	return !bad;
}
