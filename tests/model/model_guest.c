/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's guest: the wishes one after the other, what the kernel handles
 * of them, events and windows.
 */
#include <string.h>

#include "model.h"

/* Ticks of the virtual TSC for each entry of the guest. */
#define TICKS		1000

#define VECTOR_NMI	2
#define VECTOR_GP	13

#define MSR_TSC		0x10
#define MSR_MICROCODE	0x8B
#define MSR_PAT		0x277
#define MSR_EFER	0xC0000080
#define MSR_LSTAR	0xC0000082

void
model_event_arm(struct model *m, const struct sim_event_record *event)
{
	static const uint8_t with_error[] = {
		8, 10, 11, 12, 13, 14, 17, 21, 30
	};
	uint8_t vector = event->vector;
	size_t i;

	memset(&m->pending, 0, sizeof(m->pending));
	m->pending.vector = vector;
	m->pending.interrupt = event->type == SIM_EVENT_INTR;
	m->truth.intr |= SIM_INTR_EVT_PENDING;
	if (m->pending.interrupt) {
		if (vector == VECTOR_NMI)
			m->truth.intr |= SIM_INTR_NMI_WINDOW;
		return;
	}
	for (i = 0; i < sizeof(with_error); i++) {
		if (with_error[i] == vector) {
			m->pending.has_error = true;
			m->pending.error = (uint32_t)event->error;
		}
	}
}

static void
fault(struct model *m)
{
	const struct sim_event_record event = {
		.type = SIM_EVENT_EXCP, .vector = VECTOR_GP,
	};

	model_event_arm(m, &event);
}

static void
advance(struct model *m)
{
	m->truth.gprs[SIM_GPR_RIP] = m->intent.stop.npc;
	m->truth.gprs[SIM_GPR_RFLAGS] &= ~SIM_RFLAGS_RF;
	m->truth.intr &= ~SIM_INTR_SHADOW;
}

static bool
interrupts_on(const struct model *m)
{
	return (m->truth.gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF) != 0;
}

static bool
shadowed(const struct model *m)
{
	return (m->truth.intr & SIM_INTR_SHADOW) != 0;
}

/* The next instruction with its registers; false: the guest has none. */
static bool
fetch(struct model *m)
{
	uint8_t code[4096];
	const struct sim_preload *p;
	unsigned i;

	if (m->stopped && m->truth.gprs[SIM_GPR_RIP] == m->stop_rip &&
	    m->truth.segs[SIM_SEG_CS].base == m->stop_cs)
		return true;
	m->stopped = false;
	if (m->nwishes == 0)
		return false;
	(void)wish_encode(&m->wishes[m->first], &m->truth, code, &m->intent);
	m->first = (m->first + 1) % MODEL_WISHES;
	m->nwishes--;
	m->intent_fresh = true;
	for (i = 0; i < m->intent.npreloads; i++) {
		p = &m->intent.preloads[i];
		memcpy((uint8_t *)&m->truth + p->offset, &p->value,
		    sizeof(p->value));
	}
	return true;
}

static void
step(struct model *m)
{
	advance(m);
	m->truth.gprs[SIM_GPR_RFLAGS] |= m->intent.after.flags_set;
	m->truth.gprs[SIM_GPR_RFLAGS] &= ~m->intent.after.flags_clear;
	if (m->intent.after.shadow)
		m->truth.intr |= SIM_INTR_SHADOW;
}

/* What never leaves the guest on hardware. */
#define INSIDE	((enum sim_exit_index)(SIM_NEXIT + 1))

static enum sim_exit_index
rdmsr(struct model *m, struct sim_exit_record *exit)
{
	uint32_t number = m->intent.stop.u.msr.number;
	enum sim_exit_index index = INSIDE;
	uint64_t value = 0;

	switch (number) {
	case MSR_TSC:
		value = m->truth.msrs[SIM_MSR_TSC];
		break;
	case MSR_LSTAR:
		value = m->truth.msrs[SIM_MSR_LSTAR];
		break;
	case MSR_EFER:
		value = m->truth.msrs[SIM_MSR_EFER];
		index = model_vmx(m) ? INSIDE : SIM_EXIT_NONE;
		break;
	case MSR_MICROCODE:
		index = SIM_EXIT_NONE;
		break;
	default:
		exit->u.rdmsr.msr = number;
		exit->u.rdmsr.npc = m->intent.stop.npc;
		return SIM_EXIT_RDMSR;
	}
	m->truth.gprs[SIM_GPR_RAX] = value & 0xFFFFFFFF;
	m->truth.gprs[SIM_GPR_RDX] = value >> 32;
	advance(m);
	return index;
}

