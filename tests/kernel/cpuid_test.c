/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUID: the answers of the kernel, their ranges, and what the VMM may
 * configure about them.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

static int
configure(const struct sim_conf_cpuid *conf)
{
	struct sim_vcpu_configure_arg arg = {
		.machid = fx.machid, .op = SIM_VCPU_CONF_CPUID,
		.conf = (uintptr_t)conf,
	};

	return ioc(SIM_VCPU_CONFIGURE, &arg);
}

/* The guest's CPUID; the exit it ended in comes from the next intent. */
static void
cpuid(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	static const char *const names[] = { "rax", "rbx", "rcx", "rdx" };
	uint64_t value;
	unsigned i;

	will_cpuid(leaf, subleaf);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	for (i = 0; i < 4; i++) {
		value = truth_of(names[i]);
		ck_assert_uint_eq(value >> 32, 0);
		regs[i] = (uint32_t)value;
	}
}

static void
regs_expect(const char *name, const uint32_t seen[4], const uint32_t wanted[4])
{
	ck_assert_msg(memcmp(seen, wanted, 4 * sizeof(seen[0])) == 0,
	    "%s: %#x %#x %#x %#x, not %#x %#x %#x %#x", name, seen[0],
	    seen[1], seen[2], seen[3], wanted[0], wanted[1], wanted[2],
	    wanted[3]);
}

/* With one VCPU, number 0, and the reset state. */
static const struct {
	const char *name;
	const struct sim_backend *backend;
	uint32_t leaf, subleaf;
	uint32_t regs[4];
} answers[] = {
	{ "the hypervisor's leaf", &sim_backend_svm, 0x40000000, 0,
	    { 0x40000000, 0x205F5F5F, 0x4D4D564E, 0x5F5F5F20 } },
	{ "the hypervisor's leaf", &sim_backend_vmx, 0x40000000, 0,
	    { 0x40000000, 0x205F5F5F, 0x4D4D564E, 0x5F5F5F20 } },
	{ "leaf 0", &sim_backend_svm, 0, 0,
	    { 0xD, 0x68747541, 0x444D4163, 0x69746E65 } },
	{ "leaf 0", &sim_backend_vmx, 0, 0,
	    { 0x16, 0x756E6547, 0x6C65746E, 0x49656E69 } },
	{ "leaf 3", &sim_backend_vmx, 3, 0, { 0, 0, 0, 0 } },
	{ "leaf 0xD.0", &sim_backend_svm, 0xD, 0, { 3, 172, 576, 0 } },
	{ "leaf 0xD.1", &sim_backend_svm, 0xD, 1, { 7, 0, 0, 0 } },
	{ "leaf 0xD.2", &sim_backend_vmx, 0xD, 2, { 0, 0, 0, 0 } },
	{ "leaf 7.1", &sim_backend_vmx, 7, 1, { 0, 0, 0, 0 } },
	{ "leaf 4", &sim_backend_svm, 4, 0, { 0, 0, 0, 0 } },
	{ "leaf 4.0", &sim_backend_vmx, 4, 0,
	    { 0x121, 0x01C0003F, 0x3F, 0 } },
	{ "leaf 4.3", &sim_backend_vmx, 4, 3,
	    { 0x163, 0x03C0003F, 0x1FFF, 6 } },
	{ "leaf 4.9", &sim_backend_vmx, 4, 9, { 0, 0, 0, 0 } },
	{ "leaf 2", &sim_backend_vmx, 2, 0,
	    { 0x76036301, 0x00F0B5FF, 0, 0x00C30000 } },
	{ "leaf 2", &sim_backend_svm, 2, 0, { 0, 0, 0, 0 } },
	{ "leaf 0xB.2", &sim_backend_vmx, 0xB, 2, { 0, 0, 0, 0 } },
	{ "leaf 0xB.0", &sim_backend_vmx, 0xB, 0, { 0, 0, 0x100, 0 } },
	{ "leaf 0xB.1", &sim_backend_vmx, 0xB, 1, { 0, 1, 0x201, 0 } },
	{ "leaf 0x14", &sim_backend_vmx, 0x14, 0, { 0, 0, 0, 0 } },
	{ "leaf 0x80000007", &sim_backend_svm, 0x80000007, 0,
	    { 0, 0, 0, 0x100 } },
	{ "leaf 0x80000008", &sim_backend_vmx, 0x80000008, 0,
	    { 0x3027, 0, 0, 0 } },
	{ "leaf 0x80000008", &sim_backend_svm, 0x80000008, 0,
	    { 0x3030, 0x5, 0x7000, 0 } },
	/* Out of range: as the highest basic leaf, ECX and all. */
	{ "above the basic leaves", &sim_backend_svm, 0xE, 0,
	    { 3, 172, 576, 0 } },
	{ "above, with a subleaf", &sim_backend_svm, 0xE, 1, { 7, 0, 0, 0 } },
	{ "below the hypervisor's", &sim_backend_svm, 0x3FFFFFFF, 0,
	    { 3, 172, 576, 0 } },
	{ "above the hypervisor's", &sim_backend_svm, 0x40000001, 0,
	    { 3, 172, 576, 0 } },
	{ "below the extended", &sim_backend_vmx, 0x7FFFFFFF, 0,
	    { 0xD48, 0x1068, 0x64, 0 } },
	{ "above the extended", &sim_backend_svm, 0x80000020, 1,
	    { 7, 0, 0, 0 } },
	{ "above the extended", &sim_backend_vmx, 0x80000009, 0,
	    { 0xD48, 0x1068, 0x64, 0 } },
	{ "the very last", &sim_backend_vmx, 0xFFFFFFFF, 0,
	    { 0xD48, 0x1068, 0x64, 0 } },
};

