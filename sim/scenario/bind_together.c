/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCPUs that run at the same time, each in a thread of its own.  Their exits
 * are answered one after the other in the scenario's thread, where Lua is: a
 * VCPU whose exit is being answered waits.
 */
#include <errno.h>
#include <pthread.h>

#include "kernel/control.h"
#include "scenario/bind_cpu.h"

#define MEMBERS_MAX	256

/* On the Lua stack: the argument, and its list of VCPUs. */
enum { DEVICES = 2, CPUS };

enum member_state {
	MEMBER_RUNS,		/* its thread is in nvmm_vcpu_run() */
	MEMBER_ASKS,		/* its exit waits for an answer */
	MEMBER_LEAVES,		/* its thread ends */
};

struct member {
	struct scn_cpu *cpu;
	struct together *all;
	pthread_t thread;
	enum member_state state;
	int result, error;	/* the run's, and errno */
};

struct together {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct member *members;
	int n;
	bool failed;		/* a Lua error is on the stack */
	bool over;		/* who asks leaves */
};

static void *
member_main(void *arg)
{
	struct member *member = arg;
	struct together *all = member->all;
	bool leaves;

	do {
		member->result = cpu_run_once(member->cpu);
		member->error = errno;
		pthread_mutex_lock(&all->lock);
		member->state = MEMBER_ASKS;
		pthread_cond_broadcast(&all->changed);
		while (member->state == MEMBER_ASKS)
			pthread_cond_wait(&all->changed, &all->lock);
		leaves = member->state == MEMBER_LEAVES;
		pthread_mutex_unlock(&all->lock);
	} while (!leaves);
	return NULL;
}

static void
member_answer(struct member *member, enum member_state state)
{
	pthread_mutex_lock(&member->all->lock);
	member->state = state;
	pthread_cond_broadcast(&member->all->changed);
	pthread_mutex_unlock(&member->all->lock);
}

/* Waits for one that asks; NULL: all have left. */
static struct member *
next_asking(struct together *all)
{
	struct member *asking = NULL;
	int i, running;

	pthread_mutex_lock(&all->lock);
	for (;;) {
		running = 0;
		for (i = all->n; i-- > 0;) {
			if (all->members[i].state == MEMBER_ASKS)
				asking = &all->members[i];
			running += all->members[i].state == MEMBER_RUNS;
		}
		if (asking != NULL || running == 0)
			break;
		pthread_cond_wait(&all->changed, &all->lock);
	}
	pthread_mutex_unlock(&all->lock);
	return asking;
}

static void
raise_all(struct together *all, enum sim_host_reason reason)
{
	const struct scn_cpu *cpu;
	int i;

	for (i = 0; i < all->n; i++) {
		cpu = all->members[i].cpu;
		(void)sim_host_raise(cpu->vm->scn->sim, cpu->vm->mach.machid,
		    cpu->vcpu.cpuid, reason, 0);
	}
}

/* The others would wait for one that is not there any more. */
static void
stop_others(struct together *all)
{
	all->over = true;
	raise_all(all, SIM_HOST_SIGNAL);
}

/* (member, cpu, devices): whether its exit is answered. */
static int
serve_protected(lua_State *lua)
{
	const struct member *member = lua_touserdata(lua, 1);

	errno = member->error;
	scn_check(lua, "nvmm_vcpu_run", member->result);
	lua_pushboolean(lua, serve_exit(lua, 2, 3));
	return 1;
}

/* The answer to one that asks, which goes on or leaves. */
static void
serve(lua_State *lua, struct together *all, struct member *member)
{
	bool served = false;

	if (!all->over) {
		lua_pushcfunction(lua, serve_protected);
		lua_pushlightuserdata(lua, member);
		lua_rawgeti(lua, CPUS, member - all->members + 1);
		lua_pushvalue(lua, DEVICES);
		all->failed = lua_pcall(lua, 3, 1, 0) != LUA_OK;
		if (!all->failed) {
			served = lua_toboolean(lua, -1);
			lua_pop(lua, 1);
		}
		if (all->failed || (!served && member->cpu->vcpu.exit->reason
		    != NVMM_VCPU_EXIT_HALTED))
			stop_others(all);
	}
	member_answer(member, served ? MEMBER_RUNS : MEMBER_LEAVES);
}

