/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFLAGS of arithmetic, computed at once (Intel SDM vol. 1, 3.4.3.1; vol. 2,
 * appendix B, "Condition Codes").
 */
#include "engine/interp/interp.h"

/*
 * A carry (borrow) leaves each bit position that carries says; AF is the one
 * out of bit 3, CF the one out of the top, and OF tells whether the sign
 * got another carry than it gave.
 */
static inline uint64_t
flags_of_carries(uint64_t carries, uint64_t result, unsigned size)
{
	unsigned top = size * 8 - 1;
	uint64_t flags = interp_flags_result(result, size);
	uint64_t out = carries >> top & 1, in = carries >> (top - 1) & 1;

	if (out)
		flags |= INTERP_CF;
	if (carries & 8)
		flags |= INTERP_AF;
	if (out != in)
		flags |= INTERP_OF_FLAG;
	return flags;
}

uint64_t
interp_flags_add(uint64_t a, uint64_t b, unsigned carry, unsigned size)
{
	uint64_t sum = a + b + carry;

	return flags_of_carries((a & b) | ((a | b) & ~sum), sum, size);
}

uint64_t
interp_flags_sub(uint64_t a, uint64_t b, unsigned borrow, unsigned size)
{
	uint64_t difference = a - b - borrow;

	return flags_of_carries((~a & b) | ((~a | b) & difference),
	    difference, size);
}

bool
interp_condition(const struct interp *ip, unsigned cc)
{
	uint64_t flags = interp_flags(ip);
	bool less = ((flags & INTERP_SF) != 0) !=
	    ((flags & INTERP_OF_FLAG) != 0);
	bool holds = false;

	switch (cc >> 1) {
	case 0:			/* O */
		holds = (flags & INTERP_OF_FLAG) != 0;
		break;
	case 1:			/* B */
		holds = (flags & INTERP_CF) != 0;
		break;
	case 2:			/* Z */
		holds = (flags & INTERP_ZF) != 0;
		break;
	case 3:			/* BE */
		holds = (flags & (INTERP_CF | INTERP_ZF)) != 0;
		break;
	case 4:			/* S */
		holds = (flags & INTERP_SF) != 0;
		break;
	case 5:			/* P */
		holds = (flags & INTERP_PF_FLAG) != 0;
		break;
	case 6:			/* L */
		holds = less;
		break;
	case 7:			/* LE */
		holds = less || (flags & INTERP_ZF) != 0;
		break;
	}
	/* Odd codes are the opposites. */
	return holds != ((cc & 1) != 0);
}
