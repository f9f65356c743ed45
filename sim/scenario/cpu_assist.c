/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The assists, whose callbacks are Lua functions.  An error in one of them
 * must not jump over the library that called it: it is kept, and raised
 * when the assist has returned.
 */
#include <errno.h>
#include <string.h>

#include "scenario/bind_cpu.h"

/* With the place of the assist, which called us through the library. */
static int
complain(lua_State *lua, const char *text)
{
	luaL_where(lua, 2);
	lua_pushstring(lua, text);
	lua_concat(lua, 2);
	return lua_error(lua);
}

/* What the callback answers goes to the device's data: number or string. */
static void
answer_take(lua_State *lua, uint8_t *data, size_t size)
{
	uint64_t value;
	const char *bytes;
	size_t length, i;

	if (lua_isinteger(lua, -1)) {
		value = (uint64_t)lua_tointeger(lua, -1);
		for (i = 0; i < size && i < sizeof(value); i++)
			data[i] = (uint8_t)(value >> (i * 8));
	} else if (lua_type(lua, -1) == LUA_TSTRING) {
		bytes = lua_tolstring(lua, -1, &length);
		memcpy(data, bytes, length < size ? length : size);
	} else
		complain(lua, "a callback that is asked for data returns "
		    "a number or a string");
}

/* What is told to the Lua function, at a time. */
struct access {
	struct scn_cpu *cpu;
	bool io;
	bool input;		/* the callback fills data */
	uint64_t address;	/* port or gpa */
	uint8_t *data;
	size_t size;
};

static int
callback_protected(lua_State *lua)
{
	const struct access *access = lua_touserdata(lua, 1);

	if (access->cpu->callback == LUA_NOREF)
		return complain(lua, "the assist asks for a device, and "
		    "no function was given");
	lua_rawgeti(lua, LUA_REGISTRYINDEX, access->cpu->callback);
	lua_newtable(lua);
	lua_pushinteger(lua, (lua_Integer)access->address);
	lua_setfield(lua, -2, access->io ? "port" : "gpa");
	lua_pushboolean(lua, access->io ? access->input : !access->input);
	lua_setfield(lua, -2, access->io ? "input" : "write");
	lua_pushinteger(lua, (lua_Integer)access->size);
	lua_setfield(lua, -2, "size");
	if (!access->input) {
		lua_pushlstring(lua, (const char *)access->data, access->size);
		lua_setfield(lua, -2, "data");
	}
	lua_call(lua, 1, 1);
	if (access->input)
		answer_take(lua, access->data, access->size);
	return 0;
}

static void
callback(struct access *access)
{
	struct scn_cpu *cpu = access->cpu;
	lua_State *lua = cpu->vm->scn->lua;

	if (access->input)
		memset(access->data, 0, access->size);
	if (cpu->callback_failed)
		return;		/* one error is enough */
	lua_pushcfunction(lua, callback_protected);
	lua_pushlightuserdata(lua, access);
	if (lua_pcall(lua, 1, 0, 0) != LUA_OK)
		cpu->callback_failed = true;	/* left on the stack */
}

static void
io_callback(struct nvmm_io *io)
{
	struct access access = {
		.cpu = (struct scn_cpu *)io->vcpu,
		.io = true,
		.input = io->in,
		.address = io->port,
		.data = io->data,
		.size = io->size,
	};

	callback(&access);
}

/*
 * The page with the guest's code is known to the kernel only.  A library
 * that fetches an instruction takes it for a device, which answers here.
 */
static bool
from_harness(const struct nvmm_mem *mem)
{
	const struct scn_vm *vm = (const struct scn_vm *)mem->mach;
	uint64_t offset = mem->gpa - HARNESS_GPA;

	if (mem->write || mem->gpa < HARNESS_GPA || offset >= 4096 ||
	    mem->size > 4096 - offset)
		return false;
	memcpy(mem->data, (const uint8_t *)vm->code + offset, mem->size);
	return true;
}

static void
mem_callback(struct nvmm_mem *mem)
{
	struct access access = {
		.cpu = (struct scn_cpu *)mem->vcpu,
		.input = !mem->write,
		.address = mem->gpa,
		.data = mem->data,
		.size = mem->size,
	};

	if (!from_harness(mem))
		callback(&access);
}

/* A callback may start another assist: each has a function of its own. */
static int
assist(lua_State *lua, const char *name,
    int (*function)(struct nvmm_machine *, struct nvmm_vcpu *))
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	const int outer = cpu->callback;
	const bool outer_failed = cpu->callback_failed;
	int result, error;
	bool failed;

	if (!lua_isnoneornil(lua, 2))
		luaL_checktype(lua, 2, LUA_TFUNCTION);
	cpu->vcpu.cbs.io = io_callback;
	cpu->vcpu.cbs.mem = mem_callback;
	cpu->callback_failed = false;
	cpu->callback = LUA_NOREF;
	if (!lua_isnoneornil(lua, 2)) {
		lua_pushvalue(lua, 2);
		cpu->callback = luaL_ref(lua, LUA_REGISTRYINDEX);
	}
	result = function(&cpu->vm->mach, &cpu->vcpu);
	error = errno;
	failed = cpu->callback_failed;
	luaL_unref(lua, LUA_REGISTRYINDEX, cpu->callback);
	cpu->callback = outer;
	cpu->callback_failed = outer_failed;
	if (failed)
		return lua_error(lua);
	errno = error;
	scn_check(lua, name, result);
	return 0;
}

int
cpu_assist_io(lua_State *lua)
{
	return assist(lua, "nvmm_assist_io", nvmm_assist_io);
}

int
cpu_assist_mem(lua_State *lua)
{
	return assist(lua, "nvmm_assist_mem", nvmm_assist_mem);
}
