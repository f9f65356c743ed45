/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm-sim exec: an unmodified program in front of a fake kernel.  This
 * process becomes the program; what it preloads does the rest.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/exec_check.h"
#include "engine/engine.h"
#include "kernel/policy.h"
#include "observe/buffer.h"
#include "preload/door.h"
#include "preload/settings.h"

#define PRELOAD_LIBRARY	"libnvmm-sim-preload.so"

/* What was asked for. */
struct exec {
	struct preload_settings settings;	/* to see that they are right */
	struct buffer text;			/* for the environment */
	bool closed;				/* it is */
	bool engine_given;
	bool gdb;
	char **program;				/* and its arguments */
};

static void
usage(void)
{
	const struct preload_setting *row;
	const char *help;
	char left[40];
	unsigned i;

	printf("usage: nvmm-sim exec [OPTIONS] [--] PROGRAM [ARGUMENTS]\n\n"
	    "Runs a program whose NVMM device is a fake kernel, and says at\n"
	    "the end what its calls of libnvmm have cost.\n\n");
	for (i = 0; i < preload_nsettings; i++) {
		row = &preload_settings[i];
		if (row->help == NULL)
			continue;
		snprintf(left, sizeof(left), "--%s %s", row->name,
		    row->argument != NULL ? row->argument : "");
		help = row->help;
		printf("  %-22s %.*s\n", left, (int)strcspn(help, "\n"),
		    help);
		help += strcspn(help, "\n");
		if (*help == '\n')
			printf("  %-22s %s\n", "", help + 1);
	}
	printf("  %-22s %s\n", "--gdb", "start the program under gdb");
	printf("\nExit status: the program's; 2 if it could not be run.  See "
	    "nvmm-sim-exec(1).\n");
}

/* The program may change its folder; a file's name must still be right. */
static const char *
absolute(const char *name, const char *value, char *path)
{
	char folder[PATH_MAX];
	bool file = strcmp(name, "guest") == 0 ||
	    strcmp(name, "output") == 0 ||
	    (strcmp(name, "policy") == 0 && sim_policy_find(value) == NULL);

	if (!file || *value == '/' || getcwd(folder, sizeof(folder)) == NULL)
		return value;
	if (snprintf(path, PATH_MAX, "%s/%s", folder, value) >= PATH_MAX)
		return value;
	return path;
}

static int
setting_add(struct exec *exec, const struct preload_setting *row,
    const char *value)
{
	char path[PATH_MAX], why[PATH_MAX + 256];

	if (strchr(value, '\n') != NULL) {
		complain("--%s: there is a newline in its value", row->name);
		return -1;
	}
	if (row->set(&exec->settings, value, why, sizeof(why)) != 0) {
		complain("%s", why);
		return -1;
	}
	if (strcmp(row->name, "engine") == 0)
		exec->engine_given = true;
	fprintf(exec->text.out, "%s=%s\n", row->name,
	    absolute(row->name, value, path));
	return 0;
}

/* One option at argv[*at]; *at becomes that of the next word. */
static int
option_parse(struct exec *exec, char **argv, int *at)
{
	const char *name = argv[*at] + 2, *value = "";
	size_t length = strcspn(name, "=");
	const struct preload_setting *row = preload_setting_find(name, length);

	++*at;
	if (strcmp(name, "gdb") == 0) {
		exec->gdb = true;
		return 0;
	}
	if (row == NULL || row->help == NULL) {
		complain("exec has no option '--%.*s'; `nvmm-sim exec "
		    "--help' lists them", (int)length, name);
		return -1;
	}
	if (row->argument == NULL && name[length] == '=') {
		complain("--%s takes no value", row->name);
		return -1;
	}
	if (row->argument != NULL) {
		value = name[length] == '=' ? name + length + 1 : argv[*at];
		if (value == NULL) {
			complain("--%s needs a value: %s", row->name,
			    row->argument);
			return -1;
		}
		if (name[length] != '=')
			++*at;
	}
	return setting_add(exec, row, value);
}

/* -1: the usage is wrong; 1: help was asked for. */
static int
options_parse(struct exec *exec, char **argv)
{
	int at = 1;

	preload_settings_init(&exec->settings);
	while (argv[at] != NULL && argv[at][0] == '-') {
		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		if (strcmp(argv[at], "--help") == 0 ||
		    strcmp(argv[at], "-h") == 0) {
			usage();
			return 1;
		}
		if (strncmp(argv[at], "--", 2) != 0) {
			complain("exec has no option '%s'; `nvmm-sim exec "
			    "--help' lists them", argv[at]);
			return -1;
		}
		if (option_parse(exec, argv, &at) != 0)
			return -1;
	}
	exec->program = argv + at;
	if (*exec->program != NULL)
		return 0;
	complain("exec needs a program: nvmm-sim exec [OPTIONS] -- PROGRAM "
	    "[ARGUMENTS]");
	return -1;
}

