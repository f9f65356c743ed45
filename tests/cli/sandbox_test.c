/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a scenario file cannot do: hang, eat all memory, see the system, run
 * bytecode, or depend on anything but its text and the seed.
 */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

/* Runs bad.lua and good.lua; the first's verdict and reason, the second's. */
static void
must_end(const char *text, const char *reason, const char *what)
{
	struct run run;
	json_t *report, *bad;

	folder_file("bad.lua", text);
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--format", "json", "--jobs", "2", "bad.lua",
	    "good.lua");
	must_exit(&run, 2, what);
	report = report_parse(run.out);
	bad = scenario_at(report, 0);
	ck_assert_str_eq(string(bad, "verdict"), "error");
	must_have(string(bad, "reason"), reason, what);
	ck_assert_str_eq(string(scenario(report, "good"), "verdict"), "pass");
	json_decref(report);
	run_free(&run);
}

static const struct row {
	const char *what, *text, *reason;
} endless[] = {
	{ "an endless loop in the file", "\nwhile true do end",
	    "bad.lua:2: the scenario does not end" },
	{ "an endless loop in a test",
	    "test(\"bad\", function()\nwhile true do end\nend)",
	    "bad.lua:2: the scenario does not end" },
	{ "one that catches what would end it",
	    "test(\"bad\", function() while true do\n"
	    "pcall(function() while true do end end) end end)",
	    "the scenario does not end" },
	{ "one whose last call catches it",
	    "test(\"bad\", function() return pcall(function()\n"
	    "while true do end end) end)", "the scenario does not end" },
	{ "one in a callback",
	    "test(\"bad\", function(t) local cpu = t:machine():vcpu(0)\n"
	    "cpu:will(guest.out { port = 1 }) cpu:run()\n"
	    "cpu:assist_io(function() while true do end end) end)",
	    "bad.lua:3: the scenario does not end" },
	{ "one inside fails()",
	    "test(\"bad\", function(t) t:fails(\"EIO\", function()\n"
	    "while true do end end) end)",
	    "bad.lua:2: the scenario does not end" },
};

START_TEST(what_does_not_end_is_ended)
{
	must_end(endless[_i].text, endless[_i].reason, endless[_i].what);
}
END_TEST

static const struct row hungry[] = {
	{ "a long string in the file", "local s = (\"x\"):rep(100 << 20)",
	    "not enough memory" },
	{ "a long string in a test",
	    "test(\"bad\", function() local s = (\"x\"):rep(100 << 20) end)",
	    "not enough memory" },
	{ "a string beyond all",
	    "test(\"bad\", function()\nlocal s = (\"x\"):rep(1 << 62) end)",
	    "bad.lua:2: resulting string too large" },
	{ "a growing table in the file",
	    "local a = {} while true do a[#a + 1] = {} end",
	    "not enough memory" },
	{ "a growing table in a test",
	    "test(\"bad\", function() local a = {}\n"
	    "while true do a[#a + 1] = {} end end)", "not enough memory" },
	{ "a growing string",
	    "test(\"bad\", function() local s = \"x\"\n"
	    "while true do s = s .. s end end)", "not enough memory" },
};

START_TEST(memory_has_a_limit)
{
	must_end(hungry[_i].text, hungry[_i].reason, hungry[_i].what);
}
END_TEST

/* The pattern matcher counts no instructions: the watchdog must see it. */
START_TEST(what_no_limit_sees_is_ended_by_the_clock)
{
	struct run run;

	folder_file("bad.lua", "test(\"bad\", function(t)\n"
	    "(\"x\"):rep(60):find((\"x*\"):rep(60) .. \"y\") end)\n"
	    "test(\"good\", function() end)");
	run = RUN_HERE("run", "--timeout", "2", "bad.lua");
	must_exit(&run, 1, "timeout");
	must_have(run.out, "timed out after 2 s outside the scenario's calls",
	    "timeout");
	must_have(run.out, "1 passed, 1 failed,", "timeout");
	run_free(&run);
}
END_TEST

START_TEST(a_file_that_hangs_is_ended_by_the_clock)
{
	struct run run;

	folder_file("bad.lua",
	    "(\"x\"):rep(60):find((\"x*\"):rep(60) .. \"y\")");
	folder_file("good.lua", "test(\"good\", function() end)");
	run = RUN_HERE("run", "--timeout", "2", "bad.lua", "good.lua");
	must_exit(&run, 2, "timeout");
	must_have(run.out, "reading the file takes too long", "timeout");
	must_have(run.out, "1 passed, 0 failed, 0 skipped, 1 error",
	    "timeout");
	run_free(&run);
}
END_TEST

/* All there is: a new name here is a hole until somebody has thought. */
static const char globals[] =
    "_G _VERSION assert error getmetatable guest ipairs math pairs pcall "
    "rawequal rawget rawlen rawset select setmetatable string table test "
    "tonumber tostring type utf8";

static void
note_is(const char *text, const char *seed, const char *note)
{
	char line[1024];
	struct run run;

	folder_file("note.lua", text);
	run = RUN_HERE("run", "--seed", seed, "note.lua");
	must_exit(&run, 0, text);
	snprintf(line, sizeof(line), "\n      %s\n", note);
	must_have(run.out, line, text);
	run_free(&run);
}

START_TEST(nothing_of_the_system_can_be_seen)
{
	note_is("test(\"globals\", function(t) local names = {}\n"
	    "for name in pairs(_G) do names[#names + 1] = name end\n"
	    "t:note(table.concat(names, \" \")) end)", "1", globals);
}
END_TEST

