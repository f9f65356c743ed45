/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of VCPU_RUN's steps: reasons not to run, commit, event, guest,
 * and the reasons again after every exit, with and without the quirks.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define UNTOUCHED	0xAAAAAAAAAAAAAAAAULL

static void
start_quirks(const struct sim_backend *backend, uint32_t quirks_off)
{
	const struct sim_config config = {
		.backend = backend, .quirks_off = quirks_off,
	};

	start_with(&config);
}

static void
raise_reason(enum sim_host_reason reason, unsigned looks)
{
	ck_assert_int_eq(sim_host_raise(fx.sim, fx.machid, 0, reason, looks),
	    0);
}

static const struct {
	const char *name;
	enum sim_host_reason host;
	bool stop;
	enum sim_exit_index exit;
} reasons[] = {
	{ "reschedule", SIM_HOST_RESCHEDULE, false, SIM_EXIT_NONE },
	{ "signal", SIM_HOST_SIGNAL, false, SIM_EXIT_NONE },
	{ "stop", SIM_HOST_NOTHING, true, SIM_EXIT_STOPPED },
	{ "suspend", SIM_HOST_SUSPEND, false, SIM_EXIT_NONE },
	{ "reschedule before stop", SIM_HOST_RESCHEDULE, true, SIM_EXIT_NONE },
	{ "signal before stop", SIM_HOST_SIGNAL, true, SIM_EXIT_NONE },
	{ "stop before suspend", SIM_HOST_SUSPEND, true, SIM_EXIT_STOPPED },
};

START_TEST(a_reason_not_to_run_leaves_everything_as_it_is)
{
	const char *name = reasons[_i].name;
	struct sim_state before, after;
	size_t i;

	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	page_set("rax", 0x77);
	word_set(SIM_COMM_COMMIT, GPRS);
	word_set(SIM_COMM_CACHED, GPRS | DRS);
	event_set(SIM_EVENT_INTR, 32, 0);
	before = truth();
	raise_reason(reasons[_i].host, 0);
	stop_set(reasons[_i].stop);
	memset(&fx.run, 0xAA, sizeof(fx.run));
	fx.run.machid = fx.machid;
	fx.run.cpuid = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &fx.run), 0);

	expect_hex(name, fx.run.exit.reason,
	    sim_exits[reasons[_i].exit].reason);
	for (i = 0; i < NELEM(fx.run.exit.u.words); i++)
		expect_hex(name, fx.run.exit.u.words[i], UNTOUCHED);
	expect_hex(name, fx.run.exit.rflags, UNTOUCHED);
	expect_hex(name, fx.run.exit.cr8, UNTOUCHED);
	expect_hex(name, fx.run.exit.intr, UNTOUCHED);
	flags_expect(name, 0, GPRS | DRS, GPRS);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 1);
	after = truth();
	ck_assert_int_eq(memcmp(&before, &after, sizeof(before)), 0);
	ck_assert_uint_eq(fx.next, 0);
	ck_assert_int_eq(stop_get(), 0);
}
END_TEST

START_TEST(what_a_reason_held_up_happens_at_the_next_run)
{
	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	page_set("rbx", 0x77);
	word_set(SIM_COMM_COMMIT, GPRS);
	event_set(SIM_EVENT_INTR, 32, 0);
	raise_reason(SIM_HOST_SIGNAL, 0);
	run_expect(SIM_EXIT_NONE);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rbx", truth_of("rbx"), 0x77);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
}
END_TEST

