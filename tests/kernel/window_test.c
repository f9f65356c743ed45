/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NMIs and their window, interrupted deliveries, and entries that fail.
 */
#include <string.h>

#include "fixture.h"

static void
will_iret(void)
{
	will_step(0, 0, false);
	fx.intents[fx.nintents - 1].after.iret = true;
}

/* An NMI is on its way; the first run's guest is in its handler. */
static void
nmi(void)
{
	event_set(SIM_EVENT_INTR, 2, 0);
	will_io(false, 0x80, 1);
	run_expect(SIM_EXIT_IO);
	ck_assert_uint_eq(fx.ndelivered, 1);
	expect_hex("intr", fx.run.exit.intr, SIM_INTR_NMI_WINDOW);
	reg_set("rip", 0x1000);
}

START_TEST(vmx_tells_when_nmi_blocking_has_ended)
{
	start(&sim_backend_vmx);
	nmi();
	will_step(0, 0, false);
	will_iret();
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_NMI_READY);
	expect_hex("rip", truth_of("rip"), 0x1002);
	expect_hex("intr", fx.run.exit.intr, 0);
	flags_expect("nothing is cached", 0, 0, 0);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(svm_tells_before_an_iret_is_executed)
{
	start(&sim_backend_svm);
	nmi();
	will_step(0, 0, false);
	will_iret();
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_NMI_READY);
	expect_hex("rip", truth_of("rip"), 0x1001);
	expect_hex("intr", fx.run.exit.intr, 0);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rip", truth_of("rip"), 0x1003);
}
END_TEST

START_TEST(on_svm_any_iret_will_do)
{
	start(&sim_backend_svm);
	reg_set("nmi_window_exiting", 1);
	will_iret();
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_NMI_READY);
}
END_TEST

START_TEST(on_vmx_an_open_window_is_told_at_once)
{
	start(&sim_backend_vmx);
	reg_set("nmi_window_exiting", 1);
	reg_set("int_shadow", 1);
	will_step(0, 0, false);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_NMI_READY);
	/* After the shadow. */
	expect_hex("rip", truth_of("rip"), 0xFFF1);
}
END_TEST

START_TEST(a_delivery_that_meets_a_hole_stays_pending)
{
	bool nmi_too = _i >= NBACKENDS;

	start_loop(_i % NBACKENDS);
	reg_set("rsp", 0x8000);
	will_step(0, 0, false);
	fx.intents[0].after.pushes = true;
	will_io(false, 0x80, 1);
	run_expect(SIM_EXIT_IO);
	reg_set("rflags", 0x202);
	event_set(SIM_EVENT_INTR, nmi_too ? 2 : 0x20, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_MEMORY);
	expect_hex("gpa", fx.run.exit.u.mem.gpa, 0x7FFE);
	ck_assert_int_eq(fx.run.exit.u.mem.prot, 2);
	ck_assert_uint_eq(fx.run.exit.u.mem.inst_len, 0);
	expect_hex("intr", fx.run.exit.intr & SIM_INTR_EVT_PENDING,
	    SIM_INTR_EVT_PENDING);
	ck_assert_uint_eq(fx.ndelivered, 0);
	/* Again: the entry tries to deliver it once more. */
	run_expect(SIM_EXIT_MEMORY);
	reg_set("rsp", 0);
	reg_set("ss.base", 0);
}
END_TEST

START_TEST(a_processor_s_own_fault_can_be_interrupted_too)
{
	start(&sim_backend_svm);
	reg_set("rsp", 0x8000);
	will_step(0, 0, false);
	fx.intents[0].after.pushes = true;
	will_cr(8, 16);
	run_expect(SIM_EXIT_MEMORY);
	expect_hex("intr", fx.run.exit.intr, SIM_INTR_EVT_PENDING);
	/* A new injection takes its place. */
	event_set(SIM_EVENT_EXCP, 6, 0);
	run_expect(SIM_EXIT_MEMORY);
	expect_hex("intr", fx.run.exit.intr, SIM_INTR_EVT_PENDING);
}
END_TEST

START_TEST(setting_the_windows_ignores_evt_pending)
{
	start_loop(_i);
	reg_set("evt_pending", 1);
	expect_hex("intr", truth().intr, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 0);
}
END_TEST

