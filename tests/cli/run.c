/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child with its output in memory: no pipe can fill up, and nothing
 * looks like a terminal.
 */
#include "run.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORDS_MAX	32

const char *
program_path(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("NVMM_SIM");

	if (path[0] == '\0' &&
	    realpath(given != NULL ? given : "build/nvmm-sim", path) == NULL)
		ck_abort_msg("no program to test: NVMM_SIM=%s: %s",
		    given != NULL ? given : "", strerror(errno));
	return path;
}

const char *
product(const char *name)
{
	static char path[PATH_MAX + NAME_MAX];
	const char *program = program_path();

	snprintf(path, sizeof(path), "%.*s/%s",
	    (int)(strrchr(program, '/') - program), program, name);
	return path;
}

/* What a user's environment might do to the output, and sanitizers too. */
static void
environment_set(void)
{
	char path[PATH_MAX], options[PATH_MAX + 64];

	unsetenv("NO_COLOR");
	unsetenv("TERM");
	/* A crash of the tested library is nvmm-sim's to report. */
	setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0", 1);
	if (realpath("tests/cli/leaks.txt", path) == NULL)
		return;
	snprintf(options, sizeof(options), "suppressions=%s:"
	    "print_suppressions=0", path);
	setenv("LSAN_OPTIONS", options, 0);
}

static void __attribute__((__noreturn__))
child(const char *folder, const char *const *argv, int out, int err)
{
	int in = open("/dev/null", O_RDONLY);

	/* From the repository's root. */
	environment_set();
	if (folder != NULL && chdir(folder) == -1)
		_exit(126);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

/* Everything in fd, which is closed; NUL-terminated. */
static char *
text_of(int fd)
{
	struct stat st;
	char *text;

	ck_assert_int_eq(fstat(fd, &st), 0);
	text = malloc((size_t)st.st_size + 1);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(pread(fd, text, (size_t)st.st_size, 0), st.st_size);
	text[st.st_size] = '\0';
	close(fd);
	return text;
}

static struct run
run_argv(const char *folder, const char *const *argv)
{
	int out = memfd_create("out", MFD_CLOEXEC);
	int err = memfd_create("err", MFD_CLOEXEC);
	struct run run;
	int status;
	pid_t pid;

	ck_assert_int_ne(out, -1);
	ck_assert_int_ne(err, -1);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		child(folder, argv, out, err);
	while (waitpid(pid, &status, 0) == -1)
		ck_assert_int_eq(errno, EINTR);
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    256 + WTERMSIG(status);
	run.out = text_of(out);
	run.err = text_of(err);
	return run;
}

struct run
run_words(const char *folder, const char *const *words)
{
	const char *argv[WORDS_MAX + 2] = { program_path() };
	unsigned n;

	for (n = 0; words[n] != NULL; n++) {
		ck_assert_uint_lt(n, WORDS_MAX);
		argv[n + 1] = words[n];
	}
	return run_argv(folder, argv);
}

struct run
run_shell(const char *folder, const char *command)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };

	return run_argv(folder, argv);
}

void
run_free(struct run *run)
{
	free(run->out);
	free(run->err);
	memset(run, 0, sizeof(*run));
}

void
must_have(const char *text, const char *part, const char *what)
{
	ck_assert_msg(strstr(text, part) != NULL,
	    "%s: \"%s\" is not in:\n%.3000s", what, part, text);
}

void
must_lack(const char *text, const char *part, const char *what)
{
	ck_assert_msg(strstr(text, part) == NULL,
	    "%s: \"%s\" is in:\n%.3000s", what, part, text);
}

void
must_exit(const struct run *run, int status, const char *what)
{
	ck_assert_msg(run->status == status, "%s: status %d, expected %d\n"
	    "%.2000s%.2000s", what, run->status, status, run->err, run->out);
}

void
must_complain(const struct run *run, const char *part, const char *what)
{
	const char *end = strchr(run->err, '\n');

	must_exit(run, 2, what);
	must_have(run->err, part, what);
	ck_assert_msg(strncmp(run->err, "nvmm-sim: ", 10) == 0,
	    "%s: does not say who complains: %.500s", what, run->err);
	ck_assert_msg(end != NULL && end[1] == '\0', "%s: not one line: %.500s",
	    what, run->err);
}
