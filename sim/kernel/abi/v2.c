/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ABI generation v2: NetBSD 10 and 11.
 */
#include "kernel/abi/abi.h"

const struct sim_abi sim_abi_v2 = {
	.name = "v2",
	.where = "NetBSD 10 and 11",
	.version = 2,
	.max_machines = 128,
	.max_vcpus = 256,
	.max_ram = 128ULL << 30,
	.command = {
		SIM_ABI_COMMANDS,
		[SIM_CAPABILITY] = 0x40684e00,
		[SIM_VCPU_CREATE] = 0x80084e04,
	},
	.comm_stop = 1064,
	.capability = sim_abi_capability,
};
