/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The folder of a test case.  Made and removed by the runner's own process,
 * so that it goes even when a test fails.
 */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run.h"

/* Generous: sanitizers and loaded machines are slow. */
#define CASE_SECONDS	120

static char folder[64];

static void
folder_make(void)
{
	strcpy(folder, "/tmp/nvmm-cli.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static int
entry_remove(const char *path, const struct stat *st, int type,
    struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static void
folder_remove(void)
{
	(void)nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
folder_path(void)
{
	return folder;
}

static void
path_of(const char *name, char *path, size_t size)
{
	ck_assert_int_lt(snprintf(path, size, "%s/%s", folder, name), size);
}

/* The folders that a file's name goes through. */
static void
parents_make(char *path)
{
	char *slash = path + strlen(folder);

	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		ck_assert(mkdir(path, 0777) == 0 || errno == EEXIST);
		*slash = '/';
	}
}

void
folder_bytes(const char *name, const void *data, size_t size)
{
	char path[PATH_MAX];
	FILE *file;

	path_of(name, path, sizeof(path));
	parents_make(path);
	file = fopen(path, "wb");
	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	ck_assert_uint_eq(fwrite(data, 1, size, file), size);
	ck_assert_int_eq(fclose(file), 0);
}

void
folder_file(const char *name, const char *text)
{
	folder_bytes(name, text, strlen(text));
}

char *
folder_read(const char *name)
{
	char path[PATH_MAX];
	size_t size = 1 << 20, n;
	char *text = malloc(size);
	FILE *file;

	ck_assert_ptr_nonnull(text);
	path_of(name, path, sizeof(path));
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	n = fread(text, 1, size, file);
	ck_assert_uint_lt(n, size);
	text[n] = '\0';
	fclose(file);
	return text;
}

TCase *
case_new(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_set_timeout(tcase, CASE_SECONDS);
	tcase_add_unchecked_fixture(tcase, folder_make, folder_remove);
	suite_add_tcase(suite, tcase);
	return tcase;
}
