/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums, differences, comparisons and logic; arithmetic.c computes them.
 */
#include "operation.h"

#define CF	LIBNVMM_X86_RFLAGS_CF

static uint64_t
first(const struct libnvmm_x86_operation *op)
{
	return libnvmm_x86_operation_get(op, 0);
}

static uint64_t
second(const struct libnvmm_x86_operation *op)
{
	return libnvmm_x86_operation_get(op, 1);
}

static bool
carry(const struct libnvmm_x86_operation *op)
{
	return *libnvmm_x86_operation_rflags(op) & CF;
}

static uint64_t
sum(const struct libnvmm_x86_operation *op, uint64_t a, uint64_t b, bool in)
{
	return libnvmm_x86_add(a, b, in, libnvmm_x86_operation_width(op),
	    libnvmm_x86_operation_rflags(op));
}

static uint64_t
difference(const struct libnvmm_x86_operation *op, uint64_t a, uint64_t b,
    bool in)
{
	return libnvmm_x86_subtract(a, b, in, libnvmm_x86_operation_width(op),
	    libnvmm_x86_operation_rflags(op));
}

static uint64_t
logic(const struct libnvmm_x86_operation *op, uint64_t result)
{
	return libnvmm_x86_logic(result, libnvmm_x86_operation_width(op),
	    libnvmm_x86_operation_rflags(op));
}

void
libnvmm_x86_op_add(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, sum(op, first(op), second(op),
	    false));
}

void
libnvmm_x86_op_add_with_carry(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, sum(op, first(op), second(op),
	    carry(op)));
}

void
libnvmm_x86_op_subtract(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, difference(op, first(op), second(op),
	    false));
}

void
libnvmm_x86_op_subtract_with_borrow(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, difference(op, first(op), second(op),
	    carry(op)));
}

/* The source before the destination would be seen by CMPS: it has two. */
void
libnvmm_x86_op_compare(struct libnvmm_x86_operation *op)
{
	uint64_t a = first(op);

	(void)difference(op, a, second(op), false);
}

void
libnvmm_x86_op_and(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, logic(op, first(op) & second(op)));
}

void
libnvmm_x86_op_or(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, logic(op, first(op) | second(op)));
}

void
libnvmm_x86_op_xor(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, logic(op, first(op) ^ second(op)));
}

void
libnvmm_x86_op_test(struct libnvmm_x86_operation *op)
{
	(void)logic(op, first(op) & second(op));
}

/* CF stays as it is. */
static void
carry_keep(const struct libnvmm_x86_operation *op, bool was)
{
	uint64_t *rflags = libnvmm_x86_operation_rflags(op);

	*rflags = (*rflags & ~(uint64_t)CF) | (was ? CF : 0);
}

void
libnvmm_x86_op_increment(struct libnvmm_x86_operation *op)
{
	bool was = carry(op);

	libnvmm_x86_operation_result(op, sum(op, first(op), 1, false));
	carry_keep(op, was);
}

void
libnvmm_x86_op_decrement(struct libnvmm_x86_operation *op)
{
	bool was = carry(op);

	libnvmm_x86_operation_result(op, difference(op, first(op), 1, false));
	carry_keep(op, was);
}

void
libnvmm_x86_op_negate(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, difference(op, 0, first(op), false));
}

void
libnvmm_x86_op_not(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, ~first(op));
}

void
libnvmm_x86_op_exchange_add(struct libnvmm_x86_operation *op)
{
	uint64_t old = first(op);
	uint64_t new = sum(op, old, second(op), false);

	libnvmm_x86_operand_store(op->cpu, &op->operands[1], old);
	libnvmm_x86_operation_result(op, new);
}

/* Memory is written in any case: what was there, unless it was equal. */
void
libnvmm_x86_op_compare_exchange(struct libnvmm_x86_operation *op)
{
	size_t size = libnvmm_x86_operation_width(op);
	uint64_t old = first(op);
	uint64_t rax = op->cpu->gprs[NVMM_X64_GPR_RAX] &
	    libnvmm_x86_mask(size);

	(void)difference(op, rax, old, false);
	if (old == rax) {
		libnvmm_x86_operation_result(op, second(op));
		return;
	}
	libnvmm_x86_operation_result(op, old);
	libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RAX, old, size);
}
