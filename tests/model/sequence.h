/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequences of what a VMM does with the VCPUs of two machines, made from a
 * seed.
 */
#ifndef TESTS_MODEL_SEQUENCE_H
#define TESTS_MODEL_SEQUENCE_H

#include <stdint.h>

#include "model.h"
#include "random.h"

enum step_kind {
	STEP_GET, STEP_SET, STEP_INJECT, STEP_RUN, STEP_ASSIST_IO,
	STEP_ASSIST_MEM, STEP_FINISH, STEP_STOP, STEP_HOST, STEP_FAULT,
	STEP_RENEW,	/* destroy the VCPU and create it again */
	STEP_TWICE,	/* create it although it is there */
	STEP_BEYOND,	/* create one more than there can be */
	STEP_MAP, STEP_UNMAP, STEP_CPUID, STEP_TPR,
	NSTEP
};

#define SEQUENCE_STEPS		40
#define SEQUENCE_CPUS		4
#define SEQUENCE_MACHINES	2
#define STEP_WRITES		6
#define STEP_WISHES		3

/* Which VCPU a number in a sequence is. */
struct sequence_cpu {
	unsigned machine;
	uint32_t cpuid;		/* SEQUENCE_LAST: the highest there can be */
};
#define SEQUENCE_LAST	(~0U)
extern const struct sequence_cpu sequence_cpus[SEQUENCE_CPUS];

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
	unsigned nwishes;		/* RUN: before it */
	struct wish wishes[STEP_WISHES];
	struct model_action action;	/* RUN: while the last wish spins */
	struct sim_event_record event;	/* INJECT */
	enum sim_host_reason reason;	/* HOST */
	unsigned looks;
	enum sim_ioctl_index ioctl;	/* FAULT */
	int error;
	struct model_area area;		/* MAP, UNMAP: of the cpu's machine */
	struct sim_conf_cpuid leaf;	/* CPUID */
	bool exits;			/* TPR */
};

struct sequence {
	unsigned nsteps;
	struct step steps[SEQUENCE_STEPS];
};

/* The number-th sequence of a seed: the same on every machine. */
void sequence_make(struct sequence *sequence, uint64_t seed, uint64_t number);

/* The VCPUs that are in it, one bit each. */
unsigned sequence_used(const struct sequence *sequence);

/* An event that a VMM injects, now and then an illegal one. */
void sequence_event(struct random *random, struct sim_event_record *event);

/* One of few leaves of CPUID, so that they meet. */
uint32_t sequence_leaf(struct random *random);

/* wishes.c: what the guest of a RUN does. */
void sequence_wishes(struct random *random, struct step *step);

#endif /* TESTS_MODEL_SEQUENCE_H */
