/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one hardware back end does differently from the other: a table of
 * data and of small functions on exits and registers.  svm.c, vmx.c.
 */
#ifndef SIM_BACKEND_BACKEND_H
#define SIM_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/state.h"

/* What the kernel does about an MSR that its table names. */
enum sim_msr_action {
	SIM_MSR_PASS,		/* never exits: straight to the register */
	SIM_MSR_ZERO,		/* reads 0, writes are ignored */
	SIM_MSR_TSC_WRITE,	/* reads pass, writes are the kernel's */
	SIM_MSR_EFER_SVM,
	SIM_MSR_NB_CFG,
	SIM_MSR_PAT_VMX,
	SIM_MSR_MISC_ENABLE,
	SIM_MSR_ARCH_CAPABILITIES,
	SIM_MSR_EXIT		/* every MSR that no row names */
};

struct sim_msr_row {
	uint32_t number;
	enum sim_msr_action action;
	const char *reg;	/* PASS: the register's name */
};

/* A leaf of the fixed processor that guests' CPUID starts from. */
struct sim_cpuid_leaf {
	uint32_t leaf;
	uint32_t subleaf;	/* SIM_CPUID_ANY: the leaf has none */
	uint32_t regs[4];	/* eax, ebx, ecx, edx */
};
#define SIM_CPUID_ANY	0xffffffffU

/* The processor a back end pretends to run on, the same on every host. */
struct sim_cpu_model {
	const char *description;
	uint32_t max_basic, max_extended;
	uint64_t xcr0_mask;
	uint32_t mxcsr_mask;
	uint64_t misc_enable, arch_capabilities;
	const struct sim_cpuid_leaf *leaves;
	unsigned nleaves;
};

/* Hardware codes of INVALID exits. */
struct sim_invalid_codes {
	uint64_t invd;
	uint64_t bad_entry_state;
};

struct sim_backend {
	const char *name;
	const char *summary;
	const struct sim_cpu_model *model;
	uint64_t vcpu_conf_support;	/* SIM_CAP_CONF_* */
	struct sim_invalid_codes invalid;
	/* An interrupt that the guest does not accept fails the entry. */
	bool checks_interrupt_at_entry;
	const struct sim_msr_row *msrs;
	unsigned nmsrs;

	/* Makes of freshly installed components what hardware can hold. */
	void (*normalize)(struct sim_state *state, uint64_t components);

	/*
	 * The last word on a CPUID answer: what depends on the back end, the
	 * VCPU's number and how many there are.  regs: eax, ebx, ecx, edx.
	 */
	void (*cpuid)(uint32_t cpuid, uint32_t nvcpus, uint32_t leaf,
	    uint32_t subleaf, uint32_t regs[4]);

	/* Fill the exit-specific part of an exit. */
	void (*exit_io)(const struct sim_stop *stop,
	    struct sim_exit_record *exit);
	void (*exit_memory)(const struct sim_stop *stop,
	    struct sim_exit_record *exit);
};

extern const struct sim_backend sim_backend_svm;
extern const struct sim_backend sim_backend_vmx;

/* NULL-terminated; the first is the default. */
extern const struct sim_backend *const sim_backends[];

#endif /* SIM_BACKEND_BACKEND_H */