/* Whether every byte is a memory type that there is. */
static bool
pat_legal(uint64_t pat)
{
	for (; pat != 0; pat >>= 8) {
		if ((pat & 0xFF) > 7 || (pat & 0xFF) == 2 || (pat & 0xFF) == 3)
			return false;
	}
	return true;
}

static enum sim_exit_index
wrmsr(struct model *m, struct sim_exit_record *exit)
{
	uint64_t value = m->intent.stop.u.msr.value;
	uint32_t number = m->intent.stop.u.msr.number;
	enum sim_exit_index index = SIM_EXIT_NONE;
	bool legal = true;

	switch (number) {
	case MSR_TSC:
		m->truth.msrs[SIM_MSR_TSC] = value;
		break;
	case MSR_LSTAR:
		m->truth.msrs[SIM_MSR_LSTAR] = value;
		index = INSIDE;
		break;
	case MSR_EFER:
		index = model_vmx(m) ? INSIDE : SIM_EXIT_NONE;
		legal = model_vmx(m) || (value & ~0xDD01ULL) == 0;
		if (legal)
			m->truth.msrs[SIM_MSR_EFER] = model_vmx(m) ? value :
			    value & ~SIM_EFER_SVME;
		break;
	case MSR_PAT:
		index = model_vmx(m) ? SIM_EXIT_NONE : INSIDE;
		legal = !model_vmx(m) || pat_legal(value);
		if (legal)
			m->truth.msrs[SIM_MSR_PAT] = value;
		break;
	case MSR_MICROCODE:
		break;
	default:
		exit->u.wrmsr.msr = number;
		exit->u.wrmsr.val = value;
		exit->u.wrmsr.npc = m->intent.stop.npc;
		return SIM_EXIT_WRMSR;
	}
	if (legal)
		advance(m);
	else
		fault(m);
	return index;
}

/* The two leaves that sequences ask for, the same on both back ends. */
static enum sim_exit_index
cpuid(struct model *m)
{
	uint32_t leaf = (uint32_t)m->truth.gprs[SIM_GPR_RAX];
	bool name = leaf == 0x40000000;

	m->cpuid_unknown |= !name && leaf != 0x80000007;
	m->truth.gprs[SIM_GPR_RAX] = name ? 0x40000000 : 0;
	m->truth.gprs[SIM_GPR_RBX] = name ? 0x205F5F5F : 0;
	m->truth.gprs[SIM_GPR_RCX] = name ? 0x4D4D564E : 0;
	m->truth.gprs[SIM_GPR_RDX] = name ? 0x5F5F5F20 : 0x100;
	advance(m);
	return SIM_EXIT_NONE;
}

static void
exit_memory(const struct model *m, struct sim_exit_record *exit)
{
	const struct sim_stop *stop = &m->intent.stop;

	exit->u.mem.gpa = stop->u.mem.gpa;
	exit->u.mem.prot = stop->u.mem.access == SIM_ACCESS_WRITE ? 2 : 1;
	if (model_vmx(m))
		return;
	exit->u.mem.inst_len = stop->length;
	memcpy(exit->u.mem.inst_bytes, stop->bytes, stop->length);
}

static void
exit_io(const struct model *m, struct sim_exit_record *exit)
{
	const struct sim_stop *stop = &m->intent.stop;

	exit->u.io.in = stop->u.io.in;
	exit->u.io.port = stop->u.io.port;
	exit->u.io.operand_size = stop->u.io.operand_size;
	exit->u.io.npc = stop->npc;
}

static enum sim_exit_index
stop_handle(struct model *m, struct sim_exit_record *exit)
{
	switch (m->intent.stop.kind) {
	case SIM_STOP_IO:
		exit_io(m, exit);
		return SIM_EXIT_IO;
	case SIM_STOP_MEMORY:
		exit_memory(m, exit);
		return SIM_EXIT_MEMORY;
	case SIM_STOP_HLT:
		advance(m);
		if (interrupts_on(m))
			m->truth.intr &= ~SIM_INTR_INT_WINDOW;
		return SIM_EXIT_HALTED;
	case SIM_STOP_CPUID:
		return cpuid(m);
	case SIM_STOP_RDMSR:
		return rdmsr(m, exit);
	case SIM_STOP_WRMSR:
		return wrmsr(m, exit);
	case SIM_STOP_INSN:	/* INVD: the only one in sequences */
		exit->u.inv.hwcode = model_vmx(m) ? 13 : 0x76;
		return SIM_EXIT_INVALID;
	default:
		return SIM_EXIT_SHUTDOWN;
	}
}

