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

/*
 * Loads path, in place of the library loaded before, if any.  0, or -1 with
 * one line in why (size bytes): no such file, no library, a function that
 * every libnvmm has is missing.
 */
int library_load(const char *path, char *why, size_t size);

/* Whether the library loaded has the function. */
bool library_has(enum sim_call_index call);

/*
 * Whether the library's own calls of its functions can be seen; false when
 * it was linked or compiled to call itself directly.  True as well when the
 * library fails before it makes any, for then nothing is known.  Uses the library on a
 * scratch kernel, so it must run in a process of its own.
 */
bool library_inner_visible(void);

#endif /* SIM_TRANSPORT_LIBRARY_H */
