/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every libnvmm that a program may have: of another generation, linked in,
 * with hidden inner calls, in a plug-in, twice.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "exec.h"

/* What hello.c costs, whoever counts it. */
#define CALLS	13
#define IOCTLS	9

static json_t *
report_of(const char *command)
{
	struct run run = exec_shell(command);
	json_error_t error;
	json_t *report;
	char *text;

	must_exit(&run, 0, command);
	ck_assert_msg(strstr(run.out, "A\n") != NULL, "%s: %s", command,
	    run.out);
	text = folder_read("out");
	report = json_loads(text, 0, &error);
	ck_assert_msg(report != NULL, "%s: %s\n%s", command, error.text, text);
	free(text);
	run_free(&run);
	return report;
}

static int
figure(const json_t *report, const char *name)
{
	const json_t *value = json_object_get(report, name);

	ck_assert_msg(json_is_integer(value), "no figure %s", name);
	return (int)json_integer_value(value);
}

static void
must_count(const char *command, int calls, int ioctls, int modelled)
{
	json_t *report = report_of(command);

	ck_assert_msg(figure(report, "calls") == calls &&
	    figure(report, "ioctls") == ioctls &&
	    figure(report, "modelled") == modelled,
	    "%s: %d calls, %d ioctls, %d modelled", command,
	    figure(report, "calls"), figure(report, "ioctls"),
	    figure(report, "modelled"));
	json_decref(report);
}

#define REPORT_TO	"$SIM exec --format json --output out "

START_TEST(each_generation_costs_the_same)
{
	must_count(REPORT_TO "$P/hello hello", CALLS, IOCTLS, 0);
	must_count(REPORT_TO "$P/hello-v3 hello", CALLS, IOCTLS, 0);
	must_count(REPORT_TO "--abi v1 $P/hello-v1 hello", CALLS, IOCTLS, 0);
}
END_TEST

START_TEST(another_generation_than_the_kernels_is_told_by_init)
{
	struct run run = EXEC("--quiet", "--abi", "v1", "--",
	    program_of("hello"), "hello");

	must_exit(&run, 1, "v2 on v1");
	must_have(run.out, "nvmm_init() == 0", "v2 on v1");
	run_free(&run);
}
END_TEST

START_TEST(linked_in_its_calls_are_not_seen)
{
	struct run run = EXEC("--", program_of("hello-linked"), "hello");

	must_exit(&run, 0, "linked");
	must_have(run.err, "libnvmm's calls cannot be seen", "linked");
	run_free(&run);
	must_count(REPORT_TO "$P/hello-linked hello", 0, IOCTLS, 0);
}
END_TEST

START_TEST(hidden_inner_calls_are_modelled)
{
	struct run run = exec_shell("cc -shared -o libnvmm.so.2 "
	    "-Wl,--whole-archive $LIB/libnvmm.a -Wl,--no-whole-archive "
	    "-Wl,-Bsymbolic -lZydis -lpthread $COVERAGE");

	must_exit(&run, 0, "link");
	run_free(&run);
	must_count("LD_LIBRARY_PATH=$DIR " REPORT_TO "$P/hello hello", CALLS,
	    IOCTLS, 2);
	run = exec_shell("LD_LIBRARY_PATH=$DIR $SIM exec $P/hello hello");
	must_have(run.err, "2 inner calls are modelled", "symbolic");
	run_free(&run);
}
END_TEST

static void
plugin_build(const char *name, const char *with)
{
	char command[2 * PATH_MAX];
	struct run run;

	snprintf(command, sizeof(command), "cd \"$ROOT\" && cc -shared -fPIC "
	    "-D_GNU_SOURCE -O1 -Ilib/include -Ilib/compat -o $DIR/%s "
	    "-Wl,-Bsymbolic-functions tests/exec/programs/hello.c "
	    "tests/exec/programs/check.c %s -Wl,-rpath,$LIB", name, with);
	run = exec_shell(command);
	must_exit(&run, 0, command);
	run_free(&run);
}

/* What loads it has no libnvmm of its own. */
START_TEST(plugin_brings_its_own)
{
	plugin_build("plugin.so", "-L$LIB -lnvmm");
	must_count(REPORT_TO "$P/hello-linked plugin $DIR/plugin.so", CALLS,
	    IOCTLS, 0);
	must_count(REPORT_TO "$P/hello-linked plugin_twice $DIR/plugin.so",
	    2 * CALLS, 2 * IOCTLS, 0);
}
END_TEST

START_TEST(two_copies_are_two_owners)
{
	plugin_build("plugin.so", "$LIB/libnvmm.a -lZydis $COVERAGE");
	must_count(REPORT_TO "$P/hello plugin_and_our_own $DIR/plugin.so",
	    CALLS, 2 * IOCTLS, 0);
}
END_TEST

/* Before our own constructor. */
START_TEST(opened_in_a_constructor)
{
	struct run run;

	folder_file("early.c", "#include <fcntl.h>\n#include <stdio.h>\n"
	    "static void __attribute__((constructor)) early(void)\n"
	    "{ int fd = open(\"/dev/nvmm\", O_RDWR | O_CLOEXEC);\n"
	    "printf(\"%d\\n\", fd > 2); }\nvoid late(void) {}\n");
	folder_file("main.c", "void late(void);\n"
	    "int main(void) { late(); return 0; }\n");
	run = exec_shell("cc -shared -fPIC -o libearly.so early.c && "
	    "cc -o main main.c -L. -learly -Wl,-rpath,$DIR && "
	    "$SIM exec ./main");
	must_exit(&run, 0, "early");
	ck_assert_str_eq(run.out, "1\n");
	must_have(run.err, "nvmm-sim exec: ", "early");
	run_free(&run);
}
END_TEST

Suite *
libraries_suite(void)
{
	Suite *suite = suite_create("libraries");
	TCase *tcase = case_new(suite, "libraries");

	tcase_add_test(tcase, each_generation_costs_the_same);
	tcase_add_test(tcase,
	    another_generation_than_the_kernels_is_told_by_init);
	tcase_add_test(tcase, linked_in_its_calls_are_not_seen);
	tcase_add_test(tcase, hidden_inner_calls_are_modelled);
	tcase_add_test(tcase, plugin_brings_its_own);
	tcase_add_test(tcase, two_copies_are_two_owners);
	tcase_add_test(tcase, opened_in_a_constructor);
	return suite;
}
