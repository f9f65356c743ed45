/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command lines that cannot be obeyed: one line that says why, and status 2.
 */
#include <string.h>

#include "run.h"

struct row {
	const char *what;
	const char *words[5];
	const char *line;
};

static const struct row rows[] = {
	{ "an unknown command", { "walk" }, "there is no command 'walk'" },
	{ "an unknown option", { "run", "--fast" },
	    "unknown option '--fast'" },
	{ "an unknown letter", { "run", "-x" }, "unknown option '-x'" },
	{ "an unknown letter behind an option", { "run", "--list", "-xy" },
	    "unknown option '-x'" },
	{ "an abbreviated option", { "run", "--filt", "x" },
	    "unknown option '--filt'" },
	{ "an abbreviated option with =", { "run", "--filt=x" },
	    "unknown option '--filt=x'" },
	{ "an option that takes nothing, with something",
	    { "run", "--list=all" }, "'--list=all'" },
	{ "--cpu alone", { "run", "--cpu" }, "--cpu needs an argument" },
	{ "--seed alone", { "run", "--seed" }, "--seed needs an argument" },
	{ "--libnvmm alone", { "run", "--libnvmm" },
	    "--libnvmm needs an argument" },
	{ "another CPU", { "run", "--cpu", "arm" },
	    "--cpu is svm or vmx, not 'arm'" },
	{ "another engine", { "run", "--engine", "steam" },
	    "there is no engine 'steam'" },
	{ "another policy", { "run", "--policy", "mild" },
	    "there is no policy 'mild'" },
	{ "an unknown quirk", { "run", "--quirks", "v2-lost-stop,limp" },
	    "there is no quirk 'limp'" },
	{ "another generation", { "run", "--abi", "v4" },
	    "--abi is auto, v1, v2 or v3, not 'v4'" },
	{ "a word for a seed", { "run", "--preempt", "often" },
	    "--preempt needs a number from 0 to 9223372036854775807, not "
	    "'often'" },
	{ "half a comm page", { "run", "--comm", "half" },
	    "--comm is on or off, not 'half'" },
	{ "another format", { "run", "--format", "xml" },
	    "--format is text, json, tap or junit, not 'xml'" },
	{ "no job", { "run", "--jobs", "0" },
	    "--jobs needs a number from 1 to 256, not '0'" },
	{ "too many jobs", { "run", "--jobs", "257" }, "not '257'" },
	{ "jobs below zero", { "run", "--jobs", "-1" }, "not '-1'" },
	{ "jobs with a tail", { "run", "--jobs", "2x" }, "not '2x'" },
	{ "an empty number", { "run", "--jobs", "" }, "not ''" },
	{ "a number after a space", { "run", "--jobs", " 2" }, "not ' 2'" },
	{ "a hexadecimal number", { "run", "--seed", "0x10" }, "not '0x10'" },
	{ "a seed beyond all", { "run", "--seed", "18446744073709551616" },
	    "--seed needs a number from 0 to 9223372036854775807" },
	{ "no time", { "run", "--timeout", "0" },
	    "--timeout needs a number from 1 to 86400, not '0'" },
	{ "a file that is not there", { "run", "no/such.lua" },
	    "no/such.lua: No such file or directory" },
	{ "a second file that is not there",
	    { "run", "scenarios/policy.lua", "no-such.lua" },
	    "no-such.lua: No such file or directory" },
	{ "a library that is not there", { "run", "--libnvmm", "no/lib.so" },
	    "--libnvmm no/lib.so: no such file" },
	{ "a yardstick that is not there",
	    { "run", "--comm", "off", "--libnvmm-off", "no.so" },
	    "--libnvmm-off no.so: no such file" },
	{ "info with an argument", { "info", "all" }, "info takes no 'all'" },
	{ "info with two options", { "info", "--markdown", "--help" },
	    "info takes no '--help'" },
};

START_TEST(one_line_says_what_is_wrong)
{
	const struct row *row = &rows[_i];
	struct run run = run_words(NULL, row->words);

	must_complain(&run, row->line, row->what);
	must_lack(run.out, "passed", row->what);
	run_free(&run);
}
END_TEST

START_TEST(another_library_without_page_needs_its_own_yardstick)
{
	struct run run = RUN("run", "--comm", "off", "--libnvmm",
	    product("libnvmm.so"));

	must_complain(&run, "give it as --libnvmm-off", "no yardstick");
	run_free(&run);
}
END_TEST

