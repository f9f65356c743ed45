/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events: which are legal, what injecting one does besides, and when it is
 * delivered.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

/* Exceptions by vector: bits as NVMM-FACTS lists them. */
#define LEGAL		0xFFFFFFF2U
#define WITHOUT_RF	0x00040112U	/* 1, 4, 8, 18 */
#define WITH_ERROR	0x40227D00U	/* 8, 10-14, 17, 21, 30 */

static bool
legal(int vector)
{
	return vector < 32 && (LEGAL >> vector & 1);
}

START_TEST(exceptions_are_legal_by_their_vector)
{
	int vector;

	start(&sim_backend_svm);
	for (vector = 0; vector < 256; vector++) {
		vcpu_fresh();
		event_set(SIM_EVENT_EXCP, (uint8_t)vector, 0);
		ck_assert_msg(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0) ==
		    (legal(vector) ? 0 : EINVAL), "INJECT of %d", vector);
		vcpu_fresh();
		event_set(SIM_EVENT_EXCP, (uint8_t)vector, 0);
		ck_assert_msg(run() == (legal(vector) ? 0 : EINVAL),
		    "a run with %d", vector);
		ck_assert_msg(fx.ndelivered == legal(vector),
		    "vector %d", vector);
	}
}
END_TEST

START_TEST(a_legal_exception_sets_rf_and_has_its_error_code)
{
	int vector = _i == 0 ? 1 : _i + 3;	/* 1, 4, 5, ..., 31 */
	uint32_t bit = 1U << vector;
	bool error = WITH_ERROR & bit;

	start(&sim_backend_vmx);
	event_set(SIM_EVENT_EXCP, (uint8_t)vector, 0x1234567890ULL);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert(!fx.delivered[0].interrupt);
	ck_assert_int_eq(fx.delivered[0].vector, vector);
	ck_assert_int_eq(fx.delivered[0].has_error, error);
	expect_hex("error", fx.delivered[0].error, error ? 0x34567890 : 0);
	expect_hex("rflags", fx.run.exit.rflags,
	    WITHOUT_RF & bit ? 2 : SIM_RFLAGS_RF | 2);
}
END_TEST

START_TEST(every_interrupt_vector_is_legal)
{
	int vector;

	start(&sim_backend_svm);
	for (vector = 0; vector < 256; vector++) {
		vcpu_fresh();
		event_set(SIM_EVENT_INTR, (uint8_t)vector, 99);
		run_expect(SIM_EXIT_NONE);
		ck_assert_msg(fx.ndelivered == 1, "vector %d", vector);
		ck_assert(fx.delivered[0].interrupt);
		ck_assert_int_eq(fx.delivered[0].vector, vector);
		ck_assert(!fx.delivered[0].has_error);
		expect_hex("rflags", fx.run.exit.rflags, 2);
		/* The NMI asks to be told when the next one can come. */
		expect_hex("intr", fx.run.exit.intr,
		    vector == 2 ? SIM_INTR_NMI_WINDOW : 0);
	}
}
END_TEST

static const uint32_t types[] = { 2, 3, 0x100, 0x80000000, UINT32_MAX };

START_TEST(other_types_are_no_events)
{
	start(&sim_backend_svm);
	event_set(types[_i], 32, 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), EINVAL);
	ck_assert_int_eq(run(), EINVAL);
	ck_assert_uint_eq(fx.ndelivered, 0);
}
END_TEST

START_TEST(inject_does_not_touch_event_commit)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_INTR, 32, 0);
	fx.page[SIM_COMM_EVENT_COMMIT] = 0;
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
	fx.page[SIM_COMM_EVENT_COMMIT] = 1;
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 1);
	/* Injected twice, pending once. */
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 1);
}
END_TEST

START_TEST(an_injected_event_is_pending_until_the_next_entry)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_INTR, 32, 0);
	fx.page[SIM_COMM_EVENT_COMMIT] = 0;
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	expect_hex("intr", truth().intr, SIM_INTR_EVT_PENDING);
	ck_assert_int_eq(sim_host_raise(fx.sim, fx.machid, 0,
	    SIM_HOST_SIGNAL, 0), 0);
	run_expect(SIM_EXIT_NONE);
	expect_hex("intr", truth().intr, SIM_INTR_EVT_PENDING);
	run_expect(SIM_EXIT_NONE);
	expect_hex("intr", fx.run.exit.intr, 0);
	ck_assert_uint_eq(fx.ndelivered, 1);
}
END_TEST

START_TEST(a_new_event_overwrites_a_pending_one)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_EXCP, 14, 5);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	event_set(SIM_EVENT_INTR, 33, 0);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert(fx.delivered[0].interrupt);
	ck_assert_uint_eq(fx.delivered[0].vector, 33);
	ck_assert(!fx.delivered[0].has_error);
	ck_assert_uint_eq(fx.delivered[0].error, 0);
}
END_TEST

