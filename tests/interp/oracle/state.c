/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of a guest, to a VCPU of KVM's and back.
 */
#include "oracle.h"

#include <sys/ioctl.h>

#include <linux/kvm.h>
#include <string.h>

#define XSTATE_BV	512	/* where the XSAVE header says what is valid */
#define XSTATE_X87_SSE	3

/* Segments, by our index; GDT and IDT are tables. */
#define SEGMENTS(sregs)							\
	{ &(sregs)->es, &(sregs)->cs, &(sregs)->ss, &(sregs)->ds,	\
	&(sregs)->fs, &(sregs)->gs, NULL, NULL, &(sregs)->ldt,		\
	&(sregs)->tr }

/* General registers, by our index. */
#define GENERAL(regs)							\
	{ &(regs)->rax, &(regs)->rcx, &(regs)->rdx, &(regs)->rbx,	\
	&(regs)->rsp, &(regs)->rbp, &(regs)->rsi, &(regs)->rdi,		\
	&(regs)->r8, &(regs)->r9, &(regs)->r10, &(regs)->r11,		\
	&(regs)->r12, &(regs)->r13, &(regs)->r14, &(regs)->r15,		\
	&(regs)->rip, &(regs)->rflags }

static const struct {
	enum sim_msr_index index;
	uint32_t number;
} msrs[] = {
	{ SIM_MSR_STAR, 0xC0000081 }, { SIM_MSR_LSTAR, 0xC0000082 },
	{ SIM_MSR_CSTAR, 0xC0000083 }, { SIM_MSR_SFMASK, 0xC0000084 },
	{ SIM_MSR_KERNELGSBASE, 0xC0000102 },
	{ SIM_MSR_SYSENTER_CS, 0x174 }, { SIM_MSR_SYSENTER_ESP, 0x175 },
	{ SIM_MSR_SYSENTER_EIP, 0x176 },
};

#define NMSRS		(sizeof(msrs) / sizeof(msrs[0]))

struct msr_list {
	struct kvm_msrs head;
	struct kvm_msr_entry entries[NMSRS];
};

/* A limit that no descriptor counts in pages is one in bytes. */
static bool
in_pages(const struct sim_seg *seg)
{
	return (seg->attrib & SIM_ATTRIB_G) != 0 &&
	    (seg->limit & 0xfff) == 0xfff;
}

static void
segment_put(struct kvm_segment *to, const struct sim_seg *seg)
{
	*to = (struct kvm_segment){
		.base = seg->base, .limit = seg->limit,
		.selector = seg->selector,
		.type = seg->attrib & SIM_ATTRIB_TYPE,
		.s = (seg->attrib & SIM_ATTRIB_S) != 0,
		.dpl = (seg->attrib & SIM_ATTRIB_DPL) >> SIM_ATTRIB_DPL_SHIFT,
		.present = (seg->attrib & SIM_ATTRIB_P) != 0,
		.l = (seg->attrib & SIM_ATTRIB_L) != 0,
		.db = (seg->attrib & SIM_ATTRIB_DEF) != 0,
		.g = in_pages(seg),
		.unusable = (seg->attrib & SIM_ATTRIB_P) == 0,
	};
}

static void
segment_get(struct sim_seg *seg, const struct kvm_segment *from)
{
	unsigned attrib = from->type | (from->s ? SIM_ATTRIB_S : 0) |
	    (unsigned)from->dpl << SIM_ATTRIB_DPL_SHIFT |
	    (from->present && !from->unusable ? SIM_ATTRIB_P : 0) |
	    (from->l ? SIM_ATTRIB_L : 0) | (from->db ? SIM_ATTRIB_DEF : 0) |
	    (from->g ? SIM_ATTRIB_G : 0);

	*seg = (struct sim_seg){
		.selector = from->selector, .attrib = (uint16_t)attrib,
		.limit = from->limit, .base = from->base,
	};
}

static int
system_put(int vcpu, const struct sim_state *state, enum guest_mode mode)
{
	struct kvm_sregs sregs;
	struct kvm_segment *segs[] = SEGMENTS(&sregs);
	unsigned i;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) != 0)
		return -1;
	for (i = 0; i < SIM_NSEG; i++)
		if (segs[i] != NULL)
			segment_put(segs[i], &state->segs[i]);
	sregs.gdt.base = state->segs[SIM_SEG_GDT].base;
	sregs.gdt.limit = (uint16_t)state->segs[SIM_SEG_GDT].limit;
	sregs.idt.base = state->segs[SIM_SEG_IDT].base;
	sregs.idt.limit = (uint16_t)state->segs[SIM_SEG_IDT].limit;
	sregs.cr0 = state->crs[SIM_CR_CR0];
	sregs.cr2 = state->crs[SIM_CR_CR2];
	sregs.cr3 = state->crs[SIM_CR_CR3];
	sregs.cr4 = state->crs[SIM_CR_CR4];
	sregs.cr8 = state->crs[SIM_CR_CR8];
	sregs.efer = state->msrs[SIM_MSR_EFER];
	if (mode == LONG && (sregs.cr0 & SIM_CR0_PG) == 0) {
		sregs.cr0 |= SIM_CR0_PG;
		sregs.cr3 = KVM_TABLES;
		sregs.cr4 |= SIM_CR4_PAE;
	}
	return ioctl(vcpu, KVM_SET_SREGS, &sregs);
}

static int
general_put(int vcpu, const struct sim_state *state)
{
	struct kvm_regs regs;
	__u64 *to[] = GENERAL(&regs);
	unsigned i;

	for (i = 0; i < SIM_NGPR; i++)
		*to[i] = state->gprs[i];
	return ioctl(vcpu, KVM_SET_REGS, &regs);
}

