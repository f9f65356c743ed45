/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's guest: the wishes one after the other, what the kernel handles
 * of them, the delivery of events, and windows.
 */
#include <sys/mman.h>
#include <string.h>

#include "guest.h"

const struct wish model_last_wish = { .kind = WISH_SHUTDOWN };

void
model_advance(struct model *m)
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

void
model_encode(const struct wish *wish, const struct sim_state *state,
    uint8_t *code, struct sim_intent *intent)
{
	static const struct wish nop = { .kind = WISH_NOP };

	if (wish_encode(wish, state, code, intent) != NULL)
		(void)wish_encode(&nop, state, code, intent);
}

static const struct wish *
wish_next(struct model *m)
{
	const struct wish *wish = &m->wishes[m->first];

	if (m->nwishes == 0) {
		m->extras++;
		return &model_last_wish;
	}
	m->first = (m->first + 1) % MODEL_WISHES;
	m->nwishes--;
	return wish;
}

static bool
unfinished(const struct model *m)
{
	return m->stopped && m->truth.gprs[SIM_GPR_RIP] == m->stop_rip &&
	    m->truth.segs[SIM_SEG_CS].base == m->stop_cs;
}

/* Between two turns of a guest that spins, somebody else's time comes. */
static void
spin(struct model *m)
{
	if (!unfinished(m) || !m->intent.spin)
		return;
	m->spun = !m->action.armed && !m->acted;
	if (!m->action.armed)
		return;
	m->action.armed = false;
	m->acted = true;
	if (m->action.inject)
		model_inject(m, &m->action.event);
	model_host(m, m->action.reason, m->action.looks);
}

/* The next instruction with its registers, unless one is unfinished. */
static void
fetch(struct model *m)
{
	uint8_t code[MODEL_PAGE];
	const struct sim_preload *p;
	unsigned i;

	if (unfinished(m))
		return;
	model_encode(wish_next(m), &m->truth, code, &m->intent);
	m->intent_fresh = true;
	m->touched = m->spun = false;
	for (i = 0; i < m->intent.npreloads; i++) {
		p = &m->intent.preloads[i];
		memcpy((uint8_t *)&m->truth + p->offset, &p->value,
		    sizeof(p->value));
	}
	m->stopped = true;
	m->stop_rip = m->truth.gprs[SIM_GPR_RIP];
	m->stop_cs = m->truth.segs[SIM_SEG_CS].base;
}

static void
step(struct model *m)
{
	model_advance(m);
	m->stopped = false;
	m->truth.gprs[SIM_GPR_RFLAGS] |= m->intent.after.flags_set;
	m->truth.gprs[SIM_GPR_RFLAGS] &= ~m->intent.after.flags_clear;
	if (m->intent.after.shadow)
		m->truth.intr |= SIM_INTR_SHADOW;
	if (m->intent.after.iret)
		m->nmi_blocked = false;
	if (m->intent.after.pushes)
		m->pushes = true;
}

/* What the VMM hears of an access that it has not mapped. */
static enum sim_exit_index
exit_memory(const struct model *m, struct sim_exit_record *exit)
{
	static const int32_t prots[] = {
		[SIM_ACCESS_READ] = PROT_READ, [SIM_ACCESS_WRITE] = PROT_WRITE,
		[SIM_ACCESS_EXEC] = PROT_EXEC,
	};
	const struct sim_stop *stop = &m->intent.stop;

	exit->u.mem.prot = prots[stop->u.mem.access];
	exit->u.mem.inst_len = 0;
	if (model_vmx(m))
		return SIM_EXIT_MEMORY;
	exit->u.mem.inst_len = stop->length;
	memcpy(exit->u.mem.inst_bytes, stop->bytes, stop->length);
	return SIM_EXIT_MEMORY;
}

static enum sim_exit_index
memory(struct model *m, struct sim_exit_record *exit)
{
	uint64_t fault = m->intent.stop.u.mem.gpa;
	bool first = m->intent.first_touch && !m->touched;

	m->touched = true;
	if (!first && model_access(m, &fault)) {
		model_advance(m);
		m->stopped = false;
		return MODEL_INSIDE;
	}
	exit->u.mem.gpa = fault;
	return exit_memory(m, exit);
}

static enum sim_exit_index
exit_io(const struct model *m, struct sim_exit_record *exit)
{
	const struct sim_stop *stop = &m->intent.stop;

	exit->u.io.in = stop->u.io.in;
	exit->u.io.port = stop->u.io.port;
	exit->u.io.operand_size = stop->u.io.operand_size;
	exit->u.io.npc = stop->npc;
	return SIM_EXIT_IO;
}

static enum sim_exit_index
stop_handle(struct model *m, struct sim_exit_record *exit)
{
	switch (m->intent.stop.kind) {
	case SIM_STOP_IO:
		return exit_io(m, exit);
	case SIM_STOP_MEMORY:
		return memory(m, exit);
	case SIM_STOP_HLT:
		model_advance(m);
		if (interrupts_on(m))
			m->truth.intr &= ~SIM_INTR_INT_WINDOW;
		return SIM_EXIT_HALTED;
	case SIM_STOP_CPUID:
		return model_cpuid(m, exit);
	case SIM_STOP_RDMSR:
		return model_rdmsr(m, exit);
	case SIM_STOP_WRMSR:
		return model_wrmsr(m, exit);
	case SIM_STOP_CR_WRITE:
		return model_cr_write(m);
	case SIM_STOP_INSN:
		return model_insn(m, exit);
	case SIM_STOP_INIT:
	case SIM_STOP_TASK_SWITCH:
		return model_invalid(m, exit);
	default:
		return SIM_EXIT_SHUTDOWN;
	}
}

