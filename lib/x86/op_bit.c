/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One bit tested and changed.  Where it is in memory, operand.c knows.
 */
#include "operation.h"

static uint64_t
bit(const struct libnvmm_x86_operation *op)
{
	return UINT64_C(1) << (libnvmm_x86_operation_get(op, 1) &
	    (libnvmm_x86_operation_width(op) * 8 - 1));
}

/* CF is the bit as it was; the others are undefined, and stay. */
static uint64_t
tested(const struct libnvmm_x86_operation *op)
{
	uint64_t *rflags = libnvmm_x86_operation_rflags(op);
	uint64_t value = libnvmm_x86_operation_get(op, 0);

	*rflags &= ~(uint64_t)LIBNVMM_X86_RFLAGS_CF;
	if (value & bit(op))
		*rflags |= LIBNVMM_X86_RFLAGS_CF;
	return value;
}

void
libnvmm_x86_op_bit_test(struct libnvmm_x86_operation *op)
{
	(void)tested(op);
}

void
libnvmm_x86_op_bit_set(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, tested(op) | bit(op));
}

void
libnvmm_x86_op_bit_reset(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, tested(op) & ~bit(op));
}

void
libnvmm_x86_op_bit_complement(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, tested(op) ^ bit(op));
}
