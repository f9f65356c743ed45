/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that writes anything into its comm page: the kernel keeps its own
 * rules and does not crash.  Every value comes from a seed in the loop.
 */
#include <errno.h>
#include <string.h>

#include "memory.h"

#define NSEEDS	24

/* xorshift64*: the same numbers everywhere. */
static uint64_t random_state;

static uint64_t
random64(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 0x2545F4914F6CDD1DULL;
}

static void
random_start(int seed)
{
	random_state = 0x9E3779B97F4A7C15ULL * (uint64_t)(seed + 1);
}

static void
page_randomize(void)
{
	size_t offset;

	for (offset = 0; offset < SIM_COMM_PAGE_SIZE; offset += 8)
		word_set(offset, random64());
}

static void
will_something(void)
{
	switch (random64() % 6) {
	case 0:
		will_io(random64() & 1, (uint16_t)random64(), 4);
		break;
	case 1:
		will_rdmsr((uint32_t)random64());
		break;
	case 2:
		will_wrmsr(random64() & 1 ? 0x277 : 0xC0000080, random64());
		break;
	case 3:
		will_cpuid((uint32_t)random64(), (uint32_t)random64());
		break;
	case 4:
		will_access(SIM_ACCESS_READ, random64() & ~7ULL, 8);
		break;
	default:
		will(SIM_STOP_HLT, 1);
	}
}

START_TEST(a_page_of_noise_is_no_crash)
{
	static const enum sim_ioctl_index calls[] = {
		SIM_VCPU_GETSTATE, SIM_VCPU_SETSTATE, SIM_VCPU_INJECT,
	};
	unsigned i;
	int error;

	random_start(_i);
	start_loop(_i % NBACKENDS);
	for (i = 0; i < 32; i++) {
		page_randomize();
		stop_set(random64() & 1);
		error = ioc_vcpu(calls[random64() % NELEM(calls)], fx.machid,
		    0);
		ck_assert(error == 0 || error == EINVAL);
		will_something();
		error = run();
		ck_assert(error == 0 || error == EINVAL);
		ck_assert(error != 0 || sim_exit_find(fx.run.exit.reason) <
		    SIM_NEXIT);
	}
}
END_TEST

START_TEST(what_is_installed_from_noise_is_what_hardware_holds)
{
	struct sim_state state;

	random_start(_i);
	start_loop(_i % NBACKENDS);
	page_randomize();
	transfer(SIM_VCPU_SETSTATE, random64() | ALL);
	state = truth();
	ck_assert_uint_eq(state.crs[SIM_CR_XCR0] & ~2ULL, 1);
	ck_assert_uint_eq(state.intr & ~7ULL, 0);
	if (_i % NBACKENDS == 0) {
		ck_assert_uint_le(state.crs[SIM_CR_CR8], 15);
		ck_assert_uint_eq(state.msrs[SIM_MSR_EFER] & SIM_EFER_SVME, 0);
	} else {
		ck_assert_uint_eq(state.crs[SIM_CR_CR4] & ~0x370FFFULL, 0);
		ck_assert_uint_le(state.drs[SIM_DR_DR6], UINT32_MAX);
	}
}
END_TEST

START_TEST(any_byte_but_zero_commits_the_event)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_INTR, 32, 0);
	fx.page[SIM_COMM_EVENT_COMMIT] = 0x80;
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 1);
}
END_TEST

START_TEST(the_pending_bit_of_the_page_makes_no_event)
{
	start(&sim_backend_svm);
	fx.state->intr = ~0ULL;
	word_set(SIM_COMM_COMMIT, INTR);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 0);
}
END_TEST

START_TEST(arguments_of_noise_are_no_crash)
{
	union {
		uint64_t words[SIM_ARG_MAX / 8];
		uint32_t machid;
	} arg;
	enum sim_ioctl_index index;
	unsigned i, j;

	random_start(_i);
	start_loop(_i % NBACKENDS);
	for (i = 0; i < 64; i++) {
		for (j = 0; j < NELEM(arg.words); j++)
			arg.words[j] = random64();
		/* A real machine now and then, so that more is looked at. */
		if (random64() & 1)
			arg.machid = fx.machid;
		index = (enum sim_ioctl_index)(random64() % SIM_NIOCTL);
		if (index == SIM_MACHINE_DESTROY || index == SIM_MACHINE_CREATE)
			continue;
		(void)ioc(index, &arg);
	}
	run_expect(SIM_EXIT_NONE);
}
END_TEST

START_TEST(a_guest_access_across_the_end_of_its_memory_exits)
{
	uint64_t hva;

	start(&sim_backend_svm);
	hva = memory_new(1);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	ck_assert_int_eq(gpa_map(hva, 0, PAGE, RWX), 0);
	will_access(SIM_ACCESS_WRITE, PAGE - 4, 8);
	run_expect(SIM_EXIT_MEMORY);
	ck_assert_uint_eq(*(uint8_t *)(uintptr_t)(hva + PAGE - 1), 0);
}
END_TEST

static struct sim_mach_info dangling_info;
static struct sim_ctl_arg dangling_arg;

/* Nothing of its own on the stack: below it begins the kernel. */
static __attribute__((__noinline__)) int
ctl_below(size_t offset)
{
	dangling_arg.data = (uintptr_t)__builtin_frame_address(0) - offset;
	return sim_ioctl(fx.file, sim_abi_v2.command[SIM_CTL], &dangling_arg);
}

START_TEST(a_pointer_to_what_was_on_the_stack_once_harms_nobody)
{
	size_t offset;

	start(&sim_backend_svm);
	dangling_arg.op = SIM_CTL_MACH_INFO;
	dangling_arg.size = sizeof(dangling_info);
	for (offset = 256; offset < 2048; offset += 8)
		ck_assert_int_eq(ctl_below(offset), EFAULT);
	dangling_arg.data = (uintptr_t)&dangling_info;
	ck_assert_int_eq(ioc(SIM_CTL, &dangling_arg), 0);
	ck_assert_uint_eq(dangling_info.nvcpus, 1);
}
END_TEST

Suite *
hostile_suite(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tcase = fixture_tcase("noise");

	tcase_add_loop_test(tcase, a_page_of_noise_is_no_crash, 0, NSEEDS);
	tcase_add_loop_test(tcase,
	    what_is_installed_from_noise_is_what_hardware_holds, 0, NSEEDS);
	tcase_add_test(tcase, any_byte_but_zero_commits_the_event);
	tcase_add_test(tcase, the_pending_bit_of_the_page_makes_no_event);
	tcase_add_loop_test(tcase, arguments_of_noise_are_no_crash,
	    0, NSEEDS);
	tcase_add_test(tcase,
	    a_guest_access_across_the_end_of_its_memory_exits);
	tcase_add_test(tcase,
	    a_pointer_to_what_was_on_the_stack_once_harms_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