START_TEST(strings_and_numbers_give_no_way_out)
{
	note_is("test(\"fields\", function(t)\n"
	    "t:note(tostring(string.dump) .. tostring((\"\").dump) ..\n"
	    "    tostring(math.randomseed)) end)", "1", "nilnilnil");
}
END_TEST

START_TEST(pairs_come_sorted)
{
	note_is("test(\"pairs\", function(t) local seen = {}\n"
	    "for k, v in pairs { z = 1, a = 2, [10] = 3, [9] = 4, m = 5,\n"
	    "    [-1] = 6, [2.5] = 7 } do\n"
	    "seen[#seen + 1] = k .. \"=\" .. v end\n"
	    "t:note(table.concat(seen, \" \")) end)", "1",
	    "-1=6 2.5=7 9=4 10=3 a=2 m=5 z=1");
}
END_TEST

START_TEST(pairs_refuse_keys_that_have_no_order)
{
	must_end("test(\"bad\", function()\n"
	    "for k in pairs { [{}] = 1 } do end end)",
	    "bad.lua:2: pairs: a table is no key that can be sorted",
	    "a table as key");
}
END_TEST

static const char random_file[] =
    "test(\"random\", function(t) local seen = {}\n"
    "for i = 1, 20 do seen[i] = math.random(1000000) end\n"
    "t:note(table.concat(seen, \" \")) end)";

static char *
random_note(const char *seed, const char *jobs)
{
	struct run run;
	char *note;

	folder_file("random.lua", random_file);
	run = RUN_HERE("run", "--seed", seed, "--jobs", jobs, "random.lua");
	must_exit(&run, 0, "random");
	note = strdup(run.out);
	ck_assert_ptr_nonnull(note);
	run_free(&run);
	return note;
}

START_TEST(random_numbers_depend_on_the_seed_alone)
{
	char *one = random_note("1", "1"), *again = random_note("1", "3");
	char *two = random_note("2", "1");

	ck_assert_str_eq(one, again);
	ck_assert_str_ne(one, two);
	free(one);
	free(again);
	free(two);
}
END_TEST

/* What is listed must be what runs: the seed holds for the listing too. */
START_TEST(tests_made_at_random_run_under_their_names)
{
	static const char *const seeds[] = { "1", "2", "3", "4" };
	struct run run;
	unsigned i;

	folder_file("random.lua", "for i = 1, math.random(2, 50) do\n"
	    "local n = math.random(1000000)\n"
	    "test(\"number \" .. n, function(t) t:note(\"is \" .. n) end) end");
	for (i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		char *line, *name, *note;

		run = RUN_HERE("run", "--seed", seeds[i], "random.lua");
		must_exit(&run, 0, seeds[i]);
		for (line = strstr(run.out, "  number "); line != NULL;
		    line = strstr(note, "  number ")) {
			name = line + strlen("  number ");
			note = strstr(line, "\n      is ");
			ck_assert_ptr_nonnull(note);
			ck_assert_int_eq(atoi(name),
			    atoi(note + strlen("\n      is ")));
		}
		run_free(&run);
	}
}
END_TEST

struct buffer {
	char data[4096];
	size_t size;
};

static int
collect(lua_State *lua, const void *data, size_t size, void *arg)
{
	struct buffer *buffer = arg;

	(void)lua;
	if (size > sizeof(buffer->data) - buffer->size)
		return 1;
	memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	return 0;
}

/* The same file as text is one passing test. */
START_TEST(bytecode_is_refused)
{
	static const char text[] = "test(\"fine\", function() end)";
	struct buffer buffer = { .size = 0 };
	lua_State *lua = luaL_newstate();
	struct run run;

	ck_assert_ptr_nonnull(lua);
	ck_assert_int_eq(luaL_loadstring(lua, text), LUA_OK);
	ck_assert_int_eq(lua_dump(lua, collect, &buffer, 0), 0);
	lua_close(lua);
	folder_file("text.lua", text);
	folder_bytes("code.lua", buffer.data, buffer.size);
	run = RUN_HERE("run", "text.lua", "code.lua");
	must_exit(&run, 2, "bytecode");
	must_have(run.out, "attempt to load a binary chunk", "bytecode");
	must_have(run.out, "1 passed, 0 failed, 0 skipped, 1 error\n",
	    "bytecode");
	run_free(&run);
}
END_TEST

Suite *
sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tcase = case_new(suite, "sandbox");

	tcase_add_loop_test(tcase, what_does_not_end_is_ended, 0,
	    sizeof(endless) / sizeof(endless[0]));
	tcase_add_loop_test(tcase, memory_has_a_limit, 0,
	    sizeof(hungry) / sizeof(hungry[0]));
	tcase_add_test(tcase, what_no_limit_sees_is_ended_by_the_clock);
	tcase_add_test(tcase, a_file_that_hangs_is_ended_by_the_clock);
	tcase_add_test(tcase, nothing_of_the_system_can_be_seen);
	tcase_add_test(tcase, strings_and_numbers_give_no_way_out);
	tcase_add_test(tcase, pairs_come_sorted);
	tcase_add_test(tcase, pairs_refuse_keys_that_have_no_order);
	tcase_add_test(tcase, random_numbers_depend_on_the_seed_alone);
	tcase_add_test(tcase, tests_made_at_random_run_under_their_names);
	tcase_add_test(tcase, bytecode_is_refused);
	return suite;
}