/* What cannot be right together, and what follows from the rest. */
static int
settings_settle(struct exec *exec)
{
	if (exec->settings.guest != NULL && !exec->engine_given) {
		fprintf(exec->text.out, "engine=script\n");
		exec->settings.engine = &sim_engine_script;
	}
	if (!exec->settings.engine->executes &&
	    exec->settings.guest == NULL) {
		complain("engine %s executes no code: say with --guest FILE "
		    "what the VCPUs do", exec->settings.engine->name);
		return -1;
	}
	fprintf(exec->text.out, "pid=%d\n", getpid());
	return 0;
}

/* What is there already stays, behind what we add. */
static int
variable_add(const char *name, const char *value)
{
	const char *old = getenv(name);
	char *joined;
	int result;

	if (old == NULL || *old == '\0')
		return setenv(name, value, 1);
	if (asprintf(&joined, "%s:%s", value, old) == -1)
		return -1;
	result = setenv(name, joined, 1);
	free(joined);
	return result;
}

static int
environment_set(struct exec *exec, const char *library)
{
	exec->closed = true;
	if (!buffer_close(&exec->text) ||
	    setenv(PRELOAD_VARIABLE, exec->text.text, 1) != 0 ||
	    (!exec->gdb && variable_add("LD_PRELOAD", library) != 0) ||
	    /* AddressSanitizer wants to be first, but need not be. */
	    variable_add("ASAN_OPTIONS", "verify_asan_link_order=0") != 0 ||
	    /* It cannot count the locks of a machine's 256 VCPUs. */
	    variable_add("TSAN_OPTIONS", "detect_deadlocks=0") != 0) {
		complain("out of memory");
		return -1;
	}
	return 0;
}

static int
library_find(char *path, size_t size)
{
	if (product_path(PRELOAD_LIBRARY, path, size) != 0 ||
	    access(path, R_OK) != 0) {
		complain("cannot find %s beside this program",
		    PRELOAD_LIBRARY);
		return -1;
	}
	if (strpbrk(path, " :") == NULL)
		return 0;
	complain("%s: LD_PRELOAD can name no file with a space or a colon in "
	    "its path; move nvmm-sim", path);
	return -1;
}

/* gdb itself must not carry what its program does. */
static int
run_gdb(struct exec *exec, const char *library)
{
	char command[PATH_MAX + 64], *words[] = {
		(char[]){ "gdb" }, (char[]){ "-q" }, (char[]){ "-ex" },
		command, (char[]){ "--args" }, NULL
	};
	char **argv;
	size_t n = 0, i;

	snprintf(command, sizeof(command), "set environment LD_PRELOAD %s",
	    library);
	while (exec->program[n] != NULL)
		n++;
	argv = calloc(n + sizeof(words) / sizeof(words[0]), sizeof(*argv));
	if (argv == NULL)
		return -1;
	for (i = 0; words[i] != NULL; i++)
		argv[i] = words[i];
	memcpy(argv + i, exec->program, n * sizeof(*argv));
	execvp(argv[0], argv);
	complain("gdb: %s", errno == ENOENT ? "not installed" :
	    strerror(errno));
	free(argv);
	return -1;
}

static int
exec_run(struct exec *exec)
{
	char path[PATH_MAX], why[PATH_MAX + 256], library[PATH_MAX];

	if (settings_settle(exec) != 0 ||
	    library_find(library, sizeof(library)) != 0)
		return -1;
	if (exec_check(exec->program[0], path, why, sizeof(path)) != 0) {
		complain("%s", why);
		return -1;
	}
	if (environment_set(exec, library) != 0)
		return -1;
	fflush(NULL);
	if (exec->gdb)
		return run_gdb(exec, library);
	execv(path, exec->program);
	complain("%s: %s", path, strerror(errno));
	return -1;
}

int
cmd_exec(int argc, char **argv)
{
	struct exec exec = { .program = NULL };
	int result;

	(void)argc;
	if (!buffer_open(&exec.text)) {
		complain("out of memory");
		return STATUS_ERROR;
	}
	result = options_parse(&exec, argv);
	if (result == 0)
		result = exec_run(&exec);
	if (!exec.closed)
		(void)buffer_close(&exec.text);
	free(exec.text.text);
	return result == 1 ? STATUS_OK : STATUS_ERROR;
}
