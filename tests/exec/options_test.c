/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options of exec, the report in its two forms, and where it goes.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

static json_t *
json_of(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, 0, &error);

	ck_assert_msg(root != NULL, "%s\n%s", error.text, text);
	return root;
}

static json_int_t
number(const json_t *root, const char *name)
{
	ck_assert_msg(json_is_integer(json_object_get(root, name)),
	    "no number %s", name);
	return json_integer_value(json_object_get(root, name));
}

static json_int_t
sum(const json_t *root, const char *name)
{
	json_t *part = json_object_get(root, name), *value;
	const char *key;
	json_int_t total = 0;

	json_object_foreach(part, key, value)
		total += json_is_object(value) ? sum(part, key) :
		    json_integer_value(value);
	return total;
}

static const char *
option(const json_t *root, const char *name)
{
	const char *value = json_string_value(json_object_get(
	    json_object_get(root, "options"), name));

	return value != NULL ? value : "(none)";
}

START_TEST(json_has_its_schema_and_right_sums)
{
	struct run run = EXEC("--format", "json", "--", program_of("hello"),
	    "hello");
	json_t *root = json_of(run.err);

	ck_assert_str_eq(run.out, "A\nok\n");
	ck_assert_str_eq(json_string_value(json_object_get(root, "schema")),
	    "nvmm-sim-exec/1");
	ck_assert_str_eq(json_string_value(json_object_get(root, "program")),
	    program_of("hello"));
	ck_assert_int_eq(number(root, "calls"), sum(root, "by_call"));
	ck_assert_int_eq(number(root, "ioctls"), sum(root, "by_ioctl"));
	ck_assert_int_eq(number(root, "exits"), sum(root, "by_exit"));
	ck_assert_int_eq(number(root, "bytes"), sum(root, "by_component"));
	ck_assert_int_eq(number(root, "avoided"), number(root, "baseline") -
	    number(root, "ioctls"));
	ck_assert_int_eq(number(root, "ioctls"), 9);
	ck_assert_int_eq(number(root, "hits"), 1);
	ck_assert_int_eq(number(root, "exits"), 2);
	json_decref(root);
	run_free(&run);
}
END_TEST

START_TEST(text_says_what_was_saved)
{
	struct run run = EXEC("--format", "text", "--", program_of("hello"),
	    "hello");

	must_have(run.err, "exits: io 1, halted 1\n", "text");
	must_have(run.err, "9 ioctls instead of 11 without a comm page: "
	    "2 avoided, in 2 exits.\n", "text");
	run_free(&run);
}
END_TEST

START_TEST(options_are_in_force_and_reported)
{
	struct run run = EXEC("--format=json", "--cpu", "vmx", "--abi=v2",
	    "--policy", "none", "--quirks", "v2-lost-stop", "--preempt", "0",
	    "--engine", "interp", "--", program_of("hello"), "hello");
	json_t *root = json_of(run.err);

	ck_assert_str_eq(option(root, "cpu"), "vmx");
	ck_assert_str_eq(option(root, "abi"), "v2");
	ck_assert_str_eq(option(root, "policy"), "none");
	ck_assert_str_eq(option(root, "quirks"), "v2-lost-stop");
	ck_assert_str_eq(option(root, "engine"), "interp");
	/* Nothing is cached unasked, so the assist has to ask. */
	ck_assert_int_eq(number(root, "misses"), 1);
	ck_assert_int_eq(number(root, "ioctls"), 10);
	json_decref(root);
	run_free(&run);
}
END_TEST

START_TEST(back_end_is_what_the_program_sees)
{
	struct run run = EXEC("--quiet", "--", program_of("hello"), "vendor");

	ck_assert_str_eq(run.out, "1\nok\n");
	run_free(&run);
	run = EXEC("--quiet", "--cpu", "vmx", "--", program_of("hello"),
	    "vendor");
	ck_assert_str_eq(run.out, "3\nok\n");
	run_free(&run);
}
END_TEST

START_TEST(preempt_makes_runs_return_early)
{
	struct run run = EXEC("--quiet", "--", program_of("hello"), "runs");

	ck_assert_str_eq(run.out, "0\nok\n");
	run_free(&run);
	run = EXEC("--quiet", "--preempt", "7", "--", program_of("hello"),
	    "runs");
	ck_assert_int_gt(atoi(run.out), 0);
	run_free(&run);
}
END_TEST

