/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: NVMM-FACTS sections 5 and 6.
 */
#include <string.h>

#include "guest.h"

bool
model_event_legal(const struct sim_event_record *event)
{
	if (event->type == SIM_EVENT_INTR)
		return true;
	return event->type == SIM_EVENT_EXCP && event->vector < 32 &&
	    event->vector != 0 && event->vector != 2 && event->vector != 3;
}

static bool
has_error(uint8_t vector)
{
	static const uint8_t with_error[] = {
		8, 10, 11, 12, 13, 14, 17, 21, 30
	};

	return memchr(with_error, vector, sizeof(with_error)) != NULL;
}

void
model_event_arm(struct model *m, const struct sim_event_record *event)
{
	struct sim_event *pending = &m->pending;

	memset(pending, 0, sizeof(*pending));
	pending->vector = event->vector;
	pending->interrupt = event->type == SIM_EVENT_INTR;
	m->truth.intr |= SIM_INTR_EVT_PENDING;
	if (pending->interrupt) {
		if (event->vector == VECTOR_NMI)
			m->truth.intr |= SIM_INTR_NMI_WINDOW;
		return;
	}
	pending->has_error = has_error(event->vector);
	if (pending->has_error)
		pending->error = (uint32_t)event->error;
}

void
model_event_raise(struct model *m, uint8_t vector)
{
	/* It is built in the page, where another may wait for the next run. */
	m->event = (struct sim_event_record){
		.type = SIM_EVENT_EXCP, .vector = vector,
	};
	model_event_arm(m, &m->event);
}

void
model_event_fault(struct model *m, uint8_t vector)
{
	m->faulted = true;
	memset(&m->fault, 0, sizeof(m->fault));
	m->fault.vector = vector;
	m->fault.has_error = has_error(vector);
}

void
model_event_take(struct model *m, const struct sim_event *event)
{
	if (m->ndelivered < MODEL_EVENTS)
		m->delivered[m->ndelivered] = *event;
	m->ndelivered++;
	m->total++;
	m->truth.intr &= ~SIM_INTR_SHADOW;
	m->nmi_blocked |= event->interrupt && event->vector == VECTOR_NMI;
	/* The handler sees to the instruction that faulted. */
	if (!event->interrupt)
		m->stopped = false;
}
