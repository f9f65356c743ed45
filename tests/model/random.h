/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers that are the same on every machine: splitmix64, of which
 * every state is a good start, so a number can be one.
 */
#ifndef TESTS_MODEL_RANDOM_H
#define TESTS_MODEL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t
random_next(struct random *random)
{
	uint64_t z = random->state += 0x9E3779B97F4A7C15ULL;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
	return z ^ (z >> 31);
}

static inline unsigned
below(struct random *random, unsigned n)
{
	return (unsigned)(random_next(random) % n);
}

/* One in n. */
static inline bool
chance(struct random *random, unsigned n)
{
	return below(random, n) == 0;
}

#endif /* TESTS_MODEL_RANDOM_H */
