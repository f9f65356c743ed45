/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs of tests/exec/programs show: a test for each behaviour
 * that they list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"

#define BEHAVIOURS_MAX	200

static struct row {
	const char *program;
	char name[80], kind[8];
} rows[BEHAVIOURS_MAX];

/* By the program itself, which needs no device for that.  Their number. */
static int
rows_add(int n, const char *program)
{
	char command[4096], line[128];
	FILE *list;

	snprintf(command, sizeof(command), "%s list", program_of(program));
	list = popen(command, "re");
	while (list != NULL && fgets(line, sizeof(line), list) != NULL &&
	    n < BEHAVIOURS_MAX) {
		rows[n].program = program;
		if (sscanf(line, "%79s %7s", rows[n].name, rows[n].kind) < 1 ||
		    strcmp(rows[n].kind, "apart") == 0) {
			rows[n].kind[0] = '\0';
			continue;
		}
		n++;
	}
	if (list == NULL || pclose(list) != 0)
		rows[n++] = (struct row){ .program = program,
		    .name = "(it cannot list its behaviours)" };
	return n;
}

START_TEST(as_with_a_real_device)
{
	const struct row *row = &rows[_i];
	struct run run = EXEC("--quiet", "--", program_of(row->program),
	    row->name);

	must_exit(&run, 0, row->name);
	ck_assert_msg(strcmp(run.out, "ok\n") == 0, "%s: %s", row->name,
	    run.out);
	must_tell(&run, strcmp(row->kind, "tells") == 0, row->name);
	run_free(&run);
}
END_TEST

/* A case for each program, so that CK_RUN_CASE chooses one. */
Suite *
behaviour_suite(void)
{
	static const char *const programs[] = {
		"descriptors", "memory", "processes", "signals", "jumps",
		NULL
	};
	Suite *suite = suite_create("behaviour");
	TCase *tcase;
	unsigned i;
	int first = 0, n = 0;

	for (i = 0; programs[i] != NULL; i++, first = n) {
		tcase = case_new(suite, programs[i]);
		n = rows_add(n, programs[i]);
		tcase_add_loop_test(tcase, as_with_a_real_device, first, n);
	}
	return suite;
}
