/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model: what the VMM sees and does, and the steps of a run.  The guest
 * is in model_guest.c.
 */
#include "model.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "guest.h"

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

/* Step 2 of a run. */
static void
commit(struct model *m)
{
	uint64_t pending = m->truth.intr & SIM_INTR_EVT_PENDING;
	uint64_t tsc = m->truth.msrs[SIM_MSR_TSC], *now;

	component_copy(&m->truth, &m->written, m->dirty);
	m->truth.intr = (m->truth.intr & 7) | pending;
	model_normalize(m);
	now = &m->truth.msrs[SIM_MSR_TSC];
	if (model_v3(m) && (m->dirty & SIM_BIT(SIM_MSRS)) &&
	    (*now == 0 || *now == m->tsc_shown))
		*now = tsc;
	if (m->dirty & MODEL_ASSIST)
		m->intent_fresh = false;
	m->raw = m->dirty = m->known = 0;
}

void
model_create(struct model *m, const struct model_setup *setup,
    struct model_machine *machine, uint32_t cpuid)
{
	memset(m, 0, offsetof(struct model, wishes));
	m->setup = setup;
	m->machine = machine;
	m->cpuid = cpuid;
	model_reset(m);
	m->raw = m->known = SIM_STATE_ALL;
}

void
model_view(const struct model *m, struct sim_state *view)
{
	*view = m->truth;
	component_copy(view, &m->written, m->raw);
}

uint64_t
model_missing(const struct model *m, uint64_t components)
{
	return components & ~m->known;
}

