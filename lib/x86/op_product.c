/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Products and quotients of twice the operand's width: in AX for bytes, else
 * in rDX:rAX.  With 64-bit words alone, which every compiler has.
 */
#include "operation.h"

#define CF	LIBNVMM_X86_RFLAGS_CF
#define OF	0x0800

struct wide {
	uint64_t low, high;
};

static struct wide
product(uint64_t a, uint64_t b)
{
	uint64_t a0 = a & UINT32_MAX, a1 = a >> 32;
	uint64_t b0 = b & UINT32_MAX, b1 = b >> 32;
	uint64_t low = a0 * b0;
	uint64_t middle = a1 * b0 + (low >> 32);
	uint64_t other = a0 * b1 + (middle & UINT32_MAX);

	return (struct wide){
		.low = other << 32 | (low & UINT32_MAX),
		.high = a1 * b1 + (middle >> 32) + (other >> 32),
	};
}

/* A negative factor counts as 2^64 too much: that is taken off. */
static struct wide
product_signed(uint64_t a, uint64_t b)
{
	struct wide value = product(a, b);

	if (a >> 63)
		value.high -= b;
	if (b >> 63)
		value.high -= a;
	return value;
}

static uint64_t
register_get(const struct libnvmm_x86_operation *op, unsigned gpr)
{
	return op->cpu->gprs[gpr] &
	    libnvmm_x86_mask(libnvmm_x86_operation_width(op));
}

/* The pair that a product goes to and a dividend comes from. */
static void
pair_set(struct libnvmm_x86_operation *op, uint64_t low, uint64_t high)
{
	size_t size = libnvmm_x86_operation_width(op);

	if (size == 1) {
		libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RAX,
		    (low & 0xFF) | high << 8, 2);
		return;
	}
	libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RAX, low, size);
	libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RDX, high, size);
}

static struct wide
pair_get(const struct libnvmm_x86_operation *op)
{
	size_t size = libnvmm_x86_operation_width(op);
	uint64_t low = register_get(op, NVMM_X64_GPR_RAX);
	uint64_t high = register_get(op, NVMM_X64_GPR_RDX);

	if (size == 1)
		low = op->cpu->gprs[NVMM_X64_GPR_RAX] & 0xFFFF;
	else if (size < 8)
		low |= high << (size * 8);
	return (struct wide){ .low = low, .high = size == 8 ? high : 0 };
}

static uint64_t
high_half(const struct wide *value, size_t size)
{
	return size == 8 ? value->high : value->low >> (size * 8);
}

/* CF and OF: the low half is not all.  The others are undefined, and stay. */
static void
flags_set(struct libnvmm_x86_operation *op, bool overflow)
{
	uint64_t *rflags = libnvmm_x86_operation_rflags(op);

	*rflags &= ~(uint64_t)(CF | OF);
	*rflags |= overflow ? CF | OF : 0;
}

void
libnvmm_x86_op_multiply(struct libnvmm_x86_operation *op)
{
	struct wide value = product(register_get(op, NVMM_X64_GPR_RAX),
	    libnvmm_x86_operation_get(op, 0));
	uint64_t high = high_half(&value, libnvmm_x86_operation_width(op));

	pair_set(op, value.low, high);
	flags_set(op, high != 0);
}

/* One operand: the pair; two: both are factors; three: the last two. */
void
libnvmm_x86_op_multiply_signed(struct libnvmm_x86_operation *op)
{
	size_t size = libnvmm_x86_operation_width(op);
	size_t n = op->noperands;
	uint64_t a, b, kept;
	struct wide value;

	a = n == 1 ? register_get(op, NVMM_X64_GPR_RAX) :
	    libnvmm_x86_operation_get(op, n - 2);
	b = libnvmm_x86_operation_get(op, n - 1);
	value = product_signed(libnvmm_x86_sign_extend(a, size),
	    libnvmm_x86_sign_extend(b, size));
	if (n == 1)
		pair_set(op, value.low, high_half(&value, size));
	else
		libnvmm_x86_operation_result(op, value.low);
	kept = libnvmm_x86_sign_extend(value.low & libnvmm_x86_mask(size),
	    size);
	flags_set(op, kept != value.low ||
	    value.high != (kept >> 63 ? UINT64_MAX : 0));
}

/* By hand, a bit at a time.  The quotient fits: high < divisor. */
static uint64_t
quotient(const struct wide *dividend, uint64_t divisor, uint64_t *remainder)
{
	uint64_t rest = dividend->high, result = 0;
	bool out;
	int i;

	for (i = 63; i >= 0; i--) {
		out = rest >> 63;
		rest = rest << 1 | (dividend->low >> i & 1);
		if (out || rest >= divisor) {
			rest -= divisor;
			result |= UINT64_C(1) << i;
		}
	}
	*remainder = rest;
	return result;
}

/* Operand 0 in memory is the divisor. */
static int
divisor_get(struct libnvmm_x86_operation *op, uint64_t *divisor)
{
	if (!libnvmm_x86_insn_is_memory(op->insn, 0))
		return libnvmm_x86_unsupported();
	if (libnvmm_x86_operation_prepare(op, 1) == -1)
		return -1;
	*divisor = libnvmm_x86_operation_get(op, 0);
	return 0;
}

/* What would be #DE, which a VMM does not inject, is not supported. */
int
libnvmm_x86_op_divide(struct libnvmm_x86_operation *op)
{
	uint64_t divisor, low, rest;
	struct wide dividend;

	if (divisor_get(op, &divisor) == -1)
		return -1;
	dividend = pair_get(op);
	if (high_half(&dividend, libnvmm_x86_operation_width(op)) >= divisor)
		return libnvmm_x86_unsupported();
	low = quotient(&dividend, divisor, &rest);
	pair_set(op, low, rest);
	return 0;
}

static void
negate(struct wide *value)
{
	value->low = 0 - value->low;
	value->high = ~value->high + (value->low == 0);
}

/* By magnitudes: the remainder has the dividend's sign. */
int
libnvmm_x86_op_divide_signed(struct libnvmm_x86_operation *op)
{
	uint64_t divisor, low, rest, limit;
	struct wide dividend;
	bool negative, opposite;
	size_t size;

	if (divisor_get(op, &divisor) == -1)
		return -1;
	size = libnvmm_x86_operation_width(op);
	dividend = pair_get(op);
	if (size < 8) {
		dividend.low = libnvmm_x86_sign_extend(dividend.low, size * 2);
		dividend.high = dividend.low >> 63 ? UINT64_MAX : 0;
	}
	divisor = libnvmm_x86_sign_extend(divisor, size);
	negative = dividend.high >> 63;
	opposite = negative != (divisor >> 63 != 0);
	if (divisor >> 63)
		divisor = 0 - divisor;
	if (negative)
		negate(&dividend);
	limit = (UINT64_C(1) << (size * 8 - 1)) - !opposite;
	if (dividend.high >= divisor)
		return libnvmm_x86_unsupported();
	low = quotient(&dividend, divisor, &rest);
	if (low > limit)
		return libnvmm_x86_unsupported();
	pair_set(op, opposite ? 0 - low : low, negative ? 0 - rest : rest);
	return 0;
}