/* The vector of the exception that only user code gets for it, or 0. */
static uint8_t
user_fault(const struct model *m)
{
	if (m->intent.step)
		return 0;
	switch (m->intent.stop.kind) {
	case SIM_STOP_HLT:
	case SIM_STOP_RDMSR:
	case SIM_STOP_WRMSR:
	case SIM_STOP_CR_WRITE:
		return VECTOR_GP;
	case SIM_STOP_INSN:
		return model_user_fault(m);
	case SIM_STOP_IO:
		return model_cpl(m) > (m->truth.gprs[SIM_GPR_RFLAGS] >> 12 & 3)
		    ? VECTOR_GP : 0;
	default:
		return 0;
	}
}

static bool
user_refused(struct model *m)
{
	uint8_t vector = user_fault(m);

	if (vector == 0 || !model_user(m))
		return false;
	model_event_fault(m, vector);
	return true;
}

/* VMX refuses what the guest would not accept. */
static bool
event_refused(const struct model *m)
{
	return model_vmx(m) && m->pending.interrupt &&
	    m->pending.vector != VECTOR_NMI &&
	    (!interrupts_on(m) || shadowed(m));
}

/* What the VMM hears now about interrupting; SIM_NEXIT: nothing. */
static enum sim_exit_index
window(struct model *m)
{
	/* SVM tells at an IRET instead. */
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

static enum sim_exit_index
instruction(struct model *m, struct sim_exit_record *exit)
{
	enum sim_exit_index index = window(m);

	if (index != SIM_NEXIT)
		return index;
	fetch(m);
	/* What led to it may have turned interrupts on. */
	index = window(m);
	if (index != SIM_NEXIT)
		return index;
	if ((m->truth.intr & SIM_INTR_NMI_WINDOW) && !model_vmx(m) &&
	    m->intent.after.iret) {
		m->truth.intr &= ~SIM_INTR_NMI_WINDOW;
		return SIM_EXIT_NMI_READY;
	}
	if (user_refused(m))
		return MODEL_INSIDE;
	if (m->intent.spin) {
		if (!m->spun)
			return SIM_EXIT_NONE;
		model_advance(m);
		return MODEL_INSIDE;
	}
	if (!m->intent.step)
		return stop_handle(m, exit);
	step(m);
	return MODEL_INSIDE;
}

/* Whether hardware refuses the entry, for its own reasons or the VMM's. */
static bool
entry_fails(struct model *m, uint64_t *hwcode)
{
	enum sim_host_reason host = m->host;

	*hwcode = ~0ULL;
	if (host >= SIM_HOST_ENTRY_FAILURE) {
		m->host = SIM_HOST_NOTHING;
		if (model_vmx(m) && host == SIM_HOST_MISCONFIGURATION)
			*hwcode = 49;
		return true;
	}
	if (model_vmx(m))
		*hwcode = 33;
	if (model_state_refused(m))
		return true;
	if ((m->truth.intr & SIM_INTR_EVT_PENDING) == 0 || !event_refused(m))
		return false;
	m->truth.intr &= ~SIM_INTR_EVT_PENDING;
	return true;
}

/* False: there is no room for its frame, and it has not been. */
static bool
deliver(struct model *m, struct sim_exit_record *exit)
{
	uint64_t fault;

	m->in_delivery = m->pushes && !model_push(m, &fault);
	if (!m->in_delivery) {
		m->truth.intr &= ~SIM_INTR_EVT_PENDING;
		model_event_take(m, &m->pending);
		return true;
	}
	m->truth.intr |= SIM_INTR_EVT_PENDING;
	exit->u.mem.gpa = fault;
	exit->u.mem.prot = PROT_WRITE;
	exit->u.mem.inst_len = 0;
	return false;
}

/* What the VMM or the kernel injected goes in first. */
static bool
entry_event(struct model *m)
{
	unsigned vector = m->pending.vector;

	if ((m->truth.intr & SIM_INTR_EVT_PENDING) == 0)
		return false;
	if (!m->pending.interrupt && vector != 1 && vector != 4 &&
	    vector != 8 && vector != 18)
		m->truth.gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
	return true;
}

/* A fault of the guest's own is delivered in the guest, at once. */
static bool
guest_event(struct model *m)
{
	if (!m->faulted)
		return false;
	m->faulted = false;
	m->pending = m->fault;
	m->truth.gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
	return true;
}

enum sim_exit_index
model_enter(struct model *m, struct sim_exit_record *exit)
{
	enum sim_exit_index index;
	uint64_t hwcode;
	bool event;

	m->in_delivery = false;
	if (entry_fails(m, &hwcode)) {
		exit->u.inv.hwcode = hwcode;
		return SIM_EXIT_INVALID;
	}
	m->truth.msrs[SIM_MSR_TSC] += MODEL_TSC_PER_ENTRY;
	event = entry_event(m);
	spin(m);
	do {
		if (event && !deliver(m, exit))
			return SIM_EXIT_MEMORY;
		index = instruction(m, exit);
		event = guest_event(m);
	} while (index == MODEL_INSIDE);
	return index;
}
