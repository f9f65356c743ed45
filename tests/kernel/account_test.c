/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel counts is exact, and what it allocates comes back.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "memory.h"

static struct sim_stats
stats(void)
{
	struct sim_stats result;

	sim_stats_read(fx.sim, &result);
	return result;
}

START_TEST(every_ioctl_is_counted_once)
{
	struct sim_vcpu_arg vcpu = { .cpuid = 3 };
	struct sim_stats before, after;
	unsigned i;

	start(&sim_backend_svm);
	before = stats();
	for (i = 0; i < 3; i++)
		transfer(SIM_VCPU_GETSTATE, ALL);
	transfer(SIM_VCPU_SETSTATE, 0);
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, NULL), EFAULT);
	ck_assert_int_eq(ioc(SIM_VCPU_INJECT, &vcpu), ENOENT);
	ck_assert_int_eq(ioc(SIM_GPA_UNMAP, NULL), EFAULT);
	ck_assert_int_eq(gpa_unmap(0, PAGE), 0);
	after = stats();
	for (i = 0; i <= SIM_NIOCTL; i++)
		after.ioctls[i] -= before.ioctls[i];
	ck_assert_uint_eq(after.ioctls[SIM_VCPU_GETSTATE], 3);
	ck_assert_uint_eq(after.ioctls[SIM_VCPU_SETSTATE], 1);
	ck_assert_uint_eq(after.ioctls[SIM_VCPU_RUN], 1);
	ck_assert_uint_eq(after.ioctls[SIM_VCPU_INJECT], 1);
	ck_assert_uint_eq(after.ioctls[SIM_GPA_UNMAP], 2);
	ck_assert_uint_eq(after.ioctls[SIM_GPA_MAP], 0);
	ck_assert_uint_eq(after.ioctls[SIM_IOCTL_UNKNOWN], 0);
}
END_TEST

START_TEST(a_fresh_machine_has_cost_what_its_making_took)
{
	struct sim_stats now;

	start(&sim_backend_svm);
	now = stats();
	ck_assert_uint_eq(now.other[SIM_OTHER_OPEN], 1);
	ck_assert_uint_eq(now.other[SIM_OTHER_MMAP], 1);
	ck_assert_uint_eq(now.other[SIM_OTHER_MUNMAP], 0);
	ck_assert_uint_eq(now.ioctls[SIM_MACHINE_CREATE], 1);
	ck_assert_uint_eq(now.ioctls[SIM_VCPU_CREATE], 1);
	/* The reset state's way in is nobody's transfer. */
	ck_assert_uint_eq(now.bytes[SIM_WANTED][SIM_GPRS], 0);
	ck_assert_uint_eq(now.bytes[SIM_COMMIT][SIM_GPRS], 0);
}
END_TEST

START_TEST(bytes_are_counted_by_component_and_cause)
{
	enum sim_component c = (enum sim_component)_i;
	uint64_t size = sim_components[c].size;
	struct sim_policy policy = { .name = "one" };
	const struct sim_config config = { .policy = &policy };
	const char *name = sim_components[c].name;
	struct sim_stats now;
	unsigned i, j;

	policy.speculate[SIM_EXIT_HALTED] = SIM_BIT(c);
	start_with(&config);
	will(SIM_STOP_HLT, 1);
	transfer(SIM_VCPU_GETSTATE, SIM_BIT(c));
	transfer(SIM_VCPU_SETSTATE, SIM_BIT(c));
	word_set(SIM_COMM_COMMIT, SIM_BIT(c) | 1ULL << 40);
	run_expect(SIM_EXIT_HALTED);
	now = stats();
	expect_hex(name, now.bytes[SIM_WANTED][c], 2 * size);
	expect_hex(name, now.bytes[SIM_SPECULATIVE][c], size);
	expect_hex(name, now.bytes[SIM_COMMIT][c], size);
	for (i = 0; i < SIM_NCAUSE; i++) {
		for (j = 0; j < SIM_NCOMPONENT; j++)
			ck_assert(j == (unsigned)c || now.bytes[i][j] == 0);
	}
}
END_TEST

