/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model without comm page: every get and set is an ioctl.
 */
#include <errno.h>

#include "../suite.h"
#include "driver.h"

#define GPRS	NVMM_X64_STATE_GPRS
#define DRS	NVMM_X64_STATE_DRS

START_TEST(every_get_is_an_ioctl_for_all_of_it)
{
	unsigned i;

	driver.comm.state_cached = NVMM_X64_STATE_ALL;
	for (i = 1; i <= 2; i++) {
		ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach,
		    &driver.vcpu, GPRS | DRS), 0);
		ck_assert_uint_eq(driver.nioctls, i);
		ck_assert_uint_eq(driver.request, NVMM_IOC_VCPU_GETSTATE);
		ck_assert_uint_eq(driver.wanted, GPRS | DRS);
	}
}
END_TEST

START_TEST(every_set_is_an_ioctl_and_leaves_nothing_to_the_run)
{
	ck_assert_int_eq(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu, DRS),
	    0);
	ck_assert_uint_eq(driver.nioctls, 1);
	ck_assert_uint_eq(driver.request, NVMM_IOC_VCPU_SETSTATE);
	ck_assert_uint_eq(driver.wanted, DRS);
	ck_assert_uint_eq(driver.comm.state_commit, 0);
	driver.error = EPERM;
	ck_assert_int_eq(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu, DRS),
	    -1);
	ck_assert_int_eq(errno, EPERM);
}
END_TEST

static Suite *
nocomm_suite(void)
{
	Suite *suite = suite_create("no comm page");
	TCase *tcase = driver_tcase("no comm page");

	driver_common_tests(tcase);
	tcase_add_test(tcase, every_get_is_an_ioctl_for_all_of_it);
	tcase_add_test(tcase,
	    every_set_is_an_ioctl_and_leaves_nothing_to_the_run);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	static Suite *(*const suites[])(void) = { nocomm_suite, NULL };

	return suites_run(suites);
}
