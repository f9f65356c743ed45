/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operands of an instruction: registers, immediates and memory, found and
 * checked first, loaded and stored afterwards without a way to fail.
 */
#include <errno.h>

#include "operation.h"

#define CR0_PG		0x80000000U
#define CR4_SMAP	0x00200000U
#define RFLAGS_AC	0x00040000U

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

/*
 * SIB's base 5 means a displacement alone in mod 0, whatever REX.B says.
 * Zydis 4.0 takes it for R13D where addresses have 32 bits.
 */
static bool
has_no_base(const ZydisDecodedInstruction *info)
{
	return (info->attributes & ZYDIS_ATTRIB_HAS_SIB) &&
	    info->raw.modrm.mod == 0 && info->raw.sib.base == 5;
}

/*
 * A bit number in a register is signed and may be far from the address of
 * the bits: how far, in whole operands (SDM vol. 2, "BT").
 */
static uint64_t
bit_distance(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, size_t size)
{
	struct libnvmm_x86_operand number;
	uint64_t value;

	switch (insn->info.mnemonic) {
	case ZYDIS_MNEMONIC_BT:
	case ZYDIS_MNEMONIC_BTC:
	case ZYDIS_MNEMONIC_BTR:
	case ZYDIS_MNEMONIC_BTS:
		break;
	default:
		return 0;
	}
	if (insn->operands[1].type != ZYDIS_OPERAND_TYPE_REGISTER ||
	    !gpr_find(insn->operands[1].reg.value, &number))
		return 0;
	value = libnvmm_x86_sign_extend(gpr_load(cpu, &number), size);
	/* Bytes, rounded down to whole operands. */
	return (value >> 3 | (value >> 63 ? ~(UINT64_MAX >> 3) : 0)) &
	    ~(uint64_t)(size - 1);
}

/*
 * What the processor would refuse of a second operand is refused here; the
 * one that left the guest has passed (SDM vol. 3, 5.3 to 5.5).
 */
static bool
segment_permits(const struct libnvmm_x86_cpu *cpu, unsigned seg,
    uint64_t offset, size_t size, nvmm_prot_t right)
{
	const struct nvmm_x64_state_seg *at = &cpu->state->segs[seg];
	bool code = at->attrib.type & 8, second = at->attrib.type & 2;
	uint64_t last = offset + size - 1;

	if (libnvmm_x86_code_width(cpu->state) == 8)
		return true;
	if (!at->attrib.p)
		return false;
	if (!code && (at->attrib.type & 4))
		return offset > at->limit &&
		    last <= (at->attrib.def ? UINT32_MAX : UINT16_MAX);
	if (last > at->limit)
		return false;
	if (!(cpu->state->crs[NVMM_X64_CR_CR0] & 1))
		return true;
	return !(right & NVMM_PROT_WRITE) ? !code || second : !code && second;
}

/* User mode has its own pages only; SMAP keeps the system off them. */
static nvmm_prot_t
owner(const struct libnvmm_x86_cpu *cpu)
{
	const struct nvmm_vcpu_state *state = cpu->state;

	if (state->segs[NVMM_X64_SEG_SS].attrib.dpl == 3)
		return NVMM_PROT_USER;
	if (!(state->crs[NVMM_X64_CR_CR0] & CR0_PG) ||
	    !(state->crs[NVMM_X64_CR_CR4] & CR4_SMAP) ||
	    (state->gprs[NVMM_X64_GPR_RFLAGS] & RFLAGS_AC))
		return 0;
	return LIBNVMM_X86_NOT_USER;
}

int
libnvmm_x86_segment_prepare(const struct libnvmm_x86_cpu *cpu, unsigned seg,
    uint64_t offset, size_t size, nvmm_prot_t right,
    struct libnvmm_x86_operand *operand)
{
	if (!segment_permits(cpu, seg, offset, size, right)) {
		errno = EFAULT;
		return -1;
	}
	operand->kind = LIBNVMM_X86_OPERAND_MEMORY;
	operand->size = size;
	return libnvmm_x86_span_resolve(cpu, libnvmm_x86_linear(cpu, seg,
	    offset), size, right | owner(cpu), &operand->span);
}

static int
address_find(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, const ZydisDecodedOperandMem *mem,
    uint64_t *offset)
{
	ZydisRegister base = mem->base;

	*offset = (uint64_t)mem->disp.value;
	if (has_no_base(&insn->info)) {
		base = ZYDIS_REGISTER_NONE;
		*offset = (uint64_t)insn->info.raw.disp.value;
	}
	if (address_add(cpu, base, 1, offset) == -1)
		return -1;
	return address_add(cpu, mem->index, mem->scale, offset);
}

int
libnvmm_x86_memory_prepare(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, size_t i,
    struct libnvmm_x86_operand *operand)
{
	const ZydisDecodedOperand *decoded = &insn->operands[i];
	const ZydisDecodedOperandMem *mem = &decoded->mem;
	size_t size = decoded->size / 8;
	nvmm_prot_t right = 0;
	uint64_t offset;

	if (mem->type != ZYDIS_MEMOP_TYPE_MEM ||
	    mem->segment < ZYDIS_REGISTER_ES ||
	    mem->segment > ZYDIS_REGISTER_GS)
		return unsupported();
	if (address_find(cpu, insn, mem, &offset) == -1)
		return -1;
	if (i == 0)
		offset += bit_distance(cpu, insn, size);
	offset &= libnvmm_x86_mask(insn->info.address_width / 8);

	if (decoded->actions & ZYDIS_OPERAND_ACTION_MASK_READ)
		right |= NVMM_PROT_READ;
	if (decoded->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
		right |= NVMM_PROT_WRITE;
	return libnvmm_x86_segment_prepare(cpu,
	    (unsigned)(mem->segment - ZYDIS_REGISTER_ES), offset, size, right,
	    operand);
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
		return libnvmm_x86_memory_prepare(cpu, insn, i, operand);
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
