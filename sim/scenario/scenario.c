/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a scenario file to a verdict.
 */
#include "scenario/scenario.h"

#include <sys/mman.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "scenario/private.h"
#include "transport/library.h"
#include "transport/transport.h"

const char *const verdict_names[] = {
	[VERDICT_PASS] = "pass", [VERDICT_FAIL] = "fail",
	[VERDICT_SKIP] = "skip", [VERDICT_ERROR] = "error",
};

/*
 * Where scenarios' memory is asked for, so that addresses in reports are the
 * same every time: below what the system hands out from the top.  A hint.
 */
#define FIRST_HVA	0x7ec000000000UL

/* Registry: the list of tests, each { name, options, function, line }. */
static const char tests_key;

enum { TEST_NAME = 1, TEST_OPTIONS, TEST_FUNCTION, TEST_LINE };

/* A test is repeated by its name.  The list of tests is on top. */
static void
check_unique(lua_State *lua)
{
	lua_Integer i, n = (lua_Integer)lua_rawlen(lua, -1);

	for (i = 1; i <= n; i++) {
		lua_rawgeti(lua, -1, i);
		lua_rawgeti(lua, -1, TEST_NAME);
		if (lua_rawequal(lua, -1, 1))
			luaL_error(lua, "there is a test \"%s\" already",
			    lua_tostring(lua, 1));
		lua_pop(lua, 2);
	}
}

/* test(name, [options,] function) */
static int
register_test(lua_State *lua)
{
	bool options = lua_istable(lua, 2);
	lua_Debug debug;

	luaL_argcheck(lua, *luaL_checkstring(lua, 1) != '\0', 1,
	    "a name is needed");
	luaL_checktype(lua, options ? 3 : 2, LUA_TFUNCTION);
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
	check_unique(lua);
	lua_createtable(lua, 4, 0);
	lua_pushvalue(lua, 1);
	lua_rawseti(lua, -2, TEST_NAME);
	if (options)
		lua_pushvalue(lua, 2);
	else
		lua_newtable(lua);
	lua_rawseti(lua, -2, TEST_OPTIONS);
	lua_pushvalue(lua, options ? 3 : 2);
	lua_rawseti(lua, -2, TEST_FUNCTION);
	memset(&debug, 0, sizeof(debug));
	if (lua_getstack(lua, 1, &debug))
		lua_getinfo(lua, "l", &debug);
	lua_pushinteger(lua, debug.currentline);
	lua_rawseti(lua, -2, TEST_LINE);
	lua_rawseti(lua, -2, (lua_Integer)lua_rawlen(lua, -2) + 1);
	return 0;
}

static int
bind_all(lua_State *lua)
{
	lua_newtable(lua);
	lua_rawsetp(lua, LUA_REGISTRYINDEX, &tests_key);
	lua_pushcfunction(lua, register_test);
	lua_setglobal(lua, "test");
	bind_guest(lua);
	bind_test(lua);
	bind_vm(lua);
	bind_cpu(lua);
	bind_driver(lua);
	return 0;
}

/* A state that has executed the file; NULL with a line in why. */
static lua_State *
file_load(const char *path, uint64_t seed, char *why, size_t size)
{
	lua_State *lua = sandbox_open(seed);

	if (lua == NULL) {
		snprintf(why, size, "%s: out of memory", path);
		return NULL;
	}
	lua_pushcfunction(lua, bind_all);
	/* Text only: bytecode could do anything to the process. */
	if (lua_pcall(lua, 0, 0, 0) != LUA_OK ||
	    luaL_loadfilex(lua, path, "t") != LUA_OK ||
	    lua_pcall(lua, 0, 0, 0) != LUA_OK) {
		snprintf(why, size, "%s", lua_tostring(lua, -1) != NULL ?
		    lua_tostring(lua, -1) : "not a scenario file");
		sandbox_close(lua);
		return NULL;
	}
	lua_rawgetp(lua, LUA_REGISTRYINDEX, &tests_key);
	return lua;
}

int
scenario_list(const char *path, uint64_t seed,
    void (*found)(void *arg, const char *name, int line), void *arg,
    char *why, size_t size)
{
	lua_State *lua = file_load(path, seed, why, size);
	lua_Integer i, n;

	if (lua == NULL)
		return -1;
	n = (lua_Integer)lua_rawlen(lua, -1);
	for (i = 1; i <= n; i++) {
		lua_rawgeti(lua, -1, i);
		lua_rawgeti(lua, -1, TEST_NAME);
		lua_rawgeti(lua, -2, TEST_LINE);
		found(arg, lua_tostring(lua, -2), (int)lua_tointeger(lua, -1));
		lua_pop(lua, 3);
	}
	sandbox_close(lua);
	return 0;
}

static void
result_error(struct scenario_result *result, const char *why)
{
	result->verdict = VERDICT_ERROR;
	snprintf(result->reason, sizeof(result->reason), "%s", why);
}

