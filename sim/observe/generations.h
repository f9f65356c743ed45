/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The report of generations of the interface that played the same load.
 */
#ifndef SIM_OBSERVE_GENERATIONS_H
#define SIM_OBSERVE_GENERATIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "observe/session.h"

/* Version of the JSON's format. */
#define GENERATIONS_SCHEMA	"nvmm-sim-generations/1"

#define GENERATIONS_MAX	3	/* no comm page, the first one, in place */

/* Strings are borrowed. */
struct generations_report {
	const char *cpu, *engine, *load;
	uint64_t accesses;	/* in the load */
	uint64_t repeat;	/* times that each generation has played it */
	unsigned rounds;	/* in which it did, taking turns */
	unsigned timer_every;	/* accesses */
	double base;		/* ns: a real ioctl, on an eventfd */
	struct generations_row {
		const char *name, *title, *summary, *library, *abi, *policy;
		bool model;
		struct observe_counts counts;	/* all rounds; the kernel's */
		uint64_t copied;	/* bytes of state, by the library */
		double ns;		/* an exit, median of the rounds */
	} rows[GENERATIONS_MAX];	/* the first is compared with */
};

/* What a row's exits cost; they are not 0. */
double generations_per_exit(const struct generations_row *row, uint64_t n);

/* ns of an exit if each of its syscalls took BASE more. */
double generations_charged(const struct generations_report *report,
    const struct generations_row *row);

/* False: memory was out, and something is missing in it. */
bool generations_text(FILE *out, const struct generations_report *report);
bool generations_json(FILE *out, const struct generations_report *report);

#endif /* SIM_OBSERVE_GENERATIONS_H */
