/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim generations: its counts are those that the documented interface
 * costs; its models behave as a libnvmm; what cannot be played is refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generations_model.h"
#include "json.h"

static const char *const cpus[] = { "svm", "vmx" };
static const char *const names[NGENERATIONS] = {
	"nocomm", "copying", "inplace",
};

#define LOAD	"load.tsv"

/* A load of n accesses to ports and memory, reads and writes in turn. */
static void
load_write(unsigned n)
{
	static const char *const lines[] = {
		"pio\tw\t3f8\t1\t41\tserial\n",
		"mmio\tr\tfee00020\t4\tbada55\tapic\n",
		"pio\tr\tcfc\t4\t12378086\tpci\n",
		"mmio\tw\tfee000b0\t4\t0\tapic\n",
		"pio\tr\t1f0\t2\tbeef\tide\n",
	};
	const unsigned nlines = sizeof(lines) / sizeof(lines[0]);
	char *text = malloc(n * 40 + 40);
	size_t length;
	unsigned i;

	ck_assert_ptr_nonnull(text);
	length = (size_t)sprintf(text, "# %u accesses\n", n);
	for (i = 0; i < n; i++)
		length += (size_t)sprintf(text + length, "%s",
		    lines[i % nlines]);
	folder_file(LOAD, text);
	free(text);
}

static json_t *
report_here(const char *const *words)
{
	struct run run = run_words(folder_path(), words);
	json_t *report;

	must_exit(&run, 0, "generations");
	ck_assert_str_eq(run.err, "");
	report = report_parse(run.out);
	run_free(&run);
	return report;
}
#define HERE(...)							\
	report_here((const char *const[]){ "generations", "--format",	\
	    "json", "--load", LOAD, __VA_ARGS__, NULL })

static const json_t *
generation(const json_t *report, unsigned i)
{
	const json_t *object = json_array_get(member(report, "generations"),
	    i);

	ck_assert_str_eq(string(object, "name"), names[i]);
	return object;
}

static void
must_be(const json_t *object, const char *group, const char *key,
    long long expected)
{
	long long seen = group != NULL ? number_in(object, group, key) :
	    number(object, key);

	ck_assert_msg(seen == expected, "%s: %s %lld, expected %lld",
	    string(object, "name"), key, seen, expected);
}

/* The kernel's bytes; returns their sum. */
static long long
check_bytes(const json_t *object, const struct cost *cost)
{
	static const char *const causes[NCAUSES] = {
		"wanted", "speculative", "commit",
	};
	const json_t *components = member(object, "by_component");
	long long sum = 0, seen;
	unsigned i, j;

	for (i = 0; i < NCOMPONENTS; i++) {
		for (j = 0; j < NCAUSES; j++) {
			seen = number_in(components, component_names[i],
			    causes[j]);
			ck_assert_msg(seen == cost->bytes[i][j], "%s: %s %s: "
			    "%lld bytes, expected %lld", string(object,
			    "name"), component_names[i], causes[j], seen,
			    cost->bytes[i][j]);
			sum += seen;
		}
	}
	return sum;
}

static long long
syscalls(const struct cost *cost)
{
	return cost->getstates + cost->setstates + cost->injects +
	    cost->runs + cost->configures + cost->asked;
}

static void
check(const json_t *object, const struct cost *cost, long long without)
{
	must_be(object, "by_ioctl", "VCPU_RUN", cost->runs);
	must_be(object, "by_ioctl", "VCPU_GETSTATE", cost->getstates);
	must_be(object, "by_ioctl", "VCPU_SETSTATE", cost->setstates);
	must_be(object, "by_ioctl", "VCPU_INJECT", cost->injects);
	must_be(object, "by_ioctl", "VCPU_CONFIGURE", cost->configures);
	must_be(object, NULL, "ioctls", syscalls(cost));
	must_be(object, NULL, "avoided", without - syscalls(cost));
	must_be(object, "by_exit", "int_ready", cost->int_readies);
	must_be(object, "by_exit", "halted", cost->halts);
	ck_assert_int_eq(number_in(object, "by_exit", "io") +
	    number_in(object, "by_exit", "memory"), cost->accesses);
	must_be(object, NULL, "exits",
	    cost->accesses + cost->int_readies + cost->halts);
	must_be(object, NULL, "library_bytes", cost->copied);
	must_be(object, NULL, "kernel_bytes", check_bytes(object, cost));
}

/*
 * Repeats are spread over the rounds, each on a machine of its own, the first
 * rounds having one more.
 */
