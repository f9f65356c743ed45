/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between Lua's values and ours.  What is wrong with an argument is said
 * with the field's name; unknown fields are errors, never ignored.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/map.h"
#include "observe/flight.h"
#include "scenario/private.h"

static bool
field_known(const char *name, const char *const fields[])
{
	unsigned i;

	for (i = 0; fields[i] != NULL; i++) {
		if (strcmp(fields[i], name) == 0)
			return true;
	}
	return false;
}

/*
 * Tables have no order that is the same in every process: of several wrong
 * fields the first by name is told.
 */
void
value_check_fields(lua_State *lua, int table, const char *what,
    const char *const fields[])
{
	const char *name, *wrong = NULL;

	if (!lua_istable(lua, table))
		luaL_error(lua, "%s: a table of fields is needed, not %s",
		    what, luaL_typename(lua, table));
	lua_pushnil(lua);
	while (lua_next(lua, table) != 0) {
		if (lua_type(lua, -2) != LUA_TSTRING)
			luaL_error(lua, "%s: fields need names", what);
		name = lua_tostring(lua, -2);
		if (!field_known(name, fields) &&
		    (wrong == NULL || strcmp(name, wrong) < 0))
			wrong = name;	/* the table keeps it */
		lua_pop(lua, 1);
	}
	if (wrong != NULL)
		luaL_error(lua, "%s: unknown field '%s'", what, wrong);
}

uint64_t
value_field(lua_State *lua, int table, const char *field, uint64_t fallback,
    bool required)
{
	uint64_t value = fallback;
	int integral;

	lua_getfield(lua, table, field);
	if (!lua_isnil(lua, -1)) {
		value = (uint64_t)lua_tointegerx(lua, -1, &integral);
		if (!integral)
			luaL_error(lua, "field '%s' must be an integer",
			    field);
	} else if (required)
		luaL_error(lua, "field '%s' is missing", field);
	lua_pop(lua, 1);
	return value;
}

uint64_t
value_bits(lua_State *lua, int table, const char *field, unsigned bits)
{
	uint64_t value = value_field(lua, table, field, 0, false);

	if (value >> bits != 0)
		luaL_error(lua, "field '%s' has more than %d bits", field,
		    (int)bits);
	return value;
}

bool
value_flag(lua_State *lua, int table, const char *field)
{
	bool value;

	lua_getfield(lua, table, field);
	if (!lua_isnil(lua, -1) && !lua_isboolean(lua, -1))
		luaL_error(lua, "field '%s' must be true or false", field);
	value = lua_toboolean(lua, -1);
	lua_pop(lua, 1);
	return value;
}

const char *
value_text(lua_State *lua, int table, const char *field, const char *fallback)
{
	const char *text = fallback;
	int type = lua_getfield(lua, table, field);

	if (type == LUA_TSTRING)
		text = lua_tostring(lua, -1);	/* the table keeps it */
	else if (type != LUA_TNIL)
		luaL_error(lua, "field '%s' must be a string", field);
	else if (fallback == NULL)
		luaL_error(lua, "field '%s' is missing", field);
	lua_pop(lua, 1);
	return text;
}

int
value_choice(lua_State *lua, int table, const char *field,
    const char *fallback, const char *const names[])
{
	const char *text = value_text(lua, table, field, fallback);
	int i;

	for (i = 0; names[i] != NULL; i++) {
		if (strcmp(names[i], text) == 0)
			return i;
	}
	return luaL_error(lua, "field '%s': there is no '%s'", field, text);
}

static uint64_t
component_bit(lua_State *lua, const char *name, size_t length)
{
	unsigned i;

	if (length == 3 && strncmp(name, "all", 3) == 0)
		return SIM_STATE_ALL;
	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if (strlen(sim_components[i].name) == length &&
		    strncmp(sim_components[i].name, name, length) == 0)
			return SIM_BIT(i);
	}
	lua_pushlstring(lua, name, length);
	return (uint64_t)luaL_error(lua, "there is no component '%s' (segs, "
	    "gprs, crs, drs, msrs, intr, fpu, all)", lua_tostring(lua, -1));
}

/* "gprs|segs", "" for none, or the bits themselves. */
uint64_t
value_components(lua_State *lua, int index)
{
	uint64_t components = 0;
	const char *names;
	size_t length;

	if (lua_isinteger(lua, index))
		return (uint64_t)lua_tointeger(lua, index);
	names = luaL_checkstring(lua, index);
	while (*names != '\0') {
		length = strcspn(names, "| ");
		if (length > 0)
			components |= component_bit(lua, names, length);
		names += length;
		names += strspn(names, "| ");
	}
	return components;
}

