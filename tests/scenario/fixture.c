/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The folder that the tests of scenarios write their files to.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/policy.h"

#define FILES_MAX	4

static char folder[64];
static char files[FILES_MAX][128];
static unsigned nfiles;

const char *
library_path(void)
{
	const char *path = getenv("LIBNVMM");

	return path != NULL ? path : "build/libnvmm.so";
}

static void
setup(void)
{
	nfiles = 0;
	snprintf(folder, sizeof(folder), "/tmp/nvmm-scenario-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
teardown(void)
{
	while (nfiles > 0)
		(void)unlink(files[--nfiles]);
	(void)rmdir(folder);
}

const char *
file_write(const char *name, const void *data, size_t size)
{
	char *path = files[nfiles];
	FILE *file;

	ck_assert_uint_lt(nfiles, FILES_MAX);
	snprintf(path, sizeof(files[0]), "%s/%s", folder, name);
	nfiles++;
	file = fopen(path, "wb");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
	return path;
}

void
text_run(const char *text, const struct sim_backend *backend,
    struct scenario_result *result)
{
	const struct scenario_options options = {
		.library = library_path(),
		.programs = folder,
		.comm = true,
		.backend = backend,
		.engine = sim_engines[0],
		.policy = &sim_policies[0],
		.generation = sim_abi_find("v2"),
		.seed = 1,
	};

	scenario_run(file_write("test.lua", text, strlen(text)), 0, &options,
	    result);
}

void
row_judge(const struct scenario_row *row, const struct scenario_result *result)
{
	ck_assert_msg(result->verdict == row->verdict, "%s: %s, not %s: %s",
	    row->body, verdict_names[result->verdict],
	    verdict_names[row->verdict], result->reason);
	expect_text(row->body, result->reason, row->reason);
}

TCase *
fixture_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);	/* only what hangs gets there */
	return tcase;
}
