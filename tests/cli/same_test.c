/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Same scenarios, same seed: the same output byte for byte, however many run
 * at a time and however often it is asked for.
 */
#include <stdio.h>
#include <string.h>

#include "run.h"

/* Every verdict, notes, and failures that show addresses. */
static const char mixed[] =
    "for i = 1, 12 do\n"
    "test(\"passes \" .. i, function(t) t:note(math.random(1000)) end)\n"
    "test(\"fails \" .. i, function(t) local vm = t:machine()\n"
    "vm:hva_map(t:pages(i * 0x1000)) vm:hva_map(t:pages(0x10000))\n"
    "t:expect(t:pages(0x1000).hva, math.random(1000)) end)\n"
    "test(\"skips \" .. i, function(t) t:skip(\"no\") end)\n"
    "test(\"breaks \" .. i, function(t) error(\"no\") end)\n"
    "test(\"works \" .. i, function(t) local cpu = t:machine():vcpu(0)\n"
    "for j = 1, math.random(50) do cpu:will(guest.hlt()) cpu:run() end\n"
    "end) end\n";

static const struct row {
	const char *what;
	int status;
	const char *words[8];
} rows[] = {
	{ "all scenarios as text", 0, { "run", "ALL" } },
	{ "scenarios as JSON", 0,
	    { "run", "--format", "json", "--cpu", "vmx",
	    "scenarios/delivery.lua" } },
	{ "scenarios on a preempting kernel", 0,
	    { "run", "--preempt", "1", "scenarios/events.lua",
	    "scenarios/locks.lua" } },
	{ "scenarios without page", 0,
	    { "run", "--comm", "off", "scenarios/caching.lua" } },
	{ "the protocol's trace", 0,
	    { "run", "--trace", "scenarios/caching.lua",
	    "scenarios/memory.lua" } },
	{ "the list", 0, { "run", "--list" } },
	{ "mixed verdicts as text", 2, { "run", "MIXED" } },
	{ "mixed verdicts as JSON", 2, { "run", "--format", "json", "MIXED" } },
	{ "mixed verdicts as TAP", 2, { "run", "--format", "tap", "MIXED" } },
	{ "mixed verdicts as XML", 2, { "run", "--format", "junit", "MIXED" } },
	{ "mixed verdicts' trace", 2, { "run", "--trace", "MIXED" } },
	{ "another seed", 2, { "run", "--seed", "99", "MIXED" } },
	{ "only the first failure", 1, { "run", "--fail-fast", "MIXED" } },
};

/*
 * A sanitizer's own lines: a leak checker complains when its process is
 * killed, as those are that --fail-fast does not wait for.
 */
static void
drop_sanitizers_lines(char *text)
{
	char *line = text, *end;

	while (*line != '\0') {
		end = line + strcspn(line, "\n");
		end += *end == '\n';
		if (strncmp(line, "==", 2) == 0)
			memmove(line, end, strlen(end) + 1);
		else
			line = end;
	}
}

static struct run
run_with_jobs(const struct row *row, const char *jobs)
{
	const char *words[12];
	char path[96];
	struct run run;
	unsigned n;

	snprintf(path, sizeof(path), "%s/mixed.lua", folder_path());
	for (n = 0; row->words[n] != NULL; n++)
		words[n] = strcmp(row->words[n], "MIXED") == 0 ? path :
		    strcmp(row->words[n], "ALL") == 0 ? all_scenarios() :
		    row->words[n];
	words[n] = "--jobs";
	words[n + 1] = jobs;
	words[n + 2] = NULL;
	run = run_words(NULL, words);
	drop_sanitizers_lines(run.err);
	return run;
}

START_TEST(the_output_is_the_same_for_any_number_of_jobs)
{
	static const char *const jobs[] = { "2", "7" };
	const struct row *row = &rows[_i];
	struct run one, run;
	unsigned i;

	folder_file("mixed.lua", mixed);
	one = run_with_jobs(row, "1");
	must_exit(&one, row->status, row->what);
	ck_assert_uint_gt(strlen(one.out), 100);
	for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		run = run_with_jobs(row, jobs[i]);
		must_exit(&run, row->status, row->what);
		ck_assert_msg(strcmp(run.out, one.out) == 0,
		    "%s: standard output differs with --jobs %s", row->what,
		    jobs[i]);
		ck_assert_msg(strcmp(run.err, one.err) == 0,
		    "%s: standard error differs with --jobs %s", row->what,
		    jobs[i]);
		run_free(&run);
	}
	run_free(&one);
}
END_TEST

Suite *
same_suite(void)
{
	Suite *suite = suite_create("same output");
	TCase *tcase = case_new(suite, "same output");

	tcase_add_loop_test(tcase,
	    the_output_is_the_same_for_any_number_of_jobs, 0,
	    sizeof(rows) / sizeof(rows[0]));
	return suite;
}