static int
debug_put(int vcpu, const struct sim_state *state)
{
	struct kvm_debugregs debug;

	memset(&debug, 0, sizeof(debug));
	memcpy(debug.db, &state->drs[SIM_DR_DR0], sizeof(debug.db));
	/* What is always set, as the processor has it. */
	debug.dr6 = state->drs[SIM_DR_DR6] | 0xFFFF0FF0;
	debug.dr7 = state->drs[SIM_DR_DR7] | 0x400;
	return ioctl(vcpu, KVM_SET_DEBUGREGS, &debug);
}

static int
unit_put(int vcpu, const struct sim_state *state)
{
	struct kvm_xsave area;
	uint64_t valid = XSTATE_X87_SSE;

	memset(&area, 0, sizeof(area));
	memcpy(area.region, state->fpu, SIM_FPU_SIZE);
	memcpy((uint8_t *)area.region + XSTATE_BV, &valid, sizeof(valid));
	return ioctl(vcpu, KVM_SET_XSAVE, &area);
}

static int
msrs_put(int vcpu, const struct sim_state *state)
{
	struct msr_list list = { .head.nmsrs = NMSRS };
	unsigned i;

	for (i = 0; i < NMSRS; i++) {
		list.head.entries[i].index = msrs[i].number;
		list.head.entries[i].data = state->msrs[msrs[i].index];
	}
	return ioctl(vcpu, KVM_SET_MSRS, &list) == (int)NMSRS ? 0 : -1;
}

static int
event_put(int vcpu, const struct sim_state *state,
    const struct sim_event *event)
{
	struct kvm_vcpu_events events;

	if (ioctl(vcpu, KVM_GET_VCPU_EVENTS, &events) != 0)
		return -1;
	events.flags = KVM_VCPUEVENT_VALID_SHADOW;
	events.interrupt.shadow = (state->intr & SIM_INTR_SHADOW) != 0 ?
	    KVM_X86_SHADOW_INT_MOV_SS | KVM_X86_SHADOW_INT_STI : 0;
	if (event != NULL && event->interrupt) {
		events.interrupt.injected = 1;
		events.interrupt.nr = event->vector;
	} else if (event != NULL) {
		events.exception.injected = 1;
		events.exception.nr = event->vector;
		events.exception.has_error_code = event->has_error;
		events.exception.error_code = event->error;
	}
	return ioctl(vcpu, KVM_SET_VCPU_EVENTS, &events);
}

int
kvm_state_put(int vcpu, const struct sim_state *state, enum guest_mode mode,
    const struct sim_event *event)
{
	if (system_put(vcpu, state, mode) != 0 ||
	    general_put(vcpu, state) != 0 || debug_put(vcpu, state) != 0 ||
	    unit_put(vcpu, state) != 0 || msrs_put(vcpu, state) != 0)
		return -1;
	return event_put(vcpu, state, event);
}

static int
system_get(int vcpu, struct sim_state *state)
{
	struct kvm_sregs sregs;
	struct kvm_segment *segs[] = SEGMENTS(&sregs);
	unsigned i;

	if (ioctl(vcpu, KVM_GET_SREGS, &sregs) != 0)
		return -1;
	for (i = 0; i < SIM_NSEG; i++)
		if (segs[i] != NULL)
			segment_get(&state->segs[i], segs[i]);
	state->segs[SIM_SEG_GDT].base = sregs.gdt.base;
	state->segs[SIM_SEG_GDT].limit = sregs.gdt.limit;
	state->segs[SIM_SEG_IDT].base = sregs.idt.base;
	state->segs[SIM_SEG_IDT].limit = sregs.idt.limit;
	state->crs[SIM_CR_CR0] = sregs.cr0;
	state->crs[SIM_CR_CR2] = sregs.cr2;
	state->crs[SIM_CR_CR3] = sregs.cr3;
	state->crs[SIM_CR_CR4] = sregs.cr4;
	state->crs[SIM_CR_CR8] = sregs.cr8;
	state->msrs[SIM_MSR_EFER] = sregs.efer;
	return 0;
}

int
kvm_state_get(int vcpu, struct sim_state *state)
{
	struct kvm_regs regs;
	__u64 *from[] = GENERAL(&regs);
	struct kvm_debugregs debug;
	struct kvm_xsave area;
	struct msr_list list = { .head.nmsrs = NMSRS };
	unsigned i;

	for (i = 0; i < NMSRS; i++)
		list.head.entries[i].index = msrs[i].number;
	if (system_get(vcpu, state) != 0 ||
	    ioctl(vcpu, KVM_GET_REGS, &regs) != 0 ||
	    ioctl(vcpu, KVM_GET_DEBUGREGS, &debug) != 0 ||
	    ioctl(vcpu, KVM_GET_XSAVE, &area) != 0 ||
	    ioctl(vcpu, KVM_GET_MSRS, &list) != (int)NMSRS)
		return -1;
	for (i = 0; i < SIM_NGPR; i++)
		state->gprs[i] = *from[i];
	memcpy(&state->drs[SIM_DR_DR0], debug.db, sizeof(debug.db));
	state->drs[SIM_DR_DR6] = debug.dr6;
	state->drs[SIM_DR_DR7] = debug.dr7;
	memcpy(state->fpu, area.region, SIM_FPU_SIZE);
	for (i = 0; i < NMSRS; i++)
		state->msrs[msrs[i].index] = list.head.entries[i].data;
	return 0;
}
