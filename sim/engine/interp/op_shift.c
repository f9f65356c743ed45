/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shifts and rotates (Intel SDM vol. 2, "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR",
 * "SHLD", "SHRD").  OF is defined for a count of 1 only; for others it is
 * computed by the same formula, as processors do.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/*
 * One shift: value and count (not 0) in, *value out, together with CF and OF
 * and, for shifts, the result's flags; returns which flags are meant.
 */
typedef uint64_t shift(uint64_t *value, unsigned count, unsigned size,
    uint64_t *flags);

#define SHIFT_FLAGS	INTERP_STATUS
#define ROTATE_FLAGS	(INTERP_CF | INTERP_OF_FLAG)

static unsigned
bit(uint64_t value, unsigned n)
{
	return n < 64 ? (unsigned)(value >> n & 1) : 0;
}

/* Shifts of 64 and more, which C does not define. */
static uint64_t
left(uint64_t value, unsigned count)
{
	return count < 64 ? value << count : 0;
}

static uint64_t
right(uint64_t value, unsigned count)
{
	return count < 64 ? value >> count : 0;
}

static uint64_t
carry_overflow(bool carry, bool overflow)
{
	return (carry ? INTERP_CF : 0) | (overflow ? INTERP_OF_FLAG : 0);
}

static uint64_t
shl(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8;
	uint64_t result = left(*value, count);
	bool carry = count <= bits && bit(*value, bits - count);

	*flags = interp_flags_result(result, size) |
	    carry_overflow(carry, carry != bit(result, bits - 1));
	*value = result;
	return SHIFT_FLAGS;
}

/* OF: whether the sign changed, which is what the second bit tells. */
static uint64_t
shr(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8;
	uint64_t result = right(*value, count);

	*flags = interp_flags_result(result, size) |
	    carry_overflow(bit(*value, count - 1),
	    bit(result, bits - 1) != bit(result, bits - 2));
	*value = result;
	return SHIFT_FLAGS;
}

static uint64_t
sar(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	uint64_t extended = interp_extend(*value, size);
	uint64_t sign = extended >> 63 ? ~0ULL : 0;
	uint64_t result = extended >> count | (count > 0 ?
	    sign << (64 - count) : 0);

	*flags = interp_flags_result(result, size) |
	    carry_overflow(bit(extended, count - 1), false);
	*value = result;
	return SHIFT_FLAGS;
}

static uint64_t
rol(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8, n = count % bits;
	uint64_t result = left(*value, n) | right(*value, bits - n);

	*flags = carry_overflow(bit(result, 0),
	    bit(result, 0) != bit(result, bits - 1));
	*value = result;
	return ROTATE_FLAGS;
}

static uint64_t
ror(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8, n = count % bits;
	uint64_t result = right(*value, n) | left(*value, bits - n);

	*flags = carry_overflow(bit(result, bits - 1),
	    bit(result, bits - 1) != bit(result, bits - 2));
	*value = result;
	return ROTATE_FLAGS;
}

/*
 * Through the carry: a rotation of one bit more than the operand has.  CF
 * comes in by *flags.
 */
static uint64_t
rcl(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8, n = count % (bits + 1);
	uint64_t in = *flags & INTERP_CF, result = *value;
	bool carry = in;

	if (n != 0) {
		result = left(*value, n) | in << (n - 1) |
		    right(*value, bits + 1 - n);
		carry = bit(*value, bits - n);
	}
	*flags = carry_overflow(carry, carry != bit(result, bits - 1));
	*value = result;
	return ROTATE_FLAGS;
}

static uint64_t
rcr(uint64_t *value, unsigned count, unsigned size, uint64_t *flags)
{
	unsigned bits = size * 8, n = count % (bits + 1);
	uint64_t in = *flags & INTERP_CF, result = *value;
	bool carry = in;

	if (n != 0) {
		result = right(*value, n) | in << (bits - n) |
		    left(*value, bits + 1 - n);
		carry = bit(*value, n - 1);
	}
	*flags = carry_overflow(carry,
	    bit(result, bits - 1) != bit(result, bits - 2));
	*value = result;
	return ROTATE_FLAGS;
}

/*
 * Counts are taken modulo 32, or 64.  With 0 no flag changes; the operand is
 * written all the same, which clears a 32-bit register's upper half.
 */
