/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: what the VMM sees and does.  The guest is in model_guest.c.
 */
#include "model.h"

#include <errno.h>
#include <string.h>

#include "backend/backend.h"

static void
component_copy(struct sim_state *to, const struct sim_state *from,
    uint64_t components)
{
	const struct sim_component_row *row;
	unsigned c;

	for (c = 0; c < SIM_NCOMPONENT; c++) {
		row = &sim_components[c];
		if (components & SIM_BIT(c))
			memcpy((uint8_t *)to + row->offset,
			    (const uint8_t *)from + row->offset, row->size);
	}
}

static uint32_t
fpu_word(const struct sim_state *state, size_t offset)
{
	uint32_t word;

	memcpy(&word, &state->fpu[offset], sizeof(word));
	return word;
}

static void
fpu_word_set(struct sim_state *state, size_t offset, uint32_t word)
{
	memcpy(&state->fpu[offset], &word, sizeof(word));
}

/* NVMM-FACTS section 6, "setstate normalizes". */
static void
normalize(struct model *m)
{
	const struct sim_cpu_model *cpu = m->backend->model;
	struct sim_state *s = &m->truth;
	uint32_t mask = fpu_word(s, SIM_FPU_MXCSR_MASK) & cpu->mxcsr_mask;

	fpu_word_set(s, SIM_FPU_MXCSR_MASK, mask);
	fpu_word_set(s, SIM_FPU_MXCSR, fpu_word(s, SIM_FPU_MXCSR) & mask);
	s->crs[SIM_CR_XCR0] = (s->crs[SIM_CR_XCR0] & cpu->xcr0_mask) | 1;
	if (!model_vmx(m)) {
		s->crs[SIM_CR_CR8] &= 15;
		s->msrs[SIM_MSR_EFER] &= ~SIM_EFER_SVME;
		return;
	}
	s->crs[SIM_CR_CR0] |= SIM_CR0_NE | SIM_CR0_ET;
	s->crs[SIM_CR_CR4] &= 0x370FFF;
	s->drs[SIM_DR_DR6] &= 0xFFFFFFFF;
	s->segs[SIM_SEG_GDT].selector = s->segs[SIM_SEG_GDT].attrib = 0;
	s->segs[SIM_SEG_IDT].selector = s->segs[SIM_SEG_IDT].attrib = 0;
}

/* Installing is idempotent for what is not new, so all is normalized. */
static void
install(struct model *m, uint64_t components, const struct sim_state *from)
{
	uint64_t pending = m->truth.intr & SIM_INTR_EVT_PENDING;

	component_copy(&m->truth, from, components);
	m->truth.intr = (m->truth.intr & 7) | pending;
	normalize(m);
}

void
model_create(struct model *m, const struct model_setup *setup)
{
	static const struct sim_seg data = { 0, 0x93, 0xFFFF, 0 };
	struct sim_state *s = &m->written;
	unsigned i;

	memset(m, 0, sizeof(*m));
	m->setup = setup;
	m->backend = model_vmx(m) ? &sim_backend_vmx : &sim_backend_svm;
	m->policy = sim_policy_find(setup->policy);
	for (i = SIM_SEG_ES; i <= SIM_SEG_GS; i++)
		s->segs[i] = data;
	s->segs[SIM_SEG_CS].selector = 0xF000;
	s->segs[SIM_SEG_CS].base = 0xFFFF0000;
	s->segs[SIM_SEG_GDT] = s->segs[SIM_SEG_IDT] =
	    (struct sim_seg){ 0, 0x92, 0xFFFF, 0 };
	s->segs[SIM_SEG_LDT] = (struct sim_seg){ 0, 0x82, 0xFFFF, 0 };
	s->segs[SIM_SEG_TR] = (struct sim_seg){ 0, 0x83, 0xFFFF, 0 };
	s->gprs[SIM_GPR_RDX] = 0x600;
	s->gprs[SIM_GPR_RIP] = 0xFFF0;
	s->gprs[SIM_GPR_RFLAGS] = 2;
	s->crs[SIM_CR_CR0] = 0x60000010;
	s->crs[SIM_CR_XCR0] = 1;
	s->drs[SIM_DR_DR6] = 0xFFFF0FF0;
	s->drs[SIM_DR_DR7] = 0x400;
	s->msrs[SIM_MSR_PAT] = 0x0007040600070406;
	s->fpu[SIM_FPU_CW] = 0x40;
	s->fpu[SIM_FPU_TW] = s->fpu[SIM_FPU_ZERO] = 0x55;
	fpu_word_set(s, SIM_FPU_MXCSR, 0x1F80);
	install(m, SIM_STATE_ALL, s);
	m->raw = m->known = SIM_STATE_ALL;
}

