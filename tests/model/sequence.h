/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequences of what a VMM does with two VCPUs, made from a seed.
 */
#ifndef TESTS_MODEL_SEQUENCE_H
#define TESTS_MODEL_SEQUENCE_H

#include <stdint.h>

#include "model.h"

enum step_kind {
	STEP_GET, STEP_SET, STEP_INJECT, STEP_RUN, STEP_ASSIST_IO,
	STEP_ASSIST_MEM, STEP_FINISH, STEP_STOP, STEP_HOST,
	NSTEP
};

#define SEQUENCE_STEPS	40
#define SEQUENCE_CPUS	2
#define STEP_WRITES	6
#define STEP_WISHES	3

/* A register that the VMM writes into the page. */
struct step_write {
	const struct sim_register_row *row;
	uint64_t value;
};

struct step {
	enum step_kind kind;
	unsigned cpu;
	uint64_t components;		/* GET, SET */
	unsigned nwrites;		/* SET: before it */
	struct step_write writes[STEP_WRITES];
	unsigned nwishes;		/* RUN: before it; the last one exits */
	struct wish wishes[STEP_WISHES];
	struct sim_event_record event;	/* INJECT */
	enum sim_host_reason reason;	/* HOST */
	unsigned looks;
};

struct sequence {
	unsigned nsteps;
	struct step steps[SEQUENCE_STEPS];
};

/* The number-th sequence of a seed: the same on every machine. */
void sequence_make(struct sequence *sequence, uint64_t seed, uint64_t number);

#endif /* TESTS_MODEL_SEQUENCE_H */
