/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What nearly every instruction does, in line: values of a size, general
 * registers, and flags of a result.  Included by interp.h.
 */
#ifndef SIM_ENGINE_INTERP_VALUE_H
#define SIM_ENGINE_INTERP_VALUE_H

#include "engine/interp/interp.h"

static inline uint64_t
interp_mask(unsigned size)
{
	return size >= 8 ? ~0ULL : (1ULL << (size * 8)) - 1;
}

static inline uint64_t
interp_sign(unsigned size)
{
	return 1ULL << (size * 8 - 1);
}

static inline uint64_t
interp_extend(uint64_t value, unsigned size)
{
	uint64_t sign = interp_sign(size);

	return ((value & interp_mask(size)) ^ sign) - sign;
}

/* Registers by number and size; 1 byte: low half unless high. */
static inline uint64_t
interp_reg_get(const struct interp *ip, unsigned reg, unsigned size, bool high)
{
	uint64_t value = ip->state->gprs[reg];

	if (high)
		value >>= 8;
	return value & interp_mask(size);
}

static inline void
interp_reg_set(struct interp *ip, unsigned reg, unsigned size, bool high,
    uint64_t value)
{
	uint64_t *gpr = &ip->state->gprs[reg];

	switch (size) {
	case 1:
		if (high)
			*gpr = (*gpr & ~0xff00ULL) | (value & 0xff) << 8;
		else
			*gpr = (*gpr & ~0xffULL) | (value & 0xff);
		break;
	case 2:
		*gpr = (*gpr & ~0xffffULL) | (value & 0xffff);
		break;
	case 4:
		*gpr = value & 0xffffffff;
		break;
	default:
		*gpr = value;
		break;
	}
}

static inline uint64_t
interp_flags(const struct interp *ip)
{
	return ip->state->gprs[SIM_GPR_RFLAGS];
}

/* Replaces the flags of mask by those of value. */
static inline void
interp_flags_set(struct interp *ip, uint64_t mask, uint64_t value)
{
	uint64_t *flags = &ip->state->gprs[SIM_GPR_RFLAGS];

	*flags = (*flags & ~mask) | (value & mask);
}

/* PF looks at the lowest byte alone, whatever the size. */
static inline uint64_t
interp_flags_parity(uint64_t result)
{
	/* Bit n: whether the number n has an even number of ones. */
	const unsigned even = 0x9669;
	unsigned folded = (unsigned)(result ^ result >> 4) & 0xf;

	return (even >> folded & 1) != 0 ? INTERP_PF_FLAG : 0;
}

/* PF, ZF and SF of a result; the others 0. */
static inline uint64_t
interp_flags_result(uint64_t result, unsigned size)
{
	uint64_t flags = interp_flags_parity(result);

	if ((result & interp_mask(size)) == 0)
		flags |= INTERP_ZF;
	if (result & interp_sign(size))
		flags |= INTERP_SF;
	return flags;
}

#endif /* SIM_ENGINE_INTERP_VALUE_H */
