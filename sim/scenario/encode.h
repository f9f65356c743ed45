/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest is wished to do, and the encoder that makes an intent of it:
 * registers to load, one instruction, and the stop it makes.
 */
#ifndef SIM_SCENARIO_ENCODE_H
#define SIM_SCENARIO_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"

enum wish_kind {
	WISH_OUT, WISH_IN, WISH_OUTS, WISH_INS, WISH_WRITE, WISH_READ,
	WISH_FETCH, WISH_HLT, WISH_CPUID, WISH_RDMSR, WISH_WRMSR,
	WISH_SHUTDOWN, WISH_MOV_CR, WISH_INSN, WISH_INIT, WISH_TASK_SWITCH,
	WISH_STI, WISH_CLI, WISH_NOP, WISH_IRET, WISH_SPIN, WISH_STACK,
	WISH_MODE,
	NWISH
};

enum wish_mode { WISH_REAL, WISH_PROTECTED, WISH_LONG, WISH_USER };

struct wish {
	enum wish_kind kind;
	uint16_t port;
	uint8_t size;		/* bytes moved at a time */
	bool rep;
	bool has_seg;
	uint8_t seg;		/* OUTS: enum sim_seg_index */
	enum wish_mode mode;	/* MODE */
	enum sim_insn insn;	/* INSN */
	uint8_t cr;		/* MOV_CR: 0, 2, 3, 4, 8 */
	bool has_xcr;		/* INSN: xcr and value are to be loaded */
	bool first_touch;	/* READ, WRITE, FETCH: the host gives it now */
	uint64_t address;	/* gpa, or offset in the segment for strings */
	uint64_t count;		/* REP */
	uint64_t value;		/* OUT, WRITE, WRMSR, MOV_CR, XSETBV */
	uint32_t msr, leaf, subleaf, xcr;
	uint64_t flags_set, flags_clear;	/* RFLAGS before it */
};

/*
 * The page that holds the guest's code: its guest-physical address, which
 * is its linear address too, and the kernel's address of it.
 */
#define HARNESS_GPA	0xFFFFF000ULL

/*
 * Makes *intent of *wish for a guest with registers *state, and writes the
 * instruction to code, which is the page at HARNESS_GPA.  NULL, or one line
 * that says why this guest cannot do it.
 */
const char *wish_encode(const struct wish *wish,
    const struct sim_state *state, uint8_t *code, struct sim_intent *intent);

#endif /* SIM_SCENARIO_ENCODE_H */
