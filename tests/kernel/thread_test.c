/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several threads: who waits for whom.  What is broken here hangs until
 * libcheck's timeout; no test measures time.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define TURNS	100	/* of the one who has to get his turn */

/* A thread that runs a VCPU again and again until it is told to end. */
struct runner {
	pthread_t thread;
	uint32_t cpuid;
	atomic_bool end;
	atomic_uint runs;
	int error;		/* of the first run that failed */
};

static void *
runner_main(void *arg)
{
	struct runner *runner = arg;
	struct sim_run_arg run_arg;

	while (!atomic_load(&runner->end) && runner->error == 0) {
		memset(&run_arg, 0, sizeof(run_arg));
		run_arg.machid = fx.machid;
		run_arg.cpuid = runner->cpuid;
		runner->error = ioc(SIM_VCPU_RUN, &run_arg);
		atomic_fetch_add(&runner->runs, 1);
	}
	return NULL;
}

static void
runner_start(struct runner *runner, uint32_t cpuid)
{
	memset(runner, 0, sizeof(*runner));
	runner->cpuid = cpuid;
	ck_assert_int_eq(pthread_create(&runner->thread, NULL, runner_main,
	    runner), 0);
	/* From here on it really runs. */
	while (atomic_load(&runner->runs) == 0)
		usleep(100);
}

static int
runner_end(struct runner *runner)
{
	atomic_store(&runner->end, true);
	ck_assert_int_eq(pthread_join(runner->thread, NULL), 0);
	return runner->error;
}

START_TEST(who_wants_the_whole_machine_gets_his_turn)
{
	struct sim_mach_info info = { .machid = 0 };
	struct sim_ctl_arg ctl = {
		.data = (uintptr_t)&info, .size = sizeof(info),
	};
	struct runner runners[2];
	uint64_t hva;
	unsigned i;

	start(&sim_backend_svm);
	vcpu_create(fx.machid, 1);
	hva = memory_new(1);
	runner_start(&runners[0], 0);
	runner_start(&runners[1], 1);
	for (i = 0; i < TURNS; i++) {
		ck_assert_int_eq(hva_map(hva, PAGE), 0);
		ck_assert_int_eq(ioc(SIM_CTL, &ctl), 0);
		ck_assert_uint_eq(info.nram, PAGE);
		ck_assert_int_eq(hva_unmap(hva, PAGE), 0);
	}
	ck_assert_int_eq(runner_end(&runners[0]), 0);
	ck_assert_int_eq(runner_end(&runners[1]), 0);
}
END_TEST

START_TEST(guest_mappings_change_while_vcpus_run)
{
	struct runner runner;
	uint64_t hva;
	unsigned i;

	start(&sim_backend_svm);
	hva = memory_new(2);
	ck_assert_int_eq(hva_map(hva, 2 * PAGE), 0);
	runner_start(&runner, 0);
	for (i = 0; i < TURNS; i++) {
		ck_assert_int_eq(gpa_map(hva, 0, 2 * PAGE, RWX), 0);
		ck_assert_int_eq(gpa_unmap(PAGE, PAGE), 0);
	}
	ck_assert_int_eq(runner_end(&runner), 0);
}
END_TEST

/* A guest that waits in the middle of its entry until it may go on. */
static sem_t entered, go_on;

static void
wait_in_guest(void)
{
	sem_post(&entered);
	while (sem_wait(&go_on) == -1)
		;
}

static void
waiting_guest(void)
{
	sem_init(&entered, 0, 0);
	sem_init(&go_on, 0, 0);
	fx.in_guest = wait_in_guest;
	will(SIM_STOP_HLT, 1);
}

static void *
run_once(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)run();
}

static pthread_t
thread_start(void *(*function)(void *))
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, function, NULL), 0);
	return thread;
}

static int
thread_end(pthread_t thread)
{
	void *result;

	ck_assert_int_eq(pthread_join(thread, &result), 0);
	return (int)(intptr_t)result;
}

START_TEST(other_vcpus_go_on_while_one_is_in_its_guest)
{
	struct sim_run_arg arg = { .cpuid = 1 };
	pthread_t thread;
	uint64_t hva;
	void *addr;

	start(&sim_backend_svm);
	vcpu_create(fx.machid, 1);
	hva = memory_new(1);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	waiting_guest();
	thread = thread_start(run_once);
	sem_wait(&entered);
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &arg), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_GETSTATE, fx.machid, 1), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 2), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 2), 0);
	ck_assert_int_eq(gpa_map(hva, 0, PAGE, RWX), 0);
	ck_assert_int_eq(sim_mmap(fx.file, NULL, SIM_COMM_PAGE_SIZE, 1, 1,
	    1 << 12, &addr), 0);
	sem_post(&go_on);
	ck_assert_int_eq(thread_end(thread), 0);
	expect_hex("reason", fx.run.exit.reason,
	    sim_exits[SIM_EXIT_HALTED].reason);
}
END_TEST

/* Those that must wait for the VCPU in its guest, each in a thread. */
static atomic_bool guest_left;
static int (*waiter)(void);

static void *
wait_for_guest(void *arg)
{
	int error = waiter();

	(void)arg;
	return (void *)(intptr_t)(atomic_load(&guest_left) ? error : -1);
}

static void
wait_and_leave(void)
{
	wait_in_guest();
	atomic_store(&guest_left, true);
}

static int
do_getstate(void)
{
	return ioc_vcpu(SIM_VCPU_GETSTATE, fx.machid, 0);
}

static int
do_create(void)
{
	return ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 0);
}

static int
do_vcpu_destroy(void)
{
	return ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0);
}

static int
do_machine_create(void)
{
	uint32_t machid;

	return ioc(SIM_MACHINE_CREATE, &machid);
}