static void
option_quirks(lua_State *lua, int table, uint32_t *off)
{
	const char *bad;
	size_t length;

	if (lua_getfield(lua, table, "quirks") == LUA_TNIL)
		return;
	bad = sim_quirks_parse(value_text(lua, table, "quirks", NULL), off,
	    &length);
	if (bad == NULL)
		return;
	lua_pushlstring(lua, bad, length);
	luaL_error(lua, "there is no quirk '%s'", lua_tostring(lua, -1));
}

static void
option_abi(lua_State *lua, int table)
{
	const struct sim_abi *abi;

	if (lua_getfield(lua, table, "abi") == LUA_TNIL)
		return;
	abi = sim_abi_find(value_text(lua, table, "abi", NULL));
	if (abi == NULL)
		luaL_error(lua, "there is no generation '%s'",
		    lua_tostring(lua, -1));
	if (abi != scn_of(lua)->options->generation)
		scn_end(lua, VERDICT_SKIP, "for %s only", abi->name);
}

/* Whatever --engine says. */
static void
option_engine(lua_State *lua, int table, struct sim_config *config)
{
	const char *name, *why;
	unsigned i;

	lua_getfield(lua, table, "engine");
	if (lua_isnil(lua, -1))
		return;
	name = luaL_checkstring(lua, -1);
	for (i = 0; sim_engines[i] != NULL; i++) {
		if (strcmp(sim_engines[i]->name, name) == 0)
			break;
	}
	if (sim_engines[i] == NULL)
		luaL_error(lua, "there is no engine '%s'", name);
	why = sim_engines[i]->unavailable();
	if (why != NULL)
		scn_end(lua, VERDICT_SKIP, "engine %s does not work here: %s",
		    name, why);
	config->engine = sim_engines[i];
}

/*
 * A test's own options: { cpu = "vmx", abi = "v3", engine = "interp", policy =
 * "all", quirks = "none", root = true }, where root opens the device as the
 * owner of everybody's machines.
 */
static void
test_options(lua_State *lua, struct scn *scn, struct sim_config *config)
{
	static const char *const fields[] = {
		"abi", "cpu", "engine", "policy", "quirks", "root", NULL
	};
	int table = lua_gettop(lua);
	const char *cpu;

	value_check_fields(lua, table, "test", fields);
	scn->root = value_flag(lua, table, "root");
	option_quirks(lua, table, &config->quirks_off);
	if (lua_getfield(lua, table, "policy") != LUA_TNIL) {
		config->policy = sim_policy_find(value_text(lua, table,
		    "policy", NULL));
		if (config->policy == NULL)
			luaL_error(lua, "there is no policy '%s'",
			    lua_tostring(lua, -1));
		/* Its counts are what the scenario says, whatever --policy. */
		scn->counting = scn->options->comm &&
		    scn->options->preempt == 0;
	}
	option_abi(lua, table);
	option_engine(lua, table, config);
	if (lua_getfield(lua, table, "cpu") == LUA_TNIL)
		return;
	cpu = value_text(lua, table, "cpu", NULL);
	if (strcmp(cpu, "svm") != 0 && strcmp(cpu, "vmx") != 0)
		luaL_error(lua, "there is no back end '%s'", cpu);
	if (strcmp(cpu, config->backend->name) != 0)
		scn_end(lua, VERDICT_SKIP, "for %s only", cpu);
}

/* In a trace, what the test has chosen for itself. */
static void
trace_options(const struct scn *scn, const struct sim_config *config)
{
	const struct scenario_options *options = scn->options;
	char quirks[256], line[384];

	if (options->trace == NULL)
		return;
	if (config->engine != options->engine) {
		snprintf(line, sizeof(line), "-- engine %s",
		    config->engine->name);
		options->trace(options->arg, line);
	}
	if (config->policy == options->policy &&
	    config->quirks_off == options->quirks_off)
		return;
	sim_quirks_format(config->quirks_off, quirks, sizeof(quirks));
	snprintf(line, sizeof(line), "-- policy %s, quirks %s",
	    config->policy->name, quirks);
	options->trace(options->arg, line);
}

/* Calls that had to wait are told after what they waited for. */
static void
ioctl_done(void *arg, const struct sim_ioctl_report *report)
{
	struct scn *scn = arg;

	threads_settle(scn);
	session_ioctl_observer.ioctl(scn->session, report);
}

static const struct sim_observer ioctl_observer = { .ioctl = ioctl_done };

static void
observe(struct scn *scn, struct sim *sim)
{
	scn->sim = sim;
	transport_attach(sim, &session_call_observer, scn->session);
}

