/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing a sequence: each step is done by the library under test and by the
 * model, and what the VMM can see of both must be the same.
 */
#ifndef TESTS_MODEL_PLAY_H
#define TESTS_MODEL_PLAY_H

#include <nvmm.h>
#include <stdbool.h>
#include <stdint.h>

#include "model.h"
#include "script.h"
#include "sequence.h"

/* The first thing that was not as the model has it. */
struct failure {
	unsigned step, cpu;
	bool ioctls;		/* their number is wrong */
	char what[64];
	uint64_t expected, seen;
};

struct player_cpu {
	struct nvmm_vcpu vcpu;		/* first: callbacks get its address */
	struct player *player;
	struct model model;
	struct wish wishes[MODEL_WISHES];	/* the real guest's */
	unsigned first, nwishes;
	struct sim_event delivered[MODEL_EVENTS];
	unsigned ndelivered;
	struct model_access access;	/* the last that a callback saw */
	unsigned naccesses;
};

/* A kernel with a machine, on which sequences are played one by one. */
struct player {
	const struct model_setup *setup;
	struct sim *sim;
	struct nvmm_machine mach;
	uint8_t *code;			/* the harness page */
	struct player_cpu cpus[SEQUENCE_CPUS];
	bool created;
	uint64_t ioctls[SIM_NIOCTL + 1];	/* since the step began */
	uint64_t calls;			/* of the library, ever */
	struct failure failure;
	struct script *script;		/* gets the steps as Lua; or NULL */
};

/*
 * Attaches a fresh kernel as setup says, with a freshly loaded library.
 * 0, or -1 with one line in why.
 */
int player_open(struct player *player, const struct model_setup *setup,
    const char *library, char *why, size_t size);
void player_close(struct player *player);

/* True: all as the model says.  Else player->failure tells. */
bool player_play(struct player *player, const struct sequence *sequence);

#endif /* TESTS_MODEL_PLAY_H */
