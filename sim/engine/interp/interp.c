/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine that executes: entries, windows between instructions, and the
 * loop.  What leaves the guest is a raw stop, with the registers of before
 * the instruction.
 */
#include "engine/interp/interp.h"

#include <Zydis/Zydis.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Instructions until the kernel gets to look for reasons not to run on: well
 * below a millisecond.
 */
#define QUANTUM		10000U

void
interp_mode_update(struct interp *ip)
{
	const struct sim_seg *cs = &ip->state->segs[SIM_SEG_CS];
	const struct sim_seg *ss = &ip->state->segs[SIM_SEG_SS];

	if (interp_vm86(ip))
		ip->cpl = 3;
	else if (interp_protected(ip))
		ip->cpl = (ss->attrib & SIM_ATTRIB_DPL) >>
		    SIM_ATTRIB_DPL_SHIFT;
	else
		ip->cpl = 0;
	ip->user = ip->cpl == 3;
	if (interp_code64(ip))
		ip->code_size = 8;
	else
		ip->code_size = cs->attrib & SIM_ATTRIB_DEF ? 4 : 2;
	ip->decoder = interp_decoder(ip);
}

/*
 * What the kernel or the VMM may have changed since the last entry: control
 * registers by hand, and the mappings of guest memory.
 */
static void
translations_check(struct interp *ip)
{
	const uint64_t *crs = ip->state->crs;
	uint64_t efer = ip->state->msrs[SIM_MSR_EFER];
	uint64_t map = sim_map_generation(ip->map);
	bool all = ip->tlb_cr0 != crs[SIM_CR_CR0] ||
	    ip->tlb_cr4 != crs[SIM_CR_CR4] || ip->tlb_efer != efer ||
	    ip->tlb_map != map;

	if (!all && ip->tlb_cr3 == crs[SIM_CR_CR3])
		return;
	interp_tlb_flush(ip, all);
	ip->tlb_cr0 = crs[SIM_CR_CR0];
	ip->tlb_cr3 = crs[SIM_CR_CR3];
	ip->tlb_cr4 = crs[SIM_CR_CR4];
	ip->tlb_efer = efer;
	ip->tlb_map = map;
}

static bool
shadowed(const struct interp *ip)
{
	return (ip->state->intr & SIM_INTR_SHADOW) != 0;
}

/* Stops between two instructions; IDLE: none. */
static enum sim_stop_kind
window_open(const struct interp *ip)
{
	const struct sim_entry *entry = ip->entry;

	if (entry->nmi_window && !ip->nmi_blocked && !shadowed(ip))
		return SIM_STOP_NMI_WINDOW;
	if (entry->int_window && !shadowed(ip) &&
	    (interp_flags(ip) & INTERP_IF))
		return SIM_STOP_INT_WINDOW;
	return SIM_STOP_IDLE;
}

static uint64_t
rip_truncate(const struct interp *ip, uint64_t rip)
{
	if (ip->code_size == 8)
		return rip;
	return rip & (ip->code_size == 4 ? 0xFFFFFFFF : 0xFFFF);
}

static bool
is_iret(const struct interp_insn *insn)
{
	return insn->mnemonic == ZYDIS_MNEMONIC_IRET ||
	    insn->mnemonic == ZYDIS_MNEMONIC_IRETD ||
	    insn->mnemonic == ZYDIS_MNEMONIC_IRETQ;
}

static void
retire(struct interp *ip)
{
	ip->state->gprs[SIM_GPR_RIP] = ip->next_rip;
	if (!ip->keep_rf)
		ip->state->gprs[SIM_GPR_RFLAGS] &= ~INTERP_RF;
	if (ip->shadow_next)
		ip->state->intr |= SIM_INTR_SHADOW;
	else
		ip->state->intr &= ~SIM_INTR_SHADOW;
	ip->executed++;
}

static bool
attempt(struct interp *ip)
{
	const struct interp_insn *insn;

	ip->insn = NULL;
	ip->break_hits = 0;
	if (ip->breaks_code && !interp_debug_fetch(ip))
		return false;
	insn = interp_fetch(ip);
	if (insn == NULL)
		return false;
	ip->insn = insn;
	if (ip->entry->iret_stops && is_iret(insn))
		return interp_stop(ip, SIM_STOP_IRET);
	ip->next_rip = rip_truncate(ip, ip->state->gprs[SIM_GPR_RIP] +
	    insn->length);
	ip->shadow_next = ip->keep_rf = false;
	return insn->execute(ip, insn);
}

