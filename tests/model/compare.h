/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is seen against what the model says.  Each returns true if they are
 * the same; else it fills the player's failure, and the script gets the
 * expectation that broke.
 */
#ifndef TESTS_MODEL_COMPARE_H
#define TESTS_MODEL_COMPARE_H

#include "play.h"

bool compare_result(struct player *player, const char *call, int seen,
    int wanted);
/* Since the step began: so many, and no others. */
bool compare_ioctls(struct player *player, unsigned getstates, unsigned runs);
bool compare_view(struct player *player, const struct player_cpu *cpu,
    uint64_t components);
bool compare_exit(struct player *player, const struct player_cpu *cpu);
bool compare_events(struct player *player, const struct player_cpu *cpu);
/* The registers of all VCPUs. */
bool compare_truth(struct player *player);
bool compare_access(struct player *player, const struct player_cpu *cpu,
    const struct model_access *wanted);

/* player.c: fresh VCPUs and models. */
bool player_renew(struct player *player);

#endif /* TESTS_MODEL_COMPARE_H */
