/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table of fields for each ioctl; only CAPABILITY and VCPU_CREATE differ
 * between the generations.
 */
#include "scenario/driver_args.h"

#include <stddef.h>

#define FIELD(struct_, member, kind_, in_, out_)			\
	{ #member, kind_, offsetof(struct struct_, member),		\
	    sizeof(((struct struct_ *)0)->member), in_, out_ }
#define IN(struct_, member)						\
	FIELD(struct_, member, DRIVER_NUMBER, true, false)
/* CAPABILITY's fields, which are no struct of the driver's interface here. */
#define OUT(name, offset, size)						\
	{ name, DRIVER_NUMBER, offset, size, false, true }
#define OUT_ARCH(offset)						\
	OUT("mach_conf_support", (offset), 8),				\
	OUT("vcpu_conf_support", (offset) + 8, 8),			\
	OUT("xcr0_mask", (offset) + 16, 8),				\
	OUT("mxcsr_mask", (offset) + 24, 4),				\
	OUT("conf_cpuid_maxops", (offset) + 28, 4)
#define VCPU	IN(sim_vcpu_arg, machid), IN(sim_vcpu_arg, cpuid)
#define END	{ NULL, DRIVER_NUMBER, 0, 0, false, false }

static const struct driver_field capability_v3[] = {
	OUT("version", 0, 4), OUT("state_size", 4, 4),
	OUT("comm_size", 8, 4), OUT("max_machines", 12, 4),
	OUT("max_vcpus", 16, 4), OUT("max_ram", 24, 8), OUT_ARCH(32), END
};

static const struct driver_field vcpu_create_v3[] = {
	VCPU, FIELD(sim_vcpu_create_arg, comm, DRIVER_PAGE, false, true), END
};

static const struct driver_field fields[SIM_NIOCTL][DRIVER_FIELDS_MAX] = {
	[SIM_CAPABILITY] = {
		OUT("version", 0, 4), OUT("state_size", 4, 4),
		OUT("max_machines", 8, 4), OUT("max_vcpus", 12, 4),
		OUT("max_ram", 16, 8), OUT_ARCH(24), END
	},
	[SIM_MACHINE_CREATE] = { OUT("machid", 0, 4), END },
	[SIM_MACHINE_DESTROY] = { IN(sim_vcpu_arg, machid), END },
	[SIM_MACHINE_CONFIGURE] = {
		IN(sim_machine_configure_arg, machid),
		FIELD(sim_machine_configure_arg, op, DRIVER_OP, true, false),
		FIELD(sim_machine_configure_arg, conf, DRIVER_CONF, true,
		    false), END
	},
	[SIM_VCPU_CREATE] = { VCPU, END },
	[SIM_VCPU_DESTROY] = { VCPU, END },
	[SIM_VCPU_CONFIGURE] = {
		IN(sim_vcpu_configure_arg, machid),
		IN(sim_vcpu_configure_arg, cpuid),
		FIELD(sim_vcpu_configure_arg, op, DRIVER_OP, true, false),
		FIELD(sim_vcpu_configure_arg, conf, DRIVER_CONF, true, false),
		END
	},
	[SIM_VCPU_SETSTATE] = { VCPU, END },
	[SIM_VCPU_GETSTATE] = { VCPU, END },
	[SIM_VCPU_INJECT] = { VCPU, END },
	[SIM_VCPU_RUN] = {
		VCPU, FIELD(sim_run_arg, exit, DRIVER_EXIT, false, true), END
	},
	[SIM_GPA_MAP] = {
		IN(sim_gpa_map_arg, machid), IN(sim_gpa_map_arg, hva),
		IN(sim_gpa_map_arg, gpa), IN(sim_gpa_map_arg, size),
		FIELD(sim_gpa_map_arg, prot, DRIVER_PROT, true, false), END
	},
	[SIM_GPA_UNMAP] = {
		IN(sim_gpa_unmap_arg, machid), IN(sim_gpa_unmap_arg, gpa),
		IN(sim_gpa_unmap_arg, size), END
	},
	[SIM_HVA_MAP] = {
		IN(sim_hva_arg, machid), IN(sim_hva_arg, hva),
		IN(sim_hva_arg, size), IN(sim_hva_arg, flags), END
	},
	[SIM_HVA_UNMAP] = {
		IN(sim_hva_arg, machid), IN(sim_hva_arg, hva),
		IN(sim_hva_arg, size), IN(sim_hva_arg, flags), END
	},
	[SIM_CTL] = {
		FIELD(sim_ctl_arg, op, DRIVER_OP, true, false),
		FIELD(sim_ctl_arg, data, DRIVER_INFO, true, true),
		IN(sim_ctl_arg, size), END
	},
};

const struct driver_field driver_info_fields[] = {
	FIELD(sim_mach_info, machid, DRIVER_NUMBER, true, true),
	FIELD(sim_mach_info, nvcpus, DRIVER_NUMBER, false, true),
	FIELD(sim_mach_info, nram, DRIVER_NUMBER, false, true),
	FIELD(sim_mach_info, pid, DRIVER_NUMBER, false, true),
	FIELD(sim_mach_info, time, DRIVER_NUMBER, false, true), END
};

const struct driver_field *
driver_fields(const struct sim_abi *abi, enum sim_ioctl_index ioctl)
{
	if (ioctl == SIM_CAPABILITY && abi->comm_by_create)
		return capability_v3;
	if (ioctl == SIM_VCPU_CREATE && abi->comm_by_create)
		return vcpu_create_v3;
	return fields[ioctl];
}
