/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command that each failure prints: typed into a shell, it runs that
 * scenario alone and fails in the same way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"
#include "run.h"

struct row {
	const char *what;
	const char *file, *text;
	const char *options[6];
	const char *reason;
};

static const char policy[] =
    "{ \"schema\": \"nvmm-sim-policy/1\", \"name\": \"mine\",\n"
    "\"exits\": { \"halted\": [\"drs\"] } }";

static const struct row rows[] = {
	{ "a plain failure", "a.lua",
	    "test(\"one\", function(t) t:expect(1, 2) end)",
	    { NULL }, "a.lua:1: expected 2, seen 1" },
	{ "a name that is part of another", "a.lua",
	    "test(\"one\", function(t) t:expect(1, 2) end)\n"
	    "test(\"one more\", function(t) end)\n"
	    "test(\"not one\", function(t) end)",
	    { NULL }, "a.lua:1: expected 2, seen 1" },
	{ "a name that a shell would misread", "a.lua",
	    "test([[it's $HOME; `id` \"*\" \\ & [a-z]? !]], function(t)\n"
	    "t:expect(1, 2) end) test(\"two\", function(t) end)",
	    { NULL }, "a.lua:2: expected 2, seen 1" },
	{ "a name that begins like an option", "a.lua",
	    "test(\"--list\", function(t) t:expect(1, 2) end)\n"
	    "test(\"two\", function(t) end)",
	    { NULL }, "a.lua:1: expected 2, seen 1" },
	{ "a file whose name a shell would split", "a folder/it's $a.lua",
	    "test(\"one\", function(t) t:expect(1, 2) end)",
	    { NULL }, "a folder/it's $a.lua:1: expected 2, seen 1" },
	{ "a file whose name begins like an option", "-a.lua",
	    "test(\"one\", function(t) t:expect(1, 2) end)",
	    { "--" }, "-a.lua:1: expected 2, seen 1" },
	{ "another back end", "a.lua",
	    "test(\"one\", function(t) t:expect(t.cpu, \"svm\") end)",
	    { "--cpu", "vmx" }, "a.lua:1: expected \"svm\", seen \"vmx\"" },
	{ "another generation", "a.lua",
	    "test(\"one\", function(t) t:expect(t.abi, \"v2\") end)",
	    { "--abi", "v3" }, "a.lua:1: expected \"v2\", seen \"v3\"" },
	{ "a preempting kernel", "a.lua",
	    "test(\"one\", function(t) local cpu = t:machine():vcpu(0)\n"
	    "t:ioctls { VCPU_RUN = 5 } t:expect(1, 2) end)",
	    { "--preempt", "3" }, "a.lua:2: expected 2, seen 1" },
	{ "no comm page", "a.lua",
	    "test(\"one\", function(t) t:expect(t.comm, true) end)",
	    { "--comm", "off" }, "a.lua:1: expected true, seen false" },
	{ "another seed", "a.lua",
	    "test(\"one\", function(t)\n"
	    "t:expect(math.random(1 << 30), 0) end)",
	    { "--seed", "7" }, "a.lua:2: expected 0, seen 0x" },
	{ "another policy", "a.lua",
	    "test(\"one\", function(t) t:expect(t.policy, \"netbsd\") end)",
	    { "--policy", "none" },
	    "a.lua:1: expected \"netbsd\", seen \"none\"" },
	{ "no quirks", "a.lua",
	    "test(\"one\", function(t)\n"
	    "t:expect(t:machine():vcpu(0).truth.mxcsr, 0) end)",
	    { "--quirks", "none" }, "a.lua:2: expected 0, seen 0x1f80" },
	{ "a policy file", "a.lua",
	    "test(\"one\", function(t) t:expect(t.policy, \"netbsd\") end)",
	    { "--policy", "my policy.json" },
	    "a.lua:1: expected \"netbsd\", seen \"mine\"" },
	{ "another library", "a.lua",
	    "test(\"one\", function(t) t:machine() end)",
	    { "--libnvmm", "./my lib.so" },
	    "a.lua:1: nvmm_machine_create failed with EIO" },
	{ "a short time", "a.lua",
	    "test(\"one\", function(t)\n"
	    "(\"x\"):rep(60):find((\"x*\"):rep(60) .. \"y\") end)",
	    { "--timeout", "1" }, "timed out after 1 s" },
};

/* The command behind "again: "; free() it. */
static char *
command_of(const char *text, const char *what)
{
	static const char mark[] = "      again: ";
	const char *start = strstr(text, mark);
	char *command;

	ck_assert_msg(start != NULL, "%s: no command in:\n%.2000s", what,
	    text);
	start += strlen(mark);
	command = strndup(start, strcspn(start, "\n"));
	ck_assert_ptr_nonnull(command);
	return command;
}

/* The line under the scenario's; free() it. */
static char *
reason_of(const char *text, const char *part, const char *what)
{
	const char *start;
	char *reason;

	must_have(text, part, what);
	start = strstr(text, part);
	reason = strndup(start, strcspn(start, "\n"));
	ck_assert_ptr_nonnull(reason);
	return reason;
}

static struct run
first_run(const struct row *row)
{
	const char *words[10] = { "run" };
	unsigned n = 1;

	while (row->options[n - 1] != NULL) {
		words[n] = row->options[n - 1];
		n++;
	}
	words[n] = row->file;
	return run_words(folder_path(), words);
}

START_TEST(the_command_repeats_the_failure_alone)
{
	const struct row *row = &rows[_i];
	char *command, *first, *again;
	struct run run, second;

	folder_file(row->file, row->text);
	folder_file("my policy.json", policy);
	if (strcmp(row->what, "another library") == 0)
		library_build("my_lib.so", "#include <errno.h>\n"
		    "int nvmm_machine_create(void) "
		    "{ errno = EIO; return -1; }", LIBRARY_OVER_OURS);
	run = run_shell(folder_path(),
	    "test ! -f my_lib.so || mv my_lib.so 'my lib.so'");
	run_free(&run);

	run = first_run(row);
	must_exit(&run, 1, row->what);
	command = command_of(run.out, row->what);
	second = run_shell(folder_path(), command);
	must_exit(&second, 1, command);
	must_have(second.out, "0 passed, 1 failed, 0 skipped, 0 errors\n",
	    command);
	first = reason_of(run.out, row->reason, row->what);
	again = reason_of(second.out, row->reason, command);
	ck_assert_str_eq(first, again);
	free(first);
	free(again);
	free(command);
	run_free(&second);
	run_free(&run);
}
END_TEST

START_TEST(a_pass_prints_no_command)
{
	struct run run;

	folder_file("a.lua", "test(\"one\", function() end)");
	run = RUN_HERE("run", "a.lua");
	must_exit(&run, 0, "a pass");
	must_lack(run.out, "again:", "a pass");
	run_free(&run);
}
END_TEST

Suite *
repeat_suite(void)
{
	Suite *suite = suite_create("repeating");
	TCase *tcase = case_new(suite, "repeating");

	tcase_add_loop_test(tcase, the_command_repeats_the_failure_alone, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, a_pass_prints_no_command);
	return suite;
}
