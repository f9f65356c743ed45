/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What exits tell the VMM, per back end, and what the kernel caches with
 * each under each policy.
 */
#include <sys/mman.h>
#include <string.h>

#include "fixture.h"

#define HOLE	0x5000

START_TEST(an_io_exit_has_the_instruction_s_operands)
{
	const struct sim_exit_record *exit = &fx.run.exit;
	struct sim_intent *intent;

	start_loop(_i);
	will_io(true, 0x3F8, 4);
	intent = &fx.intents[0];
	intent->stop.u.io.rep = true;
	intent->stop.u.io.str = true;
	intent->stop.u.io.seg = SIM_SEG_ES;
	run_expect(SIM_EXIT_IO);
	ck_assert_uint_eq(exit->u.io.in, 1);
	ck_assert_uint_eq(exit->u.io.port, 0x3F8);
	ck_assert_int_eq(exit->u.io.seg, SIM_SEG_ES);
	ck_assert_uint_eq(exit->u.io.address_size, 2);
	ck_assert_uint_eq(exit->u.io.operand_size, 4);
	ck_assert_uint_eq(exit->u.io.rep, 1);
	ck_assert_uint_eq(exit->u.io.str, 1);
	expect_hex("npc", exit->u.io.npc, 0xFFF1);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
}
END_TEST

static const struct {
	const char *name;
	enum sim_access access;
	int32_t prot;
} accesses[] = {
	{ "read", SIM_ACCESS_READ, PROT_READ },
	{ "write", SIM_ACCESS_WRITE, PROT_WRITE },
	{ "fetch", SIM_ACCESS_EXEC, PROT_EXEC },
};

START_TEST(a_memory_exit_has_gpa_and_access)
{
	const struct sim_exit_record *exit = &fx.run.exit;
	bool svm = _i % NBACKENDS == 0;
	int row = _i / NBACKENDS;

	start_loop(_i % NBACKENDS);
	will_access(accesses[row].access, HOLE + 5, 4);
	memcpy(fx.intents[0].stop.bytes, "\x88\x03", 2);
	run_expect(SIM_EXIT_MEMORY);
	ck_assert_msg(exit->u.mem.prot == accesses[row].prot, "%s",
	    accesses[row].name);
	expect_hex("gpa", exit->u.mem.gpa, HOLE + 5);
	ck_assert_uint_eq(exit->u.mem.inst_len, svm ? 2 : 0);
	ck_assert_uint_eq(exit->u.mem.inst_bytes[0], svm ? 0x88 : 0);
	ck_assert_uint_eq(exit->u.mem.inst_bytes[1], svm ? 0x03 : 0);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
}
END_TEST

START_TEST(a_halted_guest_is_past_its_hlt_and_its_shadow)
{
	start_loop(_i);
	will_step(SIM_RFLAGS_IF, 0, true);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rip", truth_of("rip"), 0xFFF2);
	expect_hex("rflags", fx.run.exit.rflags, SIM_RFLAGS_IF | 2);
	expect_hex("intr", fx.run.exit.intr, 0);
}
END_TEST

START_TEST(hlt_turns_a_window_off_if_interrupts_are_on)
{
	start_loop(_i % NBACKENDS);
	reg_set("int_window_exiting", 1);
	if (_i >= NBACKENDS)
		will_step(SIM_RFLAGS_IF, 0, true);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("intr", fx.run.exit.intr,
	    _i >= NBACKENDS ? 0 : SIM_INTR_INT_WINDOW);
}
END_TEST

START_TEST(a_window_opens_when_interrupts_are_on_and_not_held_off)
{
	start_loop(_i);
	reg_set("int_window_exiting", 1);
	will_step(0, 0, false);
	will_step(SIM_RFLAGS_IF, 0, true);
	will_step(0, 0, false);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_INT_READY);
	/* STI holds interrupts off for one instruction more. */
	ck_assert_uint_eq(fx.next, 3);
	expect_hex("rip", truth_of("rip"), 0xFFF3);
	expect_hex("intr", fx.run.exit.intr, 0);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(without_a_window_interrupts_coming_on_are_no_exit)
{
	start_loop(_i);
	will_step(SIM_RFLAGS_IF, 0, false);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(shutdown_and_invalid_leave_rip_where_it_is)
{
	start_loop(_i % NBACKENDS);
	will(_i < NBACKENDS ? SIM_STOP_SHUTDOWN : SIM_STOP_INSN, 2);
	run_expect(_i < NBACKENDS ? SIM_EXIT_SHUTDOWN : SIM_EXIT_INVALID);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
	if (_i >= NBACKENDS)
		expect_hex("hwcode", fx.run.exit.u.inv.hwcode,
		    _i == NBACKENDS ? 0x76 : 13);
}
END_TEST

START_TEST(the_exit_state_is_the_vcpu_s)
{
	start_loop(_i);
	reg_set("cr8", 5);
	reg_set("nmi_window_exiting", 1);
	reg_set("int_shadow", 1);
	reg_set("rflags", 0x8D7);
	will_io(false, 1, 1);
	run_expect(SIM_EXIT_IO);
	expect_hex("rflags", fx.run.exit.rflags, 0x8D7);
	expect_hex("cr8", fx.run.exit.cr8, 5);
	expect_hex("intr", fx.run.exit.intr,
	    SIM_INTR_NMI_WINDOW | SIM_INTR_SHADOW);
}
END_TEST

START_TEST(an_msr_handled_before_leaves_its_fields_in_the_exit)
{
	start(&sim_backend_svm);
	will_rdmsr(0x8B);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("msr", fx.run.exit.u.rdmsr.msr, 0x8B);
	expect_hex("npc", fx.run.exit.u.rdmsr.npc, 0xFFF2);
}
END_TEST

START_TEST(what_an_exit_does_not_fill_stays_as_the_caller_had_it)
{
	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	memset(&fx.run, 0x5A, sizeof(fx.run));
	fx.run.machid = fx.machid;
	fx.run.cpuid = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &fx.run), 0);
	expect_hex("reason", fx.run.exit.reason,
	    sim_exits[SIM_EXIT_HALTED].reason);
	expect_hex("u", fx.run.exit.u.words[0], 0x5A5A5A5A5A5A5A5A);
	expect_hex("u", fx.run.exit.u.words[3], 0x5A5A5A5A5A5A5A5A);
	expect_hex("rflags", fx.run.exit.rflags, 2);
}
END_TEST

