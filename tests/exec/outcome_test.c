/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program's end looks like from outside: status, output and files are
 * its own, and there is one report where it used the device.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

#define REPORT	"\nnvmm-sim exec: "

static unsigned
reports_in(const char *text)
{
	unsigned n = 0;

	while ((text = strstr(text, REPORT)) != NULL) {
		text += strlen(REPORT);
		n++;
	}
	return n;
}

/* Behaviour of ends.c and its argument; the status, and whether it tells. */
static const struct row {
	const char *name, *argument;
	int status;
	unsigned reports;
	const char *out;
} rows[] = {
	{ "by_exit", "0", 0, 1, "" },
	{ "by_exit", "1", 1, 1, "" },
	{ "by_exit", "2", 2, 1, "" },
	{ "by_exit", "127", 127, 1, "" },
	{ "by_exit", "128", 128, 1, "" },
	{ "by_exit", "255", 255, 1, "" },
	{ "by_underscore_exit", "3", 3, 1, "" },
	{ "by_capital_exit", "4", 4, 1, "" },
	{ "by_quick_exit", "5", 5, 1, "" },
	{ "by_return", "", 0, 1, "ok\n" },
	{ "by_signal", "9", 256 + SIGKILL, 0, "" },
	{ "by_signal", "11", 256 + SIGSEGV, 0, "" },
	{ "by_signal", "15", 256 + SIGTERM, 0, "" },
	{ "by_abort", "", 256 + SIGABRT, 0, "" },
	{ "by_exec", "echo here; exit 6", 6, 0, "here\n" },
	{ "by_another_thread", "7", 7, 1, "" },
	{ "while_a_guest_runs", "8", 8, 1, "" },
	{ "by_the_last_thread", "", 0, 1, "" },
	{ "after_use_in_atexit", "", 0, 1, "ok\n" },
	{ "after_use_in_a_destructor", "", 0, 1, "ok\n" },
	{ "without_the_device", "", 0, 0, "ok\n" },
	{ "without_opening_it", "", 0, 1, "ok\n" },
	{ "with_a_child_that_uses_the_inherited", "", 0, 1, "ok\n" },
	{ "after_closing_all_but_the_standard_ones", "", 0, 1, "ok\n" },
};

START_TEST(status_and_output_are_the_programs)
{
	const struct row *row = &rows[_i];
	struct run run = EXEC("--", program_of("ends"), row->name,
	    row->argument);

	must_exit(&run, row->status, row->name);
	ck_assert_msg(strcmp(run.out, row->out) == 0, "%s: %s", row->name,
	    run.out);
	ck_assert_msg(reports_in(run.err) == row->reports,
	    "%s: not %u reports: %s", row->name, row->reports, run.err);
	run_free(&run);
}
END_TEST

START_TEST(every_status_passes_through)
{
	struct run run = exec_shell("for i in $(seq 0 17 255); do "
	    "$SIM exec --quiet sh -c \"exit $i\"; test $? = $i || echo $i; "
	    "done");

	must_exit(&run, 0, "statuses");
	ck_assert_str_eq(run.out, "");
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

START_TEST(input_and_output_are_untouched)
{
	struct run run = exec_shell("head -c 300000 /dev/zero | tr '\\0' x | "
	    "$SIM exec --quiet $P/ends copying_its_input | wc -c");

	must_exit(&run, 0, "copy");
	ck_assert_int_eq(atoi(run.out), 300003);
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

/* None of our text may get into what the program takes for its data. */
static void
must_keep_data_clean(const char *name, bool closed)
{
	char command[300];
	struct run run;
	char *data;

	snprintf(command, sizeof(command), "$SIM exec $P/ends %s $DIR/data %s",
	    name, closed ? "2>&-" : "");
	run = exec_shell(command);
	must_exit(&run, 0, name);
	data = folder_read("data");
	ck_assert_msg(strcmp(data, "data") == 0, "%s: %s", name, data);
	free(data);
	run_free(&run);
}

START_TEST(a_data_file_in_the_place_of_standard_error_gets_no_text)
{
	must_keep_data_clean("with_data_as_standard_error", false);
	must_keep_data_clean("with_data_as_standard_error_later", false);
	must_keep_data_clean("with_data_after_closing_all", false);
	must_keep_data_clean("with_data_as_standard_error_later", true);
}
END_TEST

START_TEST(standard_error_that_was_closed_gets_no_text)
{
	struct run run = exec_shell("$SIM exec $P/ends by_return 2>&-");

	must_exit(&run, 0, "closed");
	ck_assert_str_eq(run.out, "ok\n");
	run_free(&run);
	run = exec_shell("$SIM exec $P/ends by_return 2>/dev/full");
	must_exit(&run, 0, "full");
	ck_assert_str_eq(run.out, "ok\n");
	run_free(&run);
}
END_TEST

START_TEST(report_reaches_standard_error_that_was_replaced)
{
	struct run run = EXEC("--", program_of("ends"),
	    "with_data_as_standard_error_later", "other");

	must_exit(&run, 0, "replaced");
	ck_assert_uint_eq(reports_in(run.err), 1);
	run_free(&run);
}
END_TEST

START_TEST(a_script_that_starts_two_programs_makes_two_reports)
{
	struct run run;

	folder_file("both", "#!/bin/sh\n$P/ends by_return\n"
	    "$P/ends by_exit 9\n");
	run = exec_shell("chmod +x both; $SIM exec ./both");
	must_exit(&run, 9, "script");
	ck_assert_uint_eq(reports_in(run.err), 2);
	ck_assert_str_eq(run.out, "ok\n");
	run_free(&run);
}
END_TEST

START_TEST(a_kill_leaves_nothing_behind)
{
	struct run run = exec_shell("ls /dev/shm >before; "
	    "$SIM exec --output out $P/ends not_by_itself & "
	    "pid=$!; sleep 0.05; kill -9 $pid; wait $pid; "
	    "test $? = 137 || echo status; ls /dev/shm >after; "
	    "cmp before after; test ! -e out || echo out; "
	    "kill -0 $pid 2>/dev/null && echo process; :");

	must_exit(&run, 0, "kill");
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

Suite *
outcome_suite(void)
{
	Suite *suite = suite_create("outcome");
	TCase *tcase = case_new(suite, "outcome");

	tcase_add_loop_test(tcase, status_and_output_are_the_programs, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, every_status_passes_through);
	tcase_add_test(tcase, input_and_output_are_untouched);
	tcase_add_test(tcase,
	    a_data_file_in_the_place_of_standard_error_gets_no_text);
	tcase_add_test(tcase, standard_error_that_was_closed_gets_no_text);
	tcase_add_test(tcase,
	    report_reaches_standard_error_that_was_replaced);
	tcase_add_test(tcase,
	    a_script_that_starts_two_programs_makes_two_reports);
	tcase_add_test(tcase, a_kill_leaves_nothing_behind);
	return suite;
}
