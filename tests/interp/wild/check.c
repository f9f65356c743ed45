/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What holds after each stop, whatever the guest has done.
 */
#include <string.h>

#include "engine/interp/interp.h"
#include "wild.h"

#define FLAGS_RESERVED	(~0x3F7FD7ULL)
#define CANONICAL_END	(1ULL << 47)

static const int prots[] = {
	[SIM_ACCESS_READ] = SIM_PROT_READ,
	[SIM_ACCESS_WRITE] = SIM_PROT_WRITE,
	[SIM_ACCESS_EXEC] = SIM_PROT_EXEC,
};

static bool
holds(bool condition, const char *what, uint64_t value)
{
	if (!condition)
		wild_fail("%s: %#llx", what, (unsigned long long)value);
	return condition;
}

static bool
power_of_2(unsigned size, unsigned max)
{
	return size > 0 && size <= max && (size & (size - 1)) == 0;
}

static bool
check_io(const struct sim_stop *stop)
{
	return holds(power_of_2(stop->u.io.operand_size, 4),
	    "operand size of I/O", stop->u.io.operand_size) &&
	    holds(power_of_2(stop->u.io.address_size, 8) &&
	    stop->u.io.address_size > 1, "address size of I/O",
	    stop->u.io.address_size) &&
	    holds(stop->u.io.seg <= SIM_SEG_GS, "segment of I/O",
	    stop->u.io.seg) &&
	    holds(stop->u.io.str || !stop->u.io.rep, "REP, no string",
	    stop->bytes[0]);
}

/* There is a hole, or the mapping does not allow this. */
static bool
check_memory(const struct wild_guest *guest, const struct sim_stop *stop)
{
	unsigned size = stop->u.mem.size;
	size_t room;

	return holds(stop->u.mem.access <= SIM_ACCESS_EXEC, "kind of access",
	    stop->u.mem.access) &&
	    holds(sim_map_access(guest->map, stop->u.mem.gpa,
	    prots[stop->u.mem.access], &room) == NULL,
	    "stop although memory is there", stop->u.mem.gpa) &&
	    /* Long mode without paging is no processor's. */
	    holds(stop->u.mem.gpa < 1ULL << 52 ||
	    (guest->state.crs[SIM_CR_CR0] & SIM_CR0_PG) == 0,
	    "physical address", stop->u.mem.gpa) &&
	    holds(size >= 1 && size <= 64 &&
	    stop->u.mem.gpa % PAGE + size <= PAGE, "size of access", size) &&
	    holds(!stop->u.mem.walk || size == 4 || size == 8,
	    "size of a table's entry", size);
}

static bool
check_kind(const struct wild_guest *guest, const struct sim_stop *stop)
{
	switch (stop->kind) {
	case SIM_STOP_IO:
		return check_io(stop);
	case SIM_STOP_MEMORY:
		return check_memory(guest, stop);
	case SIM_STOP_CR_WRITE:
		return holds(1U << stop->u.cr.number & 0x11D,
		    "control register", stop->u.cr.number);
	case SIM_STOP_INSN:
		return holds(stop->u.insn < SIM_NINSN, "instruction",
		    stop->u.insn);
	case SIM_STOP_LOOK:
	case SIM_STOP_HLT:
	case SIM_STOP_CPUID:
	case SIM_STOP_RDMSR:
	case SIM_STOP_WRMSR:
	case SIM_STOP_INT_WINDOW:
	case SIM_STOP_NMI_WINDOW:
	case SIM_STOP_IRET:
	case SIM_STOP_TASK_SWITCH:
	case SIM_STOP_SHUTDOWN:
		return true;
	default:
		return holds(false, "stop that no guest makes", stop->kind);
	}
}

/* The instruction, where there is one, and the one behind it. */
static bool
check_instruction(const struct wild_guest *guest, struct interp *ip,
    const struct sim_stop *stop)
{
	uint64_t npc = guest->state.gprs[SIM_GPR_RIP] + stop->length;

	switch (stop->kind) {
	case SIM_STOP_LOOK:
	case SIM_STOP_INT_WINDOW:
	case SIM_STOP_NMI_WINDOW:
		return true;
	default:
		return holds(stop->length <= SIM_INST_MAX, "length",
		    stop->length) &&
		    holds(stop->npc == (npc & interp_mask(ip->code_size)),
		    "next RIP", stop->npc);
	}
}

