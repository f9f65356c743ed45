/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the values of single options mean.
 */
#include "cli/option_set.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run_options.h"
#include "observe/choose.h"
#include "observe/report.h"

#define WHY_MAX		(PATH_MAX + 256)

/* What chose something, or why it did not. */
static int
chosen(int result, const char *why)
{
	if (result != 0)
		complain("%s", why);
	return result;
}

int
option_set_cpu(struct run_options *options, const char *value)
{
	char why[WHY_MAX];

	return chosen(choose_backend(value, &options->backend, why,
	    sizeof(why)), why);
}

int
option_set_abi(struct run_options *options, const char *value)
{
	char why[WHY_MAX];

	return chosen(choose_abi(value, &options->abi, why, sizeof(why)),
	    why);
}

int
option_set_engine(struct run_options *options, const char *value)
{
	char why[WHY_MAX];

	return chosen(choose_engine(value, &options->engine, why,
	    sizeof(why)), why);
}

int
option_set_policy(struct run_options *options, const char *value)
{
	char why[WHY_MAX];

	options->policy_given = value;
	return chosen(choose_policy(value, &options->policy, why,
	    sizeof(why)), why);
}

int
option_set_quirks(struct run_options *options, const char *value)
{
	char why[WHY_MAX];

	options->quirks = value;
	return chosen(choose_quirks(value, &options->quirks_off, why,
	    sizeof(why)), why);
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
