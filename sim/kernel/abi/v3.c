/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ABI generation v3: DragonFly BSD 6.2 on, and ports of it.
 */
#include <string.h>

#include "kernel/abi/abi.h"
#include "kernel/state.h"

struct capability_v3 {
	uint32_t version;
	uint32_t state_size;
	uint32_t comm_size;
	uint32_t max_machines;
	uint32_t max_vcpus;
	uint64_t max_ram;
	uint64_t mach_conf_support;
	uint64_t vcpu_conf_support;
	uint64_t xcr0_mask;
	uint32_t mxcsr_mask;
	uint32_t conf_cpuid_maxops;
	uint64_t rsvd[6];
};
_Static_assert(sizeof(struct capability_v3) == 112, "capability v3");

static void
capability(const struct sim_abi *abi, const struct sim_capability *cap,
    void *arg)
{
	struct capability_v3 filled;

	memset(&filled, 0, sizeof(filled));	/* the padding goes out too */
	filled.version = abi->version;
	filled.state_size = sizeof(struct sim_state);
	filled.comm_size = SIM_COMM_PAGE_SIZE;
	filled.max_machines = abi->max_machines;
	filled.max_vcpus = abi->max_vcpus;
	filled.max_ram = abi->max_ram;
	filled.vcpu_conf_support = cap->vcpu_conf_support;
	filled.xcr0_mask = cap->xcr0_mask;
	filled.mxcsr_mask = cap->mxcsr_mask;
	filled.conf_cpuid_maxops = cap->conf_cpuid_maxops;
	memcpy(arg, &filled, sizeof(filled));
}

const struct sim_abi sim_abi_v3 = {
	.name = "v3",
	.where = "DragonFly BSD 6.2 on, and ports of it",
	.version = 3,
	.max_machines = 128,
	.max_vcpus = 128,
	.max_ram = 127ULL << 40,
	.command = {
		SIM_ABI_COMMANDS,
		[SIM_CAPABILITY] = 0x40704e00,
		[SIM_VCPU_CREATE] = 0xc0104e04,
	},
	.comm_stop = -1,
	.comm_by_create = true,
	.keeps_exit = true,
	.event_each_entry = true,
	.tsc_live = true,
	.capability = capability,
};
