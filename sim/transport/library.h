/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The libnvmm under test, loaded at run time.  Calls of its functions by
 * anybody in the process, the library included, come by our wrappers of the
 * same names first.
 */
#ifndef SIM_TRANSPORT_LIBRARY_H
#define SIM_TRANSPORT_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "observe/call.h"

struct sim_abi;

/*
 * Loads path, in place of the library loaded before, if any.  Its
 * constructors reach the kernel that is attached.  0, or -1 with one line in
 * why (size bytes): no such file, no library, a function that every libnvmm
 * has is missing.
 */
int library_load(const char *path, char *why, size_t size);

/*
 * Several libraries beside each other: open loads one (NULL with one line in
 * why, as above), and use lets the calls of libnvmm's functions, by anybody,
 * go to it from now on; NULL: nowhere.  A library that is in use is not
 * closed.  One thread at a time.
 */
struct library;
struct library *library_open(const char *path, char *why, size_t size);
void library_use(const struct library *library);
void library_close(struct library *library);

/* A symbol that the library exports beside libnvmm's; NULL: it does not. */
void *library_symbol(const struct library *library, const char *name);

/* Whether the library in use has the function; false as well: none such. */
bool library_has(enum sim_call_index call);
bool library_has_name(const char *name);

/* What a library shows when it is used. */
struct library_facts {
	int error;		/* errno of nvmm_init(), or 0 */
	bool mismatch;		/* because of the kernel's generation */
	/* The generation that it speaks; NULL: it did not get that far. */
	const struct sim_abi *abi;
	/*
	 * Its own calls of its functions that cannot be seen.  Those of a
	 * function that did not work are taken to be as the others'.
	 */
	struct sim_hidden_calls hidden;
};

/*
 * Loads and uses the library on a scratch kernel, of the generation abi or,
 * with NULL, of any that can be told by its ioctls.  It may crash: told()
 * gets what is known before each step that follows, and once at the end.
 * nvmm_vcpu_dump() is among them, which prints.  Must run in a process of its
 * own.  0, or -1 with why, as library_load().
 */
int library_probe(const char *path, const struct sim_abi *abi,
    void (*told)(void *arg, const struct library_facts *facts), void *arg,
    char *why, size_t size);

#endif /* SIM_TRANSPORT_LIBRARY_H */
