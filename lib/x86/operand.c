/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of an instruction: registers, immediates and memory, found and
 * checked first, loaded and stored afterwards without a way to fail.
 */
#include <errno.h>

#include "insn.h"

/* Runs of Zydis' registers that are parts of consecutive GPRs. */
struct gpr_run {
	ZydisRegister first;
	ZydisRegister last;
	uint8_t gpr;
	uint8_t shift;
	uint8_t size;
};

static const struct gpr_run gpr_runs[] = {
	{ ZYDIS_REGISTER_RAX, ZYDIS_REGISTER_R15, NVMM_X64_GPR_RAX, 0, 8 },
	{ ZYDIS_REGISTER_EAX, ZYDIS_REGISTER_R15D, NVMM_X64_GPR_RAX, 0, 4 },
	{ ZYDIS_REGISTER_AX, ZYDIS_REGISTER_R15W, NVMM_X64_GPR_RAX, 0, 2 },
	{ ZYDIS_REGISTER_AL, ZYDIS_REGISTER_BL, NVMM_X64_GPR_RAX, 0, 1 },
	{ ZYDIS_REGISTER_AH, ZYDIS_REGISTER_BH, NVMM_X64_GPR_RAX, 8, 1 },
	{ ZYDIS_REGISTER_SPL, ZYDIS_REGISTER_R15B, NVMM_X64_GPR_RSP, 0, 1 },
	{ ZYDIS_REGISTER_RIP, ZYDIS_REGISTER_RIP, NVMM_X64_GPR_RIP, 0, 8 },
	{ ZYDIS_REGISTER_EIP, ZYDIS_REGISTER_EIP, NVMM_X64_GPR_RIP, 0, 4 },
};

_Static_assert(ZYDIS_REGISTER_R15 - ZYDIS_REGISTER_RAX == 15 &&
    ZYDIS_REGISTER_R15D - ZYDIS_REGISTER_EAX == 15 &&
    ZYDIS_REGISTER_R15W - ZYDIS_REGISTER_AX == 15 &&
    ZYDIS_REGISTER_R15B - ZYDIS_REGISTER_SPL == 11 &&
    ZYDIS_REGISTER_GS - ZYDIS_REGISTER_ES == NVMM_X64_SEG_GS,
    "Zydis numbers registers as the processor does");

static int
unsupported(void)
{
	errno = ENODEV;
	return -1;
}

static bool
gpr_find(ZydisRegister reg, struct libnvmm_x86_operand *operand)
{
	const struct gpr_run *run;
	size_t i;

	for (i = 0; i < sizeof(gpr_runs) / sizeof(gpr_runs[0]); i++) {
		run = &gpr_runs[i];
		if (reg < run->first || reg > run->last)
			continue;
		operand->kind = LIBNVMM_X86_OPERAND_GPR;
		operand->gpr = run->gpr + (unsigned)(reg - run->first);
		operand->shift = run->shift;
		operand->size = run->size;
		return true;
	}
	return false;
}

static uint64_t
gpr_load(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_operand *operand)
{
	return cpu->gprs[operand->gpr] >> operand->shift &
	    libnvmm_x86_mask(operand->size);
}

/* Base or index of an address. */
static int
address_add(const struct libnvmm_x86_cpu *cpu, ZydisRegister reg,
    unsigned scale, uint64_t *address)
{
	struct libnvmm_x86_operand operand;

	if (reg == ZYDIS_REGISTER_NONE)
		return 0;
	if (!gpr_find(reg, &operand))
		return unsupported();
	*address += gpr_load(cpu, &operand) * scale;
	return 0;
}

static int
memory_prepare(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, const ZydisDecodedOperand *decoded,
    struct libnvmm_x86_operand *operand)
{
	const ZydisDecodedOperandMem *mem = &decoded->mem;
	uint64_t offset = (uint64_t)mem->disp.value;
	nvmm_prot_t right = 0;