START_TEST(an_illegal_event_leaves_the_pending_one)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_INTR, 33, 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	event_set(SIM_EVENT_EXCP, 3, 0);
	ck_assert_int_eq(run(), EINVAL);
	run_expect(SIM_EXIT_NONE);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.delivered[0].vector, 33);
}
END_TEST

START_TEST(an_event_is_delivered_before_the_window_is_looked_at)
{
	start_loop(_i);
	reg_set("rflags", SIM_RFLAGS_IF | 2);
	reg_set("int_window_exiting", 1);
	event_set(SIM_EVENT_INTR, 32, 0);
	run_expect(SIM_EXIT_INT_READY);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.next, 0);
}
END_TEST

/* An interrupt for a guest that does not accept one. */
static const struct {
	const char *name;
	const struct sim_backend *backend;
	uint64_t rflags, shadow;
	uint8_t vector;
	bool fails;
} entries[] = {
	{ "VMX, IF off", &sim_backend_vmx, 2, 0, 32, true },
	{ "VMX, shadowed", &sim_backend_vmx, 0x202, 1, 32, true },
	{ "VMX, accepted", &sim_backend_vmx, 0x202, 0, 32, false },
	{ "VMX, NMI", &sim_backend_vmx, 2, 1, 2, false },
	{ "SVM, IF off", &sim_backend_svm, 2, 0, 32, false },
	{ "SVM, shadowed", &sim_backend_svm, 0x202, 1, 32, false },
};

START_TEST(vmx_refuses_to_enter_with_an_interrupt_that_cannot_be_taken)
{
	const char *name = entries[_i].name;

	start(entries[_i].backend);
	will(SIM_STOP_HLT, 1);
	reg_set("rflags", entries[_i].rflags);
	reg_set("int_shadow", entries[_i].shadow);
	event_set(SIM_EVENT_INTR, entries[_i].vector, 0);
	if (!entries[_i].fails) {
		run_expect(SIM_EXIT_HALTED);
		ck_assert_msg(fx.ndelivered == 1, "%s", name);
		return;
	}
	run_expect(SIM_EXIT_INVALID);
	expect_hex(name, fx.run.exit.u.inv.hwcode, 33);
	ck_assert_msg(fx.ndelivered == 0 && fx.next == 0, "%s", name);
	expect_hex("intr", fx.run.exit.intr & SIM_INTR_EVT_PENDING, 0);
	/* The event went with the entry that failed. */
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 0);
}
END_TEST

START_TEST(vmx_takes_an_exception_whatever_if_says)
{
	start(&sim_backend_vmx);
	will(SIM_STOP_HLT, 1);
	event_set(SIM_EVENT_EXCP, 6, 0);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
}
END_TEST

/*
 * An exception is taken instead of the instruction that RIP is on, an
 * interrupt before it: its handler comes back to it.
 */
START_TEST(an_exception_ends_the_instruction_that_exited)
{
	bool exception = _i == 0;

	start(&sim_backend_svm);
	will_io(false, 1, 1);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_IO);
	event_set(exception ? SIM_EVENT_EXCP : SIM_EVENT_INTR, 13, 0);
	run_expect(exception ? SIM_EXIT_HALTED : SIM_EXIT_IO);
}
END_TEST

Suite *
event_suite(void)
{
	Suite *suite = suite_create("event");
	TCase *tcase = fixture_tcase("events");

	tcase_add_test(tcase, exceptions_are_legal_by_their_vector);
	tcase_add_loop_test(tcase,
	    a_legal_exception_sets_rf_and_has_its_error_code, 0, 29);
	tcase_add_test(tcase, every_interrupt_vector_is_legal);
	tcase_add_loop_test(tcase, other_types_are_no_events,
	    0, NELEM(types));
	tcase_add_test(tcase, inject_does_not_touch_event_commit);
	tcase_add_test(tcase,
	    an_injected_event_is_pending_until_the_next_entry);
	tcase_add_test(tcase, a_new_event_overwrites_a_pending_one);
	tcase_add_test(tcase, an_illegal_event_leaves_the_pending_one);
	tcase_add_loop_test(tcase,
	    an_event_is_delivered_before_the_window_is_looked_at,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    vmx_refuses_to_enter_with_an_interrupt_that_cannot_be_taken,
	    0, NELEM(entries));
	tcase_add_test(tcase, vmx_takes_an_exception_whatever_if_says);
	tcase_add_loop_test(tcase,
	    an_exception_ends_the_instruction_that_exited, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
