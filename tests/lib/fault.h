/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures on request: of the library's allocations, mappings and locks, and
 * of the driver's ioctls, counted together.
 */
#ifndef TESTS_LIB_FAULT_H
#define TESTS_LIB_FAULT_H

#include <stdbool.h>

/* The next after skip others fails; if for_ever, all that follow do too. */
void fault_arm(unsigned skip, bool for_ever);

/* No more failures.  Whether there was one. */
bool fault_disarm(void);

/* A place that can fail: whether it shall. */
bool fault_here(void);

#endif /* TESTS_LIB_FAULT_H */
