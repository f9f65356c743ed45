/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ABI generation v1: NetBSD 9.  By its ioctls it cannot be told from v2; it
 * differs in its version number and lacks the stop word.
 */
#include "kernel/abi/abi.h"

const struct sim_abi sim_abi_v1 = {
	.name = "v1",
	.where = "NetBSD 9",
	.version = 1,
	.max_machines = 128,
	.max_vcpus = 256,
	.max_ram = 128ULL << 30,
	.command = {
		SIM_ABI_COMMANDS,
		[SIM_CAPABILITY] = 0x40684e00,
		[SIM_VCPU_CREATE] = 0x80084e04,
	},
	.comm_stop = -1,
	.capability = sim_abi_capability,
};