void
model_get(struct model *m, uint64_t components)
{
	uint64_t missing = model_missing(m, components);

	m->known |= missing;
	/* Where the clock runs, each look at it sees another time. */
	if (!model_v3(m) || (missing & SIM_BIT(SIM_MSRS)) == 0)
		return;
	m->truth.msrs[SIM_MSR_TSC] += MODEL_TSC_PER_LOOK;
	m->tsc_shown = m->truth.msrs[SIM_MSR_TSC];
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

int
model_configure_tpr(struct model *m, bool exits)
{
	if (!model_vmx(m))
		return EINVAL;
	m->tpr_exits = exits;
	return 0;
}

int
model_configure_cpuid(struct model *m, const struct sim_conf_cpuid *conf)
{
	unsigned i;

	if (conf->action == (SIM_CONF_CPUID_MASK | SIM_CONF_CPUID_EXIT))
		return EINVAL;
	for (i = 0; i < 4; i++) {
		if ((conf->action & SIM_CONF_CPUID_MASK) &&
		    (conf->set[i] & conf->del[i]))
			return EINVAL;
	}
	for (i = 0; i < m->nleaves && m->leaves[i].leaf != conf->leaf; i++)
		continue;
	if (conf->action == 0 && i < m->nleaves)
		m->leaves[i] = m->leaves[--m->nleaves];
	else if (conf->action != 0) {
		m->leaves[i] = *conf;
		m->nleaves += i == m->nleaves;
	}
	return 0;
}

/* Whether the kernel has a reason to return now; SIM_NEXIT: it has none. */
static enum sim_exit_index
reason_look(struct model *m)
{
	enum sim_host_reason host = SIM_HOST_NOTHING;

	if (m->host >= SIM_HOST_ENTRY_FAILURE)
		;	/* hardware's: not to be seen before the next entry */
	else if (m->host != SIM_HOST_NOTHING && m->looks > 0)
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

/* Where nothing is lost by it, the host may preempt. */
static bool
preempt_look(struct model *m)
{
	m->preempted = m->preempt != MODEL_NO_PREEMPT && m->preempt-- == 0;
	return m->preempted;
}

/* Step 3. */
static int
event_look(struct model *m)
{
	if (!m->inject)
		return 0;
	m->inject = false;
	if (!model_event_legal(&m->event))
		return EINVAL;
	model_event_arm(m, &m->event);
	return 0;
}

/* Steps 3 to 7: the guest, until the VMM has to know. */
static int
guest_run(struct model *m, struct sim_exit_record *exit,
    enum sim_exit_index *index)
{
	bool replaced = !model_v3(m) &&
	    !(m->setup->quirks_off & SIM_QUIRK_EXIT_OVERWRITTEN);
	enum sim_exit_index reason = SIM_NEXIT;
	bool look = true;
	int error;

	do {
		error = look ? event_look(m) : 0;
		if (error)
			return error;
		look = model_v3(m);
		*index = model_enter(m, exit);
		if (*index != SIM_EXIT_NONE)
			model_get(m, m->setup->policy.speculate[*index]);
		reason = reason_look(m);
		if (reason != SIM_NEXIT &&
		    (*index == SIM_EXIT_NONE || replaced)) {
			*index = reason;
			return 0;
		}
	} while (*index == SIM_EXIT_NONE && !preempt_look(m));
	return 0;
}

/* The host can give the guest what it missed: it was mapped. */
static bool
resolved(const struct model *m, const struct sim_exit_record *exit)
{
	const struct model_area *area = model_area_find(m->machine,
	    exit->u.mem.gpa);

	return area != NULL && (area->prot & exit->u.mem.prot) != 0;
}

/*
 * The script engine does not ask whether DS permits the access, a processor
 * would have: such an exit is none that an assist must know.
 */
static bool
segment_permits(const struct model *m)
{
	const struct sim_seg *ds = &m->truth.segs[SIM_SEG_DS];
	const unsigned writable = 2, down = 4, code = 8;
	uint64_t offset = 0;

	if (model_ip_mask(m) == ~0ULL)
		return true;
	if (model_ip_mask(m) == 0xFFFFFFFF)
		offset = (m->intent.stop.u.mem.gpa - ds->base) & 0xFFFFFFFF;
	return (ds->attrib & SIM_ATTRIB_P) && (ds->attrib & writable) &&
	    (ds->attrib & (down | code)) == 0 &&
	    offset + m->intent.stop.u.mem.size - 1 <= ds->limit;
}

/* Whether the Mem assist would find the access that stopped the guest. */
static bool
assistable(const struct model *m)
{
	const struct sim_stop *stop = &m->intent.stop;

	return m->intent_fresh && m->stopped && !m->in_delivery &&
	    stop->kind == SIM_STOP_MEMORY &&
	    stop->u.mem.access != SIM_ACCESS_EXEC && segment_permits(m);
}

/* Steps 1 to 7. */
static int
run(struct model *m, struct sim_exit_record *exit, enum sim_exit_index *index)
{
	int error;

	do {
		*index = reason_look(m);
		if (*index == SIM_NEXIT && preempt_look(m))
			*index = SIM_EXIT_NONE;
		if (*index != SIM_NEXIT)
			return 0;
		commit(m);
		error = guest_run(m, exit, index);
		if (error)
			return error;
		exit->rflags = m->truth.gprs[SIM_GPR_RFLAGS];
		exit->cr8 = m->truth.crs[SIM_CR_CR8];
		exit->intr = m->truth.intr;
	} while (*index == SIM_EXIT_MEMORY && resolved(m, exit));
	m->mem_fresh = *index == SIM_EXIT_MEMORY && assistable(m);
	return 0;
}

int
model_run(struct model *m, unsigned preempt)
{
	enum sim_exit_index index = SIM_EXIT_NONE;
	struct sim_exit_record exit;
	int error;

	memset(&exit, 0, sizeof(exit));
	m->ndelivered = m->extras = 0;
	m->mem_fresh = m->preempted = m->acted = false;
	m->preempt = preempt;
	error = run(m, &exit, &index);
	if (error == 0) {	/* else it stays */
		exit.reason = sim_exits[index].reason;
		m->exit = exit;
	}
	if (!(m->setup->quirks_off & SIM_QUIRK_LOST_STOP) ||
	    (error == 0 && index == SIM_EXIT_STOPPED))
		m->stop = false;
	return error;
}

void
model_disturb(struct model *m)
{
	m->intent_fresh = m->mem_fresh = false;
}

bool
model_npc(const struct model *m, uint64_t *npc)
{
	*npc = m->intent.stop.npc;
	return m->stopped && (m->raw & SIM_BIT(SIM_GPRS)) == 0 &&
	    m->truth.gprs[SIM_GPR_RIP] == m->stop_rip;
}
