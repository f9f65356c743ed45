/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bit manipulation of BMI1 and BMI2, and CRC32 of SSE4.2.  VEX, by which
 * they are encoded, is invalid in real mode and VM86: the decoder knows.
 * Their flags that Intel leaves undefined are 0, or stay, as noted.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/* The operation of one instruction; *flags has what it defines. */
typedef uint64_t operation(uint64_t a, uint64_t b, unsigned size,
    uint64_t *flags);

static inline bool
compute(struct interp *ip, const struct interp_insn *insn, operation *op,
    uint64_t mask)
{
	unsigned size = insn->operands[0].size;
	uint64_t a, b = 0, flags = 0, result;

	if (!interp_get(ip, insn, 1, &a) ||
	    (insn->noperands == 3 && !interp_get(ip, insn, 2, &b)))
		return false;
	result = op(a, b, size, &flags) & interp_mask(size);
	interp_put(ip, insn, 0, result);
	flags |= interp_flags_result(result, size);
	interp_flags_set(ip, mask, flags);
	return true;
}

/* SF and ZF of the result, CF by the operation, OF and AF 0; PF stays. */
#define BMI_FLAGS	(INTERP_STATUS & ~(INTERP_PF_FLAG | INTERP_AF))

static uint64_t
andn(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	(void)size;
	(void)flags;
	return ~a & b;
}

/* A field: its start in the low byte of b, its length in the next. */
static uint64_t
bextr(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	unsigned start = b & 0xff, length = b >> 8 & 0xff;

	(void)size;
	(void)flags;
	if (start >= 64)
		return 0;
	a >>= start;
	return length < 64 ? a & ((1ULL << length) - 1) : a;
}

static uint64_t
blsi(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	(void)b;
	(void)size;
	*flags = a != 0 ? INTERP_CF : 0;
	return a & (0 - a);
}

static uint64_t
blsmsk(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	(void)b;
	(void)size;
	*flags = a == 0 ? INTERP_CF : 0;
	return a ^ (a - 1);
}

static uint64_t
blsr(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	(void)b;
	(void)size;
	*flags = a == 0 ? INTERP_CF : 0;
	return a & (a - 1);
}

static uint64_t
bzhi(uint64_t a, uint64_t b, unsigned size, uint64_t *flags)
{
	unsigned first = b & 0xff;

	*flags = first >= size * 8 ? INTERP_CF : 0;
	return first < 64 ? a & ((1ULL << first) - 1) : a;
}

/* Bits of a, from the lowest, go where mask has ones. */
static uint64_t
pdep(uint64_t a, uint64_t mask, unsigned size, uint64_t *flags)
{
	uint64_t result = 0;

	(void)size;
	(void)flags;
	for (; mask != 0; mask &= mask - 1) {
		if (a & 1)
			result |= mask & (0 - mask);
		a >>= 1;
	}
	return result;
}

/* Bits of a where mask has ones come together at the bottom. */
static uint64_t
pext(uint64_t a, uint64_t mask, unsigned size, uint64_t *flags)
{
	uint64_t result = 0;
	unsigned n = 0;

	(void)size;
	(void)flags;
	for (; mask != 0; mask &= mask - 1) {
		if (a & mask & (0 - mask))
			result |= 1ULL << n;
		n++;
	}
	return result;
}

static bool
op_andn(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, andn, BMI_FLAGS);
}

static bool
op_bextr(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, bextr, BMI_FLAGS & ~INTERP_SF);
}

static bool
op_blsi(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, blsi, BMI_FLAGS);
}

static bool
op_blsmsk(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, blsmsk, BMI_FLAGS);
}

static bool
op_blsr(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, blsr, BMI_FLAGS);
}

static bool
op_bzhi(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, bzhi, BMI_FLAGS);
}

static bool
op_pdep(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, pdep, 0);
}

static bool
op_pext(struct interp *ip, const struct interp_insn *insn)
{
	return compute(ip, insn, pext, 0);
}

/* --- CRC32: Castagnoli's polynomial, bits reversed --- */

#define POLYNOMIAL	0x82F63B78U

static bool
op_crc32(struct interp *ip, const struct interp_insn *insn)
{
	unsigned bits = insn->operands[1].size * 8;
	uint64_t value, old;
	uint32_t crc;

	if (!interp_get(ip, insn, 1, &value) || !interp_get(ip, insn, 0, &old))
		return false;
	for (crc = (uint32_t)old; bits > 0; bits--) {
		crc ^= (uint32_t)value & 1;
		crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
		value >>= 1;
	}
	return interp_put(ip, insn, 0, crc);
}

const struct interp_op interp_ops_bmi[] = {
	{ ZYDIS_MNEMONIC_ANDN, op_andn },
	{ ZYDIS_MNEMONIC_BEXTR, op_bextr },
	{ ZYDIS_MNEMONIC_BLSI, op_blsi },
	{ ZYDIS_MNEMONIC_BLSMSK, op_blsmsk },
	{ ZYDIS_MNEMONIC_BLSR, op_blsr },
	{ ZYDIS_MNEMONIC_BZHI, op_bzhi },
	{ ZYDIS_MNEMONIC_CRC32, op_crc32 },
	{ ZYDIS_MNEMONIC_PDEP, op_pdep },
	{ ZYDIS_MNEMONIC_PEXT, op_pext },
	{ 0, NULL }
};
