/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ioctl table: numbers, sizes and encodings, what is no ioctl, and the
 * capability.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

/* As NVMM-FACTS has them, and as Linux's macros would make them. */
static const struct {
	const char *name;
	enum sim_ioctl_index index;
	uint32_t bsd, gnu;
	unsigned number, size;
} rows[] = {
	{ "CAPABILITY", SIM_CAPABILITY, 0x40684e00, 0x80684e00, 0, 104 },
	{ "MACHINE_CREATE", SIM_MACHINE_CREATE, 0xc0044e01, 0xc0044e01, 1, 4 },
	{ "MACHINE_DESTROY", SIM_MACHINE_DESTROY, 0x80044e02, 0x40044e02,
	    2, 4 },
	{ "MACHINE_CONFIGURE", SIM_MACHINE_CONFIGURE, 0x80184e03, 0x40184e03,
	    3, 24 },
	{ "VCPU_CREATE", SIM_VCPU_CREATE, 0x80084e04, 0x40084e04, 4, 8 },
	{ "VCPU_DESTROY", SIM_VCPU_DESTROY, 0x80084e05, 0x40084e05, 5, 8 },
	{ "VCPU_CONFIGURE", SIM_VCPU_CONFIGURE, 0x80184e06, 0x40184e06,
	    6, 24 },
	{ "VCPU_SETSTATE", SIM_VCPU_SETSTATE, 0x80084e07, 0x40084e07, 7, 8 },
	{ "VCPU_GETSTATE", SIM_VCPU_GETSTATE, 0x80084e08, 0x40084e08, 8, 8 },
	{ "VCPU_INJECT", SIM_VCPU_INJECT, 0x80084e09, 0x40084e09, 9, 8 },
	{ "VCPU_RUN", SIM_VCPU_RUN, 0xc0484e0a, 0xc0484e0a, 10, 72 },
	{ "GPA_MAP", SIM_GPA_MAP, 0x80284e0b, 0x40284e0b, 11, 40 },
	{ "GPA_UNMAP", SIM_GPA_UNMAP, 0x80184e0c, 0x40184e0c, 12, 24 },
	{ "HVA_MAP", SIM_HVA_MAP, 0x80204e0d, 0x40204e0d, 13, 32 },
	{ "HVA_UNMAP", SIM_HVA_UNMAP, 0x80204e0e, 0x40204e0e, 14, 32 },
	{ "CTL", SIM_CTL, 0x80184e14, 0x40184e14, 20, 24 },
};
_Static_assert(NELEM(rows) == SIM_NIOCTL, "a row for each ioctl");

START_TEST(every_ioctl_has_its_number_and_size)
{
	ck_assert_msg(sim_abi_v2.command[rows[_i].index] == rows[_i].bsd,
	    "%s", rows[_i].name);
	ck_assert_uint_eq(SIM_IOC_NR(rows[_i].bsd), rows[_i].number);
	ck_assert_uint_eq(SIM_IOC_SIZE(rows[_i].bsd), rows[_i].size);
	ck_assert_str_eq(sim_ioctl_names[rows[_i].index].name, rows[_i].name);
}
END_TEST

/* How the same command may arrive. */
static unsigned long
encoding(int row, int which)
{
	switch (which) {
	case 0:
		return rows[row].bsd;
	case 1:
		return rows[row].gnu;
	case 2:		/* an int, sign-extended */
		return (unsigned long)(int)rows[row].bsd;
	default:
		return (unsigned long)(int)rows[row].gnu;
	}
}

START_TEST(both_encodings_arrive_sign_extended_or_not)
{
	int row = _i / 4;
	unsigned long command = encoding(row, _i % 4);
	uint8_t arg[SIM_ARG_MAX];
	struct sim_stats stats;

	start(&sim_backend_svm);
	ck_assert_int_eq(sim_abi_ioctl(&sim_abi_v2, command),
	    rows[row].index);
	/* A machine that there cannot be: most fail, all are counted. */
	memset(arg, 0xFF, sizeof(arg));
	(void)sim_ioctl(fx.file, command, arg);
	sim_stats_read(fx.sim, &stats);
	ck_assert_msg(stats.ioctls[rows[row].index] ==
	    (rows[row].index == SIM_MACHINE_CREATE ||
	    rows[row].index == SIM_VCPU_CREATE ? 2U : 1U),
	    "%s as %#lx", rows[row].name, command);
	ck_assert_uint_eq(stats.ioctls[SIM_IOCTL_UNKNOWN], 0);
}
END_TEST