START_TEST(without_a_command_the_usage_is_an_error)
{
	static const char *const none[] = { NULL };
	struct run run = run_words(NULL, none);

	must_exit(&run, 2, "no command");
	must_have(run.err, "usage: nvmm-sim COMMAND", "no command");
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

START_TEST(help_lists_the_commands)
{
	struct run run = RUN("--help");

	must_exit(&run, 0, "--help");
	must_have(run.out, "usage: nvmm-sim COMMAND", "--help");
	must_have(run.out, "\n  run ", "--help");
	must_have(run.out, "\n  info ", "--help");
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

static const char *const options[] = {
	"--cpu svm|vmx", "--abi auto|v1|v2|v3", "--preempt SEED",
	"--engine NAME", "--policy NAME|FILE", "--quirks LIST",
	"--comm on|off", "--libnvmm PATH", "--libnvmm-off PATH", "--trace",
	"--filter PATTERN", "--list", "--format FORMAT", "--output FILE",
	"--seed N", "--jobs N", "--timeout S", "--fail-fast", "Exit status",
};

START_TEST(help_of_run_lists_the_options)
{
	struct run run = RUN("run", "--help");
	unsigned i;

	must_exit(&run, 0, "run --help");
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		must_have(run.out, options[i], "run --help");
	ck_assert_str_eq(run.err, "");
	run_free(&run);
}
END_TEST

START_TEST(version_is_one_line_everywhere)
{
	struct run run = RUN("--version");
	struct run of_run = RUN("run", "--version");
	struct run of_info = RUN("info", "--version");

	must_exit(&run, 0, "--version");
	ck_assert_int_eq(strncmp(run.out, "nvmm-sim ", 9), 0);
	ck_assert_ptr_eq(strchr(run.out, '\n'), run.out + strlen(run.out) - 1);
	ck_assert_str_eq(of_run.out, run.out);
	ck_assert_str_eq(of_info.out, run.out);
	run_free(&run);
	run_free(&of_run);
	run_free(&of_info);
}
END_TEST

START_TEST(info_prints_the_tables_in_markdown)
{
	static const char *const parts[] = {
		"| v3 | DragonFly BSD 6.2 on, and ports of it | 3 | 128 | 128 "
		"| 127 TiB |\n",
		"| `gpa-unmap-top` | GPA_UNMAP of",
		"| io | 0x2 | SEGS\\|GPRS\\|CRS\\|MSRS |\n",
		"| `none` | nothing |\n", "| `all` | every exit: everything |\n",
		"| VCPU_RUN | EFAULT: the argument cannot be read<br>EINVAL: ",
		"| any other | EINVAL: ", "| open(2) | ENXIO: ",
		"| mmap(2) | ENODEV: ",
	};
	struct run run = RUN("info", "--markdown");
	const char *line, *bar;
	unsigned i;

	must_exit(&run, 0, "info --markdown");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		must_have(run.out, parts[i], "info --markdown");
	for (line = run.out; *line != '\0'; line = bar + 2) {
		bar = strstr(line, "|\n");
		ck_assert_msg(*line == '|' || *line == '\n',
		    "no row of a table: %.80s", line);
		ck_assert_ptr_nonnull(bar);
	}
	run_free(&run);
}
END_TEST

START_TEST(info_lists_what_there_is)
{
	static const char *const parts[] = {
		"--engine", "script", "--cpu", "svm", "vmx", "--policy",
		"netbsd", "none", "all", "quirks", "--libnvmm", "libnvmm.so",
		"libnvmm-v3.so", "--abi", "NetBSD 10 and 11;",
		"128 machines, 128 VCPUs and 127 TiB each\n",
	};
	struct run run = RUN("info");
	unsigned i;

	must_exit(&run, 0, "info");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		must_have(run.out, parts[i], "info");
	must_lack(run.out, "(missing)", "info");
	run_free(&run);
}
END_TEST

Suite *
usage_suite(void)
{
	Suite *suite = suite_create("usage");
	TCase *tcase = case_new(suite, "usage");

	tcase_add_loop_test(tcase, one_line_says_what_is_wrong, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase,
	    another_library_without_page_needs_its_own_yardstick);
	tcase_add_test(tcase, without_a_command_the_usage_is_an_error);
	tcase_add_test(tcase, help_lists_the_commands);
	tcase_add_test(tcase, help_of_run_lists_the_options);
	tcase_add_test(tcase, version_is_one_line_everywhere);
	tcase_add_test(tcase, info_lists_what_there_is);
	tcase_add_test(tcase, info_prints_the_tables_in_markdown);
	return suite;
}
