/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest: user mode in long mode, its tables identical mappings of the
 * arena and the code.  The interpreter's idea of a machine's memory
 * (kernel/map.h) is supplied here.
 */
#include "native.h"

#include <stdlib.h>
#include <string.h>

#include "engine/interp/interp.h"

/* Tables: a page each from here, top to bottom. */
#define TABLES		0x1000ULL
#define NTABLES		4U

#define PTE_P		1ULL
#define PTE_W		2ULL
#define PTE_U		4ULL
#define PTE_NX		(1ULL << 63)

struct sim_map {
	const struct memory *memory;
	_Alignas(4096) uint64_t tables[NTABLES][512];
};

static struct sim_map map;
static struct interp *ip;
static struct sim_state state;

static void *
area_find(uint8_t *host, uint64_t start, uint64_t area, uint64_t gpa,
    size_t *size)
{
	if (gpa < start || gpa >= start + area)
		return NULL;
	*size = start + area - gpa;
	return host + (gpa - start);
}

void *
sim_map_access(const struct sim_map *of, uint64_t gpa, int prot, size_t *size)
{
	void *found = area_find(of->memory->guest, ARENA, ARENA_SIZE, gpa,
	    size);

	(void)prot;
	if (found == NULL)
		found = area_find(of->memory->code, CODE, CODE_SIZE, gpa,
		    size);
	if (found == NULL)
		found = area_find((uint8_t *)map.tables, TABLES,
		    sizeof(map.tables), gpa, size);
	return found;
}

uint64_t
sim_map_generation(const struct sim_map *of)
{
	(void)of;
	return 1;
}

void
sim_map_written(const struct sim_map *of, uint64_t gpa, size_t size)
{
	(void)of;
	(void)gpa;
	(void)size;
}

static void
page_map(uint64_t address, uint64_t rights)
{
	map.tables[3][address >> 12 & 511] = address | rights;
}

static void
tables_make(void)
{
	static const char rights[] = ARENA_RIGHTS;
	uint64_t page;
	unsigned i;

	map.tables[0][ARENA >> 39 & 511] = (TABLES + PAGE) | PTE_P | PTE_W |
	    PTE_U;
	map.tables[1][ARENA >> 30 & 511] = (TABLES + 2 * PAGE) | PTE_P |
	    PTE_W | PTE_U;
	map.tables[2][ARENA >> 21 & 511] = (TABLES + 3 * PAGE) | PTE_P |
	    PTE_W | PTE_U;
	for (i = 0; i < ARENA_PAGES; i++) {
		page = ARENA + i * PAGE;
		if (rights[i] != '-')
			page_map(page, PTE_P | PTE_U | PTE_NX |
			    (rights[i] == 'w' ? PTE_W : 0));
	}
	for (page = CODE; page < CODE + CODE_SIZE; page += PAGE)
		page_map(page, PTE_P | PTE_U);
}

static void
state_make(void)
{
	state.crs[SIM_CR_CR0] = SIM_CR0_PE | SIM_CR0_PG | SIM_CR0_NE |
	    SIM_CR0_ET | 0x50000;	/* AM, WP */
	state.crs[SIM_CR_CR3] = TABLES;
	state.crs[SIM_CR_CR4] = SIM_CR4_PAE | 0x600;	/* SSE */
	state.msrs[SIM_MSR_EFER] = SIM_EFER_LME | SIM_EFER_LMA | 0x801;
	state.segs[SIM_SEG_GS].base = GS_BASE;
}

bool
guest_start(struct memory *memory)
{
	void *vcpu;

	memory->guest = aligned_alloc(PAGE, ARENA_SIZE);
	if (memory->guest == NULL ||
	    sim_engine_interp.vcpu_create(&vcpu) != 0)
		return false;
	ip = vcpu;
	map.memory = memory;
	tables_make();
	state_make();
	return interp_cache_create(ip, INTERP_CACHE_SETS) == 0;
}

static void
segments_load(const struct trial_segments *from)
{
	state.segs[SIM_SEG_CS] = from->cs;
	state.segs[SIM_SEG_SS] = from->ss;
	state.segs[SIM_SEG_DS] = from->ds;
	state.segs[SIM_SEG_ES] = from->es;
}

/* What came instead of a completed instruction. */
static void
refused(struct outcome *outcome)
{
	/* The kernel would make a fault of it: this is no system. */
	if (ip->abort == INTERP_ABORT_STOP && ip->stop.kind == SIM_STOP_INSN &&
	    sim_insns[ip->stop.u.insn].user_fault != 0) {
		outcome->vector = sim_insns[ip->stop.u.insn].user_fault;
		return;
	}
	if (ip->abort != INTERP_ABORT_FAULT) {
		outcome->strange = "the interpreter stopped";
		return;
	}
	outcome->vector = ip->fault.vector;
	outcome->error = ip->fault.has_error ? ip->fault.error : 0;
	outcome->address = ip->fault_address;
}

void
guest_run(const struct trial *trial, struct outcome *outcome)
{
	const struct sim_entry entry = { .state = &state, .map = &map };
	unsigned turns = 0;

	memset(outcome, 0, sizeof(*outcome));
	outcome->vector = -1;
	memcpy(state.gprs, trial->gprs, sizeof(state.gprs));
	memcpy(state.fpu, trial->fpu, sizeof(state.fpu));
	segments_load(&trial_segments[trial->mode]);
	if (!trial_repeats(trial))
		state.gprs[SIM_GPR_RFLAGS] |= INTERP_TF;
	interp_enter(ip, &entry);
	do {
		if (!interp_execute(ip)) {
			refused(outcome);
			break;
		}
		if (turns++ == 1000000)
			outcome->strange = "repeats for ever";
	} while (trial_repeats(trial) && outcome->strange == NULL &&
	    state.gprs[SIM_GPR_RIP] == trial->gprs[SIM_GPR_RIP]);
	memcpy(outcome->gprs, state.gprs, sizeof(state.gprs));
	memcpy(outcome->fpu, state.fpu, sizeof(state.fpu));
}
