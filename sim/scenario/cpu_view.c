/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a scenario sees of a VCPU: the registers in the comm page (state),
 * those of the VCPU itself (truth), the last exit, and delivered events.
 */
#include <sys/mman.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/control.h"
#include "scenario/bind_cpu.h"

#define STATE_CLASS	"state"
#define TRUTH_CLASS	"truth"
#define EXIT_CLASS	"exit"
#define EVENTS_CLASS	"events"

const struct sim_register_row *
cpu_register(lua_State *lua, int index)
{
	const struct sim_register_row *row = NULL;

	if (lua_type(lua, index) == LUA_TSTRING)
		row = sim_register_find(lua_tostring(lua, index));
	if (row == NULL)
		luaL_error(lua, "there is no register '%s'",
		    luaL_tolstring(lua, index, NULL));
	return row;
}

static struct scn_cpu *
view_cpu(lua_State *lua, const char *class)
{
	struct scn_cpu *cpu = value_object(lua, 1, class);

	if (!cpu->alive || !cpu->vm->alive)
		luaL_error(lua, "this VCPU has been destroyed");
	return cpu;
}

static int
state_get(lua_State *lua)
{
	const struct scn_cpu *cpu = view_cpu(lua, STATE_CLASS);
	const struct sim_register_row *row = cpu_register(lua, 2);

	lua_pushinteger(lua, (lua_Integer)sim_register_get(
	    (const struct sim_state *)cpu->vcpu.state, row));
	return 1;
}

static int
state_set(lua_State *lua)
{
	struct scn_cpu *cpu = view_cpu(lua, STATE_CLASS);
	const struct sim_register_row *row = cpu_register(lua, 2);

	sim_register_set((struct sim_state *)cpu->vcpu.state, row,
	    (uint64_t)luaL_checkinteger(lua, 3));
	return 0;
}

static int
truth_get(lua_State *lua)
{
	const struct scn_cpu *cpu = view_cpu(lua, TRUTH_CLASS);
	const struct sim_register_row *row = cpu_register(lua, 2);
	struct sim_state state;

	cpu_check_idle(lua, cpu);
	if (sim_peek_state(cpu->vm->scn->sim, cpu->vm->mach.machid,
	    cpu->vcpu.cpuid, &state) != 0)
		return luaL_error(lua, "the kernel has no such VCPU");
	lua_pushinteger(lua, (lua_Integer)sim_register_get(&state, row));
	return 1;
}

void
cpu_push_reason(lua_State *lua, const struct nvmm_vcpu_exit *exit)
{
	enum sim_exit_index index = sim_exit_find(exit->reason);

	if (index == SIM_NEXIT)
		lua_pushinteger(lua, (lua_Integer)exit->reason);
	else
		lua_pushstring(lua, sim_exits[index].name);
}

bool
cpu_exit_npc(const struct nvmm_vcpu_exit *exit, uint64_t *npc)
{
	switch (exit->reason) {
	case NVMM_VCPU_EXIT_IO:
		*npc = exit->u.io.npc;
		return true;
	case NVMM_VCPU_EXIT_RDMSR:
		*npc = exit->u.rdmsr.npc;
		return true;
	case NVMM_VCPU_EXIT_WRMSR:
		*npc = exit->u.wrmsr.npc;
		return true;
	case NVMM_VCPU_EXIT_CPUID:
	case NVMM_VCPU_EXIT_MONITOR:
	case NVMM_VCPU_EXIT_MWAIT:
		*npc = exit->u.insn.npc;
		return true;
	default:
		return false;
	}
}

static void
put_integer(lua_State *lua, const char *name, uint64_t value)
{
	lua_pushinteger(lua, (lua_Integer)value);
	lua_setfield(lua, -2, name);
}

static void
put_flag(lua_State *lua, const char *name, bool value)
{
	lua_pushboolean(lua, value);
	lua_setfield(lua, -2, name);
}

static void
put_memory(lua_State *lua, const struct nvmm_x86_exit_memory *mem)
{
	uint8_t length = mem->inst_len;

	if (length > sizeof(mem->inst_bytes))
		length = sizeof(mem->inst_bytes);
	lua_pushstring(lua, mem->prot == PROT_WRITE ? "w" :
	    mem->prot == PROT_EXEC ? "x" : "r");
	lua_setfield(lua, -2, "prot");
	put_integer(lua, "gpa", mem->gpa);
	put_integer(lua, "inst_len", mem->inst_len);
	lua_pushlstring(lua, (const char *)mem->inst_bytes, length);
	lua_setfield(lua, -2, "inst_bytes");
}

static void
put_io(lua_State *lua, const struct nvmm_x86_exit_io *io)
{
	static const char *const segs[] = {
		"es", "cs", "ss", "ds", "fs", "gs"
	};

	put_flag(lua, "input", io->in);
	put_integer(lua, "port", io->port);
	lua_pushstring(lua, io->seg >= 0 && io->seg < 6 ? segs[io->seg] :
	    "unknown");
	lua_setfield(lua, -2, "seg");
	put_integer(lua, "address_size", io->address_size);
	put_integer(lua, "operand_size", io->operand_size);
	put_flag(lua, "rep", io->rep);
	put_flag(lua, "str", io->str);
}

