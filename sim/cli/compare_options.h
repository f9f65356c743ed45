/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim compare`.
 */
#ifndef SIM_CLI_COMPARE_OPTIONS_H
#define SIM_CLI_COMPARE_OPTIONS_H

#include <stdbool.h>

#include "cli/run_options.h"

struct compare_options {
	struct run_options common;	/* without a library */
	struct run_options side[2];	/* those of a run of a's, and of b's */
	bool json;
	bool instructions;		/* count them, under valgrind */
};

/*
 * Fills *options.  -1: go on.  Else the exit status: --help was asked for,
 * or something is wrong and has been said.
 */
int compare_options_parse(int argc, char **argv,
    struct compare_options *options);

#endif /* SIM_CLI_COMPARE_OPTIONS_H */
