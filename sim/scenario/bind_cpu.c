/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCPUs, as scenarios have them: each method is one call of libnvmm.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/control.h"
#include "scenario/bind_cpu.h"
#include "scenario/private.h"

/* In a row; each is one chance in some, so that many never come. */
#define PREEMPTIONS_MAX	4096

struct scn_cpu *
cpu_check(lua_State *lua, int index)
{
	struct scn_cpu *cpu = value_object(lua, index, CPU_CLASS);

	if (!cpu->alive || !cpu->vm->alive)
		luaL_error(lua, "this VCPU has been destroyed");
	return cpu;
}

void
cpu_check_idle(lua_State *lua, const struct scn_cpu *cpu)
{
	struct scn_runner *runner = cpu->queue.runner;

	if (runner != NULL && threads_running(cpu->vm->scn, runner))
		luaL_error(lua, "this VCPU is running");
}

int
bind_cpu_create(lua_State *lua, struct scn_vm *vm, uint32_t cpuid)
{
	struct scn_cpu *cpu;
	int error;

	cpu = calloc(1, sizeof(*cpu));
	if (cpu == NULL)
		return luaL_error(lua, "out of memory");
	cpu->vm = vm;
	cpu->callback = cpu->meanwhile = LUA_NOREF;
	cpu->queue.scn = vm->scn;
	cpu->queue.code = vm->code;
	cpu->next = vm->cpus;
	vm->cpus = cpu;
	scn_setup_begin(vm->scn);
	scn_check(lua, "nvmm_vcpu_create",
	    nvmm_vcpu_create(&vm->mach, cpuid, &cpu->vcpu));
	scn_setup_end(vm->scn);
	cpu->alive = true;
	error = sim_feed_set(vm->scn->sim, vm->mach.machid, cpuid,
	    &scn_queue_feed, &cpu->queue);
	if (error)
		return luaL_error(lua, "the VCPU is not in the kernel: %s",
		    strerror(error));
	value_push_object(lua, CPU_CLASS, cpu);
	return 1;
}

static int
cpu_destroy(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);

	scn_check(lua, "nvmm_vcpu_destroy",
	    nvmm_vcpu_destroy(&cpu->vm->mach, &cpu->vcpu));
	cpu->alive = false;
	return 0;
}

static int
cpu_will(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	int i;

	if (cpu->free)
		return luaL_error(lua, "this VCPU executes a program since "
		    "cpu:boot() and takes no intents");
	for (i = 2; i <= lua_gettop(lua); i++) {
		if (scn_queue_push(&cpu->queue, bind_wish(lua, i)) != 0)
			return luaL_error(lua, "out of memory");
	}
	lua_settop(lua, 1);
	return 1;
}

/* What --preempt makes of a run is not what the scenario is about. */
static bool
cpu_preempted(struct scn_cpu *cpu, int result)
{
	return result == 0 && cpu->vm->scn->options->preempt != 0 &&
	    cpu->vcpu.exit->reason == NVMM_VCPU_EXIT_NONE &&
	    sim_preempted(cpu->vm->scn->sim, cpu->vm->mach.machid,
	    cpu->vcpu.cpuid);
}

/* The last intent is a spin: what to do when the guest is there. */
static int
cpu_meanwhile(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);

	luaL_checktype(lua, 2, LUA_TFUNCTION);
	if (cpu->meanwhile != LUA_NOREF)
		return luaL_error(lua, "there is something to do meanwhile "
		    "already: say cpu:run() first");
	if (!cpu->free && !scn_queue_spins(&cpu->queue))
		return luaL_error(lua, "meanwhile() follows an intent that "
		    "spins: cpu:will(guest.spin()):meanwhile(...)");
	lua_settop(lua, 2);
	cpu->meanwhile = luaL_ref(lua, LUA_REGISTRYINDEX);
	return 1;
}

int
cpu_run_once(struct scn_cpu *cpu)
{
	const struct nvmm_vcpu_exit before = *cpu->vcpu.exit;
	unsigned n = 0;
	int result;

	do {
		result = nvmm_vcpu_run(&cpu->vm->mach, &cpu->vcpu);
	} while (cpu_preempted(cpu, result) && ++n < PREEMPTIONS_MAX);
	/* A run that fails keeps the exit, and it was one run. */
	if (result != 0 && n > 0)
		*cpu->vcpu.exit = before;
	return result;
}

