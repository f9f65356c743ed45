/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sequence as a Lua scenario, written down step by step while it is played.
 * Every function does nothing without a script, so that playing needs no
 * second way.
 */
#ifndef TESTS_MODEL_SCRIPT_H
#define TESTS_MODEL_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sequence.h"

struct script {
	FILE *file;
	const struct model_setup *setup;
	bool counts;		/* the last step is about ioctls */
	unsigned used;		/* VCPUs, one bit each */
};

void script_begin(struct script *script, const char *name,
    const struct sequence *sequence);
void script_end(struct script *script);

/* What the VMM does; error: the errno that it must get, or 0. */
void script_get(struct script *script, unsigned cpu, uint64_t components,
    int error);
void script_set(struct script *script, const struct step *step);
void script_inject(struct script *script, const struct step *step);
void script_call(struct script *script, unsigned cpu, const char *call,
    int error);
void script_finish(struct script *script, unsigned cpu, uint64_t rip);
void script_host(struct script *script, const struct step *step);
void script_fault(struct script *script, const struct step *step);
void script_create(struct script *script, unsigned cpu, uint32_t cpuid,
    int error);
void script_map(struct script *script, const struct step *step, int error);
void script_cpuid(struct script *script, const struct step *step, int error);

/* script_wish.c: what the guest does, and so many more wishes. */
void script_wishes(struct script *script, const struct step *step,
    unsigned extras);

/* What must be so: of names as in `cpu.NAME`. */
void script_expect(struct script *script, unsigned cpu, const char *what,
    uint64_t value);
void script_expect_flag(struct script *script, unsigned cpu, const char *what,
    bool value);
void script_expect_exit(struct script *script, unsigned cpu, uint64_t reason);
void script_expect_events(struct script *script, unsigned cpu, unsigned n);
void script_expect_byte(struct script *script, unsigned cpu, size_t offset,
    uint8_t value);
/* The ioctls since the mark. */
void script_mark(struct script *script);
void script_expect_ioctls(struct script *script, const uint64_t *ioctls);

/* By enum sim_host_reason. */
extern const char *const script_host_names[];

/* The names of a VCPU and of its machine in this script. */
const char *script_cpu_name(const struct script *script, unsigned cpu);
const char *script_machine_name(const struct script *script, unsigned cpu);

#endif /* TESTS_MODEL_SCRIPT_H */
