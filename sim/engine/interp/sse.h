/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XMM and MMX registers: what op_sse.c, op_sse_int.c and op_fpu.c share.
 * They stand in the FXSAVE image that the VCPU's FPU state is.
 */
#ifndef SIM_ENGINE_INTERP_SSE_H
#define SIM_ENGINE_INTERP_SSE_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "engine/interp/interp.h"

/* Offsets in the image (Intel SDM vol. 1, 10.5.1). */
#define INTERP_FX_SW	2
#define INTERP_FX_ST	32
#define INTERP_FX_XMM	160
#define INTERP_FX_USED	416		/* bytes that mean something */
#define INTERP_FX_ST_SIZE 16		/* of which 10 count */

#define INTERP_XMM_SIZE	16

/* The status word's TOP, and its summary of unmasked exceptions. */
#define INTERP_SW_TOP	0x3800U
#define INTERP_SW_TOP_SHIFT 11
#define INTERP_SW_ES	0x0080U

#define INTERP_CR0_MP	0x2ULL
#define INTERP_CR0_EM	0x4ULL
#define INTERP_CR0_TS	0x8ULL
#define INTERP_CR4_OSFXSR 0x200ULL

/* Words of 1 to 8 bytes in images and registers: little-endian. */
static inline uint64_t
interp_word_get(const uint8_t *bytes, unsigned size)
{
	uint64_t word = 0;

	memcpy(&word, bytes, size);
	return le64toh(word);
}

static inline void
interp_word_put(uint8_t *bytes, unsigned size, uint64_t value)
{
	value = htole64(value);
	memcpy(bytes, &value, size);
}

/*
 * Changes TOP.  Registers stay where they are, so that each gets another
 * place in the image, which begins with ST(0).
 */
void interp_fpu_turn(struct interp *ip, unsigned to);

/* #UD or #NM where the operating system keeps SSE from the guest. */
bool interp_sse_usable(struct interp *ip);
/* #MF: an exception that the x87 unit has not told of yet. */
bool interp_fpu_pending(struct interp *ip);
/* The first of these, and what MMX needs, as operands demand. */
bool interp_simd_usable(struct interp *ip, const struct interp_insn *insn);

/*
 * Reads operand i, of up to 16 bytes; the others become 0.  A 16-byte one in
 * memory must be aligned: #GP(0).
 */
bool interp_simd_get(struct interp *ip, const struct interp_insn *insn,
    unsigned i, uint8_t *bytes);
/*
 * Writes size bytes of it and leaves the rest of an XMM register.  After
 * this an MMX register is one: the x87 stack is empty of other values.
 */
bool interp_simd_put(struct interp *ip, const struct interp_insn *insn,
    unsigned i, const uint8_t *bytes, unsigned size);

/* The bits of MXCSR that may be set. */
uint64_t interp_mxcsr_mask(const struct interp *ip);

#endif /* SIM_ENGINE_INTERP_SSE_H */
