/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways in which a process ends, after an ioctl on the device; and what
 * it does with standard input, output and error before.
 */
#include <sys/prctl.h>
#include <sys/wait.h>
#include <pthread.h>
#include <signal.h>

#include "check.h"

static void
use_device(void)
{
	(void)machine_of(device_open(O_RDWR));
}

static int
number(void)
{
	return atoi(arguments[0]);
}

static void
by_exit(void)
{
	use_device();
	exit(number());
}

static void
by_underscore_exit(void)
{
	use_device();
	_exit(number());
}

static void
by_capital_exit(void)
{
	use_device();
	_Exit(number());
}

static void
by_quick_exit(void)
{
	use_device();
	quick_exit(number());
}

static void
by_return(void)
{
	use_device();
}

static void
by_signal(void)
{
	use_device();
	(void)prctl(PR_SET_DUMPABLE, 0);
	raise(number());
}

static void
by_abort(void)
{
	use_device();
	(void)prctl(PR_SET_DUMPABLE, 0);
	abort();
}

static void
by_exec(void)
{
	use_device();
	execl("/bin/sh", "sh", "-c", arguments[0], NULL);
}

static void *
exit_in_thread(void *arg)
{
	exit(*(int *)arg);
}

static void
by_another_thread(void)
{
	int status = number();
	pthread_t thread;

	use_device();
	CHECK(pthread_create(&thread, NULL, exit_in_thread, &status) == 0);
	for (;;)
		pause();
}

/* While one thread runs a guest that never ends. */
static void *
run_for_ever(void *arg)
{
	struct guest *guest = arg;

	for (;;)
		(void)nvmm_vcpu_run(&guest->machine, &guest->vcpu);
	return NULL;
}

static void
while_a_guest_runs(void)
{
	static struct guest guest;
	pthread_t thread;

	guest_make(&guest, ENDLESS);
	CHECK(pthread_create(&thread, NULL, run_for_ever, &guest) == 0);
	usleep(20000);
	exit(number());
}

static void
not_by_itself(void)
{
	static struct guest guest;

	guest_make(&guest, ENDLESS);
	(void)run_for_ever(&guest);
}

static void
by_the_last_thread(void)
{
	use_device();
	pthread_exit(NULL);
}

static void
use_at_exit(void)
{
	use_device();
}

static void
after_use_in_atexit(void)
{
	CHECK(atexit(use_at_exit) == 0);
	use_device();
}

/* After our own destructor, which made the report. */
static bool destroyed_last;

static void __attribute__((__destructor__))
use_in_destructor(void)
{
	if (destroyed_last)
		use_device();
}

static void
after_use_in_a_destructor(void)
{
	destroyed_last = true;
	use_device();
}

static void
without_the_device(void)
{
}

static void
without_opening_it(void)
{
	FAILS(open("/dev/nvmm", O_RDWR), EINVAL);
}

/* --- standard files --- */

static void
copying_its_input(void)
{
	char text[64];
	ssize_t n;

	use_device();
	while ((n = read(0, text, sizeof(text))) > 0)
		CHECK(write(1, text, (size_t)n) == n);
}

/* Descriptor 2 becomes a file with data. */
static void
with_data_as_standard_error(void)
{
	int fd;

	CHECK(close(2) == 0);
	fd = open(arguments[0], O_CREAT | O_WRONLY | O_TRUNC, 0644);
	CHECK(fd == 2);
	use_device();
	CHECK(write(2, "data", 4) == 4);
}

static void
with_data_as_standard_error_later(void)
{
	int fd = open(arguments[0], O_CREAT | O_WRONLY | O_TRUNC, 0644);

	use_device();
	CHECK(fd != -1 && dup2(fd, 2) == 2);
	CHECK(write(2, "data", 4) == 4);
}

/* And ours is closed with all others. */
static void
with_data_after_closing_all(void)
{
	int fd;

	use_device();
	closefrom(2);
	fd = open(arguments[0], O_CREAT | O_WRONLY | O_TRUNC, 0644);
	CHECK(fd == 2 && dup2(fd, 200) == 200 && dup2(fd, 201) == 201);
	CHECK(write(2, "data", 4) == 4);
}

static void
after_closing_all_but_the_standard_ones(void)
{
	use_device();
	closefrom(3);
}

static void
in_another_folder(void)
{
	use_device();
	CHECK(chdir("/") == 0);
}

/* It has no kernel to report on, whatever it calls. */
static void
with_a_child_that_uses_the_inherited(void)
{
	static struct guest guest;
	pid_t pid;

	guest_make(&guest, HELLO);
	pid = fork();
	if (pid == 0) {
		FAILS(nvmm_vcpu_run(&guest.machine, &guest.vcpu), ENXIO);
		exit(0);
	}
	CHECK(waitpid(pid, NULL, 0) == pid);
}

static void
with_a_child_of_its_own(void)
{
	pid_t pid;

	use_device();
	pid = fork();
	if (pid == 0) {
		use_device();
		use_device();
		exit(0);
	}
	printf("%d\n", (int)pid);
	fflush(stdout);
	while (waitpid(pid, NULL, 0) != pid)
		continue;
}

const struct behaviour behaviours[] = {
	APART(by_exit), APART(by_underscore_exit), APART(by_capital_exit),
	APART(by_quick_exit), APART(by_return), APART(by_signal),
	APART(by_abort), APART(by_exec), APART(by_another_thread),
	APART(while_a_guest_runs), APART(not_by_itself), APART(by_the_last_thread),
	APART(after_use_in_atexit), APART(after_use_in_a_destructor),
	APART(without_the_device), APART(without_opening_it),
	APART(copying_its_input), APART(with_data_as_standard_error),
	APART(with_data_as_standard_error_later),
	APART(with_data_after_closing_all),
	APART(after_closing_all_but_the_standard_ones),
	APART(with_a_child_that_uses_the_inherited),
	APART(in_another_folder), APART(with_a_child_of_its_own),
	{ NULL, NULL, NULL }
};
