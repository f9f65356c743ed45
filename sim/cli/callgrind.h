/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading what callgrind wrote: what the functions of one object file cost,
 * and how often they call each other.
 */
#ifndef SIM_CLI_CALLGRIND_H
#define SIM_CLI_CALLGRIND_H

#include <stddef.h>
#include <stdint.h>

struct callgrind;

/* For the functions of the object file at path, borrowed.  NULL: no memory. */
struct callgrind *callgrind_create(const char *path);
void callgrind_destroy(struct callgrind *callgrind);

/*
 * Adds the costs of one output file, written with --compress-strings=no and
 * --compress-pos=no.  0, or an errno.
 */
int callgrind_add(struct callgrind *callgrind, const char *file);

/*
 * How often a function was called, by anybody, and the instructions of these
 * calls within the object, those of functions that it called there included.
 */
void callgrind_cost(const struct callgrind *callgrind, const char *function,
    uint64_t *calls, uint64_t *cost);

#endif /* SIM_CLI_CALLGRIND_H */
