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
	uint64_t cr4_valid;	/* bits that a guest may set */
	uint32_t mxcsr_mask;
	uint64_t misc_enable, arch_capabilities;
	const struct sim_cpuid_leaf *leaves;
	unsigned nleaves;
};

/* Hardware codes of INVALID exits; 0: this back end has no such exit. */
struct sim_invalid_codes {
	uint64_t bad_state;	/* registers that no processor can hold */
	uint64_t failed_entry;
	uint64_t misconfiguration;
	uint64_t init;
	uint64_t task_switch;
};

/* What becomes of an instruction of enum sim_insn. */
enum sim_insn_action {
	SIM_INSN_UNKNOWN,	/* the processor raises #UD in the guest */
	SIM_INSN_PASSES,	/* completes in the guest */
	SIM_INSN_UD,		/* exits, and the kernel injects #UD */
	SIM_INSN_IS_XSETBV,
	SIM_INSN_INVALID,	/* an INVALID exit with hwcode */
	SIM_INSN_IS_MONITOR,
	SIM_INSN_IS_MWAIT
};

struct sim_insn_rule {
	enum sim_insn_action action;
	uint64_t hwcode;
};

struct sim_backend {
	const char *name;
	const char *summary;
	const struct sim_cpu_model *model;
	uint64_t vcpu_conf_support;	/* SIM_CAP_CONF_* */
	struct sim_invalid_codes invalid;
	/* An interrupt that the guest does not accept fails the entry. */
	bool checks_interrupt_at_entry;
	/* NMI_READY comes before an IRET, not when NMIs are possible. */
	bool nmi_window_by_iret;
	/* Writes to CR0, CR4 and CR8 leave the guest. */
	bool cr_writes_exit;
	uint64_t cr0_fixed;	/* bits that are always 1 */
	const struct sim_insn_rule *insns;	/* SIM_NINSN of them */
	const struct sim_msr_row *msrs;
	unsigned nmsrs;

	/* Whether the processor enters a guest with these registers. */
	bool (*state_valid)(const struct sim_state *state);

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