void
model_view(const struct model *m, struct sim_state *view)
{
	*view = m->truth;
	component_copy(view, &m->written, m->raw);
}

unsigned
model_get(struct model *m, uint64_t components)
{
	unsigned ioctls = (components & ~m->known) != 0;

	m->known |= components;
	return ioctls;
}

void
model_set(struct model *m, uint64_t components, const struct sim_state *page)
{
	component_copy(&m->written, page, components);
	m->raw |= components;
	m->dirty |= components;
	m->known |= components;
	if (components & MODEL_ASSIST)
		m->mem_fresh = false;
}

void
model_inject(struct model *m, const struct sim_event_record *event)
{
	m->event = *event;
	m->inject = true;
}

void
model_host(struct model *m, enum sim_host_reason reason, unsigned looks)
{
	m->host = reason;
	m->looks = looks;
}

void
model_wish(struct model *m, const struct wish *wish)
{
	m->wishes[(m->first + m->nwishes) % MODEL_WISHES] = *wish;
	m->nwishes++;
}

/* Whether the kernel has a reason to return now; SIM_NEXIT: it has none. */
static enum sim_exit_index
reason_look(struct model *m)
{
	enum sim_host_reason host = SIM_HOST_NOTHING;

	if (m->host != SIM_HOST_NOTHING && m->looks > 0)
		m->looks--;
	else {
		host = m->host;
		m->host = SIM_HOST_NOTHING;
	}
	if (host == SIM_HOST_RESCHEDULE || host == SIM_HOST_SIGNAL)
		return SIM_EXIT_NONE;
	if (m->stop)
		return SIM_EXIT_STOPPED;
	return host == SIM_HOST_SUSPEND ? SIM_EXIT_NONE : SIM_NEXIT;
}

static bool
event_legal(const struct sim_event_record *event)
{
	if (event->type == SIM_EVENT_INTR)
		return true;
	return event->type == SIM_EVENT_EXCP && event->vector < 32 &&
	    event->vector != 0 && event->vector != 2 && event->vector != 3;
}

/* The guest, until the VMM has to know. */
static enum sim_exit_index
guest_run(struct model *m, struct sim_exit_record *exit)
{
	bool replaced = !(m->setup->quirks_off & SIM_QUIRK_EXIT_OVERWRITTEN);
	enum sim_exit_index index, reason;

	do {
		index = model_enter(m, exit);
		if (index != SIM_EXIT_NONE)
			m->known |= m->policy->speculate[index];
		reason = reason_look(m);
		if (reason != SIM_NEXIT && (index == SIM_EXIT_NONE || replaced))
			return reason;
	} while (index == SIM_EXIT_NONE);
	return index;
}

