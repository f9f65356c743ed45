/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves of integers, plain and on a condition.
 */
#include "operation.h"

#define PF	0x0004
#define ZF	0x0040
#define SF	0x0080
#define OF	0x0800

/* Also zero extension: what is loaded has nothing above its size. */
void
libnvmm_x86_op_move(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, libnvmm_x86_operation_get(op, 1));
}

void
libnvmm_x86_op_move_sign_extended(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, libnvmm_x86_sign_extend(
	    libnvmm_x86_operation_get(op, 1), op->operands[1].size));
}

void
libnvmm_x86_op_move_swapped(struct libnvmm_x86_operation *op)
{
	uint64_t value = libnvmm_x86_operation_get(op, 1), swapped = 0;
	size_t i;

	for (i = 0; i < op->operands[1].size; i++) {
		swapped = swapped << 8 | (value & 0xFF);
		value >>= 8;
	}
	libnvmm_x86_operation_result(op, swapped);
}

/* The low four bits of the opcode are a condition; odd ones are negated. */
static bool
condition(const struct libnvmm_x86_operation *op)
{
	uint64_t rflags = *libnvmm_x86_operation_rflags(op);
	bool less = !(rflags & SF) != !(rflags & OF), holds;

	switch (op->insn->info.opcode >> 1 & 7) {
	case 0:
		holds = rflags & OF;
		break;
	case 1:
		holds = rflags & LIBNVMM_X86_RFLAGS_CF;
		break;
	case 2:
		holds = rflags & ZF;
		break;
	case 3:
		holds = rflags & (LIBNVMM_X86_RFLAGS_CF | ZF);
		break;
	case 4:
		holds = rflags & SF;
		break;
	case 5:
		holds = rflags & PF;
		break;
	case 6:
		holds = less;
		break;
	default:
		holds = less || (rflags & ZF);
		break;
	}
	return holds != (op->insn->info.opcode & 1);
}

/* Reads in any case, and clears the upper half of a 32-bit register. */
void
libnvmm_x86_op_move_if(struct libnvmm_x86_operation *op)
{
	uint64_t value = libnvmm_x86_operation_get(op, 1);

	libnvmm_x86_operation_result(op, condition(op) ? value :
	    libnvmm_x86_operation_get(op, 0));
}

void
libnvmm_x86_op_set_if(struct libnvmm_x86_operation *op)
{
	libnvmm_x86_operation_result(op, condition(op));
}

void
libnvmm_x86_op_exchange(struct libnvmm_x86_operation *op)
{
	uint64_t first = libnvmm_x86_operation_get(op, 0);
	uint64_t second = libnvmm_x86_operation_get(op, 1);

	libnvmm_x86_operation_result(op, second);
	libnvmm_x86_operand_store(op->cpu, &op->operands[1], first);
}
