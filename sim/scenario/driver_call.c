/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packing the arguments of ioctls, also in ways that no library would.
 */
#include "scenario/driver_call.h"

#include <sys/mman.h>
#include <string.h>

#include "kernel/control.h"
#include "scenario/bind_cpu.h"
#include "scenario/driver_args.h"
#include "scenario/private.h"

#define ANSWER_CLASS	"answer"

/* Below the lowest address that a process can map. */
#define NOT_MAPPED	((void *)0x1000)

#define PAGE_BYTES	4096

/* x86's byte order is the host's, as everywhere with the comm page. */
static void
store(uint8_t *bytes, const struct driver_field *field, uint64_t value)
{
	memcpy(bytes + field->offset, &value, field->size);
}

static uint64_t
fetch(const uint8_t *bytes, const struct driver_field *field)
{
	uint64_t value = 0;

	memcpy(&value, bytes + field->offset, field->size);
	return value;
}

/* The names of a list's fields that are in, as value_check_fields() wants. */
static void
names_in(const struct driver_field *fields, const char **names)
{
	for (; fields->name != NULL; fields++) {
		if (fields->in)
			*names++ = fields->name;
	}
	*names = NULL;
}

static uint64_t
op_value(lua_State *lua, const char *field)
{
	static const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "cpuid", SIM_VCPU_CONF_CPUID }, { "tpr", SIM_VCPU_CONF_TPR },
		{ "mach_info", SIM_CTL_MACH_INFO },
	};
	const char *name;
	unsigned i;

	if (lua_isinteger(lua, -1))
		return (uint64_t)lua_tointeger(lua, -1);
	if (lua_type(lua, -1) != LUA_TSTRING)
		luaL_error(lua, "field '%s' must be a name or an integer",
		    field);
	name = lua_tostring(lua, -1);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].value;
	}
	return (uint64_t)luaL_error(lua, "field '%s': there is no '%s'", field,
	    name);
}

static void
pack_registers(lua_State *lua, int table, const char *field, uint32_t *regs)
{
	static const char *const names[] = {
		"eax", "ebx", "ecx", "edx", NULL
	};
	int registers;
	unsigned i;

	lua_getfield(lua, table, field);
	registers = lua_gettop(lua);
	if (!lua_isnil(lua, registers)) {
		value_check_fields(lua, registers, field, names);
		for (i = 0; i < 4; i++)
			regs[i] = (uint32_t)value_bits(lua, registers,
			    names[i], 32);
	}
	lua_settop(lua, registers - 1);
}

/* A table on top: of the leaf's configuration, or of the TPR's. */
static void
pack_conf(lua_State *lua, struct driver_call *call)
{
	static const char *const names[] = {
		"leaf", "mask", "exit", "set", "del", "exit_changed", NULL
	};
	int table = lua_gettop(lua);
	struct sim_conf_cpuid *conf = (void *)call->inner;
	struct sim_conf_tpr *tpr = (void *)call->inner;

	value_check_fields(lua, table, "conf", names);
	if (lua_getfield(lua, table, "exit_changed") != LUA_TNIL) {
		tpr->flags = value_flag(lua, table, "exit_changed");
		return;
	}
	conf->leaf = (uint32_t)value_bits(lua, table, "leaf", 32);
	if (value_flag(lua, table, "mask"))
		conf->action |= SIM_CONF_CPUID_MASK;
	if (value_flag(lua, table, "exit"))
		conf->action |= SIM_CONF_CPUID_EXIT;
	pack_registers(lua, table, "set", conf->set);
	pack_registers(lua, table, "del", conf->del);
}

static void
pack_info(lua_State *lua, struct driver_call *call)
{
	const char *names[DRIVER_FIELDS_MAX];
	int table = lua_gettop(lua);

	names_in(driver_info_fields, names);
	value_check_fields(lua, table, "data", names);
	store(call->inner, &driver_info_fields[0],
	    value_bits(lua, table, "machid", 32));
}

/* The value on top, which is not nil. */
static uint64_t
pack_value(lua_State *lua, struct driver_call *call,
    const struct driver_field *field)
{
	int integral;
	uint64_t value;

	switch (field->kind) {
	case DRIVER_OP:
		return op_value(lua, field->name);
	case DRIVER_PROT:
		return (uint64_t)value_prot(lua, -1);
	case DRIVER_CONF:
		pack_conf(lua, call);
		return (uintptr_t)call->inner;
	case DRIVER_INFO:
		pack_info(lua, call);
		return (uintptr_t)call->inner;
	default:
		break;
	}
	value = (uint64_t)lua_tointegerx(lua, -1, &integral);
	if (!integral)
		luaL_error(lua, "field '%s' must be an integer", field->name);
	if (field->size == 4 && value >> 32 != 0)
		luaL_error(lua, "field '%s' has more than 32 bits",
		    field->name);
	return value;
}

