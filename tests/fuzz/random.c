/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers from a seed: splitmix64, and numbers on edges made of it.
 */
#include <string.h>

#include "fuzz.h"

uint64_t
fuzz_random(struct fuzz *fuzz)
{
	uint64_t z = fuzz->random += 0x9E3779B97F4A7C15ULL;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
	return z ^ z >> 31;
}

uint64_t
fuzz_below(struct fuzz *fuzz, uint64_t n)
{
	return fuzz_random(fuzz) % n;
}

bool
fuzz_once_in(struct fuzz *fuzz, unsigned n)
{
	return fuzz_below(fuzz, n) == 0;
}

uint64_t
fuzz_edge(struct fuzz *fuzz)
{
	static const uint64_t edges[] = {
		0, 1, PAGE, 1ULL << 31, 1ULL << 32, 1ULL << 37, 1ULL << 46,
		1ULL << 47, 1ULL << 52, 1ULL << 63, 127ULL << 40,
	};
	uint64_t edge = edges[fuzz_below(fuzz, sizeof(edges) /
	    sizeof(edges[0]))];

	switch (fuzz_below(fuzz, 6)) {
	case 0:
		return fuzz_random(fuzz);
	case 1:
		return edge - 1;
	case 2:
		return edge - PAGE;
	case 3:
		return -edge;
	default:
		return edge;
	}
}

void
fuzz_bytes(struct fuzz *fuzz, void *bytes, size_t size)
{
	uint8_t *p = bytes;
	uint64_t word;
	size_t n;

	for (; size > 0; size -= n, p += n) {
		word = fuzz_random(fuzz);
		n = size < sizeof(word) ? size : sizeof(word);
		memcpy(p, &word, n);
	}
}
