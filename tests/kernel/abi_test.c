/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Generations of the interface: which one a descriptor speaks, and what v1
 * and v3 do differently from v2.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"

#define CAPABILITY_V2	0x40684e00UL
#define CAPABILITY_V3	0x40704e00UL
#define VCPU_CREATE_V2	0x80084e04UL
#define VCPU_CREATE_V3	0xc0104e04UL

static void
start_abi(const struct sim_abi *abi)
{
	const struct sim_config config = { .abi = abi };

	ck_assert_int_eq(sim_create(&config, &fx.sim), 0);
	fx.file = open_file(O_RDONLY);
}

static int
command(struct sim_file *file, unsigned long number)
{
	uint8_t arg[SIM_ARG_MAX] = { 0 };

	return sim_ioctl(file, number, arg);
}

static const struct {
	unsigned long first;	/* 0: none yet */
	const struct sim_abi *given;
	int capability[2], vcpu_create[2];	/* of v2, of v3 */
} descriptors[] = {
	{ CAPABILITY_V2, NULL, { 0, EINVAL }, { ENOENT, EINVAL } },
	{ CAPABILITY_V3, NULL, { EINVAL, 0 }, { EINVAL, ENOENT } },
	{ VCPU_CREATE_V2, NULL, { 0, EINVAL }, { ENOENT, EINVAL } },
	{ VCPU_CREATE_V3, NULL, { EINVAL, 0 }, { EINVAL, ENOENT } },
	{ 0, &sim_abi_v1, { 0, EINVAL }, { ENOENT, EINVAL } },
	{ 0, &sim_abi_v2, { 0, EINVAL }, { ENOENT, EINVAL } },
	{ 0, &sim_abi_v3, { EINVAL, 0 }, { EINVAL, ENOENT } },
};

START_TEST(a_descriptor_is_of_one_generation)
{
	start_abi(descriptors[_i].given);
	if (descriptors[_i].first != 0)
		(void)command(fx.file, descriptors[_i].first);
	expect_error("CAPABILITY of v2", command(fx.file, CAPABILITY_V2),
	    descriptors[_i].capability[0]);
	expect_error("CAPABILITY of v3", command(fx.file, CAPABILITY_V3),
	    descriptors[_i].capability[1]);
	expect_error("VCPU_CREATE of v2", command(fx.file, VCPU_CREATE_V2),
	    descriptors[_i].vcpu_create[0]);
	expect_error("VCPU_CREATE of v3", command(fx.file, VCPU_CREATE_V3),
	    descriptors[_i].vcpu_create[1]);
}
END_TEST

START_TEST(ioctls_that_all_have_decide_nothing)
{
	uint32_t machid;

	start_abi(NULL);
	ck_assert_int_eq(ioc(SIM_MACHINE_CREATE, &machid), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_GETSTATE, machid, 0), ENOENT);
	ck_assert_int_eq(command(fx.file, CAPABILITY_V3), 0);
	ck_assert_int_eq(command(fx.file, CAPABILITY_V2), EINVAL);
}
END_TEST

START_TEST(two_descriptors_of_one_kernel_differ)
{
	struct sim_file *other;

	start_abi(NULL);
	other = open_file(O_RDONLY);
	ck_assert_int_eq(command(fx.file, CAPABILITY_V2), 0);
	ck_assert_int_eq(command(other, CAPABILITY_V3), 0);
	ck_assert_int_eq(command(fx.file, CAPABILITY_V2), 0);
}
END_TEST

static uint32_t
version_of(const struct sim_abi *abi)
{
	uint32_t words[SIM_ARG_MAX / 4] = { 0 };

	ck_assert_int_eq(sim_ioctl(fx.file, abi->command[SIM_CAPABILITY],
	    words), 0);
	return words[0];
}

START_TEST(the_capability_names_the_generation)
{
	start_abi(sim_abis[_i]);
	ck_assert_uint_eq(version_of(sim_abis[_i]), sim_abis[_i]->version);
	ck_assert_ptr_eq(sim_abi_find(sim_abis[_i]->name), sim_abis[_i]);
	ck_assert_ptr_null(sim_abi_find("v4"));
}
END_TEST

/* A machine with one VCPU of v3, whose page the kernel has mapped. */
static void
start_v3(void)
{
	struct sim_vcpu_create_arg arg = { .cpuid = 0 };

	start_abi(&sim_abi_v3);
	fx.machid = machine_create(fx.file);
	arg.machid = fx.machid;
	ck_assert_int_eq(sim_ioctl(fx.file, VCPU_CREATE_V3, &arg), 0);
	feed_vcpu(fx.machid, 0);
	fx.page = (uint8_t *)(uintptr_t)arg.comm;
	fx.state = (struct sim_state *)(void *)(fx.page + SIM_COMM_STATE);
}

START_TEST(v3_maps_the_page_when_it_creates_the_vcpu)
{
	struct sim_stats stats;
	void *addr;

	start_v3();
	ck_assert_ptr_nonnull(fx.page);
	expect_hex("rip", page_of("rip"), 0xFFF0);
	flags_expect("a new VCPU", 0, ALL, 0);
	ck_assert_int_eq(sim_mmap(fx.file, NULL, 4096, PROT_READ, MAP_SHARED,
	    0, &addr), ENODEV);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	/* It stays until its owner unmaps it. */
	expect_hex("rip", page_of("rip"), 0xFFF0);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, 4096), 0);
	fx.page = NULL;
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MMAP], 1);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MUNMAP], 1);
}
END_TEST

