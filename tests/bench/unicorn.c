/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop of engine.c on Unicorn, where its package is installed: running
 * freely, where it compiles, and one instruction at a time, as an engine
 * that must know every exit would have to.
 */
#include <stdio.h>

#include "bench.h"

#ifdef WITH_UNICORN

#include <unicorn/unicorn.h>

#define RAM		0x10000U
#define CODE		0x8000U
#define DATA		0xC000U
#define END		(CODE + BENCH_LOOP_SIZE - 1)	/* its HLT */

#define ROUNDS		11
#define STEPS		100000U

/* Nanoseconds of an instruction; 0: Unicorn failed. */
static double
run_freely(uc_engine *uc)
{
	uint64_t data = DATA, turns = BENCH_LOOP_TURNS;
	double start;

	if (uc_reg_write(uc, UC_X86_REG_RDI, &data) != UC_ERR_OK ||
	    uc_reg_write(uc, UC_X86_REG_RCX, &turns) != UC_ERR_OK)
		return 0;
	start = bench_cpu_now();
	if (uc_emu_start(uc, CODE, END, 0, 0) != UC_ERR_OK)
		return 0;
	return (bench_cpu_now() - start) /
	    ((double)BENCH_LOOP_TURNS * BENCH_LOOP_LENGTH);
}

static double
run_steps(uc_engine *uc)
{
	uint64_t data = DATA, turns = BENCH_LOOP_TURNS, rip = CODE;
	double start;
	unsigned i;

	if (uc_reg_write(uc, UC_X86_REG_RDI, &data) != UC_ERR_OK ||
	    uc_reg_write(uc, UC_X86_REG_RCX, &turns) != UC_ERR_OK)
		return 0;
	start = bench_cpu_now();
	for (i = 0; i < STEPS; i++) {
		if (uc_emu_start(uc, rip, 0, 0, 1) != UC_ERR_OK ||
		    uc_reg_read(uc, UC_X86_REG_RIP, &rip) != UC_ERR_OK)
			return 0;
	}
	return (bench_cpu_now() - start) / STEPS;
}

void
bench_unicorn(double interp)
{
	double freely[ROUNDS], steps[ROUNDS];
	uc_engine *uc;
	unsigned i;

	if (uc_open(UC_ARCH_X86, UC_MODE_64, &uc) != UC_ERR_OK)
		return;
	if (uc_mem_map(uc, 0, RAM, UC_PROT_ALL) != UC_ERR_OK ||
	    uc_mem_write(uc, CODE, bench_loop_code, BENCH_LOOP_SIZE) !=
	    UC_ERR_OK)
		goto out;
	for (i = 0; i < ROUNDS; i++) {
		freely[i] = run_freely(uc);
		steps[i] = run_steps(uc);
		if (freely[i] == 0 || steps[i] == 0)
			goto out;
	}
	freely[0] = bench_median(freely, ROUNDS);
	steps[0] = bench_median(steps, ROUNDS);
	bench_print("  the same on Unicorn, running freely", freely[0], 0, "");
	bench_print("  the same on Unicorn, one at a time", steps[0], 0, "");
	printf("%-54s %12.2f\n", "  our speed, Unicorn running freely being 1",
	    freely[0] / interp);
	printf("%-54s %12.2f\n", "  our speed, Unicorn one at a time being 1",
	    steps[0] / interp);
out:
	uc_close(uc);
}

#else

void
bench_unicorn(double interp)
{
	(void)interp;
	printf("  Unicorn: skipped, libunicorn-dev is not installed\n");
}

#endif