/* With a thread for the guest, and this one for what happens meanwhile. */
static int
run_meanwhile(lua_State *lua, struct scn_cpu *cpu)
{
	struct scn *scn = cpu->vm->scn;
	struct scn_runner runner;
	int status;

	if (threads_start(scn, &runner, cpu)) {
		lua_rawgeti(lua, LUA_REGISTRYINDEX, cpu->meanwhile);
		luaL_unref(lua, LUA_REGISTRYINDEX, cpu->meanwhile);
		cpu->meanwhile = LUA_NOREF;
		status = lua_pcall(lua, 0, 0, 0);
		threads_finish(scn, &runner, status != LUA_OK);
		if (status != LUA_OK)
			lua_error(lua);
	}
	errno = runner.error;
	return runner.result;
}

static void
check_queue(lua_State *lua, const struct scn_queue *queue)
{
	if (queue->why != NULL)
		scn_end(lua, VERDICT_ERROR, "%s", queue->why);
	if (queue->dead)
		scn_end(lua, VERDICT_FAIL, "the guest spins, and nothing ends "
		    "that: say cpu:stop() or cpu:host(\"signal\") before or "
		    "meanwhile");
	if (queue->starved)
		scn_end(lua, VERDICT_FAIL, "the guest ran out of things to "
		    "do: say cpu:will() before cpu:run()");
}

int
cpu_run(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	int result;

	if (cpu->queue.runner != NULL)
		return luaL_error(lua, "this VCPU is running already");
	cpu->queue.starved = cpu->queue.dead = false;
	cpu->queue.why = NULL;
	cpu->queue.run++;
	cpu->queue.looks = 0;
	result = cpu->meanwhile != LUA_NOREF ? run_meanwhile(lua, cpu) :
	    cpu_run_once(cpu);
	check_queue(lua, &cpu->queue);
	scn_check(lua, "nvmm_vcpu_run", result);
	if (cpu->alive)
		cpu_push_reason(lua, cpu->vcpu.exit);
	else
		lua_pushnil(lua);	/* destroyed meanwhile */
	return 1;
}

static int
cpu_getstate(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	uint64_t flags = value_components(lua, 2);

	scn_check(lua, "nvmm_vcpu_getstate",
	    nvmm_vcpu_getstate(&cpu->vm->mach, &cpu->vcpu, flags));
	return 0;
}

/* As value_check_fields(): the first by name is told, in every run. */
static void
check_registers(lua_State *lua)
{
	const char *name, *wrong = NULL;

	lua_pushnil(lua);
	while (lua_next(lua, 2) != 0) {
		name = lua_type(lua, -2) == LUA_TSTRING ?
		    lua_tostring(lua, -2) : "";
		if (sim_register_find(name) == NULL &&
		    (wrong == NULL || strcmp(name, wrong) < 0))
			wrong = name;
		lua_pop(lua, 1);
	}
	if (wrong != NULL)
		luaL_error(lua, "there is no register '%s'", wrong);
}

/* { rax = 1, ... }: writes the registers; their components. */
static uint64_t
write_registers(lua_State *lua, struct scn_cpu *cpu)
{
	const struct sim_register_row *row;
	uint64_t value, flags = 0;
	int integral;

	check_registers(lua);
	lua_pushnil(lua);
	while (lua_next(lua, 2) != 0) {
		row = cpu_register(lua, -2);
		value = (uint64_t)lua_tointegerx(lua, -1, &integral);
		if (!integral)
			luaL_error(lua, "register '%s' must be an integer",
			    row->name);
		sim_register_set((struct sim_state *)cpu->vcpu.state, row,
		    value);
		flags |= SIM_BIT(row->component);
		lua_pop(lua, 1);
	}
	return flags;
}

/* cpu:set("gprs"), or cpu:set { rax = 1 } for writing and setting. */
static int
cpu_setstate(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	uint64_t flags;

	if (lua_istable(lua, 2))
		flags = write_registers(lua, cpu);
	else
		flags = value_components(lua, 2);
	scn_check(lua, "nvmm_vcpu_setstate",
	    nvmm_vcpu_setstate(&cpu->vm->mach, &cpu->vcpu, flags));
	return 0;
}

