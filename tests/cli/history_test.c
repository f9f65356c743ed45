/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost models of libnvmm's past behave as a libnvmm: scenarios pass on
 * them, as far as these do not ask for what only later ones have.
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "library.h"

/* Each getstate, setstate and inject is an ioctl: as --comm off asks. */
static void
must_pass_without_page(const char *scenarios)
{
	json_t *report = REPORT(0, "--cpu", "vmx", "--abi", "v1", "--comm",
	    "off", "--libnvmm-off", product("libnvmm-history-nocomm.so"),
	    scenarios);
	const json_t *totals = member(report, "totals");

	ck_assert_int_eq(number(totals, "avoided"), 0);
	ck_assert_int_gt(number(totals, "passed"), 0);
	json_decref(report);
}

START_TEST(without_a_comm_page_all_scenarios_pass)
{
	must_pass_without_page(all_scenarios());
}
END_TEST

/* Those that expect no ioctl of an inject are for today's library. */
static const char *const files[] = {
	"scenarios/errors.lua", "scenarios/exits.lua", "scenarios/faults.lua",
	"scenarios/library.lua", "scenarios/machines.lua",
	"scenarios/msr.lua", "scenarios/policy.lua",
};

START_TEST(without_a_comm_page_these_pass_on_slow_builds_too)
{
	must_pass_without_page(files[_i]);
}
END_TEST

START_TEST(the_copying_library_caches_as_todays)
{
	json_t *copying = REPORT(0, "--abi", "v1", "--libnvmm",
	    product("libnvmm-history-copying.so"), files[_i]);
	json_t *todays = REPORT(0, "--abi", "v1", files[_i]);
	const json_t *a = member(copying, "totals");
	const json_t *b = member(todays, "totals");

	ck_assert_int_gt(number(a, "passed"), 0);
	ck_assert_int_eq(number(a, "passed"), number(b, "passed"));
	ck_assert_int_eq(number(a, "hits"), number(b, "hits"));
	ck_assert_int_eq(number(a, "ioctls") -
	    number_in(a, "by_ioctl", "VCPU_INJECT"),
	    number(b, "ioctls") - number_in(b, "by_ioctl", "VCPU_INJECT"));
	json_decref(copying);
	json_decref(todays);
}
END_TEST

/*
 * A copy of the program, which finds its libraries beside itself: links to
 * those that are built, all but one; in its place stands what is at with, or
 * nothing.
 */
static struct run
run_with(const char *library, const char *with)
{
	static const char *const names[] = {
		"libnvmm-history-nocomm.so", "libnvmm-history-copying.so",
		"libnvmm.so",
	};
	char command[8 * PATH_MAX];
	const char *path;
	size_t length;
	unsigned i;

	folder_file("load", "pio\tr\t3fd\t1\t60\tserial\n");
	length = (size_t)snprintf(command, sizeof(command), "rm -rf bin && "
	    "mkdir bin && cp %s bin/nvmm-sim", program_path());
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path = strcmp(names[i], library) != 0 ? product(names[i]) :
		    with;
		if (path != NULL)
			length += (size_t)snprintf(command + length,
			    sizeof(command) - length,
			    " && ln -s %s%s bin/%s", path == with &&
			    *path != '/' ? "../" : "", path, names[i]);
	}
	(void)snprintf(command + length, sizeof(command) - length,
	    " && bin/nvmm-sim generations --load load --repeat 1");
	return run_shell(folder_path(), command);
}

START_TEST(a_library_that_is_missing_is_named)
{
	struct run run = run_with("libnvmm-history-copying.so", NULL);

	must_complain(&run, "/bin/libnvmm-history-copying.so: cannot open",
	    "missing");
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

START_TEST(a_library_of_another_generation_is_refused)
{
	char ours[PATH_MAX];
	struct run run;

	snprintf(ours, sizeof(ours), "%s", product("libnvmm-v3.so"));
	run = run_with("libnvmm-history-nocomm.so", ours);
	must_complain(&run, "libnvmm-history-nocomm.so: cannot use it: ",
	    "another generation");
	run_free(&run);
}
END_TEST

/* What is wrong with a library is a failure, and no error of the run. */
static const struct {
	const char *what, *text, *line;
} broken[] = {
	{ "no machine", "#include <errno.h>\nint nvmm_machine_create(void) "
	    "{ errno = ENOBUFS; return -1; }",
	    "libnvmm.so: load: no machine: No buffer space available" },
	{ "no VCPU", "#include <errno.h>\nint nvmm_vcpu_create(void) "
	    "{ errno = EBUSY; return -1; }",
	    "libnvmm.so: load: no VCPU: Device or resource busy" },
	{ "an assist that does nothing",
	    "int nvmm_assist_io(void) { return 0; }",
	    "libnvmm.so: load: access 0: the assist succeeded, and no device "
	    "saw an access" },
	/* vcpu->exit->reason is HALTED. */
	{ "a run again", "#define _GNU_SOURCE\n#include <dlfcn.h>\n"
	    "int nvmm_vcpu_run(char *mach, char *vcpu) {\n"
	    "int (*run)(char *, char *) = dlsym(RTLD_NEXT, "
	    "\"nvmm_vcpu_run\");\n"
	    "int result = run(mach, vcpu);\n"
	    "if (**(long **)(vcpu + 40) == 0x1003) return run(mach, vcpu);\n"
	    "return result; }",
	    "libnvmm.so: load: its exits are not those of "
	    "libnvmm-history-nocomm.so" },
};

START_TEST(a_library_that_goes_wrong_fails)
{
	struct run run;

	library_build("broken.so", broken[_i].text, LIBRARY_OVER_OURS);
	run = run_with("libnvmm.so", "broken.so");
	must_exit(&run, 1, broken[_i].what);
	must_have(run.err, broken[_i].line, broken[_i].what);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

Suite *
history_suite(void)
{
	Suite *suite = suite_create("history");
	TCase *tcase = case_new(suite, "history");

	if (!all_is_few())
		tcase_add_test(tcase, without_a_comm_page_all_scenarios_pass);
	tcase_add_loop_test(tcase,
	    without_a_comm_page_these_pass_on_slow_builds_too, 0,
	    all_is_few() ? sizeof(files) / sizeof(files[0]) : 1);
	tcase_add_loop_test(tcase, the_copying_library_caches_as_todays, 0,
	    sizeof(files) / sizeof(files[0]));
	tcase_add_test(tcase, a_library_that_is_missing_is_named);
	tcase_add_test(tcase, a_library_of_another_generation_is_refused);
	tcase_add_loop_test(tcase, a_library_that_goes_wrong_fails, 0,
	    sizeof(broken) / sizeof(broken[0]));
	return suite;
}
