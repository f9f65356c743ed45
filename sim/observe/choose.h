/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the names that users give stand for.  Each function: 0, or -1 with
 * one line in why (size bytes) and nothing changed.
 */
#ifndef SIM_OBSERVE_CHOOSE_H
#define SIM_OBSERVE_CHOOSE_H

#include <stddef.h>
#include <stdint.h>

struct sim_abi;
struct sim_backend;
struct sim_engine;
struct sim_policy;

int choose_backend(const char *name, const struct sim_backend **backend,
    char *why, size_t size);
/* NULL for "auto". */
int choose_abi(const char *name, const struct sim_abi **abi, char *why,
    size_t size);
/* One that works here. */
int choose_engine(const char *name, const struct sim_engine **engine,
    char *why, size_t size);
/* By name, or out of a file. */
int choose_policy(const char *name, struct sim_policy *policy, char *why,
    size_t size);
/* *off: those that the list does not name. */
int choose_quirks(const char *list, uint32_t *off, char *why, size_t size);

#endif /* SIM_OBSERVE_CHOOSE_H */