START_TEST(the_kernel_answers_cpuid)
{
	uint32_t regs[4];

	start(answers[_i].backend);
	cpuid(answers[_i].leaf, answers[_i].subleaf, regs);
	regs_expect(answers[_i].name, regs, answers[_i].regs);
}
END_TEST

START_TEST(features_are_masked_and_no_others_shown)
{
	uint32_t regs[4];

	start_loop(_i);
	cpuid(1, 0, regs);
	ck_assert_uint_eq(regs[2] & ~(0x6ED83203U | 0x80000000U), 0);
	ck_assert_uint_eq(regs[2] >> 31, 1);
	ck_assert_uint_eq(regs[3] & ~0x9F8BAB7FU, 0);
	cpuid(7, 0, regs);
	ck_assert_uint_eq(regs[0], 0);
	ck_assert_uint_eq(regs[1] & ~0x019C27C9U, 0);
	ck_assert_uint_eq(regs[2] & ~0x1A000705U, 0);
	ck_assert_uint_eq(regs[3] & ~0x20004410U, 0);
	cpuid(0x80000001, 0, regs);
	ck_assert_uint_eq(regs[2] & ~0x006309F3U, 0);
	ck_assert_uint_eq(regs[3] & ~0xE7D3AB7FU, 0);
}
END_TEST

START_TEST(leaf_1_counts_the_vcpus)
{
	uint32_t regs[4];

	start_loop(_i);
	vcpu_create(fx.machid, 1);
	vcpu_create(fx.machid, 7);
	cpuid(1, 0, regs);
	ck_assert_uint_eq(regs[1] >> 16, 3);
}
END_TEST

START_TEST(vmx_tells_how_the_vcpus_share_their_caches)
{
	const uint32_t first[4] = { 0x121 | 4U << 26, 0x01C0003F, 0x3F, 0 };
	const uint32_t third[4] = { 0x163 | 4U << 26 | 4 << 14, 0x03C0003F,
	    0x1FFF, 6 };
	const uint32_t package[4] = { 2, 5, 0x201, 0 };
	uint32_t i, regs[4];

	start(&sim_backend_vmx);
	for (i = 1; i < 5; i++)
		vcpu_create(fx.machid, i);
	cpuid(4, 0, regs);
	regs_expect("level 1", regs, first);
	cpuid(4, 3, regs);
	regs_expect("level 3", regs, third);
	cpuid(0xB, 1, regs);
	regs_expect("package", regs, package);
}
END_TEST

START_TEST(osxsave_follows_cr4)
{
	uint32_t regs[4];

	start_loop(_i);
	cpuid(1, 0, regs);
	ck_assert_uint_eq(regs[2] >> 27 & 1, 0);
	reg_set("cr4", SIM_CR4_OSXSAVE);
	cpuid(1, 0, regs);
	ck_assert_uint_eq(regs[2] >> 27 & 1, 1);
}
END_TEST

START_TEST(the_xsave_area_follows_xcr0)
{
	uint32_t regs[4];

	start_loop(_i);
	reg_set("xcr0", 3);
	cpuid(0xD, 0, regs);
	ck_assert_uint_eq(regs[1], 576);
}
END_TEST

START_TEST(a_mask_deletes_and_sets_bits)
{
	const struct sim_conf_cpuid conf = {
		.action = SIM_CONF_CPUID_MASK, .leaf = 0x40000000,
		.set = { 1, 2, 1, 8 }, .del = { 0xFFFFFFF0, 0, 0xF0, 0 },
	};
	const uint32_t wanted[4] = { 1, 0x205F5F5F, 0x4D4D560F, 0x5F5F5F28 };
	uint32_t regs[4];

	start_loop(_i);
	ck_assert_int_eq(configure(&conf), 0);
	cpuid(0x40000000, 5, regs);
	regs_expect("masked", regs, wanted);
}
END_TEST

START_TEST(entries_are_found_by_the_leaf_that_was_asked_for)
{
	const struct sim_conf_cpuid conf = {
		.action = SIM_CONF_CPUID_MASK, .leaf = 0xD, .set = { 0x1000 },
	};
	uint32_t regs[4];

	start(&sim_backend_svm);
	ck_assert_int_eq(configure(&conf), 0);
	/* 0xE is answered as 0xD, but it is not 0xD that was asked for. */
	cpuid(0xE, 0, regs);
	ck_assert_uint_eq(regs[0], 3);
	cpuid(0xD, 0, regs);
	ck_assert_uint_eq(regs[0], 0x1003);
}
END_TEST

