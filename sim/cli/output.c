/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening and closing what a report goes to.
 */
#include "cli/output.h"

#include <errno.h>
#include <string.h>

#include "cli/cli.h"

FILE *
output_open(const char *path)
{
	FILE *out = stdout;

	if (path != NULL)
		out = fopen(path, "w");
	if (out == NULL)
		complain("%s: %s", path, strerror(errno));
	return out;
}

int
output_close(FILE *out, const char *path)
{
	int status = 0;

	if (fflush(out) != 0 || ferror(out)) {
		complain("%s: cannot write the report",
		    path != NULL ? path : "standard output");
		status = -1;
	}
	if (out != stdout)
		fclose(out);
	return status;
}
