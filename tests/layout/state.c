/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comm page and the register state in it.
 */
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"
#include "kernel/state.h"

#include "layout.h"

static const struct layout_row fields[] = {
	STRUCT(sim_state, nvmm_x64_state),
	STRUCT(sim_state, nvmm_vcpu_state),
	SAME(sim_state, nvmm_x64_state, segs),
	SAME(sim_state, nvmm_x64_state, gprs),
	SAME(sim_state, nvmm_x64_state, crs),
	SAME(sim_state, nvmm_x64_state, drs),
	SAME(sim_state, nvmm_x64_state, msrs),
	SAME(sim_state, nvmm_x64_state, intr),
	SAME(sim_state, nvmm_x64_state, fpu),
	{ "alignment of struct nvmm_x64_state", _Alignof(struct sim_state),
	    _Alignof(struct nvmm_x64_state) },
	STRUCT(sim_seg, nvmm_x64_state_seg),
	SAME(sim_seg, nvmm_x64_state_seg, selector),
	SAME(sim_seg, nvmm_x64_state_seg, attrib),
	SAME(sim_seg, nvmm_x64_state_seg, limit),
	SAME(sim_seg, nvmm_x64_state_seg, base),
	{ "size of struct nvmm_x64_state_intr", SIZE_OF(sim_state, intr),
	    sizeof(struct nvmm_x64_state_intr) },
};

/* The driver looks at the FPU's bytes by offset; FXSAVE has the rest. */
#define FPU(offset, field)						\
	{ "offset of nvmm_x64_state_fpu." #field, offset,		\
	    offsetof(struct nvmm_x64_state_fpu, field) }
static const struct layout_row fpu[] = {
	{ "size of struct nvmm_x64_state_fpu", SIM_FPU_SIZE,
	    sizeof(struct nvmm_x64_state_fpu) },
	FPU(SIM_FPU_CW, fx_cw), FPU(2, fx_sw), FPU(SIM_FPU_TW, fx_tw),
	FPU(SIM_FPU_ZERO, fx_zero), FPU(6, fx_opcode),
	FPU(8, fx_ip.fa_64), FPU(8, fx_ip.fa_32.fa_off),
	FPU(12, fx_ip.fa_32.fa_seg), FPU(14, fx_ip.fa_32.fa_opcode),
	FPU(16, fx_dp), FPU(SIM_FPU_MXCSR, fx_mxcsr),
	FPU(SIM_FPU_MXCSR_MASK, fx_mxcsr_mask), FPU(32, fx_87_ac),
	FPU(48, fx_87_ac[1].mm_significand), FPU(56, fx_87_ac[1].mm_exp_sign),
	FPU(58, fx_87_ac[1].mm_rsvd), FPU(160, fx_xmm),
	FPU(176, fx_xmm[1].xmm_bytes), FPU(416, fx_rsvd),
	{ "size of fx_rsvd", 96, SIZE_OF(nvmm_x64_state_fpu, fx_rsvd) },
	{ "size of union nvmm_x64_state_fpu_addr", 8,
	    sizeof(union nvmm_x64_state_fpu_addr) },
	{ "size of struct nvmm_x64_state_fpu_mmreg", 16,
	    sizeof(struct nvmm_x64_state_fpu_mmreg) },
	{ "size of struct nvmm_x64_state_fpu_xmmreg", 16,
	    sizeof(struct nvmm_x64_state_fpu_xmmreg) },
};

#define COMM(offset, field)						\
	{ "offset of nvmm_comm_page." #field, offset,			\
	    offsetof(struct nvmm_comm_page, field) }
static const struct layout_row comm[] = {
	COMM(SIM_COMM_WANTED, state_wanted),
	COMM(SIM_COMM_CACHED, state_cached),
	COMM(SIM_COMM_COMMIT, state_commit),
	COMM(SIM_COMM_STATE, state),
	COMM(SIM_COMM_EVENT_COMMIT, event_commit),
	COMM(SIM_COMM_EVENT, event),
	{ "nvmm_comm_page fits its page", 1,
	    sizeof(struct nvmm_comm_page) <= SIM_COMM_PAGE_SIZE },
	{ "size of the flag words", 3 * sizeof(uint64_t),
	    SIZE_OF(nvmm_comm_page, state_wanted) +
	    SIZE_OF(nvmm_comm_page, state_cached) +
	    SIZE_OF(nvmm_comm_page, state_commit) },
	{ "size of nvmm_comm_page.event_commit", 1,
	    SIZE_OF(nvmm_comm_page, event_commit) },
};

/* The bits of the first word, at skip, that a bit-field occupies. */
#define BITS(type, word, skip, field) __extension__ ({			\
	struct type one, all;						\
	word bits;							\
	memset(&one, 0, sizeof(one));					\
	memset(&all, 0xFF, sizeof(all));				\
	one.field = 1;							\
	memcpy(&bits, (uint8_t *)&one + (skip), sizeof(bits));		\
	(uint64_t)bits * all.field; })
#define ATTRIB(bits, field)						\
	{ "bits of attrib." #field, bits, BITS(nvmm_x64_state_seg,	\
	    uint16_t, offsetof(struct nvmm_x64_state_seg, attrib),	\
	    attrib.field) }
#define INTR(bits, field)						\
	{ "bits of nvmm_x64_state_intr." #field, bits,			\
	    BITS(nvmm_x64_state_intr, uint64_t, 0, field) }

static unsigned
bits_differences(void)
{
	/* The driver keeps AVL and the reserved bits without looking. */
	const struct layout_row rows[] = {
		ATTRIB(SIM_ATTRIB_TYPE, type), ATTRIB(SIM_ATTRIB_S, s),
		ATTRIB(SIM_ATTRIB_DPL, dpl), ATTRIB(SIM_ATTRIB_P, p),
		ATTRIB(0x100, avl), ATTRIB(SIM_ATTRIB_L, l),
		ATTRIB(SIM_ATTRIB_DEF, def), ATTRIB(SIM_ATTRIB_G, g),
		ATTRIB(0xF000, rsvd),
		INTR(SIM_INTR_SHADOW, int_shadow),
		INTR(SIM_INTR_INT_WINDOW, int_window_exiting),
		INTR(SIM_INTR_NMI_WINDOW, nmi_window_exiting),
		INTR(SIM_INTR_EVT_PENDING, evt_pending),
	};

	return layout_differences(rows, NROWS(rows));
}

unsigned
layout_state(void)
{
	return layout_differences(fields, NROWS(fields)) +
	    layout_differences(fpu, NROWS(fpu)) +
	    layout_differences(comm, NROWS(comm)) + bits_differences();
}
