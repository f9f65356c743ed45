/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: which ones a VMM may inject, and what injecting does besides.
 */
#include "kernel/event.h"

#include <errno.h>

#include "kernel/comm.h"

#define VECTOR_DB	1
#define VECTOR_BP	3
#define VECTOR_OF	4
#define VECTOR_DF	8
#define VECTOR_MC	18
#define NEXCEPTIONS	32
#define VECTOR_BIT(v)	(1U << (v))

/* Exceptions that push an error code (Intel SDM vol. 3, table 6-1). */
#define WITH_ERROR							\
	(VECTOR_BIT(8) | VECTOR_BIT(10) | VECTOR_BIT(11) |		\
	VECTOR_BIT(12) | VECTOR_BIT(13) | VECTOR_BIT(14) |		\
	VECTOR_BIT(17) | VECTOR_BIT(21) | VECTOR_BIT(30))

/* Exceptions that are no faults: RF stays as it is. */
#define WITHOUT_RF							\
	(VECTOR_BIT(VECTOR_DB) | VECTOR_BIT(VECTOR_OF) |		\
	VECTOR_BIT(VECTOR_DF) | VECTOR_BIT(VECTOR_MC))

/* #DE is the guest's own, NMI and #BP are no exceptions to the driver. */
#define NOT_INJECTABLE							\
	(VECTOR_BIT(0) | VECTOR_BIT(SIM_VECTOR_NMI) | VECTOR_BIT(VECTOR_BP))

static int
event_check(const struct sim_event_record *record)
{
	if (record->type == SIM_EVENT_INTR)
		return 0;
	if (record->type != SIM_EVENT_EXCP)
		return EINVAL;
	if (record->vector >= NEXCEPTIONS ||
	    (NOT_INJECTABLE & VECTOR_BIT(record->vector)))
		return EINVAL;
	return 0;
}

static void
exception_set(struct sim_vcpu *vcpu, const struct sim_event_record *record)
{
	vcpu->pending.interrupt = false;
	vcpu->pending.has_error =
	    (WITH_ERROR & VECTOR_BIT(record->vector)) != 0;
	vcpu->pending.error = vcpu->pending.has_error ?
	    (uint32_t)record->error : 0;
}

static void
interrupt_set(struct sim_vcpu *vcpu, const struct sim_event_record *record)
{
	vcpu->pending.interrupt = true;
	vcpu->pending.has_error = false;
	vcpu->pending.error = 0;
	if (record->vector == SIM_VECTOR_NMI)
		vcpu->state.intr |= SIM_INTR_NMI_WINDOW;
}

int
sim_event_inject(struct sim_vcpu *vcpu)
{
	struct sim_event_record record;
	int error;

	sim_comm_event(vcpu, &record);
	error = event_check(&record);
	if (error)
		return error;
	if (record.type == SIM_EVENT_EXCP)
		exception_set(vcpu, &record);
	else
		interrupt_set(vcpu, &record);
	vcpu->pending.vector = record.vector;
	vcpu->state.intr |= SIM_INTR_EVT_PENDING;
	return 0;
}

void
sim_event_raise(struct sim_vcpu *vcpu, unsigned vector)
{
	const struct sim_event_record record = {
		.type = SIM_EVENT_EXCP,
		.vector = (uint8_t)vector,
	};

	sim_comm_event_set(vcpu, &record);
	/* The kernel's own events are legal ones. */
	(void)sim_event_inject(vcpu);
}

const struct sim_event *
sim_event_pending(struct sim_vcpu *vcpu)
{
	if ((vcpu->state.intr & SIM_INTR_EVT_PENDING) == 0)
		return NULL;
	if (!vcpu->pending.interrupt &&
	    (WITHOUT_RF & VECTOR_BIT(vcpu->pending.vector)) == 0)
		vcpu->state.gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
	return &vcpu->pending;
}

void
sim_event_again(struct sim_vcpu *vcpu, const struct sim_event *event)
{
	vcpu->pending = *event;
	vcpu->state.intr |= SIM_INTR_EVT_PENDING;
}

void
sim_event_fault(struct sim_vcpu *vcpu, unsigned vector)
{
	vcpu->fault_raised = true;
	vcpu->fault = (struct sim_event){
		.vector = (uint8_t)vector,
		.has_error = (WITH_ERROR & VECTOR_BIT(vector)) != 0,
	};
	if ((WITHOUT_RF & VECTOR_BIT(vector)) == 0)
		vcpu->state.gprs[SIM_GPR_RFLAGS] |= SIM_RFLAGS_RF;
}

void
sim_event_delivered(struct sim_vcpu *vcpu)
{
	vcpu->state.intr &= ~SIM_INTR_EVT_PENDING;
}