static const struct {
	const char *reg;
	uint64_t svm, vmx;	/* values that one of them refuses; 0: none */
} states[] = {
	{ "cr0", 0x20000010, 0x80000010 },
	{ "cr0", 1ULL << 32, 1ULL << 32 },
	{ "dr6", 1ULL << 32, 0 },
	{ "dr7", 1ULL << 32, 1ULL << 32 },
	{ "efer", 1ULL << 16, 0 },
	{ "rflags", 0, 1 },
	{ "rflags", 0, 0x8002 },
	{ "rflags", 0, 0x400002 },
};

START_TEST(registers_that_cannot_be_fail_the_entry)
{
	int row = _i / NBACKENDS;
	bool vmx = _i % NBACKENDS == 1;
	uint64_t value = vmx ? states[row].vmx : states[row].svm;

	if (value == 0)
		return;
	start_loop(_i % NBACKENDS);
	reg_set(states[row].reg, value);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_INVALID);
	expect_hex("hwcode", fx.run.exit.u.inv.hwcode, vmx ? 33 : ~0ULL);
	ck_assert_uint_eq(fx.next, 0);
}
END_TEST

static const struct {
	const char *name;
	enum sim_host_reason reason;
	uint64_t svm, vmx;
} hardware[] = {
	{ "a failed entry", SIM_HOST_ENTRY_FAILURE, ~0ULL, ~0ULL },
	{ "a misconfiguration", SIM_HOST_MISCONFIGURATION, ~0ULL, 49 },
};

START_TEST(hardware_can_fail_an_entry_once)
{
	int row = _i / NBACKENDS;

	start_loop(_i % NBACKENDS);
	ck_assert_int_eq(sim_host_raise(fx.sim, fx.machid, 0,
	    hardware[row].reason, 0), 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_INVALID);
	expect_hex(hardware[row].name, fx.run.exit.u.inv.hwcode,
	    _i % NBACKENDS == 0 ? hardware[row].svm : hardware[row].vmx);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(a_spinning_guest_exits_for_the_host_only)
{
	struct sim_stats stats;

	start_loop(_i);
	will(SIM_STOP_OUTSIDE, 2)->spin = true;
	will(SIM_STOP_HLT, 1);
	fx.spins = 5;
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rip", truth_of("rip"), 0xFFF3);
	sim_stats_read(fx.sim, &stats);
	/* It is asked between two turns. */
	ck_assert_uint_eq(stats.handled, 6);
}
END_TEST

START_TEST(a_page_that_the_host_gives_late_is_no_exit)
{
	struct sim_stats stats;
	void *page;

	start_loop(_i);
	ck_assert_int_eq(sim_harness_page(fx.sim, fx.machid, 0x1000, &page),
	    0);
	will_access(SIM_ACCESS_WRITE, 0x1000, 1);
	fx.intents[0].first_touch = true;
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.handled, 1);
	/* What the kernel had speculated is stale by then. */
	flags_expect("after", 0, 0, 0);
}
END_TEST

START_TEST(a_signal_at_such_a_fault_leaves_the_memory_set)
{
	void *page;

	start_loop(_i);
	ck_assert_int_eq(sim_harness_page(fx.sim, fx.machid, 0x1000, &page),
	    0);
	will_access(SIM_ACCESS_WRITE, 0x1000, 1);
	fx.intents[0].first_touch = true;
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(sim_host_raise(fx.sim, fx.machid, 0,
	    SIM_HOST_SIGNAL, 1), 0);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", 0, ASSIST, 0);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

Suite *
window_suite(void)
{
	Suite *suite = suite_create("window");
	TCase *tcase = fixture_tcase("windows and deliveries");

	tcase_add_test(tcase, vmx_tells_when_nmi_blocking_has_ended);
	tcase_add_test(tcase, svm_tells_before_an_iret_is_executed);
	tcase_add_test(tcase, on_svm_any_iret_will_do);
	tcase_add_test(tcase, on_vmx_an_open_window_is_told_at_once);
	tcase_add_loop_test(tcase, a_delivery_that_meets_a_hole_stays_pending,
	    0, 2 * NBACKENDS);
	tcase_add_test(tcase,
	    a_processor_s_own_fault_can_be_interrupted_too);
	tcase_add_loop_test(tcase, setting_the_windows_ignores_evt_pending,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, registers_that_cannot_be_fail_the_entry,
	    0, NELEM(states) * NBACKENDS);
	tcase_add_loop_test(tcase, hardware_can_fail_an_entry_once,
	    0, NELEM(hardware) * NBACKENDS);
	tcase_add_loop_test(tcase, a_spinning_guest_exits_for_the_host_only,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, a_page_that_the_host_gives_late_is_no_exit,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    a_signal_at_such_a_fault_leaves_the_memory_set, 0, NBACKENDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
