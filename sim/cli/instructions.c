/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running ourselves under callgrind, which writes a file for each process.
 */
#include "cli/instructions.h"

#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "cli/callgrind.h"
#include "cli/cli.h"
#include "cli/files.h"
#include "cli/run_options.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"

/* Scenarios take so many times as long. */
#define SLOWER	50

/* The words of a command, borrowed but for those in text. */
struct command {
	const char **words;		/* owned */
	size_t n;
	char self[PATH_MAX], out[PATH_MAX + 64];
	char seed[32], jobs[32], timeout[32];
};

static void
add(struct command *command, const char *word)
{
	command->words[command->n++] = word;
}

static void
add_option(struct command *command, const char *name, const char *value)
{
	if (value == NULL)
		return;
	add(command, name);
	add(command, value);
}

/* So many words at most, the files apart. */
#define WORDS_MAX	48

static int
command_make(struct command *command, const char *folder,
    const struct run_options *options, const struct files *files)
{
	size_t i;

	memset(command, 0, sizeof(*command));
	command->words = calloc(WORDS_MAX + files->n,
	    sizeof(*command->words));
	if (command->words == NULL || readlink("/proc/self/exe",
	    command->self, sizeof(command->self) - 1) <= 0)
		return -1;
	snprintf(command->out, sizeof(command->out),
	    "--callgrind-out-file=%s/out.%%p", folder);
	snprintf(command->seed, sizeof(command->seed), "%llu", options->seed);
	snprintf(command->jobs, sizeof(command->jobs), "%llu", options->jobs);
	snprintf(command->timeout, sizeof(command->timeout), "%llu",
	    options->timeout > 86400 / SLOWER ? 86400 :
	    options->timeout * SLOWER);
	add(command, "valgrind");
	add(command, "--tool=callgrind");
	add(command, "--fair-sched=yes");
	add(command, "--compress-strings=no");
	add(command, "--compress-pos=no");
	add(command, command->out);
	add(command, command->self);
	add(command, "run");
	add_option(command, "--libnvmm", options->library);
	add_option(command, "--cpu", options->backend->name);
	add_option(command, "--abi", options->abi != NULL ?
	    options->abi->name : "auto");
	add_option(command, "--engine", options->engine->name);
	add_option(command, "--policy", options->policy_given);
	add_option(command, "--quirks", options->quirks);
	add_option(command, "--filter", options->filter);
	add_option(command, "--seed", command->seed);
	add_option(command, "--jobs", command->jobs);
	add_option(command, "--timeout", command->timeout);
	add(command, "--");
	for (i = 0; i < files->n; i++)
		add(command, files->paths[i]);
	return 0;
}

static void __attribute__((__noreturn__))
child(const struct command *command)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(command->words[0], (char *const *)(uintptr_t)command->words);
	_exit(errno == ENOENT ? 127 : 126);
}

/* The exit status; 127: there is no such program. */
static int
command_run(const struct command *command)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == -1)
		return 126;
	if (pid == 0)
		child(command);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}

/* Reads the files in the folder, and removes them. */
static int
outputs_take(const char *folder, struct callgrind *callgrind)
{
	char path[PATH_MAX + NAME_MAX + 2];
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int error = 0;

	if (dir == NULL)
		return errno;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (error == 0 && callgrind != NULL)
			error = callgrind_add(callgrind, path);
		(void)unlink(path);
	}
	closedir(dir);
	return error;
}

static int
measure_in(const char *folder, const struct run_options *options,
    const struct files *files, struct instructions *instructions)
{
	struct callgrind *callgrind = callgrind_create(options->library);
	struct command command = { .words = NULL };
	int error = ENOMEM, status;
	unsigned i;

	if (callgrind == NULL ||
	    command_make(&command, folder, options, files) != 0)
		goto out;
	/* What fails has been told by the run without callgrind. */
	status = command_run(&command);
	error = outputs_take(folder, callgrind);
	if (status == 127)
		instructions->why = "there is no valgrind here";
	else if (status > STATUS_ERROR)
		instructions->why = "valgrind does not run here";
	for (i = 0; i < SIM_NCALL; i++)
		callgrind_cost(callgrind, sim_calls[i].name,
		    &instructions->calls[i], &instructions->cost[i]);
out:
	(void)outputs_take(folder, NULL);
	free(command.words);
	callgrind_destroy(callgrind);
	return error;
}

int
instructions_measure(const struct run_options *options,
    const struct files *files, struct instructions *instructions)
{
	const char *where = getenv("TMPDIR");
	char folder[PATH_MAX];
	int error;

	instructions->asked = true;
	snprintf(folder, sizeof(folder), "%s/nvmm-sim.XXXXXX",
	    where != NULL && *where != '\0' ? where : "/tmp");
	if (mkdtemp(folder) == NULL) {
		complain("%s: %s", folder, strerror(errno));
		return STATUS_ERROR;
	}
	error = measure_in(folder, options, files, instructions);
	(void)rmdir(folder);
	if (error == 0)
		return 0;
	complain("--instructions: %s", strerror(error));
	return STATUS_ERROR;
}
