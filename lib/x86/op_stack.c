/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stack and near transfers of control: either the operand or the stack
 * may be what left the guest.  Far forms load segments: not supported.
 */
#include "operation.h"

static size_t
stack_width(const struct libnvmm_x86_cpu *cpu)
{
	if (libnvmm_x86_code_width(cpu->state) == 8)
		return 8;
	return cpu->state->segs[NVMM_X64_SEG_SS].attrib.def ? 4 : 2;
}

/* Bytes of what is pushed and popped. */
static size_t
word_size(const struct libnvmm_x86_operation *op)
{
	return op->insn->info.operand_width / 8;
}

static void
stack_move(struct libnvmm_x86_cpu *cpu, uint64_t distance)
{
	libnvmm_x86_gpr_write(cpu, NVMM_X64_GPR_RSP,
	    cpu->gprs[NVMM_X64_GPR_RSP] + distance, stack_width(cpu));
}

/* The word that RSP points at. */
static int
stack_prepare(const struct libnvmm_x86_operation *op, nvmm_prot_t right,
    struct libnvmm_x86_operand *word)
{
	const struct libnvmm_x86_cpu *cpu = op->cpu;

	return libnvmm_x86_segment_prepare(cpu, NVMM_X64_SEG_SS,
	    cpu->gprs[NVMM_X64_GPR_RSP] & libnvmm_x86_mask(stack_width(cpu)),
	    word_size(op), right, word);
}

static int
push_prepare(const struct libnvmm_x86_operation *op,
    struct libnvmm_x86_operand *word)
{
	stack_move(op->cpu, 0 - (uint64_t)word_size(op));
	return stack_prepare(op, NVMM_PROT_WRITE, word);
}

/* The operand is found and read with RSP as it was. */
int
libnvmm_x86_op_push(struct libnvmm_x86_operation *op)
{
	uint64_t rsp = op->cpu->gprs[NVMM_X64_GPR_RSP];
	struct libnvmm_x86_operand word;
	bool is_rsp;

	if (libnvmm_x86_operation_prepare(op, 1) == -1 ||
	    push_prepare(op, &word) == -1)
		return -1;
	is_rsp = op->operands[0].kind == LIBNVMM_X86_OPERAND_GPR &&
	    op->operands[0].gpr == NVMM_X64_GPR_RSP;
	libnvmm_x86_operand_store(op->cpu, &word, is_rsp ? rsp :
	    libnvmm_x86_operation_get(op, 0));
	return 0;
}

/* The destination is found with RSP moved, and may be RSP. */
int
libnvmm_x86_op_pop(struct libnvmm_x86_operation *op)
{
	struct libnvmm_x86_operand word;

	if (stack_prepare(op, NVMM_PROT_READ, &word) == -1)
		return -1;
	stack_move(op->cpu, word.size);
	if (libnvmm_x86_operation_prepare(op, 1) == -1)
		return -1;
	libnvmm_x86_operation_result(op,
	    libnvmm_x86_operand_load(op->cpu, &word));
	return 0;
}

/* Processors differ on 66 in 64-bit code. */
static bool
near(const struct libnvmm_x86_operation *op)
{
	return op->insn->info.meta.branch_type != ZYDIS_BRANCH_TYPE_FAR &&
	    (libnvmm_x86_code_width(op->cpu->state) != 8 ||
	    !(op->insn->info.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE));
}

/* RIP goes there, unless that were #GP, which a VMM does not inject. */
static int
rip_set(struct libnvmm_x86_operation *op, uint64_t target)
{
	const struct nvmm_vcpu_state *state = op->cpu->state;

	target &= libnvmm_x86_mask(word_size(op));
	if (libnvmm_x86_code_width(state) == 8) {
		if (target >> 47 != 0 && target >> 47 != 0x1FFFF)
			return libnvmm_x86_unsupported();
	} else if (target > state->segs[NVMM_X64_SEG_CS].limit)
		return libnvmm_x86_unsupported();
	op->cpu->gprs[NVMM_X64_GPR_RIP] = target;
	return 0;
}

/* Relative to the next instruction, or what a register or memory says. */
static uint64_t
target_get(const struct libnvmm_x86_operation *op)
{
	uint64_t target = libnvmm_x86_operation_get(op, 0);

	if (op->operands[0].kind == LIBNVMM_X86_OPERAND_VALUE)
		target += op->cpu->gprs[NVMM_X64_GPR_RIP];
	return target;
}

int
libnvmm_x86_op_call(struct libnvmm_x86_operation *op)
{
	uint64_t next = op->cpu->gprs[NVMM_X64_GPR_RIP];
	uint64_t rsp = op->cpu->gprs[NVMM_X64_GPR_RSP], pushed;
	struct libnvmm_x86_operand word;

	if (!near(op))
		return libnvmm_x86_unsupported();
	if (libnvmm_x86_operation_prepare(op, 1) == -1 ||
	    push_prepare(op, &word) == -1)
		return -1;
	/* CALL RSP goes to where RSP was. */
	pushed = op->cpu->gprs[NVMM_X64_GPR_RSP];
	op->cpu->gprs[NVMM_X64_GPR_RSP] = rsp;
	if (rip_set(op, target_get(op)) == -1)
		return -1;
	op->cpu->gprs[NVMM_X64_GPR_RSP] = pushed;
	libnvmm_x86_operand_store(op->cpu, &word, next);
	return 0;
}

int
libnvmm_x86_op_jump(struct libnvmm_x86_operation *op)
{
	if (!near(op) || !libnvmm_x86_insn_is_memory(op->insn, 0))
		return libnvmm_x86_unsupported();
	if (libnvmm_x86_operation_prepare(op, 1) == -1)
		return -1;
	return rip_set(op, target_get(op));
}

int
libnvmm_x86_op_return(struct libnvmm_x86_operation *op)
{
	struct libnvmm_x86_operand word;
	uint64_t arguments = 0;

	if (!near(op))
		return libnvmm_x86_unsupported();
	if (op->insn->info.operand_count_visible > 0)
		arguments = op->insn->operands[0].imm.value.u & 0xFFFF;
	if (stack_prepare(op, NVMM_PROT_READ, &word) == -1 ||
	    rip_set(op, libnvmm_x86_operand_load(op->cpu, &word)) == -1)
		return -1;
	stack_move(op->cpu, word.size + arguments);
	return 0;
}
