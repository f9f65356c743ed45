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

#define PLAYER_ACCESSES	4

struct player_machine {
	struct nvmm_machine mach;
	uint8_t *code;			/* the harness page */
	uint8_t *memory;		/* MODEL_MEMORY bytes, mapped as HVA */
	struct model_machine model;
};

struct player_cpu {
	struct nvmm_vcpu vcpu;		/* first: callbacks get its address */
	struct player *player;
	struct player_machine *machine;
	uint32_t cpuid;
	bool exists;
	struct model model;
	struct sim_event delivered[MODEL_EVENTS];
	unsigned ndelivered;
	struct model_access accesses[PLAYER_ACCESSES];	/* of callbacks */
	unsigned naccesses;
	struct model_action action;	/* while the real guest spins */
	bool acted;			/* in this run */
	unsigned first, nwishes;	/* the real guest's */
	struct wish wishes[MODEL_WISHES];
};

/* A kernel with machines, on which sequences are played one by one. */
struct player {
	const struct model_setup *setup;
	struct sim *sim;
	int device;			/* the library's descriptor, or -1 */
	struct player_machine machines[SEQUENCE_MACHINES];
	struct player_cpu cpus[SEQUENCE_CPUS];
	int faults[SIM_NIOCTL];		/* errno of the next such ioctl, or 0 */
	uint64_t ioctls[SIM_NIOCTL + 1];	/* since the step began */
	uint64_t wanted[SIM_NIOCTL + 1];	/* what the model says of them */
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

/*
 * player.c: fresh VCPUs, machines and models.  renew: those of the bits in
 * used; create: one of them, by the library (0, or an errno value), and its
 * model.
 */
bool player_renew(struct player *player, unsigned used);
int player_create(struct player *player, struct player_cpu *cpu);
void player_created(struct player *player, struct player_cpu *cpu);

/* The ioctl is expected now: the errno that it fails with, or 0. */
int player_ioctl(struct player *player, enum sim_ioctl_index ioctl);

/* The event goes into the page, and the library is told. */
int player_inject(struct player *player, struct player_cpu *cpu,
    const struct sim_event_record *event);

/* What a call returned, as an errno value. */
int player_result(struct player *player, int result);

/* Steps: what play.c calls by kind. */
typedef bool play_function(struct player *, struct player_cpu *,
    const struct step *);
play_function play_run;
play_function play_assist, play_finish;
play_function play_renew, play_twice, play_beyond, play_map, play_unmap,
    play_cpuid, play_tpr, play_fault;

#endif /* TESTS_MODEL_PLAY_H */
