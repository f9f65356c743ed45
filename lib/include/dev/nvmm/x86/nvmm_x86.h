/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The x86 half of the NVMM interface: register state, exits, events and
 * configuration of an x86-64 VCPU.  Shared by kernel and userland; every
 * size and offset is part of the ABI and pinned in lib/abi_check.c.
 */
#ifndef _NVMM_X86_H_
#define _NVMM_X86_H_

#include <stdbool.h>
#include <stdint.h>

#include <dev/nvmm/nvmm_abi.h>

typedef uint64_t gpaddr_t;	/* the same as in <dev/nvmm/nvmm.h> */

/* Exit reasons in struct nvmm_x86_exit. */
#define NVMM_VCPU_EXIT_NONE		0x0000000000000000ULL
#if NVMM_ABI == 2
#define NVMM_VCPU_EXIT_STOPPED		0xFFFFFFFFFFFFFFFEULL
#endif
#define NVMM_VCPU_EXIT_INVALID		0xFFFFFFFFFFFFFFFFULL
#define NVMM_VCPU_EXIT_MEMORY		0x0000000000000001ULL
#define NVMM_VCPU_EXIT_IO		0x0000000000000002ULL
#define NVMM_VCPU_EXIT_SHUTDOWN		0x0000000000001000ULL
#define NVMM_VCPU_EXIT_INT_READY	0x0000000000001001ULL
#define NVMM_VCPU_EXIT_NMI_READY	0x0000000000001002ULL
#define NVMM_VCPU_EXIT_HALTED		0x0000000000001003ULL
#define NVMM_VCPU_EXIT_TPR_CHANGED	0x0000000000001004ULL
#define NVMM_VCPU_EXIT_RDMSR		0x0000000000002000ULL
#define NVMM_VCPU_EXIT_WRMSR		0x0000000000002001ULL
#define NVMM_VCPU_EXIT_MONITOR		0x0000000000002002ULL
#define NVMM_VCPU_EXIT_MWAIT		0x0000000000002003ULL
#define NVMM_VCPU_EXIT_CPUID		0x0000000000002004ULL

/* An access to guest-physical memory that has no, or no such, mapping. */
struct nvmm_x86_exit_memory {
	int prot;		/* one of PROT_READ, PROT_WRITE, PROT_EXEC */
	gpaddr_t gpa;
	uint8_t inst_len;	/* bytes valid in inst_bytes; 0: unknown */
	uint8_t inst_bytes[15];
};

struct nvmm_x86_exit_io {
	bool in;
	uint16_t port;
	int8_t seg;		/* NVMM_X64_SEG_*, or -1: unknown */
	uint8_t address_size;	/* bytes: 2, 4 or 8 */
	uint8_t operand_size;	/* bytes: 1, 2 or 4 */
	bool rep;
	bool str;
	uint64_t npc;		/* address of the next instruction */
};

struct nvmm_x86_exit_rdmsr {
	uint32_t msr;
	uint64_t npc;
};

struct nvmm_x86_exit_wrmsr {
	uint32_t msr;
	uint64_t val;
	uint64_t npc;
};

struct nvmm_x86_exit_insn {
	uint64_t npc;
};

struct nvmm_x86_exit_invalid {
	uint64_t hwcode;
};

struct nvmm_x86_exit {
	uint64_t reason;	/* NVMM_VCPU_EXIT_* */
	union {
		struct nvmm_x86_exit_memory mem;
		struct nvmm_x86_exit_io io;
		struct nvmm_x86_exit_rdmsr rdmsr;
		struct nvmm_x86_exit_wrmsr wrmsr;
		struct nvmm_x86_exit_insn insn;
		struct nvmm_x86_exit_invalid inv;
	} u;
	struct {
		uint64_t rflags;
		uint64_t cr8;
		uint64_t int_shadow:1;
		uint64_t int_window_exiting:1;
		uint64_t nmi_window_exiting:1;
		uint64_t evt_pending:1;
		uint64_t rsvd:60;
	} exitstate;
};

#define NVMM_VCPU_EVENT_EXCP	0
#define NVMM_VCPU_EVENT_INTR	1

