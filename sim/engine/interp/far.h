/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What transfers to another code segment share: gates, targets, and frames
 * on the stack, maybe another one.
 */
#ifndef SIM_ENGINE_INTERP_FAR_H
#define SIM_ENGINE_INTERP_FAR_H

#include "engine/interp/interp.h"

#define SELECTOR_RPL	0x3U
#define SELECTOR_LDT	0x4U

/* Types of code and data segments. */
#define TYPE_ACCESSED	0x1U
#define TYPE_WRITABLE	0x2U	/* data */
#define TYPE_READABLE	0x2U	/* code */
#define TYPE_DOWN	0x4U	/* data: expands down */
#define TYPE_CONFORMING	0x4U	/* code */
#define TYPE_CODE	0x8U

/* Types of system segments and gates; in long mode only those of 386 on. */
#define TYPE_TSS_16	0x1U
#define TYPE_LDT	0x2U
#define TYPE_BUSY	0x2U	/* bit of a TSS */
#define TYPE_CALL_16	0x4U
#define TYPE_TASK	0x5U
#define TYPE_INT_16	0x6U
#define TYPE_TRAP_16	0x7U
#define TYPE_TSS_32	0x9U
#define TYPE_CALL_32	0xCU
#define TYPE_INT_32	0xEU
#define TYPE_TRAP_32	0xFU
#define TYPE_32_BIT	0x8U	/* bit of TSS and gates */

#define DESCRIPTOR_ACCESSED	(1ULL << 40)
#define DESCRIPTOR_BUSY		(1ULL << 41)

static inline unsigned
interp_seg_type(const struct sim_seg *seg)
{
	return seg->attrib & SIM_ATTRIB_TYPE;
}

static inline unsigned
interp_seg_dpl(const struct sim_seg *seg)
{
	return (seg->attrib & SIM_ATTRIB_DPL) >> SIM_ATTRIB_DPL_SHIFT;
}

/* A code segment, and not data or a system segment. */
static inline bool
interp_seg_is_code(const struct sim_seg *seg)
{
	return (seg->attrib & SIM_ATTRIB_S) &&
	    (interp_seg_type(seg) & TYPE_CODE);
}

static inline bool
interp_seg_conforms(const struct sim_seg *seg)
{
	return interp_seg_type(seg) & TYPE_CONFORMING;
}

/* A selector as an error code. */
static inline uint32_t
interp_selector_error(uint16_t selector)
{
	return selector & ~SELECTOR_RPL;
}

/* Where a transfer goes. */
struct interp_target {
	struct sim_seg cs;
	struct interp_descriptor descriptor;
	uint64_t rip;
	unsigned cpl;
};

/* A gate of IDT, GDT or LDT. */
struct interp_gate {
	uint8_t type;		/* TYPE_*, and bit 4: no system descriptor */
	uint8_t dpl;
	bool present;
	uint8_t params;		/* call gates: words; long mode's IDT: IST */
	uint16_t selector;
	uint64_t offset;
};

struct interp_gate interp_gate_decode(
    const struct interp_descriptor *descriptor);

/*
 * Reads the descriptor of a code segment: #GP(0) for a null selector,
 * #GP(selector) if it is none.  Privilege is the caller's business, and so
 * is presence: interp_target_present() comes after it.
 */
bool interp_target_read(struct interp *ip, uint16_t selector,
    struct interp_target *target);
/* #NP; then RIP against the limit, and the forms that long mode forbids. */
bool interp_target_present(struct interp *ip, struct interp_target *target);
/* Its descriptor becomes accessed: the last thing that can fail. */
bool interp_target_mark(struct interp *ip, struct interp_target *target);
/* Loads CS and RIP.  Always true. */
bool interp_target_enter(struct interp *ip,
    const struct interp_target *target);

/* What is pushed: 31 words of a call gate, SS, SP, CS, IP. */
#define INTERP_FRAME_MAX	36

struct interp_frame {
	struct sim_seg ss;
	struct interp_descriptor descriptor;	/* of a stack from the TSS */
	bool inner;		/* it is not the stack in use */
	bool wide;		/* 64-bit: no segment, words of 8 bytes */
	uint8_t word;		/* bytes */
	uint64_t sp;
	unsigned count;
	uint64_t values[INTERP_FRAME_MAX];
	struct interp_access places[INTERP_FRAME_MAX];
};

/* The stack in use; wide: 64-bit code will use it. */
void interp_frame_begin(const struct interp *ip, struct interp_frame *frame,
    unsigned word, bool wide);
/* Instead, the TSS's stack for a CPL; ist: 1 to 7, or 0 for none. */
bool interp_frame_switch(struct interp *ip, struct interp_frame *frame,
    unsigned cpl, unsigned ist);
void interp_frame_push(struct interp_frame *frame, uint64_t value);
/* Finds out that all of it can be pushed. */
bool interp_frame_place(struct interp *ip, struct interp_frame *frame);
/* Writes it and loads SS and RSP.  Cannot fail. */
void interp_frame_commit(struct interp *ip, const struct interp_frame *frame);

#endif /* SIM_ENGINE_INTERP_FAR_H */
