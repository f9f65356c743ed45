/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the small VMMs here share: a machine with 64 KiB of RAM and VCPUs in
 * real mode.  Written as for NetBSD; nothing here knows of a simulator.
 */
#ifndef TESTS_VMM_VMM_H
#define TESTS_VMM_VMM_H

#include <sys/types.h>
#include <err.h>
#include <stdlib.h>

#include <nvmm.h>

#define RAM_SIZE	0x10000
#define CODE_GPA	0x1000

/* Ends the program with one line that names the call and its error. */
#define CALL(call) do {							\
	if ((call) == -1)						\
		err(EXIT_FAILURE, "%s", #call);				\
} while (0)

/* Opens NVMM and makes a machine with the guest's code at CODE_GPA. */
void machine_start(struct nvmm_machine *mach, const void *code, size_t size);

/* Ends it; its VCPUs are the caller's to destroy before. */
void machine_end(struct nvmm_machine *mach);

/* A VCPU in real mode at CODE_GPA, with cpuid in BX; NULL: no callbacks. */
void vcpu_start(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu, const struct nvmm_assist_callbacks *callbacks);

/* What an exit nobody expected is: one line, and the program's end. */
void exit_unexpected(const struct nvmm_vcpu *vcpu) __dead;

#endif /* TESTS_VMM_VMM_H */
