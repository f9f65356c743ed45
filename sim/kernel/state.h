/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register state of a VCPU, in the layout of the comm page's state area
 * (NVMM-x86, all ABI generations), and its division into components.  The
 * simulator's own definition: bit-fields of the ABI are plain words here and
 * read with the masks below, on any host.
 */
#ifndef SIM_KERNEL_STATE_H
#define SIM_KERNEL_STATE_H

#include <stddef.h>
#include <stdint.h>

enum sim_seg_index {
	SIM_SEG_ES, SIM_SEG_CS, SIM_SEG_SS, SIM_SEG_DS, SIM_SEG_FS,
	SIM_SEG_GS, SIM_SEG_GDT, SIM_SEG_IDT, SIM_SEG_LDT, SIM_SEG_TR,
	SIM_NSEG
};

enum sim_gpr_index {
	SIM_GPR_RAX, SIM_GPR_RCX, SIM_GPR_RDX, SIM_GPR_RBX, SIM_GPR_RSP,
	SIM_GPR_RBP, SIM_GPR_RSI, SIM_GPR_RDI, SIM_GPR_R8, SIM_GPR_R9,
	SIM_GPR_R10, SIM_GPR_R11, SIM_GPR_R12, SIM_GPR_R13, SIM_GPR_R14,
	SIM_GPR_R15, SIM_GPR_RIP, SIM_GPR_RFLAGS,
	SIM_NGPR
};

enum sim_cr_index {
	SIM_CR_CR0, SIM_CR_CR2, SIM_CR_CR3, SIM_CR_CR4, SIM_CR_CR8,
	SIM_CR_XCR0,
	SIM_NCR
};

enum sim_dr_index {
	SIM_DR_DR0, SIM_DR_DR1, SIM_DR_DR2, SIM_DR_DR3, SIM_DR_DR6, SIM_DR_DR7,
	SIM_NDR
};

enum sim_msr_index {
	SIM_MSR_EFER, SIM_MSR_STAR, SIM_MSR_LSTAR, SIM_MSR_CSTAR,
	SIM_MSR_SFMASK, SIM_MSR_KERNELGSBASE, SIM_MSR_SYSENTER_CS,
	SIM_MSR_SYSENTER_ESP, SIM_MSR_SYSENTER_EIP, SIM_MSR_PAT, SIM_MSR_TSC,
	SIM_NMSR
};

/* sim_seg.attrib */
#define SIM_ATTRIB_TYPE		0x000f
#define SIM_ATTRIB_S		0x0010
#define SIM_ATTRIB_DPL		0x0060
#define SIM_ATTRIB_DPL_SHIFT	5
#define SIM_ATTRIB_P		0x0080
#define SIM_ATTRIB_L		0x0200
#define SIM_ATTRIB_DEF		0x0400
#define SIM_ATTRIB_G		0x0800

struct sim_seg {
	uint16_t selector;
	uint16_t attrib;
	uint32_t limit;
	uint64_t base;
};

/* sim_state.intr */
#define SIM_INTR_SHADOW		0x1ULL
#define SIM_INTR_INT_WINDOW	0x2ULL
#define SIM_INTR_NMI_WINDOW	0x4ULL
#define SIM_INTR_EVT_PENDING	0x8ULL

/* Offsets in sim_state.fpu, the FXSAVE layout (Intel SDM vol. 1, 10.5.1). */
#define SIM_FPU_CW		0
#define SIM_FPU_TW		4
#define SIM_FPU_ZERO		5
#define SIM_FPU_MXCSR		24
#define SIM_FPU_MXCSR_MASK	28
#define SIM_FPU_SIZE		512

struct sim_state {
	struct sim_seg segs[SIM_NSEG];
	uint64_t gprs[SIM_NGPR];
	uint64_t crs[SIM_NCR];
	uint64_t drs[SIM_NDR];
	uint64_t msrs[SIM_NMSR];
	uint64_t intr;
	_Alignas(16) uint8_t fpu[SIM_FPU_SIZE];
};

/* Register bits that the simulator looks at (Intel SDM vol. 3, 2.5). */
#define SIM_RFLAGS_MBO		0x00000002ULL
#define SIM_RFLAGS_IF		0x00000200ULL
#define SIM_RFLAGS_IOPL		0x00003000ULL
#define SIM_RFLAGS_IOPL_SHIFT	12
#define SIM_RFLAGS_RF		0x00010000ULL
#define SIM_CR0_PE		0x00000001ULL
#define SIM_CR0_ET		0x00000010ULL
#define SIM_CR0_NE		0x00000020ULL
#define SIM_CR0_NW		0x20000000ULL
#define SIM_CR0_CD		0x40000000ULL
#define SIM_CR0_PG		0x80000000ULL
#define SIM_CR4_PAE		0x00000020ULL
#define SIM_CR4_OSXSAVE		0x00040000ULL
#define SIM_EFER_LME		0x00000100ULL
#define SIM_EFER_LMA		0x00000400ULL
#define SIM_EFER_SVME		0x00001000ULL
#define SIM_XCR0_X87		0x1ULL
#define SIM_XCR0_SSE		0x2ULL

/* Components, in the order of their bits. */
enum sim_component {
	SIM_SEGS, SIM_GPRS, SIM_CRS, SIM_DRS, SIM_MSRS, SIM_INTR, SIM_FPU,
	SIM_NCOMPONENT
};

#define SIM_BIT(component)	(1ULL << (component))
#define SIM_STATE_ALL		((1ULL << SIM_NCOMPONENT) - 1)

/* One row per component: code, trace, reports and tests read this. */
struct sim_component_row {
	const char *name;	/* lower case, as reports print it */
	uint16_t offset;	/* bytes from the start of struct sim_state */
	uint16_t size;		/* bytes; a multiple of 8, 8-aligned */
};
extern const struct sim_component_row sim_components[SIM_NCOMPONENT];

/* One row per register by name, for scenarios and failure reports. */
struct sim_register_row {
	const char *name;
	uint8_t component;
	uint8_t shift;		/* of the field in its word, in bits */
	uint8_t width;		/* of the field, in bits */
	uint16_t offset;	/* bytes from the start of struct sim_state */
};

/* The register called name, or NULL.  The row lives for ever. */
const struct sim_register_row *sim_register_find(const char *name);

/* The i-th register, or NULL past the last. */
const struct sim_register_row *sim_register_row(size_t i);

uint64_t sim_register_get(const struct sim_state *state,
    const struct sim_register_row *row);

/* Bits of value beyond the register's width are dropped. */
void sim_register_set(struct sim_state *state,
    const struct sim_register_row *row, uint64_t value);

#endif /* SIM_KERNEL_STATE_H */
