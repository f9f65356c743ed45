/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_vcpu_dump: the state of a VCPU for people to read.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "internal.h"
#include "x86.h"

#define COUNT(names)	(sizeof(names) / sizeof((names)[0]))

static const char *const gpr_names[NVMM_X64_NGPR] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
	"rip", "rflags",
};

static const char *const seg_names[NVMM_X64_NSEG] = {
	"es", "cs", "ss", "ds", "fs", "gs", "gdt", "idt", "ldt", "tr",
};

static const char *const cr_names[NVMM_X64_NCR] = {
	"cr0", "cr2", "cr3", "cr4", "cr8", "xcr0",
};

static const char *const dr_names[NVMM_X64_NDR] = {
	"dr0", "dr1", "dr2", "dr3", "dr6", "dr7",
};

static const char *const msr_names[NVMM_X64_NMSR] = {
	"efer", "star", "lstar", "cstar", "sfmask", "kernelgsbase",
	"sysenter_cs", "sysenter_esp", "sysenter_eip", "pat", "tsc",
};

static void
registers_print(const char *const *names, const uint64_t *values, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		printf("%12s %016" PRIx64 "%s", names[i], values[i],
		    i % 2 == 1 || i == n - 1 ? "\n" : "");
}

static void
segment_print(const char *name, const struct nvmm_x64_state_seg *seg)
{
	printf("%12s %04x base %016" PRIx64 " limit %08" PRIx32
	    " type %x s %u dpl %u p %u avl %u l %u def %u g %u\n", name,
	    (unsigned)seg->selector, seg->base, seg->limit,
	    (unsigned)seg->attrib.type, (unsigned)seg->attrib.s,
	    (unsigned)seg->attrib.dpl, (unsigned)seg->attrib.p,
	    (unsigned)seg->attrib.avl, (unsigned)seg->attrib.l,
	    (unsigned)seg->attrib.def, (unsigned)seg->attrib.g);
}

static void
intr_print(const struct nvmm_x64_state_intr *intr)
{
	printf("%12s int_shadow %u int_window_exiting %u"
	    " nmi_window_exiting %u evt_pending %u\n", "intr",
	    (unsigned)intr->int_shadow, (unsigned)intr->int_window_exiting,
	    (unsigned)intr->nmi_window_exiting, (unsigned)intr->evt_pending);
}

static void
fpu_print(const struct nvmm_x64_state_fpu *fpu)
{
	size_t i, j;

	printf("%12s cw %04x sw %04x tw %02x mxcsr %08" PRIx32 " mask %08"
	    PRIx32 "\n", "fpu", (unsigned)fpu->fx_cw, (unsigned)fpu->fx_sw,
	    (unsigned)fpu->fx_tw, fpu->fx_mxcsr, fpu->fx_mxcsr_mask);
	for (i = 0; i < COUNT(fpu->fx_87_ac); i++)
		printf("%11s%zu %04x %016" PRIx64 "\n", "st", i,
		    (unsigned)fpu->fx_87_ac[i].mm_exp_sign,
		    fpu->fx_87_ac[i].mm_significand);
	for (i = 0; i < COUNT(fpu->fx_xmm); i++) {
		printf("%10s%-2zu ", "xmm", i);
		for (j = sizeof(fpu->fx_xmm[i].xmm_bytes); j > 0; j--)
			printf("%02x", fpu->fx_xmm[i].xmm_bytes[j - 1]);
		printf("\n");
	}
}

int
nvmm_vcpu_dump(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	const struct nvmm_vcpu_state *state = vcpu->state;
	int error = errno;
	size_t i;

	if (libnvmm_vcpu_check(mach, vcpu) == -1 ||
	    nvmm_vcpu_getstate(mach, vcpu, NVMM_X64_STATE_ALL) == -1)
		return -1;
	printf("vcpu %" PRIu32 " of machine %" PRIu32 "\n", vcpu->cpuid,
	    mach->machid);
	registers_print(gpr_names, state->gprs, COUNT(gpr_names));
	for (i = 0; i < COUNT(seg_names); i++)
		segment_print(seg_names[i], &state->segs[i]);
	registers_print(cr_names, state->crs, COUNT(cr_names));
	registers_print(dr_names, state->drs, COUNT(dr_names));
	registers_print(msr_names, state->msrs, COUNT(msr_names));
	intr_print(&state->intr);
	fpu_print(&state->fpu);
	errno = error;	/* stdio asks whether stdout is a terminal */
	return 0;
}
