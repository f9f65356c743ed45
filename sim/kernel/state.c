/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of components and registers.
 */
#include "kernel/state.h"

#include <string.h>

_Static_assert(sizeof(struct sim_state) == 1008, "NVMM-x86 state area");
_Static_assert(offsetof(struct sim_state, gprs) == 160, "gprs");
_Static_assert(offsetof(struct sim_state, crs) == 304, "crs");
_Static_assert(offsetof(struct sim_state, drs) == 352, "drs");
_Static_assert(offsetof(struct sim_state, msrs) == 400, "msrs");
_Static_assert(offsetof(struct sim_state, intr) == 488, "intr");
_Static_assert(offsetof(struct sim_state, fpu) == 496, "fpu");

#define ROW(component, label, member)					\
	[component] = { label, offsetof(struct sim_state, member),	\
	    sizeof(((struct sim_state *)NULL)->member) }

const struct sim_component_row sim_components[SIM_NCOMPONENT] = {
	ROW(SIM_SEGS, "segs", segs),
	ROW(SIM_GPRS, "gprs", gprs),
	ROW(SIM_CRS, "crs", crs),
	ROW(SIM_DRS, "drs", drs),
	ROW(SIM_MSRS, "msrs", msrs),
	ROW(SIM_INTR, "intr", intr),
	ROW(SIM_FPU, "fpu", fpu),
};

#define WORD(label, component, member)					\
	{ label, component, 0, 64, offsetof(struct sim_state, member) }
#define GPR(label, index)	WORD(label, SIM_GPRS, gprs[index])
#define SEG(label, index)						\
	{ label ".selector", SIM_SEGS, 0, 16,				\
	    offsetof(struct sim_state, segs[index]) },			\
	{ label ".attrib", SIM_SEGS, 16, 16,				\
	    offsetof(struct sim_state, segs[index]) },			\
	{ label ".limit", SIM_SEGS, 32, 32,				\
	    offsetof(struct sim_state, segs[index]) },			\
	WORD(label ".base", SIM_SEGS, segs[index].base)
#define INTR(label, bit)						\
	{ label, SIM_INTR, bit, 1, offsetof(struct sim_state, intr) }
#define FPU(label, position, bits)					\
	{ label, SIM_FPU, ((position) % 8) * 8, bits,			\
	    offsetof(struct sim_state, fpu) + ((position) & ~7) }