/* The stack: the test's table.  Prepares all, calls it; protected. */
static int
test_call(lua_State *lua)
{
	struct scn *scn = scn_of(lua);
	const struct scenario_options *options = scn->options;
	struct sim_config config = {
		.engine = options->engine,
		.backend = options->backend,
		.abi = options->abi,
		.preempt_seed = options->preempt,
		.policy = options->policy,
		.quirks_off = options->quirks_off,
		.observer = &ioctl_observer,
		.observer_arg = scn,
	};
	char why[PATH_MAX + 256];
	struct sim *sim;

	lua_rawgeti(lua, 1, TEST_OPTIONS);
	test_options(lua, scn, &config);
	trace_options(scn, &config);
	scn->engine = config.engine;
	if (sim_create(&config, &sim) != 0)
		return luaL_error(lua, "out of memory");
	observe(scn, sim);
	/* Its constructors may open the device. */
	if (library_load(options->library, why, sizeof(why)) != 0)
		return luaL_error(lua, "%s", why);
	if (scn->root)
		scn_check(lua, "nvmm_root_init", nvmm_root_init());
	else
		scn_check(lua, "nvmm_init", nvmm_init());
	scn_counts(scn, &scn->mark);

	lua_rawgeti(lua, 1, TEST_FUNCTION);
	value_push_object(lua, "test", scn);
	lua_call(lua, 1, 0);
	return 0;
}

static void
vm_free(struct scn_vm *vm)
{
	struct scn_cpu *cpu;

	if (vm->alive) {
		for (cpu = vm->cpus; cpu != NULL; cpu = cpu->next) {
			if (cpu->alive)
				(void)nvmm_vcpu_destroy(&vm->mach,
				    &cpu->vcpu);
		}
		(void)nvmm_machine_destroy(&vm->mach);
	}
	while ((cpu = vm->cpus) != NULL) {
		vm->cpus = cpu->next;
		scn_queue_free(&cpu->queue);
		free(cpu);
	}
	free(vm);
}

/* Whatever the scenario left behind, without counting or tracing it. */
static void
clean_up(struct scn *scn)
{
	struct scn_pages *pages;
	struct scn_vm *vm;

	if (scn->sim != NULL) {
		session_mute(scn->session);
		transport_attach(scn->sim, NULL, NULL);
	}
	bind_drivers_close(scn);
	while ((vm = scn->vms) != NULL) {
		scn->vms = vm->next;
		vm_free(vm);
	}
	while ((pages = scn->pages) != NULL) {
		scn->pages = pages->next;
		/* What is gone may be somebody else's by now. */
		if (!pages->gone)
			munmap(pages->hva, pages->size);
		free(pages);
	}
	transport_detach();
	sim_destroy(scn->sim);
	session_destroy(scn->session);
}

static void
test_run(lua_State *lua, const char *path, struct scn *scn,
    struct scenario_result *result)
{
	char placed[SCENARIO_REASON_MAX];
	const char *message;
	int line, status;

	lua_rawgeti(lua, -1, TEST_LINE);
	line = (int)lua_tointeger(lua, -1);
	lua_pop(lua, 1);
	lua_pushcfunction(lua, test_call);
	lua_insert(lua, -2);
	status = lua_pcall(lua, 1, 0, 0);
	message = status != LUA_OK ? lua_tostring(lua, -1) : NULL;
	if (message == NULL)
		message = sandbox_exhausted(lua) ? "the scenario does not end" :
		    "an error that is no text";
	/* Errors of the test's options have no place of their own. */
	if (scn->sim == NULL) {
		snprintf(placed, sizeof(placed), "%s:%d: %s", path, line,
		    message);
		message = placed;
	}
	if (sandbox_exhausted(lua) || (status != LUA_OK && !scn->decided))
		result_error(result, message);
	if (scn->sim != NULL)
		scn_counts(scn, &result->counts);
}

void
scenario_run(const char *path, unsigned index,
    const struct scenario_options *options, struct scenario_result *result)
{
	const struct session_config session = {
		.hidden = options->hidden,
		.trace = options->trace,
		.trace_arg = options->arg,
		.flight = options->flight,
	};
	struct scn scn = {
		.options = options,
		.result = result,
		.next_hva = FIRST_HVA,
		.counting = options->comm && !options->foreign_policy &&
		    options->preempt == 0,
	};
	char why[1024], folder[4096];
	lua_State *lua;

	memset(result, 0, sizeof(*result));
	snprintf(folder, sizeof(folder), "%s", path);
	scn.directory = dirname(folder);
	lua = file_load(path, options->seed, why, sizeof(why));
	if (lua == NULL) {
		result_error(result, why);
		return;
	}
	scn.lua = lua;
	sandbox_data_set(lua, &scn);
	threads_init(&scn);
	if (session_create(&session, &scn.session) != 0)
		result_error(result, "out of memory");
	else if (lua_rawgeti(lua, -1, (lua_Integer)index + 1) != LUA_TTABLE)
		result_error(result, "the file has no such test any more");
	else
		test_run(lua, path, &scn, result);
	clean_up(&scn);
	threads_fini(&scn);
	sandbox_close(lua);
}
