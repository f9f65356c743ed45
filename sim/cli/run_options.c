/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parsing the options of `nvmm-sim run`: a row each.
 */
#include "cli/run_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/cli.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/quirk.h"
#include "observe/buffer.h"
#include "observe/policy_file.h"
#include "observe/report.h"

struct row {
	const char *name;
	const char *argument;	/* NULL: it takes none */
	const char *help;
	/* 0, or -1 after a complaint. */
	int (*set)(struct run_options *options, const char *value);
};

static int
set_cpu(struct run_options *options, const char *value)
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

static int
set_abi(struct run_options *options, const char *value)
{
	options->abi = sim_abi_find(value);
	if (options->abi != NULL || strcmp(value, "auto") == 0)
		return 0;
	complain("--abi is auto, v1, v2 or v3, not '%s'", value);
	return -1;
}

static int
set_engine(struct run_options *options, const char *value)
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

static int
set_policy(struct run_options *options, const char *value)
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

static int
set_quirks(struct run_options *options, const char *value)
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

static int
set_comm(struct run_options *options, const char *value)
{
	if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
		complain("--comm is on or off, not '%s'", value);
		return -1;
	}
	options->comm = strcmp(value, "on") == 0;
	return 0;
}

static int
set_format(struct run_options *options, const char *value)
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

static int
set_libnvmm(struct run_options *options, const char *value)
{
	options->libnvmm = value;
	return 0;
}

static int
set_libnvmm_off(struct run_options *options, const char *value)
{
	options->libnvmm_off = value;
	return 0;
}

static int
set_output(struct run_options *options, const char *value)
{
	options->output = value;
	return 0;
}

static int
set_filter(struct run_options *options, const char *value)
{
	options->filter = value;
	return 0;
}

static int
set_trace(struct run_options *options, const char *value)
{
	(void)value;
	options->trace = true;
	return 0;
}

static int
set_list(struct run_options *options, const char *value)
{
	(void)value;
	options->list = true;
	return 0;
}

static int
set_fail_fast(struct run_options *options, const char *value)
{
	(void)value;
	options->fail_fast = true;
	return 0;
}

static int
set_seed(struct run_options *options, const char *value)
{
	return parse_number("seed", value, 0, LLONG_MAX, &options->seed);
}

static int
set_jobs(struct run_options *options, const char *value)
{
	return parse_number("jobs", value, 1, 256, &options->jobs);
}

static int
set_timeout(struct run_options *options, const char *value)
{
	return parse_number("timeout", value, 1, 86400, &options->timeout);
}

static int
set_preempt(struct run_options *options, const char *value)
{
	return parse_number("preempt", value, 0, LLONG_MAX,
	    &options->preempt);
}

static const struct row rows[] = {
	{ "cpu", "svm|vmx", "the back end to simulate (svm)", set_cpu },
	{ "abi", "auto|v1|v2|v3", "the generation of the interface (auto)",
	    set_abi },
	{ "engine", "NAME", "who executes the guest (script)", set_engine },
	{ "policy", "NAME|FILE", "what the kernel caches unasked (netbsd)",
	    set_policy },
	{ "quirks", "LIST", "oddities of real kernels: all, none, or names "
	    "(all)", set_quirks },
	{ "comm", "on|off", "off: measure a libnvmm without comm page",
	    set_comm },
	{ "libnvmm", "PATH", "the library under test (ours)", set_libnvmm },
	{ "libnvmm-off", "PATH", "its build without comm page, for --comm off",
	    set_libnvmm_off },
	{ "trace", NULL, "print each call and ioctl to standard error",
	    set_trace },
	{ "filter", "PATTERN", "scenarios whose name is, has in it, or "
	    "matches PATTERN", set_filter },
	{ "list", NULL, "list the scenarios, run none", set_list },
	{ "format", "FORMAT", "how to report: text, json, tap or junit (text)",
	    set_format },
	{ "output", "FILE", "where to report (standard output)", set_output },
	{ "seed", "N", "of the scenarios' random numbers (1)", set_seed },
	{ "preempt", "SEED", "let the kernel return NONE now and then; 0: "
	    "never (0)", set_preempt },
	{ "jobs", "N", "scenarios at a time (1)", set_jobs },
	{ "timeout", "S", "seconds until a scenario is ended (60)",
	    set_timeout },
	{ "fail-fast", NULL, "stop at the first that fails", set_fail_fast },
};

#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static void
usage(void)
{
	char left[40];
	unsigned i;

	printf("usage: nvmm-sim run [OPTIONS] [FILE|DIR...]\n\n"
	    "Runs scenarios (default: scenarios/) against a fake NVMM kernel\n"
	    "and counts which calls of libnvmm became syscalls.\n\n");
	for (i = 0; i < NROWS; i++) {
		snprintf(left, sizeof(left), "--%s %s", rows[i].name,
		    rows[i].argument ? rows[i].argument : "");
		printf("  %-22s %s\n", left, rows[i].help);
	}
	printf("\nExit status: 0 all passed or skipped, 1 some failed, 2 "
	    "something is broken\nor nothing was selected.  See nvmm-sim(1) "
	    "and nvmm-scenario(5).\n");
}

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

/* The option that getopt_long() has just read, as it was written. */
static const char *
option_text(char **argv)
{
	bool apart = optarg != NULL && optarg == argv[optind - 1];

	return argv[optind - (apart ? 2 : 1)];
}

/* Abbreviations would change their meaning with each new option. */
static bool
in_full(char **argv, const char *name)
{
	return strcspn(option_text(argv) + 2, "=") == strlen(name);
}

static void
unknown_option(char **argv)
{
	if (optopt != 0 && optopt != 'o')
		complain("unknown option '-%c'; `nvmm-sim run --help' lists "
		    "them", optopt);
	else
		complain("unknown option '%s'; `nvmm-sim run --help' lists "
		    "them", option_text(argv));
}

/* getopt_long's table is made of ours. */
static int
parse(int argc, char **argv, struct run_options *options)
{
	struct option table[NROWS + 3];
	unsigned i;
	int index, c;

	memset(table, 0, sizeof(table));
	for (i = 0; i < NROWS; i++) {
		table[i].name = rows[i].name;
		table[i].has_arg = rows[i].argument ? required_argument :
		    no_argument;
		table[i].val = 'o';
	}
	table[NROWS].name = "help";
	table[NROWS].val = 'h';
	table[NROWS + 1].name = "version";
	table[NROWS + 1].val = 'v';
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", table, &index)) != -1) {
		if (c == 'o' && !in_full(argv, table[index].name))
			c = '?';
		if (c == 'h') {
			usage();
			return STATUS_OK;
		}
		if (c == 'v') {
			version();
			return STATUS_OK;
		}
		if (c == ':')
			complain("%s needs an argument", argv[optind - 1]);
		else if (c != 'o')
			unknown_option(argv);
		if (c != 'o' ||
		    rows[index].set(options, optarg) != 0)
			return STATUS_ERROR;
	}
	options->paths = argv + optind;
	return -1;
}

int
run_options_parse(int argc, char **argv, struct run_options *options)
{
	int status;

	*options = defaults;
	options->backend = sim_backends[0];
	options->engine = sim_engines[0];
	options->policy = sim_policies[0];
	options->format = report_formats[0];
	status = parse(argc, argv, options);
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
