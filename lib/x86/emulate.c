/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What instructions do, as a table by mnemonic.  A row's function works on
 * operands that are already found and permitted, so that it cannot fail;
 * what is not in the table is not emulated.
 */
#include <errno.h>

#include "insn.h"

#define REPEATS								\
	(ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE |			\
	ZYDIS_ATTRIB_HAS_REPNE)

struct operation {
	struct libnvmm_x86_cpu *cpu;
	const struct libnvmm_x86_insn *insn;
	struct libnvmm_x86_operand operands[LIBNVMM_X86_OPERANDS];
};

/* Most instructions read their last operand and write their first. */
static uint64_t
source(const struct operation *op)
{
	return libnvmm_x86_operand_load(op->cpu, &op->operands[1]);
}

static uint64_t
destination(const struct operation *op)
{
	return libnvmm_x86_operand_load(op->cpu, &op->operands[0]);
}

static void
result(const struct operation *op, uint64_t value)
{
	libnvmm_x86_operand_store(op->cpu, &op->operands[0], value);
}

/* Also zero extension: what is loaded has nothing above its size. */
static void
move(const struct operation *op)
{
	result(op, source(op));
}

static void
move_sign_extended(const struct operation *op)
{
	uint64_t sign = UINT64_C(1) << (op->operands[1].size * 8 - 1);

	result(op, (source(op) ^ sign) - sign);
}

static void
move_swapped(const struct operation *op)
{
	uint64_t value = source(op), swapped = 0;
	size_t i;

	for (i = 0; i < op->operands[1].size; i++) {
		swapped = swapped << 8 | (value & 0xFF);
		value >>= 8;
	}
	result(op, swapped);
}

/* What arithmetic needs beside its operands. */
static size_t
width(const struct operation *op)
{
	return op->operands[0].size;
}

static uint64_t *
rflags(const struct operation *op)
{
	return &op->cpu->gprs[NVMM_X64_GPR_RFLAGS];
}

static bool
carry(const struct operation *op)
{
	return *rflags(op) & LIBNVMM_X86_RFLAGS_CF;
}

static void
add(const struct operation *op)
{
	result(op, libnvmm_x86_add(destination(op), source(op), false,
	    width(op), rflags(op)));
}

static void
add_with_carry(const struct operation *op)
{
	result(op, libnvmm_x86_add(destination(op), source(op), carry(op),
	    width(op), rflags(op)));
}

static void
subtract(const struct operation *op)
{
	result(op, libnvmm_x86_subtract(destination(op), source(op), false,
	    width(op), rflags(op)));
}

static void
subtract_with_borrow(const struct operation *op)
{
	result(op, libnvmm_x86_subtract(destination(op), source(op),
	    carry(op), width(op), rflags(op)));
}

static void
compare(const struct operation *op)
{
	(void)libnvmm_x86_subtract(destination(op), source(op), false,
	    width(op), rflags(op));
}

static void
bits_and(const struct operation *op)
{
	result(op, libnvmm_x86_logic(destination(op) & source(op), width(op),
	    rflags(op)));
}

static void
bits_or(const struct operation *op)
{
	result(op, libnvmm_x86_logic(destination(op) | source(op), width(op),
	    rflags(op)));
}

static void
bits_xor(const struct operation *op)
{
	result(op, libnvmm_x86_logic(destination(op) ^ source(op), width(op),
	    rflags(op)));
}

static void
bits_test(const struct operation *op)
{
	(void)libnvmm_x86_logic(destination(op) & source(op), width(op),
	    rflags(op));
}

static void
exchange(const struct operation *op)
{
	uint64_t first = destination(op), second = source(op);

	result(op, second);
	libnvmm_x86_operand_store(op->cpu, &op->operands[1], first);
}

struct emulation {
	void (*execute)(const struct operation *op);
	bool string;	/* repeats; steps the address of memory operands */
};