static const struct sim_register_row registers[] = {
	GPR("rax", SIM_GPR_RAX), GPR("rcx", SIM_GPR_RCX),
	GPR("rdx", SIM_GPR_RDX), GPR("rbx", SIM_GPR_RBX),
	GPR("rsp", SIM_GPR_RSP), GPR("rbp", SIM_GPR_RBP),
	GPR("rsi", SIM_GPR_RSI), GPR("rdi", SIM_GPR_RDI),
	GPR("r8", SIM_GPR_R8), GPR("r9", SIM_GPR_R9),
	GPR("r10", SIM_GPR_R10), GPR("r11", SIM_GPR_R11),
	GPR("r12", SIM_GPR_R12), GPR("r13", SIM_GPR_R13),
	GPR("r14", SIM_GPR_R14), GPR("r15", SIM_GPR_R15),
	GPR("rip", SIM_GPR_RIP), GPR("rflags", SIM_GPR_RFLAGS),
	WORD("cr0", SIM_CRS, crs[SIM_CR_CR0]),
	WORD("cr2", SIM_CRS, crs[SIM_CR_CR2]),
	WORD("cr3", SIM_CRS, crs[SIM_CR_CR3]),
	WORD("cr4", SIM_CRS, crs[SIM_CR_CR4]),
	WORD("cr8", SIM_CRS, crs[SIM_CR_CR8]),
	WORD("xcr0", SIM_CRS, crs[SIM_CR_XCR0]),
	WORD("dr0", SIM_DRS, drs[SIM_DR_DR0]),
	WORD("dr1", SIM_DRS, drs[SIM_DR_DR1]),
	WORD("dr2", SIM_DRS, drs[SIM_DR_DR2]),
	WORD("dr3", SIM_DRS, drs[SIM_DR_DR3]),
	WORD("dr6", SIM_DRS, drs[SIM_DR_DR6]),
	WORD("dr7", SIM_DRS, drs[SIM_DR_DR7]),
	WORD("efer", SIM_MSRS, msrs[SIM_MSR_EFER]),
	WORD("star", SIM_MSRS, msrs[SIM_MSR_STAR]),
	WORD("lstar", SIM_MSRS, msrs[SIM_MSR_LSTAR]),
	WORD("cstar", SIM_MSRS, msrs[SIM_MSR_CSTAR]),
	WORD("sfmask", SIM_MSRS, msrs[SIM_MSR_SFMASK]),
	WORD("kernelgsbase", SIM_MSRS, msrs[SIM_MSR_KERNELGSBASE]),
	WORD("sysenter_cs", SIM_MSRS, msrs[SIM_MSR_SYSENTER_CS]),
	WORD("sysenter_esp", SIM_MSRS, msrs[SIM_MSR_SYSENTER_ESP]),
	WORD("sysenter_eip", SIM_MSRS, msrs[SIM_MSR_SYSENTER_EIP]),
	WORD("pat", SIM_MSRS, msrs[SIM_MSR_PAT]),
	WORD("tsc", SIM_MSRS, msrs[SIM_MSR_TSC]),
	INTR("int_shadow", 0), INTR("int_window_exiting", 1),
	INTR("nmi_window_exiting", 2), INTR("evt_pending", 3),
	SEG("es", SIM_SEG_ES), SEG("cs", SIM_SEG_CS), SEG("ss", SIM_SEG_SS),
	SEG("ds", SIM_SEG_DS), SEG("fs", SIM_SEG_FS), SEG("gs", SIM_SEG_GS),
	SEG("gdt", SIM_SEG_GDT), SEG("idt", SIM_SEG_IDT),
	SEG("ldt", SIM_SEG_LDT), SEG("tr", SIM_SEG_TR),
	FPU("fcw", SIM_FPU_CW, 16), FPU("ftw", SIM_FPU_TW, 8),
	FPU("mxcsr", SIM_FPU_MXCSR, 32),
	FPU("mxcsr_mask", SIM_FPU_MXCSR_MASK, 32),
};

#define NREGISTERS	(sizeof(registers) / sizeof(registers[0]))

const struct sim_register_row *
sim_register_row(size_t i)
{
	return i < NREGISTERS ? &registers[i] : NULL;
}

const struct sim_register_row *
sim_register_find(const char *name)
{
	size_t i;

	for (i = 0; i < NREGISTERS; i++) {
		if (strcmp(registers[i].name, name) == 0)
			return &registers[i];
	}
	return NULL;
}

/*
 * Shifts count in a little-endian word, as the guest's memory has it; hosts
 * of another byte order are refused at start.
 */
static uint64_t
word_load(const struct sim_state *state, size_t offset)
{
	uint64_t word;

	memcpy(&word, (const uint8_t *)state + offset, sizeof(word));
	return word;
}

static uint64_t
field_mask(const struct sim_register_row *row)
{
	return row->width == 64 ? ~0ULL : (1ULL << row->width) - 1;
}

uint64_t
sim_register_get(const struct sim_state *state,
    const struct sim_register_row *row)
{
	return (word_load(state, row->offset) >> row->shift) & field_mask(row);
}

void
sim_register_set(struct sim_state *state, const struct sim_register_row *row,
    uint64_t value)
{
	uint64_t mask = field_mask(row);
	uint64_t word = word_load(state, row->offset);

	word &= ~(mask << row->shift);
	word |= (value & mask) << row->shift;
	memcpy((uint8_t *)state + row->offset, &word, sizeof(word));
}
