/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One ioctl of a scenario: from Lua's values to an argument and back.
 */
#ifndef SIM_SCENARIO_DRIVER_CALL_H
#define SIM_SCENARIO_DRIVER_CALL_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/abi.h"

struct driver_field;

struct driver_call {
	const char *name;		/* of the ioctl */
	unsigned long command;
	void *pointer;			/* what ioctl(2) gets */
	/* The rest is driver_call.c's own. */
	const struct driver_field *fields;	/* NULL: bytes */
	size_t size;
	uint8_t *arg;			/* where the answer is looked for */
	void *page;			/* that cannot be written, or NULL */
	_Alignas(8) uint8_t inner[64];	/* conf, info */
	_Alignas(8) uint8_t bytes[];	/* size, and one for misaligning */
};

/*
 * From the Lua arguments 2 to 4 of d:ioctl(): name or number, fields or
 * bytes, options.  Left on the Lua stack, which keeps it alive; after the
 * call, push what came of it and say done.
 */
struct driver_call *driver_call_new(lua_State *lua,
    const struct sim_abi *abi);
void driver_call_push(lua_State *lua, const struct driver_call *call);
void driver_call_done(struct driver_call *call);
void driver_call_bind(lua_State *lua);

#endif /* SIM_SCENARIO_DRIVER_CALL_H */
