/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of the ioctls, and what they point at.
 */
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"

#include "layout.h"

#define VCPU(header)							\
	STRUCT(sim_vcpu_arg, header),					\
	SAME(sim_vcpu_arg, header, machid),				\
	SAME(sim_vcpu_arg, header, cpuid)

static const struct layout_row fields[] = {
	{ "size of struct nvmm_ioc_machine_create", sizeof(uint32_t),
	    sizeof(struct nvmm_ioc_machine_create) },
	{ "size of nvmm_ioc_machine_create.machid", sizeof(uint32_t),
	    SIZE_OF(nvmm_ioc_machine_create, machid) },
	{ "size of struct nvmm_ioc_machine_destroy", sizeof(uint32_t),
	    sizeof(struct nvmm_ioc_machine_destroy) },
	{ "size of nvmm_ioc_machine_destroy.machid", sizeof(uint32_t),
	    SIZE_OF(nvmm_ioc_machine_destroy, machid) },
	{ "size of struct nvmm_ioc_capability",
	    sizeof(struct nvmm_capability),
	    sizeof(struct nvmm_ioc_capability) },
	STRUCT(sim_machine_configure_arg, nvmm_ioc_machine_configure),
	SAME(sim_machine_configure_arg, nvmm_ioc_machine_configure, machid),
	SAME(sim_machine_configure_arg, nvmm_ioc_machine_configure, op),
	SAME(sim_machine_configure_arg, nvmm_ioc_machine_configure, conf),
#if NVMM_ABI == 3
	STRUCT(sim_vcpu_create_arg, nvmm_ioc_vcpu_create),
	SAME(sim_vcpu_create_arg, nvmm_ioc_vcpu_create, machid),
	SAME(sim_vcpu_create_arg, nvmm_ioc_vcpu_create, cpuid),
	SAME(sim_vcpu_create_arg, nvmm_ioc_vcpu_create, comm),
#else
	VCPU(nvmm_ioc_vcpu_create),
#endif
	VCPU(nvmm_ioc_vcpu_destroy),
	VCPU(nvmm_ioc_vcpu_setstate),
	VCPU(nvmm_ioc_vcpu_getstate),
	VCPU(nvmm_ioc_vcpu_inject),
	STRUCT(sim_vcpu_configure_arg, nvmm_ioc_vcpu_configure),
	SAME(sim_vcpu_configure_arg, nvmm_ioc_vcpu_configure, machid),
	SAME(sim_vcpu_configure_arg, nvmm_ioc_vcpu_configure, cpuid),
	SAME(sim_vcpu_configure_arg, nvmm_ioc_vcpu_configure, op),
	SAME(sim_vcpu_configure_arg, nvmm_ioc_vcpu_configure, conf),
	STRUCT(sim_run_arg, nvmm_ioc_vcpu_run),
	SAME(sim_run_arg, nvmm_ioc_vcpu_run, machid),
	SAME(sim_run_arg, nvmm_ioc_vcpu_run, cpuid),
	SAME(sim_run_arg, nvmm_ioc_vcpu_run, exit),
	STRUCT(sim_gpa_map_arg, nvmm_ioc_gpa_map),
	SAME(sim_gpa_map_arg, nvmm_ioc_gpa_map, machid),
	SAME(sim_gpa_map_arg, nvmm_ioc_gpa_map, hva),
	SAME(sim_gpa_map_arg, nvmm_ioc_gpa_map, gpa),
	SAME(sim_gpa_map_arg, nvmm_ioc_gpa_map, size),
	SAME(sim_gpa_map_arg, nvmm_ioc_gpa_map, prot),
	STRUCT(sim_gpa_unmap_arg, nvmm_ioc_gpa_unmap),
	SAME(sim_gpa_unmap_arg, nvmm_ioc_gpa_unmap, machid),
	SAME(sim_gpa_unmap_arg, nvmm_ioc_gpa_unmap, gpa),
	SAME(sim_gpa_unmap_arg, nvmm_ioc_gpa_unmap, size),
	STRUCT(sim_hva_arg, nvmm_ioc_hva_map),
	SAME(sim_hva_arg, nvmm_ioc_hva_map, machid),
	SAME(sim_hva_arg, nvmm_ioc_hva_map, hva),
	SAME(sim_hva_arg, nvmm_ioc_hva_map, size),
	SAME(sim_hva_arg, nvmm_ioc_hva_map, flags),
	STRUCT(sim_hva_arg, nvmm_ioc_hva_unmap),
	SAME(sim_hva_arg, nvmm_ioc_hva_unmap, machid),
	SAME(sim_hva_arg, nvmm_ioc_hva_unmap, hva),
	SAME(sim_hva_arg, nvmm_ioc_hva_unmap, size),
	SAME(sim_hva_arg, nvmm_ioc_hva_unmap, flags),
	STRUCT(sim_ctl_arg, nvmm_ioc_ctl),
	SAME(sim_ctl_arg, nvmm_ioc_ctl, op),
	SAME(sim_ctl_arg, nvmm_ioc_ctl, data),
	SAME(sim_ctl_arg, nvmm_ioc_ctl, size),
	STRUCT(sim_mach_info, nvmm_ctl_mach_info),
	SAME(sim_mach_info, nvmm_ctl_mach_info, machid),
	SAME(sim_mach_info, nvmm_ctl_mach_info, nvcpus),
	SAME(sim_mach_info, nvmm_ctl_mach_info, nram),
	SAME(sim_mach_info, nvmm_ctl_mach_info, pid),
	SAME(sim_mach_info, nvmm_ctl_mach_info, time),
	STRUCT(sim_conf_cpuid, nvmm_vcpu_conf_cpuid),
	SAME(sim_conf_cpuid, nvmm_vcpu_conf_cpuid, leaf),
	FIELD(sim_conf_cpuid, set, nvmm_vcpu_conf_cpuid, u.mask.set),
	FIELD(sim_conf_cpuid, del, nvmm_vcpu_conf_cpuid, u.mask.del),
	FIELD(sim_conf_cpuid, set[0], nvmm_vcpu_conf_cpuid, u.mask.set.eax),
	FIELD(sim_conf_cpuid, set[1], nvmm_vcpu_conf_cpuid, u.mask.set.ebx),
	FIELD(sim_conf_cpuid, set[2], nvmm_vcpu_conf_cpuid, u.mask.set.ecx),
	FIELD(sim_conf_cpuid, set[3], nvmm_vcpu_conf_cpuid, u.mask.set.edx),
	FIELD(sim_conf_cpuid, del[3], nvmm_vcpu_conf_cpuid, u.mask.del.edx),
	STRUCT(sim_conf_tpr, nvmm_vcpu_conf_tpr),
};

