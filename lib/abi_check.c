/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ABI of each generation, pinned: a header that changes by a byte does
 * not compile.  The figures are those of the real interface on LP64.
 */
#include <stddef.h>

#include <nvmm.h>

/* struct nvmm_capability */
#if NVMM_ABI == 3
_Static_assert(sizeof(struct nvmm_capability) == 112,
    "size of struct nvmm_capability");
_Static_assert(offsetof(struct nvmm_capability, comm_size) == 8, "comm_size");
_Static_assert(offsetof(struct nvmm_capability, max_machines) == 12,
    "max_machines");
_Static_assert(offsetof(struct nvmm_capability, max_vcpus) == 16, "max_vcpus");
_Static_assert(offsetof(struct nvmm_capability, max_ram) == 24, "max_ram");
_Static_assert(offsetof(struct nvmm_capability, arch) == 32, "arch");
#else
_Static_assert(sizeof(struct nvmm_capability) == 104,
    "size of struct nvmm_capability");
_Static_assert(offsetof(struct nvmm_capability, max_machines) == 8,
    "max_machines");
_Static_assert(offsetof(struct nvmm_capability, max_vcpus) == 12, "max_vcpus");
_Static_assert(offsetof(struct nvmm_capability, max_ram) == 16, "max_ram");
_Static_assert(offsetof(struct nvmm_capability, arch) == 24, "arch");
#endif
_Static_assert(offsetof(struct nvmm_capability, version) == 0, "version");
_Static_assert(offsetof(struct nvmm_capability, state_size) == 4, "state_size");
_Static_assert(sizeof(struct nvmm_cap_md) == 80, "size of struct nvmm_cap_md");
_Static_assert(offsetof(struct nvmm_cap_md, vcpu_conf_support) == 8,
    "vcpu_conf_support");
_Static_assert(offsetof(struct nvmm_cap_md, xcr0_mask) == 16, "xcr0_mask");
_Static_assert(offsetof(struct nvmm_cap_md, mxcsr_mask) == 24, "mxcsr_mask");
_Static_assert(offsetof(struct nvmm_cap_md, conf_cpuid_maxops) == 28,
    "conf_cpuid_maxops");
_Static_assert(offsetof(struct nvmm_cap_md, rsvd) == 32, "rsvd");

/* The comm page and the state in it */
_Static_assert(sizeof(struct nvmm_comm_page) == 1072,
    "size of struct nvmm_comm_page");
_Static_assert(offsetof(struct nvmm_comm_page, state_wanted) == 0,
    "state_wanted");
_Static_assert(offsetof(struct nvmm_comm_page, state_cached) == 8,
    "state_cached");
_Static_assert(offsetof(struct nvmm_comm_page, state_commit) == 16,
    "state_commit");
_Static_assert(offsetof(struct nvmm_comm_page, state) == 32, "state");
_Static_assert(offsetof(struct nvmm_comm_page, event_commit) == 1040,
    "event_commit");
_Static_assert(offsetof(struct nvmm_comm_page, event) == 1048, "event");
#if NVMM_ABI == 2
_Static_assert(offsetof(struct nvmm_comm_page, stop) == 1064, "stop");
#endif
_Static_assert(sizeof(struct nvmm_x64_state) == 1008,
    "size of struct nvmm_x64_state");
_Static_assert(offsetof(struct nvmm_x64_state, segs) == 0, "segs");
_Static_assert(offsetof(struct nvmm_x64_state, gprs) == 160, "gprs");
_Static_assert(offsetof(struct nvmm_x64_state, crs) == 304, "crs");
_Static_assert(offsetof(struct nvmm_x64_state, drs) == 352, "drs");
_Static_assert(offsetof(struct nvmm_x64_state, msrs) == 400, "msrs");
_Static_assert(offsetof(struct nvmm_x64_state, intr) == 488, "intr");
_Static_assert(offsetof(struct nvmm_x64_state, fpu) == 496, "fpu");
_Static_assert(sizeof(struct nvmm_x64_state_seg) == 16,
    "size of struct nvmm_x64_state_seg");
_Static_assert(sizeof(struct nvmm_x64_state_intr) == 8,
    "size of struct nvmm_x64_state_intr");
_Static_assert(sizeof(struct nvmm_x64_state_fpu) == 512,
    "size of struct nvmm_x64_state_fpu");
_Static_assert(offsetof(struct nvmm_x64_state_fpu, fx_mxcsr) == 24, "fx_mxcsr");
_Static_assert(offsetof(struct nvmm_x64_state_fpu, fx_mxcsr_mask) == 28,
    "fx_mxcsr_mask");
