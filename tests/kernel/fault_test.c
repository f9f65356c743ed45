/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures on request, and returns from VCPU_RUN now and then.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"

START_TEST(the_nth_ioctl_of_a_kind_fails_once_and_does_nothing)
{
	struct sim_stats stats;

	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	page_set("rbx", 7);
	word_set(SIM_COMM_COMMIT, GPRS);
	sim_fault_set(fx.sim, SIM_VCPU_RUN, 2, EIO);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_GETSTATE, fx.machid, 0), 0);
	run_expect(SIM_EXIT_HALTED);
	transfer(SIM_VCPU_GETSTATE, DRS);
	word_set(SIM_COMM_COMMIT, DRS);
	ck_assert_int_eq(run(), EIO);
	flags_expect("after", 0, DRS, DRS);
	expect_hex("reason", fx.run.exit.reason, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.ioctls[SIM_VCPU_RUN], 3);
}
END_TEST

START_TEST(every_ioctl_can_fail)
{
	uint8_t arg[SIM_ARG_MAX] = { 0 };

	start(&sim_backend_svm);
	sim_fault_set(fx.sim, (unsigned)_i, 1, ENOSPC);
	ck_assert_int_eq(ioc((enum sim_ioctl_index)_i, arg), ENOSPC);
	sim_fault_set(fx.sim, (unsigned)_i, 1, ENOSPC);
	sim_fault_set(fx.sim, (unsigned)_i, 0, 0);
	ck_assert_int_ne(ioc((enum sim_ioctl_index)_i, arg), ENOSPC);
}
END_TEST

START_TEST(open_and_mmap_can_fail_too)
{
	struct sim_file *file;
	void *addr;

	start(&sim_backend_svm);
	sim_fault_set(fx.sim, SIM_FAULT_OTHER + SIM_OTHER_OPEN, 1, EMFILE);
	ck_assert_int_eq(sim_open(fx.sim, O_CLOEXEC, &file), EMFILE);
	(void)open_file(O_RDONLY);
	sim_fault_set(fx.sim, SIM_FAULT_OTHER + SIM_OTHER_MMAP, 1, ENOMEM);
	ck_assert_int_eq(sim_mmap(fx.file, NULL, 4096, PROT_READ, MAP_SHARED,
	    0, &addr), ENOMEM);
	ck_assert_int_eq(sim_mmap(fx.file, NULL, 4096, PROT_READ, MAP_SHARED,
	    0, &addr), 0);
	ck_assert_int_eq(sim_munmap(fx.sim, addr, 4096), 0);
}
END_TEST

/* How many of n runs of an OUT returned NONE, which changes nothing. */
static unsigned
preempted_runs(uint64_t seed, unsigned n)
{
	const struct sim_config config = { .preempt_seed = seed };
	unsigned i, none = 0;

	start_with(&config);
	for (i = 0; i < n; i++) {
		fx.nintents = fx.next = 0;
		will(SIM_STOP_HLT, 1);
		ck_assert_int_eq(run(), 0);
		if (fx.run.exit.reason == 0) {
			none++;
			ck_assert(sim_preempted(fx.sim, fx.machid, 0));
			ck_assert_uint_eq(fx.next, 0);
		} else
			ck_assert(!sim_preempted(fx.sim, fx.machid, 0));
	}
	return none;
}

START_TEST(runs_are_preempted_now_and_then)
{
	unsigned none = preempted_runs((uint64_t)_i, 400);

	ck_assert_msg(none > 20 && none < 100, "%u of 400", none);
}
END_TEST

START_TEST(without_a_seed_they_are_not)
{
	ck_assert_uint_eq(preempted_runs(0, 400), 0);
}
END_TEST

START_TEST(preemption_never_takes_an_exit_away)
{
	const struct sim_config config = { .preempt_seed = 7 };
	unsigned i, none = 0;

	start_with(&config);
	for (i = 0; i < 400; i++) {
		fx.nintents = fx.next = 0;
		will_cpuid(1, 0);
		will(SIM_STOP_HLT, 1);
		do {
			ck_assert_int_eq(run(), 0);
			none += fx.run.exit.reason == 0;
		} while (fx.run.exit.reason == 0);
		expect_hex("reason", fx.run.exit.reason, 0x1003);
		ck_assert_uint_eq(fx.next, 2);
	}
	ck_assert_uint_gt(none, 20);
}
END_TEST

Suite *
fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = fixture_tcase("faults and preemption");

	tcase_add_test(tcase,
	    the_nth_ioctl_of_a_kind_fails_once_and_does_nothing);
	tcase_add_loop_test(tcase, every_ioctl_can_fail, 0, SIM_NIOCTL);
	tcase_add_test(tcase, open_and_mmap_can_fail_too);
	tcase_add_loop_test(tcase, runs_are_preempted_now_and_then, 1, 4);
	tcase_add_test(tcase, without_a_seed_they_are_not);
	tcase_add_test(tcase, preemption_never_takes_an_exit_away);
	suite_add_tcase(suite, tcase);
	return suite;
}