START_TEST(a_policy_file_is_found_from_another_folder)
{
	struct run run;

	folder_file("mine.json", "{ \"schema\": \"nvmm-sim-policy/1\", "
	    "\"name\": \"mine\", \"exits\": {} }");
	run = exec_shell("$SIM exec --policy mine.json sh -c "
	    "'cd /; $P/hello hello'");
	must_exit(&run, 0, "policy");
	must_have(run.err, ", policy mine\n", "policy");
	run_free(&run);
}
END_TEST

START_TEST(device_paths_are_those_given)
{
	struct run run = EXEC("--quiet", "--device", "/dev/a", "--device",
	    "/dev/vmm", "--", program_of("descriptors"),
	    "opened_by_the_given_path_only", "/dev/vmm");

	must_exit(&run, 0, "device");
	ck_assert_str_eq(run.out, "ok\n");
	run_free(&run);
}
END_TEST

START_TEST(eight_device_paths_may_be_given)
{
	struct run run = exec_shell("$SIM exec --quiet $(for i in 1 2 3 4 5 6 7 "
	    "8; do echo --device /dev/n$i; done) -- $P/descriptors "
	    "opened_by_the_given_path_only /dev/n8");

	must_exit(&run, 0, "eight");
	run_free(&run);
}
END_TEST

START_TEST(output_is_where_exec_was_typed)
{
	struct run run = EXEC("--output", "report", "--", program_of("ends"),
	    "in_another_folder");
	char *text = folder_read("report");

	must_exit(&run, 0, "output");
	ck_assert_str_eq(run.err, "");
	must_have(text, "nvmm-sim exec: ", "output");
	free(text);
	run_free(&run);
	run = EXEC("--output", "no/such/folder", "--", program_of("ends"),
	    "by_return");
	must_exit(&run, 0, "no folder");
	must_tell(&run, 1, "no folder");
	run_free(&run);
	run = EXEC("--output", "/dev/full", "--", program_of("ends"),
	    "by_return");
	must_exit(&run, 0, "full");
	must_tell(&run, 1, "full");
	must_have(run.err, "not complete", "full");
	run_free(&run);
}
END_TEST

START_TEST(other_processes_have_files_of_their_own)
{
	struct run run = EXEC("--format", "json", "--output", "report", "--",
	    program_of("ends"), "with_a_child_of_its_own");
	char name[32], *text;
	json_t *parent, *child;

	must_exit(&run, 0, "child");
	snprintf(name, sizeof(name), "report.%d", atoi(run.out));
	text = folder_read(name);
	child = json_of(text);
	free(text);
	text = folder_read("report");
	parent = json_of(text);
	free(text);
	ck_assert_int_eq(number(child, "pid"), atoi(run.out));
	ck_assert_int_eq(number(child, "ioctls"), 2);
	ck_assert_int_eq(number(parent, "ioctls"), 1);
	json_decref(child);
	json_decref(parent);
	run_free(&run);
}
END_TEST

START_TEST(trace_prints_calls_and_ioctls_as_they_happen)
{
	struct run run = EXEC("--trace", "--quiet", "--",
	    program_of("hello"), "hello");

	must_exit(&run, 0, "trace");
	ck_assert_str_eq(run.out, "A\nok\n");
	must_have(run.err, "nvmm_init() ...\n  ioctl CAPABILITY = 0\n"
	    "nvmm_init() = 0\n", "trace");
	must_have(run.err, "  nvmm_vcpu_getstate(0, 0, SEGS|GPRS|CRS|MSRS) "
	    "= 0  hit\n", "trace");
	must_lack(run.err, "nvmm-sim exec: ", "trace");
	run_free(&run);
}
END_TEST

/* --- --guest --- */