_Static_assert(offsetof(struct nvmm_x64_state_fpu, fx_87_ac) == 32, "fx_87_ac");
_Static_assert(offsetof(struct nvmm_x64_state_fpu, fx_xmm) == 160, "fx_xmm");
_Static_assert(offsetof(struct nvmm_x64_state_fpu, fx_rsvd) == 416, "fx_rsvd");

/* Exits and events */
_Static_assert(sizeof(struct nvmm_x86_exit) == 64,
    "size of struct nvmm_x86_exit");
_Static_assert(offsetof(struct nvmm_x86_exit, reason) == 0, "reason");
_Static_assert(offsetof(struct nvmm_x86_exit, u) == 8, "u");
_Static_assert(offsetof(struct nvmm_x86_exit, exitstate) == 40, "exitstate");
_Static_assert(offsetof(struct nvmm_x86_exit, exitstate.cr8) == 48,
    "exitstate.cr8");
_Static_assert(sizeof(struct nvmm_x86_exit_memory) == 32,
    "size of struct nvmm_x86_exit_memory");
_Static_assert(offsetof(struct nvmm_x86_exit_memory, prot) == 0, "prot");
_Static_assert(offsetof(struct nvmm_x86_exit_memory, gpa) == 8, "gpa");
_Static_assert(offsetof(struct nvmm_x86_exit_memory, inst_len) == 16,
    "inst_len");
_Static_assert(offsetof(struct nvmm_x86_exit_memory, inst_bytes) == 17,
    "inst_bytes");
_Static_assert(sizeof(struct nvmm_x86_exit_io) == 24,
    "size of struct nvmm_x86_exit_io");
_Static_assert(offsetof(struct nvmm_x86_exit_io, in) == 0, "in");
_Static_assert(offsetof(struct nvmm_x86_exit_io, port) == 2, "port");
_Static_assert(offsetof(struct nvmm_x86_exit_io, seg) == 4, "seg");
_Static_assert(offsetof(struct nvmm_x86_exit_io, address_size) == 5,
    "address_size");
_Static_assert(offsetof(struct nvmm_x86_exit_io, operand_size) == 6,
    "operand_size");
_Static_assert(offsetof(struct nvmm_x86_exit_io, rep) == 7, "rep");
_Static_assert(offsetof(struct nvmm_x86_exit_io, str) == 8, "str");
_Static_assert(offsetof(struct nvmm_x86_exit_io, npc) == 16, "npc");
_Static_assert(offsetof(struct nvmm_x86_exit_rdmsr, npc) == 8, "npc");
_Static_assert(offsetof(struct nvmm_x86_exit_wrmsr, val) == 8, "val");
_Static_assert(offsetof(struct nvmm_x86_exit_wrmsr, npc) == 16, "npc");
_Static_assert(sizeof(struct nvmm_x86_event) == 16,
    "size of struct nvmm_x86_event");
_Static_assert(offsetof(struct nvmm_x86_event, vector) == 4, "vector");
_Static_assert(offsetof(struct nvmm_x86_event, u) == 8, "u");
_Static_assert(sizeof(struct nvmm_vcpu_conf_cpuid) == 40,
    "size of struct nvmm_vcpu_conf_cpuid");
_Static_assert(offsetof(struct nvmm_vcpu_conf_cpuid, leaf) == 4, "leaf");
_Static_assert(offsetof(struct nvmm_vcpu_conf_cpuid, u.mask.set) == 8,
    "u.mask.set");
_Static_assert(offsetof(struct nvmm_vcpu_conf_cpuid, u.mask.del) == 24,
    "u.mask.del");
_Static_assert(sizeof(struct nvmm_vcpu_conf_tpr) == 4,
    "size of struct nvmm_vcpu_conf_tpr");

/* Arguments of the ioctls */
_Static_assert(sizeof(struct nvmm_ctl_mach_info) == 32,
    "size of struct nvmm_ctl_mach_info");
