/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that fail on request, and calls that must wait.
 */
#include <errno.h>
#include <string.h>

#include "kernel/control.h"
#include "scenario/private.h"

/* The field's place in a list of names; count: it is not there. */
static unsigned
fault_name(lua_State *lua, const char *field, const char *const names[],
    unsigned count)
{
	bool given = lua_getfield(lua, 2, field) != LUA_TNIL;

	lua_pop(lua, 1);
	return given ? (unsigned)value_choice(lua, 2, field, NULL, names) :
	    count;
}

/* t:fail { ioctl = "VCPU_RUN", nth = 1, errno = "EIO" } or { other = } */
int
test_fail(lua_State *lua)
{
	static const char *const fields[] = {
		"ioctl", "other", "nth", "errno", NULL
	};
	/* The kernel lets no munmap fail. */
	static const char *const others[] = { "open", "mmap", NULL };
	const unsigned nothers = sizeof(others) / sizeof(others[0]) - 1;
	const struct scn *scn = scn_of(lua);
	const char *ioctls[SIM_NIOCTL + 1], *name;
	unsigned i, ioctl, other;
	uint64_t nth;
	int error;

	value_check_fields(lua, 2, "fail", fields);
	for (i = 0; i < SIM_NIOCTL; i++)
		ioctls[i] = sim_ioctl_names[i].name;
	ioctls[i] = NULL;
	ioctl = fault_name(lua, "ioctl", ioctls, SIM_NIOCTL);
	other = fault_name(lua, "other", others, nothers);
	if ((ioctl == SIM_NIOCTL) == (other == nothers))
		return luaL_error(lua, "say what fails: 'ioctl' or 'other'");
	nth = value_field(lua, 2, "nth", 1, false);
	if (nth == 0 || nth > 1000000)
		return luaL_error(lua, "field 'nth': 1 for the next");
	name = value_text(lua, 2, "errno", NULL);
	error = value_errno(name);
	if (error == 0)
		return luaL_error(lua, "there is no error '%s'", name);
	sim_fault_set(scn->sim, ioctl != SIM_NIOCTL ? ioctl :
	    SIM_FAULT_OTHER + other, (unsigned)nth, error);
	return 0;
}

/* t:blocks(function): a call in it waits while a VCPU runs. */
int
test_blocks(lua_State *lua)
{
	struct scn *scn = scn_of(lua);
	struct scn_watch watch;
	int error, status;
	bool saw;

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	if (scn->threads.runners == NULL)
		return luaL_error(lua, "t:blocks() is for what is done in "
		    "meanwhile()");
	error = threads_watch_begin(scn, &watch);
	if (error)
		return luaL_error(lua, "no thread: %s", strerror(error));
	lua_settop(lua, 2);
	status = lua_pcall(lua, 0, 0, 0);
	saw = threads_watch_end(&watch);
	if (status != LUA_OK)
		return lua_error(lua);
	if (!saw)
		scn_end(lua, VERDICT_FAIL, "expected to wait, but did not");
	return 0;
}
