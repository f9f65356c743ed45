/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Other processes: what they inherit of the device, and what they do not.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>

#include "check.h"

extern char **environ;

static struct guest guest;

static void
must_exit_well(pid_t pid)
{
	int status;

	CHECK(pid > 0);
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
inherited_must_fail(int fd)
{
	struct nvmm_ioc_machine_create args;

	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args), ENXIO);
	FAILS(ioctl(fd, NVMM_IOC_VCPU_RUN, &args), ENXIO);
	CHECK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED &&
	    errno == ENXIO);
}

/* One line on standard error, however often. */
static void
child_cannot_use_the_inherited(void)
{
	int fd = device_open(O_RDWR), copy;
	uint32_t machid = machine_of(fd);
	pid_t pid = fork();

	if (pid == 0) {
		inherited_must_fail(fd);
		copy = dup(fd);
		inherited_must_fail(copy);
		CHECK(close(copy) == 0 && close(fd) == 0);
		FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, NULL), EBADF);
		_exit(0);
	}
	must_exit_well(pid);
	CHECK(is_there(machid));
}

static void
child_opens_its_own(void)
{
	int fd = device_open(O_RDWR), own;
	pid_t pid;

	CHECK(machine_of(fd) == 0);
	CHECK(machine_of(fd) == 1);
	pid = fork();
	if (pid == 0) {
		CHECK(close(fd) == 0);
		own = device_open(O_RDWR);
		CHECK(machine_of(own) == 0);
		_exit(0);
	}
	must_exit_well(pid);
	CHECK(machine_of(fd) == 2);
	CHECK(is_there(0));
}

static void
run_to_its_output(struct guest *g)
{
	CHECK(nvmm_vcpu_run(&g->machine, &g->vcpu) == 0);
	CHECK(g->vcpu.exit->reason == NVMM_VCPU_EXIT_IO);
}

static void
parents_machine_is_unharmed(void)
{
	pid_t pid;

	guest_make(&guest, HELLO);
	pid = fork();
	if (pid == 0)
		exit(0);
	must_exit_well(pid);
	run_to_its_output(&guest);
}

/* Without fork's handlers: nobody tells us. */
static void
child_of_a_raw_fork_cannot_use_the_inherited(void)
{
	int fd = device_open(O_RDWR), own;
	uint32_t machid = machine_of(fd);
	pid_t pid = (pid_t)syscall(SYS_fork);

	if (pid == 0) {
		inherited_must_fail(fd);
		own = device_open(O_RDWR);
		CHECK(machine_of(own) == 0);
		_exit(0);
	}
	must_exit_well(pid);
	CHECK(is_there(machid) && machine_of(fd) == machid + 1);
}

static void
child_of_underscore_fork_cannot_use_the_inherited(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);
	pid_t pid = _Fork();

	if (pid == 0) {
		int copy = dup(fd);

		inherited_must_fail(copy);
		CHECK(close(copy) == 0);
		inherited_must_fail(fd);
		exit(0);
	}
	must_exit_well(pid);
	CHECK(is_there(machid) && machine_of(fd) == machid + 1);
}

static void
grandchild_has_its_own(void)
{
	int fd = device_open(O_RDWR);
	pid_t pid;

	(void)machine_of(fd);
	pid = fork();
	if (pid == 0) {
		CHECK(machine_of(device_open(O_RDWR)) == 0);
		pid = fork();
		if (pid == 0) {
			CHECK(machine_of(device_open(O_RDWR)) == 0);
			_exit(0);
		}
		must_exit_well(pid);
		_exit(0);
	}
	must_exit_well(pid);
}

/* It has our memory, but descriptors of its own. */
static void
vfork_child_may_close(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);
	pid_t pid = vfork();

	if (pid == 0) {
		close(fd);
		_exit(0);
	}
	must_exit_well(pid);
	CHECK(is_there(machid));
	CHECK(machine_of(fd) == machid + 1);
}

static void
vfork_child_may_duplicate(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);
	pid_t pid = vfork();

	if (pid == 0) {
		if (dup2(fd, 70) != 70)
			_exit(1);
		_exit(0);
	}
	must_exit_well(pid);
	CHECK(close(fd) == 0);
	CHECK(!is_there(machid));
}

static void
vfork_child_may_open(void)
{
	int fd = device_open(O_RDWR);
	pid_t pid = vfork();

	if (pid == 0) {
		(void)open("/dev/nvmm", O_RDWR | O_CLOEXEC);
		_exit(0);
	}
	must_exit_well(pid);
	FAILS(ioctl(fd + 1, NVMM_IOC_MACHINE_CREATE, NULL), EBADF);
	CHECK(machine_of(fd) == 0);
}

static void
spawned_program_runs(void)
{
	char *const argv[] = { "true", NULL };
	posix_spawn_file_actions_t actions;
	int fd = device_open(O_RDWR);
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addclose(&actions, fd);
	posix_spawn_file_actions_adddup2(&actions, 1, 5);
	CHECK(posix_spawnp(&pid, "true", &actions, NULL, argv, environ) == 0);
	must_exit_well(pid);
	CHECK(machine_of(fd) == 0);
	CHECK(system("exit 7") == 7 << 8);
	CHECK(machine_of(fd) == 1);
}

/* The descriptor that came by execve(2) is its argument. */
static void
executed_with_a_descriptor(void)
{
	struct nvmm_ioc_machine_create args;
	int fd = atoi(arguments[0]);

	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args), ENXIO);
	FAILS(ioctl(fd, NVMM_IOC_VCPU_RUN, &args), ENXIO);
}