_Static_assert(offsetof(struct nvmm_ctl_mach_info, nram) == 8, "nram");
_Static_assert(offsetof(struct nvmm_ctl_mach_info, pid) == 16, "pid");
_Static_assert(offsetof(struct nvmm_ctl_mach_info, time) == 24, "time");
_Static_assert(offsetof(struct nvmm_ioc_machine_configure, op) == 8, "op");
_Static_assert(offsetof(struct nvmm_ioc_machine_configure, conf) == 16, "conf");
_Static_assert(offsetof(struct nvmm_ioc_vcpu_configure, op) == 8, "op");
_Static_assert(offsetof(struct nvmm_ioc_vcpu_configure, conf) == 16, "conf");
_Static_assert(offsetof(struct nvmm_ioc_vcpu_run, exit) == 8, "exit");
_Static_assert(offsetof(struct nvmm_ioc_gpa_map, hva) == 8, "hva");
_Static_assert(offsetof(struct nvmm_ioc_gpa_map, gpa) == 16, "gpa");
_Static_assert(offsetof(struct nvmm_ioc_gpa_map, size) == 24, "size");
_Static_assert(offsetof(struct nvmm_ioc_gpa_map, prot) == 32, "prot");
_Static_assert(offsetof(struct nvmm_ioc_gpa_unmap, gpa) == 8, "gpa");
_Static_assert(offsetof(struct nvmm_ioc_gpa_unmap, size) == 16, "size");
_Static_assert(offsetof(struct nvmm_ioc_hva_map, hva) == 8, "hva");
_Static_assert(offsetof(struct nvmm_ioc_hva_map, size) == 16, "size");
_Static_assert(offsetof(struct nvmm_ioc_hva_map, flags) == 24, "flags");
_Static_assert(offsetof(struct nvmm_ioc_hva_unmap, hva) == 8, "hva");
_Static_assert(offsetof(struct nvmm_ioc_hva_unmap, size) == 16, "size");
_Static_assert(offsetof(struct nvmm_ioc_hva_unmap, flags) == 24, "flags");
_Static_assert(offsetof(struct nvmm_ioc_ctl, data) == 8, "data");
_Static_assert(offsetof(struct nvmm_ioc_ctl, size) == 16, "size");

/* Numbers of the ioctls; their sizes are in them */
#if NVMM_ABI == 3
_Static_assert(NVMM_IOC_CAPABILITY == 0x40704e00UL, "CAPABILITY");
_Static_assert(NVMM_IOC_VCPU_CREATE == 0xc0104e04UL, "VCPU_CREATE");
#else
_Static_assert(NVMM_IOC_CAPABILITY == 0x40684e00UL, "CAPABILITY");
_Static_assert(NVMM_IOC_VCPU_CREATE == 0x80084e04UL, "VCPU_CREATE");
#endif
_Static_assert(NVMM_IOC_MACHINE_CREATE == 0xc0044e01UL, "MACHINE_CREATE");
_Static_assert(NVMM_IOC_MACHINE_DESTROY == 0x80044e02UL, "MACHINE_DESTROY");
_Static_assert(NVMM_IOC_MACHINE_CONFIGURE == 0x80184e03UL, "MACHINE_CONFIGURE");
_Static_assert(NVMM_IOC_VCPU_DESTROY == 0x80084e05UL, "VCPU_DESTROY");
_Static_assert(NVMM_IOC_VCPU_CONFIGURE == 0x80184e06UL, "VCPU_CONFIGURE");
_Static_assert(NVMM_IOC_VCPU_SETSTATE == 0x80084e07UL, "VCPU_SETSTATE");
_Static_assert(NVMM_IOC_VCPU_GETSTATE == 0x80084e08UL, "VCPU_GETSTATE");
_Static_assert(NVMM_IOC_VCPU_INJECT == 0x80084e09UL, "VCPU_INJECT");
_Static_assert(NVMM_IOC_VCPU_RUN == 0xc0484e0aUL, "VCPU_RUN");
_Static_assert(NVMM_IOC_GPA_MAP == 0x80284e0bUL, "GPA_MAP");
_Static_assert(NVMM_IOC_GPA_UNMAP == 0x80184e0cUL, "GPA_UNMAP");
_Static_assert(NVMM_IOC_HVA_MAP == 0x80204e0dUL, "HVA_MAP");
_Static_assert(NVMM_IOC_HVA_UNMAP == 0x80204e0eUL, "HVA_UNMAP");
_Static_assert(NVMM_IOC_CTL == 0x80184e14UL, "CTL");

/* Where the comm page comes from */
#if NVMM_ABI == 3
_Static_assert(offsetof(struct nvmm_ioc_vcpu_create, comm) == 8, "comm");
#else
_Static_assert(NVMM_COMM_OFF(1, 2) == 0x102000, "NVMM_COMM_OFF");
#endif

/* Versions, and what only one generation has */
_Static_assert(NVMM_KERN_VERSION == NVMM_ABI, "NVMM_KERN_VERSION");
_Static_assert(NVMM_USER_VERSION == (NVMM_ABI == 2 ? 2 : 1),
    "NVMM_USER_VERSION");
#if NVMM_ABI == 2
_Static_assert(NVMM_VCPU_EXIT_STOPPED == 0xFFFFFFFFFFFFFFFEULL, "STOPPED");
_Static_assert(sizeof(struct nvmm_vcpu) == 56, "size of struct nvmm_vcpu");
_Static_assert(offsetof(struct nvmm_vcpu, stop) == 48, "stop");
#else
#if defined(NVMM_VCPU_EXIT_STOPPED)
#error "only generation 2 has NVMM_VCPU_EXIT_STOPPED"
#endif
_Static_assert(sizeof(struct nvmm_vcpu) == 48, "size of struct nvmm_vcpu");
#endif
