/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What there is to run: the tests of all files, found out in children.
 */
#ifndef SIM_CLI_PLAN_H
#define SIM_CLI_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/files.h"
#include "cli/probe.h"
#include "cli/run_options.h"

/* A test, or in its place a file that cannot be read as scenarios. */
struct plan_item {
	const char *file;	/* borrowed */
	char *name;		/* owned; NULL: the file is broken */
	char *broken;		/* owned: why */
	unsigned index;		/* of the test in its file */
	int line;
};

struct plan {
	struct plan_item *items;
	size_t n, capacity;
	struct probed library;
};

/*
 * The items of all files, in order, those that the filter wants; and a look
 * at the library.  0, or an exit status after a complaint: also when there is
 * nothing to run.
 */
int plan_make(const struct run_options *options, const struct files *files,
    struct plan *plan);
void plan_free(struct plan *plan);

#endif /* SIM_CLI_PLAN_H */
