/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDMSR and WRMSR: which reach the VMM, what the kernel makes of the others,
 * and #GP for values that it refuses.
 */
#include <string.h>

#include "fixture.h"

#define SVM	(&sim_backend_svm)
#define VMX	(&sim_backend_vmx)

/* Reads that the kernel answers; in pairs where both answer alike. */
static const struct {
	const char *name;
	const struct sim_backend *backend;
	uint32_t number;
	const char *reg;	/* set to before the read; NULL: none */
	uint64_t before, value;
} reads[] = {
	{ "STAR", SVM, 0xC0000081, "star", 0x123456789, 0x123456789 },
	{ "STAR", VMX, 0xC0000081, "star", 0x123456789, 0x123456789 },
	{ "LSTAR", SVM, 0xC0000082, "lstar", 1, 1 },
	{ "LSTAR", VMX, 0xC0000082, "lstar", 1, 1 },
	{ "CSTAR", SVM, 0xC0000083, "cstar", 2, 2 },
	{ "SFMASK", VMX, 0xC0000084, "sfmask", 3, 3 },
	{ "KERNELGSBASE", SVM, 0xC0000102, "kernelgsbase", 4, 4 },
	{ "SYSENTER_CS", SVM, 0x174, "sysenter_cs", 5, 5 },
	{ "SYSENTER_ESP", VMX, 0x175, "sysenter_esp", 6, 6 },
	{ "SYSENTER_EIP", VMX, 0x176, "sysenter_eip", 7, 7 },
	{ "FSBASE", SVM, 0xC0000100, "fs.base", ~0ULL, ~0ULL },
	{ "GSBASE", VMX, 0xC0000101, "gs.base", 1ULL << 63, 1ULL << 63 },
	{ "PAT", SVM, 0x277, "pat", 0x0102030405060708, 0x0102030405060708 },
	{ "PAT", VMX, 0x277, "pat", 0x06, 0x06 },
	{ "EFER without SVME", SVM, 0xC0000080, "efer", 0x1D01, 0xD01 },
	{ "EFER", VMX, 0xC0000080, "efer", 0x1D01, 0x1D01 },
	{ "NB_CFG", SVM, 0xC001001F, NULL, 0, 1ULL << 54 },
	{ "0xC0010055", SVM, 0xC0010055, NULL, 0, 0 },
	{ "0xC0011029", SVM, 0xC0011029, NULL, 0, 0 },
	{ "0xC0011021", SVM, 0xC0011021, NULL, 0, 0 },
	{ "microcode", SVM, 0x8B, NULL, 0, 0 },
	{ "microcode", VMX, 0x8B, NULL, 0, 0 },
	{ "platform id", VMX, 0x17, NULL, 0, 0 },
	{ "MISC_ENABLE", VMX, 0x1A0, NULL, 0, 0x00801809 },
};

START_TEST(rdmsr_is_answered_by_the_kernel)
{
	start(reads[_i].backend);
	if (reads[_i].reg != NULL)
		reg_set(reads[_i].reg, reads[_i].before);
	reg_set("rax", ~0ULL);
	reg_set("rdx", ~0ULL);
	will_rdmsr(reads[_i].number);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	/* 32 bits each, upper halves clear. */
	expect_hex(reads[_i].name, truth_of("rax"),
	    reads[_i].value & 0xFFFFFFFF);
	expect_hex(reads[_i].name, truth_of("rdx"), reads[_i].value >> 32);
	expect_hex("rip", truth_of("rip"), 0xFFF2);
}
END_TEST

START_TEST(rdmsr_of_the_tsc_reads_the_register)
{
	start_loop(_i);
	reg_set("tsc", 0x500000000ULL);
	will_rdmsr(0x10);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	expect_hex("rdx", truth_of("rdx"), 5);
	ck_assert_uint_gt(truth_of("rax"), 0);
}
END_TEST

