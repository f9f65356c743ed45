/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instruction of the guest between its decoding and its end: what the
 * files of the Mem assist share.
 */
#ifndef LIBNVMM_X86_INSN_H
#define LIBNVMM_X86_INSN_H

#include <Zydis/Zydis.h>

#include "x86.h"

#pragma GCC visibility push(hidden)

#define LIBNVMM_X86_OPERANDS	3	/* destination, sources */

struct libnvmm_x86_insn {
	ZydisDecodedInstruction info;
	ZydisDecodedOperand operands[LIBNVMM_X86_OPERANDS];
	size_t noperands;
};

/* An operand that is found and permitted: using it cannot fail. */
struct libnvmm_x86_operand {
	enum libnvmm_x86_operand_kind {
		LIBNVMM_X86_OPERAND_VALUE,
		LIBNVMM_X86_OPERAND_GPR,
		LIBNVMM_X86_OPERAND_MEMORY,
	} kind;
	size_t size;		/* bytes, 1 to 8; 16: only MEMORY */
	uint64_t value;		/* VALUE: sign-extended */
	unsigned gpr;		/* GPR: its index ... */
	unsigned shift;		/* ... and lowest bit: 8 for AH to BH */
	struct libnvmm_x86_span span;	/* MEMORY */
};

/*
 * Decode the instruction at RIP: from the exit's bytes if they suffice, else
 * from guest memory.  EFAULT: cannot be fetched; ENODEV: cannot be decoded.
 */
int libnvmm_x86_decode(const struct libnvmm_x86_cpu *cpu,
    const struct nvmm_x86_exit_memory *exit, struct libnvmm_x86_insn *insn);

/*
 * Carry the instruction out on cpu's registers and guest memory, RIP
 * included.  ENODEV: not one of those known; EFAULT: memory fails.
 */
int libnvmm_x86_emulate(struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn);

/*
 * Operand i of the instruction, RIP already on the next.  ENODEV: of a kind
 * not known; EFAULT: memory that cannot be accessed as the instruction will.
 */
int libnvmm_x86_operand_prepare(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, size_t i,
    struct libnvmm_x86_operand *operand);
/* The same of an operand in memory, which may have 16 bytes. */
int libnvmm_x86_memory_prepare(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_insn *insn, size_t i,
    struct libnvmm_x86_operand *operand);
/* Memory at an offset into a segment, for NVMM_PROT_READ, WRITE or both. */
int libnvmm_x86_segment_prepare(const struct libnvmm_x86_cpu *cpu,
    unsigned seg, uint64_t offset, size_t size, nvmm_prot_t right,
    struct libnvmm_x86_operand *operand);
uint64_t libnvmm_x86_operand_load(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_operand *operand);
void libnvmm_x86_operand_store(struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_operand *operand, uint64_t value);

/*
 * Results of size bytes; the status flags in *rflags become those that they
 * leave.  logic: of AND, OR, XOR and TEST, whose result the caller gives.
 */
uint64_t libnvmm_x86_add(uint64_t a, uint64_t b, bool carry, size_t size,
    uint64_t *rflags);
uint64_t libnvmm_x86_subtract(uint64_t a, uint64_t b, bool borrow,
    size_t size, uint64_t *rflags);
uint64_t libnvmm_x86_logic(uint64_t result, size_t size, uint64_t *rflags);

/* Write the low size bytes of a GPR as the processor does. */
void libnvmm_x86_gpr_write(struct libnvmm_x86_cpu *cpu, unsigned gpr,
    uint64_t value, size_t size);

#pragma GCC visibility pop

#endif /* LIBNVMM_X86_INSN_H */
