/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making a sequence that fails as small as it can be and still fail.
 */
#ifndef TESTS_MODEL_SHRINK_H
#define TESTS_MODEL_SHRINK_H

struct player;
struct sequence;

/* *sequence fails on player, and does so afterwards. */
void shrink(struct player *player, struct sequence *sequence);

#endif /* TESTS_MODEL_SHRINK_H */
