/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel counts, and the tables that name what is counted.
 */
#ifndef SIM_KERNEL_STATS_H
#define SIM_KERNEL_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/abi.h"
#include "kernel/state.h"

enum sim_exit_index {
	SIM_EXIT_NONE, SIM_EXIT_STOPPED, SIM_EXIT_MEMORY, SIM_EXIT_IO,
	SIM_EXIT_SHUTDOWN, SIM_EXIT_INT_READY, SIM_EXIT_NMI_READY,
	SIM_EXIT_HALTED, SIM_EXIT_TPR_CHANGED, SIM_EXIT_RDMSR, SIM_EXIT_WRMSR,
	SIM_EXIT_MONITOR, SIM_EXIT_MWAIT, SIM_EXIT_CPUID, SIM_EXIT_INVALID,
	SIM_NEXIT
};

struct sim_exit_row {
	const char *name;	/* lower case, as scenarios and reports say it */
	uint64_t reason;	/* NVMM_VCPU_EXIT_* */
	bool counts;		/* as an exit: not NONE and not STOPPED */
};
extern const struct sim_exit_row sim_exits[SIM_NEXIT];

/* The exit with this reason; SIM_NEXIT when there is none. */
enum sim_exit_index sim_exit_find(uint64_t reason);

struct sim_ioctl_name {
	const char *name;	/* without NVMM_IOC_ */
	/* Without a comm page its call would cost one each time. */
	bool per_call;
};
extern const struct sim_ioctl_name sim_ioctl_names[SIM_NIOCTL];

/* Why state bytes moved between comm page and VCPU. */
enum sim_cause {
	SIM_WANTED, SIM_SPECULATIVE, SIM_COMMIT,
	SIM_NCAUSE,
	SIM_UNCOUNTED = SIM_NCAUSE	/* the reset state's way in */
};
extern const char *const sim_cause_names[SIM_NCAUSE];

enum sim_other {
	SIM_OTHER_OPEN, SIM_OTHER_MMAP, SIM_OTHER_MUNMAP,
	SIM_NOTHER
};
extern const char *const sim_other_names[SIM_NOTHER];

struct sim_stats {
	uint64_t ioctls[SIM_NIOCTL + 1];	/* the last: unknown ones */
	uint64_t exits[SIM_NEXIT];
	uint64_t handled;			/* exits the kernel kept */
	uint64_t bytes[SIM_NCAUSE][SIM_NCOMPONENT];
	uint64_t other[SIM_NOTHER];
};

#endif /* SIM_KERNEL_STATS_H */
