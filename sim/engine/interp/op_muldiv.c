/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Products and quotients.  Results are twice as wide as operands: AX for
 * bytes, else rDX:rAX.  Computed with 64-bit words, which every host has.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/* A number of 128 bits. */
struct wide {
	uint64_t low, high;
};

static struct wide
multiply(uint64_t a, uint64_t b)
{
	uint64_t a0 = (uint32_t)a, a1 = a >> 32;
	uint64_t b0 = (uint32_t)b, b1 = b >> 32;
	uint64_t low = a0 * b0;
	uint64_t middle = a1 * b0 + (low >> 32);
	uint64_t carry = a0 * b1 + (uint32_t)middle;

	return (struct wide){
		.low = carry << 32 | (uint32_t)low,
		.high = a1 * b1 + (middle >> 32) + (carry >> 32),
	};
}

/* A negative factor counts as 2^64 too much: that is taken off. */
static struct wide
multiply_signed(uint64_t a, uint64_t b)
{
	struct wide product = multiply(a, b);

	if (a >> 63)
		product.high -= b;
	if (b >> 63)
		product.high -= a;
	return product;
}

static struct wide
negated(struct wide value)
{
	value.low = 0 - value.low;
	value.high = ~value.high + (value.low == 0);
	return value;
}

/*
 * Schoolbook division, a bit at a time.  The quotient fits, which is to say
 * dividend->high < divisor; the remainder is left in *dividend.
 */
static uint64_t
divide(struct wide *dividend, uint64_t divisor)
{
	uint64_t remainder = dividend->high, quotient = 0;
	bool out;
	int i;

	if (remainder == 0) {
		quotient = dividend->low / divisor;
		dividend->low %= divisor;
		return quotient;
	}
	for (i = 63; i >= 0; i--) {
		out = remainder >> 63;
		remainder = remainder << 1 | (dividend->low >> i & 1);
		if (out || remainder >= divisor) {
			remainder -= divisor;
			quotient |= 1ULL << i;
		}
	}
	*dividend = (struct wide){ .low = remainder };
	return quotient;
}

/* The register pair as one number, and back. */
static struct wide
pair_get(const struct interp *ip, unsigned size)
{
	uint64_t low, high;

	if (size == 1)
		return (struct wide){
			.low = interp_reg_get(ip, SIM_GPR_RAX, 2, false),
		};
	low = interp_reg_get(ip, SIM_GPR_RAX, size, false);
	high = interp_reg_get(ip, SIM_GPR_RDX, size, false);
	if (size == 8)
		return (struct wide){ .low = low, .high = high };
	return (struct wide){ .low = high << (size * 8) | low };
}

static void
pair_set(struct interp *ip, unsigned size, uint64_t low, uint64_t high)
{
	if (size == 1) {
		interp_reg_set(ip, SIM_GPR_RAX, 1, false, low);
		interp_reg_set(ip, SIM_GPR_RAX, 1, true, high);
	} else {
		interp_reg_set(ip, SIM_GPR_RAX, size, false, low);
		interp_reg_set(ip, SIM_GPR_RDX, size, false, high);
	}
}

/* What is above the low half of a product of two operands of this size. */
static uint64_t
high_half(struct wide product, unsigned size)
{
	return size == 8 ? product.high : product.low >> (size * 8);
}

/* --- products --- */

/*
 * CF and OF tell whether the high half has something.  The other flags are
 * undefined.
 */
static void
product_flags(struct interp *ip, bool overflow)
{
	interp_flags_set(ip, INTERP_CF | INTERP_OF_FLAG,
	    overflow ? INTERP_CF | INTERP_OF_FLAG : 0);
}

static bool
op_mul(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	struct wide product;
	uint64_t value, high;

	if (!interp_get(ip, insn, 0, &value))
		return false;
	product = multiply(interp_reg_get(ip, SIM_GPR_RAX, size, false),
	    value);
	high = high_half(product, size);
	pair_set(ip, size, product.low, high);
	product_flags(ip, high != 0);
	return true;
}

