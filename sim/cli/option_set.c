/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the values of single options mean.
 */
#include "cli/option_set.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "cli/run_options.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/quirk.h"
#include "observe/policy_file.h"
#include "observe/report.h"

int
option_set_cpu(struct run_options *options, const char *value)
{
	unsigned i;

	for (i = 0; sim_backends[i] != NULL; i++) {
		if (strcmp(sim_backends[i]->name, value) == 0) {
			options->backend = sim_backends[i];
			return 0;
		}
	}
	complain("--cpu is svm or vmx, not '%s'", value);
	return -1;
}

int
option_set_abi(struct run_options *options, const char *value)
{
	options->abi = sim_abi_find(value);
	if (options->abi != NULL || strcmp(value, "auto") == 0)
		return 0;
	complain("--abi is auto, v1, v2 or v3, not '%s'", value);
	return -1;
}

int
option_set_engine(struct run_options *options, const char *value)
{
	const char *why;
	unsigned i;

	for (i = 0; sim_engines[i] != NULL; i++) {
		if (strcmp(sim_engines[i]->name, value) != 0)
			continue;
		why = sim_engines[i]->unavailable();
		if (why != NULL) {
			complain("engine %s does not work here: %s", value,
			    why);
			return -1;
		}
		options->engine = sim_engines[i];
		return 0;
	}
	complain("there is no engine '%s'; `nvmm-sim info' lists them", value);
	return -1;
}

int
option_set_policy(struct run_options *options, const char *value)
{
	const struct sim_policy *policy = sim_policy_find(value);
	char why[512];

	options->policy_given = value;
	if (policy != NULL) {
		options->policy = *policy;
		return 0;
	}
	if (strchr(value, '/') == NULL && access(value, F_OK) != 0) {
		complain("there is no policy '%s', and no file of that name; "
		    "`nvmm-sim info' lists policies", value);
		return -1;
	}
	if (policy_file_read(value, &options->policy, why, sizeof(why)) == 0)
		return 0;
	complain("%s", why);
	return -1;
}

int
option_set_quirks(struct run_options *options, const char *value)
{
	const char *bad;
	size_t length;

	options->quirks = value;
	bad = sim_quirks_parse(value, &options->quirks_off, &length);
	if (bad == NULL)
		return 0;
	complain("there is no quirk '%.*s'; `nvmm-sim info' lists them",
	    (int)length, bad);
	return -1;
}

int
option_set_comm(struct run_options *options, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
		complain("--comm is on or off, not '%s'", value);
		return -1;
	}
	options->comm = strcmp(value, "on") == 0;
	return 0;
}

int
option_set_format(struct run_options *options, const char *value)
{
	unsigned i;

	for (i = 0; report_formats[i] != NULL; i++) {
		if (strcmp(report_formats[i]->name, value) == 0) {
			options->format = report_formats[i];
			return 0;
		}
	}
	complain("--format is text, json, tap or junit, not '%s'", value);
	return -1;
}

int
option_set_libnvmm(struct run_options *options, const char *value)
{
	options->libnvmm = value;
	return 0;
}

int
option_set_libnvmm_off(struct run_options *options, const char *value)
{
	options->libnvmm_off = value;
	return 0;
}

int
option_set_output(struct run_options *options, const char *value)
{
	options->output = value;
	return 0;
}

int
option_set_filter(struct run_options *options, const char *value)
{
	options->filter = value;
	return 0;
}

int
option_set_trace(struct run_options *options, const char *value)
{
	(void)value;
	options->trace = true;
	return 0;
}

int
option_set_list(struct run_options *options, const char *value)
{
	(void)value;
	options->list = true;
	return 0;
}

int
option_set_fail_fast(struct run_options *options, const char *value)
{
	(void)value;
	options->fail_fast = true;
	return 0;
}

int
option_set_seed(struct run_options *options, const char *value)
{
	return parse_number("seed", value, 0, LLONG_MAX, &options->seed);
}

int
option_set_jobs(struct run_options *options, const char *value)
{
	return parse_number("jobs", value, 1, 256, &options->jobs);
}

int
option_set_timeout(struct run_options *options, const char *value)
{
	return parse_number("timeout", value, 1, 86400, &options->timeout);
}

int
option_set_preempt(struct run_options *options, const char *value)
{
	return parse_number("preempt", value, 0, LLONG_MAX,
	    &options->preempt);
}
