/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The errors of the driver: all that a caller can see, as tables that code,
 * tests and documents read alike.  A new error is a change of the interface.
 * Errors that a harness injects are not in here.
 */
#ifndef SIM_KERNEL_ERRORS_H
#define SIM_KERNEL_ERRORS_H

#include <stdbool.h>

#include "kernel/abi/abi.h"

/*
 * One check, in the order in which an ioctl makes them; ioctls stand in the
 * order of their enum, SIM_IOCTL_UNKNOWN last.  The same error has a row for
 * each of its reasons.
 */
struct sim_error_row {
	enum sim_ioctl_index ioctl;
	int error;
	const char *when;	/* one line, without a full stop */
};
extern const struct sim_error_row sim_errors[];
extern const unsigned sim_nerrors;

/* The same for open(2) and mmap(2) of the device, in their order. */
struct sim_errno_row {
	int error;
	const char *when;
};
extern const struct sim_errno_row sim_open_errors[];
extern const unsigned sim_nopen_errors;
extern const struct sim_errno_row sim_mmap_errors[];
extern const unsigned sim_nmmap_errors;

/* Whether a row says that the ioctl, or mmap(2), can fail with error. */
bool sim_error_documented(enum sim_ioctl_index ioctl, int error);
bool sim_mmap_error_documented(int error);

#endif /* SIM_KERNEL_ERRORS_H */
