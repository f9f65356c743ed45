/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes to control registers: what the processor checks, what exits.
 */
#include <string.h>

#include "fixture.h"

static const struct {
	const char *name;
	unsigned number;
	uint64_t value;
	const char *reg;
	uint64_t svm, vmx;	/* what it is then */
} written[] = {
	{ "cr0", 0, SIM_CR0_PE, "cr0", 0x11, 0x31 },
	{ "cr0 without caches", 0, SIM_CR0_CD | SIM_CR0_NW, "cr0",
	    0x60000010, 0x60000030 },
	{ "cr2", 2, ~0ULL, "cr2", ~0ULL, ~0ULL },
	{ "cr3", 3, 0x123000, "cr3", 0x123000, 0x123000 },
	{ "cr4", 4, SIM_CR4_PAE | SIM_CR4_OSXSAVE, "cr4", 0x40020, 0x40020 },
	{ "cr8", 8, 15, "cr8", 15, 15 },
};

START_TEST(a_write_reaches_the_register)
{
	int row = _i / NBACKENDS;
	bool vmx = _i % NBACKENDS == 1;
	bool exits = vmx && written[row].number != 2 &&
	    written[row].number != 3;
	struct sim_stats stats;

	start_loop(_i % NBACKENDS);
	will_cr(written[row].number, written[row].value);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex(written[row].name, truth_of(written[row].reg),
	    vmx ? written[row].vmx : written[row].svm);
	expect_hex("rip", truth_of("rip"), 0xFFF0 + 4);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.handled, exits);
}
END_TEST

static const struct {
	const char *name;
	unsigned number;
	uint64_t value;
} refused[] = {
	{ "cr0: paging without protection", 0, SIM_CR0_PG },
	{ "cr0: no write-through, but caches", 0, SIM_CR0_NW },
	{ "cr0: 33 bits", 0, 1ULL << 32 },
	{ "cr4: VMXE", 4, 1ULL << 13 },
	{ "cr4: above what there is", 4, 1ULL << 22 },
	{ "cr8: 5 bits", 8, 16 },
};

START_TEST(what_the_processor_refuses_is_a_general_protection_fault)
{
	int row = _i / NBACKENDS;
	bool vmx = _i % NBACKENDS == 1;
	struct sim_state before;
	struct sim_stats stats;

	start_loop(_i % NBACKENDS);
	before = truth();
	will_cr(refused[row].number, refused[row].value);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.delivered[0].vector, 13);
	ck_assert(fx.delivered[0].has_error && fx.delivered[0].error == 0);
	ck_assert_msg(memcmp(before.crs, truth().crs, sizeof(before.crs)) == 0,
	    "%s", refused[row].name);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.handled, vmx);
	/* The kernel's own are built in the page, the processor's are not. */
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT + 4], vmx ? 13 : 0);
}
END_TEST

START_TEST(paging_makes_long_mode_active_and_leaves_it)
{
	start_loop(_i);
	reg_set("efer", SIM_EFER_LME);
	reg_set("cr4", SIM_CR4_PAE);
	will_cr(0, SIM_CR0_PE | SIM_CR0_PG);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("efer", truth_of("efer"), SIM_EFER_LME | SIM_EFER_LMA);
	/* Long mode cannot be without PAE: refused. */
	will_cr(4, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("cr4", truth_of("cr4"), SIM_CR4_PAE);
	will_cr(0, SIM_CR0_PE);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("efer", truth_of("efer"), SIM_EFER_LME);
}
END_TEST

START_TEST(long_mode_needs_pae_and_is_left_from_its_32_bit_half)
{
	start_loop(_i);
	reg_set("efer", SIM_EFER_LME);
	will_cr(0, SIM_CR0_PE | SIM_CR0_PG);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
	reg_set("cr4", SIM_CR4_PAE);
	will_cr(0, SIM_CR0_PE | SIM_CR0_PG);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
	reg_set("cs.attrib", 0x9B | SIM_ATTRIB_L);
	will_cr(0, SIM_CR0_PE);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 2);
}
END_TEST

static void
configure_tpr(void)
{
	struct sim_conf_tpr conf = { .flags = 1 };
	struct sim_vcpu_configure_arg arg = {
		.machid = fx.machid,
		.op = SIM_VCPU_CONF_TPR,
		.conf = (uintptr_t)&conf,
	};

	ck_assert_int_eq(ioc(SIM_VCPU_CONFIGURE, &arg), 0);
}

START_TEST(every_cr8_write_exits_if_the_vmm_wants_it)
{
	start(&sim_backend_vmx);
	configure_tpr();
	will_cr(8, 5);
	run_expect(SIM_EXIT_TPR_CHANGED);
	expect_hex("cr8", fx.run.exit.cr8, 5);
	expect_hex("rip", truth_of("rip"), 0xFFF3);
	flags_expect("after", 0, 0, 0);
	/* The same value is a write, too; a bad one is a fault. */
	will_cr(8, 5);
	run_expect(SIM_EXIT_TPR_CHANGED);
	will_cr(8, 16);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_uint_eq(fx.ndelivered, 1);
}
END_TEST

Suite *
cr_suite(void)
{
	Suite *suite = suite_create("cr");
	TCase *tcase = fixture_tcase("control registers");

	tcase_add_loop_test(tcase, a_write_reaches_the_register,
	    0, NELEM(written) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    what_the_processor_refuses_is_a_general_protection_fault,
	    0, NELEM(refused) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    paging_makes_long_mode_active_and_leaves_it, 0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    long_mode_needs_pae_and_is_left_from_its_32_bit_half,
	    0, NBACKENDS);
	tcase_add_test(tcase, every_cr8_write_exits_if_the_vmm_wants_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