static void
members_take(lua_State *lua, struct together *all, const struct scn_vm *vm)
{
	struct scn_cpu *cpu;
	int i, j;

	for (i = 0; i < all->n; i++) {
		lua_rawgeti(lua, CPUS, i + 1);
		cpu = cpu_check(lua, -1);
		lua_pop(lua, 1);
		if (cpu->vm != vm)
			luaL_error(lua, "VCPU %d is of another machine", i + 1);
		if (!cpu->free)
			luaL_error(lua, "VCPU %d executes no program: say "
			    "cpu:boot() before", i + 1);
		for (j = 0; j < i; j++) {
			if (all->members[j].cpu == cpu)
				luaL_error(lua, "VCPU %d is there twice",
				    i + 1);
		}
		all->members[i] = (struct member){ .cpu = cpu, .all = all,
		    .state = MEMBER_LEAVES };
	}
}

/* Starts all, answers all, and waits for the end of all. */
static void
members_run(lua_State *lua, struct together *all, lua_Integer max)
{
	struct member *member;
	int i, started;

	for (started = 0; started < all->n; started++) {
		member = &all->members[started];
		member->state = MEMBER_RUNS;
		if (pthread_create(&member->thread, NULL, member_main,
		    member) != 0)
			break;
	}
	if (started < all->n) {
		all->members[started].state = MEMBER_LEAVES;
		stop_others(all);
	}
	while ((member = next_asking(all)) != NULL) {
		if (max-- <= 0 && !all->over)
			stop_others(all);
		serve(lua, all, member);
	}
	for (i = 0; i < started; i++)
		pthread_join(all->members[i].thread, NULL);
	if (all->over)
		raise_all(all, SIM_HOST_NOTHING);
	if (all->failed)
		lua_error(lua);
	if (started < all->n)
		luaL_error(lua, "no thread for VCPU %d", started + 1);
	if (max < 0)
		scn_end(lua, VERDICT_FAIL, "the guests have made all the exits "
		    "that they may, and go on");
}

/* vm:run_together { cpus =, io =, mem =, rdmsr =, wrmsr =, max = } */
int
vm_run_together(lua_State *lua)
{
	static const char *const fields[] = {
		"cpus", "io", "mem", "rdmsr", "wrmsr", "max", NULL
	};
	struct scn_vm *vm = value_object(lua, 1, VM_CLASS);
	struct together all = { .n = 0 };
	const struct scn_cpu *cpu;
	lua_Integer max;
	int i;

	lua_settop(lua, 2);
	value_check_fields(lua, 2, "run_together", fields);
	max = serve_limit(lua, 2);
	if (lua_getfield(lua, 2, "cpus") != LUA_TTABLE)
		return luaL_error(lua, "field 'cpus' must be a table of "
		    "VCPUs");
	all.n = (int)lua_rawlen(lua, CPUS);
	if (all.n < 1 || all.n > MEMBERS_MAX)
		return luaL_error(lua, "field 'cpus' must have 1 to %d VCPUs",
		    MEMBERS_MAX);
	all.members = lua_newuserdatauv(lua, (size_t)all.n *
	    sizeof(*all.members), 0);
	members_take(lua, &all, vm);
	pthread_mutex_init(&all.lock, NULL);
	pthread_cond_init(&all.changed, NULL);
	members_run(lua, &all, max);
	lua_newtable(lua);
	for (i = 0; i < all.n; i++) {
		cpu = all.members[i].cpu;
		if (cpu->alive)
			cpu_push_reason(lua, cpu->vcpu.exit);
		else
			lua_pushliteral(lua, "destroyed");
		lua_rawseti(lua, -2, i + 1);
	}
	return 1;
}