static void
deliver(struct model *m)
{
	unsigned vector = m->pending.vector;

	if (m->ndelivered < MODEL_EVENTS)
		m->delivered[m->ndelivered] = m->pending;
	m->ndelivered++;
	m->total++;
	m->truth.intr &= ~SIM_INTR_EVT_PENDING;
	m->nmi_blocked |= m->pending.interrupt && vector == VECTOR_NMI;
	if (m->pending.interrupt)
		return;
	/* The handler sees to the instruction that faulted. */
	m->stopped = false;
	if (vector != 1 && vector != 4 && vector != 8 && vector != 18)
		m->truth.gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
}

/* Registers that no processor of this kind enters a guest with. */
static bool
state_refused(const struct model *m)
{
	const struct sim_state *s = &m->truth;
	uint64_t cr0 = s->crs[SIM_CR_CR0], rflags = s->gprs[SIM_GPR_RFLAGS];

	if (cr0 >= 1ULL << 32 || s->drs[SIM_DR_DR7] >= 1ULL << 32)
		return true;
	if (model_vmx(m))
		return (rflags & 2) == 0 || (rflags & 0x8028) != 0 ||
		    rflags >= 1ULL << 22;
	return (cr0 & 0x60000000) == 0x20000000 ||
	    s->drs[SIM_DR_DR6] >= 1ULL << 32 ||
	    (s->msrs[SIM_MSR_EFER] & ~0xDD01ULL) != 0;
}

/* VMX refuses what the guest would not accept. */
static bool
entry_fails(const struct model *m)
{
	return model_vmx(m) && m->pending.interrupt &&
	    m->pending.vector != VECTOR_NMI &&
	    (!interrupts_on(m) || shadowed(m));
}

/* What the VMM hears now about interrupting; SIM_NEXIT: nothing. */
static enum sim_exit_index
window(struct model *m)
{
	/* SVM tells at an IRET instead, and sequences have none. */
	if ((m->truth.intr & SIM_INTR_NMI_WINDOW) && model_vmx(m) &&
	    !m->nmi_blocked && !shadowed(m)) {
		m->truth.intr &= ~SIM_INTR_NMI_WINDOW;
		return SIM_EXIT_NMI_READY;
	}
	if ((m->truth.intr & SIM_INTR_INT_WINDOW) == 0 || !interrupts_on(m) ||
	    shadowed(m))
		return SIM_NEXIT;
	m->truth.intr &= ~SIM_INTR_INT_WINDOW;
	return SIM_EXIT_INT_READY;
}

enum sim_exit_index
model_enter(struct model *m, struct sim_exit_record *exit)
{
	enum sim_exit_index index;

	if (state_refused(m)) {
		exit->u.inv.hwcode = model_vmx(m) ? 33 : ~0ULL;
		return SIM_EXIT_INVALID;
	}
	if (m->truth.intr & SIM_INTR_EVT_PENDING) {
		if (entry_fails(m)) {
			m->truth.intr &= ~SIM_INTR_EVT_PENDING;
			exit->u.inv.hwcode = 33;
			return SIM_EXIT_INVALID;
		}
		deliver(m);
	}
	m->truth.msrs[SIM_MSR_TSC] += TICKS;
	do {
		index = window(m);
		if (index != SIM_NEXIT)
			return index;
		/* Sequences never leave a guest without an exit to make. */
		if (!fetch(m))
			return SIM_EXIT_SHUTDOWN;
		m->stopped = true;
		m->stop_rip = m->truth.gprs[SIM_GPR_RIP];
		m->stop_cs = m->truth.segs[SIM_SEG_CS].base;
		index = window(m);
		if (index != SIM_NEXIT)
			return index;
		index = INSIDE;
		if (m->intent.step)
			step(m);
		else
			index = stop_handle(m, exit);
	} while (index == INSIDE);
	return index;
}