static bool
check_registers(const struct wild_guest *guest, const struct interp *ip)
{
	const struct sim_state *state = &guest->state;
	uint64_t flags = state->gprs[SIM_GPR_RFLAGS];
	uint64_t rip = state->gprs[SIM_GPR_RIP];
	uint32_t mxcsr;

	memcpy(&mxcsr, state->fpu + SIM_FPU_MXCSR, sizeof(mxcsr));
	return holds((flags & FLAGS_RESERVED) == 0 &&
	    (flags & SIM_RFLAGS_MBO), "RFLAGS", flags) &&
	    holds((mxcsr & 0xFFFF0000) == 0, "MXCSR", mxcsr) &&
	    holds(state->drs[SIM_DR_DR6] >> 32 == 0, "DR6",
	    state->drs[SIM_DR_DR6]) &&
	    holds(state->drs[SIM_DR_DR7] >> 32 == 0, "DR7",
	    state->drs[SIM_DR_DR7]) &&
	    holds((state->intr & ~SIM_INTR_SHADOW) == 0, "shadows",
	    state->intr) &&
	    holds(rip == guest->rip_before || ip->code_size == 8 ||
	    rip >> 32 == 0, "RIP of no 64-bit code", rip);
}

/* What the interpreter keeps of the mode is what the registers say. */
static bool
check_mode(struct interp *ip)
{
	unsigned cpl = ip->cpl, code_size = ip->code_size;
	uint8_t decoder = ip->decoder;
	bool user = ip->user;

	interp_mode_update(ip);
	return holds(cpl == ip->cpl && user == ip->user, "stale CPL", cpl) &&
	    holds(code_size == ip->code_size && decoder == ip->decoder,
	    "stale code size", code_size);
}

/* Translations lead to memory that is mapped, with this right. */
static bool
check_tlb(const struct wild_guest *guest, const struct interp *ip)
{
	const struct interp_tlb *tlb;
	unsigned kind, i;
	size_t room;

	for (kind = 0; kind < 3; kind++) {
		for (i = 0; i < INTERP_TLB_SETS; i++) {
			tlb = &ip->tlb[kind][i];
			if (tlb->tag != ~0ULL && !holds(tlb->host ==
			    sim_map_access(guest->map, tlb->gpa, prots[kind],
			    &room), "translation into nowhere", tlb->tag))
				return false;
		}
	}
	return true;
}

bool
check_stop(const struct wild_guest *guest, struct interp *ip,
    const struct sim_stop *stop)
{
	bool good = check_kind(guest, stop) &&
	    check_instruction(guest, ip, stop) &&
	    check_registers(guest, ip) && check_mode(ip) &&
	    check_tlb(guest, ip);

	if (!good)
		wild_fail("in stop %d, length %u, npc %#llx%s", stop->kind,
		    stop->length, (unsigned long long)stop->npc,
		    stop->in_delivery ? ", of an event" : "");
	return good;
}

bool
check_same(const struct sim_stop *stop, const struct sim_stop *again)
{
	bool same = stop->kind == again->kind &&
	    stop->in_delivery == again->in_delivery;

	/* An event that is injected has no instruction. */
	if (same && !stop->in_delivery)
		same = stop->npc == again->npc &&
		    stop->length == again->length &&
		    memcmp(stop->bytes, again->bytes, stop->length) == 0;
	if (same && stop->kind == SIM_STOP_MEMORY)
		same = stop->u.mem.gpa == again->u.mem.gpa &&
		    stop->u.mem.access == again->u.mem.access &&
		    stop->u.mem.size == again->u.mem.size &&
		    stop->u.mem.walk == again->u.mem.walk;
	if (same && stop->kind == SIM_STOP_IO)
		same = stop->u.io.port == again->u.io.port &&
		    stop->u.io.in == again->u.io.in;
	return holds(same, "another stop the second time", again->kind);
}
