/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library without its caching logic, the yardstick of `--comm off`: each
 * getstate, setstate and inject is exactly one ioctl.
 */
#include <errno.h>

#include "../lib/fixture.h"
#include "../suite.h"

#define GPRS	NVMM_X64_STATE_GPRS
#define DRS	NVMM_X64_STATE_DRS

START_TEST(getstate_asks_for_all_of_it_each_time)
{
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS | DRS),
	    0);
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS | DRS),
	    0);
	ck_assert_uint_eq(fx.nioctls, 2);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_GETSTATE);
	ck_assert_uint_eq(fx.comm->state_wanted, GPRS | DRS);
}
END_TEST

START_TEST(setstate_leaves_nothing_to_the_run)
{
	ck_assert_int_eq(nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, DRS), 0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_SETSTATE);
	ck_assert_uint_eq(fx.comm->state_wanted, DRS);
	ck_assert_uint_eq(fx.comm->state_commit, 0);
}
END_TEST

START_TEST(inject_leaves_nothing_to_the_run)
{
	ck_assert_int_eq(nvmm_vcpu_inject(&fx.mach, &fx.vcpu), 0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_INJECT);
	ck_assert(!fx.comm->event_commit);
}
END_TEST

START_TEST(the_drivers_error_comes_out)
{
	fx.ioctl_error = EPERM;
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS), -1);
	ck_assert_int_eq(errno, EPERM);
	errno = 0;
	ck_assert_int_eq(nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, GPRS), -1);
	ck_assert_int_eq(errno, EPERM);
	errno = 0;
	ck_assert_int_eq(nvmm_vcpu_inject(&fx.mach, &fx.vcpu), -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

/* An assist whose setstate fails shows no registers that are not the VCPU's. */
static void
refusing_callback(struct nvmm_io *io)
{
	(void)io;
	fx.ioctl_error = EIO;
}

START_TEST(an_assist_that_cannot_commit_leaves_the_page_as_it_was)
{
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	fx.vcpu.exit->u.io.in = true;
	fx.vcpu.exit->u.io.operand_size = 1;
	fx.vcpu.exit->u.io.npc = 0x1234;
	fx.vcpu.cbs.io = refusing_callback;
	fixture_snapshot();
	ck_assert_int_eq(nvmm_assist_io(&fx.mach, &fx.vcpu), -1);
	ck_assert_int_eq(errno, EIO);
	fixture_expect_unchanged("in");
}
END_TEST

static void
must_fail(int result, int error, const char *name)
{
	ck_assert_msg(result == -1, "%s succeeds", name);
	ck_assert_msg(errno == error, "%s: errno %d", name, errno);
	errno = 0;
}

/* 0: a destroyed VCPU, 1: one of a destroyed machine. */
START_TEST(what_is_destroyed_is_an_error_not_a_crash)
{
	int error = _i == 0 ? ENOENT : EINVAL;

	fx.mach.pages[0] = NULL;
	if (_i == 1)
		fx.mach.pages = NULL;
	must_fail(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS), error,
	    "getstate");
	must_fail(nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, GPRS), error,
	    "setstate");
	must_fail(nvmm_vcpu_inject(&fx.mach, &fx.vcpu), error, "inject");
	must_fail(nvmm_vcpu_run(&fx.mach, &fx.vcpu), error, "run");
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

static Suite *
nocomm_suite(void)
{
	Suite *suite = suite_create("nocomm");
	TCase *tc = fixture_tcase("nocomm");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, getstate_asks_for_all_of_it_each_time);
	tcase_add_test(tc, setstate_leaves_nothing_to_the_run);
	tcase_add_test(tc, inject_leaves_nothing_to_the_run);
	tcase_add_test(tc, the_drivers_error_comes_out);
	tcase_add_test(tc,
	    an_assist_that_cannot_commit_leaves_the_page_as_it_was);
	tcase_add_loop_test(tc, what_is_destroyed_is_an_error_not_a_crash, 0,
	    2);
	return suite;
}

int
main(void)
{
	static Suite *(*const suites[])(void) = { nocomm_suite, NULL };

	return suites_run(suites);
}
