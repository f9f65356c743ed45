/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim run`, and the command line that repeats one.
 */
#include "cli/run_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "cli/option_set.h"
#include "cli/option_table.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "observe/buffer.h"
#include "observe/report.h"

static const struct option_row rows[] = {
	{ "cpu", "svm|vmx", "the back end to simulate (svm)", option_set_cpu },
	{ "abi", "auto|v1|v2|v3", "the generation of the interface (auto)",
	    option_set_abi },
	{ "engine", "NAME", "who executes the guest (script)",
	    option_set_engine },
	{ "policy", "NAME|FILE", "what the kernel caches unasked (netbsd)",
	    option_set_policy },
	{ "quirks", "LIST", "oddities of real kernels: all, none, or names "
	    "(all)", option_set_quirks },
	{ "comm", "on|off", "off: measure a libnvmm without comm page",
	    option_set_comm },
	{ "libnvmm", "PATH", "the library under test (ours)",
	    option_set_libnvmm },
	{ "libnvmm-off", "PATH", "its build without comm page, for --comm off",
	    option_set_libnvmm_off },
	{ "trace", NULL, "print each call and ioctl to standard error",
	    option_set_trace },
	{ "filter", "PATTERN", "scenarios whose name is, has in it, or "
	    "matches PATTERN", option_set_filter },
	{ "list", NULL, "list the scenarios, run none", option_set_list },
	{ "format", "FORMAT", "how to report: text, json, tap or junit (text)",
	    option_set_format },
	{ "output", "FILE", "where to report (standard output)",
	    option_set_output },
	{ "seed", "N", "of the scenarios' random numbers (1)",
	    option_set_seed },
	{ "preempt", "SEED", "let the kernel return NONE now and then; 0: "
	    "never (0)", option_set_preempt },
	{ "jobs", "N", "scenarios at a time (1)", option_set_jobs },
	{ "timeout", "S", "seconds until a scenario is ended (60)",
	    option_set_timeout },
	{ "fail-fast", NULL, "stop at the first that fails",
	    option_set_fail_fast },
};

static const struct option_table table = {
	.command = "run",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
	.before = "usage: nvmm-sim run [OPTIONS] [FILE|DIR...]\n\n"
	    "Runs scenarios (default: scenarios/) against a fake NVMM kernel\n"
	    "and counts which calls of libnvmm became syscalls.\n\n",
	.after = "\nExit status: 0 all passed or skipped, 1 some failed, 2 "
	    "something is broken\nor nothing was selected.  See nvmm-sim(1) "
	    "and nvmm-scenario(5).\n",
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) <= OPTION_ROWS_MAX,
    "more rows than a table may have");

/* The file of ours; v2's has no suffix, and is the one for auto as well. */
static void
product_name(const struct run_options *options, char *name, size_t size)
{
	const struct sim_abi *abi = options->abi;
	bool plain = abi == NULL || abi == &sim_abi_v2;

	snprintf(name, size, "libnvmm%s%s%s.so", plain ? "" : "-",
	    plain ? "" : abi->name, options->comm ? "" : "-nocomm");
}

/* Which library will be loaded. */
static int
library_choose(struct run_options *options)
{
	const char *given = options->libnvmm;
	char product[32];

	product_name(options, product, sizeof(product));
	if (!options->comm) {
		given = options->libnvmm_off;
		if (given == NULL && options->libnvmm != NULL) {
			complain("--comm off needs a build of your library "
			    "without comm page: give it as --libnvmm-off");
			return -1;
		}
	}
	if (given == NULL) {
		if (product_path(product, options->library,
		    sizeof(options->library)) == 0)
			return 0;
		complain("cannot find %s beside this program", product);
		return -1;
	}
	/* dlopen() searches elsewhere for a name without a slash. */
	if (realpath(given, options->library) == NULL) {
		complain("--libnvmm%s %s: no such file",
		    options->comm ? "" : "-off", given);
		return -1;
	}
	return 0;
}

static const struct run_options defaults = {
	.comm = true,
	.seed = 1,
	.jobs = 1,
	.timeout = 60,
};

void
run_options_default(struct run_options *options)
{
	*options = defaults;
	options->backend = sim_backends[0];
	options->engine = sim_engines[0];
	options->policy = sim_policies[0];
	options->format = report_formats[0];
}

int
run_options_parse(int argc, char **argv, struct run_options *options)
{
	int status;

	run_options_default(options);
	status = option_table_parse(&table, argc, argv, options);
	if (status != -1)
		return status;
	return library_choose(options) == 0 ? -1 : STATUS_ERROR;
}

/* In single quotes, which only a single quote itself must leave. */
static void
put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else
			fputc(*text, out);
	}
	fputc('\'', out);
}

/* Quoted only where a shell would make something else of it. */
static void
put_word(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%=";

	if (*text != '\0' && text[strspn(text, plain)] == '\0')
		fputs(text, out);
	else
		put_quoted(out, text);
}

static void
put_option(FILE *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	fprintf(out, " --%s ", name);
	put_word(out, value);
}

char *
run_options_repeat(const struct run_options *options, const char *file,
    const char *name)
{
	struct buffer command;
	FILE *out;

	if (!buffer_open(&command))
		return NULL;
	out = command.out;
	put_word(out, program_name);
	fprintf(out, " run --cpu %s", options->backend->name);
	if (options->abi != NULL)
		fprintf(out, " --abi %s", options->abi->name);
	if (!options->comm)
		fprintf(out, " --comm off");
	put_option(out, "libnvmm", options->libnvmm);
	put_option(out, "libnvmm-off", options->libnvmm_off);
	put_option(out, "policy", options->policy_given);
	if (options->quirks != NULL)
		fprintf(out, " --quirks %s", options->quirks);
	if (options->seed != defaults.seed)
		fprintf(out, " --seed %llu", options->seed);
	if (options->preempt != 0)
		fprintf(out, " --preempt %llu", options->preempt);
	if (options->timeout != defaults.timeout)
		fprintf(out, " --timeout %llu", options->timeout);
	if (name != NULL) {
		fprintf(out, " --filter ");
		put_quoted(out, name);
	}
	fputs(*file == '-' ? " -- " : " ", out);
	put_word(out, file);
	(void)buffer_close(&command);
	return command.text;
}
