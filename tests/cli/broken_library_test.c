/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries that are none, or that break in a call: the scenarios that meet
 * the damage fail, each saying where, and the others pass.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "library.h"

/* One scenario runs a VCPU, the other makes a machine and no more. */
static const char scenarios[] =
    "test(\"runs\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:will(guest.hlt())\n"
    "cpu:run()\n"
    "cpu:get(\"gprs\") end)\n"
    "test(\"makes\", function(t) t:machine() end)\n";

#define INCLUDES							\
	"#define _GNU_SOURCE\n#include <errno.h>\n#include <signal.h>\n"	\
	"#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\n"

struct row {
	const char *what, *text;
	const char *reason;	/* of the scenario that runs */
	const char *makes;	/* of the other; NULL: it passes */
};

static const struct row rows[] = {
	{ "a crash in run",
	    "int nvmm_vcpu_run(void) { return *(volatile int *)0; }",
	    "crashed with SIGSEGV in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "abort() in run", "int nvmm_vcpu_run(void) { abort(); }",
	    "crashed with SIGABRT in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "an assertion in run",
	    "#include <assert.h>\n"
	    "int nvmm_vcpu_run(void) { assert(!\"well\"); return 0; }",
	    "crashed with SIGABRT in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "a signal to itself in run",
	    "int nvmm_vcpu_run(void) { return raise(SIGSEGV); }",
	    "crashed with SIGSEGV in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "SIGKILL in run",
	    "int nvmm_vcpu_run(void) { return raise(SIGKILL); }",
	    "crashed with SIGKILL in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "exit(0) in run", "int nvmm_vcpu_run(void) { exit(0); }",
	    "the process ended with status 0 in nvmm_vcpu_run(0, 0) ...",
	    NULL },
	{ "_exit(3) in run", "int nvmm_vcpu_run(void) { _exit(3); }",
	    "the process ended with status 3 in nvmm_vcpu_run(0, 0) ...",
	    NULL },
	{ "a hang in run", "int nvmm_vcpu_run(void) { for (;;) pause(); }",
	    "timed out after 2 s in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "an endless loop that ignores SIGTERM",
	    "int nvmm_vcpu_run(void) { signal(SIGTERM, SIG_IGN);"
	    " for (volatile int i = 0;; i++); }",
	    "timed out after 2 s in nvmm_vcpu_run(0, 0) ...", NULL },
	{ "a crash in getstate, with its flags",
	    "int nvmm_vcpu_getstate(void) { abort(); }",
	    "crashed with SIGABRT in nvmm_vcpu_getstate(0, 0, GPRS) ...",
	    NULL },
	{ "a crash in create",
	    "int nvmm_vcpu_create(void) { abort(); }",
	    "crashed with SIGABRT in nvmm_vcpu_create(0, 0) ...", NULL },
	{ "a crash in a look-up that no scenario makes",
	    "int nvmm_gva_to_gpa(void) { abort(); }", NULL, NULL },
	{ "an init that fails",
	    "int nvmm_init(void) { errno = ENXIO; return -1; }",
	    "nvmm_init failed with ENXIO", "nvmm_init failed with ENXIO" },
	{ "an init that crashes", "int nvmm_init(void) { abort(); }",
	    "crashed with SIGABRT in nvmm_init() ...",
	    "crashed with SIGABRT in nvmm_init() ..." },
	{ "an init that ends the process", "int nvmm_init(void) { exit(1); }",
	    "the process ended with status 1 in nvmm_init() ...",
	    "the process ended with status 1 in nvmm_init() ..." },
	{ "an init that hangs", "int nvmm_init(void) { for (;;) pause(); }",
	    "timed out after 2 s in nvmm_init() ...",
	    "timed out after 2 s in nvmm_init() ..." },
	{ "a create that fails",
	    "int nvmm_vcpu_create(void) { errno = EIO; return -1; }",
	    "bad.lua:1: nvmm_vcpu_create failed with EIO", NULL },
	{ "an error that has no name",
	    "int nvmm_vcpu_run(void) { errno = 4711; return -1; }",
	    "bad.lua:3: nvmm_vcpu_run failed with 4711", NULL },
	{ "a result that is neither 0 nor -1",
	    "int nvmm_vcpu_run(void) { return 7; }",
	    "bad.lua:3: nvmm_vcpu_run returned 7, neither 0 nor -1", NULL },
	{ "a crash when it is unloaded",
	    "static void __attribute__((destructor)) bye(void) { abort(); }",
	    "crashed with SIGABRT after the scenario",
	    "crashed with SIGABRT after the scenario" },
	{ "a hang when it is unloaded",
	    "static void __attribute__((destructor)) bye(void)"
	    " { for (;;) pause(); }",
	    "timed out after 2 s after the scenario",
	    "timed out after 2 s after the scenario" },
	{ "a crash when it is loaded",
	    "static void __attribute__((constructor)) hi(void) { abort(); }",
	    "crashed with SIGABRT outside the scenario's calls of libnvmm",
	    "crashed with SIGABRT outside the scenario's calls of libnvmm" },
	{ "the end when it is loaded",
	    "static void __attribute__((constructor)) hi(void) { _exit(0); }",
	    "the process ended with status 0 outside the scenario's calls",
	    "the process ended with status 0 outside the scenario's calls" },
	{ "descriptors closed behind everybody's back",
	    "int nvmm_vcpu_run(void) { return close_range(3, 999, 0); }",
	    "the process ended with status 0 outside", NULL },
};