/* Whether a signed product is more than its low half, sign-extended. */
static bool
signed_overflow(struct wide product, unsigned size)
{
	uint64_t kept = interp_extend(product.low, size);

	return kept != product.low || product.high != 0 - (kept >> 63);
}

static bool
imul_wide(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	struct wide product;
	uint64_t a, b;

	if (!interp_get(ip, insn, 0, &b))
		return false;
	a = interp_reg_get(ip, SIM_GPR_RAX, size, false);
	product = multiply_signed(interp_extend(a, size),
	    interp_extend(b, size));
	pair_set(ip, size, product.low, high_half(product, size));
	product_flags(ip, signed_overflow(product, size));
	return true;
}

/* With two operands the first is a factor too, with three it is not. */
static bool
op_imul(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	unsigned first = insn->noperands == 3;
	struct wide product;
	uint64_t a, b;

	if (insn->noperands == 1)
		return imul_wide(ip, insn);
	if (!interp_get(ip, insn, first, &a) ||
	    !interp_get(ip, insn, first + 1, &b))
		return false;
	product = multiply_signed(interp_extend(a, size),
	    interp_extend(b, size));
	interp_put(ip, insn, 0, product.low);
	product_flags(ip, signed_overflow(product, size));
	return true;
}

/* BMI2: no flags; the low half is written first, should both be one. */
static bool
op_mulx(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	struct wide product;
	uint64_t value;

	if (!interp_get(ip, insn, 2, &value))
		return false;
	product = multiply(interp_reg_get(ip, SIM_GPR_RDX, size, false),
	    value);
	return interp_put(ip, insn, 1, product.low) &&
	    interp_put(ip, insn, 0, high_half(product, size));
}

/* --- quotients --- */

/* #DE if the quotient does not fit; flags are undefined, and kept. */
static bool
op_div(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	struct wide dividend = pair_get(ip, size);
	uint64_t divisor, quotient;

	if (!interp_get(ip, insn, 0, &divisor))
		return false;
	if (divisor == 0 || high_half(dividend, size) >= divisor)
		return interp_fault(ip, INTERP_DE);
	quotient = divide(&dividend, divisor);
	pair_set(ip, size, quotient, dividend.low);
	return true;
}

/* The pair sign-extended to 128 bits. */
static struct wide
pair_get_signed(const struct interp *ip, unsigned size)
{
	struct wide value = pair_get(ip, size);

	if (size < 8) {
		value.low = interp_extend(value.low, size * 2);
		value.high = 0 - (value.low >> 63);
	}
	return value;
}

/*
 * Done with magnitudes: the quotient is negative if the signs differ, the
 * remainder has the dividend's sign.
 */
static bool
op_idiv(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	struct wide dividend = pair_get_signed(ip, size);
	bool negative = dividend.high >> 63, opposite;
	uint64_t divisor, quotient, limit;

	if (!interp_get(ip, insn, 0, &divisor))
		return false;
	divisor = interp_extend(divisor, size);
	opposite = negative != (divisor >> 63 != 0);
	if (divisor >> 63)
		divisor = 0 - divisor;
	if (negative)
		dividend = negated(dividend);
	limit = interp_sign(size) - !opposite;
	if (divisor == 0 || dividend.high >= divisor)
		return interp_fault(ip, INTERP_DE);
	quotient = divide(&dividend, divisor);
	if (quotient > limit)
		return interp_fault(ip, INTERP_DE);
	pair_set(ip, size, opposite ? 0 - quotient : quotient,
	    negative ? 0 - dividend.low : dividend.low);
	return true;
}

const struct interp_op interp_ops_muldiv[] = {
	{ ZYDIS_MNEMONIC_DIV, op_div },
	{ ZYDIS_MNEMONIC_IDIV, op_idiv },
	{ ZYDIS_MNEMONIC_IMUL, op_imul },
	{ ZYDIS_MNEMONIC_MUL, op_mul },
	{ ZYDIS_MNEMONIC_MULX, op_mulx },
	{ 0, NULL }
};
