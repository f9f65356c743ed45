/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * guest.*: what a guest can be wished to do.  One row per intent.
 */
#include <stdio.h>
#include <string.h>

#include "scenario/private.h"

#define INTENT_CLASS	"intent"
#define FIELDS_MAX	8

struct intent_row {
	const char *name;
	enum wish_kind kind;
	const char *required[3];
	const char *fields[FIELDS_MAX];	/* all of them, NULL-terminated */
};

static const struct intent_row rows[] = {
	{ "out", WISH_OUT, { "port" },
	    { "port", "size", "value", "interrupts" } },
	{ "inp", WISH_IN, { "port" }, { "port", "size", "interrupts" } },
	{ "outs", WISH_OUTS, { "port", "address" },
	    { "port", "size", "address", "count", "seg", "interrupts" } },
	{ "ins", WISH_INS, { "port", "address" },
	    { "port", "size", "address", "count", "interrupts" } },
	{ "write", WISH_WRITE, { "gpa" },
	    { "gpa", "size", "value", "interrupts" } },
	{ "read", WISH_READ, { "gpa" }, { "gpa", "size", "interrupts" } },
	{ "fetch", WISH_FETCH, { "gpa" }, { "gpa", "interrupts" } },
	{ "hlt", WISH_HLT, { NULL }, { "interrupts" } },
	{ "cpuid", WISH_CPUID, { "leaf" },
	    { "leaf", "subleaf", "interrupts" } },
	{ "rdmsr", WISH_RDMSR, { "msr" }, { "msr", "interrupts" } },
	{ "wrmsr", WISH_WRMSR, { "msr", "value" },
	    { "msr", "value", "interrupts" } },
	{ "shutdown", WISH_SHUTDOWN, { NULL }, { "interrupts" } },
	{ "invd", WISH_INVD, { NULL }, { "interrupts" } },
	{ "sti", WISH_STI, { NULL }, { NULL } },
	{ "cli", WISH_CLI, { NULL }, { NULL } },
	{ "nop", WISH_NOP, { NULL }, { "interrupts" } },
};

static void
wish_check(lua_State *lua, const struct wish *wish, uint64_t port,
    uint64_t size)
{
	bool memory = wish->kind == WISH_READ || wish->kind == WISH_WRITE;

	if (port > 0xffff)
		luaL_error(lua, "port %I is above 0xffff", (LUAI_UACINT)port);
	if (size != 1 && size != 2 && size != 4 && !(memory && size == 8))
		luaL_error(lua, "size %I: 1, 2%s", (LUAI_UACINT)size,
		    memory ? ", 4 or 8" : " or 4");
}

static void
wish_segment(lua_State *lua, int table, struct wish *wish)
{
	static const char *const names[] = {
		"es", "cs", "ss", "ds", "fs", "gs", NULL
	};

	lua_getfield(lua, table, "seg");
	if (!lua_isnil(lua, -1)) {
		wish->has_seg = true;
		wish->seg = (uint8_t)luaL_checkoption(lua, -1, NULL, names);
	}
	lua_pop(lua, 1);
}

static void
wish_interrupts(lua_State *lua, int table, struct wish *wish)
{
	lua_getfield(lua, table, "interrupts");
	if (!lua_isnil(lua, -1)) {
		if (!lua_isboolean(lua, -1))
			luaL_error(lua, "field 'interrupts' must be true or "
			    "false");
		if (lua_toboolean(lua, -1))
			wish->flags_set = SIM_RFLAGS_IF;
		else
			wish->flags_clear = SIM_RFLAGS_IF;
	}
	lua_pop(lua, 1);
}

static struct wish *
wish_new(lua_State *lua)
{
	struct wish *wish = lua_newuserdatauv(lua, sizeof(*wish), 0);

	memset(wish, 0, sizeof(*wish));
	wish->size = 1;
	luaL_setmetatable(lua, INTENT_CLASS);
	return wish;
}

static int
intent_new(lua_State *lua)
{
	const struct intent_row *row = lua_touserdata(lua,
	    lua_upvalueindex(1));
	uint64_t port, size;
	struct wish *wish;
	char what[32];
	unsigned i;

	if (lua_isnoneornil(lua, 1)) {
		lua_settop(lua, 0);
		lua_newtable(lua);
	}
	snprintf(what, sizeof(what), "guest.%s", row->name);
	value_check_fields(lua, 1, what, row->fields);
	for (i = 0; i < 3 && row->required[i] != NULL; i++)
		(void)value_field(lua, 1, row->required[i], 0, true);

	wish = wish_new(lua);
	wish->kind = row->kind;
	port = value_field(lua, 1, "port", 0, false);
	size = value_field(lua, 1, "size", 1, false);
	wish_check(lua, wish, port, size);
	wish->port = (uint16_t)port;
	wish->size = (uint8_t)size;
	wish->value = value_field(lua, 1, "value", 0, false);
	wish->address = value_field(lua, 1, "gpa", 0, false) |
	    value_field(lua, 1, "address", 0, false);
	lua_getfield(lua, 1, "count");
	wish->rep = !lua_isnil(lua, -1);
	lua_pop(lua, 1);
	wish->count = value_field(lua, 1, "count", 0, false);
	wish->msr = (uint32_t)value_bits(lua, 1, "msr", 32);
	wish->leaf = (uint32_t)value_bits(lua, 1, "leaf", 32);
	wish->subleaf = (uint32_t)value_bits(lua, 1, "subleaf", 32);
	wish_segment(lua, 1, wish);
	wish_interrupts(lua, 1, wish);
	return 1;
}

/* guest.mode "protected": the guest switches, as code would have. */
static int
mode_new(lua_State *lua)
{
	static const char *const names[] = {
		"real", "protected", "long", NULL
	};
	int mode = luaL_checkoption(lua, 1, NULL, names);
	struct wish *wish = wish_new(lua);

	wish->kind = WISH_MODE;
	wish->mode = (enum wish_mode)mode;
	return 1;
}

const struct wish *
bind_wish(lua_State *lua, int index)
{
	return luaL_checkudata(lua, index, INTENT_CLASS);
}

static int
guest_unknown(lua_State *lua)
{
	return luaL_error(lua, "a guest cannot '%s'",
	    luaL_tolstring(lua, 2, NULL));
}

void
bind_guest(lua_State *lua)
{
	unsigned i;

	luaL_newmetatable(lua, INTENT_CLASS);
	lua_pop(lua, 1);
	lua_newtable(lua);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* Upvalues are not const; intent_new() only reads the row. */
		lua_pushlightuserdata(lua, (void *)(uintptr_t)&rows[i]);
		lua_pushcclosure(lua, intent_new, 1);
		lua_setfield(lua, -2, rows[i].name);
	}
	lua_pushcfunction(lua, mode_new);
	lua_setfield(lua, -2, "mode");
	lua_newtable(lua);
	lua_pushcfunction(lua, guest_unknown);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setglobal(lua, "guest");
}