START_TEST(exits_and_handled_ones_are_counted)
{
	struct sim_stats now;
	unsigned i, total = 0;

	start(&sim_backend_svm);
	will_rdmsr(0x8B);
	will_cpuid(0, 0);
	will_io(false, 1, 1);
	run_expect(SIM_EXIT_IO);
	run_expect(SIM_EXIT_IO);
	stop_set(1);
	run_expect(SIM_EXIT_STOPPED);
	event_set(SIM_EVENT_EXCP, 3, 0);
	ck_assert_int_eq(run(), EINVAL);
	now = stats();
	ck_assert_uint_eq(now.handled, 2);
	ck_assert_uint_eq(now.exits[SIM_EXIT_IO], 2);
	ck_assert_uint_eq(now.exits[SIM_EXIT_STOPPED], 1);
	for (i = 0; i < SIM_NEXIT; i++)
		total += (unsigned)now.exits[i];
	ck_assert_uint_eq(total, 3);
	ck_assert_uint_eq(now.ioctls[SIM_VCPU_RUN], 4);
}
END_TEST

START_TEST(counts_outlive_their_vcpu_and_machine)
{
	struct sim_stats before, after;

	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	before = stats();
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	after = stats();
	after.ioctls[SIM_VCPU_DESTROY]--;
	after.ioctls[SIM_MACHINE_DESTROY]--;
	ck_assert_int_eq(memcmp(&before, &after, sizeof(before)), 0);
}
END_TEST

static uint64_t
objects(void)
{
	uint64_t bytes, n;

	sim_usage(fx.sim, &bytes, &n);
	ck_assert_int_eq(bytes == 0, n == 0);
	return n;
}

START_TEST(memory_comes_back_with_each_destruction)
{
	uint64_t hva, with_vcpu, before;

	start(&sim_backend_svm);
	before = objects();
	vcpu_create(fx.machid, 1);
	with_vcpu = objects();
	ck_assert_uint_gt(with_vcpu, before);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 1), 0);
	ck_assert_uint_eq(objects(), before);
	hva = memory_new(4);
	ck_assert_int_eq(hva_map(hva, 4 * PAGE), 0);
	ck_assert_int_eq(gpa_map(hva, 0, 4 * PAGE, RWX), 0);
	ck_assert_int_eq(gpa_map(hva, PAGE, PAGE, RWX), 0);
	ck_assert_int_eq(gpa_unmap(2 * PAGE, PAGE), 0);
	ck_assert_int_eq(hva_unmap(hva, 4 * PAGE), 0);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	ck_assert_uint_eq(objects(), 0);
}
END_TEST

START_TEST(a_close_leaves_nothing_behind)
{
	struct sim_file *file;
	uint64_t before;
	unsigned i;

	start(&sim_backend_svm);
	before = objects();
	file = open_file(O_RDWR);
	for (i = 0; i < 3; i++) {
		uint32_t machid = machine_create(file);
		struct sim_vcpu_arg arg = { .machid = machid, .cpuid = i };

		ck_assert_int_eq(ioc_as(file, SIM_VCPU_CREATE, &arg), 0);
	}
	sim_close(file);
	ck_assert_uint_eq(objects(), before);
}
END_TEST

START_TEST(two_hundred_machines_in_a_row_leave_nothing)
{
	uint64_t before;
	uint32_t machid;
	unsigned i;

	start(&sim_backend_svm);
	before = objects();
	for (i = 0; i < 200; i++) {
		machid = machine_create(fx.file);
		ck_assert_uint_eq(machid, 1);
		vcpu_create(machid, i);
		ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &machid), 0);
	}
	ck_assert_uint_eq(objects(), before);
}
END_TEST

START_TEST(a_kernel_can_end_with_machines_in_it)
{
	start(&sim_backend_svm);
	vcpu_create(machine_create(fx.file), 5);
	/* Leaks are valgrind's and the sanitizer's to find. */
	sim_destroy(fx.sim);
	fx.sim = NULL;
	sim_destroy(NULL);
}
END_TEST

Suite *
account_suite(void)
{
	Suite *suite = suite_create("account");
	TCase *tcase = fixture_tcase("counters");

	tcase_add_test(tcase, every_ioctl_is_counted_once);
	tcase_add_test(tcase, a_fresh_machine_has_cost_what_its_making_took);
	tcase_add_loop_test(tcase, bytes_are_counted_by_component_and_cause,
	    0, SIM_NCOMPONENT);
	tcase_add_test(tcase, exits_and_handled_ones_are_counted);
	tcase_add_test(tcase, counts_outlive_their_vcpu_and_machine);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("memory");
	tcase_add_test(tcase, memory_comes_back_with_each_destruction);
	tcase_add_test(tcase, a_close_leaves_nothing_behind);
	tcase_add_test(tcase, two_hundred_machines_in_a_row_leave_nothing);
	tcase_add_test(tcase, a_kernel_can_end_with_machines_in_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