static inline bool
shift_by(struct interp *ip, const struct interp_insn *insn, shift *compute)
{
	unsigned size = insn->operands[0].size;
	uint64_t count, value, flags = interp_flags(ip), mask = 0;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &count) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &value))
		return false;
	count &= size == 8 ? 63 : 31;
	if (count != 0)
		mask = compute(&value, (unsigned)count, size, &flags);
	interp_rmw_commit(ip, insn, &rmw, value);
	interp_flags_set(ip, mask, flags);
	return true;
}

static bool
op_shl(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, shl);
}

static bool
op_shr(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, shr);
}

static bool
op_sar(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, sar);
}

static bool
op_rol(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, rol);
}

static bool
op_ror(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, ror);
}

static bool
op_rcl(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, rcl);
}

static bool
op_rcr(struct interp *ip, const struct interp_insn *insn)
{
	return shift_by(ip, insn, rcr);
}

/* --- double shifts --- */

/*
 * Bits come in from another operand.  With 16-bit operands the count may be
 * beyond 16, which is undefined: the operand comes round again then.
 */
static bool
double_shift(struct interp *ip, const struct interp_insn *insn, bool to_left)
{
	unsigned size = insn->operands[0].size, bits = size * 8;
	uint64_t count, in, value, result, last;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &in) || !interp_get(ip, insn, 2, &count) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &value))
		return false;
	count &= size == 8 ? 63 : 31;
	if (count == 0)
		return interp_rmw_commit(ip, insn, &rmw, value);
	if (count > bits) {
		count -= bits;
		result = value;
		value = in;
		in = result;
	}
	if (to_left) {
		result = left(value, (unsigned)count) |
		    right(in, bits - (unsigned)count);
		last = bit(value, bits - (unsigned)count);
	} else {
		result = right(value, (unsigned)count) |
		    left(in, bits - (unsigned)count);
		last = bit(value, (unsigned)count - 1);
	}
	interp_rmw_commit(ip, insn, &rmw, result);
	interp_flags_set(ip, INTERP_STATUS, interp_flags_result(result, size) |
	    carry_overflow(last, ((result ^ rmw.old) & interp_sign(size))));
	return true;
}

static bool
op_shld(struct interp *ip, const struct interp_insn *insn)
{
	return double_shift(ip, insn, true);
}

static bool
op_shrd(struct interp *ip, const struct interp_insn *insn)
{
	return double_shift(ip, insn, false);
}

/* --- without flags (BMI2) --- */

static bool
shift_plain(struct interp *ip, const struct interp_insn *insn, shift *compute)
{
	unsigned size = insn->operands[0].size;
	uint64_t count, value, flags;

	if (!interp_get(ip, insn, 1, &value) ||
	    !interp_get(ip, insn, 2, &count))
		return false;
	count &= size == 8 ? 63 : 31;
	if (count != 0)
		compute(&value, (unsigned)count, size, &flags);
	return interp_put(ip, insn, 0, value);
}

static bool
op_shlx(struct interp *ip, const struct interp_insn *insn)
{
	return shift_plain(ip, insn, shl);
}

static bool
op_shrx(struct interp *ip, const struct interp_insn *insn)
{
	return shift_plain(ip, insn, shr);
}

static bool
op_sarx(struct interp *ip, const struct interp_insn *insn)
{
	return shift_plain(ip, insn, sar);
}

static bool
op_rorx(struct interp *ip, const struct interp_insn *insn)
{
	return shift_plain(ip, insn, ror);
}

const struct interp_op interp_ops_shift[] = {
	{ ZYDIS_MNEMONIC_RCL, op_rcl },
	{ ZYDIS_MNEMONIC_RCR, op_rcr },
	{ ZYDIS_MNEMONIC_ROL, op_rol },
	{ ZYDIS_MNEMONIC_ROR, op_ror },
	{ ZYDIS_MNEMONIC_RORX, op_rorx },
	{ ZYDIS_MNEMONIC_SAR, op_sar },
	{ ZYDIS_MNEMONIC_SARX, op_sarx },
	{ ZYDIS_MNEMONIC_SHL, op_shl },
	{ ZYDIS_MNEMONIC_SHLD, op_shld },
	{ ZYDIS_MNEMONIC_SHLX, op_shlx },
	{ ZYDIS_MNEMONIC_SHR, op_shr },
	{ ZYDIS_MNEMONIC_SHRD, op_shrd },
	{ ZYDIS_MNEMONIC_SHRX, op_shrx },
	{ 0, NULL }
};
