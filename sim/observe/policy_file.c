/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a policy from its file.
 */
#include "observe/policy_file.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "kernel/policy.h"

/* Where a complaint goes. */
struct reader {
	const char *path;
	char *why;
	size_t size;
};

static int
complain(const struct reader *reader, const char *what, const char *name)
{
	snprintf(reader->why, reader->size, "%s: %s '%s'", reader->path, what,
	    name);
	return -1;
}

static int
component_read(const struct reader *reader, const json_t *value,
    uint64_t *components)
{
	const char *name = json_string_value(value);
	unsigned i;

	if (name == NULL)
		return complain(reader, "a component is a string, in", "exits");
	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if (strcmp(sim_components[i].name, name) == 0) {
			*components |= SIM_BIT(i);
			return 0;
		}
	}
	return complain(reader, "there is no component", name);
}

static int
exit_read(const struct reader *reader, const char *name, const json_t *list,
    struct sim_policy *policy)
{
	size_t i;
	unsigned e;

	for (e = 0; e < SIM_NEXIT; e++) {
		if (strcmp(sim_exits[e].name, name) == 0)
			break;
	}
	if (e == SIM_NEXIT)
		return complain(reader, "there is no exit", name);
	if (!json_is_array(list))
		return complain(reader, "a list of components is needed for",
		    name);
	for (i = 0; i < json_array_size(list); i++) {
		if (component_read(reader, json_array_get(list, i),
		    &policy->speculate[e]) != 0)
			return -1;
	}
	return 0;
}

static int
root_read(const struct reader *reader, json_t *root,
    struct sim_policy *policy)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	const char *name = json_string_value(json_object_get(root, "name"));
	json_t *exits = json_object_get(root, "exits"), *list;
	const char *key;

	if (schema == NULL || strcmp(schema, POLICY_SCHEMA) != 0)
		return complain(reader, "no policy file: its schema is not",
		    POLICY_SCHEMA);
	if (name == NULL || *name == '\0' || strlen(name) >= sizeof(policy->name))
		return complain(reader, "a short string is needed for", "name");
	if (!json_is_object(exits))
		return complain(reader, "an object is needed for", "exits");
	json_object_foreach(root, key, list) {
		if (strcmp(key, "schema") != 0 && strcmp(key, "name") != 0 &&
		    strcmp(key, "exits") != 0)
			return complain(reader, "unknown field", key);
	}
	memset(policy, 0, sizeof(*policy));
	snprintf(policy->name, sizeof(policy->name), "%s", name);
	json_object_foreach(exits, key, list) {
		if (exit_read(reader, key, list, policy) != 0)
			return -1;
	}
	return 0;
}

int
policy_file_read(const char *path, struct sim_policy *policy, char *why,
    size_t size)
{
	const struct reader reader = { path, why, size };
	json_error_t error;
	json_t *root;
	int result;

	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		if (error.line > 0)
			snprintf(why, size, "%s:%d: no policy file, which is "
			    "JSON: %s", path, error.line, error.text);
		else
			snprintf(why, size, "%s", error.text);
		return -1;
	}
	result = root_read(&reader, root, policy);
	json_decref(root);
	return result;
}
