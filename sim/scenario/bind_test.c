/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object `t`: what a test may make, and what it may expect.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "observe/flight.h"
#include "scenario/bind_cpu.h"
#include "scenario/private.h"
#include "transport/library.h"
#include "transport/transport.h"

#define TEST_CLASS	"test"
#define LAST_CALLS	8	/* shown with a failure */

struct scn *
scn_of(lua_State *lua)
{
	return sandbox_data(lua);
}

static void
append_last_calls(const struct scn *scn, char *reason, size_t size)
{
	const struct flight *flight = scn->options->flight;
	const struct flight_entry *entry;
	size_t length = strlen(reason);
	bool begun = false;
	char line[512];
	unsigned i;

	if (flight == NULL || flight_back(flight, 0) == NULL)
		return;
	length += (size_t)snprintf(reason + length, size - length,
	    "\nlast calls:");
	for (i = LAST_CALLS; i-- > 0 && length < size;) {
		entry = flight_back(flight, i);
		/* What is inside a call that is not shown makes no sense. */
		if (entry == NULL || (!begun && entry->depth > 0))
			continue;
		begun = true;
		flight_format(entry, line, sizeof(line));
		length += (size_t)snprintf(reason + length, size - length,
		    "\n  %s", line);
	}
}

/* The place in the scenario, also when pcall() or the like is between. */
static void
push_where(lua_State *lua)
{
	lua_Debug debug;
	int level;

	for (level = 1; lua_getstack(lua, level, &debug) != 0; level++) {
		lua_getinfo(lua, "l", &debug);
		if (debug.currentline > 0)
			break;
	}
	luaL_where(lua, level);
}

