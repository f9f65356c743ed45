/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library that hides the calls among its own functions: they are derived
 * from what its functions are documented to call, which gives the same
 * numbers, and every report says so.
 */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "library.h"

/* The counts of both, but for how the inner calls became known. */
static void
must_equal(const json_t *seen, const json_t *modelled, const char *name)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)seen, key, value) {
		if (strcmp(key, "modelled") == 0)
			continue;
		ck_assert_msg(json_equal(value, member(modelled, key)),
		    "%s: %s differs", name, key);
	}
}

/* Of all scenarios, or where few are run, of what assists. */
static void
must_give_the_same_counts(int cpu, const char *library)
{
	const char *name = cpu == 0 ? "svm" : "vmx";
	const char *path = all_is_few() ? "scenarios/library.lua" :
	    all_scenarios();
	json_t *seen = all_is_few() ? REPORT(0, "--cpu", name, path) :
	    json_incref((json_t *)(uintptr_t)whole_report(cpu, false));
	json_t *modelled = REPORT(0, "--cpu", name, "--libnvmm", library,
	    path);
	size_t i, n = nscenarios(seen);

	ck_assert_uint_eq(nscenarios(modelled), n);
	for (i = 0; i < n; i++)
		must_equal(scenario_at(seen, i), scenario_at(modelled, i),
		    string(scenario_at(seen, i), "name"));
	must_equal(member(seen, "totals"), member(modelled, "totals"),
	    "totals");
	ck_assert_int_eq(number_in(seen, "totals", "modelled"), 0);
	ck_assert_int_gt(number_in(modelled, "totals", "modelled"),
	    all_is_few() ? 0 : 400000);
	ck_assert_str_eq(string(member(seen, "options"), "inner_calls"),
	    "seen");
	ck_assert_str_eq(string(member(modelled, "options"), "inner_calls"),
	    "modelled");
	json_decref(seen);
	json_decref(modelled);
}

static void
must_say_so(const char *library)
{
	struct run run = RUN("run", "--libnvmm", library,
	    "scenarios/library.lua");

	must_exit(&run, 0, "symbolic");
	must_have(run.out, " inner calls are modelled: ", "symbolic");
	run_free(&run);
	run = RUN("run", "scenarios/library.lua");
	must_lack(run.out, "modelled", "ours");
	run_free(&run);
}

/* One test, since the library takes a while to build. */
START_TEST(hidden_inner_calls_are_modelled_with_the_same_counts)
{
	char library[96];

	library_build_ours("symbolic.so", "clang", "-O2 -Wl,-Bsymbolic");
	snprintf(library, sizeof(library), "%s/symbolic.so", folder_path());
	must_give_the_same_counts(0, library);
	must_give_the_same_counts(1, library);
	must_say_so(library);
}
END_TEST

Suite *
symbolic_suite(void)
{
	Suite *suite = suite_create("hidden inner calls");
	TCase *tcase = case_new(suite, "hidden inner calls");

	tcase_add_unchecked_fixture(tcase, whole_reports_make, NULL);
	tcase_add_test(tcase,
	    hidden_inner_calls_are_modelled_with_the_same_counts);
	return suite;
}
