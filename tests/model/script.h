/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sequence as a Lua scenario, written down step by step while it is played.
 */
#ifndef TESTS_MODEL_SCRIPT_H
#define TESTS_MODEL_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sequence.h"

struct script {
	FILE *file;
	bool several;		/* more than one VCPU is used */
	bool counts;		/* the last step is about ioctls */
};

void script_begin(struct script *script, const char *name,
    const struct sequence *sequence);
void script_end(struct script *script);

/* What the VMM does; error: the errno that it must get, or 0. */
void script_get(struct script *script, unsigned cpu, uint64_t components);
void script_set(struct script *script, const struct step *step);
void script_inject(struct script *script, const struct step *step);
void script_wishes(struct script *script, const struct step *step);
void script_call(struct script *script, unsigned cpu, const char *call,
    int error);
void script_finish(struct script *script, unsigned cpu, uint64_t rip);
void script_host(struct script *script, const struct step *step);

/* What must be so: of names as in `cpu.NAME`. */
void script_expect(struct script *script, unsigned cpu, const char *what,
    uint64_t value);
void script_expect_exit(struct script *script, unsigned cpu, uint64_t reason);
void script_expect_events(struct script *script, unsigned cpu, unsigned n);
/* The ioctls since the mark. */
void script_mark(struct script *script);
void script_expect_ioctls(struct script *script, const uint64_t *ioctls);

#endif /* TESTS_MODEL_SCRIPT_H */
