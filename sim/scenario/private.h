/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the Lua binding share.
 */
#ifndef SIM_SCENARIO_PRIVATE_H
#define SIM_SCENARIO_PRIVATE_H

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

#include <nvmm.h>

#include "scenario/encode.h"
#include "scenario/scenario.h"
#include "scenario/threads.h"

struct scn;

#define VM_CLASS	"machine"

/* Host memory that a scenario made, for guests. */
struct scn_pages {
	struct scn_pages *next;
	void *hva;
	size_t size;
	bool gone;			/* some of it was unmapped */
};

/* What a VCPU will do, and what happened to it. */
struct scn_queue {
	struct wish *wishes;		/* owned; a ring */
	unsigned head, count, capacity;
	bool starved;			/* it ran with nothing to do */
	bool dead;			/* it spun, and nothing ended that */
	unsigned run;			/* counts cpu:run()s */
	unsigned spin_run;		/* the run that took the last intent */
	unsigned looks;			/* of the spin in this run */
	struct scn *scn;
	struct scn_runner *runner;	/* its thread, if it has one */
	const char *why;		/* an intent could not be encoded */
	struct sim_event *events;	/* owned; those delivered */
	unsigned nevents, events_capacity;
	uint8_t *code;			/* the machine's harness page */
};

struct scn_cpu {
	struct nvmm_vcpu vcpu;		/* first: callbacks get its address */
	struct scn_cpu *next;
	struct scn_vm *vm;
	bool alive;
	bool free;			/* executes, and takes no intents */
	struct scn_queue queue;
	int meanwhile;			/* Lua reference, or LUA_NOREF */
	/* Of the assist in progress: */
	int callback;			/* Lua reference, or LUA_NOREF */
	bool callback_failed;		/* its error is on the Lua stack */
};

struct scn_vm {
	struct nvmm_machine mach;	/* first */
	struct scn_vm *next;
	struct scn *scn;
	bool alive;
	struct scn_cpu *cpus;
	void *code;			/* harness page */
};

/* One test being run. */
struct scn {
	lua_State *lua;
	const struct scenario_options *options;
	struct scenario_result *result;
	struct sim *sim;
	const struct sim_engine *engine;
	struct session *session;
	struct scn_vm *vms;
	struct scn_pages *pages;
	struct scn_driver *drivers;
	uintptr_t next_hva;		/* where to put the next pages */
	const char *directory;		/* of the scenario's file */
	bool decided;			/* result's verdict stands */
	bool root;			/* by nvmm_root_init() */
	bool counting;			/* counts are expected as written */
	struct observe_counts mark;	/* where expectations count from */
	bool setting_up;		/* and what it counted before: */
	struct observe_counts before;
	struct scn_threads threads;
	unsigned expecting;		/* t:fails() in progress */
	int caught;			/* errno that t:fails() waits for */
	const char *caught_call;
};

/* The scn of a state. */
struct scn *scn_of(lua_State *lua);

/*
 * Ends the test.  The verdict stands even if the scenario catches the error.
 * The place in the scenario is put before the message.
 */
int scn_end(lua_State *lua, enum verdict verdict, const char *format, ...)
    __attribute__((__format__(__printf__, 3, 4), __noreturn__));

/* A libnvmm call that returned -1: a failure, unless t:fails() expects it. */
void scn_check(lua_State *lua, const char *call, int result);

/* Set-up whose ioctls no expectation counts: between these two. */
void scn_setup_begin(struct scn *scn);
void scn_setup_end(struct scn *scn);
void scn_counts(struct scn *scn, struct observe_counts *counts);

/* sandbox.c: a state with limits; NULL if memory is out. */
lua_State *sandbox_open(uint64_t seed);
void sandbox_close(lua_State *lua);
/* Whether the state ran into its instruction limit. */
bool sandbox_exhausted(lua_State *lua);
void *sandbox_data(lua_State *lua);
void sandbox_data_set(lua_State *lua, void *data);

/* value.c: arguments, with errors that name the field. */
void value_check_fields(lua_State *lua, int table, const char *what,
    const char *const fields[]);
uint64_t value_field(lua_State *lua, int table, const char *field,
    uint64_t fallback, bool required);
bool value_flag(lua_State *lua, int table, const char *field);
/* A string, which the table keeps; without fallback it is required. */
const char *value_text(lua_State *lua, int table, const char *field,
    const char *fallback);
/* The string's place in names. */
int value_choice(lua_State *lua, int table, const char *field,
    const char *fallback, const char *const names[]);
uint64_t value_components(lua_State *lua, int index);
void value_push_components(lua_State *lua, uint64_t components);
int value_prot(lua_State *lua, int index);
void value_push_prot(lua_State *lua, uint64_t prot);
/* As value_field(), for a field that has so many bits. */
uint64_t value_bits(lua_State *lua, int table, const char *field,
    unsigned bits);
void value_describe(lua_State *lua, int index, char *text, size_t size);
int value_errno(const char *name);
/* A class: its name, methods, and a function for all other fields. */
void value_class(lua_State *lua, const char *name, const luaL_Reg *methods,
    lua_CFunction get, lua_CFunction set);
/* A new object of a class, holding a borrowed pointer. */
void value_push_object(lua_State *lua, const char *class, void *object);
void *value_object(lua_State *lua, int index, const char *class);

/* The classes, and the globals `guest` and `test`. */
void bind_test(lua_State *lua);		/* class "test" */
void bind_vm(lua_State *lua);		/* classes "machine", "pages" */
void bind_cpu(lua_State *lua);		/* class "cpu" and its parts */
void bind_guest(lua_State *lua);	/* global guest; class "intent" */
int bind_vm_create(lua_State *lua, struct scn *scn);
int bind_pages_create(lua_State *lua);
struct scn_pages *bind_pages_push(lua_State *lua, void *address, size_t size);
int bind_cpu_create(lua_State *lua, struct scn_vm *vm, uint32_t cpuid);
const struct wish *bind_wish(lua_State *lua, int index);

/* bind_cpu.c: nvmm_vcpu_run(), and again if --preempt ended it. */
int cpu_run_once(struct scn_cpu *cpu);

/* bind_program.c: vm:program{} and cpu:boot{}. */
int vm_program(lua_State *lua);
int cpu_boot(lua_State *lua);

/*
 * bind_serve.c: cpu:serve{}.  serve_exit() answers the last exit of the VCPU
 * at index cpu by the functions of the table at index devices; false: there
 * is none for it.
 */
int cpu_serve(lua_State *lua);
bool serve_exit(lua_State *lua, int cpu, int devices);
/* How many exits its table allows. */
lua_Integer serve_limit(lua_State *lua, int devices);

/* bind_together.c: vm:run_together{}. */
int vm_run_together(lua_State *lua);

/* queue.c: intents waiting for a VCPU. */
extern const struct sim_feed scn_queue_feed;
int scn_queue_push(struct scn_queue *queue, const struct wish *wish);
/* Whether the last of them spins. */
bool scn_queue_spins(const struct scn_queue *queue);
void scn_queue_free(struct scn_queue *queue);

/* bind_fault.c: t:fail{} and t:blocks(). */
int test_fail(lua_State *lua);
int test_blocks(lua_State *lua);

/* bind_driver.c: class "driver", t:driver{}. */
void bind_driver(lua_State *lua);
int bind_driver_create(lua_State *lua);
void bind_drivers_close(struct scn *scn);

/* load.c: t:replay{}. */
int load_replay(lua_State *lua);

#endif /* SIM_SCENARIO_PRIVATE_H */
