/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of one program that ran against the fake kernel.
 */
#ifndef SIM_OBSERVE_SUMMARY_H
#define SIM_OBSERVE_SUMMARY_H

#include <stdbool.h>
#include <stdio.h>

#include "observe/session.h"

/* Version of its format in JSON. */
#define SUMMARY_SCHEMA	"nvmm-sim-exec/1"

/* Strings are borrowed. */
struct summary {
	const char *program;
	long long pid;
	const char *cpu, *abi, *engine, *policy, *quirks;
	uint64_t preempt;
	struct observe_counts counts;
};

/* For people: totals, exits by reason, the diagram. */
void summary_text(FILE *out, const struct summary *summary);

/* For programs: an object, keys as in the report of run.  False: no memory. */
bool summary_json(FILE *out, const struct summary *summary);

#endif /* SIM_OBSERVE_SUMMARY_H */
