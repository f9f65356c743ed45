/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Lua state that can do no harm and always does the same: no files, no
 * system, no bytecode, sorted pairs, seeded random numbers, and limits of
 * memory and instructions that pcall() cannot get round.
 */
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/private.h"

/* Generous for any scenario, and over within seconds. */
#define MEMORY_MAX		(64UL << 20)
#define INSTRUCTIONS_MAX	200000000L
#define HOOK_INTERVAL		10000

struct sandbox {
	size_t memory;
	long instructions;
	bool exhausted;
	void *data;
};

static void *
allocate(void *arg, void *p, size_t old, size_t new)
{
	struct sandbox *box = arg;
	void *result;

	if (p == NULL)
		old = 0;	/* then it is a type, not a size */
	if (new == 0) {
		free(p);
		box->memory -= old;
		return NULL;
	}
	if (new > old && box->memory + (new - old) > MEMORY_MAX)
		return NULL;
	result = realloc(p, new);
	if (result != NULL)
		box->memory += new - old;
	return result;
}

static struct sandbox *
box_of(lua_State *lua)
{
	void *box;

	(void)lua_getallocf(lua, &box);
	return box;
}

/* Once it is over, every further instruction fails too. */
static void
count_instructions(lua_State *lua, lua_Debug *debug)
{
	struct sandbox *box = box_of(lua);

	(void)debug;
	box->instructions += HOOK_INTERVAL;
	if (box->instructions < INSTRUCTIONS_MAX)
		return;
	box->exhausted = true;
	lua_sethook(lua, count_instructions, LUA_MASKCOUNT, 1);
	luaL_where(lua, 0);
	lua_pushfstring(lua, "the scenario does not end (over %d million "
	    "instructions)", (int)(INSTRUCTIONS_MAX / 1000000));
	lua_concat(lua, 2);
	lua_error(lua);
}

bool
sandbox_exhausted(lua_State *lua)
{
	return box_of(lua)->exhausted;
}

void *
sandbox_data(lua_State *lua)
{
	return box_of(lua)->data;
}

void
sandbox_data_set(lua_State *lua, void *data)
{
	box_of(lua)->data = data;
}

/*
 * The order of a hash table depends on the run, and so do addresses; here
 * neither shows.  And finalizers run without the hook that counts
 * instructions.
 */
static const char prelude[] =
    "local next, sort, type, error = next, table.sort, type, error\n"
    "local set, get = setmetatable, rawget\n"
    "function setmetatable(t, m)\n"
    "	if type(m) == 'table' and get(m, '__gc') ~= nil then\n"
    "		error('setmetatable: no __gc here', 2)\n"
    "	end\n"
    "	return set(t, m)\n"
    "end\n"
    "local function less(a, b)\n"
    "	local ta, tb = type(a), type(b)\n"
    "	if ta ~= tb then return ta < tb end\n"
    "	return a < b\n"
    "end\n"
    "local text, format = tostring, string.format\n"
    "local plain = { number = true, string = true, boolean = true,\n"
    "    ['nil'] = true }\n"
    "function tostring(v)\n"
    "	return plain[type(v)] and text(v) or 'a ' .. type(v)\n"
    "end\n"
    "function string.format(f, ...)\n"
    "	local values = table.pack(...)\n"
    "	local rest = string.gsub(text(f), '%%%%', '')\n"
    "	if string.find(rest, '%%[%-#0 +%d%.]*p') then\n"
    "		error('string.format: %p is another address each time', 2)\n"
    "	end\n"
    "	for i = 1, values.n do\n"
    "		if not plain[type(values[i])] then\n"
    "			values[i] = tostring(values[i])\n"
    "		end\n"
    "	end\n"
    "	return format(f, table.unpack(values, 1, values.n))\n"
    "end\n"
    "function pairs(t)\n"
    "	local keys, i = {}, 0\n"
    "	for k in next, t do\n"
    "		local kind = type(k)\n"
    "		if kind ~= 'number' and kind ~= 'string' then\n"
    "			error('pairs: a ' .. kind .. ' is no key that can be '\n"
    "			    .. 'sorted', 2)\n"
    "		end\n"
    "		keys[#keys + 1] = k\n"
    "	end\n"
    "	sort(keys, less)\n"
    "	return function()\n"
    "		i = i + 1\n"
    "		if keys[i] ~= nil then return keys[i], t[keys[i]] end\n"
    "	end\n"
    "end\n";

/* A handler of xpcall() would run without the limit of instructions. */
static const char *const removed[] = {
	"dofile", "loadfile", "load", "next", "collectgarbage", "print",
	"warn", "xpcall", NULL
};

static void
remove_field(lua_State *lua, const char *table, const char *field)
{
	lua_getglobal(lua, table);
	lua_pushnil(lua);
	lua_setfield(lua, -2, field);
	lua_pop(lua, 1);
}

static int
open_protected(lua_State *lua)
{
	static const luaL_Reg libraries[] = {
		{ LUA_GNAME, luaopen_base }, { "table", luaopen_table },
		{ "string", luaopen_string }, { "math", luaopen_math },
		{ "utf8", luaopen_utf8 }, { NULL, NULL },
	};
	lua_Integer seed = lua_tointeger(lua, 1);
	const luaL_Reg *library;
	unsigned i;

	for (library = libraries; library->func != NULL; library++) {
		luaL_requiref(lua, library->name, library->func, 1);
		lua_pop(lua, 1);
	}
	if (luaL_loadbuffer(lua, prelude, sizeof(prelude) - 1, "=prelude"))
		return lua_error(lua);
	lua_call(lua, 0, 0);
	for (i = 0; removed[i] != NULL; i++) {
		lua_pushnil(lua);
		lua_setglobal(lua, removed[i]);
	}
	lua_getglobal(lua, "math");
	lua_getfield(lua, -1, "randomseed");
	lua_pushinteger(lua, seed);
	lua_call(lua, 1, 0);
	lua_pop(lua, 1);
	remove_field(lua, "math", "randomseed");
	remove_field(lua, "string", "dump");
	return 0;
}

lua_State *
sandbox_open(uint64_t seed)
{
	struct sandbox *box;
	lua_State *lua;

	box = calloc(1, sizeof(*box));
	if (box == NULL)
		return NULL;
	lua = lua_newstate(allocate, box);
	if (lua == NULL) {
		free(box);
		return NULL;
	}
	lua_pushcfunction(lua, open_protected);
	lua_pushinteger(lua, (lua_Integer)seed);
	if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
		sandbox_close(lua);
		return NULL;
	}
	lua_sethook(lua, count_instructions, LUA_MASKCOUNT, HOOK_INTERVAL);
	return lua;
}

void
sandbox_close(lua_State *lua)
{
	struct sandbox *box;

	if (lua == NULL)
		return;
	box = box_of(lua);
	lua_close(lua);
	free(box);
}
