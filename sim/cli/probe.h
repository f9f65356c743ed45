/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has to be known of the library under test before scenarios run.
 */
#ifndef SIM_CLI_PROBE_H
#define SIM_CLI_PROBE_H

#include <stdbool.h>

#include "observe/call.h"

struct run_options;
struct sim_abi;

struct probed {
	struct sim_hidden_calls hidden;	/* its inner calls not seen */
	const struct sim_abi *generation;	/* that it speaks */
	const struct sim_abi *abi;	/* for the kernel; NULL: by itself */
};

/*
 * Tries the library of the options.  0, or an exit status after a complaint:
 * it cannot be loaded, or speaks no generation that it may.
 */
int probe_run(const struct run_options *options, struct probed *probed);

/* Whether some inner calls have to be derived. */
bool probed_modelled(const struct probed *probed);

#endif /* SIM_CLI_PROBE_H */