START_TEST(guest_file_says_what_a_vcpu_does)
{
	struct run run;

	folder_file("guest.lua", "vcpu(0, 0):will(guest.out { port = 0xe9, "
	    "value = 0x41 })\n");
	run = EXEC("--guest", "guest.lua", "--format", "json", "--",
	    program_of("hello"), "intents");
	must_exit(&run, 0, "guest");
	ck_assert_str_eq(run.out, "A\nok\n");
	must_have(run.err, "\"engine\": \"script\"", "guest");
	run_free(&run);
	run = EXEC("--guest", "guest.lua", "--quiet", "--",
	    program_of("hello"), "unnamed");
	ck_assert_str_eq(run.out, "1\nok\n");
	run_free(&run);
}
END_TEST

START_TEST(wrong_guest_files_are_told_in_one_line)
{
	static const char *const rows[][2] = {
		{ "this is not Lua", "guest.lua:1" },
		{ "vcpu(0, 0):wants()", "a vcpu has no 'wants'" },
		{ "vcpu(0, 0).will = 1", "a vcpu has no 'will'" },
		{ "vcpu(128)", "there is no machine 128" },
		{ "vcpu(-1)", "there is no machine -1" },
		{ "vcpu(0, 256)", "there is no VCPU 256" },
		{ "vcpu(0, 0):will(guest.dance {})", "dance" },
		{ "vcpu(0, 0):will(guest.out { prot = 1 })", "prot" },
		{ "vcpu(0, 0):will(1)", "guest.lua:1" },
		{ "os.exit()", "os" },
		{ "while true do end", "instruction" },
	};
	struct run run;
	unsigned i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		folder_file("guest.lua", rows[i][0]);
		run = EXEC("--guest", "guest.lua", "--", program_of("hello"),
		    "intents");
		must_exit(&run, 1, rows[i][0]);
		must_have(run.out, "nvmm_init() == 0", rows[i][0]);
		must_tell(&run, 1, rows[i][0]);
		must_have(run.err, rows[i][1], rows[i][0]);
		run_free(&run);
	}
}
END_TEST

START_TEST(a_guest_needs_the_page_of_its_code)
{
	struct run run;

	folder_file("guest.lua", "local c = vcpu()\nfor i = 1, 40 do "
	    "c:will(guest.hlt()) end\n");
	run = EXEC("--guest", "guest.lua", "--quiet", "--",
	    program_of("signals"), "siginfo_is_kept");
	must_have(run.err, "machine 0 VCPU 0: ", "page");
	run_free(&run);
}
END_TEST

static const struct {
	const char *text, *wrong;
} settings[] = {
	{ "colour=red", "'colour=red' is no setting of this version" },
	{ "cpu=vmx\nabi", "'abi' is no setting of this version" },
	{ "cpu=vmx\nabi=v9", "--abi is auto, v1, v2 or v3, not 'v9'" },
	{ "guest=/nonexistent", "--guest /nonexistent: " },
	{ "\ncpu=vmx\n\n", NULL },
	{ "", NULL },
	{ NULL, NULL },
};

/* Written by another version of nvmm-sim exec, or by hand. */
START_TEST(settings_of_any_kind)
{
	struct run run;

	if (settings[_i].text != NULL)
		setenv("NVMM_SIM_EXEC", settings[_i].text, 1);
	run = exec_shell("LD_PRELOAD=$LIB/libnvmm-sim-preload.so "
	    "$P/ends by_return");
	unsetenv("NVMM_SIM_EXEC");
	must_exit(&run, settings[_i].wrong != NULL, "settings");
	if (settings[_i].wrong != NULL)
		must_tell(&run, 1, "settings");
	must_have(run.err, settings[_i].wrong != NULL ? settings[_i].wrong :
	    "nvmm-sim exec: ", "settings");
	run_free(&run);
}
END_TEST

/* What another tool preloads stays there, behind ours. */
START_TEST(other_preloads_stay)
{
	struct run run = exec_shell("LD_PRELOAD=libz-none.so.9 $SIM exec "
	    "--quiet sh -c 'echo \"$LD_PRELOAD\"'");

	must_have(run.out, "libnvmm-sim-preload.so:libz-none.so.9\n",
	    "preload");
	run_free(&run);
}
END_TEST

