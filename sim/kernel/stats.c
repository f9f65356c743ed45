/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of what is counted: one row each for exits, ioctls and causes.
 */
#include "kernel/stats.h"

const struct sim_exit_row sim_exits[SIM_NEXIT] = {
	[SIM_EXIT_NONE] = { "none", 0x0, false },
	[SIM_EXIT_STOPPED] = { "stopped", 0xFFFFFFFFFFFFFFFEULL, false },
	[SIM_EXIT_MEMORY] = { "memory", 0x1, true },
	[SIM_EXIT_IO] = { "io", 0x2, true },
	[SIM_EXIT_SHUTDOWN] = { "shutdown", 0x1000, true },
	[SIM_EXIT_INT_READY] = { "int_ready", 0x1001, true },
	[SIM_EXIT_NMI_READY] = { "nmi_ready", 0x1002, true },
	[SIM_EXIT_HALTED] = { "halted", 0x1003, true },
	[SIM_EXIT_TPR_CHANGED] = { "tpr_changed", 0x1004, true },
	[SIM_EXIT_RDMSR] = { "rdmsr", 0x2000, true },
	[SIM_EXIT_WRMSR] = { "wrmsr", 0x2001, true },
	[SIM_EXIT_MONITOR] = { "monitor", 0x2002, true },
	[SIM_EXIT_MWAIT] = { "mwait", 0x2003, true },
	[SIM_EXIT_CPUID] = { "cpuid", 0x2004, true },
	[SIM_EXIT_INVALID] = { "invalid", 0xFFFFFFFFFFFFFFFFULL, true },
};

const struct sim_ioctl_name sim_ioctl_names[SIM_NIOCTL] = {
	[SIM_CAPABILITY] = { "CAPABILITY", false },
	[SIM_MACHINE_CREATE] = { "MACHINE_CREATE", false },
	[SIM_MACHINE_DESTROY] = { "MACHINE_DESTROY", false },
	[SIM_MACHINE_CONFIGURE] = { "MACHINE_CONFIGURE", false },
	[SIM_VCPU_CREATE] = { "VCPU_CREATE", false },
	[SIM_VCPU_DESTROY] = { "VCPU_DESTROY", false },
	[SIM_VCPU_CONFIGURE] = { "VCPU_CONFIGURE", false },
	[SIM_VCPU_SETSTATE] = { "VCPU_SETSTATE", true },
	[SIM_VCPU_GETSTATE] = { "VCPU_GETSTATE", true },
	[SIM_VCPU_INJECT] = { "VCPU_INJECT", true },
	[SIM_VCPU_RUN] = { "VCPU_RUN", true },
	[SIM_GPA_MAP] = { "GPA_MAP", false },
	[SIM_GPA_UNMAP] = { "GPA_UNMAP", false },
	[SIM_HVA_MAP] = { "HVA_MAP", false },
	[SIM_HVA_UNMAP] = { "HVA_UNMAP", false },
	[SIM_CTL] = { "CTL", false },
};

const char *const sim_cause_names[SIM_NCAUSE] = {
	[SIM_WANTED] = "wanted",
	[SIM_SPECULATIVE] = "speculative",
	[SIM_COMMIT] = "commit",
};

const char *const sim_other_names[SIM_NOTHER] = {
	[SIM_OTHER_OPEN] = "open",
	[SIM_OTHER_MMAP] = "mmap",
	[SIM_OTHER_MUNMAP] = "munmap",
};

enum sim_exit_index
sim_exit_find(uint64_t reason)
{
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++) {
		if (sim_exits[i].reason == reason)
			break;
	}
	return (enum sim_exit_index)i;
}
