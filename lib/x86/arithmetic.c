/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums, differences and bit operations with the flags they leave (Intel SDM
 * vol. 1, 3.4.3.1 and the instructions' own pages in vol. 2).
 */
#include "operation.h"

#define CF	LIBNVMM_X86_RFLAGS_CF
#define PF	0x0004
#define AF	0x0010
#define ZF	0x0040
#define SF	0x0080
#define OF	0x0800
#define STATUS	(CF | PF | AF | ZF | SF | OF)

/* Even parity of the low byte. */
static bool
parity(uint64_t value)
{
	value ^= value >> 4;
	value ^= value >> 2;
	value ^= value >> 1;
	return !(value & 1);
}

/*
 * Set the flags that a result of size bytes gives.  Bit i of carries is the
 * carry, or borrow, out of bit i; overflow has its flag in the top bit.
 */
static uint64_t
finish(uint64_t result, uint64_t carries, uint64_t overflow, size_t size,
    uint64_t *rflags)
{
	uint64_t top = UINT64_C(1) << (size * 8 - 1);

	result &= libnvmm_x86_mask(size);
	*rflags &= ~(uint64_t)STATUS;
	*rflags |= (carries & top ? CF : 0) | (carries & 0x8 ? AF : 0) |
	    (overflow & top ? OF : 0) | (result & top ? SF : 0) |
	    (result == 0 ? ZF : 0) | (parity(result) ? PF : 0);
	return result;
}

uint64_t
libnvmm_x86_add(uint64_t a, uint64_t b, bool carry, size_t size,
    uint64_t *rflags)
{
	uint64_t sum = a + b + carry;

	return finish(sum, (a & b) | ((a | b) & ~sum), (a ^ sum) & (b ^ sum),
	    size, rflags);
}

uint64_t
libnvmm_x86_subtract(uint64_t a, uint64_t b, bool borrow, size_t size,
    uint64_t *rflags)
{
	uint64_t difference = a - b - borrow;

	return finish(difference, (~a & b) | ((~a | b) & difference),
	    (a ^ b) & (a ^ difference), size, rflags);
}

/* AF is undefined after these; processors clear it. */
uint64_t
libnvmm_x86_logic(uint64_t result, size_t size, uint64_t *rflags)
{
	return finish(result, 0, 0, size, rflags);
}

uint64_t
libnvmm_x86_sign_extend(uint64_t value, size_t size)
{
	uint64_t sign = UINT64_C(1) << (size * 8 - 1);

	return ((value & libnvmm_x86_mask(size)) ^ sign) - sign;
}