bool
interp_execute(struct interp *ip)
{
	ip->abort = INTERP_ABORT_NONE;
	if (!attempt(ip))
		return false;
	retire(ip);
	return true;
}

/* One instruction or the fault it makes.  False: ip->stop. */
static bool
step(struct interp *ip)
{
	bool stepped = interp_flags(ip) & INTERP_TF;
	struct sim_event fault;

	if (interp_execute(ip)) {
		if (stepped || ip->break_hits != 0)
			return interp_debug_after(ip, stepped);
		return true;
	}
	if (ip->abort != INTERP_ABORT_FAULT)
		return false;
	fault = ip->fault;
	ip->executed++;		/* a guest that only faults has an end, too */
	return interp_event(ip, &fault, false);
}

static void
run_free(struct interp *ip, struct sim_stop *stop)
{
	bool windows = ip->entry->int_window || ip->entry->nmi_window;
	uint64_t end = ip->executed + QUANTUM;
	unsigned turns;

	/* Faults are no executed instructions, but may go on for ever. */
	for (turns = 0; turns < QUANTUM && ip->executed < end; turns++) {
		if (windows) {
			stop->kind = window_open(ip);
			if (stop->kind != SIM_STOP_IDLE)
				return;
		}
		if (!step(ip)) {
			*stop = ip->stop;
			return;
		}
	}
	stop->kind = SIM_STOP_LOOK;
}

static const char *
interp_unavailable(void)
{
	return NULL;
}

static int
interp_create(void **vcpu)
{
	struct interp *ip = sim_told_alloc(sizeof(*ip));

	if (ip == NULL)
		return ENOMEM;
	if (interp_cache_create(ip, 1) != 0) {
		free(ip);
		return ENOMEM;
	}
	interp_tlb_flush(ip, true);
	*vcpu = ip;
	return 0;
}

static void
interp_destroy(void *vcpu)
{
	struct interp *ip = vcpu;

	if (ip == NULL)
		return;
	interp_cache_destroy(ip);
	free(ip);
}

static void
interp_feed(void *vcpu, const struct sim_feed *feed, void *arg)
{
	struct interp *ip = vcpu;

	ip->told.feed = feed;
	ip->told.arg = arg;
}

static void
interp_ready(void *vcpu, const struct sim_state *state)
{
	struct interp *ip = vcpu;

	if (ip->told.feed != NULL)
		sim_told_ready(&ip->told, state);
}

void
interp_enter(struct interp *ip, const struct sim_entry *entry)
{
	ip->state = entry->state;
	ip->map = entry->map;
	ip->entry = entry;
	translations_check(ip);
	interp_mode_update(ip);
	interp_debug_update(ip);
}

static void
interp_run(void *vcpu, const struct sim_entry *entry, struct sim_stop *stop)
{
	struct interp *ip = vcpu;

	/* Without memory it is only slow. */
	if (ip->cache_sets < INTERP_CACHE_SETS)
		(void)interp_cache_create(ip, INTERP_CACHE_SETS);
	if (ip->told.feed != NULL) {
		sim_told_run(&ip->told, entry, interp_intent, ip, stop);
		return;
	}
	interp_enter(ip, entry);
	if (entry->event != NULL && !interp_event(ip, entry->event, false)) {
		*stop = ip->stop;
		return;
	}
	run_free(ip, stop);
}

static const char *const limits[] = {
	"floating-point arithmetic, x87 and SSE, is #UD",
	"no task switches, alignment checks, XSAVE and virtual 8086 extensions",
	"a locked access that is not aligned is not atomic",
	NULL
};

const struct sim_engine sim_engine_interp = {
	.name = "interp",
	.summary = "executes x86 code, of intents and of guests' own",
	.limits = limits,
	.executes = true,
	.unavailable = interp_unavailable,
	.vcpu_create = interp_create,
	.vcpu_destroy = interp_destroy,
	.run = interp_run,
	.ready = interp_ready,
	.feed = interp_feed,
};