/* Pass without a reason, or a failure with this one in its first line. */
static void
must_say(const json_t *object, const char *reason, const char *what)
{
	const char *said = string(object, "reason");
	const char *verdict = string(object, "verdict");

	ck_assert_msg(strcmp(verdict, reason != NULL ? "fail" : "pass") == 0,
	    "%s: %s: %s", what, verdict, said);
	if (reason != NULL)
		ck_assert_msg(strncmp(said, reason, strlen(reason)) == 0,
		    "%s: expected \"%s\", seen \"%s\"", what, reason, said);
}

START_TEST(damage_stays_where_it_is)
{
	const struct row *row = &rows[_i];
	/* Short only where something hangs: the rest may take its time. */
	const char *timeout = row->reason != NULL &&
	    strncmp(row->reason, "timed out", 9) == 0 ? "2" : "60";
	char text[1024];
	struct run run;
	json_t *report;

	snprintf(text, sizeof(text), INCLUDES "%s\n", row->text);
	library_build("broken.so", text, LIBRARY_OVER_OURS);
	folder_file("bad.lua", scenarios);
	/* Whom a library ends, frees nothing, and that is no leak. */
	setenv("LSAN_OPTIONS", "detect_leaks=0", 1);
	run = RUN_HERE("run", "--format", "json", "--jobs", "2", "--timeout",
	    timeout, "--libnvmm", "./broken.so", "bad.lua");
	must_exit(&run, row->reason != NULL, row->what);
	report = report_parse(run.out);
	ck_assert_uint_eq(nscenarios(report), 2);
	must_say(scenario(report, "runs"), row->reason, row->what);
	must_say(scenario(report, "makes"), row->makes, row->what);
	json_decref(report);
	run_free(&run);
	unsetenv("LSAN_OPTIONS");
}
END_TEST

START_TEST(what_a_library_prints_stays_out_of_the_report)
{
	struct run run;

	library_build("noisy.so", INCLUDES "static void "
	    "__attribute__((constructor)) hi(void) { printf(\"noise\\n\"); }",
	    LIBRARY_OVER_OURS);
	folder_file("bad.lua", scenarios);
	run = RUN_HERE("run", "--format", "json", "--libnvmm", "./noisy.so",
	    "bad.lua");
	must_exit(&run, 0, "noise");
	must_lack(run.out, "noise\n", "standard output");
	must_have(run.err, "noise\n", "standard error");
	json_decref(report_parse(run.out));
	run_free(&run);
}
END_TEST

/* --- no library to begin with --- */

static void
must_refuse(const char *library, const char *line)
{
	struct run run;

	folder_file("bad.lua", scenarios);
	run = RUN_HERE("run", "--libnvmm", library, "bad.lua");
	must_complain(&run, line, library);
	must_have(run.err, library[0] == '.' ? library + 1 : library, library);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}

START_TEST(a_library_that_is_not_there_is_an_error)
{
	must_refuse("./nowhere.so", "no such file");
}
END_TEST

START_TEST(a_text_file_is_no_library)
{
	folder_file("text.so", "This is no library, however long it may be: "
	    "sixty-four bytes are what the loader wants to see of a header.");
	must_refuse("./text.so", "is no shared library");
}
END_TEST

START_TEST(an_empty_file_is_no_library)
{
	folder_file("empty.so", "");
	must_refuse("./empty.so", "is no shared library");
}
END_TEST

START_TEST(a_folder_is_no_library)
{
	folder_file("folder.so/file", "");
	must_refuse("./folder.so", "is a directory: give the shared "
	    "library in it");
}
END_TEST

START_TEST(a_library_of_something_else_is_no_libnvmm)
{
	library_build("else.so", "int answer(void); int answer(void) "
	    "{ return 42; }", LIBRARY_ALONE);
	must_refuse("./else.so", "no libnvmm: it has no nvmm_assist_io()");
}
END_TEST

START_TEST(a_library_that_lacks_a_function_is_no_libnvmm)
{
	static const char *const has[] = {
		"assist_io", "assist_mem", "capability", "ctl", "gpa_map",
		"gpa_to_hva", "gpa_unmap", "gva_to_gpa", "hva_map",
		"hva_unmap", "init", "machine_configure", "machine_create",
		"machine_destroy", "root_init", "vcpu_configure",
		"vcpu_create", "vcpu_destroy", "vcpu_dump", "vcpu_getstate",
		"vcpu_inject", "vcpu_run",
	};
	char text[4096] = "";
	size_t i, n = 0;

	for (i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "int nvmm_%s(void) { return 0; }\n", has[i]);
	library_build("lacks.so", text, LIBRARY_ALONE);
	must_refuse("./lacks.so", "it has no nvmm_vcpu_setstate()");
}
END_TEST

START_TEST(a_library_whose_symbols_are_missing_is_an_error)
{
	library_build("needs.so", "int missing_function(void);\n"
	    "int (*pointer)(void) = missing_function;\n", LIBRARY_ALONE);
	must_refuse("./needs.so", "undefined symbol: missing_function: "
	    "link it with the library that has it");
}
END_TEST

Suite *
broken_library_suite(void)
{
	Suite *suite = suite_create("broken libraries");
	TCase *tcase = case_new(suite, "broken libraries");

	tcase_add_loop_test(tcase, damage_stays_where_it_is, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, what_a_library_prints_stays_out_of_the_report);
	tcase_add_test(tcase, a_library_that_is_not_there_is_an_error);
	tcase_add_test(tcase, a_text_file_is_no_library);
	tcase_add_test(tcase, an_empty_file_is_no_library);
	tcase_add_test(tcase, a_folder_is_no_library);
	tcase_add_test(tcase, a_library_of_something_else_is_no_libnvmm);
	tcase_add_test(tcase, a_library_that_lacks_a_function_is_no_libnvmm);
	tcase_add_test(tcase,
	    a_library_whose_symbols_are_missing_is_an_error);
	return suite;
}
