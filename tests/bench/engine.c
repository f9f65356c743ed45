/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine that executes: instructions a second, exits, stops from another
 * thread, and memory.  The guest is in long mode, with paging.
 */
#include <sys/mman.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "kernel/state.h"

#define RAM		0x10000U
#define TABLES		0x1000U		/* three pages, top to bottom */
#define CODE		0x8000U
#define DATA		0xC000U
#define HOLE		0x20000U

#define LOOP_ROUNDS	11
#define EXIT_ROUNDS	21
#define EXITS		20000U
#define STOP_ROUNDS	101
#define CROWD		64U		/* VCPUs, for their memory */

const uint8_t bench_loop_code[BENCH_LOOP_SIZE] = {
	0x48, 0x8B, 0x07,		/* mov (%rdi), %rax */
	0x48, 0x01, 0xD8,		/* add %rbx, %rax */
	0x48, 0x89, 0x47, 0x08,		/* mov %rax, 8(%rdi) */
	0x48, 0x83, 0xC3, 0x03,		/* add $3, %rbx */
	0x48, 0x31, 0xC2,		/* xor %rax, %rdx */
	0x48, 0xFF, 0xC9,		/* dec %rcx */
	0x75, 0xEA,			/* jnz to the first */
	0xF4,				/* hlt */
};

static const uint8_t code_out[] = { 0xE6, 0x80, 0xEB, 0xFC };
/* mov %rax, (%rdi), and back */
static const uint8_t code_store[] = { 0x48, 0x89, 0x07, 0xEB, 0xFB };
static const uint8_t code_spin[] = { 0xEB, 0xFE };

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu, crowd[CROWD];
static uint8_t *ram;

static void
io_callback(struct nvmm_io *io)
{
	(void)io;
}

static void
mem_callback(struct nvmm_mem *mem)
{
	(void)mem;
}

