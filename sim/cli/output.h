/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a report goes: a file, or standard output, which has no path.
 */
#ifndef SIM_CLI_OUTPUT_H
#define SIM_CLI_OUTPUT_H

#include <stdio.h>

/* NULL after a complaint. */
FILE *output_open(const char *path);

/* 0, or -1 after a complaint: not all could be written. */
int output_close(FILE *out, const char *path);

#endif /* SIM_CLI_OUTPUT_H */
