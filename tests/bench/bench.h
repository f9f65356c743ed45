/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the benchmarks share.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <nvmm.h>
#include <stdint.h>

struct sim;

/* Nanoseconds since some moment. */
double bench_now(void);
/* Nanoseconds of processor time; what a thread sleeps is not among them. */
double bench_cpu_now(void);
/* Sorts the n values, n odd, and gives the one in the middle. */
double bench_median(double *values, unsigned n);
/* A line of the table: ratio 0 has none, nor a limit that is "". */
void bench_print(const char *name, double ns, double ratio,
    const char *limit);

/* A VCPU whose guest makes one OUT after the other; 0, or -1 with errno. */
int bench_vcpu_create(struct sim *sim, struct nvmm_machine *mach,
    nvmm_cpuid_t cpuid, struct nvmm_vcpu *vcpu);

/*
 * engine.c: guests that are executed, on a simulator with that engine; base
 * is what BASE calls.  0, or -1.
 */
int bench_engine(void (*base)(void));

/* Its loop: instructions of a turn, and turns of a round. */
#define BENCH_LOOP_SIZE		23	/* bytes */
#define BENCH_LOOP_LENGTH	7
#define BENCH_LOOP_TURNS	1000000U
extern const uint8_t bench_loop_code[BENCH_LOOP_SIZE];

/* unicorn.c: the same loop there; interp: ns of an instruction of ours. */
void bench_unicorn(double interp);

/* scale.c: threads, and the same amid all VCPUs there can be. */
int bench_scale(struct sim *sim);
/* scale.c: program runs all scenarios, one after the other. */
void bench_scenarios(const char *program);

#endif /* TESTS_BENCH_BENCH_H */