static void
cloexec_cleared_is_not_enough(void)
{
	char number[12], *argv[] = { "processes",
	    "executed_with_a_descriptor", number, NULL };
	int fd = device_open(O_RDWR);

	CHECK(fcntl(fd, F_SETFD, 0) == 0);
	snprintf(number, sizeof(number), "%d", fd);
	execve("/proc/self/exe", argv, environ);
	CHECK(false);
}

static void
executed_without(void)
{
	FAILS(fcntl(atoi(arguments[0]), F_GETFD), EBADF);
	CHECK(machine_of(device_open(O_RDWR)) == 0);
}

static void
exec_closes(void)
{
	char number[12], *argv[] = { "processes", "executed_without",
	    number, NULL };
	int fd = device_open(O_RDWR);

	(void)machine_of(fd);
	snprintf(number, sizeof(number), "%d", fd);
	execve("/proc/self/exe", argv, environ);
	CHECK(false);
}

/* Nothing of ours is in its environment: it has no device, and runs. */
static void
child_with_an_empty_environment(void)
{
	char *const argv[] = { "sh", "-c", "test ! -e /dev/nvmm", NULL };
	char *const none[] = { NULL };
	pid_t pid;

	(void)device_open(O_RDWR);
	CHECK(posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, none) == 0);
	must_exit_well(pid);
}

/* --- forks while other things go on --- */

static volatile bool enough;

static void *
opener(void *arg)
{
	int fd;

	(void)arg;
	while (!enough) {
		fd = device_open(O_RDWR);
		(void)machine_of(fd);
		CHECK(close(fd) == 0);
	}
	return NULL;
}

static void *
runner(void *arg)
{
	struct nvmm_machine machine;
	struct nvmm_vcpu vcpu;

	(void)arg;
	while (!enough) {
		CHECK(nvmm_machine_create(&machine) == 0);
		CHECK(nvmm_vcpu_create(&machine, 0, &vcpu) == 0);
		CHECK(nvmm_vcpu_run(&machine, &vcpu) == 0);
		CHECK(nvmm_vcpu_destroy(&machine, &vcpu) == 0);
		CHECK(nvmm_machine_destroy(&machine) == 0);
	}
	return NULL;
}

static void *
handler_setter(void *arg)
{
	(void)arg;
	while (!enough)
		(void)signal(SIGUSR2, SIG_IGN);
	return NULL;
}

static void
forks_among_threads(void)
{
	void *(*const work[])(void *) = { opener, runner, handler_setter };
	pthread_t threads[3];
	int i;
	pid_t pid;

	CHECK(nvmm_init() == 0);
	for (i = 0; i < 3; i++)
		CHECK(pthread_create(&threads[i], NULL, work[i], NULL) == 0);
	for (i = 0; i < 40; i++) {
		pid = fork();
		if (pid == 0) {
			CHECK(machine_of(device_open(O_RDWR)) == 0);
			(void)signal(SIGUSR2, SIG_DFL);
			_exit(0);
		}
		must_exit_well(pid);
	}
	enough = true;
	for (i = 0; i < 3; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

/* The kernel is loaded by the one, and forked by the other. */
static void
first_open_while_another_forks(void)
{
	pthread_t thread;
	pid_t pid;
	int i;

	CHECK(pthread_create(&thread, NULL, opener, NULL) == 0);
	for (i = 0; i < 20; i++) {
		pid = fork();
		if (pid == 0) {
			CHECK(machine_of(device_open(O_RDWR)) == 0);
			_exit(0);
		}
		must_exit_well(pid);
	}
	enough = true;
	CHECK(pthread_join(thread, NULL) == 0);
}

static volatile sig_atomic_t handled, forked;

static void
forking_handler(int sig)
{
	pid_t pid;

	(void)sig;
	handled++;
	pid = fork();
	if (pid == 0)
		_exit(0);
	must_exit_well(pid);
	forked++;
}

static void
handler_forks(void)
{
	guest_make(&guest, ENDLESS);
	CHECK(signal(SIGALRM, forking_handler) != SIG_ERR);
	alarm(1);
	while (forked == 0)
		CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(handled == 1 && forked == 1);
	CHECK(nvmm_machine_destroy(&guest.machine) == 0);
}

/* Pending signals are not inherited: the children hear of none. */
static void
counting_handler(int sig)
{
	(void)sig;
	handled++;
}

static void
child_does_not_get_its_parents_signals(void)
{
	const struct timespec beat = { 0, 200000 };
	const struct itimerspec often = { beat, beat };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGUSR1 };
	timer_t timer;
	pid_t pid;
	int i;

	(void)device_open(O_RDWR);
	CHECK(signal(SIGUSR1, counting_handler) != SIG_ERR);
	CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	CHECK(timer_settime(timer, 0, &often, NULL) == 0);
	for (i = 0; i < 300; i++) {
		sig_atomic_t before = handled, seen;

		pid = fork();
		if (pid == 0) {
			seen = handled;
			usleep(1);
			_exit(handled != seen && before >= 0);
		}
		must_exit_well(pid);
	}
}

const struct behaviour behaviours[] = {
	TELLS(child_cannot_use_the_inherited), B(child_opens_its_own),
	B(parents_machine_is_unharmed),
	TELLS(child_of_a_raw_fork_cannot_use_the_inherited),
	TELLS(child_of_underscore_fork_cannot_use_the_inherited),
	B(grandchild_has_its_own),
	B(vfork_child_may_close), B(vfork_child_may_duplicate),
	B(vfork_child_may_open), B(spawned_program_runs),
	APART(executed_with_a_descriptor), TELLS(cloexec_cleared_is_not_enough),
	APART(executed_without), B(exec_closes),
	B(child_with_an_empty_environment), B(forks_among_threads),
	B(first_open_while_another_forks), B(handler_forks),
	B(child_does_not_get_its_parents_signals),
	{ NULL, NULL, NULL }
};
