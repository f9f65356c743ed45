/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual machine: user mode in long mode.  A set of page tables for each
 * choice of holes maps the same addresses to RAM or to where there is none.
 * Around the instruction there are OUTs: their exit says that it is done.
 * Whatever faults ends in a shutdown, for there is no IDT.
 */
#include "assist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <nvmm.h>

#include "backend/backend.h"
#include "engine/interp/interp.h"
#include "kernel/control.h"
#include "transport/library.h"
#include "transport/transport.h"

#define HOLE		0x80000000ULL	/* the arena's pages, as holes */
#define TABLES		0x1000ULL
#define LEVELS		4U
#define SETS		(HOLES_ALL + 1)
#define TABLES_SIZE	(SETS * LEVELS * PAGE)

#define PTE_P		0x01ULL
#define PTE_W		0x02ULL
#define PTE_U		0x04ULL
#define PTE_USED	0x60ULL		/* accessed, dirty */
#define PTE_NX		(1ULL << 63)
#define PTE_TABLE	(PTE_P | PTE_W | PTE_U | PTE_USED)

#define IOPL_3		0x3000ULL
#define ALL_STATE	(NVMM_X64_STATE_ALL & ~NVMM_X64_STATE_INTR)
#define RUNS_MAX	1000000U

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu;
static struct sim_state template;
static const struct memory *arenas;
static uint64_t (*tables)[512];
static unsigned device_writes;

_Static_assert(sizeof(struct sim_state) == sizeof(struct nvmm_vcpu_state),
    "both are the interface's layout");

/* No host executes these. */
uint32_t
host_mxcsr_mask(void)
{
	return 0xFFFF;
}

/* The device behaves like the RAM that is there otherwise. */
static void
device(struct nvmm_mem *mem)
{
	uint8_t *at = arenas->guest + (mem->gpa - HOLE);

	device_writes += mem->write;
	if (mem->gpa < HOLE || mem->gpa + mem->size > HOLE + ARENA_SIZE)
		abort();
	if (mem->write)
		memcpy(at, mem->data, mem->size);
	else
		memcpy(mem->data, at, mem->size);
}

static uint64_t
set_root(unsigned set)
{
	return TABLES + set * LEVELS * PAGE;
}

static void
page_map(unsigned set, uint64_t gva, uint64_t gpa, uint64_t rights)
{
	uint64_t (*levels)[512] = tables + set * LEVELS;
	unsigned i;

	for (i = 0; i + 1 < LEVELS; i++)
		levels[i][gva >> (39 - 9 * i) & 511] =
		    (set_root(set) + (i + 1) * PAGE) | PTE_TABLE;
	levels[i][gva >> 12 & 511] = gpa | rights | PTE_P | PTE_U | PTE_USED;
}

static void
set_make(unsigned set)
{
	static const char rights[] = ARENA_RIGHTS;
	uint64_t offset, base;
	unsigned i;

	for (i = 0; i < ARENA_PAGES; i++) {
		base = set == HOLES_ALL || set == i ? HOLE : ARENA;
		if (rights[i] != '-')
			page_map(set, ARENA + i * PAGE, base + i * PAGE,
			    PTE_NX | (rights[i] == 'w' ? PTE_W : 0));
	}
	for (offset = 0; offset < CODE_SIZE; offset += PAGE)
		page_map(set, CODE + offset, CODE + offset, 0);
}

static void
template_make(void)
{
	memcpy(&template, vcpu.state, sizeof(template));
	template.crs[SIM_CR_CR0] = SIM_CR0_PE | SIM_CR0_PG | SIM_CR0_NE |
	    SIM_CR0_ET | 0x50000;	/* AM, WP */
	template.crs[SIM_CR_CR4] = SIM_CR4_PAE | 0x600;	/* SSE */
	template.msrs[SIM_MSR_EFER] = SIM_EFER_LME | SIM_EFER_LMA | 0x801;
	template.segs[SIM_SEG_GS].base = GS_BASE;
	template.segs[SIM_SEG_IDT].limit = 0;
}

static int
memory_map(struct memory *memory)
{
	size_t size = TABLES_SIZE + ARENA_SIZE + CODE_SIZE;
	uint8_t *all = aligned_alloc(PAGE, size);
	uintptr_t hva = (uintptr_t)all;
	unsigned i;

	memory->host = malloc(ARENA_SIZE);
	if (all == NULL || memory->host == NULL ||
	    nvmm_hva_map(&mach, hva, size) != 0 ||
	    nvmm_gpa_map(&mach, hva, TABLES, TABLES_SIZE, 7) != 0 ||
	    nvmm_gpa_map(&mach, hva + TABLES_SIZE, ARENA, ARENA_SIZE, 7) != 0)
		return -1;
	hva += TABLES_SIZE + ARENA_SIZE;
	if (nvmm_gpa_map(&mach, hva, CODE, CODE_SIZE, 7) != 0)
		return -1;
	tables = (uint64_t (*)[512])all;
	memory->guest = all + TABLES_SIZE;
	memory->code = (uint8_t *)hva;
	arenas = memory;
	for (i = 0; i < SETS; i++)
		set_make(i);
	return 0;
}

