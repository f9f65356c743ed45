/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the generations have in common: the list of them, their layouts'
 * sizes, and telling an ioctl by its command.
 */
#include "kernel/abi/abi.h"

#include <string.h>

#include "kernel/state.h"

_Static_assert(sizeof(struct sim_exit_record) == 64, "exit");
_Static_assert(offsetof(struct sim_exit_record, rflags) == 40, "exitstate");
_Static_assert(offsetof(struct sim_exit_record, u.mem.inst_bytes) == 25,
    "inst_bytes");
_Static_assert(sizeof(struct sim_event_record) == 16, "event");
_Static_assert(sizeof(struct sim_run_arg) == 72, "VCPU_RUN");
_Static_assert(sizeof(struct sim_machine_configure_arg) == 24, "configure");
_Static_assert(sizeof(struct sim_vcpu_configure_arg) == 24, "configure");
_Static_assert(sizeof(struct sim_gpa_map_arg) == 40, "GPA_MAP");
_Static_assert(sizeof(struct sim_gpa_unmap_arg) == 24, "GPA_UNMAP");
_Static_assert(sizeof(struct sim_hva_arg) == 32, "HVA_MAP");
_Static_assert(sizeof(struct sim_ctl_arg) == 24, "CTL");
_Static_assert(sizeof(struct sim_mach_info) == 32, "MACH_INFO");
_Static_assert(sizeof(struct sim_conf_cpuid) == 40, "CONF_CPUID");

_Static_assert(sizeof(struct sim_vcpu_create_arg) == 16, "VCPU_CREATE v3");
_Static_assert(offsetof(struct sim_vcpu_create_arg, comm) == 8, "comm");

const struct sim_abi *const sim_abis[] = {
	&sim_abi_v2, &sim_abi_v1, &sim_abi_v3, NULL
};

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

void
sim_abi_capability(const struct sim_abi *abi,
    const struct sim_capability *cap, void *arg)
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

/* Linux swaps the two direction bits; nothing else differs below 8 KiB. */
static uint32_t
linux_command(uint32_t command)
{
	uint32_t result = command & ~(SIM_IOC_IN | SIM_IOC_OUT);

	if (command & SIM_IOC_IN)
		result |= SIM_IOC_OUT;
	if (command & SIM_IOC_OUT)
		result |= SIM_IOC_IN;
	return result;
}

enum sim_ioctl_index
sim_abi_ioctl(const struct sim_abi *abi, unsigned long command)
{
	uint32_t wanted = (uint32_t)command;
	uint32_t nr = SIM_IOC_NR(wanted);
	enum sim_ioctl_index index;

	/* Numbers 0 to 14 are in the enum's order; CTL alone stands apart. */
	if (nr < SIM_CTL)
		index = (enum sim_ioctl_index)nr;
	else if (nr == SIM_IOC_NR(abi->command[SIM_CTL]))
		index = SIM_CTL;
	else
		return SIM_IOCTL_UNKNOWN;

	if (wanted == abi->command[index] ||
	    wanted == linux_command(abi->command[index]))
		return index;
	return SIM_IOCTL_UNKNOWN;
}

const struct sim_abi *
sim_abi_guess(unsigned long command)
{
	uint32_t wanted = (uint32_t)command;
	uint32_t nr = SIM_IOC_NR(wanted);

	if (nr != SIM_CAPABILITY && nr != SIM_VCPU_CREATE)
		return NULL;
	if (sim_abi_ioctl(&sim_abi_v3, command) != SIM_IOCTL_UNKNOWN)
		return &sim_abi_v3;
	if (sim_abi_ioctl(&sim_abi_v2, command) != SIM_IOCTL_UNKNOWN)
		return &sim_abi_v2;
	return NULL;
}

const struct sim_abi *
sim_abi_find(const char *name)
{
	unsigned i;

	for (i = 0; sim_abis[i] != NULL; i++) {
		if (strcmp(sim_abis[i]->name, name) == 0)
			return sim_abis[i];
	}
	return NULL;
}
