/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running programs under `nvmm-sim exec'.
 */
#include "exec.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
program_of(const char *name)
{
	char path[NAME_MAX];

	snprintf(path, sizeof(path), "tests/exec-programs/%s", name);
	return product(path);
}

struct run
exec_shell(const char *command)
{
	char root[PATH_MAX];

	setenv("P", product("tests/exec-programs"), 1);
	setenv("LIB", product("."), 1);
	setenv("SIM", program_path(), 1);
	setenv("DIR", folder_path(), 1);
	setenv("ROOT", realpath(".", root) != NULL ? root : ".", 1);
	/* What is instrumented asks its linker for more. */
	setenv("COVERAGE", strstr(program_path(), "/coverage/") != NULL ?
	    "--coverage" : "", 1);
	return run_shell(folder_path(), command);
}

unsigned
lines_of(const char *text)
{
	unsigned n = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		n++;
	}
	return n;
}

/* What gcov says of itself where a program has no descriptor left for it. */
static void
profiling_drop(char *text)
{
	char *end;

	while (*text != '\0') {
		end = text + strcspn(text, "\n");
		end += *end == '\n';
		if (strncmp(text, "profiling:", 10) == 0)
			memmove(text, end, strlen(end) + 1);
		else
			text = end;
	}
}

void
must_tell(const struct run *run, unsigned lines, const char *what)
{
	const char *line = run->err;

	profiling_drop(run->err);
	ck_assert_msg(lines_of(run->err) == lines, "%s: not %u lines: %.2000s",
	    what, lines, run->err);
	for (; *line != '\0'; line = strchr(line, '\n') + 1)
		ck_assert_msg(strncmp(line, "nvmm-sim: ", 10) == 0,
		    "%s: does not say who tells: %.2000s", what, line);
}