static int
memory_create(void)
{
	uint64_t *tables;

	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (ram == MAP_FAILED)
		return -1;
	if (nvmm_hva_map(&mach, (uintptr_t)ram, RAM) != 0 ||
	    nvmm_gpa_map(&mach, (uintptr_t)ram, 0, RAM,
	    PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
		return -1;
	/* Mapping it has emptied it. */
	tables = (uint64_t *)(void *)(ram + TABLES);
	tables[0] = (TABLES + 0x1000) | 3;
	tables[512] = (TABLES + 0x2000) | 3;
	tables[1024] = 0x83;		/* 2 MiB from 0 on */
	return 0;
}

static struct nvmm_x64_state_seg
segment(bool code)
{
	struct nvmm_x64_state_seg seg;

	memset(&seg, 0, sizeof(seg));
	seg.selector = code ? 8 : 16;
	seg.attrib.type = code ? 11 : 3;
	seg.attrib.s = seg.attrib.p = seg.attrib.g = 1;
	seg.attrib.l = code;
	seg.attrib.def = !code;
	seg.limit = 0xFFFFFFFF;
	return seg;
}

/* The guest stands before these bytes. */
static int
guest_load(struct nvmm_vcpu *to, const uint8_t *code, size_t size)
{
	struct nvmm_x64_state *state = to->state;
	unsigned i;

	memcpy(ram + CODE, code, size);
	if (nvmm_vcpu_getstate(&mach, to, NVMM_X64_STATE_ALL) != 0)
		return -1;
	for (i = NVMM_X64_SEG_ES; i <= NVMM_X64_SEG_GS; i++)
		state->segs[i] = segment(i == NVMM_X64_SEG_CS);
	state->crs[NVMM_X64_CR_CR0] = SIM_CR0_PE | SIM_CR0_ET | SIM_CR0_NE |
	    SIM_CR0_PG;
	state->crs[NVMM_X64_CR_CR3] = TABLES;
	state->crs[NVMM_X64_CR_CR4] = SIM_CR4_PAE;
	state->msrs[NVMM_X64_MSR_EFER] = SIM_EFER_LME | SIM_EFER_LMA;
	state->gprs[NVMM_X64_GPR_RIP] = CODE;
	state->gprs[NVMM_X64_GPR_RDI] = DATA;
	state->gprs[NVMM_X64_GPR_RFLAGS] = SIM_RFLAGS_MBO;
	return nvmm_vcpu_setstate(&mach, to, NVMM_X64_STATE_ALL);
}

/* Runs on until the guest leaves so. */
static int
run_to(struct nvmm_vcpu *of, uint64_t reason)
{
	do {
		if (nvmm_vcpu_run(&mach, of) != 0)
			return -1;
	} while (of->exit->reason == NVMM_VCPU_EXIT_NONE);
	return of->exit->reason == reason ? 0 : -1;
}

static int
bench_loop(void)
{
	double ns[LOOP_ROUNDS], start;
	unsigned i;

	for (i = 0; i < LOOP_ROUNDS; i++) {
		if (guest_load(&vcpu, bench_loop_code, BENCH_LOOP_SIZE) != 0)
			return -1;
		vcpu.state->gprs[NVMM_X64_GPR_RCX] = BENCH_LOOP_TURNS;
		if (nvmm_vcpu_setstate(&mach, &vcpu, NVMM_X64_STATE_GPRS) != 0)
			return -1;
		start = bench_cpu_now();
		if (run_to(&vcpu, NVMM_VCPU_EXIT_HALTED) != 0)
			return -1;
		ns[i] = (bench_cpu_now() - start) /
		    (BENCH_LOOP_TURNS * BENCH_LOOP_LENGTH);
	}
	ns[0] = bench_median(ns, LOOP_ROUNDS);
	bench_print("an instruction of a loop, processor time", ns[0], 0,
	    "<= 20 ns");
	bench_print("  million instructions a second", 1e3 / ns[0], 0,
	    ">= 50");
	bench_unicorn(ns[0]);
	return 0;
}

static int
bench_exits(void (*base)(void))
{
	double ns[EXIT_ROUNDS], bases[EXIT_ROUNDS], start;
	unsigned i, j;

	if (guest_load(&vcpu, code_out, sizeof(code_out)) != 0)
		return -1;
	for (i = 0; i < EXIT_ROUNDS; i++) {
		start = bench_now();
		for (j = 0; j < EXITS; j++)
			base();
		bases[i] = (bench_now() - start) / EXITS;
		start = bench_now();
		for (j = 0; j < EXITS; j++) {
			if (run_to(&vcpu, NVMM_VCPU_EXIT_IO) != 0 ||
			    nvmm_assist_io(&mach, &vcpu) != 0)
				return -1;
		}
		ns[i] = (bench_now() - start) / EXITS;
	}
	ns[0] = bench_median(ns, EXIT_ROUNDS);
	bench_print("run and I/O assist of an OUT that is executed", ns[0],
	    ns[0] / bench_median(bases, EXIT_ROUNDS), "<= 5");
	return 0;
}

/* The same exit again and again: the driver gives its bytes. */
static int
bench_mem(void)
{
	double ns[EXIT_ROUNDS], both[EXIT_ROUNDS], start;
	unsigned i, j;

	if (guest_load(&vcpu, code_store, sizeof(code_store)) != 0)
		return -1;
	vcpu.state->gprs[NVMM_X64_GPR_RDI] = HOLE;
	for (i = 0; i < EXIT_ROUNDS; i++) {
		start = bench_cpu_now();
		for (j = 0; j < EXITS; j++) {
			if (run_to(&vcpu, NVMM_VCPU_EXIT_MEMORY) != 0 ||
			    nvmm_assist_mem(&mach, &vcpu) != 0)
				return -1;
		}
		both[i] = (bench_cpu_now() - start) / EXITS;
		if (run_to(&vcpu, NVMM_VCPU_EXIT_MEMORY) != 0)
			return -1;
		start = bench_cpu_now();
		for (j = 0; j < EXITS; j++) {
			vcpu.state->gprs[NVMM_X64_GPR_RIP] = CODE;
			if (nvmm_assist_mem(&mach, &vcpu) != 0)
				return -1;
		}
		ns[i] = (bench_cpu_now() - start) / EXITS;
	}
	ns[0] = bench_median(ns, EXIT_ROUNDS);
	bench_print("Mem assist of a MOV, processor time", ns[0], 0,
	    "<= 500 ns");
	bench_print("  million MOVs a second", 1e3 / ns[0], 0, ">= 2");
	bench_print("  and the run to its exit",
	    bench_median(both, EXIT_ROUNDS), 0, "");
	return 0;
}

static void *
spin(void *arg)
{
	double *when = arg;

	*when = run_to(&vcpu, NVMM_VCPU_EXIT_STOPPED) == 0 ? bench_now() : 0;
	return NULL;
}

static int
bench_stop(void)
{
	double ns[STOP_ROUNDS], start, end;
	pthread_t thread;
	unsigned i;

	for (i = 0; i < STOP_ROUNDS; i++) {
		if (guest_load(&vcpu, code_spin, sizeof(code_spin)) != 0 ||
		    pthread_create(&thread, NULL, spin, &end) != 0)
			return -1;
		usleep(2000);
		start = bench_now();
		if (nvmm_vcpu_stop(&vcpu) != 0)
			return -1;
		pthread_join(thread, NULL);
		if (end == 0)
			return -1;
		ns[i] = end - start;
	}
	bench_print("STOPPED from another thread, guest in a loop",
	    bench_median(ns, STOP_ROUNDS), 0, "< 1 ms");
	bench_print("  the slowest of 101", ns[STOP_ROUNDS - 1], 0, "");
	return 0;
}

/* Bytes that are resident. */
static double
resident(void)
{
	unsigned long size, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

static int
bench_memory(void)
{
	double before = resident(), created;
	unsigned i;

	for (i = 0; i < CROWD; i++) {
		if (nvmm_vcpu_create(&mach, i + 1, &crowd[i]) != 0)
			return -1;
	}
	created = resident();
	for (i = 0; i < CROWD; i++) {
		if (guest_load(&crowd[i], code_out, sizeof(code_out)) != 0 ||
		    run_to(&crowd[i], NVMM_VCPU_EXIT_IO) != 0)
			return -1;
	}
	bench_print("KiB of a VCPU that has not run",
	    (created - before) / 1024 / CROWD, 0, "< 64");
	bench_print("KiB of a VCPU that has run",
	    (resident() - before) / 1024 / CROWD, 0, "");
	return 0;
}

int
bench_engine(void (*base)(void))
{
	if (nvmm_machine_create(&mach) != 0 || memory_create() != 0 ||
	    nvmm_vcpu_create(&mach, 0, &vcpu) != 0)
		return -1;
	vcpu.cbs.io = io_callback;
	vcpu.cbs.mem = mem_callback;
	if (bench_loop() != 0 || bench_exits(base) != 0 ||
	    bench_mem() != 0 || bench_stop() != 0 || bench_memory() != 0)
		return -1;
	return nvmm_machine_destroy(&mach);
}
