/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reports in JSON share.
 */
#include "observe/json.h"

void
json_set(bool *incomplete, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		*incomplete = true;
}

void
json_put(bool *incomplete, json_t *object, const char *key, int64_t value)
{
	json_set(incomplete, object, key, json_integer(value));
}

static json_t *
by_call(bool *incomplete, const struct observe_counts *counts)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++)
		json_put(incomplete, object, sim_calls[i].name,
		    (int64_t)counts->calls[i]);
	return object;
}

static json_t *
by_ioctl(bool *incomplete, const struct sim_stats *stats)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NIOCTL; i++)
		json_put(incomplete, object, sim_ioctl_names[i].name,
		    (int64_t)stats->ioctls[i]);
	json_put(incomplete, object, "UNKNOWN",
	    (int64_t)stats->ioctls[SIM_IOCTL_UNKNOWN]);
	return object;
}

static json_t *
by_exit(bool *incomplete, const struct sim_stats *stats)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++)
		json_put(incomplete, object, sim_exits[i].name,
		    (int64_t)stats->exits[i]);
	return object;
}

static json_t *
by_component(bool *incomplete, const struct sim_stats *stats)
{
	json_t *object = json_object(), *causes;
	unsigned i, j;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		causes = json_object();
		for (j = 0; j < SIM_NCAUSE; j++)
			json_put(incomplete, causes, sim_cause_names[j],
			    (int64_t)stats->bytes[j][i]);
		json_set(incomplete, object, sim_components[i].name, causes);
	}
	return object;
}

void
json_put_stats(bool *incomplete, json_t *object,
    const struct sim_stats *stats)
{
	json_set(incomplete, object, "by_ioctl", by_ioctl(incomplete, stats));
	json_set(incomplete, object, "by_exit", by_exit(incomplete, stats));
	json_set(incomplete, object, "by_component",
	    by_component(incomplete, stats));
}

void
json_put_counts(bool *incomplete, json_t *object,
    const struct observe_counts *counts)
{
	unsigned i;

	for (i = 0; i < OBSERVE_NFIGURES; i++)
		json_put(incomplete, object, observe_figures[i].name,
		    observe_figures[i].of(counts));
	json_set(incomplete, object, "by_call", by_call(incomplete, counts));
	json_put_stats(incomplete, object, &counts->kernel);
}

json_t *
json_text(const char *text)
{
	json_t *value = json_string(text);

	return value != NULL ? value : json_string("(not UTF-8)");
}
