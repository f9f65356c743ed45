/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a command line by a table of options.
 */
#include "cli/option_table.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/run_options.h"

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
unknown_option(const struct option_table *table, char **argv)
{
	if (optopt != 0 && optopt != 'o')
		complain("unknown option '-%c'; `nvmm-sim %s --help' lists "
		    "them", optopt, table->command);
	else
		complain("unknown option '%s'; `nvmm-sim %s --help' lists "
		    "them", option_text(argv), table->command);
}

static void
usage(const struct option_table *table)
{
	const struct option_row *row;
	char left[40];
	unsigned i;

	fputs(table->before, stdout);
	for (i = 0; i < table->n; i++) {
		row = &table->rows[i];
		snprintf(left, sizeof(left), "--%s %s", row->name,
		    row->argument ? row->argument : "");
		printf("  %-22s %s\n", left, row->help);
	}
	fputs(table->after, stdout);
}

/* getopt_long's table is made of ours. */
static void
long_options(const struct option_table *table, struct option *options)
{
	unsigned i;

	for (i = 0; i < table->n; i++) {
		options[i].name = table->rows[i].name;
		options[i].has_arg = table->rows[i].argument ?
		    required_argument : no_argument;
		options[i].val = 'o';
	}
	options[i].name = "help";
	options[i].val = 'h';
	options[i + 1].name = "version";
	options[i + 1].val = 'v';
}

int
option_table_parse(const struct option_table *table, int argc, char **argv,
    struct run_options *options)
{
	struct option names[OPTION_ROWS_MAX + 3];
	int index, c;

	memset(names, 0, sizeof(names));
	long_options(table, names);
	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, ":h", names, &index)) != -1) {
		if (c == 'o' && !in_full(argv, names[index].name))
			c = '?';
		if (c == 'h') {
			usage(table);
			return STATUS_OK;
		}
		if (c == 'v') {
			version();
			return STATUS_OK;
		}
		if (c == ':')
			complain("%s needs an argument", argv[optind - 1]);
		else if (c != 'o')
			unknown_option(table, argv);
		if (c != 'o' || table->rows[index].set(options, optarg) != 0)
			return STATUS_ERROR;
	}
	options->paths = argv + optind;
	return -1;
}