static void
put_details(lua_State *lua, const struct nvmm_vcpu_exit *exit)
{
	switch (exit->reason) {
	case NVMM_VCPU_EXIT_MEMORY:
		put_memory(lua, &exit->u.mem);
		break;
	case NVMM_VCPU_EXIT_IO:
		put_io(lua, &exit->u.io);
		break;
	case NVMM_VCPU_EXIT_RDMSR:
		put_integer(lua, "msr", exit->u.rdmsr.msr);
		break;
	case NVMM_VCPU_EXIT_WRMSR:
		put_integer(lua, "msr", exit->u.wrmsr.msr);
		put_integer(lua, "val", exit->u.wrmsr.val);
		break;
	case NVMM_VCPU_EXIT_INVALID:
		put_integer(lua, "hwcode", exit->u.inv.hwcode);
		break;
	default:
		break;
	}
}

static int
exit_unknown(lua_State *lua)
{
	return luaL_error(lua, "this exit has no field '%s'",
	    luaL_tolstring(lua, 2, NULL));
}

/* A copy, so that it stays what it was when the VCPU runs on. */
void
cpu_push_exit(lua_State *lua, const struct nvmm_vcpu_exit *exit)
{
	uint64_t npc;

	lua_newtable(lua);
	cpu_push_reason(lua, exit);
	lua_setfield(lua, -2, "reason");
	put_details(lua, exit);
	if (cpu_exit_npc(exit, &npc))
		put_integer(lua, "npc", npc);
	put_integer(lua, "rflags", exit->exitstate.rflags);
	put_integer(lua, "cr8", exit->exitstate.cr8);
	put_flag(lua, "int_shadow", exit->exitstate.int_shadow);
	put_flag(lua, "int_window_exiting",
	    exit->exitstate.int_window_exiting);
	put_flag(lua, "nmi_window_exiting",
	    exit->exitstate.nmi_window_exiting);
	put_flag(lua, "evt_pending", exit->exitstate.evt_pending);
	luaL_setmetatable(lua, EXIT_CLASS);
}

int
cpu_get(lua_State *lua)
{
	struct scn_cpu *cpu = value_object(lua, 1, CPU_CLASS);
	const char *field = luaL_checkstring(lua, 2);

	(void)cpu_check(lua, 1);
	if (strcmp(field, "exit") == 0)
		cpu_push_exit(lua, cpu->vcpu.exit);
	else if (strcmp(field, "state") == 0)
		value_push_object(lua, STATE_CLASS, cpu);
	else if (strcmp(field, "truth") == 0)
		value_push_object(lua, TRUTH_CLASS, cpu);
	else if (strcmp(field, "id") == 0)
		lua_pushinteger(lua, cpu->vcpu.cpuid);
	else
		return luaL_error(lua, "a cpu has no field '%s'", field);
	return 1;
}

/* The events that the guest has taken since the last question. */
int
cpu_events(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	const struct sim_event *event;
	unsigned i;

	lua_newtable(lua);
	for (i = 0; i < cpu->queue.nevents; i++) {
		event = &cpu->queue.events[i];
		lua_newtable(lua);
		lua_pushstring(lua, event->interrupt ? "intr" : "excp");
		lua_setfield(lua, -2, "type");
		put_integer(lua, "vector", event->vector);
		if (event->has_error)
			put_integer(lua, "error", event->error);
		lua_rawseti(lua, -2, i + 1);
	}
	cpu->queue.nevents = 0;
	luaL_setmetatable(lua, EVENTS_CLASS);
	return 1;
}

/* An event that did not come is a failure of what is tested. */
static int
event_missing(lua_State *lua)
{
	scn_end(lua, VERDICT_FAIL, "the guest took %d events, not %s",
	    (int)lua_rawlen(lua, 1), luaL_tolstring(lua, 2, NULL));
}

/* What nvmm_vcpu_dump() prints, caught on its way to standard output. */
int
cpu_dump(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	char text[8192];
	int fd, saved, result;
	ssize_t n;

	fd = memfd_create("dump", MFD_CLOEXEC);
	saved = dup(STDOUT_FILENO);
	if (fd == -1 || saved == -1)
		return luaL_error(lua, "cannot catch the output");
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	result = nvmm_vcpu_dump(&cpu->vm->mach, &cpu->vcpu);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	n = pread(fd, text, sizeof(text), 0);
	close(fd);
	scn_check(lua, "nvmm_vcpu_dump", result);
	lua_pushlstring(lua, text, n > 0 ? (size_t)n : 0);
	return 1;
}

void
bind_cpu_views(lua_State *lua)
{
	static const luaL_Reg none[] = { { NULL, NULL } };

	value_class(lua, STATE_CLASS, none, state_get, state_set);
	value_class(lua, TRUTH_CLASS, none, truth_get, NULL);
	luaL_newmetatable(lua, EXIT_CLASS);
	lua_pushcfunction(lua, exit_unknown);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
	luaL_newmetatable(lua, EVENTS_CLASS);
	lua_pushcfunction(lua, event_missing);
	lua_setfield(lua, -2, "__index");
	lua_pop(lua, 1);
}
