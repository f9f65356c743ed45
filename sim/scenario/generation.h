/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations of the interface beside each other: a library of each, with a
 * kernel of its own, and loads that are played on them.
 */
#ifndef SIM_SCENARIO_GENERATION_H
#define SIM_SCENARIO_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "observe/session.h"

struct load_plan;
struct sim_abi;
struct sim_backend;

#define GENERATIONS	3

/* In the order of history. */
struct generation_row {
	const char *name;	/* as reports for programs say it */
	const char *title;	/* as reports for people say it */
	const char *summary;
	const char *library;	/* the file, beside the program */
	const struct sim_abi *abi;
	const char *policy;	/* what its kernel caches unasked */
	bool model;		/* of what it cost, not the thing itself */
};
extern const struct generation_row generation_rows[GENERATIONS];

/* A library and its kernel; all zeros: none. */
struct generation {
	const struct generation_row *row;
	struct library *library;	/* owned */
	struct sim *sim;		/* owned */
};

/*
 * 0, or -1 with one line in why (size bytes): the library at path cannot be
 * loaded or refuses the kernel, or memory is out.  Close it either way.
 */
int generation_open(struct generation *generation,
    const struct generation_row *row, const char *path,
    const struct sim_backend *backend, char *why, size_t size);

/* All of them at once, when no call is inside any more. */
void generations_close(struct generation generations[GENERATIONS]);

/* What playing a load came to. */
struct generation_played {
	struct observe_counts counts;	/* the kernel's only */
	uint64_t copied;	/* bytes of state, by the library */
	double ns;		/* processor time */
};

/*
 * Plays a load on a fresh machine.  The machine's making is not counted, all
 * that follows is.  0, or -1 with one line in why.
 */
int generation_play(const struct generation *generation,
    const struct load_plan *plan, struct generation_played *played,
    char *why, size_t size);

/* Nanoseconds of the process's processor time. */
double generation_now(void);

#endif /* SIM_SCENARIO_GENERATION_H */
