/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The caching logic by itself: what it writes to the page, and when it asks
 * the driver.
 */
#include <errno.h>

#include "fixture.h"

#define GPRS	NVMM_X64_STATE_GPRS
#define SEGS	NVMM_X64_STATE_SEGS
#define DRS	NVMM_X64_STATE_DRS

START_TEST(a_hit_touches_neither_page_nor_driver)
{
	fx.comm->state_cached = GPRS | SEGS;
	fx.comm->state_wanted = 0x5555;
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS), 0);
	ck_assert_uint_eq(fx.nioctls, 0);
	ck_assert_uint_eq(fx.comm->state_wanted, 0x5555);
}
END_TEST

START_TEST(a_miss_wants_what_is_missing_only)
{
	fx.comm->state_cached = GPRS;
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS | DRS),
	    0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_GETSTATE);
	ck_assert_uint_eq(fx.comm->state_wanted, DRS);
}
END_TEST

START_TEST(a_refused_miss_fails_with_the_drivers_error)
{
	fx.comm->state_cached = 0;
	fx.ioctl_error = ENOENT;
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(nothing_wanted_is_always_a_hit)
{
	fx.comm->state_cached = 0;
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, 0), 0);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(setstate_adds_to_what_waits)
{
	fx.comm->state_cached = SEGS;
	fx.comm->state_commit = DRS;
	ck_assert_int_eq(nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, GPRS), 0);
	ck_assert_uint_eq(fx.comm->state_commit, DRS | GPRS);
	ck_assert_uint_eq(fx.comm->state_cached, SEGS | GPRS);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(inject_leaves_the_event_to_the_run)
{
	ck_assert_int_eq(nvmm_vcpu_inject(&fx.mach, &fx.vcpu), 0);
	ck_assert(fx.comm->event_commit);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(a_destroyed_vcpu_is_an_error_not_a_crash)
{
	fx.mach.pages[fx.vcpu.cpuid] = NULL;	/* as destroy leaves it */
	ck_assert_int_eq(nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, GPRS), -1);
	ck_assert_int_eq(errno, ENOENT);
	errno = 0;
	ck_assert_int_eq(nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, GPRS), -1);
	ck_assert_int_eq(errno, ENOENT);
	errno = 0;
	ck_assert_int_eq(nvmm_vcpu_inject(&fx.mach, &fx.vcpu), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

Suite *
state_suite(void)
{
	Suite *suite = suite_create("state");
	TCase *tcase = fixture_tcase("state");

	tcase_add_test(tcase, a_hit_touches_neither_page_nor_driver);
	tcase_add_test(tcase, a_miss_wants_what_is_missing_only);
	tcase_add_test(tcase, a_refused_miss_fails_with_the_drivers_error);
	tcase_add_test(tcase, nothing_wanted_is_always_a_hit);
	tcase_add_test(tcase, setstate_adds_to_what_waits);
	tcase_add_test(tcase, inject_leaves_the_event_to_the_run);
	tcase_add_test(tcase, a_destroyed_vcpu_is_an_error_not_a_crash);
	suite_add_tcase(suite, tcase);
	return suite;
}
