/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a program can be run with a library preloaded.
 */
#ifndef SIM_CLI_EXEC_CHECK_H
#define SIM_CLI_EXEC_CHECK_H

#include <stddef.h>

/*
 * Finds name as execvp(3) would and looks at what is there.  0 and its path,
 * or -1 with one line in why (of size bytes, as path is): it does not exist,
 * is statically linked, made for another C library or word size, or gets
 * rights that make the loader ignore preloaded libraries.
 */
int exec_check(const char *name, char *path, char *why, size_t size);

#endif /* SIM_CLI_EXEC_CHECK_H */