/* Writes that the kernel carries out, and what the register holds then. */
static const struct {
	const char *name;
	const struct sim_backend *backend;
	uint32_t number;
	uint64_t value;
	const char *reg;	/* NULL: ignored */
	uint64_t held;
} writes[] = {
	{ "STAR", SVM, 0xC0000081, 0x100000002, "star", 0x100000002 },
	{ "STAR", VMX, 0xC0000081, 0x100000002, "star", 0x100000002 },
	{ "LSTAR", SVM, 0xC0000082, 3, "lstar", 3 },
	{ "CSTAR", VMX, 0xC0000083, 3, "cstar", 3 },
	{ "SFMASK", SVM, 0xC0000084, 3, "sfmask", 3 },
	{ "KERNELGSBASE", VMX, 0xC0000102, 3, "kernelgsbase", 3 },
	{ "SYSENTER_CS", VMX, 0x174, 3, "sysenter_cs", 3 },
	{ "FSBASE", VMX, 0xC0000100, 3, "fs.base", 3 },
	{ "GSBASE", SVM, 0xC0000101, 3, "gs.base", 3 },
	{ "PAT", SVM, 0x277, 0x0203, "pat", 0x0203 },
	{ "PAT", VMX, 0x277, 0x0001040506070000, "pat", 0x0001040506070000 },
	{ "EFER", SVM, 0xC0000080, 0xDD01, "efer", 0xCD01 },
	{ "EFER LMA", SVM, 0xC0000080, 0x400, "efer", 0x400 },
	{ "EFER", VMX, 0xC0000080, 0xD01, "efer", 0xD01 },
	{ "0xC0010055", SVM, 0xC0010055, ~0ULL, NULL, 0 },
	{ "0xC0011029", SVM, 0xC0011029, ~0ULL, NULL, 0 },
	{ "0xC0011021", SVM, 0xC0011021, ~0ULL, NULL, 0 },
	{ "microcode", SVM, 0x8B, ~0ULL, NULL, 0 },
	{ "microcode", VMX, 0x8B, ~0ULL, NULL, 0 },
	{ "platform id", VMX, 0x17, ~0ULL, NULL, 0 },
	{ "MISC_ENABLE", VMX, 0x1A0, ~0ULL, NULL, 0 },
};

START_TEST(wrmsr_is_carried_out_by_the_kernel)
{
	start(writes[_i].backend);
	will_wrmsr(writes[_i].number, writes[_i].value);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	if (writes[_i].reg != NULL)
		expect_hex(writes[_i].name, truth_of(writes[_i].reg),
		    writes[_i].held);
	expect_hex("rip", truth_of("rip"), 0xFFF2);
	ck_assert_uint_eq(fx.ndelivered, 0);
}
END_TEST

START_TEST(wrmsr_of_the_tsc_sets_the_clock)
{
	start_loop(_i);
	will_wrmsr(0x10, 0x500000000ULL);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	expect_hex("tsc", truth_of("tsc") >> 32, 5);
}
END_TEST

static const struct {
	const char *name;
	const struct sim_backend *backend;
	uint32_t number;
	uint64_t value;
} faults[] = {
	{ "EFER bit 1", SVM, 0xC0000080, 1 << 1 },
	{ "EFER bit 9", SVM, 0xC0000080, 1 << 9 },
	{ "EFER bit 13", SVM, 0xC0000080, 1 << 13 },
	{ "EFER bit 16", SVM, 0xC0000080, 1 << 16 },
	{ "EFER bit 63", SVM, 0xC0000080, 1ULL << 63 },
	{ "PAT type 2", VMX, 0x277, 2 },
	{ "PAT type 3", VMX, 0x277, 3 },
	{ "PAT type 8", VMX, 0x277, 8ULL << 56 },
	{ "PAT type 255", VMX, 0x277, 0xFFULL << 8 },
};