void
value_push_components(lua_State *lua, uint64_t components)
{
	luaL_Buffer buffer;
	const char *separator = "";
	unsigned i;

	luaL_buffinit(lua, &buffer);
	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if ((components & SIM_BIT(i)) == 0)
			continue;
		luaL_addstring(&buffer, separator);
		luaL_addstring(&buffer, sim_components[i].name);
		separator = "|";
	}
	luaL_pushresult(&buffer);
}

int
value_prot(lua_State *lua, int index)
{
	const char *text, *p;
	int prot = 0;

	if (lua_isinteger(lua, index))
		return (int)lua_tointeger(lua, index);
	if (lua_type(lua, index) != LUA_TSTRING)
		luaL_error(lua, "a protection is letters of 'rwx', as in "
		    "\"rw\"");
	text = lua_tostring(lua, index);
	for (p = text; *p != '\0'; p++) {
		switch (*p) {
		case 'r':
			prot |= SIM_PROT_READ;
			break;
		case 'w':
			prot |= SIM_PROT_WRITE;
			break;
		case 'x':
			prot |= SIM_PROT_EXEC;
			break;
		default:
			luaL_error(lua, "protection '%s': letters of 'rwx' "
			    "only", text);
		}
	}
	return prot;
}

/* NVMM_PROT_*, by letters: rwx, u for user. */
void
value_push_prot(lua_State *lua, uint64_t prot)
{
	char text[5], *p = text;

	if (prot & NVMM_PROT_READ)
		*p++ = 'r';
	if (prot & NVMM_PROT_WRITE)
		*p++ = 'w';
	if (prot & NVMM_PROT_EXEC)
		*p++ = 'x';
	if (prot & NVMM_PROT_USER)
		*p++ = 'u';
	*p = '\0';
	lua_pushstring(lua, text);
}

void
value_describe(lua_State *lua, int index, char *text, size_t size)
{
	long long number;

	if (lua_isinteger(lua, index)) {
		number = lua_tointeger(lua, index);
		if (number >= 0 && number < 10)
			snprintf(text, size, "%lld", number);
		else
			snprintf(text, size, "0x%llx", number);
	} else if (lua_type(lua, index) == LUA_TSTRING)
		snprintf(text, size, "\"%s\"", lua_tostring(lua, index));
	else if (lua_type(lua, index) > LUA_TSTRING)
		/* Lua would tell an address, another one each time. */
		snprintf(text, size, "a %s", luaL_typename(lua, index));
	else {
		snprintf(text, size, "%s", luaL_tolstring(lua, index, NULL));
		lua_pop(lua, 1);
	}
}

int
value_errno(const char *name)
{
	char text[32];
	int error;

	for (error = 1; error < 200; error++) {
		flight_format_errno(error, text, sizeof(text));
		if (strcmp(text, name) == 0)
			return error;
	}
	return 0;
}

/* __index: a method, else what the class's own function makes of it. */
static int
class_index(lua_State *lua)
{
	lua_pushvalue(lua, 2);
	lua_rawget(lua, lua_upvalueindex(1));
	if (!lua_isnil(lua, -1))
		return 1;
	lua_pop(lua, 1);
	if (lua_tocfunction(lua, lua_upvalueindex(2)) == NULL)
		return luaL_error(lua, "a %s has no field '%s'",
		    lua_tostring(lua, lua_upvalueindex(3)),
		    luaL_tolstring(lua, 2, NULL));
	return lua_tocfunction(lua, lua_upvalueindex(2))(lua);
}

static int
class_newindex(lua_State *lua)
{
	return luaL_error(lua, "field '%s' of a %s cannot be set",
	    luaL_tolstring(lua, 2, NULL),
	    lua_tostring(lua, lua_upvalueindex(1)));
}

void
value_class(lua_State *lua, const char *name, const luaL_Reg *methods,
    lua_CFunction get, lua_CFunction set)
{
	luaL_newmetatable(lua, name);
	lua_newtable(lua);
	luaL_setfuncs(lua, methods, 0);
	if (get != NULL)
		lua_pushcfunction(lua, get);
	else
		lua_pushnil(lua);
	lua_pushstring(lua, name);
	lua_pushcclosure(lua, class_index, 3);
	lua_setfield(lua, -2, "__index");
	if (set != NULL)
		lua_pushcfunction(lua, set);
	else {
		lua_pushstring(lua, name);
		lua_pushcclosure(lua, class_newindex, 1);
	}
	lua_setfield(lua, -2, "__newindex");
	lua_pushstring(lua, name);
	lua_setfield(lua, -2, "__metatable");
	lua_pop(lua, 1);
}

void
value_push_object(lua_State *lua, const char *class, void *object)
{
	void **place = lua_newuserdatauv(lua, sizeof(*place), 0);

	*place = object;
	luaL_setmetatable(lua, class);
}

void *
value_object(lua_State *lua, int index, const char *class)
{
	void **place = luaL_checkudata(lua, index, class);

	return *place;
}