/* A debugger that prints what it is told to do. */
START_TEST(gdb_gets_the_preload_and_the_program)
{
	struct run run;

	folder_file("gdb", "#!/bin/sh\necho \"<$LD_PRELOAD> $*\"\n");
	run = exec_shell("chmod +x gdb; PATH=.:$PATH $SIM exec --gdb sh -c x");
	must_exit(&run, 0, "gdb");
	must_have(run.out, "<> -q -ex set environment LD_PRELOAD /", "gdb");
	must_have(run.out, "/libnvmm-sim-preload.so --args sh -c x\n", "gdb");
	run_free(&run);
	run = exec_shell("chmod -x gdb; PATH=. $SIM exec --gdb /bin/sh");
	must_exit(&run, 2, "no gdb");
	must_tell(&run, 1, "no gdb");
	run_free(&run);
}
END_TEST

/* Two of the three files that belong together. */
START_TEST(kernels_library_that_is_missing)
{
	struct run run = exec_shell("mkdir -p in && cp $SIM "
	    "$LIB/libnvmm-sim-preload.so in && in/nvmm-sim exec "
	    "$P/ends by_return");

	must_exit(&run, 1, "no kernel");
	must_tell(&run, 1, "no kernel");
	must_have(run.err, "libnvmm-sim-kernel.so", "no kernel");
	run_free(&run);
	run = exec_shell("rm in/*.so; in/nvmm-sim exec true");
	must_complain(&run, "cannot find libnvmm-sim-preload.so", "no preload");
	run_free(&run);
	run = exec_shell("mkdir -p 'a b' && cp $SIM "
	    "$LIB/libnvmm-sim-preload.so 'a b' && 'a b/nvmm-sim' exec true");
	must_complain(&run, "with a space or a colon", "space");
	run_free(&run);
}
END_TEST

START_TEST(little_address_space_is_enough_or_enomem)
{
	struct run run = exec_shell("ulimit -v 3000000; "
	    "$SIM exec --quiet $P/hello hello");

	must_exit(&run, 0, "3 GB");
	ck_assert_str_eq(run.out, "A\nok\n");
	run_free(&run);
	/* What measures coverage does not survive that. */
	if (strstr(program_path(), "/coverage/") != NULL)
		return;
	run = exec_shell("ulimit -v 300000; $SIM exec --quiet $P/ends "
	    "by_return");
	must_exit(&run, 1, "300 MB");
	must_have(run.out, "errno 12,", "300 MB");
	run_free(&run);
}
END_TEST

START_TEST(help_lists_the_options)
{
	struct run run = EXEC("--help");

	must_exit(&run, 0, "help");
	must_have(run.out, "--device PATH", "help");
	must_lack(run.out, "--pid", "help");
	run_free(&run);
}
END_TEST

Suite *
options_suite(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = case_new(suite, "options");

	tcase_add_test(tcase, json_has_its_schema_and_right_sums);
	tcase_add_test(tcase, text_says_what_was_saved);
	tcase_add_test(tcase, options_are_in_force_and_reported);
	tcase_add_test(tcase, back_end_is_what_the_program_sees);
	tcase_add_test(tcase, preempt_makes_runs_return_early);
	tcase_add_test(tcase, a_policy_file_is_found_from_another_folder);
	tcase_add_test(tcase, device_paths_are_those_given);
	tcase_add_test(tcase, eight_device_paths_may_be_given);
	tcase_add_test(tcase, output_is_where_exec_was_typed);
	tcase_add_test(tcase, other_processes_have_files_of_their_own);
	tcase_add_test(tcase, trace_prints_calls_and_ioctls_as_they_happen);
	tcase_add_test(tcase, guest_file_says_what_a_vcpu_does);
	tcase_add_test(tcase, wrong_guest_files_are_told_in_one_line);
	tcase_add_test(tcase, a_guest_needs_the_page_of_its_code);
	tcase_add_loop_test(tcase, settings_of_any_kind, 0,
	    sizeof(settings) / sizeof(settings[0]));
	tcase_add_test(tcase, other_preloads_stay);
	tcase_add_test(tcase, gdb_gets_the_preload_and_the_program);
	tcase_add_test(tcase, kernels_library_that_is_missing);
	tcase_add_test(tcase, little_address_space_is_enough_or_enomem);
	tcase_add_test(tcase, help_lists_the_options);
	return suite;
}
