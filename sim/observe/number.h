/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers for people.
 */
#ifndef SIM_OBSERVE_NUMBER_H
#define SIM_OBSERVE_NUMBER_H

#include <stdint.h>

#define NUMBER_SIZE	32	/* bytes for any of them */

/* 12345678 as 12,345,678; somewhere in text. */
const char *number_grouped(uint64_t number, char text[NUMBER_SIZE]);

#endif /* SIM_OBSERVE_NUMBER_H */
