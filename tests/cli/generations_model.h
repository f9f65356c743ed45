/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What playing a load must cost in each generation, computed from how the
 * interface is documented, without a kernel and without a library.
 */
#ifndef TESTS_CLI_GENERATIONS_MODEL_H
#define TESTS_CLI_GENERATIONS_MODEL_H

#include <stdbool.h>

enum generation { NOCOMM, COPYING, INPLACE, NGENERATIONS };

enum cause { WANTED, SPECULATIVE, COMMIT, NCAUSES };

/* Bytes of the components, as NVMM_X64_STATE_* has them. */
enum component { SEGS, GPRS, CRS, DRS, MSRS, INTR, FPU, NCOMPONENTS };
extern const char *const component_names[NCOMPONENTS];

struct cost {
	long long getstates, setstates, injects, runs, configures, asked;
	long long accesses, int_readies, halts;		/* exits */
	long long copied;				/* by the library */
	long long bytes[NCOMPONENTS][NCAUSES];		/* by the kernel */
};

/*
 * Adds what accesses in a row cost in a generation: on a new machine, with a
 * timer's tick at each 400th access, up to the guest's HLT.
 */
void cost_add(struct cost *cost, enum generation generation, bool vmx,
    long long accesses);

#endif /* TESTS_CLI_GENERATIONS_MODEL_H */
