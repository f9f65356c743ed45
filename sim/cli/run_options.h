/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of `nvmm-sim run`.
 */
#ifndef SIM_CLI_RUN_OPTIONS_H
#define SIM_CLI_RUN_OPTIONS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/policy.h"

struct sim_abi;
struct sim_backend;
struct sim_engine;
struct report_format;

struct run_options {
	const struct sim_backend *backend;
	const struct sim_engine *engine;
	const struct sim_abi *abi;	/* NULL: as the library shows */
	struct sim_policy policy;
	uint32_t quirks_off;		/* SIM_QUIRK_* */
	const char *quirks;		/* as given, or NULL */
	bool comm;
	char library[PATH_MAX];		/* the one to load */
	/* As given, or NULL. */
	const char *libnvmm, *libnvmm_off, *policy_given;
	bool trace, list, fail_fast;
	const char *filter;		/* NULL: all */
	const char *output;		/* NULL: standard output */
	const struct report_format *format;
	unsigned long long seed, jobs, timeout;
	unsigned long long preempt;	/* a seed; 0: never */
	char **paths;			/* NULL-terminated; borrowed */
	struct {
		const char *a, *b;	/* as given, or NULL */
		bool json, instructions;
	} compare;			/* what that command has alone */
};

/* What holds when no option is given. */
void run_options_default(struct run_options *options);

/*
 * Fills *options.  -1: go on.  Else the exit status: --help was asked for,
 * or something is wrong and has been said.
 */
int run_options_parse(int argc, char **argv, struct run_options *options);

/*
 * The command line that runs one scenario of file again.  Caller frees; NULL:
 * out of memory.
 */
char *run_options_repeat(const struct run_options *options, const char *file,
    const char *name);

#endif /* SIM_CLI_RUN_OPTIONS_H */
