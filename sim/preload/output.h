/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user's standard error, whatever the program does with its own.
 */
#ifndef SIM_PRELOAD_OUTPUT_H
#define SIM_PRELOAD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

/* At the program's start: what descriptor 2 is now is the user's. */
void output_note(void);
/* From now on also if the program replaces descriptor 2. */
void output_keep(void);
/* To the user, if there is still a way; errno is kept. */
void output_print(const char *text, size_t size);

/* All of it to fd; false: not all, see errno. */
bool output_write(int fd, const char *text, size_t size);

#endif /* SIM_PRELOAD_OUTPUT_H */
