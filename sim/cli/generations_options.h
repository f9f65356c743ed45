/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim generations`.
 */
#ifndef SIM_CLI_GENERATIONS_OPTIONS_H
#define SIM_CLI_GENERATIONS_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/run_options.h"

struct generations_report;

struct generations_options {
	struct run_options run;		/* first; cpu and output of it */
	char load[PATH_MAX];		/* the file */
	unsigned long long repeat;	/* times; 0: as exits asks */
	unsigned long long exits;	/* at least; 0: as repeat asks */
	bool (*report)(FILE *out, const struct generations_report *report);
};

/*
 * Fills *options.  -1: go on.  Else the exit status: --help was asked for,
 * or something is wrong and has been said.
 */
int generations_options_parse(int argc, char **argv,
    struct generations_options *options);

#endif /* SIM_CLI_GENERATIONS_OPTIONS_H */
