/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What guests do: anything that an engine can be told, a few intents a run.
 */
#include <string.h>

#include "engine/engine.h"
#include "fuzz.h"

#define NELEM(table)	(sizeof(table) / sizeof((table)[0]))

static const enum sim_stop_kind kinds[] = {
	SIM_STOP_IO, SIM_STOP_IO, SIM_STOP_MEMORY, SIM_STOP_MEMORY,
	SIM_STOP_HLT, SIM_STOP_CPUID, SIM_STOP_RDMSR, SIM_STOP_WRMSR,
	SIM_STOP_CR_WRITE, SIM_STOP_INSN, SIM_STOP_INSN, SIM_STOP_INIT,
	SIM_STOP_TASK_SWITCH, SIM_STOP_SHUTDOWN,
};

static const uint32_t msrs[] = {
	0x10, 0x17, 0x8b, 0x10a, 0x174, 0x1a0, 0x277, 0xc0000080, 0xc0000081,
	0xc0000101, 0xc001001f, 0xc0010055,
};

static const uint8_t crs[] = { 0, 2, 3, 4, 8 };

static uint64_t
random_address(struct fuzz *fuzz)
{
	return fuzz_once_in(fuzz, 8) ? fuzz_edge(fuzz) :
	    fuzz_below(fuzz, 64 * PAGE);
}

static void
io_operands(struct fuzz *fuzz, struct sim_stop *stop)
{
	stop->u.io.in = fuzz_once_in(fuzz, 2);
	stop->u.io.rep = fuzz_once_in(fuzz, 4);
	stop->u.io.str = fuzz_once_in(fuzz, 4);
	stop->u.io.port = (uint16_t)fuzz_random(fuzz);
	stop->u.io.seg = (uint8_t)fuzz_below(fuzz, SIM_SEG_GS + 1);
	stop->u.io.address_size = (uint8_t)(2U << fuzz_below(fuzz, 3));
	stop->u.io.operand_size = (uint8_t)(1U << fuzz_below(fuzz, 3));
}

static void
stop_operands(struct fuzz *fuzz, struct sim_stop *stop)
{
	switch (stop->kind) {
	case SIM_STOP_IO:
		io_operands(fuzz, stop);
		break;
	case SIM_STOP_MEMORY:
		stop->u.mem.access = (enum sim_access)fuzz_below(fuzz, 3);
		stop->u.mem.size = (uint8_t)(1U << fuzz_below(fuzz, 4));
		stop->u.mem.gpa = random_address(fuzz);
		break;
	case SIM_STOP_RDMSR: case SIM_STOP_WRMSR:
		stop->u.msr.number = fuzz_once_in(fuzz, 8) ?
		    (uint32_t)fuzz_random(fuzz) :
		    msrs[fuzz_below(fuzz, NELEM(msrs))];
		stop->u.msr.value = fuzz_edge(fuzz);
		break;
	case SIM_STOP_CR_WRITE:
		stop->u.cr.number = crs[fuzz_below(fuzz, NELEM(crs))];
		stop->u.cr.value = fuzz_edge(fuzz);
		break;
	case SIM_STOP_INSN:
		stop->u.insn = (enum sim_insn)fuzz_below(fuzz, SIM_NINSN);
		break;
	default:
		break;
	}
}

/* Any general register but RIP, and the flags. */
static void
random_preload(struct fuzz *fuzz, struct sim_preload *preload)
{
	uint64_t i = fuzz_below(fuzz, SIM_NGPR);

	if (i == SIM_GPR_RIP)
		i = SIM_GPR_RAX;
	preload->offset = (uint16_t)(offsetof(struct sim_state, gprs) +
	    i * sizeof(uint64_t));
	preload->value = fuzz_edge(fuzz);
}

static bool
guest_next(void *arg, const struct sim_state *state,
    struct sim_intent *intent)
{
	struct fuzz *fuzz = arg;
	unsigned i;

	if (fuzz->budget == 0)
		return false;
	fuzz->budget--;
	memset(intent, 0, sizeof(*intent));
	intent->npreloads = (unsigned)fuzz_below(fuzz, 4);
	for (i = 0; i < intent->npreloads; i++)
		random_preload(fuzz, &intent->preloads[i]);
	intent->step = fuzz_once_in(fuzz, 4);
	intent->spin = fuzz_once_in(fuzz, 16);
	intent->first_touch = fuzz_once_in(fuzz, 8);
	intent->after.flags_set = fuzz_once_in(fuzz, 2) ? SIM_RFLAGS_IF : 0;
	intent->after.shadow = fuzz_once_in(fuzz, 2);
	intent->after.iret = fuzz_once_in(fuzz, 4);
	intent->after.pushes = fuzz_once_in(fuzz, 8);
	intent->stop.kind = kinds[fuzz_below(fuzz, NELEM(kinds))];
	intent->stop.length = (uint8_t)(1 + fuzz_below(fuzz, SIM_INST_MAX));
	fuzz_bytes(fuzz, intent->stop.bytes, intent->stop.length);
	intent->stop.npc = state->gprs[SIM_GPR_RIP] + intent->stop.length;
	stop_operands(fuzz, &intent->stop);
	return true;
}

static void
guest_delivered(void *arg, const struct sim_event *event)
{
	struct fuzz *fuzz = arg;

	if (!event->interrupt && event->vector > 31)
		fuzz_wrong(fuzz, "an exception was delivered that is none",
		    "vector %u", event->vector);
}

/* Two looks from outside are enough for any guest. */
static enum sim_spin
guest_spins(void *arg)
{
	struct fuzz *fuzz = arg;

	if (fuzz->budget > 0 && fuzz_once_in(fuzz, 2)) {
		fuzz->budget--;
		return SIM_SPIN_ON;
	}
	return fuzz_once_in(fuzz, 2) ? SIM_SPIN_OVER : SIM_SPIN_DEAD;
}

static const struct sim_feed feed = {
	guest_next, guest_delivered, guest_spins
};

void
fuzz_guest(struct fuzz *fuzz, uint32_t machid, uint32_t cpuid)
{
	int error = sim_feed_set(fuzz->sim, machid, cpuid, &feed, fuzz);

	if (error)
		fuzz_wrong(fuzz, "a VCPU just created is not there",
		    "machine %u, VCPU %u: error %d", machid, cpuid, error);
}
