/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many instructions a call of libnvmm takes, as callgrind counts them:
 * only those in the library itself, with all functions that it calls in there.
 */
#ifndef SIM_CLI_INSTRUCTIONS_H
#define SIM_CLI_INSTRUCTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "observe/call.h"

struct files;
struct run_options;

struct instructions {
	bool asked;
	const char *why;		/* nothing is known; NULL: it is */
	/* By sim_call_index, all scenarios together. */
	uint64_t calls[SIM_NCALL], cost[SIM_NCALL];
};

/*
 * Runs the files' scenarios under callgrind, which takes some fifty times as
 * long.  0, also when there is no valgrind, or an exit status after a
 * complaint.
 */
int instructions_measure(const struct run_options *options,
    const struct files *files, struct instructions *instructions);

#endif /* SIM_CLI_INSTRUCTIONS_H */
