/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * t:replay { file =, timer_every =, timer_vector = }: a recorded load on a
 * machine of its own.
 */
#include "scenario/load.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "observe/number.h"
#include "scenario/private.h"
#include "transport/transport.h"

/* Files lie beside the scenario or below; nothing else can be read. */
static void
path_check(lua_State *lua, const char *file)
{
	if (*file == '/' || strstr(file, "..") != NULL)
		luaL_error(lua, "replay: '%s' must be below the scenario's "
		    "folder", file);
}

static void
note_result(struct scn *scn, const struct observe_counts *before,
    const struct load_result *result)
{
	struct observe_counts counts;
	char line[512], n[7][NUMBER_SIZE];

	if (scn->options->note == NULL)
		return;
	scn_counts(scn, &counts);
	observe_counts_sub(&counts, before);
	snprintf(line, sizeof(line), "%s accesses in %s exits, %s timer "
	    "interrupts: %s syscalls; %s without a comm page, %s avoided; "
	    "%s bytes of state copied",
	    number_grouped(result->accesses, n[0]),
	    number_grouped(observe_exits(&counts), n[1]),
	    number_grouped(result->interrupts, n[2]),
	    number_grouped(observe_ioctls(&counts), n[3]),
	    number_grouped(counts.baseline, n[4]),
	    number_grouped(counts.baseline - observe_ioctls(&counts), n[5]),
	    number_grouped(observe_bytes(&counts), n[6]));
	scn->options->note(scn->options->arg, line);
}

static void
push_result(lua_State *lua, const struct load_result *result)
{
	lua_newtable(lua);
	lua_pushinteger(lua, (lua_Integer)result->accesses);
	lua_setfield(lua, -2, "accesses");
	lua_pushinteger(lua, (lua_Integer)result->checked);
	lua_setfield(lua, -2, "checked");
	lua_pushinteger(lua, (lua_Integer)result->interrupts);
	lua_setfield(lua, -2, "interrupts");
}

/* The machine and VCPU of the replay, as the scenario's other ones. */
static struct scn_cpu *
replay_cpu(lua_State *lua, struct scn *scn)
{
	(void)bind_vm_create(lua, scn);
	(void)bind_cpu_create(lua, scn->vms, 0);
	lua_pop(lua, 2);
	return scn->vms->cpus;
}

int
load_replay(lua_State *lua)
{
	static const char *const fields[] = {
		"file", "timer_every", "timer_vector", NULL
	};
	struct scn *scn = value_object(lua, 1, "test");
	struct observe_counts before;
	struct load_result result;
	struct load load;
	struct load_plan plan = { .load = &load };
	struct scn_cpu *cpu;
	char path[PATH_MAX], why[PATH_MAX + 64];
	int status;

	value_check_fields(lua, 2, "replay", fields);
	path_check(lua, value_text(lua, 2, "file", NULL));
	snprintf(path, sizeof(path), "%s/%s", scn->directory,
	    value_text(lua, 2, "file", NULL));
	(void)value_bits(lua, 2, "timer_every", 31);
	(void)value_bits(lua, 2, "timer_vector", 8);
	plan.timer_every =
	    (unsigned)value_field(lua, 2, "timer_every", 400, false);
	plan.timer_vector =
	    (uint8_t)value_field(lua, 2, "timer_vector", 0x20, false);
	cpu = replay_cpu(lua, scn);
	if (load_read(path, &load, why, sizeof(why)) != 0)
		return luaL_error(lua, "%s", why);

	scn_counts(scn, &before);
	status = load_replay_vmm(scn->sim, &cpu->vm->mach, &cpu->vcpu,
	    cpu->vm->code, &plan, &result);
	load_free(&load);
	if (status != 0)
		scn_end(lua, VERDICT_FAIL, "%s", result.why);
	note_result(scn, &before, &result);
	push_result(lua, &result);
	return 1;
}
