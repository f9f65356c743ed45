/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of the first comm page: an ioctl for what is not cached.
 */
#include "../suite.h"
#include "driver.h"

#define GPRS	NVMM_X64_STATE_GPRS
#define DRS	NVMM_X64_STATE_DRS

START_TEST(a_get_of_what_is_cached_is_a_copy_and_no_ioctl)
{
	driver.comm.state_cached = GPRS;
	driver.comm.state.gprs[0] = 0xA;
	ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu, GPRS),
	    0);
	ck_assert_uint_eq(driver.nioctls, 0);
	ck_assert_uint_eq(driver.vcpu.state->gprs[0], 0xA);
}
END_TEST

START_TEST(a_get_asks_for_what_is_missing_and_copies_all)
{
	driver.comm.state_cached = GPRS;
	driver.comm.state.gprs[0] = 0xA;
	driver.comm.state.drs[0] = 0xD;
	ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu,
	    GPRS | DRS), 0);
	ck_assert_uint_eq(driver.nioctls, 1);
	ck_assert_uint_eq(driver.request, NVMM_IOC_VCPU_GETSTATE);
	ck_assert_uint_eq(driver.wanted, DRS);
	ck_assert_uint_eq(driver.vcpu.state->gprs[0], 0xA);
	ck_assert_uint_eq(driver.vcpu.state->drs[0], 0xD);
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu),
	    144 + 48);
}
END_TEST

START_TEST(a_set_waits_for_the_run)
{
	driver.comm.state_cached = DRS;
	driver.vcpu.state->gprs[0] = 0xA;
	ck_assert_int_eq(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu, GPRS),
	    0);
	ck_assert_uint_eq(driver.nioctls, 0);
	ck_assert_uint_eq(driver.comm.state_commit, GPRS);
	ck_assert_uint_eq(driver.comm.state_cached, GPRS | DRS);
	ck_assert_uint_eq(driver.comm.state.gprs[0], 0xA);
}
END_TEST

/* Scribbling on it later changes nothing: it was copied. */
START_TEST(what_was_set_is_what_a_get_gives)
{
	driver.vcpu.state->drs[3] = 0x1;
	ck_assert_int_eq(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu, DRS),
	    0);
	driver.vcpu.state->drs[3] = 0x2;
	ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu, DRS),
	    0);
	ck_assert_uint_eq(driver.vcpu.state->drs[3], 0x1);
	ck_assert_uint_eq(driver.nioctls, 0);
}
END_TEST

static Suite *
copying_suite(void)
{
	Suite *suite = suite_create("first comm page");
	TCase *tcase = driver_tcase("first comm page");

	driver_common_tests(tcase);
	tcase_add_test(tcase, a_get_of_what_is_cached_is_a_copy_and_no_ioctl);
	tcase_add_test(tcase, a_get_asks_for_what_is_missing_and_copies_all);
	tcase_add_test(tcase, a_set_waits_for_the_run);
	tcase_add_test(tcase, what_was_set_is_what_a_get_gives);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	static Suite *(*const suites[])(void) = { copying_suite, NULL };

	return suites_run(suites);
}
