/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --policy: what the kernel caches unasked, by name or from a file.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"

#define SCHEMA	"\"schema\": \"nvmm-sim-policy/1\""

/* One exit, then a get of what an assist wants, and one of the rest. */
static const char load[] =
    "test(\"load\", function(t) local cpu = t:machine():vcpu(0)\n"
    "cpu:will(guest.out { port = 0x80 }) cpu:run()\n"
    "cpu:get(\"gprs\") cpu:get(\"drs|fpu\") end)\n";

static const struct row {
	const char *policy;
	int hits, misses, speculative;	/* bytes */
} rows[] = {
	{ "netbsd", 1, 1, 160 + 144 + 48 + 88 },
	{ "none", 0, 2, 0 },
	{ "all", 2, 0, 160 + 144 + 48 + 48 + 88 + 8 + 512 },
	{ "mine.json", 0, 2, 48 },
	{ "./mine.json", 0, 2, 48 },
};

static const char mine[] =
    "{ " SCHEMA ", \"name\": \"mine\",\n"
    "  \"exits\": { \"io\": [\"drs\"], \"halted\": [] } }\n";

static long long
speculative(const json_t *object)
{
	const json_t *components = member(object, "by_component");
	long long bytes = 0;
	const char *name;
	json_t *causes;

	json_object_foreach((json_t *)(uintptr_t)components, name, causes)
		bytes += number(causes, "speculative");
	return bytes;
}

START_TEST(a_policy_decides_what_is_cached)
{
	const struct row *row = &rows[_i];
	const json_t *object;
	json_t *report;
	struct run run;

	folder_file("load.lua", load);
	folder_file("mine.json", mine);
	run = RUN_HERE("run", "--format", "json", "--policy", row->policy,
	    "load.lua");
	must_exit(&run, 0, row->policy);
	report = report_parse(run.out);
	object = scenario(report, "load");
	ck_assert_msg(number(object, "hits") == row->hits &&
	    number(object, "misses") == row->misses,
	    "%s: %lld hits, %lld misses", row->policy, number(object, "hits"),
	    number(object, "misses"));
	ck_assert_msg(speculative(object) == row->speculative,
	    "%s: %lld bytes", row->policy, speculative(object));
	json_decref(report);
	run_free(&run);
}
END_TEST

START_TEST(a_policy_file_names_itself_in_the_report)
{
	json_t *report;
	struct run run;

	folder_file("load.lua", load);
	folder_file("mine.json", mine);
	run = RUN_HERE("run", "--format", "json", "--policy", "mine.json",
	    "load.lua");
	report = report_parse(run.out);
	ck_assert_str_eq(string(member(report, "options"), "policy"), "mine");
	json_decref(report);
	run_free(&run);
}
END_TEST

/* Only expectations of counts depend on it, and they are off then. */
START_TEST(all_scenarios_pass_under_any_policy)
{
	static const char *const policies[] = { "none", "all", "netbsd" };
	struct run run = RUN("run", "--policy", policies[_i],
	    all_scenarios());

	must_exit(&run, 0, policies[_i]);
	must_have(run.out, " 0 failed,", policies[_i]);
	run_free(&run);
}
END_TEST

/* The name is the file's own affair; what counts are its rows. */
START_TEST(a_file_that_calls_itself_netbsd_is_foreign_all_the_same)
{
	char path[96];
	struct run run;

	folder_file("netbsd.json", "{ " SCHEMA ", \"name\": \"netbsd\", "
	    "\"exits\": {} }");
	snprintf(path, sizeof(path), "%s/netbsd.json", folder_path());
	run = RUN("run", "--policy", path, "scenarios/exits.lua");
	must_exit(&run, 0, "netbsd");
	run_free(&run);
}
END_TEST

START_TEST(less_speculation_costs_more_ioctls)
{
	json_t *none = REPORT(0, "--policy", "none", "scenarios/linux_boot.lua");
	json_t *netbsd = REPORT(0, "scenarios/linux_boot.lua");
	json_t *all = REPORT(0, "--policy", "all", "scenarios/linux_boot.lua");

	ck_assert_int_gt(number_in(none, "totals", "ioctls"),
	    number_in(netbsd, "totals", "ioctls"));
	ck_assert_int_ge(number_in(netbsd, "totals", "ioctls"),
	    number_in(all, "totals", "ioctls"));
	ck_assert_int_gt(number_in(all, "totals", "bytes"),
	    number_in(netbsd, "totals", "bytes"));
	json_decref(none);
	json_decref(netbsd);
	json_decref(all);
}
END_TEST

