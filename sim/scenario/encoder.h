/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the encoder's files share: an instruction under construction, and one
 * function for each kind of wish, which returns as wish_encode() does.
 */
#ifndef SIM_SCENARIO_ENCODER_H
#define SIM_SCENARIO_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include "scenario/encode.h"

/* Bytes of code mode: what CS and EFER make of it. */
enum { CODE16 = 2, CODE32 = 4, CODE64 = 8 };

struct encoder {
	const struct wish *wish;
	const struct sim_state *state;
	struct sim_intent *intent;
	unsigned width;			/* CODE16, CODE32, CODE64 */
};

/* Adds a byte of the instruction, or a register to load before it. */
void encoder_byte(struct encoder *e, unsigned value);
void encoder_load(struct encoder *e, size_t offset, uint64_t value);
void encoder_load_gpr(struct encoder *e, enum sim_gpr_index index,
    uint64_t value);
void encoder_load_cr(struct encoder *e, enum sim_cr_index index,
    uint64_t value);
void encoder_load_seg(struct encoder *e, enum sim_seg_index index,
    const struct sim_seg *seg);

/* encode_access.c: ports and memory. */
const char *encode_port(struct encoder *e);
const char *encode_string(struct encoder *e);
const char *encode_memory(struct encoder *e);
const char *encode_fetch(struct encoder *e);

/* encode_insn.c: instructions that stop as a whole. */
const char *encode_msr(struct encoder *e);
const char *encode_cpuid(struct encoder *e);
const char *encode_hlt(struct encoder *e);
const char *encode_shutdown(struct encoder *e);
const char *encode_cr(struct encoder *e);
const char *encode_insn(struct encoder *e);
const char *encode_init(struct encoder *e);
const char *encode_task_switch(struct encoder *e);

/* encode_step.c: what the guest does without a stop. */
const char *encode_sti(struct encoder *e);
const char *encode_cli(struct encoder *e);
const char *encode_nop(struct encoder *e);
const char *encode_iret(struct encoder *e);
const char *encode_spin(struct encoder *e);
const char *encode_stack(struct encoder *e);
const char *encode_mode(struct encoder *e);

#endif /* SIM_SCENARIO_ENCODER_H */
