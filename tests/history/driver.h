/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A model of libnvmm's past in front of a driver that is no more than this:
 * it counts ioctls, remembers the last and what was wanted, and fails if told.
 */
#ifndef TESTS_HISTORY_DRIVER_H
#define TESTS_HISTORY_DRIVER_H

#include <check.h>

#include <nvmm_history.h>

#include "history/history.h"

struct driver {
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	struct nvmm_comm_page comm;	/* as the driver sees it */
	struct libnvmm_history history;
	struct nvmm_comm_page *pages[1];
	unsigned nioctls;
	unsigned long request;		/* of the last ioctl */
	uint64_t wanted;		/* when it came */
	int error;			/* errno of every ioctl; 0: success */
};

/* The one of the running test: fresh, with nothing cached. */
extern struct driver driver;

TCase *driver_tcase(const char *name);

/* What every model does. */
void driver_common_tests(TCase *tcase);

#endif /* TESTS_HISTORY_DRIVER_H */
