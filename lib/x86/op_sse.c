/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves between memory and an XMM register.  They need the FPU state, which
 * the others do not; a load is committed with it.
 */
#include <string.h>

#include "operation.h"

#define XMM_SIZE	16

/* One operand is memory, the other a register that is found. */
struct transfer {
	size_t memory;		/* index of the operand */
	unsigned xmm;
	struct libnvmm_x86_operand operand;
};

static int
transfer_prepare(struct libnvmm_x86_operation *op, struct transfer *transfer)
{
	const struct libnvmm_x86_insn *insn = op->insn;
	struct libnvmm_x86_cpu *cpu = op->cpu;
	const ZydisDecodedOperand *other;

	transfer->memory = !libnvmm_x86_insn_is_memory(insn, 0);
	other = &insn->operands[!transfer->memory];
	if (!libnvmm_x86_insn_is_memory(insn, transfer->memory) ||
	    other->type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    other->reg.value < ZYDIS_REGISTER_XMM0 ||
	    other->reg.value > ZYDIS_REGISTER_XMM15)
		return libnvmm_x86_unsupported();
	transfer->xmm = (unsigned)(other->reg.value - ZYDIS_REGISTER_XMM0);
	if (libnvmm_x86_memory_prepare(cpu, insn, transfer->memory,
	    &transfer->operand) == -1)
		return -1;
	return nvmm_vcpu_getstate(cpu->mach, cpu->vcpu, NVMM_X64_STATE_FPU);
}

/*
 * The register's bytes from offset on are what memory has.  Of the others, a
 * load that merges keeps the old ones; else they become 0.
 */
static void
transfer_execute(struct libnvmm_x86_cpu *cpu, const struct transfer *transfer,
    size_t offset, bool merges)
{
	uint8_t bytes[XMM_SIZE];

	memcpy(bytes, cpu->state->fpu.fx_xmm[transfer->xmm].xmm_bytes,
	    sizeof(bytes));
	if (transfer->memory == 0) {
		libnvmm_x86_span_write(cpu, &transfer->operand.span,
		    bytes + offset);
		return;
	}
	if (!merges)
		memset(bytes, 0, sizeof(bytes));
	libnvmm_x86_span_read(cpu, &transfer->operand.span, bytes + offset);
	memcpy(cpu->xmm_value, bytes, sizeof(bytes));
	cpu->xmm = transfer->xmm;
	cpu->xmm_changed = true;
}

int
libnvmm_x86_op_xmm_move(struct libnvmm_x86_operation *op)
{
	struct transfer transfer;

	if (transfer_prepare(op, &transfer) == -1)
		return -1;
	transfer_execute(op->cpu, &transfer, 0, false);
	return 0;
}

/* Unaligned memory would be #GP, which a VMM does not inject. */
int
libnvmm_x86_op_xmm_move_aligned(struct libnvmm_x86_operation *op)
{
	struct transfer transfer;

	if (transfer_prepare(op, &transfer) == -1)
		return -1;
	if (transfer.operand.span.pieces[0].gpa % XMM_SIZE != 0)
		return libnvmm_x86_unsupported();
	transfer_execute(op->cpu, &transfer, 0, false);
	return 0;
}

int
libnvmm_x86_op_xmm_move_low(struct libnvmm_x86_operation *op)
{
	struct transfer transfer;

	if (transfer_prepare(op, &transfer) == -1)
		return -1;
	transfer_execute(op->cpu, &transfer, 0, true);
	return 0;
}

/* The upper half. */
int
libnvmm_x86_op_xmm_move_high(struct libnvmm_x86_operation *op)
{
	struct transfer transfer;

	if (transfer_prepare(op, &transfer) == -1)
		return -1;
	transfer_execute(op->cpu, &transfer, XMM_SIZE / 2, true);
	return 0;
}
