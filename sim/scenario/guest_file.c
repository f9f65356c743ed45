/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests of programs that are no scenarios, out of a Lua file.
 */
#include "scenario/guest_file.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/control.h"
#include "kernel/map.h"
#include "scenario/private.h"

#define GUEST_CLASS	"vcpu"

/* Only their order and number matter: nothing random is in them. */
#define GUEST_SEED	1

/* A VCPU of the file; its intents stay as they are. */
struct guest {
	struct guest *next;
	uint32_t machid, cpuid;
	struct wish *wishes;		/* owned */
	unsigned n, capacity;
};

/* One life of it. */
struct guest_run {
	struct guest_run *next;
	const struct guest *guest;
	unsigned at;
	uint8_t *code;			/* the machine's harness page */
	bool told;			/* that an intent cannot be */
};

struct guest_file {
	struct guest *guests;
	pthread_mutex_t lock;		/* what follows */
	struct guest_run *runs;		/* all there ever were */
	void *code[SIM_MAX_MACHINES];
};

/* --- the feed --- */

static bool
guest_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	static const struct wish halt = { .kind = WISH_HLT, .size = 1 };
	struct guest_run *run = arg;
	const struct wish *wish = &halt;
	const char *why;

	if (run->at < run->guest->n)
		wish = &run->guest->wishes[run->at++];
	why = wish_encode(wish, state, run->code, intent);
	if (why == NULL)
		return true;
	if (run->told)
		return false;
	run->told = true;
	fprintf(stderr, "nvmm-sim: intent %u of machine %u VCPU %u: %s\n",
	    run->at, run->guest->machid, run->guest->cpuid, why);
	return false;
}

static void
guest_delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	(void)event;
}

static const struct sim_feed guest_feed = {
	.next = guest_next,
	.delivered = guest_delivered,
};

static const struct guest *
guest_find(const struct guest_file *file, uint32_t machid, uint32_t cpuid)
{
	const struct guest *guest;

	for (guest = file->guests; guest != NULL; guest = guest->next) {
		if (guest->machid == machid && guest->cpuid == cpuid)
			break;
	}
	return guest;
}

/* A machine's second VCPU finds its page there. */
static const char *
code_get(struct guest_file *file, struct sim *sim, uint32_t machid)
{
	void *code;
	int error;

	error = sim_harness_page(sim, machid, HARNESS_GPA, &code);
	if (error == 0)
		file->code[machid] = code;
	if (error == 0 || (error == EEXIST && file->code[machid] != NULL))
		return NULL;
	return error == EEXIST ? "the guest's intents need the page at "
	    "0xfffff000, which is mapped already" : strerror(error);
}

const char *
guest_file_created(struct guest_file *file, struct sim *sim, uint32_t machid,
    uint32_t cpuid)
{
	const struct guest *guest = guest_find(file, machid, cpuid);
	struct guest_run *run;
	const char *why;

	if (guest == NULL || machid >= SIM_MAX_MACHINES)
		return NULL;
	run = calloc(1, sizeof(*run));
	if (run == NULL)
		return strerror(ENOMEM);
	run->guest = guest;
	pthread_mutex_lock(&file->lock);
	why = code_get(file, sim, machid);
	run->code = file->code[machid];
	run->next = file->runs;
	file->runs = run;
	pthread_mutex_unlock(&file->lock);
	if (why == NULL)
		(void)sim_feed_set(sim, machid, cpuid, &guest_feed, run);
	return why;
}

/* --- the file --- */

static struct guest_file *
file_of(lua_State *lua)
{
	return sandbox_data(lua);
}

/* vcpu(machid, cpuid), the same one each time. */
static int
vcpu_get(lua_State *lua)
{
	struct guest_file *file = file_of(lua);
	lua_Integer machid = luaL_optinteger(lua, 1, 0);
	lua_Integer cpuid = luaL_optinteger(lua, 2, 0);
	struct guest *guest;

	if (machid < 0 || machid >= SIM_MAX_MACHINES)
		return luaL_error(lua, "there is no machine %I", machid);
	if (cpuid < 0 || cpuid >= SIM_MAX_VCPUS)
		return luaL_error(lua, "there is no VCPU %I", cpuid);
	guest = (struct guest *)(uintptr_t)guest_find(file, (uint32_t)machid,
	    (uint32_t)cpuid);
	if (guest == NULL) {
		guest = calloc(1, sizeof(*guest));
		if (guest == NULL)
			return luaL_error(lua, "out of memory");
		guest->machid = (uint32_t)machid;
		guest->cpuid = (uint32_t)cpuid;
		guest->next = file->guests;
		file->guests = guest;
	}
	value_push_object(lua, GUEST_CLASS, guest);
	return 1;
}

static void
guest_add(lua_State *lua, struct guest *guest, const struct wish *wish)
{
	unsigned capacity = guest->capacity ? guest->capacity * 2 : 16;
	struct wish *wishes;

	if (guest->n == guest->capacity) {
		wishes = realloc(guest->wishes, capacity * sizeof(*wishes));
		if (wishes == NULL)
			luaL_error(lua, "out of memory");
		guest->wishes = wishes;
		guest->capacity = capacity;
	}
	guest->wishes[guest->n++] = *wish;
}

static int
vcpu_will(lua_State *lua)
{
	struct guest *guest = value_object(lua, 1, GUEST_CLASS);
	int i, n = lua_gettop(lua);

	for (i = 2; i <= n; i++)
		guest_add(lua, guest, bind_wish(lua, i));
	lua_settop(lua, 1);
	return 1;
}

static int
vcpu_unknown(lua_State *lua)
{
	return luaL_error(lua, "a vcpu has no '%s', only will()",
	    luaL_tolstring(lua, 2, NULL));
}

static int
file_run(lua_State *lua)
{
	static const luaL_Reg methods[] = {
		{ "will", vcpu_will },
		{ NULL, NULL },
	};

	bind_guest(lua);
	value_class(lua, GUEST_CLASS, methods, vcpu_unknown, vcpu_unknown);
	lua_pushcfunction(lua, vcpu_get);
	lua_setglobal(lua, "vcpu");
	if (luaL_loadfilex(lua, lua_touserdata(lua, 1), "t") != LUA_OK)
		return lua_error(lua);
	lua_call(lua, 0, 0);
	return 0;
}

int
guest_file_load(const char *path, struct guest_file **filep, char *why,
    size_t size)
{
	lua_State *lua = sandbox_open(GUEST_SEED);
	struct guest_file *file = calloc(1, sizeof(*file));
	int result = -1;

	if (lua == NULL || file == NULL) {
		snprintf(why, size, "out of memory");
		goto out;
	}
	pthread_mutex_init(&file->lock, NULL);
	sandbox_data_set(lua, file);
	lua_pushcfunction(lua, file_run);
	lua_pushlightuserdata(lua, (void *)(uintptr_t)path);
	if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
		snprintf(why, size, "%s", luaL_tolstring(lua, -1, NULL));
		guest_file_free(file);
		file = NULL;
		goto out;
	}
	*filep = file;
	file = NULL;
	result = 0;
out:
	free(file);
	sandbox_close(lua);
	return result;
}

void
guest_file_free(struct guest_file *file)
{
	struct guest_run *run;
	struct guest *guest;

	if (file == NULL)
		return;
	while ((run = file->runs) != NULL) {
		file->runs = run->next;
		free(run);
	}
	while ((guest = file->guests) != NULL) {
		file->guests = guest->next;
		free(guest->wishes);
		free(guest);
	}
	pthread_mutex_destroy(&file->lock);
	free(file);
}
