/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers: a counter, well stirred, so that any seed will do.
 */
#include "random.h"

uint64_t
random_next(struct random *random)
{
	uint64_t value = random->state += 0x9E3779B97F4A7C15ULL;

	value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
	value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
	return value ^ value >> 31;
}

unsigned
random_below(struct random *random, unsigned n)
{
	return (unsigned)((random_next(random) >> 32) * n >> 32);
}
