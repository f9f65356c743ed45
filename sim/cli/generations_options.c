/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim generations`.
 */
#include "cli/generations_options.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/option_set.h"
#include "cli/option_table.h"
#include "observe/generations.h"

#define LOAD		"scenarios/data/linux-boot.tsv.xz"
#define EXITS		1000000
#define REPEAT_MAX	1000000000
#define EXITS_MAX	1000000000000

static struct generations_options *
own(struct run_options *options)
{
	_Static_assert(offsetof(struct generations_options, run) == 0,
	    "one is in the other's place");
	return (struct generations_options *)(void *)options;
}

static int
set_load(struct run_options *options, const char *value)
{
	int n = snprintf(own(options)->load, PATH_MAX, "%s", value);

	if (n > 0 && n < PATH_MAX)
		return 0;
	complain("--load needs a file's name");
	return -1;
}

static int
set_exits(struct run_options *options, const char *value)
{
	return parse_number("exits", value, 1, EXITS_MAX,
	    &own(options)->exits);
}

static int
set_repeat(struct run_options *options, const char *value)
{
	return parse_number("repeat", value, 1, REPEAT_MAX,
	    &own(options)->repeat);
}

static int
set_format(struct run_options *options, const char *value)
{
	if (strcmp(value, "text") == 0)
		own(options)->report = generations_text;
	else if (strcmp(value, "json") == 0)
		own(options)->report = generations_json;
	else {
		complain("--format is text or json, not '%s'", value);
		return -1;
	}
	return 0;
}

static const struct option_row rows[] = {
	{ "load", "FILE", "a recording of device accesses (the boot of "
	    "Linux)", set_load },
	{ "exits", "N", "play it until each has N exits (1000000)",
	    set_exits },
	{ "repeat", "N", "or so many times", set_repeat },
	{ "cpu", "svm|vmx", "the back end to simulate (svm)", option_set_cpu },
	{ "format", "FORMAT", "how to report: text or json (text)",
	    set_format },
	{ "output", "FILE", "where to report (standard output)",
	    option_set_output },
};

static const struct option_table table = {
	.command = "generations",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.before = "usage: nvmm-sim generations [OPTIONS]\n\n"
	    "Plays one load on three libraries, one without comm page, one "
	    "with the first\ncomm page and an interface that copies, and "
	    "today's, and shows what an exit\ncosts in each: syscalls, bytes "
	    "copied, time.  The first two are cost models.\n\n",
	.after = "\nExit status: 0 done, 1 a library went wrong, 2 something "
	    "is broken.  See\nnvmm-sim(1).\n",
};

/* The recorded boot: of the source tree, or what is installed. */
static int
load_choose(char path[PATH_MAX])
{
	if (access(LOAD, F_OK) == 0) {
		snprintf(path, PATH_MAX, "%s", LOAD);
		return -1;
	}
	if (product_path(LOAD, path, PATH_MAX) == 0 &&
	    access(path, F_OK) == 0)
		return -1;
	complain("there is no %s here: give a load as --load FILE", LOAD);
	return STATUS_ERROR;
}

/* What contradicts itself, and what was not given. */
static int
complete(struct generations_options *options)
{
	if (*options->run.paths != NULL) {
		complain("generations takes no '%s'; a load is given as "
		    "--load FILE", *options->run.paths);
		return STATUS_ERROR;
	}
	if (options->exits != 0 && options->repeat != 0) {
		complain("--exits and --repeat both say how often: give one "
		    "of them");
		return STATUS_ERROR;
	}
	if (options->repeat == 0 && options->exits == 0)
		options->exits = EXITS;
	return options->load[0] != '\0' ? -1 : load_choose(options->load);
}

int
generations_options_parse(int argc, char **argv,
    struct generations_options *options)
{
	int status;

	*options = (struct generations_options){
		.report = generations_text,
	};
	run_options_default(&options->run);
	status = option_table_parse(&table, argc, argv, &options->run);
	return status != -1 ? status : complete(options);
}