static const struct {
	const char *name;
	unsigned long command;
} unknown[] = {
	{ "no command", 0 },
	{ "all ones", ~0UL },
	{ "number 15", 0x80084e0f },
	{ "number 19", 0x80184e13 },
	{ "number 21", 0x80184e15 },
	{ "number 255", 0x80184eff },
	{ "another group", 0x80084d08 },
	{ "another size", 0x80104e08 },
	{ "no direction", 0x00084e08 },
	{ "void", 0x20084e08 },
	{ "both directions", 0xc0084e08 },
	{ "CAPABILITY of v3", 0x40704e00 },
	{ "VCPU_CREATE of v3", 0xc0104e04 },
	{ "TCGETS", 0x5401 },
};

START_TEST(what_is_no_ioctl_is_einval)
{
	uint8_t arg[SIM_ARG_MAX] = { 0 };
	struct sim_stats stats;

	start(&sim_backend_svm);
	expect_error(unknown[_i].name,
	    sim_ioctl(fx.file, unknown[_i].command, arg), EINVAL);
	/* The argument of an unknown one is never looked at. */
	expect_error(unknown[_i].name,
	    sim_ioctl(fx.file, unknown[_i].command, NULL), EINVAL);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.ioctls[SIM_IOCTL_UNKNOWN], 2);
}
END_TEST

/* NVMM-FACTS section 4: struct nvmm_capability of v2. */
START_TEST(the_capability_is_the_back_end_s)
{
	struct {
		uint32_t version, state_size, max_machines, max_vcpus;
		uint64_t max_ram, mach_conf, vcpu_conf, xcr0_mask;
		uint32_t mxcsr_mask, maxops;
		uint64_t rsvd[6];
	} cap;
	unsigned i;

	start_loop(_i);
	ck_assert_uint_eq(sizeof(cap), 104);
	memset(&cap, 0xAA, sizeof(cap));
	ck_assert_int_eq(ioc(SIM_CAPABILITY, &cap), 0);
	ck_assert_uint_eq(cap.version, 2);
	ck_assert_uint_eq(cap.state_size, 1008);
	ck_assert_uint_eq(cap.max_machines, 128);
	ck_assert_uint_eq(cap.max_vcpus, 256);
	ck_assert_uint_eq(cap.max_ram, MAX_RAM);
	ck_assert_uint_eq(cap.mach_conf, 0);
	ck_assert_uint_eq(cap.vcpu_conf, _i == 0 ? 1 : 3);
	ck_assert_uint_eq(cap.xcr0_mask, 3);
	ck_assert_uint_eq(cap.mxcsr_mask, _i == 0 ? 0x2FFFF : 0xFFFF);
	ck_assert_uint_eq(cap.maxops, 32);
	for (i = 0; i < 6; i++)
		ck_assert_uint_eq(cap.rsvd[i], 0);
}
END_TEST

/* Errors in the order in which they are checked, for what names a VCPU. */
static const struct {
	const char *name;
	uint32_t machid, cpuid;
	int error;
} vcpus[] = {
	{ "no such machine number", 128, 0, EINVAL },
	{ "the largest number", UINT32_MAX, UINT32_MAX, EINVAL },
	{ "no machine there", 127, 300, ENOENT },
	{ "no such VCPU number", 0, 256, EINVAL },
	{ "the largest VCPU number", 0, UINT32_MAX, EINVAL },
	{ "no VCPU there", 0, 255, ENOENT },
};

static const enum sim_ioctl_index by_vcpu[] = {
	SIM_VCPU_DESTROY, SIM_VCPU_SETSTATE, SIM_VCPU_GETSTATE,
	SIM_VCPU_INJECT, SIM_VCPU_RUN, SIM_VCPU_CONFIGURE,
};

