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
	enum sim_insn insn;		/* of WISH_INSN */
	const char *required[3];
	const char *fields[FIELDS_MAX];	/* all of them, NULL-terminated */
};

static const struct intent_row rows[] = {
	{ "out", WISH_OUT, 0, { "port" },
	    { "port", "size", "value", "interrupts" } },
	{ "inp", WISH_IN, 0, { "port" }, { "port", "size", "interrupts" } },
	{ "outs", WISH_OUTS, 0, { "port", "address" },
	    { "port", "size", "address", "count", "seg", "interrupts" } },
	{ "ins", WISH_INS, 0, { "port", "address" },
	    { "port", "size", "address", "count", "interrupts" } },
	{ "write", WISH_WRITE, 0, { "gpa" },
	    { "gpa", "size", "value", "first_touch", "interrupts" } },
	{ "read", WISH_READ, 0, { "gpa" },
	    { "gpa", "size", "first_touch", "interrupts" } },
	{ "fetch", WISH_FETCH, 0, { "gpa" },
	    { "gpa", "first_touch", "interrupts" } },
	{ "hlt", WISH_HLT, 0, { NULL }, { "interrupts" } },
	{ "cpuid", WISH_CPUID, 0, { "leaf" },
	    { "leaf", "subleaf", "interrupts" } },
	{ "rdmsr", WISH_RDMSR, 0, { "msr" }, { "msr", "interrupts" } },
	{ "wrmsr", WISH_WRMSR, 0, { "msr", "value" },
	    { "msr", "value", "interrupts" } },
	{ "shutdown", WISH_SHUTDOWN, 0, { NULL }, { "interrupts" } },
	{ "mov_cr", WISH_MOV_CR, 0, { "cr", "value" },
	    { "cr", "value", "interrupts" } },
	{ "xsetbv", WISH_INSN, SIM_INSN_XSETBV, { "value" },
	    { "xcr", "value", "interrupts" } },
	{ "invd", WISH_INSN, SIM_INSN_INVD, { NULL }, { "interrupts" } },
	{ "monitor", WISH_INSN, SIM_INSN_MONITOR, { NULL },
	    { "interrupts" } },
	{ "mwait", WISH_INSN, SIM_INSN_MWAIT, { NULL }, { "interrupts" } },
	{ "rdtsc", WISH_INSN, SIM_INSN_RDTSC, { NULL }, { "interrupts" } },
	{ "init", WISH_INIT, 0, { NULL }, { "interrupts" } },
	{ "task_switch", WISH_TASK_SWITCH, 0, { NULL }, { "interrupts" } },
	{ "sti", WISH_STI, 0, { NULL }, { NULL } },
	{ "cli", WISH_CLI, 0, { NULL }, { NULL } },
	{ "nop", WISH_NOP, 0, { NULL }, { "interrupts" } },
	{ "iret", WISH_IRET, 0, { NULL }, { "interrupts" } },
	{ "spin", WISH_SPIN, 0, { NULL }, { "interrupts" } },
	{ "stack", WISH_STACK, 0, { "gpa" }, { "gpa", "interrupts" } },
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

	wish->has_seg = lua_getfield(lua, table, "seg") != LUA_TNIL;
	lua_pop(lua, 1);
	if (wish->has_seg)
		wish->seg = (uint8_t)value_choice(lua, table, "seg", NULL,
		    names);
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

static void
wish_register(lua_State *lua, int table, struct wish *wish)
{
	uint64_t cr = value_field(lua, table, "cr", 0, false);

	if (cr > 8 || cr == 1 || (cr >= 5 && cr <= 7))
		luaL_error(lua, "cr %I: 0, 2, 3, 4 or 8", (LUAI_UACINT)cr);
	wish->cr = (uint8_t)cr;
	wish->has_xcr = wish->insn == SIM_INSN_XSETBV;
	wish->xcr = (uint32_t)value_bits(lua, table, "xcr", 32);
	wish->msr = (uint32_t)value_bits(lua, table, "msr", 32);
	wish->leaf = (uint32_t)value_bits(lua, table, "leaf", 32);
	wish->subleaf = (uint32_t)value_bits(lua, table, "subleaf", 32);
}

static void
wish_access(lua_State *lua, int table, struct wish *wish)
{
	uint64_t port = value_field(lua, table, "port", 0, false);
	uint64_t size = value_field(lua, table, "size", 1, false);

	wish_check(lua, wish, port, size);
	wish->port = (uint16_t)port;
	wish->size = (uint8_t)size;
	wish->address = value_field(lua, table, "gpa", 0, false) |
	    value_field(lua, table, "address", 0, false);
	lua_getfield(lua, table, "count");
	wish->rep = !lua_isnil(lua, -1);
	lua_pop(lua, 1);
	wish->count = value_field(lua, table, "count", 0, false);
	wish->first_touch = value_flag(lua, table, "first_touch");
	wish_segment(lua, table, wish);
}

/* guest:hlt() passes guest itself. */
static void
check_dot(lua_State *lua, const char *what)
{
	lua_getglobal(lua, "guest");
	if (lua_rawequal(lua, 1, -1))
		luaL_error(lua, "%s: write a dot, not a colon", what);
	lua_pop(lua, 1);
}

static int
intent_new(lua_State *lua)
{
	const struct intent_row *row = lua_touserdata(lua,
	    lua_upvalueindex(1));
	struct wish *wish;
	char what[32];
	unsigned i;

	if (lua_isnoneornil(lua, 1)) {
		lua_settop(lua, 0);
		lua_newtable(lua);
	}
	snprintf(what, sizeof(what), "guest.%s", row->name);
	check_dot(lua, what);
	value_check_fields(lua, 1, what, row->fields);
	for (i = 0; i < 3 && row->required[i] != NULL; i++)
		(void)value_field(lua, 1, row->required[i], 0, true);

	wish = wish_new(lua);
	wish->kind = row->kind;
	wish->insn = row->insn;
	wish->value = value_field(lua, 1, "value", 0, false);
	wish_register(lua, 1, wish);
	wish_access(lua, 1, wish);
	wish_interrupts(lua, 1, wish);
	return 1;
}

/* guest.insn "vmmcall": an instruction of the table, with no operands. */
static int
insn_new(lua_State *lua)
{
	const char *name = luaL_checkstring(lua, 1);
	struct wish *wish;
	unsigned i;

	for (i = 0; i < SIM_NINSN; i++) {
		if (strcmp(sim_insns[i].name, name) == 0)
			break;
	}
	if (i == SIM_NINSN)
		return luaL_error(lua, "there is no instruction '%s' for "
		    "guest.insn", name);
	wish = wish_new(lua);
	wish->kind = WISH_INSN;
	wish->insn = (enum sim_insn)i;
	return 1;
}

/* guest.mode "protected": the guest switches, as code would have. */
static int
mode_new(lua_State *lua)
{
	static const char *const names[] = {
		"real", "protected", "long", "user", NULL
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
	lua_pushcfunction(lua, insn_new);
	lua_setfield(lua, -2, "insn");
	lua_newtable(lua);
	lua_pushcfunction(lua, guest_unknown);
	lua_setfield(lua, -2, "__index");
	lua_setmetatable(lua, -2);
	lua_setglobal(lua, "guest");
}