static void
check_report(const json_t *report, bool vmx, long long accesses,
    long long repeat)
{
	long long rounds = number(report, "rounds"), without = 0, i;
	struct cost cost;
	unsigned g;

	ck_assert_int_eq(number(report, "accesses"), accesses);
	ck_assert_int_eq(number(report, "repeat"), repeat);
	for (g = 0; g < NGENERATIONS; g++) {
		memset(&cost, 0, sizeof(cost));
		for (i = 0; i < rounds; i++)
			cost_add(&cost, g, vmx, accesses * (repeat / rounds +
			    (i < repeat % rounds)));
		if (g == NOCOMM)
			without = syscalls(&cost);
		check(generation(report, g), &cost, without);
	}
}

/* 400 and 800: the timer ticks at the last access, with IF and without. */
static const unsigned lengths[] = { 1, 57, 400, 800, 997, 4001 };
#define NLENGTHS	(sizeof(lengths) / sizeof(lengths[0]))

START_TEST(the_counts_are_those_of_the_documented_interface)
{
	unsigned n = lengths[_i / 2], vmx = _i % 2;
	json_t *report;

	load_write(n);
	report = HERE("--cpu", cpus[vmx], "--repeat", "1");
	ck_assert_int_eq(number(report, "rounds"), 1);
	check_report(report, vmx, n, 1);
	json_decref(report);
}
END_TEST

START_TEST(repeats_are_spread_over_the_rounds)
{
	json_t *report;

	load_write(101);
	report = HERE("--repeat", "17");
	check_report(report, false, 101, 17);
	json_decref(report);
}
END_TEST

/* As many times as it takes, and often enough for each round. */
START_TEST(exits_are_made_by_repeating)
{
	json_t *report;

	load_write(99);
	report = HERE("--exits", "5000");
	check_report(report, false, 99, 51);
	ck_assert_int_ge(number(generation(report, INPLACE), "exits"), 5000);
	json_decref(report);
	report = HERE("--exits", "1");
	check_report(report, false, 99, number(report, "rounds"));
	json_decref(report);
}
END_TEST

/* By default the recorded boot: its 203,818 accesses. */
START_TEST(the_recorded_boot_costs_what_is_documented)
{
	struct run run = RUN("generations", "--format", "json", "--repeat",
	    "1");
	json_t *report;

	must_exit(&run, 0, "the boot");
	report = report_parse(run.out);
	run_free(&run);
	ck_assert_str_eq(string(report, "schema"), "nvmm-sim-generations/1");
	ck_assert_str_eq(string(report, "load"),
	    "scenarios/data/linux-boot.tsv.xz");
	check_report(report, false, 203818, 1);
	json_decref(report);
}
END_TEST

START_TEST(times_are_there_and_charged)
{
	const json_t *object;
	json_t *report;
	double charged;
	unsigned g;

	load_write(500);
	report = HERE("--repeat", "3");
	ck_assert_int_gt(number(report, "base_ps"), 0);
	for (g = 0; g < NGENERATIONS; g++) {
		object = generation(report, g);
		ck_assert_int_gt(number(object, "ps_per_exit"), 0);
		charged = (double)number(object, "ps_per_exit") +
		    (double)number(report, "base_ps") *
		    (double)number(object, "ioctls") /
		    (double)number(object, "exits");
		ck_assert_double_eq_tol((double)number(object,
		    "charged_ps_per_exit"), charged, 5);
		ck_assert(json_is_true(member(object, "model")) ==
		    (g != INPLACE));
	}
	json_decref(report);
}
END_TEST

START_TEST(the_text_says_what_is_a_model_and_what_is_claimed)
{
	static const char *const parts[] = {
		"nvmm-sim generations: vmx, engine script, load load.tsv\n",
		"\n800 accesses, a timer's interrupt at each 400th; ",
		" played 2 times by each:\n",
		"\nno comm page (model)       3.0",
		"\nfirst comm page (model)    1.0",
		"\nstate in place             1.0",
		"\nfrom 1 min 35 s to 1 min 16 s, x 0.80.",
		"\nOnly the ratios are claims", "BASE: ",
		"\n(model): a cost model of that history",
	};
	struct run run;
	char *text;
	unsigned i;

	load_write(800);
	run = RUN_HERE("generations", "--load", LOAD, "--repeat", "2",
	    "--cpu", "vmx", "--format", "text", "--output", "report");
	must_exit(&run, 0, "--output");
	ck_assert_str_eq(run.out, "");
	run_free(&run);
	text = folder_read("report");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		must_have(text, parts[i], "the text");
	free(text);
}
END_TEST