START_TEST(a_vcpu_is_looked_up_by_machine_and_number)
{
	enum sim_ioctl_index index = by_vcpu[_i % (int)NELEM(by_vcpu)];
	size_t row = (size_t)_i / NELEM(by_vcpu);
	struct sim_run_arg arg;		/* the largest of them */
	struct sim_vcpu_configure_arg conf;

	start(&sim_backend_svm);
	memset(&arg, 0, sizeof(arg));
	arg.machid = vcpus[row].machid;
	arg.cpuid = vcpus[row].cpuid;
	if (index == SIM_VCPU_CONFIGURE) {
		/* The pointer would be a fault, but the VCPU comes first. */
		memset(&conf, 0, sizeof(conf));
		conf.machid = arg.machid;
		conf.cpuid = arg.cpuid;
		conf.op = SIM_VCPU_CONF_CPUID;
		expect_error(vcpus[row].name, ioc(index, &conf),
		    vcpus[row].error);
	} else
		expect_error(vcpus[row].name, ioc(index, &arg),
		    vcpus[row].error);
}
END_TEST

START_TEST(a_vcpu_is_created_once)
{
	start(&sim_backend_svm);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 0), EBUSY);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 255), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 256), EINVAL);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid + 1, 0), ENOENT);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, 128, 0), EINVAL);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), ENOENT);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, fx.machid, 0), 0);
}
END_TEST

static const struct {
	const char *name;
	uint64_t op;
	uint32_t machid;
	int error;
} configures[] = {
	{ "a slot of libnvmm's", 0, 0, EINVAL },
	{ "before the slots", 199, 0, EINVAL },
	{ "after the slots", 202, 0, EINVAL },
	{ "the largest", UINT64_MAX, 0, EINVAL },
	{ "unknown, and no machine", 202, 127, EINVAL },
	{ "known, and no machine", 200, 127, ENOENT },
	{ "no pointer", 200, 0, EFAULT },
};

START_TEST(a_configuration_slot_is_checked_first)
{
	struct sim_vcpu_configure_arg arg = {
		.machid = configures[_i].machid, .op = configures[_i].op,
	};

	start(&sim_backend_vmx);
	expect_error(configures[_i].name, ioc(SIM_VCPU_CONFIGURE, &arg),
	    configures[_i].error);
}
END_TEST

START_TEST(tpr_can_be_configured_on_vmx_only)
{
	struct sim_conf_tpr tpr = { .flags = 1 };
	struct sim_vcpu_configure_arg arg = {
		.op = SIM_VCPU_CONF_TPR, .conf = (uintptr_t)&tpr,
	};

	start_loop(_i);
	ck_assert_int_eq(ioc(SIM_VCPU_CONFIGURE, &arg), _i == 0 ? EINVAL : 0);
	arg.conf = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_CONFIGURE, &arg), EFAULT);
}
END_TEST

START_TEST(a_machine_has_nothing_to_configure)
{
	static const uint64_t ops[] = { 0, 100, 200, UINT64_MAX };
	struct sim_machine_configure_arg arg = { .op = ops[_i] };

	start(&sim_backend_svm);
	ck_assert_int_eq(ioc(SIM_MACHINE_CONFIGURE, &arg), EINVAL);
	arg.machid = 127;
	ck_assert_int_eq(ioc(SIM_MACHINE_CONFIGURE, &arg), EINVAL);
}
END_TEST

Suite *
ioctl_suite(void)
{
	Suite *suite = suite_create("ioctl");
	TCase *tcase = fixture_tcase("table");

	tcase_add_loop_test(tcase, every_ioctl_has_its_number_and_size,
	    0, NELEM(rows));
	tcase_add_loop_test(tcase,
	    both_encodings_arrive_sign_extended_or_not, 0, 4 * NELEM(rows));
	tcase_add_loop_test(tcase, what_is_no_ioctl_is_einval,
	    0, NELEM(unknown));
	tcase_add_loop_test(tcase, the_capability_is_the_back_end_s,
	    0, NBACKENDS);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("errors");
	tcase_add_loop_test(tcase, a_vcpu_is_looked_up_by_machine_and_number,
	    0, NELEM(vcpus) * NELEM(by_vcpu));
	tcase_add_test(tcase, a_vcpu_is_created_once);
	tcase_add_loop_test(tcase, a_configuration_slot_is_checked_first,
	    0, NELEM(configures));
	tcase_add_loop_test(tcase, tpr_can_be_configured_on_vmx_only,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, a_machine_has_nothing_to_configure, 0, 4);
	suite_add_tcase(suite, tcase);
	return suite;
}
