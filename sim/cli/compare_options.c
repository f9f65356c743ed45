/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim compare`: mostly those of run.
 */
#include "cli/compare_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/option_set.h"
#include "cli/option_table.h"

static int
set_a(struct run_options *options, const char *value)
{
	options->compare.a = value;
	return 0;
}

static int
set_b(struct run_options *options, const char *value)
{
	options->compare.b = value;
	return 0;
}

static int
set_instructions(struct run_options *options, const char *value)
{
	(void)value;
	options->compare.instructions = true;
	return 0;
}

static int
set_format(struct run_options *options, const char *value)
{
	options->compare.json = strcmp(value, "json") == 0;
	if (options->compare.json || strcmp(value, "text") == 0)
		return 0;
	complain("--format is text or json, not '%s'", value);
	return -1;
}

static const struct option_row rows[] = {
	{ "a", "PATH", "the library to compare with", set_a },
	{ "b", "PATH", "the library that may be worse", set_b },
	{ "cpu", "svm|vmx", "the back end to simulate (svm)", option_set_cpu },
	{ "abi", "auto|v1|v2|v3", "the generation of the interface (auto: "
	    "each its own)", option_set_abi },
	{ "engine", "NAME", "who executes the guest (script)",
	    option_set_engine },
	{ "policy", "NAME|FILE", "what the kernel caches unasked (netbsd)",
	    option_set_policy },
	{ "quirks", "LIST", "oddities of real kernels: all, none, or names "
	    "(all)", option_set_quirks },
	{ "instructions", NULL, "count instructions per call too, under "
	    "valgrind: slow", set_instructions },
	{ "filter", "PATTERN", "scenarios whose name is, has in it, or "
	    "matches PATTERN", option_set_filter },
	{ "format", "FORMAT", "how to report: text or json (text)",
	    set_format },
	{ "output", "FILE", "where to report (standard output)",
	    option_set_output },
	{ "seed", "N", "of the scenarios' random numbers (1)",
	    option_set_seed },
	{ "jobs", "N", "processes at a time (1)", option_set_jobs },
	{ "timeout", "S", "seconds until a scenario is ended (60)",
	    option_set_timeout },
};

static const struct option_table table = {
	.command = "compare",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.before = "usage: nvmm-sim compare --a PATH --b PATH [OPTIONS] "
	    "[FILE|DIR...]\n\n"
	    "Runs scenarios (default: scenarios/) on two builds of libnvmm "
	    "and says\nwhere b does something else than a, and at what "
	    "cost.\n\n",
	.after = "\nExit status: 0 b is as good as a or better, 1 it is worse "
	    "(a scenario that\npasses with a does not with b, or costs more "
	    "ioctls), 2 something is broken.\nSee nvmm-sim(1).\n",
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) <= OPTION_ROWS_MAX,
    "more rows than a table may have");

static int
side_set(struct run_options *side, const struct run_options *common,
    const char *name, const char *path)
{
	*side = *common;
	side->libnvmm = path;
	if (path == NULL)
		complain("compare needs a library as --%s; `nvmm-sim compare "
		    "--help' explains", name);
	else if (realpath(path, side->library) == NULL)
		complain("--%s %s: no such file", name, path);
	else
		return 0;
	return -1;
}

int
compare_options_parse(int argc, char **argv, struct compare_options *options)
{
	struct run_options *common = &options->common;
	int status;

	run_options_default(common);
	status = option_table_parse(&table, argc, argv, common);
	if (status != -1)
		return status;
	options->json = common->compare.json;
	options->instructions = common->compare.instructions;
	if (side_set(&options->side[0], common, "a", common->compare.a) != 0 ||
	    side_set(&options->side[1], common, "b", common->compare.b) != 0)
		return STATUS_ERROR;
	return -1;
}
