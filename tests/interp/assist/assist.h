/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Mem assist against the interpreter: a random instruction that uses
 * memory is executed where that memory is RAM, and again where it is a hole,
 * whose exits nvmm_assist_mem serves with a device that behaves like RAM.
 * Registers, flags and memory must be the same.  Instructions come from
 * tests/interp/native.
 *
 *   main.c      the run, its options, what a failure prints
 *   guest.c     the virtual machine and its device
 *   known.c     the instructions that the assist must know
 */
#ifndef TESTS_INTERP_ASSIST_ASSIST_H
#define TESTS_INTERP_ASSIST_ASSIST_H

#include "../native/native.h"

/* Which pages of the arena are holes: one by its number, or these. */
#define HOLES_NONE	ARENA_PAGES
#define HOLES_ALL	(ARENA_PAGES + 1)

struct served {
	unsigned exits;		/* that reached the assist */
	unsigned page;		/* of the arena: the first one's */
	int error;		/* errno of the assist that failed, or 0 */
};

/* The library's file and the back end's name; NULL or what went wrong. */
const char *guest_begin(const char *library, const char *cpu,
    struct memory *memory);

/* Executes the trial; code and arena are in place. */
void guest_try(const struct trial *trial, unsigned holes,
    struct outcome *outcome, struct served *served);

/* Whether nvmm_assist_mem must know the trial's instruction. */
bool known_is(const struct trial *trial);

#endif /* TESTS_INTERP_ASSIST_ASSIST_H */
