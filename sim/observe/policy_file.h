/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policies in files: JSON, { "schema": "nvmm-sim-policy/1", "name": "mine",
 * "exits": { "io": ["gprs", "segs"] } }.  An exit that is not named
 * speculates nothing.
 */
#ifndef SIM_OBSERVE_POLICY_FILE_H
#define SIM_OBSERVE_POLICY_FILE_H

#include <stddef.h>

struct sim_policy;

#define POLICY_SCHEMA	"nvmm-sim-policy/1"

/* 0, or -1 with one line in why (size bytes) that names file and place. */
int policy_file_read(const char *path, struct sim_policy *policy, char *why,
    size_t size);

#endif /* SIM_OBSERVE_POLICY_FILE_H */