const char *
guest_begin(const char *library, const char *cpu, struct memory *memory)
{
	struct sim_config config = {
		.engine = &sim_engine_interp,
		.backend = strcmp(cpu, "vmx") == 0 ? &sim_backend_vmx :
		    &sim_backend_svm,
	};
	static char why[512];
	struct sim *sim;

	if (library_load(library, why, sizeof(why)) != 0)
		return why;
	if (sim_create(&config, &sim) != 0)
		return "out of memory";
	transport_attach(sim, NULL, NULL);
	if (nvmm_init() != 0 || nvmm_machine_create(&mach) != 0 ||
	    nvmm_vcpu_create(&mach, 0, &vcpu) != 0 || memory_map(memory) != 0)
		return strerror(errno);
	vcpu.cbs.mem = device;
	template_make();
	return NULL;
}

static void
registers_load(const struct trial *trial, unsigned holes)
{
	const struct trial_segments *from = &trial_segments[trial->mode];
	struct sim_state state = template;

	state.segs[SIM_SEG_CS] = from->cs;
	state.segs[SIM_SEG_SS] = from->ss;
	state.segs[SIM_SEG_DS] = from->ds;
	state.segs[SIM_SEG_ES] = from->es;
	state.crs[SIM_CR_CR3] = set_root(holes);
	memcpy(state.gprs, trial->gprs, sizeof(state.gprs));
	state.gprs[SIM_GPR_RFLAGS] |= IOPL_3;
	memcpy(state.fpu, trial->fpu, sizeof(state.fpu));
	memcpy(vcpu.state, &state, sizeof(state));
	(void)nvmm_vcpu_setstate(&mach, &vcpu, ALL_STATE);
}

/* Serves an exit; NULL, or what should not be. */
static const char *
serve(struct served *served)
{
	const struct nvmm_comm_page *comm = mach.pages[0];
	uint64_t gprs[NVMM_X64_NGPR], gpa = vcpu.exit->u.mem.gpa;

	if (gpa < HOLE || gpa >= HOLE + ARENA_SIZE)
		return "an exit that is not at a hole";
	if (served->exits++ == 0)
		served->page = (unsigned)((gpa - HOLE) / PAGE);
	device_writes = 0;
	memcpy(gprs, vcpu.state->gprs, sizeof(gprs));
	if (nvmm_assist_mem(&mach, &vcpu) == 0)
		return comm->state_commit & ~(uint64_t)(NVMM_X64_STATE_GPRS |
		    NVMM_X64_STATE_FPU) ? "commits too much" : NULL;
	served->error = errno;
	if (device_writes != 0)
		return "the assist failed, but wrote";
	if (comm->state_commit != 0 ||
	    memcmp(gprs, vcpu.state->gprs, sizeof(gprs)) != 0)
		return "the assist failed, but changed registers";
	return NULL;
}

static const char *
run(struct outcome *outcome, struct served *served)
{
	unsigned runs;
	const char *why;

	for (runs = 0; runs < RUNS_MAX; runs++) {
		if (nvmm_vcpu_run(&mach, &vcpu) != 0)
			return strerror(errno);
		switch (vcpu.exit->reason) {
		case NVMM_VCPU_EXIT_NONE:
			continue;
		case NVMM_VCPU_EXIT_IO:
			return NULL;
		case NVMM_VCPU_EXIT_SHUTDOWN:
			outcome->vector = 0;
			return NULL;
		case NVMM_VCPU_EXIT_MEMORY:
			why = serve(served);
			if (why != NULL || served->error != 0)
				return why;
			continue;
		default:
			return "an exit of another kind";
		}
	}
	return "repeats for ever";
}

void
guest_try(const struct trial *trial, unsigned holes, struct outcome *outcome,
    struct served *served)
{
	memset(outcome, 0, sizeof(*outcome));
	memset(served, 0, sizeof(*served));
	outcome->vector = -1;
	registers_load(trial, holes);
	outcome->strange = run(outcome, served);
	(void)nvmm_vcpu_getstate(&mach, &vcpu,
	    NVMM_X64_STATE_GPRS | NVMM_X64_STATE_FPU);
	memcpy(outcome->gprs, vcpu.state->gprs, sizeof(outcome->gprs));
	memcpy(outcome->fpu, &vcpu.state->fpu, sizeof(outcome->fpu));
}