static const struct {
	const char *name;
	enum sim_stop_kind kind;
	enum sim_exit_index exit;
	uint64_t netbsd;
} speculated[] = {
	{ "io", SIM_STOP_IO, SIM_EXIT_IO, ASSIST },
	{ "memory", SIM_STOP_MEMORY, SIM_EXIT_MEMORY, ASSIST },
	{ "rdmsr", SIM_STOP_RDMSR, SIM_EXIT_RDMSR, GPRS },
	{ "wrmsr", SIM_STOP_WRMSR, SIM_EXIT_WRMSR, GPRS },
	{ "halted", SIM_STOP_HLT, SIM_EXIT_HALTED, 0 },
	{ "shutdown", SIM_STOP_SHUTDOWN, SIM_EXIT_SHUTDOWN, 0 },
	{ "invalid", SIM_STOP_INSN, SIM_EXIT_INVALID, 0 },
};

/* One run that ends in the row's exit; the page had garbage before. */
static void
speculate(int row, const struct sim_policy *policy, int backend)
{
	const struct sim_config config = {
		.backend = sim_backends[backend], .policy = policy,
	};

	start_with(&config);
	will(speculated[row].kind, 2);
	state_scribble(0x11);
	run_expect(speculated[row].exit);
}

static void
speculated_expect(int row, uint64_t components)
{
	struct sim_state now = truth();
	unsigned c;

	flags_expect(speculated[row].name, 0, components, 0);
	for (c = 0; c < SIM_NCOMPONENT; c++)
		ck_assert_msg(component_same(page_state(), &now,
		    (enum sim_component)c) == !!(components & SIM_BIT(c)),
		    "%s: %s", speculated[row].name, sim_components[c].name);
}

START_TEST(a_real_kernel_caches_what_the_assists_want)
{
	speculate(_i / NBACKENDS, NULL, _i % NBACKENDS);
	speculated_expect(_i / NBACKENDS, speculated[_i / NBACKENDS].netbsd);
}
END_TEST

START_TEST(the_policy_none_caches_nothing)
{
	speculate(_i / NBACKENDS, sim_policy_find("none"), _i % NBACKENDS);
	speculated_expect(_i / NBACKENDS, 0);
}
END_TEST

START_TEST(the_policy_all_caches_everything)
{
	speculate(_i / NBACKENDS, sim_policy_find("all"), _i % NBACKENDS);
	speculated_expect(_i / NBACKENDS, ALL);
}
END_TEST

START_TEST(a_policy_of_one_s_own_is_obeyed)
{
	struct sim_policy policy = { .name = "mine" };
	int row = _i / NBACKENDS;

	policy.speculate[speculated[row].exit] = DRS | FPU;
	speculate(row, &policy, _i % NBACKENDS);
	speculated_expect(row, DRS | FPU);
}
END_TEST

Suite *
exit_suite(void)
{
	Suite *suite = suite_create("exit");
	TCase *tcase = fixture_tcase("contents");

	tcase_add_loop_test(tcase, an_io_exit_has_the_instruction_s_operands,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, a_memory_exit_has_gpa_and_access,
	    0, NELEM(accesses) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    a_halted_guest_is_past_its_hlt_and_its_shadow, 0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    hlt_turns_a_window_off_if_interrupts_are_on, 0, 2 * NBACKENDS);
	tcase_add_loop_test(tcase,
	    a_window_opens_when_interrupts_are_on_and_not_held_off,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    without_a_window_interrupts_coming_on_are_no_exit, 0, NBACKENDS);
	tcase_add_loop_test(tcase, shutdown_and_invalid_leave_rip_where_it_is,
	    0, 2 * NBACKENDS);
	tcase_add_loop_test(tcase, the_exit_state_is_the_vcpu_s, 0, NBACKENDS);
	tcase_add_test(tcase,
	    an_msr_handled_before_leaves_its_fields_in_the_exit);
	tcase_add_test(tcase,
	    what_an_exit_does_not_fill_stays_as_the_caller_had_it);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("speculation");
	tcase_add_loop_test(tcase, a_real_kernel_caches_what_the_assists_want,
	    0, NELEM(speculated) * NBACKENDS);
	tcase_add_loop_test(tcase, the_policy_none_caches_nothing,
	    0, NELEM(speculated) * NBACKENDS);
	tcase_add_loop_test(tcase, the_policy_all_caches_everything,
	    0, NELEM(speculated) * NBACKENDS);
	tcase_add_loop_test(tcase, a_policy_of_one_s_own_is_obeyed,
	    0, NELEM(speculated) * NBACKENDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
