/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiling small libraries while tests run.
 */
#include "library.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "run.h"

/* Single-threaded by nature, and each test is a process of its own. */
static char command[4 * PATH_MAX];

static void
must_compile(void)
{
	struct run run = run_shell(NULL, command);

	must_exit(&run, 0, command);
	run_free(&run);
}

static const char *
compiler(void)
{
	const char *cc = getenv("CC");

	return cc != NULL && *cc != '\0' ? cc : "cc";
}

void
library_build(const char *name, const char *text, enum library_kind kind)
{
	char source[NAME_MAX + 3], ours[PATH_MAX + 64] = "";

	snprintf(source, sizeof(source), "%s.c", name);
	folder_file(source, text);
	/* A library that needs ours: look-ups in it go on to ours. */
	if (kind == LIBRARY_OVER_OURS)
		snprintf(ours, sizeof(ours), "-Wl,--no-as-needed %s",
		    product("libnvmm.so"));
	snprintf(command, sizeof(command), "%s -shared -fPIC -o %s/%s %s/%s "
	    "%s -Wl,-rpath,$(dirname %s)", compiler(), folder_path(), name,
	    folder_path(), source, ours, product("libnvmm.so"));
	must_compile();
}

void
library_build_ours(const char *name, const char *cc, const char *flags)
{
	snprintf(command, sizeof(command),
	    "cc=%s; command -v $cc >/dev/null || cc=%s; "
	    "$cc -std=gnu11 -O1 -fPIC -D_DEFAULT_SOURCE -Ilib -Ilib/compat "
	    "-Ilib/include %s -shared -Wl,--version-script=lib/libnvmm.map "
	    "-o %s/%s $(ls lib/*.c lib/x86/*.c | "
	    "grep -v -e state_nocomm -e abi_v1 -e abi_v3) "
	    "-lZydis -lpthread", cc, compiler(), flags, folder_path(), name);
	must_compile();
}

void
library_build_foreign(const char *name, const char *flags)
{
	snprintf(command, sizeof(command),
	    "%s -std=gnu11 -O1 -fPIC -D_GNU_SOURCE -Ilib/compat "
	    "-Ilib/include %s -shared -o %s/%s tests/cli/foreign/libnvmm.c "
	    "-ldl", compiler(), flags, folder_path(), name);
	must_compile();
}
