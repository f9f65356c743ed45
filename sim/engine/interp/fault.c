/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions and stops: what a handler returns with when it cannot go on, and
 * what becomes of exceptions that meet while one is delivered (Intel SDM
 * vol. 3, 6.15, "Interrupt 8").
 */
#include <string.h>

#include "engine/interp/interp.h"

#define BIT(vector)	(1U << (vector))

/* Exceptions that push an error code. */
#define WITH_ERROR							\
	(BIT(INTERP_DF) | BIT(INTERP_TS) | BIT(INTERP_NP) |		\
	BIT(INTERP_SS) | BIT(INTERP_GP) | BIT(INTERP_PF) | BIT(INTERP_AC))

/* Those whose error code has the EXT bit. */
#define WITH_EXT							\
	(BIT(INTERP_TS) | BIT(INTERP_NP) | BIT(INTERP_SS) | BIT(INTERP_GP))
#define ERROR_EXT	1U

/* Exceptions that do not go together with another of their kind. */
#define CONTRIBUTORY							\
	(BIT(INTERP_DE) | BIT(INTERP_TS) | BIT(INTERP_NP) |		\
	BIT(INTERP_SS) | BIT(INTERP_GP))

enum class { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE, CLASS_DOUBLE };

static enum class
class_of(const struct sim_event *event)
{
	if (event->interrupt || event->vector >= 32)
		return CLASS_BENIGN;
	if (event->vector == INTERP_DF)
		return CLASS_DOUBLE;
	if (event->vector == INTERP_PF)
		return CLASS_PAGE;
	return CONTRIBUTORY & BIT(event->vector) ? CLASS_CONTRIBUTORY :
	    CLASS_BENIGN;
}

bool
interp_fault_code(struct interp *ip, unsigned vector, uint32_t error)
{
	if (ip->external && (WITH_EXT & BIT(vector)))
		error |= ERROR_EXT;
	ip->abort = INTERP_ABORT_FAULT;
	ip->fault = (struct sim_event){
		.vector = (uint8_t)vector,
		.has_error = true,
		.error = error,
	};
	return false;
}

bool
interp_fault(struct interp *ip, unsigned vector)
{
	if (WITH_ERROR & BIT(vector))
		return interp_fault_code(ip, vector, 0);
	ip->abort = INTERP_ABORT_FAULT;
	ip->fault = (struct sim_event){ .vector = (uint8_t)vector };
	return false;
}

bool
interp_page_fault(struct interp *ip, uint64_t linear, uint32_t error)
{
	ip->fault_address = linear;
	return interp_fault_code(ip, INTERP_PF, error);
}

/* ip->stop.u may be filled already. */
bool
interp_stop(struct interp *ip, enum sim_stop_kind kind)
{
	const struct interp_insn *insn = ip->insn;
	uint64_t npc = ip->state->gprs[SIM_GPR_RIP];

	ip->abort = INTERP_ABORT_STOP;
	ip->stop.kind = kind;
	ip->stop.in_delivery = false;
	ip->stop.length = 0;
	if (insn != NULL) {
		npc += insn->length;
		ip->stop.length = insn->length;
		memcpy(ip->stop.bytes, insn->bytes, insn->length);
	}
	ip->stop.npc = npc & interp_mask(ip->code_size);
	return false;
}

bool
interp_stop_memory(struct interp *ip, enum sim_access access, uint64_t gpa,
    unsigned size, bool walk)
{
	(void)interp_stop(ip, SIM_STOP_MEMORY);
	ip->stop.u.mem.access = access;
	ip->stop.u.mem.gpa = gpa;
	ip->stop.u.mem.size = (uint8_t)size;
	ip->stop.u.mem.walk = walk;
	return false;
}

/*
 * The fault that came while *event was delivered takes its place, or both
 * become a double fault.  False: a third one, and the processor gives up.
 */
static bool
escalate(struct interp *ip, struct sim_event *event, bool software)
{
	enum class first = software ? CLASS_BENIGN : class_of(event);
	enum class second = class_of(&ip->fault);

	if (first == CLASS_DOUBLE && second != CLASS_BENIGN)
		return interp_stop(ip, SIM_STOP_SHUTDOWN);
	if ((first == CLASS_CONTRIBUTORY && second == CLASS_CONTRIBUTORY) ||
	    (first == CLASS_PAGE && second != CLASS_BENIGN))
		(void)interp_fault(ip, INTERP_DF);
	*event = ip->fault;
	return true;
}

/* Whether the event came with the entry: nothing of it is the guest's. */
static bool
injected(const struct interp *ip, const struct sim_event *event)
{
	return ip->entry != NULL && event == ip->entry->event;
}

static bool
is_page_fault(const struct sim_event *event)
{
	return !event->interrupt && event->vector == INTERP_PF;
}

bool
interp_event(struct interp *ip, const struct sim_event *event, bool software)
{
	struct sim_event current = *event;
	bool missed = is_page_fault(event) && !software &&
	    !injected(ip, event);
	uint64_t address = ip->fault_address;
	bool gone = false;

	if (injected(ip, event))
		ip->insn = NULL;
	ip->abort = INTERP_ABORT_NONE;
	while (!gone && !interp_deliver(ip, &current, software)) {
		gone = ip->abort == INTERP_ABORT_STOP;
		if (gone) {
			/* An instruction does its event again by itself. */
			ip->stop.in_delivery = !software;
			ip->stop.event = current;
			break;
		}
		if (is_page_fault(&ip->fault)) {
			missed = true;
			address = ip->fault_address;
		}
		gone = !escalate(ip, &current, software);
		software = false;
	}
	/* Also if its handler is not reached: the fault has been. */
	if (missed)
		ip->state->crs[SIM_CR_CR2] = address;
	if (!gone)
		ip->abort = INTERP_ABORT_NONE;
	return !gone;
}