static void
pack(lua_State *lua, struct driver_call *call)
{
	const char *names[DRIVER_FIELDS_MAX];
	const struct driver_field *field;
	int top = lua_gettop(lua);

	names_in(call->fields, names);
	value_check_fields(lua, 3, call->name, names);
	for (field = call->fields; field->name != NULL; field++) {
		if (!field->in)
			continue;
		if (lua_getfield(lua, 3, field->name) != LUA_TNIL)
			store(call->bytes, field,
			    pack_value(lua, call, field));
		lua_settop(lua, top);
	}
}

/* A copy at which the driver may look and no more. */
static void *
page_readonly(lua_State *lua, struct driver_call *call, const void *data,
    size_t size)
{
	void *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		luaL_error(lua, "out of memory");
	memcpy(page, data, size);
	(void)mprotect(page, PAGE_BYTES, PROT_READ);
	call->page = page;
	return page;
}

enum { GOOD, NOWHERE, UNMAPPED, READONLY, MISALIGNED };

static int
option_choice(lua_State *lua, const char *option)
{
	static const char *const names[] = {
		"good", "null", "unmapped", "readonly", "misaligned", NULL
	};

	return value_choice(lua, 4, option, "good", names);
}

static void
option_pointer(lua_State *lua, struct driver_call *call)
{
	switch (option_choice(lua, "pointer")) {
	case NOWHERE:
		call->pointer = NULL;
		break;
	case UNMAPPED:
		call->pointer = NOT_MAPPED;
		break;
	case READONLY:
		luaL_argcheck(lua, call->size <= PAGE_BYTES, 3, "too long");
		call->pointer = page_readonly(lua, call, call->bytes,
		    call->size);
		break;
	case MISALIGNED:
		memmove(call->bytes + 1, call->bytes, call->size);
		call->arg = call->bytes + 1;
		call->pointer = call->arg;
		break;
	default:
		break;
	}
}

/* The pointer inside the argument: conf of one, data of another. */
static void
option_inner(lua_State *lua, struct driver_call *call, const char *option)
{
	const struct driver_field *field = call->fields;
	int choice = option_choice(lua, option);
	void *inner = call->inner;

	if (choice == GOOD)
		return;
	while (field != NULL && field->name != NULL &&
	    strcmp(field->name, option) != 0)
		field++;
	if (field == NULL || field->name == NULL)
		luaL_error(lua, "%s has no field '%s'", call->name, option);
	switch (choice) {
	case NOWHERE:
		inner = NULL;
		break;
	case UNMAPPED:
		inner = NOT_MAPPED;
		break;
	case READONLY:
		inner = page_readonly(lua, call, inner, sizeof(call->inner));
		break;
	default:
		memmove(call->inner + 1, call->inner,
		    sizeof(call->inner) - 1);
		inner = call->inner + 1;
		break;
	}
	store(call->bytes, field, (uintptr_t)inner);
}

/* Linux's macros have the two directions the other way round. */
static unsigned long
command_linux(unsigned long command)
{
	unsigned long result = command & ~(unsigned long)(SIM_IOC_IN |
	    SIM_IOC_OUT);

	if (command & SIM_IOC_IN)
		result |= SIM_IOC_OUT;
	if (command & SIM_IOC_OUT)
		result |= SIM_IOC_IN;
	return result;
}

static void
options(lua_State *lua, struct driver_call *call)
{
	static const char *const fields[] = {
		"encoding", "sign_extend", "pointer", "conf", "data", NULL
	};
	static const char *const encodings[] = { "bsd", "linux", NULL };

	if (lua_isnoneornil(lua, 4))
		return;
	value_check_fields(lua, 4, "ioctl's options", fields);
	if (value_choice(lua, 4, "encoding", "bsd", encodings) == 1)
		call->command = command_linux(call->command);
	if (value_flag(lua, 4, "sign_extend"))
		call->command = (unsigned long)(long)(int32_t)call->command;
	option_inner(lua, call, "conf");
	option_inner(lua, call, "data");
	option_pointer(lua, call);
}

