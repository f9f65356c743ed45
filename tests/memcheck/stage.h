/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs share that show what memcheck finds in a VMM: a kernel,
 * the library under test, a machine and a VCPU whose guest halts at each run.
 */
#ifndef TESTS_MEMCHECK_STAGE_H
#define TESTS_MEMCHECK_STAGE_H

#include <nvmm.h>

struct stage {
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
};

/* argv[1] is the library.  Ends the program with status 2 if it cannot. */
void stage_open(struct stage *stage, int argc, char **argv);
void stage_close(struct stage *stage);

/* One run, which must end with HALTED. */
void stage_run(struct stage *stage);

#endif /* TESTS_MEMCHECK_STAGE_H */