/* Of an event: a name, or any number, to see it refused. */
static uint32_t
event_type(lua_State *lua, int index)
{
	static const char *const names[] = { "excp", "intr", NULL };
	static const uint32_t types[] = {
		NVMM_VCPU_EVENT_EXCP, NVMM_VCPU_EVENT_INTR,
	};
	const char *name;
	unsigned i;

	if (lua_isinteger(lua, index))
		return (uint32_t)lua_tointeger(lua, index);
	name = lua_tostring(lua, index);
	for (i = 0; name != NULL && names[i] != NULL &&
	    strcmp(names[i], name) != 0; i++)
		continue;
	if (name == NULL || names[i] == NULL)
		luaL_error(lua, "an event's type is 'intr' or 'excp'");
	return types[i];
}

static int
cpu_inject(lua_State *lua)
{
	static const char *const fields[] = {
		"type", "vector", "error", NULL
	};
	struct scn_cpu *cpu = cpu_check(lua, 1);
	uint64_t vector;

	value_check_fields(lua, 2, "inject", fields);
	lua_getfield(lua, 2, "type");
	cpu->vcpu.event->type = event_type(lua, -1);
	vector = value_field(lua, 2, "vector", 0, true);
	if (vector > 255)
		return luaL_error(lua, "field 'vector' is above 255");
	cpu->vcpu.event->vector = (uint8_t)vector;
	cpu->vcpu.event->u.excp.error =
	    value_field(lua, 2, "error", 0, false);
	scn_check(lua, "nvmm_vcpu_inject",
	    nvmm_vcpu_inject(&cpu->vm->mach, &cpu->vcpu));
	return 0;
}

static int
cpu_stop(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);

	scn_check(lua, "nvmm_vcpu_stop", nvmm_vcpu_stop(&cpu->vcpu));
	return 0;
}