START_TEST(v3_keeps_a_vcpu_whose_answer_is_lost)
{
	struct sim_vcpu_create_arg *arg;
	size_t length = 4096;

	start_v3();
	arg = mmap(NULL, length, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	arg->machid = fx.machid;
	arg->cpuid = 1;
	ck_assert_int_eq(mprotect(arg, length, PROT_READ), 0);
	ck_assert_int_eq(sim_ioctl(fx.file, VCPU_CREATE_V3, arg), EFAULT);
	munmap(arg, length);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 1), 0);
}
END_TEST

START_TEST(v3_has_128_vcpus_and_127_tib)
{
	struct sim_vcpu_create_arg arg = { .cpuid = 128 };
	struct sim_gpa_unmap_arg unmap = {
		.gpa = (127ULL << 40) - 8192, .size = 4096,
	};

	start_v3();
	ck_assert_int_eq(sim_ioctl(fx.file, VCPU_CREATE_V3, &arg), EINVAL);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_GETSTATE, fx.machid, 128), EINVAL);
	unmap.machid = fx.machid;
	ck_assert_int_eq(ioc(SIM_GPA_UNMAP, &unmap), 0);
	unmap.gpa += 8192;
	ck_assert_int_eq(ioc(SIM_GPA_UNMAP, &unmap), EINVAL);
}
END_TEST

START_TEST(v3_keeps_an_exit_that_meets_a_signal)
{
	start_v3();
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(sim_host_raise(fx.sim, fx.machid, 0,
	    SIM_HOST_SIGNAL, 1), 0);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

static void
event_in_guest(void)
{
	if (fx.next == 1)
		event_set(SIM_EVENT_EXCP, 14, 2);
}

START_TEST(v3_looks_for_an_event_before_each_entry)
{
	start_v3();
	will_cpuid(1, 0);
	will_cpuid(1, 0);
	will(SIM_STOP_HLT, 1);
	fx.in_guest = event_in_guest;
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
}
END_TEST

static void
illegal_event_in_guest(void)
{
	if (fx.next == 1)
		event_set(SIM_EVENT_EXCP, 0, 0);
}

START_TEST(v3_fails_a_run_whose_late_event_is_none)
{
	start_v3();
	will_cpuid(1, 0);
	will_cpuid(1, 0);
	will(SIM_STOP_HLT, 1);
	fx.in_guest = illegal_event_in_guest;
	ck_assert_int_eq(run(), EINVAL);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(v2_looks_for_an_event_once)
{
	start(&sim_backend_svm);
	will_cpuid(1, 0);
	will_cpuid(1, 0);
	will(SIM_STOP_HLT, 1);
	fx.in_guest = event_in_guest;
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 1);
}
END_TEST

START_TEST(without_a_stop_word_nothing_stops)
{
	if (_i == 0) {
		start_v3();
	} else {
		start_abi(&sim_abi_v1);
		machine_fresh();
	}
	stop_set(1);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_int_eq(stop_get(), 1);
}
END_TEST

/* What a getstate of the TSC gives, by ioctl. */
static uint64_t
tsc_get(void)
{
	transfer(SIM_VCPU_GETSTATE, MSRS);
	return page_of("tsc");
}

static void
tsc_set(uint64_t value)
{
	page_set("tsc", value);
	transfer(SIM_VCPU_SETSTATE, MSRS);
}

START_TEST(v3_s_tsc_runs_and_ignores_what_it_has_told)
{
	uint64_t first, second;

	start_v3();
	first = tsc_get();
	second = tsc_get();
	ck_assert_uint_gt(first, 0);
	ck_assert_uint_gt(second, first);
	tsc_set(second);
	ck_assert_uint_gt(tsc_get(), second);
	tsc_set(0);
	ck_assert_uint_gt(tsc_get(), second);
	tsc_set(5);
	first = tsc_get();
	ck_assert_msg(first > 5 && first < second, "%llu",
	    (unsigned long long)first);
}
END_TEST

START_TEST(v2_s_tsc_stands_between_runs)
{
	start(&sim_backend_svm);
	ck_assert_uint_eq(tsc_get(), 0);
	tsc_set(1000000);
	ck_assert_uint_eq(tsc_get(), 1000000);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_gt(tsc_get(), 1000000);
	tsc_set(0);
	ck_assert_uint_eq(tsc_get(), 0);
}
END_TEST

Suite *
abi_suite(void)
{
	Suite *suite = suite_create("abi");
	TCase *tcase = fixture_tcase("generations");

	tcase_add_loop_test(tcase, a_descriptor_is_of_one_generation,
	    0, NELEM(descriptors));
	tcase_add_test(tcase, ioctls_that_all_have_decide_nothing);
	tcase_add_test(tcase, two_descriptors_of_one_kernel_differ);
	tcase_add_loop_test(tcase, the_capability_names_the_generation, 0, 3);
	tcase_add_test(tcase, v3_maps_the_page_when_it_creates_the_vcpu);
	tcase_add_test(tcase, v3_keeps_a_vcpu_whose_answer_is_lost);
	tcase_add_test(tcase, v3_has_128_vcpus_and_127_tib);
	tcase_add_test(tcase, v3_keeps_an_exit_that_meets_a_signal);
	tcase_add_test(tcase, v3_looks_for_an_event_before_each_entry);
	tcase_add_test(tcase, v3_fails_a_run_whose_late_event_is_none);
	tcase_add_test(tcase, v2_looks_for_an_event_once);
	tcase_add_loop_test(tcase, without_a_stop_word_nothing_stops, 0, 2);
	tcase_add_test(tcase, v3_s_tsc_runs_and_ignores_what_it_has_told);
	tcase_add_test(tcase, v2_s_tsc_stands_between_runs);
	suite_add_tcase(suite, tcase);
	return suite;
}