static const struct broken {
	const char *what, *text, *line;
} broken[] = {
	{ "no JSON", "policy: none\n", "bad.json:1: " },
	{ "JSON that is cut off", "{ " SCHEMA ",\n", "bad.json:2: " },
	{ "an empty file", "", "bad.json:1: " },
	{ "a key twice", "{ " SCHEMA ",\n" SCHEMA " }", "bad.json:2: " },
	{ "a list", "[]", "bad.json: no policy file: its schema is not "
	    "'nvmm-sim-policy/1'" },
	{ "no schema", "{ \"name\": \"x\", \"exits\": {} }",
	    "bad.json: no policy file: its schema is not" },
	{ "another schema", "{ \"schema\": \"nvmm-sim-policy/9\" }",
	    "bad.json: no policy file: its schema is not" },
	{ "no name", "{ " SCHEMA ", \"exits\": {} }",
	    "bad.json: a short string is needed for 'name'" },
	{ "an empty name", "{ " SCHEMA ", \"name\": \"\", \"exits\": {} }",
	    "bad.json: a short string is needed for 'name'" },
	{ "a long name", "{ " SCHEMA ", \"name\": \"0123456789012345678901"
	    "23456789012345678901234567890123456789012345678901234567890123"
	    "4567890123456789\", \"exits\": {} }",
	    "bad.json: a short string is needed for 'name'" },
	{ "no exits", "{ " SCHEMA ", \"name\": \"x\" }",
	    "bad.json: an object is needed for 'exits'" },
	{ "an unknown field", "{ " SCHEMA ", \"name\": \"x\", \"exits\": {}, "
	    "\"exit\": {} }", "bad.json: unknown field 'exit'" },
	{ "an unknown exit", "{ " SCHEMA ", \"name\": \"x\", "
	    "\"exits\": { \"oi\": [] } }", "bad.json: there is no exit 'oi'" },
	{ "an unknown component", "{ " SCHEMA ", \"name\": \"x\", "
	    "\"exits\": { \"io\": [\"gprs\", \"xyz\"] } }",
	    "bad.json: there is no component 'xyz'" },
	{ "an exit without list", "{ " SCHEMA ", \"name\": \"x\", "
	    "\"exits\": { \"io\": \"gprs\" } }",
	    "bad.json: a list of components is needed for 'io'" },
	{ "a component that is a number", "{ " SCHEMA ", \"name\": \"x\", "
	    "\"exits\": { \"io\": [1] } }", "bad.json: a component is a " },
};

START_TEST(a_broken_policy_file_is_one_line)
{
	struct run run;

	folder_file("load.lua", load);
	folder_file("bad.json", broken[_i].text);
	run = RUN_HERE("run", "--policy", "bad.json", "load.lua");
	must_complain(&run, broken[_i].line, broken[_i].what);
	ck_assert_str_eq(run.out, "");
	run_free(&run);
}
END_TEST

START_TEST(a_policy_file_that_is_not_there_is_one_line)
{
	struct run run;

	folder_file("load.lua", load);
	run = RUN_HERE("run", "--policy", "./none.json", "load.lua");
	must_complain(&run, "./none.json: No such file or directory",
	    "no policy file");
	run_free(&run);
}
END_TEST

Suite *
policy_suite(void)
{
	Suite *suite = suite_create("policies");
	TCase *tcase = case_new(suite, "policies");

	tcase_add_loop_test(tcase, a_policy_decides_what_is_cached, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, a_policy_file_names_itself_in_the_report);
	tcase_add_loop_test(tcase, all_scenarios_pass_under_any_policy, 0, 3);
	tcase_add_test(tcase,
	    a_file_that_calls_itself_netbsd_is_foreign_all_the_same);
	tcase_add_test(tcase, less_speculation_costs_more_ioctls);
	tcase_add_loop_test(tcase, a_broken_policy_file_is_one_line, 0,
	    sizeof(broken) / sizeof(broken[0]));
	tcase_add_test(tcase, a_policy_file_that_is_not_there_is_one_line);
	return suite;
}