static int
do_machine_destroy(void)
{
	return ioc(SIM_MACHINE_DESTROY, &fx.machid);
}

static int
do_hva_unmap(void)
{
	return hva_unmap(MEMORY_HVA, PAGE);
}

static int
do_close(void)
{
	sim_close(fx.file);
	return 0;
}

static int
do_close_another(void)
{
	sim_close(open_file(O_RDONLY));
	return 0;
}

static const struct {
	const char *name;
	int (*waiter)(void);
	int error;		/* once the guest has left */
	int after;		/* of a run after that */
} waiters[] = {
	{ "GETSTATE", do_getstate, 0, 0 },
	{ "VCPU_CREATE", do_create, EBUSY, 0 },
	{ "VCPU_DESTROY", do_vcpu_destroy, 0, ENOENT },
	{ "MACHINE_CREATE", do_machine_create, 0, 0 },
	{ "MACHINE_DESTROY", do_machine_destroy, 0, ENOENT },
	{ "HVA_UNMAP", do_hva_unmap, ENOENT, 0 },
	{ "close", do_close, 0, ENOENT },
	{ "close of another file", do_close_another, 0, 0 },
};

START_TEST(some_wait_until_the_vcpu_has_left_its_guest)
{
	const char *name = waiters[_i].name;
	pthread_t guest, other;

	start(&sim_backend_svm);
	waiting_guest();
	fx.in_guest = wait_and_leave;
	atomic_store(&guest_left, false);
	waiter = waiters[_i].waiter;
	guest = thread_start(run_once);
	sem_wait(&entered);
	other = thread_start(wait_for_guest);
	/* So that one who does not wait is caught; no pass depends on it. */
	usleep(20000);
	sem_post(&go_on);
	/* The run under way ends as if nobody had waited. */
	ck_assert_int_eq(thread_end(guest), 0);
	expect_hex(name, fx.run.exit.reason,
	    sim_exits[SIM_EXIT_HALTED].reason);
	ck_assert_msg(thread_end(other) == waiters[_i].error, "%s", name);
	fx.in_guest = NULL;
	expect_error(name, run(), waiters[_i].after);
}
END_TEST

static void
guest_without_end(void)
{
	fx.next = 0;
	sem_post(&entered);
}

START_TEST(a_stop_from_another_thread_ends_a_run)
{
	pthread_t thread;

	start(&sim_backend_svm);
	/* The kernel handles these for ever. */
	will_rdmsr(0x8B);
	sem_init(&entered, 0, 0);
	fx.in_guest = guest_without_end;
	thread = thread_start(run_once);
	sem_wait(&entered);
	stop_set(1);
	ck_assert_int_eq(thread_end(thread), 0);
	expect_hex("reason", fx.run.exit.reason,
	    sim_exits[SIM_EXIT_STOPPED].reason);
}
END_TEST

START_TEST(threads_on_one_vcpu_take_turns_and_all_are_counted)
{
	struct runner runners[2];
	struct sim_stats stats;
	unsigned runs;

	start(&sim_backend_svm);
	runner_start(&runners[0], 0);
	runner_start(&runners[1], 0);
	while (atomic_load(&runners[1].runs) < TURNS)
		transfer(SIM_VCPU_GETSTATE, GPRS);
	ck_assert_int_eq(runner_end(&runners[0]), 0);
	ck_assert_int_eq(runner_end(&runners[1]), 0);
	runs = runners[0].runs + runners[1].runs;
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.ioctls[SIM_VCPU_RUN], runs);
	ck_assert_uint_eq(stats.exits[SIM_EXIT_NONE], runs);
}
END_TEST

START_TEST(counters_can_be_read_while_vcpus_run)
{
	struct sim_stats stats;
	struct runner runner;
	uint64_t last = 0;
	unsigned i;

	start(&sim_backend_svm);
	runner_start(&runner, 0);
	for (i = 0; i < TURNS; i++) {
		sim_stats_read(fx.sim, &stats);
		ck_assert_uint_ge(stats.ioctls[SIM_VCPU_RUN], last);
		last = stats.ioctls[SIM_VCPU_RUN];
	}
	ck_assert_int_eq(runner_end(&runner), 0);
}
END_TEST

START_TEST(a_machine_that_goes_ends_its_runners)
{
	struct runner runners[2];

	start(&sim_backend_svm);
	vcpu_create(fx.machid, 1);
	runner_start(&runners[0], 0);
	runner_start(&runners[1], 1);
	if (_i == 0)
		ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	else
		sim_close(fx.file);
	/* They end by themselves. */
	ck_assert_int_eq(pthread_join(runners[0].thread, NULL), 0);
	ck_assert_int_eq(pthread_join(runners[1].thread, NULL), 0);
	ck_assert_int_eq(runners[0].error, ENOENT);
	ck_assert_int_eq(runners[1].error, ENOENT);
}
END_TEST

Suite *
thread_suite(void)
{
	Suite *suite = suite_create("thread");
	TCase *tcase = fixture_tcase("threads");

	tcase_add_test(tcase, who_wants_the_whole_machine_gets_his_turn);
	tcase_add_test(tcase, guest_mappings_change_while_vcpus_run);
	tcase_add_test(tcase, other_vcpus_go_on_while_one_is_in_its_guest);
	tcase_add_loop_test(tcase,
	    some_wait_until_the_vcpu_has_left_its_guest, 0, NELEM(waiters));
	tcase_add_test(tcase, a_stop_from_another_thread_ends_a_run);
	tcase_add_test(tcase,
	    threads_on_one_vcpu_take_turns_and_all_are_counted);
	tcase_add_test(tcase, counters_can_be_read_while_vcpus_run);
	tcase_add_loop_test(tcase, a_machine_that_goes_ends_its_runners,
	    0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