START_TEST(an_exit_comes_with_the_answer_in_the_registers)
{
	const struct sim_conf_cpuid conf = {
		.action = SIM_CONF_CPUID_EXIT, .leaf = 0x40000000,
	};

	start_loop(_i);
	ck_assert_int_eq(configure(&conf), 0);
	will_cpuid(0x40000000, 0);
	run_expect(SIM_EXIT_CPUID);
	expect_hex("npc", fx.run.exit.u.insn.npc, 0xFFF2);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
	expect_hex("rcx", truth_of("rcx"), 0x4D4D564E);
	flags_expect("after", 0, 0, 0);
}
END_TEST

static const struct {
	const char *name;
	struct sim_conf_cpuid conf;
	int error;
} confs[] = {
	{ "mask and exit", { .action = 3, .leaf = 1 }, EINVAL },
	{ "a bit set and deleted", { .action = 1, .set = { 0, 6 },
	    .del = { 0, 4 } }, EINVAL },
	{ "a bit set here, deleted there", { .action = 1, .set = { 1 },
	    .del = { 0, 1 } }, 0 },
	{ "an exit does not look at bits", { .action = 2, .set = { 1 },
	    .del = { 1 } }, 0 },
	{ "removal of what is not there", { .action = 0, .leaf = 9 }, 0 },
};

START_TEST(a_configuration_is_checked)
{
	start(&sim_backend_svm);
	expect_error(confs[_i].name, configure(&confs[_i].conf),
	    confs[_i].error);
}
END_TEST

START_TEST(there_are_32_entries)
{
	struct sim_conf_cpuid conf = { .action = SIM_CONF_CPUID_MASK };
	uint32_t regs[4];

	start(&sim_backend_svm);
	for (conf.leaf = 0; conf.leaf < 32; conf.leaf++)
		ck_assert_int_eq(configure(&conf), 0);
	ck_assert_int_eq(configure(&conf), ENOBUFS);
	/* One that exists is replaced all the same. */
	conf.leaf = 3;
	conf.set[0] = 0x33;
	ck_assert_int_eq(configure(&conf), 0);
	cpuid(3, 0, regs);
	ck_assert_uint_eq(regs[0], 0x33);
	/* And one that is removed makes room. */
	conf.action = 0;
	ck_assert_int_eq(configure(&conf), 0);
	cpuid(3, 0, regs);
	ck_assert_uint_eq(regs[0], 0);
	conf.action = SIM_CONF_CPUID_MASK;
	conf.leaf = 32;
	ck_assert_int_eq(configure(&conf), 0);
	conf.leaf = 33;
	ck_assert_int_eq(configure(&conf), ENOBUFS);
}
END_TEST

START_TEST(entries_are_the_vcpu_s_and_go_with_it)
{
	const struct sim_conf_cpuid conf = {
		.action = SIM_CONF_CPUID_MASK, .leaf = 3, .set = { 0x33 },
	};
	uint32_t regs[4];

	start(&sim_backend_svm);
	ck_assert_int_eq(configure(&conf), 0);
	cpuid(3, 0, regs);
	ck_assert_uint_eq(regs[0], 0x33);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	vcpu_create(fx.machid, 0);
	feed_vcpu(fx.machid, 0);
	cpuid(3, 0, regs);
	ck_assert_uint_eq(regs[0], 0);
}
END_TEST

Suite *
cpuid_suite(void)
{
	Suite *suite = suite_create("cpuid");
	TCase *tcase = fixture_tcase("cpuid");

	tcase_add_loop_test(tcase, the_kernel_answers_cpuid,
	    0, NELEM(answers));
	tcase_add_loop_test(tcase, features_are_masked_and_no_others_shown,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, leaf_1_counts_the_vcpus, 0, NBACKENDS);
	tcase_add_test(tcase, vmx_tells_how_the_vcpus_share_their_caches);
	tcase_add_loop_test(tcase, osxsave_follows_cr4, 0, NBACKENDS);
	tcase_add_loop_test(tcase, the_xsave_area_follows_xcr0, 0, NBACKENDS);
	tcase_add_loop_test(tcase, a_mask_deletes_and_sets_bits,
	    0, NBACKENDS);
	tcase_add_test(tcase,
	    entries_are_found_by_the_leaf_that_was_asked_for);
	tcase_add_loop_test(tcase,
	    an_exit_comes_with_the_answer_in_the_registers, 0, NBACKENDS);
	tcase_add_loop_test(tcase, a_configuration_is_checked,
	    0, NELEM(confs));
	tcase_add_test(tcase, there_are_32_entries);
	tcase_add_test(tcase, entries_are_the_vcpu_s_and_go_with_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