static const struct emulation emulations[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
	[ZYDIS_MNEMONIC_MOV] = { move, false },
	[ZYDIS_MNEMONIC_MOVZX] = { move, false },
	[ZYDIS_MNEMONIC_MOVSX] = { move_sign_extended, false },
	[ZYDIS_MNEMONIC_MOVSXD] = { move_sign_extended, false },
	[ZYDIS_MNEMONIC_MOVBE] = { move_swapped, false },
	[ZYDIS_MNEMONIC_ADD] = { add, false },
	[ZYDIS_MNEMONIC_ADC] = { add_with_carry, false },
	[ZYDIS_MNEMONIC_SUB] = { subtract, false },
	[ZYDIS_MNEMONIC_SBB] = { subtract_with_borrow, false },
	[ZYDIS_MNEMONIC_CMP] = { compare, false },
	[ZYDIS_MNEMONIC_AND] = { bits_and, false },
	[ZYDIS_MNEMONIC_OR] = { bits_or, false },
	[ZYDIS_MNEMONIC_XOR] = { bits_xor, false },
	[ZYDIS_MNEMONIC_TEST] = { bits_test, false },
	[ZYDIS_MNEMONIC_XCHG] = { exchange, false },
	[ZYDIS_MNEMONIC_MOVSB] = { move, true },
	[ZYDIS_MNEMONIC_MOVSW] = { move, true },
	[ZYDIS_MNEMONIC_MOVSD] = { move, true },
	[ZYDIS_MNEMONIC_MOVSQ] = { move, true },
	[ZYDIS_MNEMONIC_STOSB] = { move, true },
	[ZYDIS_MNEMONIC_STOSW] = { move, true },
	[ZYDIS_MNEMONIC_STOSD] = { move, true },
	[ZYDIS_MNEMONIC_STOSQ] = { move, true },
	[ZYDIS_MNEMONIC_LODSB] = { move, true },
	[ZYDIS_MNEMONIC_LODSW] = { move, true },
	[ZYDIS_MNEMONIC_LODSD] = { move, true },
	[ZYDIS_MNEMONIC_LODSQ] = { move, true },
};

static bool
is_memory(const struct libnvmm_x86_insn *insn, size_t i)
{
	return insn->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY;
}

/* MOVSD is a string instruction and, with two opcode bytes, one of SSE2. */
static const struct emulation *
emulation_find(const struct libnvmm_x86_insn *insn)
{
	const struct emulation *row = &emulations[insn->info.mnemonic];

	if (row->execute == NULL || insn->noperands < LIBNVMM_X86_OPERANDS ||
	    (!is_memory(insn, 0) && !is_memory(insn, 1)))
		return NULL;
	if (row->string &&
	    insn->info.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return NULL;
	return row;
}

/* The register that addresses memory in a string instruction: RDI writes. */
static void
string_step(const struct operation *op, size_t i)
{
	static const unsigned gprs[LIBNVMM_X86_OPERANDS] = {
		NVMM_X64_GPR_RDI, NVMM_X64_GPR_RSI,
	};
	struct libnvmm_x86_cpu *cpu = op->cpu;
	uint64_t step = op->operands[i].size;

	if (!is_memory(op->insn, i))
		return;
	if (cpu->gprs[NVMM_X64_GPR_RFLAGS] & LIBNVMM_X86_RFLAGS_DF)
		step = -step;
	libnvmm_x86_gpr_write(cpu, gprs[i], cpu->gprs[gprs[i]] + step,
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

/* One element is done.  RIP goes back if others are left. */
static void
string_end(const struct operation *op, uint64_t count, uint64_t start)
{
	string_step(op, 0);
	string_step(op, 1);
	if (!(op->insn->info.attributes & REPEATS))
		return;
	libnvmm_x86_gpr_write(op->cpu, NVMM_X64_GPR_RCX, count - 1,
	    op->insn->info.address_width / 8);
	if (count > 1)
		op->cpu->gprs[NVMM_X64_GPR_RIP] = start;
}

int
libnvmm_x86_emulate(struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn)
{
	const struct emulation *row = emulation_find(insn);
	uint64_t *rip = &cpu->gprs[NVMM_X64_GPR_RIP];
	uint64_t start = *rip, count = 1;
	struct operation op;

	if (row == NULL) {
		errno = ENODEV;
		return -1;
	}
	*rip = (start + insn->info.length) &
	    libnvmm_x86_mask(libnvmm_x86_code_width(cpu->state));
	if (row->string)
		count = string_count(cpu, insn);
	if (count == 0)
		return 0;

	op.cpu = cpu;
	op.insn = insn;
	if (libnvmm_x86_operand_prepare(cpu, insn, 0, &op.operands[0]) == -1 ||
	    libnvmm_x86_operand_prepare(cpu, insn, 1, &op.operands[1]) == -1)
		return -1;
	row->execute(&op);
	if (row->string)
		string_end(&op, count, start);
	return 0;
}
