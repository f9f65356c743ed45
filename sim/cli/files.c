/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding scenario files.
 */
#include "cli/files.h"

#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

static int
append(struct files *files, const char *path)
{
	size_t capacity = files->capacity ? files->capacity * 2 : 16;
	char **paths;

	if (files->n == files->capacity) {
		paths = realloc(files->paths, capacity * sizeof(*paths));
		if (paths == NULL)
			goto fail;
		files->paths = paths;
		files->capacity = capacity;
	}
	files->paths[files->n] = strdup(path);
	if (files->paths[files->n] == NULL)
		goto fail;
	files->n++;
	return 0;
fail:
	complain("out of memory");
	return -1;
}

static int
wanted(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	if (entry->d_name[0] == '.')
		return 0;
	return entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN ||
	    (dot != NULL && strcmp(dot, ".lua") == 0);
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int add_directory(struct files *files, const char *path);

static int
add_entry(struct files *files, const char *folder, const char *name)
{
	char path[PATH_MAX];
	size_t length = strlen(name);
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    sizeof(path) || stat(path, &st) != 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return add_directory(files, path);
	if (length > 4 && strcmp(name + length - 4, ".lua") == 0)
		return append(files, path);
	return 0;
}

static int
add_directory(struct files *files, const char *path)
{
	struct dirent **entries;
	int i, n, result = 0;

	n = scandir(path, &entries, wanted, by_name);
	if (n == -1) {
		complain("%s: %s", path, strerror(errno));
		return -1;
	}
	for (i = 0; i < n; i++) {
		if (result == 0)
			result = add_entry(files, path, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return result;
}

int
files_add(struct files *files, const char *path)
{
	char plain[PATH_MAX];
	size_t length;
	struct stat st;

	length = (size_t)snprintf(plain, sizeof(plain), "%s", path);
	while (length > 1 && length < sizeof(plain) &&
	    plain[length - 1] == '/')
		plain[--length] = '\0';
	if (stat(plain, &st) != 0) {
		complain("%s: %s", path, strerror(errno));
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		return add_directory(files, plain);
	return append(files, plain);
}

void
files_free(struct files *files)
{
	size_t i;

	for (i = 0; i < files->n; i++)
		free(files->paths[i]);
	free(files->paths);
	memset(files, 0, sizeof(*files));
}

/* Ours in the current folder, else those that were installed with us. */
static void
scenarios_choose(char *folder, size_t size)
{
	char installed[PATH_MAX];

	snprintf(folder, size, "scenarios");
	if (access(folder, F_OK) != 0 &&
	    product_path("scenarios", installed, sizeof(installed)) == 0 &&
	    access(installed, F_OK) == 0)
		snprintf(folder, size, "%s", installed);
}

int
files_add_all(struct files *files, char **paths)
{
	char scenarios[PATH_MAX];

	if (*paths == NULL) {
		scenarios_choose(scenarios, sizeof(scenarios));
		return files_add(files, scenarios);
	}
	for (; *paths != NULL; paths++) {
		if (files_add(files, *paths) != 0)
			return -1;
	}
	return 0;
}
