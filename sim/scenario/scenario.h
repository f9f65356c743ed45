/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario files: finding out what tests are in one, and running one test.
 * Both execute the file's Lua and are meant for a process of their own.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/policy.h"
#include "observe/session.h"

struct sim_abi;
struct sim_backend;
struct sim_engine;

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_SKIP, VERDICT_ERROR };

#define SCENARIO_REASON_MAX	4096

/* No pointers in it: it travels between processes. */
struct scenario_result {
	enum verdict verdict;
	char reason[SCENARIO_REASON_MAX];	/* empty for a pass */
	struct observe_counts counts;
};

struct scenario_options {
	const char *library;		/* path of the libnvmm under test */
	const char *programs;		/* folder of the guests' programs */
	bool comm;			/* false: library has no comm page */
	struct sim_hidden_calls hidden;	/* inner calls not seen */
	const struct sim_abi *abi;	/* the kernel's; NULL: by descriptor */
	const struct sim_abi *generation;	/* that the library speaks */
	const struct sim_backend *backend;
	const struct sim_engine *engine;
	const struct sim_policy *policy;
	uint32_t quirks_off;		/* SIM_QUIRK_* */
	/* The policy is not the kernels' own: count expectations are off. */
	bool foreign_policy;
	/* Not 0: the kernel's preempt_seed; count expectations are off. */
	uint64_t preempt;
	uint64_t seed;
	struct flight *flight;		/* the last calls; may be NULL */
	/* Gets lines as they come: of the trace (NULL: none), and notes. */
	void (*trace)(void *arg, const char *line);
	void (*note)(void *arg, const char *line);
	void *arg;
};

/*
 * Calls found() for each test of the file, in order; the seed is the run's,
 * since a file may make tests at random.  0, or -1 with one line in why (size
 * bytes): it cannot be read, or is no valid scenario file.
 */
int scenario_list(const char *path, uint64_t seed,
    void (*found)(void *arg, const char *name, int line), void *arg,
    char *why, size_t size);

/*
 * Runs the index-th test of the file against a fresh kernel and a freshly
 * loaded library.  Always fills *result.
 */
void scenario_run(const char *path, unsigned index,
    const struct scenario_options *options, struct scenario_result *result);

extern const char *const verdict_names[];

#endif /* SIM_SCENARIO_SCENARIO_H */