struct nvmm_x86_event {
	unsigned int type;	/* NVMM_VCPU_EVENT_* */
	uint8_t vector;
	union {
		struct {
			uint64_t error;
		} excp;
	} u;
};

struct nvmm_cap_md {
	uint64_t mach_conf_support;
	uint64_t vcpu_conf_support;
#define NVMM_CAP_ARCH_VCPU_CONF_CPUID	(1ULL << 0)
#define NVMM_CAP_ARCH_VCPU_CONF_TPR	(1ULL << 1)
	uint64_t xcr0_mask;
	uint32_t mxcsr_mask;
	uint32_t conf_cpuid_maxops;
	uint64_t rsvd[6];
};

/* Indexes into nvmm_x64_state.segs. */
#define NVMM_X64_SEG_ES		0
#define NVMM_X64_SEG_CS		1
#define NVMM_X64_SEG_SS		2
#define NVMM_X64_SEG_DS		3
#define NVMM_X64_SEG_FS		4
#define NVMM_X64_SEG_GS		5
#define NVMM_X64_SEG_GDT	6
#define NVMM_X64_SEG_IDT	7
#define NVMM_X64_SEG_LDT	8
#define NVMM_X64_SEG_TR		9
#define NVMM_X64_NSEG		10

/* Indexes into nvmm_x64_state.gprs. */
#define NVMM_X64_GPR_RAX	0
#define NVMM_X64_GPR_RCX	1
#define NVMM_X64_GPR_RDX	2
#define NVMM_X64_GPR_RBX	3
#define NVMM_X64_GPR_RSP	4
#define NVMM_X64_GPR_RBP	5
#define NVMM_X64_GPR_RSI	6
#define NVMM_X64_GPR_RDI	7
#define NVMM_X64_GPR_R8		8
#define NVMM_X64_GPR_R9		9
#define NVMM_X64_GPR_R10	10
#define NVMM_X64_GPR_R11	11
#define NVMM_X64_GPR_R12	12
#define NVMM_X64_GPR_R13	13
#define NVMM_X64_GPR_R14	14
#define NVMM_X64_GPR_R15	15
#define NVMM_X64_GPR_RIP	16
#define NVMM_X64_GPR_RFLAGS	17
#define NVMM_X64_NGPR		18

/* Indexes into nvmm_x64_state.crs. */
#define NVMM_X64_CR_CR0		0
#define NVMM_X64_CR_CR2		1
#define NVMM_X64_CR_CR3		2
#define NVMM_X64_CR_CR4		3
#define NVMM_X64_CR_CR8		4
#define NVMM_X64_CR_XCR0	5
#define NVMM_X64_NCR		6

/* Indexes into nvmm_x64_state.drs. */
#define NVMM_X64_DR_DR0		0
#define NVMM_X64_DR_DR1		1
#define NVMM_X64_DR_DR2		2
#define NVMM_X64_DR_DR3		3
#define NVMM_X64_DR_DR6		4
#define NVMM_X64_DR_DR7		5
#define NVMM_X64_NDR		6

/* Indexes into nvmm_x64_state.msrs. */
#define NVMM_X64_MSR_EFER		0
#define NVMM_X64_MSR_STAR		1
#define NVMM_X64_MSR_LSTAR		2
#define NVMM_X64_MSR_CSTAR		3
#define NVMM_X64_MSR_SFMASK		4
#define NVMM_X64_MSR_KERNELGSBASE	5
#define NVMM_X64_MSR_SYSENTER_CS	6
#define NVMM_X64_MSR_SYSENTER_ESP	7
#define NVMM_X64_MSR_SYSENTER_EIP	8
#define NVMM_X64_MSR_PAT		9
#define NVMM_X64_MSR_TSC		10
#define NVMM_X64_NMSR			11

struct nvmm_x64_state_seg {
	uint16_t selector;
	struct {
		uint16_t type:4;
		uint16_t s:1;
		uint16_t dpl:2;
		uint16_t p:1;
		uint16_t avl:1;
		uint16_t l:1;
		uint16_t def:1;
		uint16_t g:1;
		uint16_t rsvd:4;
	} attrib;
	uint32_t limit;		/* in bytes, whatever attrib.g says */
	uint64_t base;
};