START_TEST(without_its_quirk_a_stop_that_met_a_signal_is_not_lost)
{
	start_quirks(&sim_backend_svm, SIM_QUIRK_LOST_STOP);
	will(SIM_STOP_HLT, 1);
	stop_set(1);
	raise_reason(SIM_HOST_SIGNAL, 0);
	run_expect(SIM_EXIT_NONE);
	ck_assert_int_eq(stop_get(), 1);
	run_expect(SIM_EXIT_STOPPED);
	ck_assert_int_eq(stop_get(), 0);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(any_value_but_zero_stops)
{
	start(&sim_backend_svm);
	stop_set(INT32_MIN);
	run_expect(SIM_EXIT_STOPPED);
}
END_TEST

START_TEST(an_illegal_event_fails_the_run_after_the_commit)
{
	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	page_set("rbx", 0x77);
	word_set(SIM_COMM_COMMIT, GPRS);
	event_set(SIM_EVENT_EXCP, 3, 0);
	memset(&fx.run, 0xAA, sizeof(fx.run));
	fx.run.machid = fx.machid;
	fx.run.cpuid = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &fx.run), EINVAL);
	expect_hex("rbx", truth_of("rbx"), 0x77);
	flags_expect("after", 0, 0, 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
	ck_assert_uint_eq(fx.next, 0);
	/* A failed ioctl copies nothing out. */
	expect_hex("reason", fx.run.exit.reason, UNTOUCHED);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(the_event_is_injected_after_the_commit)
{
	start(&sim_backend_svm);
	will(SIM_STOP_SHUTDOWN, 1);
	page_set("rflags", 0x202);
	word_set(SIM_COMM_COMMIT, GPRS);
	event_set(SIM_EVENT_EXCP, 14, 4);
	run_expect(SIM_EXIT_SHUTDOWN);
	/* The fault's RF is not overwritten by the RFLAGS committed. */
	expect_hex("rflags", truth_of("rflags"), 0x10202);
}
END_TEST

static void
stop_in_guest(void)
{
	stop_set(1);
}

/* An exit during which somebody asks the VCPU to stop. */
static const struct {
	const char *name;
	enum sim_stop_kind kind;
	enum sim_exit_index exit;
	uint64_t cached;
	bool recurs;
} exits[] = {
	{ "io", SIM_STOP_IO, SIM_EXIT_IO, ASSIST, true },
	{ "memory", SIM_STOP_MEMORY, SIM_EXIT_MEMORY, ASSIST, true },
	{ "rdmsr", SIM_STOP_RDMSR, SIM_EXIT_RDMSR, GPRS, true },
	{ "wrmsr", SIM_STOP_WRMSR, SIM_EXIT_WRMSR, GPRS, true },
	{ "halted", SIM_STOP_HLT, SIM_EXIT_HALTED, 0, false },
	{ "shutdown", SIM_STOP_SHUTDOWN, SIM_EXIT_SHUTDOWN, 0, true },
	{ "invalid", SIM_STOP_INSN, SIM_EXIT_INVALID, 0, true },
};

START_TEST(a_stop_during_an_exit_replaces_it)
{
	start(&sim_backend_svm);
	will(exits[_i].kind, 2);
	will(SIM_STOP_CPUID, 2);
	fx.in_guest = stop_in_guest;
	run_expect(SIM_EXIT_STOPPED);
	flags_expect(exits[_i].name, 0, exits[_i].cached, 0);
	/* Unlike in step 1 the guest ran, and its exit state is told. */
	expect_hex("rflags", fx.run.exit.rflags, 2);
	ck_assert_int_eq(stop_get(), 0);
	fx.in_guest = NULL;
	run_expect(exits[_i].recurs ? exits[_i].exit : SIM_EXIT_NONE);
}
END_TEST

START_TEST(a_signal_during_an_exit_replaces_it)
{
	start(&sim_backend_svm);
	will(exits[_i].kind, 2);
	raise_reason(SIM_HOST_SIGNAL, 1);
	run_expect(SIM_EXIT_NONE);
	flags_expect(exits[_i].name, 0, exits[_i].cached, 0);
	run_expect(exits[_i].recurs ? exits[_i].exit : SIM_EXIT_NONE);
}
END_TEST

START_TEST(without_its_quirk_an_exit_is_not_replaced)
{
	start_quirks(&sim_backend_svm, RUN_QUIRKS);
	will(exits[_i].kind, 2);
	fx.in_guest = stop_in_guest;
	run_expect(exits[_i].exit);
	flags_expect(exits[_i].name, 0, exits[_i].cached, 0);
	ck_assert_int_eq(stop_get(), 1);
	run_expect(SIM_EXIT_STOPPED);
}
END_TEST

START_TEST(a_stop_that_comes_late_is_lost_with_the_quirk)
{
	start_quirks(&sim_backend_svm, SIM_QUIRK_EXIT_OVERWRITTEN);
	will(SIM_STOP_HLT, 1);
	fx.in_guest = stop_in_guest;
	run_expect(SIM_EXIT_HALTED);
	ck_assert_int_eq(stop_get(), 0);
}
END_TEST

START_TEST(a_window_exit_that_is_replaced_is_lost)
{
	start(&sim_backend_svm);
	reg_set("rflags", SIM_RFLAGS_IF | 2);
	reg_set("int_window_exiting", 1);
	raise_reason(SIM_HOST_SIGNAL, 1);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.run.exit.intr & SIM_INTR_INT_WINDOW, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(a_cpuid_exit_that_is_replaced_runs_with_its_own_answer)
{
	const struct sim_conf_cpuid conf = {
		.action = SIM_CONF_CPUID_EXIT, .leaf = 0x80000007,
	};
	struct sim_vcpu_configure_arg arg;

	start(&sim_backend_svm);
	arg = (struct sim_vcpu_configure_arg){
		.machid = fx.machid, .op = SIM_VCPU_CONF_CPUID,
		.conf = (uintptr_t)&conf,
	};
	ck_assert_int_eq(ioc(SIM_VCPU_CONFIGURE, &arg), 0);
	will_cpuid(0x80000007, 0);
	will(SIM_STOP_HLT, 1);
	raise_reason(SIM_HOST_SIGNAL, 1);
	run_expect(SIM_EXIT_NONE);
	expect_hex("rdx", truth_of("rdx"), 0x100);
	/* RAX is 0 now: leaf 0 is answered in the kernel. */
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rax", truth_of("rax"), 0xD);
}
END_TEST

START_TEST(a_reason_during_a_handled_exit_leaves_nothing_cached)
{
	start(&sim_backend_svm);
	will_rdmsr(0x8B);
	will(SIM_STOP_HLT, 1);
	raise_reason(SIM_HOST_SUSPEND, 1);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", 0, 0, 0);
	ck_assert_uint_eq(fx.next, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(reasons_are_looked_for_after_every_exit)
{
	unsigned i;

	start_loop(_i % NBACKENDS);
	for (i = 0; i < 6; i++)
		will_rdmsr(0x8B);
	raise_reason(SIM_HOST_SIGNAL, (unsigned)_i);
	run_expect(SIM_EXIT_NONE);
	/* The first look is before the guest. */
	ck_assert_uint_eq(fx.next, (unsigned)_i);
}
END_TEST

START_TEST(nothing_cached_outlives_an_exit_that_the_kernel_handled)
{
	struct sim_policy policy = *sim_policy_find("netbsd");
	const struct sim_config config = { .policy = &policy };

	/* Handled exits are followed by more of the guest. */
	policy.speculate[SIM_EXIT_NONE] = GPRS;
	start_with(&config);
	will_rdmsr(0x8B);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	flags_expect("stale registers", 0, 0, 0);
}
END_TEST

START_TEST(a_guest_with_nothing_to_do_returns_none)
{
	start_loop(_i);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", 0, 0, 0);
	expect_hex("rflags", fx.run.exit.rflags, 2);
}
END_TEST

START_TEST(time_goes_on_with_every_entry)
{
	uint64_t one, two;

	start(&sim_backend_svm);
	run_expect(SIM_EXIT_NONE);
	one = truth_of("tsc");
	run_expect(SIM_EXIT_NONE);
	two = truth_of("tsc");
	ck_assert_uint_gt(one, 0);
	ck_assert_uint_eq(two, 2 * one);
	/* Not without one. */
	raise_reason(SIM_HOST_SIGNAL, 0);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(truth_of("tsc"), two);
}
END_TEST

Suite *
run_suite(void)
{
	Suite *suite = suite_create("run");
	TCase *tcase = fixture_tcase("steps");

	tcase_add_loop_test(tcase,
	    a_reason_not_to_run_leaves_everything_as_it_is,
	    0, NELEM(reasons));
	tcase_add_test(tcase, what_a_reason_held_up_happens_at_the_next_run);
	tcase_add_test(tcase,
	    without_its_quirk_a_stop_that_met_a_signal_is_not_lost);
	tcase_add_test(tcase, any_value_but_zero_stops);
	tcase_add_test(tcase, an_illegal_event_fails_the_run_after_the_commit);
	tcase_add_test(tcase, the_event_is_injected_after_the_commit);
	tcase_add_loop_test(tcase, a_stop_during_an_exit_replaces_it,
	    0, NELEM(exits));
	tcase_add_loop_test(tcase, a_signal_during_an_exit_replaces_it,
	    0, NELEM(exits));
	tcase_add_loop_test(tcase, without_its_quirk_an_exit_is_not_replaced,
	    0, NELEM(exits));
	tcase_add_test(tcase, a_stop_that_comes_late_is_lost_with_the_quirk);
	tcase_add_test(tcase, a_window_exit_that_is_replaced_is_lost);
	tcase_add_test(tcase,
	    a_cpuid_exit_that_is_replaced_runs_with_its_own_answer);
	tcase_add_test(tcase,
	    a_reason_during_a_handled_exit_leaves_nothing_cached);
	tcase_add_loop_test(tcase, reasons_are_looked_for_after_every_exit,
	    0, 6);
	tcase_add_test(tcase,
	    nothing_cached_outlives_an_exit_that_the_kernel_handled);
	tcase_add_loop_test(tcase, a_guest_with_nothing_to_do_returns_none,
	    0, NBACKENDS);
	tcase_add_test(tcase, time_goes_on_with_every_entry);
	suite_add_tcase(suite, tcase);
	return suite;
}
