/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ABI generation v2: NetBSD 10 and 11.
 */
#include <string.h>

#include "kernel/abi/abi.h"
#include "kernel/state.h"

struct capability_v2 {
	uint32_t version;
	uint32_t state_size;
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
_Static_assert(sizeof(struct capability_v2) == 104, "capability v2");

static void
capability(const struct sim_abi *abi, const struct sim_capability *cap,
    void *arg)
{
	const struct capability_v2 filled = {
		.version = abi->version,
		.state_size = sizeof(struct sim_state),
		.max_machines = abi->max_machines,
		.max_vcpus = abi->max_vcpus,
		.max_ram = abi->max_ram,
		.vcpu_conf_support = cap->vcpu_conf_support,
		.xcr0_mask = cap->xcr0_mask,
		.mxcsr_mask = cap->mxcsr_mask,
		.conf_cpuid_maxops = cap->conf_cpuid_maxops,
	};

	memcpy(arg, &filled, sizeof(filled));
}

const struct sim_abi sim_abi_v2 = {
	.name = "v2",
	.version = 2,
	.max_machines = 128,
	.max_vcpus = 256,
	.max_ram = 128ULL << 30,
	.command = {
		[SIM_CAPABILITY] = 0x40684e00,
		[SIM_MACHINE_CREATE] = 0xc0044e01,
		[SIM_MACHINE_DESTROY] = 0x80044e02,
		[SIM_MACHINE_CONFIGURE] = 0x80184e03,
		[SIM_VCPU_CREATE] = 0x80084e04,
		[SIM_VCPU_DESTROY] = 0x80084e05,
		[SIM_VCPU_CONFIGURE] = 0x80184e06,
		[SIM_VCPU_SETSTATE] = 0x80084e07,
		[SIM_VCPU_GETSTATE] = 0x80084e08,
		[SIM_VCPU_INJECT] = 0x80084e09,
		[SIM_VCPU_RUN] = 0xc0484e0a,
		[SIM_GPA_MAP] = 0x80284e0b,
		[SIM_GPA_UNMAP] = 0x80184e0c,
		[SIM_HVA_MAP] = 0x80204e0d,
		[SIM_HVA_UNMAP] = 0x80204e0e,
		[SIM_CTL] = 0x80184e14,
	},
	.comm_stop = 1064,
	.capability = capability,
};
