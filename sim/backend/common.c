/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both back ends do alike, and the list of them.
 */
#include "backend/common.h"

#include <string.h>

const struct sim_backend *const sim_backends[] = {
	&sim_backend_svm, &sim_backend_vmx, NULL
};

static void
normalize_mxcsr(struct sim_state *state, uint32_t host_mask)
{
	uint32_t mxcsr, mask;

	memcpy(&mxcsr, &state->fpu[SIM_FPU_MXCSR], sizeof(mxcsr));
	memcpy(&mask, &state->fpu[SIM_FPU_MXCSR_MASK], sizeof(mask));
	mask &= host_mask;
	mxcsr &= mask;
	memcpy(&state->fpu[SIM_FPU_MXCSR], &mxcsr, sizeof(mxcsr));
	memcpy(&state->fpu[SIM_FPU_MXCSR_MASK], &mask, sizeof(mask));
}

void
sim_backend_normalize(struct sim_state *state, uint64_t components,
    const struct sim_cpu_model *model)
{
	if ((components & SIM_BIT(SIM_CRS)) && model->xcr0_mask != 0)
		state->crs[SIM_CR_XCR0] = SIM_XCR0_X87 |
		    (state->crs[SIM_CR_XCR0] & model->xcr0_mask);
	if (components & SIM_BIT(SIM_FPU))
		normalize_mxcsr(state, model->mxcsr_mask);
}

void
sim_backend_exit_io(const struct sim_stop *stop, struct sim_exit_record *exit)
{
	exit->u.io.in = stop->u.io.in;
	exit->u.io.port = stop->u.io.port;
	exit->u.io.seg = (int8_t)stop->u.io.seg;
	exit->u.io.address_size = stop->u.io.address_size;
	exit->u.io.operand_size = stop->u.io.operand_size;
	exit->u.io.rep = stop->u.io.rep;
	exit->u.io.str = stop->u.io.str;
	exit->u.io.npc = stop->npc;
}

void
sim_backend_exit_memory(const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	static const int32_t prots[] = {
		[SIM_ACCESS_READ] = 1,	/* PROT_READ, WRITE, EXEC */
		[SIM_ACCESS_WRITE] = 2,
		[SIM_ACCESS_EXEC] = 4,
	};

	exit->u.mem.prot = prots[stop->u.mem.access];
	exit->u.mem.gpa = stop->u.mem.gpa;
	exit->u.mem.inst_len = 0;
}
