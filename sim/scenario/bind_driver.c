/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver itself, for what no library can ask of it: t:driver{} opens the
 * device as any program would.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "scenario/driver_call.h"
#include "scenario/private.h"

#define DRIVER_CLASS	"driver"
#define DEVICE		"/dev/nvmm"

struct scn_driver {
	struct scn_driver *next;
	int fd;				/* -1: closed */
	const struct sim_abi *abi;
	char what[40];			/* the call, for failures */
};

static struct scn_driver *
check_driver(lua_State *lua)
{
	struct scn_driver *driver = value_object(lua, 1, DRIVER_CLASS);

	if (driver->fd == -1)
		luaL_error(lua, "this driver has been closed");
	return driver;
}

static struct scn_driver *
driver_new(lua_State *lua, const struct sim_abi *abi)
{
	struct scn *scn = scn_of(lua);
	struct scn_driver *driver = calloc(1, sizeof(*driver));

	if (driver == NULL)
		luaL_error(lua, "out of memory");
	driver->fd = -1;
	driver->abi = abi;
	driver->next = scn->drivers;
	scn->drivers = driver;
	value_push_object(lua, DRIVER_CLASS, driver);
	return driver;
}

/* "rdonly|cloexec": names of open(2)'s flags without O_. */
static int
open_flags(lua_State *lua, const char *names)
{
	static const struct {
		const char *name;
		int flag;
	} rows[] = {
		{ "rdonly", O_RDONLY }, { "wronly", O_WRONLY },
		{ "rdwr", O_RDWR }, { "cloexec", O_CLOEXEC },
	};
	const unsigned nrows = sizeof(rows) / sizeof(rows[0]);
	int flags = 0;
	size_t length;
	unsigned i;

	for (; *names != '\0'; names += strspn(names, "| ")) {
		length = strcspn(names, "| ");
		for (i = 0; i < nrows; i++) {
			if (strlen(rows[i].name) == length &&
			    strncmp(rows[i].name, names, length) == 0)
				break;
		}
		if (i == nrows)
			luaL_error(lua, "flags are of rdonly, wronly, rdwr and "
			    "cloexec, not '%s'", names);
		flags |= rows[i].flag;
		names += length;
	}
	return flags;
}

/* t:driver { abi = "v2", flags = "rdonly|cloexec" } */
int
bind_driver_create(lua_State *lua)
{
	static const char *const fields[] = { "abi", "flags", NULL };
	const struct scn *scn = scn_of(lua);
	const struct sim_abi *abi;
	struct scn_driver *driver;
	const char *name;
	int flags;

	if (lua_isnoneornil(lua, 2)) {
		lua_settop(lua, 1);
		lua_newtable(lua);
	}
	value_check_fields(lua, 2, "driver", fields);
	name = value_text(lua, 2, "abi", scn->options->generation->name);
	abi = sim_abi_find(name);
	if (abi == NULL)
		return luaL_error(lua, "there is no generation '%s'", name);
	flags = open_flags(lua, value_text(lua, 2, "flags",
	    "rdonly|cloexec"));

	driver = driver_new(lua, abi);
	driver->fd = open(DEVICE, flags);
	scn_check(lua, "open", driver->fd == -1 ? -1 : 0);
	return 1;
}

/* What --preempt makes of a run is not what the scenario is about. */
static bool
preempted(const struct scn *scn, const struct driver_call *call)
{
	const struct sim_run_arg *arg = (const void *)call->arg;

	return scn->options->preempt != 0 && call->fields != NULL &&
	    strcmp(call->name, sim_ioctl_names[SIM_VCPU_RUN].name) == 0 &&
	    call->arg == call->bytes &&
	    arg->exit.reason == sim_exits[SIM_EXIT_NONE].reason &&
	    sim_preempted(scn->sim, arg->machid, arg->cpuid);
}

/* d:ioctl(name, fields, options), or d:ioctl(number, bytes, options) */
static int
driver_ioctl(lua_State *lua)
{
	struct scn_driver *driver = check_driver(lua);
	struct driver_call *call = driver_call_new(lua, driver->abi);
	int result, saved;

	snprintf(driver->what, sizeof(driver->what), "ioctl %s", call->name);
	do {
		result = ioctl(driver->fd, call->command, call->pointer);
	} while (result == 0 && preempted(scn_of(lua), call));
	saved = errno;
	if (result == 0)
		driver_call_push(lua, call);
	driver_call_done(call);
	errno = saved;
	scn_check(lua, driver->what, result);
	return 1;
}

/* What libnvmm maps in v1 and v2, unless there is an offset. */
static uint64_t
mmap_offset(lua_State *lua)
{
	uint64_t machid = value_bits(lua, 2, "machid", 8);
	uint64_t cpuid = value_bits(lua, 2, "cpuid", 8);

	return value_field(lua, 2, "offset", machid << 20 | cpuid << 12,
	    false);
}

/* d:mmap { machid =, cpuid =, offset =, size = 4096, prot = "rw" } */
static int
driver_mmap(lua_State *lua)
{
	static const char *const fields[] = {
		"machid", "cpuid", "offset", "size", "prot", NULL
	};
	struct scn_driver *driver = check_driver(lua);
	int prot = PROT_READ | PROT_WRITE;
	uint64_t size;
	void *page;

	value_check_fields(lua, 2, "mmap", fields);
	size = value_field(lua, 2, "size", 4096, false);
	lua_getfield(lua, 2, "prot");
	if (!lua_isnil(lua, -1))
		prot = value_prot(lua, -1);
	page = mmap(NULL, size, prot, MAP_SHARED, driver->fd,
	    (off_t)mmap_offset(lua));
	scn_check(lua, "mmap", page == MAP_FAILED ? -1 : 0);
	bind_pages_push(lua, page, size);
	return 1;
}

static int
driver_dup(lua_State *lua)
{
	struct scn_driver *driver = check_driver(lua);
	struct scn_driver *copy = driver_new(lua, driver->abi);

	copy->fd = dup(driver->fd);
	scn_check(lua, "dup", copy->fd == -1 ? -1 : 0);
	return 1;
}

static int
driver_close(lua_State *lua)
{
	struct scn_driver *driver = check_driver(lua);
	int fd = driver->fd;

	driver->fd = -1;
	(void)close(fd);
	threads_settle(scn_of(lua));
	return 0;
}

void
bind_drivers_close(struct scn *scn)
{
	struct scn_driver *driver;

	while ((driver = scn->drivers) != NULL) {
		scn->drivers = driver->next;
		if (driver->fd != -1)
			(void)close(driver->fd);
		free(driver);
	}
}

void
bind_driver(lua_State *lua)
{
	static const luaL_Reg methods[] = {
		{ "ioctl", driver_ioctl }, { "mmap", driver_mmap },
		{ "dup", driver_dup }, { "close", driver_close },
		{ NULL, NULL },
	};

	value_class(lua, DRIVER_CLASS, methods, NULL, NULL);
	driver_call_bind(lua);
}
