/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instruction from its row of the table to its end: operands, what it
 * does, the repetition of strings, RIP.
 */
#include <errno.h>

#include "operation.h"

#define REPEATS								\
	(ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |			\
	ZYDIS_ATTRIB_HAS_REPNE)

#define ZF	UINT64_C(0x00040)
#define RF	UINT64_C(0x10000)

int
libnvmm_x86_unsupported(void)
{
	errno = ENODEV;
	return -1;
}

bool
libnvmm_x86_insn_is_memory(const struct libnvmm_x86_insn *insn, size_t i)
{
	return i < insn->noperands &&
	    insn->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY;
}

int
libnvmm_x86_operation_prepare(struct libnvmm_x86_operation *op, size_t n)
{
	if (n > op->insn->noperands)
		return libnvmm_x86_unsupported();
	for (op->noperands = 0; op->noperands < n; op->noperands++) {
		if (libnvmm_x86_operand_prepare(op->cpu, op->insn,
		    op->noperands, &op->operands[op->noperands]) == -1)
			return -1;
	}
	return 0;
}

uint64_t
libnvmm_x86_operation_get(const struct libnvmm_x86_operation *op, size_t i)
{
	return libnvmm_x86_operand_load(op->cpu, &op->operands[i]);
}

void
libnvmm_x86_operation_result(struct libnvmm_x86_operation *op, uint64_t value)
{
	libnvmm_x86_operand_store(op->cpu, &op->operands[0], value);
}

size_t
libnvmm_x86_operation_width(const struct libnvmm_x86_operation *op)
{
	return op->operands[0].size;
}

uint64_t *
libnvmm_x86_operation_rflags(const struct libnvmm_x86_operation *op)
{
	return &op->cpu->gprs[NVMM_X64_GPR_RFLAGS];
}

/* The register that addresses memory in a string instruction. */
static void
string_step(const struct libnvmm_x86_operation *op, size_t i)
{
	struct libnvmm_x86_cpu *cpu = op->cpu;
	uint64_t step = op->operands[i].size;
	unsigned gpr;

	if (!libnvmm_x86_insn_is_memory(op->insn, i))
		return;
	gpr = (unsigned)ZydisRegisterGetId(op->insn->operands[i].mem.base);
	if (cpu->gprs[NVMM_X64_GPR_RFLAGS] & LIBNVMM_X86_RFLAGS_DF)
		step = -step;
	libnvmm_x86_gpr_write(cpu, gpr, cpu->gprs[gpr] + step,
	    op->insn->info.address_width / 8);
}

/* How often a string instruction has still to be done; 1 without REP. */
static uint64_t
string_count(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn)
{
	if (!(insn->info.attributes & REPEATS))
		return 1;
	return cpu->gprs[NVMM_X64_GPR_RCX] &
	    libnvmm_x86_mask(insn->info.address_width / 8);
}

/* Comparisons end where they differ, or where they do not. */
static bool
string_goes_on(const struct libnvmm_x86_operation *op,
    const struct libnvmm_x86_emulation *row)
{
	bool equal = *libnvmm_x86_operation_rflags(op) & ZF;

	if (row->string != LIBNVMM_X86_STRING_ZF)
		return true;
	return equal == !(op->insn->info.attributes & ZYDIS_ATTRIB_HAS_REPNE);
}

/* One element is done.  RIP goes back if others are left. */
static void
string_end(const struct libnvmm_x86_operation *op,
    const struct libnvmm_x86_emulation *row, uint64_t count, uint64_t start)
{
	string_step(op, 0);
	string_step(op, 1);
	if (!(op->insn->info.attributes & REPEATS))
		return;
	libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RCX, count - 1,
	    op->insn->info.address_width / 8);
	if (count > 1 && string_goes_on(op, row))
		op->cpu->gprs[NVMM_X64_GPR_RIP] = start;
}

/* Operands of a string instruction are hidden; other hidden ones are none. */
static int
execute(struct libnvmm_x86_operation *op,
    const struct libnvmm_x86_emulation *row)
{
	size_t n = op->insn->info.operand_count_visible, i = 0;

	if (row->string != LIBNVMM_X86_STRING_NOT)
		n = 2;
	while (i < n && !libnvmm_x86_insn_is_memory(op->insn, i))
		i++;
	if (i == n)
		return libnvmm_x86_unsupported();
	if (libnvmm_x86_operation_prepare(op, n) == -1)
		return -1;
	row->execute(op);
	return 0;
}

int
libnvmm_x86_emulate(struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn)
{
	const struct libnvmm_x86_emulation *row =
	    libnvmm_x86_emulation_find(insn);
	struct libnvmm_x86_operation op = { .cpu = cpu, .insn = insn };
	uint64_t *rip = &cpu->gprs[NVMM_X64_GPR_RIP];
	uint64_t start = *rip, count = 1;

	if (row == NULL)
		return libnvmm_x86_unsupported();
	*rip = (start + insn->info.length) &
	    libnvmm_x86_mask(libnvmm_x86_code_width(cpu->state));
	if (row->string != LIBNVMM_X86_STRING_NOT)
		count = string_count(cpu, insn);
	if (count > 0) {
		if ((row->attempt != NULL ? row->attempt(&op) :
		    execute(&op, row)) == -1)
			return -1;
		if (row->string != LIBNVMM_X86_STRING_NOT)
			string_end(&op, row, count, start);
	}
	/* What is finished resumes no longer. */
	if (*rip != start)
		cpu->gprs[NVMM_X64_GPR_RFLAGS] &= ~RF;
	return 0;
}
