/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs in the hands of tools that interpose themselves: valgrind and the
 * compiler's sanitizers; and handlers as they are without us.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

static void
must_be_ok(const char *command)
{
	struct run run = exec_shell(command);

	must_exit(&run, 0, command);
	ck_assert_msg(strcmp(run.out, "ok\n") == 0, "%s: %s", command,
	    run.out);
	ck_assert_msg(run.err[0] == '\0', "%s: %.2000s", command, run.err);
	run_free(&run);
}

static const char *const watched[] = {
	"$P/memory comm_page_unmapped_with_its_neighbours",
	"$P/signals reset_by_sa_resethand",
};

START_TEST(valgrind_has_nothing_to_say)
{
	char command[300];

	snprintf(command, sizeof(command), "$SIM exec --quiet valgrind -q "
	    "--error-exitcode=99 --leak-check=full --fair-sched=yes %s",
	    watched[_i]);
	must_be_ok(command);
}
END_TEST

static const char *const sanitized[] = {
	"address,undefined jumps fault_in_a_callback",
	"address,undefined processes child_opens_its_own",
	"thread signals run_returns_none_after_the_handler",
};

START_TEST(sanitizers_have_nothing_to_say)
{
	char flags[40], program[40], behaviour[80], command[600];

	ck_assert_int_eq(sscanf(sanitized[_i], "%39s %39s %79s", flags,
	    program, behaviour), 3);
	snprintf(command, sizeof(command), "cd \"$ROOT/tests/exec/programs\" "
	    "&& cc -D_GNU_SOURCE -O1 -g -fsanitize=%s -I$ROOT/lib/include "
	    "-I$ROOT/lib/compat -o $DIR/%s %s.c check.c -L$LIB -lnvmm "
	    "-Wl,-rpath,$LIB -lpthread && $SIM exec --quiet $DIR/%s %s",
	    flags, program, program, program, behaviour);
	must_be_ok(command);
}
END_TEST

START_TEST(handlers_are_set_and_shown_as_without_us)
{
	struct run with = EXEC("--", program_of("actions"), "show");
	struct run without = exec_shell("$P/actions show");

	must_exit(&with, 0, "with");
	must_exit(&without, 0, "without");
	ck_assert_uint_gt(lines_of(without.out), 40);
	ck_assert_str_eq(with.out, without.out);
	run_free(&with);
	run_free(&without);
}
END_TEST

Suite *
tools_suite(void)
{
	Suite *suite = suite_create("tools");
	TCase *tcase = case_new(suite, "tools");

	/* What is instrumented once is not instrumented again. */
	tcase_add_test(tcase, handlers_are_set_and_shown_as_without_us);
	if (strstr(program_path(), "/coverage/") != NULL)
		return suite;
	tcase_add_loop_test(tcase, valgrind_has_nothing_to_say, 0,
	    sizeof(watched) / sizeof(watched[0]));
	tcase_add_loop_test(tcase, sanitizers_have_nothing_to_say, 0,
	    sizeof(sanitized) / sizeof(sanitized[0]));
	return suite;
}
