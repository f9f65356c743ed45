/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernels to play against: every generation on every back end, under
 * each policy, with and without quirks and preemption.
 */
#ifndef TESTS_MODEL_SETUP_H
#define TESTS_MODEL_SETUP_H

#include <stdint.h>
#include <stdio.h>

#include "backend/backend.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"

struct model_setup {
	const struct sim_abi *abi;
	const struct sim_backend *backend;
	struct sim_policy policy;
	uint32_t quirks_off;
	uint64_t preempt_seed;		/* 0: never */
};

/* How many differ; the random ones are made anew in each epoch. */
#define NSETUPS		48

/* The number-th setup of an epoch: the same on every machine. */
void setup_make(struct model_setup *setup, uint64_t seed, uint64_t epoch,
    unsigned number);

/* Whether nvmm-sim knows the policy by its name. */
bool setup_policy_built_in(const struct model_setup *setup);

/* The policy as a file for --policy; the quirks as a list for --quirks. */
void setup_policy_print(const struct model_setup *setup, FILE *file);
void setup_quirks_print(const struct model_setup *setup, FILE *file);

#endif /* TESTS_MODEL_SETUP_H */
