/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports, read strictly.
 */
#include "json.h"

#include <string.h>

json_t *
report_parse(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "no JSON: line %d: %s:\n%.1000s",
	    error.line, error.text, text);
	return root;
}

json_t *
report_of(int status, const char *const *words)
{
	struct run run = run_words(NULL, words);
	json_t *report;

	must_exit(&run, status, words[0]);
	report = report_parse(run.out);
	run_free(&run);
	return report;
}

json_t *
member(const json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	ck_assert_msg(value != NULL, "there is no key \"%s\"", key);
	return value;
}

long long
number(const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	ck_assert_msg(json_is_integer(value), "\"%s\" is no integer", key);
	return json_integer_value(value);
}

long long
number_in(const json_t *object, const char *key, const char *name)
{
	return number(member(object, key), name);
}

const char *
string(const json_t *object, const char *key)
{
	const json_t *value = member(object, key);

	ck_assert_msg(json_is_string(value), "\"%s\" is no string", key);
	return json_string_value(value);
}

size_t
nscenarios(const json_t *report)
{
	return json_array_size(member(report, "scenarios"));
}

json_t *
scenario_at(const json_t *report, size_t i)
{
	json_t *object = json_array_get(member(report, "scenarios"), i);

	ck_assert_msg(object != NULL, "there is no scenario %zu", i);
	return object;
}

json_t *
scenario(const json_t *report, const char *name)
{
	size_t i, n = nscenarios(report);
	json_t *object;

	for (i = 0; i < n; i++) {
		object = scenario_at(report, i);
		if (strcmp(string(object, "name"), name) == 0)
			return object;
	}
	ck_abort_msg("the report has no scenario \"%s\"", name);
}
