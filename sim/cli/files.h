/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scenario files from the command line's arguments.
 */
#ifndef SIM_CLI_FILES_H
#define SIM_CLI_FILES_H

#include <stddef.h>

/* A growing list of paths; the strings are its own. */
struct files {
	char **paths;
	size_t n, capacity;
};

/*
 * Adds a file, or the *.lua files of a directory and those below it, in the
 * order of their names.  0, or -1 after a complaint.
 */
int files_add(struct files *files, const char *path);
/* All of a NULL-terminated list; where it is empty, our own scenarios. */
int files_add_all(struct files *files, char **paths);
void files_free(struct files *files);

#endif /* SIM_CLI_FILES_H */