static unsigned
bits_differences(void)
{
	struct nvmm_vcpu_conf_cpuid mask, exit;
	struct nvmm_vcpu_conf_tpr tpr;
	struct sim_conf_cpuid got_mask, got_exit;
	struct sim_conf_tpr got_tpr;

	memset(&mask, 0, sizeof(mask));
	memset(&exit, 0, sizeof(exit));
	memset(&tpr, 0, sizeof(tpr));
	mask.mask = 1;
	exit.exit = 1;
	tpr.exit_changed = 1;
	memcpy(&got_mask, &mask, sizeof(got_mask));
	memcpy(&got_exit, &exit, sizeof(got_exit));
	memcpy(&got_tpr, &tpr, sizeof(got_tpr));
	const struct layout_row rows[] = {
		{ "bit of nvmm_vcpu_conf_cpuid.mask", SIM_CONF_CPUID_MASK,
		    got_mask.action },
		{ "bit of nvmm_vcpu_conf_cpuid.exit", SIM_CONF_CPUID_EXIT,
		    got_exit.action },
		{ "bit of nvmm_vcpu_conf_tpr.exit_changed", 1,
		    got_tpr.flags },
	};

	return layout_differences(rows, NROWS(rows));
}

unsigned
layout_arguments(void)
{
	return layout_differences(fields, NROWS(fields)) + bits_differences();
}