static struct driver_call *
call_alloc(lua_State *lua, size_t size)
{
	struct driver_call *call;

	/* One more for what is misaligned. */
	call = lua_newuserdatauv(lua, sizeof(*call) + size + 1, 0);
	memset(call, 0, sizeof(*call) + size + 1);
	call->size = size;
	call->arg = call->bytes;
	call->pointer = call->bytes;
	return call;
}

/*
 * A number, and the argument's bytes, with zeros after them as far as the
 * driver will read and write.
 */
static struct driver_call *
call_raw(lua_State *lua)
{
	unsigned long command = (unsigned long)lua_tointeger(lua, 2);
	struct driver_call *call;
	const char *bytes;
	size_t size;

	bytes = luaL_optlstring(lua, 3, "", &size);
	call = call_alloc(lua, size > SIM_IOC_SIZE(command) ? size :
	    SIM_IOC_SIZE(command));
	memcpy(call->bytes, bytes, size);
	call->name = "by its number";
	call->command = command;
	return call;
}

static struct driver_call *
call_named(lua_State *lua, const struct sim_abi *abi)
{
	const char *name = luaL_checkstring(lua, 2);
	struct driver_call *call;
	unsigned i;

	for (i = 0; i < SIM_NIOCTL; i++) {
		if (strcmp(sim_ioctl_names[i].name, name) == 0)
			break;
	}
	if (i == SIM_NIOCTL)
		luaL_error(lua, "there is no ioctl '%s'", name);
	call = call_alloc(lua, SIM_IOC_SIZE(abi->command[i]));
	call->name = sim_ioctl_names[i].name;
	call->command = abi->command[i];
	call->fields = driver_fields(abi, (enum sim_ioctl_index)i);
	pack(lua, call);
	return call;
}

struct driver_call *
driver_call_new(lua_State *lua, const struct sim_abi *abi)
{
	struct driver_call *call;

	lua_settop(lua, 4);
	if (lua_isinteger(lua, 2))
		call = call_raw(lua);
	else {
		if (lua_isnil(lua, 3)) {
			lua_newtable(lua);
			lua_replace(lua, 3);
		}
		call = call_named(lua, abi);
	}
	options(lua, call);
	return call;
}

static void push_fields(lua_State *lua, const struct driver_field *fields,
    const struct driver_call *call, const uint8_t *bytes);

static void
push_value(lua_State *lua, const struct driver_call *call,
    const struct driver_field *field, const uint8_t *bytes)
{
	struct nvmm_vcpu_exit exit;

	switch (field->kind) {
	case DRIVER_EXIT:
		memcpy(&exit, bytes + field->offset, sizeof(exit));
		cpu_push_exit(lua, &exit);
		break;
	case DRIVER_PAGE:
		bind_pages_push(lua, (void *)(uintptr_t)fetch(bytes, field),
		    SIM_COMM_PAGE_SIZE);
		break;
	case DRIVER_INFO:
		push_fields(lua, driver_info_fields, call,
		    (const void *)(uintptr_t)fetch(bytes, field));
		break;
	default:
		lua_pushinteger(lua, (lua_Integer)fetch(bytes, field));
		break;
	}
}

static void
push_fields(lua_State *lua, const struct driver_field *fields,
    const struct driver_call *call, const uint8_t *bytes)
{
	lua_newtable(lua);
	for (; fields->name != NULL; fields++) {
		if (!fields->out)
			continue;
		push_value(lua, call, fields, bytes);
		lua_setfield(lua, -2, fields->name);
	}
	luaL_setmetatable(lua, ANSWER_CLASS);
}

void
driver_call_push(lua_State *lua, const struct driver_call *call)
{
	if (call->fields != NULL)
		push_fields(lua, call->fields, call, call->arg);
	else
		lua_pushlstring(lua, (const char *)call->arg, call->size);
}

void
driver_call_done(struct driver_call *call)
{
	if (call->page != NULL)
		(void)munmap(call->page, PAGE_BYTES);
}

static int
answer_unknown(lua_State *lua)
{
	return luaL_error(lua, "this ioctl answers no '%s'",
	    luaL_tolstring(lua, 2, NULL));
}

void
driver_call_bind(lua_State *lua)
{
	luaL_newmetatable(lua, ANSWER_CLASS);
	lua_pushcfunction(lua, answer_unknown);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
}