int
scn_end(lua_State *lua, enum verdict verdict, const char *format, ...)
{
	struct scn *scn = scn_of(lua);
	char message[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	push_where(lua);
	if (!scn->decided) {
		scn->decided = true;
		scn->result->verdict = verdict;
		snprintf(scn->result->reason, sizeof(scn->result->reason),
		    "%s%s", verdict == VERDICT_SKIP ? "" :
		    lua_tostring(lua, -1), message);
		if (verdict == VERDICT_FAIL)
			append_last_calls(scn, scn->result->reason,
			    sizeof(scn->result->reason));
	}
	lua_pushstring(lua, message);
	lua_concat(lua, 2);
	lua_error(lua);
	__builtin_unreachable();
}

void
scn_check(lua_State *lua, const char *call, int result)
{
	struct scn *scn = scn_of(lua);
	int error = errno;
	char name[32];

	if (result == 0)
		return;
	if (result != -1)
		scn_end(lua, VERDICT_FAIL, "%s returned %d, neither 0 nor -1",
		    call, result);
	if (error == ENOSYS && !library_has_name(call))
		scn_end(lua, VERDICT_SKIP, "this libnvmm has no %s", call);
	if (scn->expecting > 0) {
		if (scn->setting_up)
			scn_setup_end(scn);
		scn->caught = error;
		scn->caught_call = call;
		lua_pushlightuserdata(lua, &scn->caught);
		lua_error(lua);
	}
	flight_format_errno(error, name, sizeof(name));
	scn_end(lua, VERDICT_FAIL, "%s failed with %s", call, name);
}

void
scn_counts(struct scn *scn, struct observe_counts *counts)
{
	session_counts(scn->session, scn->sim, transport_foreign_ioctls(),
	    counts);
}

void
scn_setup_begin(struct scn *scn)
{
	scn->setting_up = true;
	scn_counts(scn, &scn->before);
}

void
scn_setup_end(struct scn *scn)
{
	struct observe_counts spent;

	scn->setting_up = false;
	scn_counts(scn, &spent);
	observe_counts_sub(&spent, &scn->before);
	observe_counts_add(&scn->mark, &spent);
}

static struct scn *
check_test(lua_State *lua)
{
	return value_object(lua, 1, TEST_CLASS);
}

static void
counts_since_mark(struct scn *scn, struct observe_counts *counts)
{
	scn_counts(scn, counts);
	observe_counts_sub(counts, &scn->mark);
}

static int
test_machine(lua_State *lua)
{
	return bind_vm_create(lua, check_test(lua));
}

static int
test_pages(lua_State *lua)
{
	(void)check_test(lua);
	return bind_pages_create(lua);
}

static int
test_driver(lua_State *lua)
{
	(void)check_test(lua);
	return bind_driver_create(lua);
}

static int
test_mark(lua_State *lua)
{
	struct scn *scn = check_test(lua);

	scn_counts(scn, &scn->mark);
	return 0;
}

/* t:expect(seen, expected [, what]) */
static int
test_expect(lua_State *lua)
{
	char seen[256], expected[256];

	(void)check_test(lua);
	luaL_checkany(lua, 3);
	if (lua_istable(lua, 2) || lua_istable(lua, 3))
		return luaL_error(lua, "expect compares numbers, strings and "
		    "booleans, no tables");
	if (lua_compare(lua, 2, 3, LUA_OPEQ))
		return 0;
	value_describe(lua, 2, seen, sizeof(seen));
	value_describe(lua, 3, expected, sizeof(expected));
	scn_end(lua, VERDICT_FAIL, "%s%sexpected %s, seen %s",
	    luaL_optstring(lua, 4, ""), lua_isnoneornil(lua, 4) ? "" : ": ",
	    expected, seen);
}

/* t:fails("EINVAL", function): a libnvmm call in there fails with that. */
static int
test_fails(lua_State *lua)
{
	struct scn *scn = check_test(lua);
	const char *name = luaL_checkstring(lua, 2);
	int expected = value_errno(name), outer = scn->caught;
	char seen[32];
	int status, caught;

	if (expected == 0)
		return luaL_error(lua, "there is no error '%s'", name);
	luaL_checktype(lua, 3, LUA_TFUNCTION);
	scn->expecting++;
	lua_settop(lua, 3);
	status = lua_pcall(lua, 0, 0, 0);
	scn->expecting--;
	if (status == LUA_OK)
		scn_end(lua, VERDICT_FAIL, "expected %s, but nothing failed",
		    name);
	/* Any other error is the scenario's own, whatever failed before. */
	if (lua_touserdata(lua, -1) != &scn->caught)
		return lua_error(lua);
	caught = scn->caught;
	scn->caught = outer;
	if (caught == expected)
		return 0;
	flight_format_errno(caught, seen, sizeof(seen));
	scn_end(lua, VERDICT_FAIL, "expected %s, but %s failed with %s",
	    name, scn->caught_call, seen);
}

/* Strict: an ioctl that is not named must not have happened. */
static int
test_ioctls(lua_State *lua)
{
	struct scn *scn = check_test(lua);
	const char *fields[SIM_NIOCTL + 1];
	struct observe_counts counts;
	uint64_t expected;
	unsigned i;

	for (i = 0; i < SIM_NIOCTL; i++)
		fields[i] = sim_ioctl_names[i].name;
	fields[i] = NULL;
	value_check_fields(lua, 2, "ioctls", fields);
	if (!scn->counting)
		return 0;
	counts_since_mark(scn, &counts);
	for (i = 0; i < SIM_NIOCTL; i++) {
		expected = value_field(lua, 2, fields[i], 0, false);
		if (counts.kernel.ioctls[i] != expected)
			scn_end(lua, VERDICT_FAIL, "expected %llu ioctl%s %s, "
			    "seen %llu", (unsigned long long)expected,
			    expected == 1 ? "" : "s", fields[i],
			    (unsigned long long)counts.kernel.ioctls[i]);
	}
	if (counts.kernel.ioctls[SIM_IOCTL_UNKNOWN] != 0)
		scn_end(lua, VERDICT_FAIL, "expected no ioctl that the driver "
		    "does not know, seen %llu", (unsigned long long)
		    counts.kernel.ioctls[SIM_IOCTL_UNKNOWN]);
	return 0;
}

/* What is named must be as given. */
static int
test_counts(lua_State *lua)
{
	static const char *const fields[] = {
		"calls", "ioctls", "baseline", "avoided", "hits", "misses",
		"exits", "handled", NULL
	};
	struct scn *scn = check_test(lua);
	struct observe_counts counts;
	uint64_t seen[8], expected;
	unsigned i;

	value_check_fields(lua, 2, "counts", fields);
	if (!scn->counting)
		return 0;
	counts_since_mark(scn, &counts);
	seen[0] = observe_calls(&counts);
	seen[1] = observe_ioctls(&counts);
	seen[2] = counts.baseline;
	seen[3] = seen[2] - seen[1];
	seen[4] = counts.hits;
	seen[5] = counts.misses;
	seen[6] = observe_exits(&counts);
	seen[7] = counts.kernel.handled;
	for (i = 0; fields[i] != NULL; i++) {
		expected = value_field(lua, 2, fields[i], seen[i], false);
		if (expected != seen[i])
			scn_end(lua, VERDICT_FAIL, "expected %s %llu, seen "
			    "%llu", fields[i], (unsigned long long)expected,
			    (unsigned long long)seen[i]);
	}
	return 0;
}

static void
expect_bytes(lua_State *lua, enum sim_cause cause, const uint64_t *seen)
{
	const char *fields[SIM_NCOMPONENT + 1];
	int table = lua_gettop(lua);
	uint64_t expected;
	unsigned i;

	for (i = 0; i < SIM_NCOMPONENT; i++)
		fields[i] = sim_components[i].name;
	fields[i] = NULL;
	value_check_fields(lua, table, sim_cause_names[cause], fields);
	for (i = 0; i < SIM_NCOMPONENT; i++) {
		expected = value_field(lua, table, fields[i], 0, false);
		if (expected != seen[i])
			scn_end(lua, VERDICT_FAIL, "expected %llu %s bytes of "
			    "%s, seen %llu", (unsigned long long)expected,
			    sim_cause_names[cause], fields[i],
			    (unsigned long long)seen[i]);
	}
}

/* t:bytes { wanted = { gprs = 144 } }: strict within a cause. */
static int
test_bytes(lua_State *lua)
{
	struct scn *scn = check_test(lua);
	const char *fields[SIM_NCAUSE + 1];
	struct observe_counts counts;
	unsigned i;

	for (i = 0; i < SIM_NCAUSE; i++)
		fields[i] = sim_cause_names[i];
	fields[i] = NULL;
	value_check_fields(lua, 2, "bytes", fields);
	if (!scn->counting)
		return 0;
	counts_since_mark(scn, &counts);
	for (i = 0; i < SIM_NCAUSE; i++) {
		lua_getfield(lua, 2, fields[i]);
		if (!lua_isnil(lua, -1))
			expect_bytes(lua, (enum sim_cause)i,
			    counts.kernel.bytes[i]);
		lua_pop(lua, 1);
	}
	return 0;
}

static void
expect_flags(lua_State *lua, const char *field, uint64_t seen)
{
	char expected_text[96], seen_text[96];
	uint64_t expected;

	lua_getfield(lua, 3, field);
	if (!lua_isnil(lua, -1)) {
		expected = value_components(lua, -1);
		flight_format_flags(expected, expected_text,
		    sizeof(expected_text));
		flight_format_flags(seen, seen_text, sizeof(seen_text));
		if (expected != seen)
			scn_end(lua, VERDICT_FAIL, "expected %s %s in the "
			    "comm page, seen %s", field, expected_text,
			    seen_text);
	}
	lua_pop(lua, 1);
}

/* t:page(cpu, { cached = "gprs|segs" }): the flag words, exactly. */
static int
test_page(lua_State *lua)
{
	static const char *const fields[] = {
		"cached", "commit", "wanted", NULL
	};
	struct scn *scn = check_test(lua);
	const struct scn_cpu *cpu = value_object(lua, 2, "cpu");
	struct sim_comm_flags flags;

	value_check_fields(lua, 3, "page", fields);
	cpu_check_idle(lua, cpu);
	if (!scn->counting)
		return 0;
	if (sim_peek_flags(scn->sim, cpu->vm->mach.machid, cpu->vcpu.cpuid,
	    &flags) != 0)
		return luaL_error(lua, "this VCPU has been destroyed");
	expect_flags(lua, "cached", flags.cached);
	expect_flags(lua, "commit", flags.commit);
	expect_flags(lua, "wanted", flags.wanted);
	return 0;
}

static int
test_skip(lua_State *lua)
{
	(void)check_test(lua);
	scn_end(lua, VERDICT_SKIP, "%s", luaL_checkstring(lua, 2));
}

/* Without a comm page this test's flow would be another one. */
static int
test_needs_comm(lua_State *lua)
{
	const struct scn *scn = check_test(lua);

	if (scn->options->comm)
		return 0;
	scn_end(lua, VERDICT_SKIP, "needs a comm page: %s",
	    luaL_checkstring(lua, 2));
}

static int
test_note(lua_State *lua)
{
	const struct scn *scn = check_test(lua);

	if (scn->options->note != NULL)
		scn->options->note(scn->options->arg,
		    luaL_checkstring(lua, 2));
	return 0;
}

static int
test_get(lua_State *lua)
{
	const struct scn *scn = check_test(lua);
	const char *field = luaL_checkstring(lua, 2);

	if (strcmp(field, "cpu") == 0)
		lua_pushstring(lua, sim_backend(scn->sim)->name);
	else if (strcmp(field, "abi") == 0)
		lua_pushstring(lua, scn->options->generation->name);
	else if (strcmp(field, "engine") == 0)
		lua_pushstring(lua, scn->engine->name);
	else if (strcmp(field, "policy") == 0)
		lua_pushstring(lua, sim_policy(scn->sim)->name);
	else if (strcmp(field, "comm") == 0)
		lua_pushboolean(lua, scn->options->comm);
	else if (strcmp(field, "has_stop") == 0)
		lua_pushboolean(lua, library_has(SIM_CALL_VCPU_STOP));
	else
		return luaL_error(lua, "a test has no field '%s'", field);
	return 1;
}

void
bind_test(lua_State *lua)
{
	static const luaL_Reg methods[] = {
		{ "machine", test_machine }, { "pages", test_pages },
		{ "driver", test_driver },
		{ "mark", test_mark }, { "expect", test_expect },
		{ "fails", test_fails },
		{ "fail", test_fail }, { "blocks", test_blocks }, { "ioctls", test_ioctls },
		{ "counts", test_counts }, { "bytes", test_bytes },
		{ "page", test_page }, { "skip", test_skip },
		{ "needs_comm", test_needs_comm }, { "note", test_note },
		{ "replay", load_replay }, { NULL, NULL },
	};

	value_class(lua, TEST_CLASS, methods, test_get, NULL);
}
