/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers, the same ones for the same seed.
 */
#ifndef TESTS_INTERP_NATIVE_RANDOM_H
#define TESTS_INTERP_NATIVE_RANDOM_H

#include <stdint.h>

struct random {
	uint64_t state;
};
uint64_t random_next(struct random *random);
/* One of 0 to n - 1. */
unsigned random_below(struct random *random, unsigned n);

#endif /* TESTS_INTERP_NATIVE_RANDOM_H */
