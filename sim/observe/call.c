/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of libnvmm's functions, in the order of their names.
 */
#include "observe/call.h"

#include "kernel/state.h"

#define GPRS	SIM_BIT(SIM_GPRS)
#define WALK	(SIM_BIT(SIM_CRS) | SIM_BIT(SIM_MSRS))
#define ASSIST	(WALK | GPRS | SIM_BIT(SIM_SEGS))

#define PLAIN(label, letters)						\
	{ .name = "nvmm_" label, .args = letters }

const struct sim_call_row sim_calls[SIM_NCALL] = {
	[SIM_CALL_ASSIST_IO] = {
		.name = "nvmm_assist_io", .args = "mc",
		.inner_getstate = ASSIST, .inner_setstate = GPRS,
	},
	[SIM_CALL_ASSIST_MEM] = {
		.name = "nvmm_assist_mem", .args = "mc",
		.inner_getstate = ASSIST, .inner_setstate = GPRS,
	},
	[SIM_CALL_CAPABILITY] = PLAIN("capability", ""),
	[SIM_CALL_CTL] = {
		.name = "nvmm_ctl", .args = "d", .optional = true,
	},
	[SIM_CALL_GPA_MAP] = PLAIN("gpa_map", "mxxsp"),
	[SIM_CALL_GPA_TO_HVA] = PLAIN("gpa_to_hva", "mx"),
	[SIM_CALL_GPA_UNMAP] = PLAIN("gpa_unmap", "mxxs"),
	[SIM_CALL_GVA_TO_GPA] = {
		.name = "nvmm_gva_to_gpa", .args = "mcx",
		.inner_getstate = WALK,
	},
	[SIM_CALL_HVA_MAP] = PLAIN("hva_map", "mxs"),
	[SIM_CALL_HVA_UNMAP] = PLAIN("hva_unmap", "mxs"),
	[SIM_CALL_INIT] = PLAIN("init", ""),
	[SIM_CALL_MACHINE_CONFIGURE] = PLAIN("machine_configure", "md"),
	[SIM_CALL_MACHINE_CREATE] = PLAIN("machine_create", ""),
	[SIM_CALL_MACHINE_DESTROY] = PLAIN("machine_destroy", "m"),
	[SIM_CALL_ROOT_INIT] = {
		.name = "nvmm_root_init", .args = "", .optional = true,
	},
	[SIM_CALL_VCPU_CONFIGURE] = PLAIN("vcpu_configure", "mcd"),
	[SIM_CALL_VCPU_CREATE] = PLAIN("vcpu_create", "mc"),
	[SIM_CALL_VCPU_DESTROY] = PLAIN("vcpu_destroy", "mc"),
	[SIM_CALL_VCPU_DUMP] = {
		.name = "nvmm_vcpu_dump", .args = "mc", .optional = true,
		.inner_getstate = SIM_STATE_ALL,
	},
	[SIM_CALL_VCPU_GETSTATE] = {
		.name = "nvmm_vcpu_getstate", .args = "mcf", .per_call = true,
	},
	[SIM_CALL_VCPU_INJECT] = {
		.name = "nvmm_vcpu_inject", .args = "mc", .per_call = true,
	},
	[SIM_CALL_VCPU_RUN] = {
		.name = "nvmm_vcpu_run", .args = "mc", .per_call = true,
	},
	[SIM_CALL_VCPU_SETSTATE] = {
		.name = "nvmm_vcpu_setstate", .args = "mcf", .per_call = true,
	},
	[SIM_CALL_VCPU_STOP] = {
		.name = "nvmm_vcpu_stop", .args = "c", .optional = true,
	},
};
