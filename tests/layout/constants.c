/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that all generations share: indexes of registers, bits of
 * components, exit reasons, events, configuration.
 */
#include <sys/mman.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"
#include "kernel/map.h"
#include "kernel/state.h"
#include "kernel/stats.h"

#include "layout.h"

#define SEG(name)	VALUE(SIM_SEG_##name, NVMM_X64_SEG_##name)
#define GPR(name)	VALUE(SIM_GPR_##name, NVMM_X64_GPR_##name)
#define CR(name)	VALUE(SIM_CR_##name, NVMM_X64_CR_##name)
#define DR(name)	VALUE(SIM_DR_##name, NVMM_X64_DR_##name)
#define MSR(name)	VALUE(SIM_MSR_##name, NVMM_X64_MSR_##name)
#define STATE(name)	VALUE(SIM_BIT(SIM_##name), NVMM_X64_STATE_##name)

static const struct layout_row rows[] = {
	SEG(ES), SEG(CS), SEG(SS), SEG(DS), SEG(FS), SEG(GS), SEG(GDT),
	SEG(IDT), SEG(LDT), SEG(TR), VALUE(SIM_NSEG, NVMM_X64_NSEG),
	GPR(RAX), GPR(RCX), GPR(RDX), GPR(RBX), GPR(RSP), GPR(RBP), GPR(RSI),
	GPR(RDI), GPR(R8), GPR(R9), GPR(R10), GPR(R11), GPR(R12), GPR(R13),
	GPR(R14), GPR(R15), GPR(RIP), GPR(RFLAGS),
	VALUE(SIM_NGPR, NVMM_X64_NGPR),
	CR(CR0), CR(CR2), CR(CR3), CR(CR4), CR(CR8), CR(XCR0),
	VALUE(SIM_NCR, NVMM_X64_NCR),
	DR(DR0), DR(DR1), DR(DR2), DR(DR3), DR(DR6), DR(DR7),
	VALUE(SIM_NDR, NVMM_X64_NDR),
	MSR(EFER), MSR(STAR), MSR(LSTAR), MSR(CSTAR), MSR(SFMASK),
	MSR(KERNELGSBASE), MSR(SYSENTER_CS), MSR(SYSENTER_ESP),
	MSR(SYSENTER_EIP), MSR(PAT), MSR(TSC),
	VALUE(SIM_NMSR, NVMM_X64_NMSR),
	STATE(SEGS), STATE(GPRS), STATE(CRS), STATE(DRS), STATE(MSRS),
	STATE(INTR), STATE(FPU),
	VALUE(SIM_STATE_ALL, NVMM_X64_STATE_ALL),
	VALUE(SIM_EVENT_EXCP, NVMM_VCPU_EVENT_EXCP),
	VALUE(SIM_EVENT_INTR, NVMM_VCPU_EVENT_INTR),
	VALUE(SIM_CTL_MACH_INFO, NVMM_CTL_MACH_INFO),
	VALUE(SIM_VCPU_CONF_CPUID, NVMM_VCPU_CONF_CPUID),
	VALUE(SIM_VCPU_CONF_TPR, NVMM_VCPU_CONF_TPR),
	VALUE(SIM_CAP_CONF_CPUID, NVMM_CAP_ARCH_VCPU_CONF_CPUID),
	VALUE(SIM_CAP_CONF_TPR, NVMM_CAP_ARCH_VCPU_CONF_TPR),
	VALUE(SIM_PROT_READ, PROT_READ),
	VALUE(SIM_PROT_WRITE, PROT_WRITE),
	VALUE(SIM_PROT_EXEC, PROT_EXEC),
	/* The driver has these as plain numbers only. */
	VALUE(0, NVMM_VCPU_CONF_LIBNVMM_BEGIN),
	VALUE(100, NVMM_VCPU_CONF_MI_BEGIN),
	VALUE(200, NVMM_VCPU_CONF_MD_BEGIN),
	VALUE(0, NVMM_MACH_CONF_LIBNVMM_BEGIN),
	VALUE(100, NVMM_MACH_CONF_MI_BEGIN),
	VALUE(200, NVMM_MACH_CONF_MD_BEGIN),
	VALUE(1, NVMM_MACH_CONF(201)),
	VALUE(1, NVMM_VCPU_CONF(201)),
};

#define EXIT(name)	{ "NVMM_VCPU_EXIT_" #name,			\
	sim_exits[SIM_EXIT_##name].reason, NVMM_VCPU_EXIT_##name }

static unsigned
reasons_differences(void)
{
	const struct layout_row reasons[] = {
		EXIT(NONE), EXIT(MEMORY), EXIT(IO), EXIT(SHUTDOWN),
		EXIT(INT_READY), EXIT(NMI_READY), EXIT(HALTED),
		EXIT(TPR_CHANGED), EXIT(RDMSR), EXIT(WRMSR), EXIT(MONITOR),
		EXIT(MWAIT), EXIT(CPUID), EXIT(INVALID),
#if NVMM_ABI == 2
		EXIT(STOPPED),
#endif
	};
	/* STOPPED is the one that not every generation has. */
	const struct layout_row number = {
		"number of exit reasons", SIM_NEXIT,
		NROWS(reasons) + (NVMM_ABI != 2),
	};

	return layout_differences(reasons, NROWS(reasons)) +
	    layout_differences(&number, 1);
}

unsigned
layout_constants(void)
{
	return layout_differences(rows, NROWS(rows)) + reasons_differences();
}