/* Past the instruction that made the exit, as a VMM would go. */
static int
cpu_skip(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	struct nvmm_machine *mach = &cpu->vm->mach;
	uint64_t npc;

	if (!cpu_exit_npc(cpu->vcpu.exit, &npc))
		return luaL_error(lua, "this exit does not say where the next "
		    "instruction is");
	scn_check(lua, "nvmm_vcpu_getstate", nvmm_vcpu_getstate(mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
	cpu->vcpu.state->gprs[NVMM_X64_GPR_RIP] = npc;
	scn_check(lua, "nvmm_vcpu_setstate", nvmm_vcpu_setstate(mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
	return 0;
}

static int
cpu_gva_to_gpa(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	gvaddr_t gva = (gvaddr_t)luaL_checkinteger(lua, 2);
	nvmm_prot_t prot;
	gpaddr_t gpa;

	scn_check(lua, "nvmm_gva_to_gpa", nvmm_gva_to_gpa(&cpu->vm->mach,
	    &cpu->vcpu, gva, &gpa, &prot));
	lua_pushinteger(lua, (lua_Integer)gpa);
	value_push_prot(lua, prot);
	return 2;
}

static void
cpuid_registers(lua_State *lua, const char *field,
    struct nvmm_vcpu_conf_cpuid_regs *regs)
{
	static const char *const names[] = {
		"eax", "ebx", "ecx", "edx", NULL
	};
	int table;

	lua_getfield(lua, 2, field);
	table = lua_gettop(lua);
	if (!lua_isnil(lua, table)) {
		value_check_fields(lua, table, field, names);
		regs->eax = (uint32_t)value_bits(lua, table, "eax", 32);
		regs->ebx = (uint32_t)value_bits(lua, table, "ebx", 32);
		regs->ecx = (uint32_t)value_bits(lua, table, "ecx", 32);
		regs->edx = (uint32_t)value_bits(lua, table, "edx", 32);
	}
	lua_pop(lua, 1);
}

/* { leaf =, exit = true } or { leaf =, set = {}, del = {} } or { leaf = } */
static int
cpu_configure_cpuid(lua_State *lua)
{
	static const char *const fields[] = {
		"leaf", "exit", "mask", "set", "del", NULL
	};
	struct scn_cpu *cpu = cpu_check(lua, 1);
	struct nvmm_vcpu_conf_cpuid conf;

	value_check_fields(lua, 2, "configure_cpuid", fields);
	memset(&conf, 0, sizeof(conf));
	(void)value_field(lua, 2, "leaf", 0, true);
	conf.leaf = (uint32_t)value_bits(lua, 2, "leaf", 32);
	conf.exit = value_flag(lua, 2, "exit");
	conf.mask = value_flag(lua, 2, "mask");
	cpuid_registers(lua, "set", &conf.u.mask.set);
	cpuid_registers(lua, "del", &conf.u.mask.del);
	scn_check(lua, "nvmm_vcpu_configure", nvmm_vcpu_configure(
	    &cpu->vm->mach, &cpu->vcpu, NVMM_VCPU_CONF_CPUID, &conf));
	return 0;
}

static int
cpu_configure_tpr(lua_State *lua)
{
	struct scn_cpu *cpu = cpu_check(lua, 1);
	struct nvmm_vcpu_conf_tpr conf;

	luaL_checktype(lua, 2, LUA_TBOOLEAN);
	memset(&conf, 0, sizeof(conf));
	conf.exit_changed = lua_toboolean(lua, 2) ? 1 : 0;
	scn_check(lua, "nvmm_vcpu_configure", nvmm_vcpu_configure(
	    &cpu->vm->mach, &cpu->vcpu, NVMM_VCPU_CONF_TPR, &conf));
	return 0;
}

/* A reason not to run, after the kernel has looked for one so many times. */
static int
cpu_host(lua_State *lua)
{
	static const char *const names[] = {
		"nothing", "reschedule", "signal", "suspend",
		"entry_failure", "misconfiguration", NULL
	};
	struct scn_cpu *cpu = cpu_check(lua, 1);
	int reason = luaL_checkoption(lua, 2, NULL, names);
	lua_Integer looks = luaL_optinteger(lua, 3, 0);

	luaL_argcheck(lua, looks >= 0 && looks < 1000, 3, "0 to 999");
	(void)sim_host_raise(cpu->vm->scn->sim, cpu->vm->mach.machid,
	    cpu->vcpu.cpuid, (enum sim_host_reason)reason, (unsigned)looks);
	return 0;
}

static uint64_t
poke_field(lua_State *lua, const char *field, uint64_t fallback)
{
	lua_getfield(lua, 2, field);
	if (!lua_isnil(lua, -1))
		fallback = value_components(lua, -1);
	lua_pop(lua, 1);
	return fallback;
}

/* Writes flag words as a broken VMM might: names, or the bits. */
static int
cpu_poke(lua_State *lua)
{
	static const char *const fields[] = {
		"wanted", "cached", "commit", NULL
	};
	struct scn_cpu *cpu = cpu_check(lua, 1);
	struct sim *sim = cpu->vm->scn->sim;
	struct sim_comm_flags flags;

	value_check_fields(lua, 2, "poke", fields);
	cpu_check_idle(lua, cpu);
	(void)sim_peek_flags(sim, cpu->vm->mach.machid, cpu->vcpu.cpuid,
	    &flags);
	flags.wanted = poke_field(lua, "wanted", flags.wanted);
	flags.cached = poke_field(lua, "cached", flags.cached);
	flags.commit = poke_field(lua, "commit", flags.commit);
	(void)sim_poke_flags(sim, cpu->vm->mach.machid, cpu->vcpu.cpuid,
	    &flags);
	return 0;
}

void
bind_cpu(lua_State *lua)
{
	static const luaL_Reg methods[] = {
		{ "destroy", cpu_destroy }, { "will", cpu_will },
		{ "meanwhile", cpu_meanwhile },
		{ "run", cpu_run }, { "boot", cpu_boot },
		{ "serve", cpu_serve }, { "get", cpu_getstate },
		{ "set", cpu_setstate }, { "inject", cpu_inject },
		{ "stop", cpu_stop }, { "skip", cpu_skip },
		{ "assist_io", cpu_assist_io },
		{ "assist_mem", cpu_assist_mem },
		{ "gva_to_gpa", cpu_gva_to_gpa }, { "dump", cpu_dump },
		{ "configure_cpuid", cpu_configure_cpuid },
		{ "configure_tpr", cpu_configure_tpr },
		{ "host", cpu_host }, { "poke", cpu_poke },
		{ "events", cpu_events }, { NULL, NULL },
	};

	value_class(lua, CPU_CLASS, methods, cpu_get, NULL);
	bind_cpu_views(lua);
}