int
model_run(struct model *m)
{
	struct sim_exit_record exit;
	enum sim_exit_index index;

	memset(&exit, 0, sizeof(exit));
	m->ndelivered = 0;
	m->mem_fresh = false;
	index = reason_look(m);
	if (index == SIM_NEXIT) {
		install(m, m->dirty, &m->written);
		if (m->dirty & MODEL_ASSIST)
			m->intent_fresh = false;
		m->raw = m->dirty = m->known = 0;
		if (m->inject) {
			m->inject = false;
			if (!event_legal(&m->event))
				return EINVAL;	/* exit stays */
			model_event_arm(m, &m->event);
		}
		index = guest_run(m, &exit);
		exit.rflags = m->truth.gprs[SIM_GPR_RFLAGS];
		exit.cr8 = m->truth.crs[SIM_CR_CR8];
		exit.intr = m->truth.intr;
		m->mem_fresh = index == SIM_EXIT_MEMORY && m->intent_fresh;
	}
	exit.reason = sim_exits[index].reason;
	m->exit = exit;
	if (!(m->setup->quirks_off & SIM_QUIRK_LOST_STOP) ||
	    index == SIM_EXIT_STOPPED)
		m->stop = false;
	return 0;
}

void
model_disturb(struct model *m)
{
	m->intent_fresh = m->mem_fresh = false;
}

void
model_adopt(struct model *m, const struct sim_state *seen)
{
	static const enum sim_gpr_index gprs[] = {
		SIM_GPR_RAX, SIM_GPR_RBX, SIM_GPR_RCX, SIM_GPR_RDX,
	};
	unsigned i;

	for (i = 0; m->cpuid_unknown && i < 4; i++)
		m->truth.gprs[gprs[i]] = seen->gprs[gprs[i]];
	m->cpuid_unknown = false;
}

bool
model_npc(const struct model *m, uint64_t *npc)
{
	*npc = m->intent.stop.npc;
	return m->stopped && (m->raw & SIM_BIT(SIM_GPRS)) == 0 &&
	    m->truth.gprs[SIM_GPR_RIP] == m->stop_rip;
}

/* RAX after a read of size bytes: 32 bits clear the upper half. */
static uint64_t
rax_read(uint64_t rax, unsigned size)
{
	uint64_t mask = (1ULL << (size * 8)) - 1;

	return (size == 4 ? 0 : rax & ~mask) | (MODEL_DEVICE & mask);
}

/* What both assists do to the registers, and what the device saw. */
static void
assist_done(struct model *m, uint64_t rip, struct model_access *access)
{
	uint64_t mask = (1ULL << (access->size * 8)) - 1;
	struct sim_state view;

	model_view(m, &view);
	if (access->write)
		access->value = view.gprs[SIM_GPR_RAX] & mask;
	else
		view.gprs[SIM_GPR_RAX] = rax_read(view.gprs[SIM_GPR_RAX],
		    access->size);
	view.gprs[SIM_GPR_RIP] = rip;
	model_set(m, SIM_BIT(SIM_GPRS), &view);
}

int
model_assist_io(struct model *m, unsigned *ioctls, struct model_access *access)
{
	memset(access, 0, sizeof(*access));
	*ioctls = 0;
	if (m->exit.reason != sim_exits[SIM_EXIT_IO].reason)
		return EINVAL;
	*ioctls = model_get(m, MODEL_ASSIST);
	access->where = m->exit.u.io.port;
	access->size = m->exit.u.io.operand_size;
	access->write = !m->exit.u.io.in;
	assist_done(m, m->exit.u.io.npc, access);
	return 0;
}

int
model_assist_mem(struct model *m, unsigned *ioctls,
    struct model_access *access)
{
	const struct sim_stop *stop = &m->intent.stop;

	memset(access, 0, sizeof(*access));
	*ioctls = 0;
	if (m->exit.reason != sim_exits[SIM_EXIT_MEMORY].reason)
		return EINVAL;
	*ioctls = model_get(m, MODEL_ASSIST);
	access->where = stop->u.mem.gpa;
	access->size = stop->u.mem.size;
	access->write = stop->u.mem.access == SIM_ACCESS_WRITE;
	/* 16-bit code: IP wraps. */
	assist_done(m, (m->stop_rip + stop->length) & 0xFFFF, access);
	return 0;
}