static const struct {
	const char *what;
	const char *words[5];
	const char *line;
} complaints[] = {
	{ "no such load", { "--load", "none.tsv" },
	    "none.tsv: No such file or directory" },
	{ "no default load here", { "--repeat", "1" },
	    "there is no scenarios/data/linux-boot.tsv.xz here: give a load "
	    "as --load FILE" },
	{ "a load without a name", { "--load", "" },
	    "--load needs a file's name" },
	{ "a folder", { "--load", "." }, ".: Is a directory" },
	{ "an empty load", { "--load", "empty" },
	    "empty: there is no access in it" },
	{ "a malformed line", { "--load", "bad" },
	    "bad: line 3 is no access that can be replayed; "
	    "nvmm-scenario(5) says what one is" },
	{ "a damaged xz file", { "--load", "cut.xz" },
	    "cut.xz: a damaged xz file" },
	{ "no repeat", { "--repeat", "0" },
	    "--repeat needs a number from 1 to 1000000000, not '0'" },
	{ "no exits", { "--exits", "0" },
	    "--exits needs a number from 1 to 1000000000000, not '0'" },
	{ "both", { "--exits", "5", "--repeat", "5" },
	    "--exits and --repeat both say how often: give one of them" },
	{ "another CPU", { "--cpu", "arm" },
	    "--cpu is svm or vmx, not 'arm'" },
	{ "another format", { "--format", "tap" },
	    "--format is text or json, not 'tap'" },
	{ "an unknown option", { "--fast" }, "unknown option '--fast'; "
	    "`nvmm-sim generations --help' lists them" },
	{ "an option alone", { "--load" }, "--load needs an argument" },
	{ "a file without --load", { "load.tsv" },
	    "generations takes no 'load.tsv'; a load is given as --load FILE" },
	{ "no place for the report", { "--load", "bad", "--output",
	    "no/such" },
	    "no/such: No such file or directory" },
};

START_TEST(one_line_says_what_is_wrong_with_a_load)
{
	static const char cut[] = "\xFD" "7zXZ\0\0\4";
	const char *words[7] = { "generations" };
	struct run run;

	folder_file("empty", "# nothing\n");
	folder_file("bad", "# one\npio\tr\t0\t1\t0\tx\npio\tr\t0\n");
	folder_bytes("cut.xz", cut, sizeof(cut));
	memcpy(words + 1, complaints[_i].words, sizeof(complaints[_i].words));
	run = run_words(folder_path(), words);
	must_complain(&run, complaints[_i].line, complaints[_i].what);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
	struct run run;

	load_write(5);
	run = RUN_HERE("generations", "--load", LOAD, "--repeat", "1",
	    "--output", "/dev/full");
	must_complain(&run, "/dev/full: cannot write the report", "full");
	run_free(&run);
}
END_TEST

START_TEST(help_and_version_are_there)
{
	struct run run = RUN("generations", "--help");
	struct run other;

	must_exit(&run, 0, "--help");
	must_have(run.out, "usage: nvmm-sim generations ", "--help");
	must_have(run.out, "--load FILE", "--help");
	must_have(run.out, "--repeat N", "--help");
	run_free(&run);
	run = RUN("generations", "--version");
	other = RUN("--version");
	must_exit(&run, 0, "--version");
	ck_assert_str_eq(run.out, other.out);
	run_free(&run);
	run_free(&other);
}
END_TEST

Suite *
generations_suite(void)
{
	Suite *suite = suite_create("side by side");
	TCase *tcase = case_new(suite, "side by side");

	tcase_add_loop_test(tcase,
	    the_counts_are_those_of_the_documented_interface, 0,
	    2 * NLENGTHS);
	tcase_add_test(tcase, repeats_are_spread_over_the_rounds);
	tcase_add_test(tcase, exits_are_made_by_repeating);
	tcase_add_test(tcase, the_recorded_boot_costs_what_is_documented);
	tcase_add_test(tcase, times_are_there_and_charged);
	tcase_add_test(tcase,
	    the_text_says_what_is_a_model_and_what_is_claimed);
	tcase_add_loop_test(tcase, one_line_says_what_is_wrong_with_a_load, 0,
	    sizeof(complaints) / sizeof(complaints[0]));
	tcase_add_test(tcase, a_full_disk_is_told);
	tcase_add_test(tcase, help_and_version_are_there);
	return suite;
}
