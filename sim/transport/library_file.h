/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at a file before it is loaded as a library: the loader's own
 * complaints do not say what to do.
 */
#ifndef SIM_TRANSPORT_LIBRARY_FILE_H
#define SIM_TRANSPORT_LIBRARY_FILE_H

#include <stddef.h>

/*
 * 0, or -1 with one line in why (size bytes).  A name without a slash is the
 * loader's to look for, and is not looked at.
 */
int library_file_check(const char *path, char *why, size_t size);

#endif /* SIM_TRANSPORT_LIBRARY_FILE_H */