struct nvmm_x64_state_intr {
	uint64_t int_shadow:1;
	uint64_t int_window_exiting:1;
	uint64_t nmi_window_exiting:1;
	uint64_t evt_pending:1;
	uint64_t rsvd:60;
};

union nvmm_x64_state_fpu_addr {
	uint64_t fa_64;
	struct {
		uint32_t fa_off;
		uint16_t fa_seg;
		uint16_t fa_opcode;
	} fa_32;
};

struct nvmm_x64_state_fpu_mmreg {
	uint64_t mm_significand;
	uint16_t mm_exp_sign;
	uint8_t mm_rsvd[6];
};

struct nvmm_x64_state_fpu_xmmreg {
	uint8_t xmm_bytes[16];
};

/* The layout that FXSAVE writes (Intel SDM vol. 1, 10.5.1). */
struct nvmm_x64_state_fpu {
	uint16_t fx_cw;
	uint16_t fx_sw;
	uint8_t fx_tw;
	uint8_t fx_zero;
	uint16_t fx_opcode;
	union nvmm_x64_state_fpu_addr fx_ip;
	union nvmm_x64_state_fpu_addr fx_dp;
	uint32_t fx_mxcsr;
	uint32_t fx_mxcsr_mask;
	struct nvmm_x64_state_fpu_mmreg fx_87_ac[8];
	struct nvmm_x64_state_fpu_xmmreg fx_xmm[16];
	uint8_t fx_rsvd[96];
} __attribute__((__aligned__(16)));

/* Components of the state: arguments of getstate and setstate. */
#define NVMM_X64_STATE_SEGS	0x01
#define NVMM_X64_STATE_GPRS	0x02
#define NVMM_X64_STATE_CRS	0x04
#define NVMM_X64_STATE_DRS	0x08
#define NVMM_X64_STATE_MSRS	0x10
#define NVMM_X64_STATE_INTR	0x20
#define NVMM_X64_STATE_FPU	0x40
#define NVMM_X64_STATE_ALL						\
	(NVMM_X64_STATE_SEGS | NVMM_X64_STATE_GPRS |			\
	NVMM_X64_STATE_CRS | NVMM_X64_STATE_DRS | NVMM_X64_STATE_MSRS |	\
	NVMM_X64_STATE_INTR | NVMM_X64_STATE_FPU)

struct nvmm_x64_state {
	struct nvmm_x64_state_seg segs[NVMM_X64_NSEG];
	uint64_t gprs[NVMM_X64_NGPR];
	uint64_t crs[NVMM_X64_NCR];
	uint64_t drs[NVMM_X64_NDR];
	uint64_t msrs[NVMM_X64_NMSR];
	struct nvmm_x64_state_intr intr;
	struct nvmm_x64_state_fpu fpu;
};

#define NVMM_VCPU_CONF_CPUID	NVMM_VCPU_CONF_MD_BEGIN
#define NVMM_VCPU_CONF_TPR	(NVMM_VCPU_CONF_MD_BEGIN + 1)

struct nvmm_vcpu_conf_cpuid_regs {
	uint32_t eax;
	uint32_t ebx;
	uint32_t ecx;
	uint32_t edx;
};

struct nvmm_vcpu_conf_cpuid {
	/* At most one of the two; neither: forget the leaf. */
	uint32_t mask:1;
	uint32_t exit:1;
	uint32_t rsvd:30;

	uint32_t leaf;
	union {
		struct {
			struct nvmm_vcpu_conf_cpuid_regs set;
			struct nvmm_vcpu_conf_cpuid_regs del;
		} mask;
	} u;
};

struct nvmm_vcpu_conf_tpr {
	uint32_t exit_changed:1;
	uint32_t rsvd:31;
};

#define nvmm_vcpu_state	nvmm_x64_state
#define nvmm_vcpu_event	nvmm_x86_event
#define nvmm_vcpu_exit	nvmm_x86_exit

#endif /* _NVMM_X86_H_ */
