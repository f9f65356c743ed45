/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two forms of `nvmm-sim info'.
 */
#ifndef SIM_CLI_INFO_H
#define SIM_CLI_INFO_H

#include <stddef.h>
#include <stdint.h>

struct sim_policy;

/* The tables of the code as those of the README, on standard output. */
void info_markdown(void);

/* "128 GiB". */
void info_format_ram(uint64_t bytes, char *text, size_t size);

/* "io:SEGS|GPRS memory:GPRS", or "every exit: everything", or "nothing". */
void info_format_policy(const struct sim_policy *policy, char *text,
    size_t size);

#endif /* SIM_CLI_INFO_H */
