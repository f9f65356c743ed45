/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A command's options: a row each, for getopt_long() and for --help.
 */
#ifndef SIM_CLI_OPTION_TABLE_H
#define SIM_CLI_OPTION_TABLE_H

struct run_options;

struct option_row {
	const char *name;
	const char *argument;	/* NULL: it takes none */
	const char *help;
	/* 0, or -1 after a complaint. */
	int (*set)(struct run_options *options, const char *value);
};

#define OPTION_ROWS_MAX	32

struct option_table {
	const char *command;
	const struct option_row *rows;
	unsigned n;		/* at most OPTION_ROWS_MAX */
	const char *before, *after;	/* text of --help around the rows */
};

/*
 * Fills *options and its paths.  -1: go on.  Else the exit status: --help or
 * --version was asked for, or something is wrong and has been said.
 */
int option_table_parse(const struct option_table *table, int argc,
    char **argv, struct run_options *options);

#endif /* SIM_CLI_OPTION_TABLE_H */
