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
/* Those that the step needs, and no others. */
bool compare_ioctls(struct player *player);
bool compare_view(struct player *player, const struct player_cpu *cpu,
    uint64_t components);
bool compare_exit(struct player *player, const struct player_cpu *cpu);
bool compare_events(struct player *player, const struct player_cpu *cpu);
/* The registers of all VCPUs. */
bool compare_truth(struct player *player);
/* What callbacks saw. */
bool compare_accesses(struct player *player, const struct player_cpu *cpu,
    const struct model_assist *wanted);
/* The memory of the VCPU's machine. */
bool compare_memory_content(struct player *player, unsigned cpu);

#endif /* TESTS_MODEL_COMPARE_H */
