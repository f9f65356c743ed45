/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How `nvmm-sim exec' tells the program's process which kernel it gets: a
 * line for each setting, NAME=VALUE, in one variable of the environment.
 */
#ifndef SIM_PRELOAD_SETTINGS_H
#define SIM_PRELOAD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/policy.h"

struct sim_abi;
struct sim_backend;
struct sim_engine;

/* Strings are borrowed from the text that was parsed. */
struct preload_settings {
	const struct sim_backend *backend;
	const struct sim_engine *engine;
	const struct sim_abi *abi;	/* NULL: by descriptor */
	struct sim_policy policy;
	uint32_t quirks_off;
	uint64_t preempt;
	bool trace;
	bool json;
	bool quiet;			/* no report at the end */
	const char *guest;		/* path, or NULL */
	const char *output;		/* path; NULL: standard error */
	long long pid;			/* of the program that was started */
};

struct preload_setting {
	const char *name;
	const char *argument;		/* NULL: it is just said */
	const char *help;		/* NULL: not for users */
	/* 0, or -1 with one line in why. */
	int (*set)(struct preload_settings *settings, const char *value,
	    char *why, size_t size);
};
extern const struct preload_setting preload_settings[];
extern const unsigned preload_nsettings;

void preload_settings_init(struct preload_settings *settings);

/* NULL: there is none of this name. */
const struct preload_setting *preload_setting_find(const char *name,
    size_t length);

/*
 * All lines of text, which is changed.  0, or -1 with one line in why (size
 * bytes).
 */
int preload_settings_parse(struct preload_settings *settings, char *text,
    char *why, size_t size);

#endif /* SIM_PRELOAD_SETTINGS_H */