START_TEST(a_value_that_is_refused_is_a_general_protection_fault)
{
	const char *name = faults[_i].name;
	struct sim_event_record event;

	start(faults[_i].backend);
	reg_set("rflags", SIM_RFLAGS_IF | 2);
	event_set(SIM_EVENT_INTR, 0x20, 0);
	will_wrmsr(faults[_i].number, faults[_i].value);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);

	ck_assert_msg(fx.ndelivered == 2, "%s: %u events", name,
	    fx.ndelivered);
	ck_assert(fx.delivered[0].interrupt);
	ck_assert(!fx.delivered[1].interrupt);
	ck_assert_uint_eq(fx.delivered[1].vector, 13);
	ck_assert(fx.delivered[1].has_error);
	ck_assert_uint_eq(fx.delivered[1].error, 0);
	/* It was made in the page, over what the VMM had there. */
	memcpy(&event, fx.page + SIM_COMM_EVENT, sizeof(event));
	ck_assert_uint_eq(event.type, SIM_EVENT_EXCP);
	ck_assert_uint_eq(event.vector, 13);
	expect_hex("error", event.error, 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
	/* RIP is on the instruction, for the handler. */
	expect_hex("rip", truth_of("rip"), 0xFFF0);
	expect_hex("rf", truth_of("rflags") & SIM_RFLAGS_RF, SIM_RFLAGS_RF);
}
END_TEST

START_TEST(an_msr_that_the_processor_lacks_is_a_fault_to_read)
{
	start(VMX);
	ck_assert_uint_eq(sim_backend_vmx.model->arch_capabilities, 0);
	reg_set("rax", 0x77);
	will_rdmsr(0x10A);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.delivered[0].vector, 13);
	expect_hex("rax", truth_of("rax"), 0x77);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
}
END_TEST

/* Those the VMM has to answer, legal or not. */
static const uint32_t others[] = {
	0x1B, 0xFE, 0x179, 0x200, 0x2FF, 0x12345, 0xFFFFFFFF, 0,
};

START_TEST(every_other_rdmsr_reaches_the_vmm)
{
	uint32_t number = others[_i / NBACKENDS];

	start_loop(_i % NBACKENDS);
	will_rdmsr(number);
	run_expect(SIM_EXIT_RDMSR);
	expect_hex("msr", fx.run.exit.u.rdmsr.msr, number);
	expect_hex("npc", fx.run.exit.u.rdmsr.npc, 0xFFF2);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
}
END_TEST

START_TEST(every_other_wrmsr_reaches_the_vmm)
{
	uint32_t number = others[_i / NBACKENDS];

	start_loop(_i % NBACKENDS);
	will_wrmsr(number, 0x123456789ABCDEFULL);
	run_expect(SIM_EXIT_WRMSR);
	expect_hex("msr", fx.run.exit.u.wrmsr.msr, number);
	expect_hex("val", fx.run.exit.u.wrmsr.val, 0x123456789ABCDEFULL);
	expect_hex("npc", fx.run.exit.u.wrmsr.npc, 0xFFF2);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
}
END_TEST

START_TEST(what_the_kernel_carries_out_ends_rf_and_the_shadow)
{
	start_loop(_i);
	reg_set("rflags", SIM_RFLAGS_RF | 2);
	reg_set("int_shadow", 1);
	will_rdmsr(0x10);
	will(SIM_STOP_SHUTDOWN, 1);
	run_expect(SIM_EXIT_SHUTDOWN);
	expect_hex("rflags", fx.run.exit.rflags, 2);
	expect_hex("intr", fx.run.exit.intr, 0);
}
END_TEST

Suite *
msr_suite(void)
{
	Suite *suite = suite_create("msr");
	TCase *tcase = fixture_tcase("msr");

	tcase_add_loop_test(tcase, rdmsr_is_answered_by_the_kernel,
	    0, NELEM(reads));
	tcase_add_loop_test(tcase, rdmsr_of_the_tsc_reads_the_register,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, wrmsr_is_carried_out_by_the_kernel,
	    0, NELEM(writes));
	tcase_add_loop_test(tcase, wrmsr_of_the_tsc_sets_the_clock,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    a_value_that_is_refused_is_a_general_protection_fault,
	    0, NELEM(faults));
	tcase_add_test(tcase,
	    an_msr_that_the_processor_lacks_is_a_fault_to_read);
	tcase_add_loop_test(tcase, every_other_rdmsr_reaches_the_vmm,
	    0, NELEM(others) * NBACKENDS);
	tcase_add_loop_test(tcase, every_other_wrmsr_reaches_the_vmm,
	    0, NELEM(others) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    what_the_kernel_carries_out_ends_rf_and_the_shadow,
	    0, NBACKENDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
