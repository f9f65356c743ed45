/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What instructions do: functions by mnemonic, which table.c lists.
 */
#ifndef LIBNVMM_X86_OPERATION_H
#define LIBNVMM_X86_OPERATION_H

#include "insn.h"

#pragma GCC visibility push(hidden)

struct libnvmm_x86_operation {
	struct libnvmm_x86_cpu *cpu;
	const struct libnvmm_x86_insn *insn;
	size_t noperands;	/* those that are prepared */
	struct libnvmm_x86_operand operands[LIBNVMM_X86_OPERANDS];
};

/*
 * execute: works on operands that are already found and permitted, one of
 * them in memory, so that it cannot fail.  attempt: finds its operands itself
 * and returns -1 with errno while nothing is changed.  A row has one of both.
 */
struct libnvmm_x86_emulation {
	void (*execute)(struct libnvmm_x86_operation *op);
	int (*attempt)(struct libnvmm_x86_operation *op);
	enum libnvmm_x86_string {
		LIBNVMM_X86_STRING_NOT,
		LIBNVMM_X86_STRING,	/* repeats; steps addresses */
		LIBNVMM_X86_STRING_ZF	/* REPE and REPNE look at ZF */
	} string;
};

/* NULL: not one of those known. */
const struct libnvmm_x86_emulation *libnvmm_x86_emulation_find(
    const struct libnvmm_x86_insn *insn);

/* Fails with ENODEV. */
int libnvmm_x86_unsupported(void);

/* Prepares operands 0 to n - 1. */
int libnvmm_x86_operation_prepare(struct libnvmm_x86_operation *op, size_t n);
bool libnvmm_x86_insn_is_memory(const struct libnvmm_x86_insn *insn, size_t i);

/* Operand i's value, and operand 0 as the result. */
uint64_t libnvmm_x86_operation_get(const struct libnvmm_x86_operation *op,
    size_t i);
void libnvmm_x86_operation_result(struct libnvmm_x86_operation *op,
    uint64_t value);
size_t libnvmm_x86_operation_width(const struct libnvmm_x86_operation *op);
uint64_t *libnvmm_x86_operation_rflags(
    const struct libnvmm_x86_operation *op);

/* The low size bytes of value with their sign in all 64 bits. */
uint64_t libnvmm_x86_sign_extend(uint64_t value, size_t size);

#define LIBNVMM_X86_EXECUTE(name)					\
	void libnvmm_x86_op_##name(struct libnvmm_x86_operation *op)
#define LIBNVMM_X86_ATTEMPT(name)					\
	int libnvmm_x86_op_##name(struct libnvmm_x86_operation *op)

/* op_move.c */
LIBNVMM_X86_EXECUTE(move);
LIBNVMM_X86_EXECUTE(move_sign_extended);
LIBNVMM_X86_EXECUTE(move_swapped);
LIBNVMM_X86_EXECUTE(move_if);
LIBNVMM_X86_EXECUTE(set_if);
LIBNVMM_X86_EXECUTE(exchange);

/* op_arith.c */
LIBNVMM_X86_EXECUTE(add);
LIBNVMM_X86_EXECUTE(add_with_carry);
LIBNVMM_X86_EXECUTE(subtract);
LIBNVMM_X86_EXECUTE(subtract_with_borrow);
LIBNVMM_X86_EXECUTE(compare);
LIBNVMM_X86_EXECUTE(and);
LIBNVMM_X86_EXECUTE(or);
LIBNVMM_X86_EXECUTE(xor);
LIBNVMM_X86_EXECUTE(test);
LIBNVMM_X86_EXECUTE(increment);
LIBNVMM_X86_EXECUTE(decrement);
LIBNVMM_X86_EXECUTE(negate);
LIBNVMM_X86_EXECUTE(not);
LIBNVMM_X86_EXECUTE(exchange_add);
LIBNVMM_X86_EXECUTE(compare_exchange);

/* op_bit.c */
LIBNVMM_X86_EXECUTE(bit_test);
LIBNVMM_X86_EXECUTE(bit_set);
LIBNVMM_X86_EXECUTE(bit_reset);
LIBNVMM_X86_EXECUTE(bit_complement);

/* op_shift.c */
LIBNVMM_X86_EXECUTE(shift);
LIBNVMM_X86_EXECUTE(shift_double);

/* op_product.c */
LIBNVMM_X86_EXECUTE(multiply);
LIBNVMM_X86_EXECUTE(multiply_signed);
LIBNVMM_X86_ATTEMPT(divide);
LIBNVMM_X86_ATTEMPT(divide_signed);

/* op_stack.c */
LIBNVMM_X86_ATTEMPT(push);
LIBNVMM_X86_ATTEMPT(pop);
LIBNVMM_X86_ATTEMPT(call);
LIBNVMM_X86_ATTEMPT(jump);
LIBNVMM_X86_ATTEMPT(return);

/* op_sse.c */
LIBNVMM_X86_ATTEMPT(xmm_move);
LIBNVMM_X86_ATTEMPT(xmm_move_aligned);
LIBNVMM_X86_ATTEMPT(xmm_move_low);
LIBNVMM_X86_ATTEMPT(xmm_move_high);

#pragma GCC visibility pop

#endif /* LIBNVMM_X86_OPERATION_H */