	if (mem->type != ZYDIS_MEMOP_TYPE_MEM ||
	    mem->segment < ZYDIS_REGISTER_ES ||
	    mem->segment > ZYDIS_REGISTER_GS)
		return unsupported();
	if (address_add(cpu, mem->base, 1, &offset) == -1 ||
	    address_add(cpu, mem->index, mem->scale, &offset) == -1)
		return -1;
	offset &= libnvmm_x86_mask(insn->info.address_width / 8);

	if (decoded->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		right |= NVMM_PROT_READ;
	if (decoded->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		right |= NVMM_PROT_WRITE;
	operand->kind = LIBNVMM_X86_OPERAND_MEMORY;
	return libnvmm_x86_span_resolve(cpu, libnvmm_x86_linear(cpu,
	    (unsigned)(mem->segment - ZYDIS_REGISTER_ES), offset),
	    operand->size, right, &operand->span);
}

/* Selectors can be stored; loading one means loading its descriptor. */
static int
register_prepare(const struct libnvmm_x86_cpu *cpu,
    const ZydisDecodedOperand *decoded, struct libnvmm_x86_operand *operand)
{
	ZydisRegister reg = decoded->reg.value;

	if (gpr_find(reg, operand))
		return 0;
	if (reg < ZYDIS_REGISTER_ES || reg > ZYDIS_REGISTER_GS ||
	    (decoded->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
		return unsupported();
	operand->kind = LIBNVMM_X86_OPERAND_VALUE;
	operand->value = cpu->state->segs[reg - ZYDIS_REGISTER_ES].selector;
	return 0;
}

int
libnvmm_x86_operand_prepare(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, size_t i,
    struct libnvmm_x86_operand *operand)
{
	const ZydisDecodedOperand *decoded = &insn->operands[i];

	operand->size = decoded->size / 8;
	if (operand->size < 1 || operand->size > 8)
		return unsupported();
	switch (decoded->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return register_prepare(cpu, decoded, operand);
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return memory_prepare(cpu, insn, decoded, operand);
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		operand->kind = LIBNVMM_X86_OPERAND_VALUE;
		operand->value = decoded->imm.value.u;
		return 0;
	default:
		return unsupported();
	}
}

uint64_t
libnvmm_x86_operand_load(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_operand *operand)
{
	uint8_t data[8];

	switch (operand->kind) {
	case LIBNVMM_X86_OPERAND_GPR:
		return gpr_load(cpu, operand);
	case LIBNVMM_X86_OPERAND_MEMORY:
		libnvmm_x86_span_read(cpu, &operand->span, data);
		return libnvmm_x86_get_le(data, operand->size);
	default:
		return operand->value;
	}
}

/* Writing 32 bits clears the upper 32, writing fewer leaves the rest. */
void
libnvmm_x86_gpr_write(struct libnvmm_x86_cpu *cpu, unsigned gpr,
    uint64_t value, size_t size)
{
	if (size == 4)
		cpu->gprs[gpr] = value & UINT32_MAX;
	else
		cpu->gprs[gpr] = libnvmm_x86_merge(cpu->gprs[gpr], value,
		    size);
}

void
libnvmm_x86_operand_store(struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_operand *operand, uint64_t value)
{
	uint8_t data[8];

	switch (operand->kind) {
	case LIBNVMM_X86_OPERAND_MEMORY:
		libnvmm_x86_put_le(data, value, operand->size);
		libnvmm_x86_span_write(cpu, &operand->span, data);
		break;
	case LIBNVMM_X86_OPERAND_GPR:
		if (operand->shift == 0) {
			libnvmm_x86_gpr_write(cpu, operand->gpr, value,
			    operand->size);
			break;
		}
		/* AH to BH: the low byte stays. */
		value = value << 8 | (cpu->gprs[operand->gpr] & 0xFF);
		libnvmm_x86_gpr_write(cpu, operand->gpr, value, 2);
		break;
	default:
		break;
	}
}
