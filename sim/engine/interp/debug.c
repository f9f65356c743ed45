/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single steps and breakpoints (Intel SDM vol. 3, chapter 17; AMD APM vol. 2,
 * 13.1).
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

#define NBREAKS		4

/* What a breakpoint waits for: its two bits in DR7. */
enum { ON_EXECUTE, ON_WRITE, ON_IO, ON_ACCESS };

#define DR6_BS		0x4000ULL
#define DR6_BREAKS	0x000FULL

static bool
enabled(uint64_t dr7, unsigned i)
{
	return (dr7 >> (i * 2) & 3) != 0;
}

static unsigned
condition(uint64_t dr7, unsigned i)
{
	return dr7 >> (16 + i * 4) & 3;
}

static unsigned
length(uint64_t dr7, unsigned i)
{
	static const uint8_t bytes[] = { 1, 2, 8, 4 };

	return bytes[dr7 >> (18 + i * 4) & 3];
}

void
interp_debug_update(struct interp *ip)
{
	uint64_t dr7 = ip->state->drs[SIM_DR_DR7];
	unsigned i;

	ip->breaks_code = ip->breaks_data = false;
	for (i = 0; i < NBREAKS; i++) {
		if (!enabled(dr7, i))
			continue;
		if (condition(dr7, i) == ON_EXECUTE)
			ip->breaks_code = true;
		else if (condition(dr7, i) != ON_IO)
			ip->breaks_data = true;
	}
}

/* Told are those that matched now; the others stay as they were. */
static void
dr6_set(struct interp *ip, uint64_t bits)
{
	uint64_t *dr6 = &ip->state->drs[SIM_DR_DR6];

	*dr6 = (*dr6 & ~DR6_BREAKS) | bits;
}

bool
interp_debug_fetch(struct interp *ip)
{
	const uint64_t *drs = ip->state->drs;
	uint64_t rip = ip->state->gprs[SIM_GPR_RIP], hits = 0;
	unsigned i;

	if (interp_flags(ip) & INTERP_RF)
		return true;
	if (ip->code_size != 8)
		rip = (rip + ip->state->segs[SIM_SEG_CS].base) & 0xFFFFFFFF;
	for (i = 0; i < NBREAKS; i++) {
		if (enabled(drs[SIM_DR_DR7], i) &&
		    condition(drs[SIM_DR_DR7], i) == ON_EXECUTE &&
		    drs[SIM_DR_DR0 + i] == rip)
			hits |= 1ULL << i;
	}
	if (hits == 0)
		return true;
	dr6_set(ip, hits);
	return interp_fault(ip, INTERP_DB);
}

void
interp_debug_access(struct interp *ip, uint64_t linear, unsigned size,
    bool write)
{
	const uint64_t *drs = ip->state->drs;
	uint64_t dr7 = drs[SIM_DR_DR7], first;
	unsigned i, wanted, bytes;

	for (i = 0; i < NBREAKS; i++) {
		wanted = condition(dr7, i);
		bytes = length(dr7, i);
		first = drs[SIM_DR_DR0 + i] & ~(uint64_t)(bytes - 1);
		if (enabled(dr7, i) && (wanted == ON_ACCESS ||
		    (wanted == ON_WRITE && write)) &&
		    linear < first + bytes && first < linear + size)
			ip->break_hits |= (uint8_t)(1U << i);
	}
}

/*
 * What loads SS holds traps off for one instruction, and INT n leaves none:
 * it has turned TF off.
 */
static bool
traps(const struct interp *ip)
{
	switch (ip->insn->mnemonic) {
	case ZYDIS_MNEMONIC_INT:
	case ZYDIS_MNEMONIC_INT1:
	case ZYDIS_MNEMONIC_INT3:
	case ZYDIS_MNEMONIC_INTO:
		return false;
	case ZYDIS_MNEMONIC_STI:
		return true;
	default:
		return !ip->shadow_next;
	}
}

bool
interp_debug_after(struct interp *ip, bool stepped)
{
	static const struct sim_event trap = { .vector = INTERP_DB };
	uint64_t hits = ip->break_hits;

	ip->break_hits = 0;
	if (stepped && traps(ip))
		hits |= DR6_BS;
	if (hits == 0)
		return true;
	dr6_set(ip, hits);
	return interp_event(ip, &trap, false);
}
