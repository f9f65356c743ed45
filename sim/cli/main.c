/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim COMMAND [OPTIONS].
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
};

static const struct command commands[] = {
	{ "run", cmd_run, "run scenarios and count their syscalls" },
	{ "exec", cmd_exec, "run an unmodified program on a fake kernel" },
	{ "generations", cmd_generations,
	    "three generations of the interface on one load" },
	{ "compare", cmd_compare, "the same scenarios on two libraries" },
	{ "info", cmd_info, "what this build can simulate, and with what" },
};

#define NCOMMANDS	(sizeof(commands) / sizeof(commands[0]))

const char *program_name = "nvmm-sim";

void
complain(const char *format, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("nvmm-sim: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

int
product_path(const char *name, char *path, size_t size)
{
	char exe[PATH_MAX];
	char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n <= 0)
		return -1;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return -1;
	*slash = '\0';
	n = snprintf(path, size, "%s/%s", exe, name);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

int
parse_number(const char *option, const char *text, unsigned long long low,
    unsigned long long high, unsigned long long *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' &&
	    *number >= low && *number <= high)
		return 0;
	complain("--%s needs a number from %llu to %llu, not '%s'", option,
	    low, high, text);
	return -1;
}

void
version(void)
{
	printf("nvmm-sim %s\n", NVMM_SIM_VERSION);
}

static void
usage(FILE *out)
{
	unsigned i;

	fprintf(out, "usage: nvmm-sim COMMAND [OPTIONS]\n\n");
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name,
		    commands[i].summary);
	fprintf(out, "\n`nvmm-sim COMMAND --help' explains a command; "
	    "`nvmm-sim --version' tells the version.\n");
}

/* The sizes that the ABI and the mappings of comm pages rest on. */
static int
host_check(void)
{
	const unsigned one = 1;

	if (sizeof(long) == 8 && sizeof(void *) == 8 &&
	    sysconf(_SC_PAGESIZE) == 4096 && *(const char *)&one == 1)
		return 0;
	complain("this host will not do: a little-endian LP64 system with "
	    "4 KiB pages is needed");
	return -1;
}

int
main(int argc, char **argv)
{
	unsigned i;

	if (argc > 0 && argv[0] != NULL)
		program_name = argv[0];
	if (argc < 2) {
		usage(stderr);
		return STATUS_ERROR;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return STATUS_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		version();
		return STATUS_OK;
	}
	if (host_check() != 0)
		return STATUS_ERROR;
	for (i = 0; i < NCOMMANDS; i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	complain("there is no command '%s'; `nvmm-sim --help' lists them",
	    argv[1]);
	return STATUS_ERROR;
}
