/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter against the host's own processor: one random instruction
 * at a time is executed by both, from equal registers and memory, in user
 * mode; what each makes of it must be equal.
 *
 *   main.c      the run, its options, what a failure prints
 *   random.c    random numbers, from a seed
 *   generate.c  instructions, registers and memory
 *   modes.c     the modes of code, by their segments
 *   rules.c     which instructions are comparable, which flags undefined
 *   found.c     what once was wrong
 *   host.c      executes on the host
 *   guest.c     executes in the interpreter
 *   compare.c   holds both results against each other
 */
#ifndef TESTS_INTERP_NATIVE_NATIVE_H
#define TESTS_INTERP_NATIVE_NATIVE_H

#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "random.h"

/*
 * Memory, at the same addresses on the host and in the guest.  Around both
 * areas there is nothing.
 */
#define PAGE		4096U
#define ARENA		0x40010000ULL
#define ARENA_PAGES	8U
#define ARENA_SIZE	(ARENA_PAGES * PAGE)
#define CODE		0x40040000ULL
#define CODE_SIZE	(2 * PAGE)
#define GS_BASE		0x123450ULL

/* Rights of the arena's pages: w, r (read only) or - (none). */
#define ARENA_RIGHTS	"wwrw-wwr"

/* Both areas by addresses that can always be written. */
struct memory {
	uint8_t *host;		/* the arena of the host */
	uint8_t *guest;		/* the arena of the guest */
	uint8_t *code;		/* of both */
};

/* Code of 64 bits, and of 32 and 16 bits in compatibility mode. */
enum trial_mode {
	TRIAL_64, TRIAL_32, TRIAL_32_LOCAL, TRIAL_16, TRIAL_NMODES
};

/* modes.c: selectors with their hidden parts. */
struct trial_segments {
	const char *name;
	unsigned bits;
	struct sim_seg cs, ss, ds, es;
};
extern const struct trial_segments trial_segments[TRIAL_NMODES];

/* One instruction and what it starts from. */
struct trial {
	uint64_t seed;
	enum trial_mode mode;
	uint8_t bytes[SIM_INST_MAX];
	unsigned length;
	bool locked_wrongly;	/* LOCK where it must be #UD */
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	uint64_t gprs[SIM_NGPR];
	uint8_t fpu[SIM_FPU_SIZE];
};

struct outcome {
	int vector;		/* -1: it completed */
	uint32_t error;
	uint64_t address;	/* CR2 of a page fault */
	uint64_t gprs[SIM_NGPR];
	uint8_t fpu[SIM_FPU_SIZE];
	const char *strange;	/* NULL, or what should never be */
};

/* generate.c */

/*
 * Makes the trial of a seed.  bytes: the instruction, or NULL: of the seed
 * too.  False: these bytes are not comparable.
 */
bool trial_make(struct trial *trial, uint64_t seed, enum trial_mode mode,
    const uint8_t *bytes, size_t size);
/* Writes the trial's code and memory. */
void trial_place(const struct trial *trial, const struct memory *memory);
/* Whether the instruction is repeated until a register says so. */
bool trial_repeats(const struct trial *trial);

/* rules.c */
bool rules_comparable(const struct trial *trial);
/* Hosts differ in it; the interpreter does as some do. */
bool rules_host_varies(const struct trial *trial);
/* Status flags that mean nothing after it. */
uint64_t rules_undefined(const struct trial *trial);
/* With these registers, not even the result is defined. */
bool rules_result_undefined(const struct trial *trial);
/* If it faults, hosts may have written some of its results. */
bool rules_writes_early(const struct trial *trial);
/* It must be aligned: hosts may say so before they look at the segment. */
bool rules_any_segment_fault(const struct trial *trial);
/* Of several faults that it has, hosts choose. */
bool rules_any_fault(const struct trial *trial);
/* The i-th mnemonic that is compared, or 0 past the last. */
unsigned rules_mnemonic(size_t i);

/* found.c: the i-th defect that was found, or NULL past the last. */
struct found {
	const char *name;
	enum trial_mode mode;
	unsigned length;
	uint8_t bytes[SIM_INST_MAX];
};
const struct found *found_get(size_t i);

/* host.c: NULL, or why this host cannot. */
const char *host_start(struct memory *memory);
/* The bits of MXCSR that may be set on the host. */
uint32_t host_mxcsr_mask(void);
void host_run(const struct trial *trial, struct outcome *outcome);

/* guest.c: false if memory is out. */
bool guest_start(struct memory *memory);
void guest_run(const struct trial *trial, struct outcome *outcome);

/* compare.c: equal, or false and the differences printed if loud. */
bool compare(const struct trial *trial, const struct memory *memory,
    const struct outcome *host, const struct outcome *guest, bool strict,
    bool loud);
/* What the two outcomes are called in print; host and interp by default. */
void compare_sides(const char *first, const char *second);
void trial_print(const struct trial *trial);

#endif /* TESTS_INTERP_NATIVE_NATIVE_H */
