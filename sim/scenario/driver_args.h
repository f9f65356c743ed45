/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of the ioctls by the names of their fields, for scenarios
 * that speak to the driver themselves.
 */
#ifndef SIM_SCENARIO_DRIVER_ARGS_H
#define SIM_SCENARIO_DRIVER_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/abi.h"

enum driver_kind {
	DRIVER_NUMBER,
	DRIVER_OP,	/* a number, or the name of a configuration */
	DRIVER_PROT,	/* a number, or letters */
	DRIVER_CONF,	/* a pointer to a configuration, given as a table */
	DRIVER_INFO,	/* a pointer to a machine's information, in and out */
	DRIVER_EXIT,	/* an exit record */
	DRIVER_PAGE	/* the address of a comm page */
};

struct driver_field {
	const char *name;	/* NULL ends a list */
	enum driver_kind kind;
	uint8_t offset, size;	/* bytes */
	bool in, out;
};

#define DRIVER_FIELDS_MAX	12

/* The argument's fields, in the order of their offsets. */
const struct driver_field *driver_fields(const struct sim_abi *abi,
    enum sim_ioctl_index ioctl);

/* Those of CTL's data. */
extern const struct driver_field driver_info_fields[];

#endif /* SIM_SCENARIO_DRIVER_ARGS_H */
