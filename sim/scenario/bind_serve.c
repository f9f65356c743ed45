/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM's loop: runs a VCPU and answers its exits by the scenario's
 * functions, one for each kind.
 */
#include "scenario/bind_cpu.h"

#define EXITS_MAX	100000	/* unless the scenario says otherwise */

/* Calls a method of the VCPU at index cpu with the function on top. */
static bool
assist_by(lua_State *lua, lua_CFunction assist, int cpu)
{
	lua_pushcfunction(lua, assist);
	lua_pushvalue(lua, cpu);
	lua_pushvalue(lua, -3);
	lua_call(lua, 2, 0);
	return true;
}

static void
inject_gp(lua_State *lua, struct scn_cpu *cpu)
{
	cpu->vcpu.event->type = NVMM_VCPU_EVENT_EXCP;
	cpu->vcpu.event->vector = 13;
	cpu->vcpu.event->u.excp.error = 0;
	scn_check(lua, "nvmm_vcpu_inject",
	    nvmm_vcpu_inject(&cpu->vm->mach, &cpu->vcpu));
}

/* Past the instruction, and for RDMSR with an answer. */
static void
msr_finish(lua_State *lua, struct scn_cpu *cpu, const uint64_t *answer)
{
	struct nvmm_machine *mach = &cpu->vm->mach;
	uint64_t *gprs = cpu->vcpu.state->gprs, npc = 0;

	(void)cpu_exit_npc(cpu->vcpu.exit, &npc);
	scn_check(lua, "nvmm_vcpu_getstate", nvmm_vcpu_getstate(mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
	gprs[NVMM_X64_GPR_RIP] = npc;
	if (answer != NULL) {
		gprs[NVMM_X64_GPR_RAX] = *answer & 0xFFFFFFFF;
		gprs[NVMM_X64_GPR_RDX] = *answer >> 32;
	}
	scn_check(lua, "nvmm_vcpu_setstate", nvmm_vcpu_setstate(mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
}

/* What the function gives, the guest reads; nothing: #GP. */
static bool
rdmsr_by(lua_State *lua, struct scn_cpu *cpu)
{
	uint64_t value;

	lua_pushinteger(lua, cpu->vcpu.exit->u.rdmsr.msr);
	lua_call(lua, 1, 1);
	if (lua_isnil(lua, -1)) {
		inject_gp(lua, cpu);
		return true;
	}
	value = (uint64_t)luaL_checkinteger(lua, -1);
	msr_finish(lua, cpu, &value);
	return true;
}

/* A function that gives false refuses: #GP. */
static bool
wrmsr_by(lua_State *lua, struct scn_cpu *cpu)
{
	lua_pushinteger(lua, cpu->vcpu.exit->u.wrmsr.msr);
	lua_pushinteger(lua, (lua_Integer)cpu->vcpu.exit->u.wrmsr.val);
	lua_call(lua, 2, 1);
	if (lua_isboolean(lua, -1) && !lua_toboolean(lua, -1))
		inject_gp(lua, cpu);
	else
		msr_finish(lua, cpu, NULL);
	return true;
}

/* The function for exits of that kind is pushed; false: there is none. */
static bool
push_device(lua_State *lua, int devices, const char *name)
{
	if (lua_getfield(lua, devices, name) == LUA_TNIL)
		return false;
	if (!lua_isfunction(lua, -1))
		luaL_error(lua, "field '%s' must be a function", name);
	return true;
}

bool
serve_exit(lua_State *lua, int index, int devices)
{
	struct scn_cpu *cpu = cpu_check(lua, index);
	int top = lua_gettop(lua);
	bool served = false;

	switch (cpu->vcpu.exit->reason) {
	case NVMM_VCPU_EXIT_IO:
		served = push_device(lua, devices, "io") &&
		    assist_by(lua, cpu_assist_io, index);
		break;
	case NVMM_VCPU_EXIT_MEMORY:
		served = push_device(lua, devices, "mem") &&
		    assist_by(lua, cpu_assist_mem, index);
		break;
	case NVMM_VCPU_EXIT_RDMSR:
		served = push_device(lua, devices, "rdmsr") &&
		    rdmsr_by(lua, cpu);
		break;
	case NVMM_VCPU_EXIT_WRMSR:
		served = push_device(lua, devices, "wrmsr") &&
		    wrmsr_by(lua, cpu);
		break;
	default:
		break;
	}
	lua_settop(lua, top);
	return served;
}

lua_Integer
serve_limit(lua_State *lua, int devices)
{
	return (lua_Integer)value_field(lua, devices, "max", EXITS_MAX,
	    false);
}

/* cpu:serve { io =, mem =, rdmsr =, wrmsr =, max = } */
int
cpu_serve(lua_State *lua)
{
	static const char *const fields[] = {
		"io", "mem", "rdmsr", "wrmsr", "max", NULL
	};
	lua_Integer i, max;

	(void)cpu_check(lua, 1);
	value_check_fields(lua, 2, "serve", fields);
	lua_settop(lua, 2);
	max = serve_limit(lua, 2);
	for (i = 0; i < max; i++) {
		lua_settop(lua, 2);
		lua_pushcfunction(lua, cpu_run);
		lua_pushvalue(lua, 1);
		lua_call(lua, 1, 1);
		if (!serve_exit(lua, 1, 2))
			return 1;
	}
	return scn_end(lua, VERDICT_FAIL, "the guest has made %lld exits, and "
	    "goes on", (long long)max);
}
