/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one generation has for itself: the driver's table of it against the
 * headers with its NVMM_ABI.
 */
#include <stdio.h>
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"

#include "layout.h"

#define TEXT_OF(x)	#x
#define TEXT(x)		TEXT_OF(x)

static const struct sim_abi *
abi_find(void)
{
	size_t i;

	for (i = 0; sim_abis[i] != NULL; i++) {
		if (strcmp(sim_abis[i]->name, "v" TEXT(NVMM_ABI)) == 0)
			return sim_abis[i];
	}
	return NULL;
}

#define COMMAND(name)	{ "NVMM_IOC_" #name, abi->command[SIM_##name],	\
	NVMM_IOC_##name }

static unsigned
commands_differences(const struct sim_abi *abi)
{
	const struct layout_row rows[] = {
		COMMAND(CAPABILITY), COMMAND(MACHINE_CREATE),
		COMMAND(MACHINE_DESTROY), COMMAND(MACHINE_CONFIGURE),
		COMMAND(VCPU_CREATE), COMMAND(VCPU_DESTROY),
		COMMAND(VCPU_CONFIGURE), COMMAND(VCPU_SETSTATE),
		COMMAND(VCPU_GETSTATE), COMMAND(VCPU_INJECT),
		COMMAND(VCPU_RUN), COMMAND(GPA_MAP), COMMAND(GPA_UNMAP),
		COMMAND(HVA_MAP), COMMAND(HVA_UNMAP), COMMAND(CTL),
	};
	const struct layout_row number = {
		"number of ioctls", SIM_NIOCTL, NROWS(rows),
	};

	return layout_differences(rows, NROWS(rows)) +
	    layout_differences(&number, 1);
}

/* A value of its own in each field, read through the public struct. */
static unsigned
capability_differences(const struct sim_abi *abi)
{
	const struct sim_capability told = {
		.vcpu_conf_support = UINT64_C(0x1111111122222222),
		.xcr0_mask = UINT64_C(0x3333333344444444),
		.mxcsr_mask = 0x55555555,
		.conf_cpuid_maxops = 0x66666666,
	};
	struct nvmm_ioc_capability args;

	memset(&args, 0, sizeof(args));
	abi->capability(abi, &told, &args);
	const struct layout_row rows[] = {
		{ "version", NVMM_KERN_VERSION, args.cap.version },
		{ "state_size", sizeof(struct nvmm_vcpu_state),
		    args.cap.state_size },
#if NVMM_ABI == 3
		{ "comm_size", SIM_COMM_PAGE_SIZE, args.cap.comm_size },
#endif
		{ "max_machines", abi->max_machines, args.cap.max_machines },
		{ "max_vcpus", abi->max_vcpus, args.cap.max_vcpus },
		{ "max_ram", abi->max_ram, args.cap.max_ram },
		{ "arch.mach_conf_support", 0,
		    args.cap.arch.mach_conf_support },
		{ "arch.vcpu_conf_support", told.vcpu_conf_support,
		    args.cap.arch.vcpu_conf_support },
		{ "arch.xcr0_mask", told.xcr0_mask,
		    args.cap.arch.xcr0_mask },
		{ "arch.mxcsr_mask", told.mxcsr_mask,
		    args.cap.arch.mxcsr_mask },
		{ "arch.conf_cpuid_maxops", told.conf_cpuid_maxops,
		    args.cap.arch.conf_cpuid_maxops },
		{ "arch.rsvd", 0, args.cap.arch.rsvd[0] },
		{ "arch.rsvd, its end", 0, args.cap.arch.rsvd[5] },
	};

	return layout_differences(rows, NROWS(rows));
}

/* The stop word, and the way to the comm page. */
static unsigned
comm_differences(const struct sim_abi *abi)
{
	const struct layout_row rows[] = {
#if NVMM_ABI == 2
		{ "offset of nvmm_comm_page.stop", (uint64_t)abi->comm_stop,
		    offsetof(struct nvmm_comm_page, stop) },
		{ "size of nvmm_comm_page.stop", 4,
		    SIZE_OF(nvmm_comm_page, stop) },
#else
		{ "no stop word", (uint64_t)-1, (uint64_t)abi->comm_stop },
#endif
#if NVMM_ABI != 3
		{ "machid in NVMM_COMM_OFF",
		    SIM_COMM_OFF_MACHID(NVMM_COMM_OFF(0x7F, 0xFF)), 0x7F },
		{ "cpuid in NVMM_COMM_OFF",
		    SIM_COMM_OFF_CPUID(NVMM_COMM_OFF(0x7F, 0xFF)), 0xFF },
#endif
		{ "NVMM_KERN_VERSION", abi->version, NVMM_KERN_VERSION },
	};

	return layout_differences(rows, NROWS(rows));
}

unsigned
layout_generation(void)
{
	const struct sim_abi *abi = abi_find();

	if (abi == NULL) {
		fprintf(stderr, "the kernel has no generation v%d\n",
		    NVMM_ABI);
		return 1;
	}
	return commands_differences(abi) + capability_differences(abi) +
	    comm_differences(abi);
}
