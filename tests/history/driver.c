/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver, and the tests that hold for every model.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "driver.h"

#define GPRS	NVMM_X64_STATE_GPRS

struct driver driver;

/* In place of the C library's. */
int
ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	driver.nioctls++;
	driver.request = request;
	driver.wanted = driver.comm.state_wanted;
	if (driver.error == 0)
		return 0;
	errno = driver.error;
	return -1;
}

static void
setup(void)
{
	memset(&driver, 0, sizeof(driver));
	driver.history.comm = &driver.comm;
	driver.pages[0] = &driver.history.caller;
	driver.mach.pages = driver.pages;
	driver.vcpu.state = &driver.history.caller.state;
	driver.vcpu.event = &driver.history.caller.event;
}

TCase *
driver_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, NULL);
	return tcase;
}

static const struct {
	uint64_t flag;
	size_t offset, size;
} components[] = {
	{ NVMM_X64_STATE_SEGS, 0, 160 }, { NVMM_X64_STATE_GPRS, 160, 144 },
	{ NVMM_X64_STATE_CRS, 304, 48 }, { NVMM_X64_STATE_DRS, 352, 48 },
	{ NVMM_X64_STATE_MSRS, 400, 88 }, { NVMM_X64_STATE_INTR, 488, 8 },
	{ NVMM_X64_STATE_FPU, 496, 512 },
};
#define NCOMPONENTS	(int)(sizeof(components) / sizeof(components[0]))

/* Every byte of the component at the index has come over, and no other. */
static void
must_have_come(const void *state, int component)
{
	const uint8_t *bytes = state;
	size_t i, begin = components[component].offset;
	size_t end = begin + components[component].size;

	for (i = 0; i < sizeof(struct nvmm_vcpu_state); i++)
		ck_assert_msg(bytes[i] == (i >= begin && i < end ? 0xA5 : 0),
		    "component %d: byte %zu is 0x%x", component, i, bytes[i]);
}

START_TEST(a_get_copies_what_it_names_to_the_caller)
{
	memset(&driver.comm.state, 0xA5, sizeof(driver.comm.state));
	ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu,
	    components[_i].flag), 0);
	must_have_come(driver.vcpu.state, _i);
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu),
	    components[_i].size);
}
END_TEST

START_TEST(a_set_copies_what_it_names_to_the_page)
{
	memset(driver.vcpu.state, 0xA5, sizeof(*driver.vcpu.state));
	ck_assert_int_eq(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu,
	    components[_i].flag), 0);
	must_have_come(&driver.comm.state, _i);
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu),
	    components[_i].size);
}
END_TEST

START_TEST(an_inject_is_an_ioctl_with_its_event)
{
	driver.vcpu.event->type = NVMM_VCPU_EVENT_INTR;
	driver.vcpu.event->vector = 0x20;
	ck_assert_int_eq(nvmm_vcpu_inject(&driver.mach, &driver.vcpu), 0);
	ck_assert_uint_eq(driver.request, NVMM_IOC_VCPU_INJECT);
	ck_assert_uint_eq(driver.nioctls, 1);
	ck_assert_uint_eq(driver.comm.event.vector, 0x20);
	ck_assert(!driver.comm.event_commit);
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu), 0);
}
END_TEST

START_TEST(a_get_that_fails_copies_nothing)
{
	driver.error = EIO;
	memset(&driver.comm.state, 0xA5, sizeof(driver.comm.state));
	ck_assert_int_eq(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu,
	    GPRS), -1);
	ck_assert_int_eq(errno, EIO);
	ck_assert_uint_eq(driver.vcpu.state->gprs[0], 0);
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_inject(&driver.mach, &driver.vcpu), -1);
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

	driver.pages[0] = NULL;
	if (_i == 1)
		driver.mach.pages = NULL;
	must_fail(nvmm_vcpu_getstate(&driver.mach, &driver.vcpu, GPRS), error,
	    "getstate");
	must_fail(nvmm_vcpu_setstate(&driver.mach, &driver.vcpu, GPRS), error,
	    "setstate");
	must_fail(nvmm_vcpu_inject(&driver.mach, &driver.vcpu), error,
	    "inject");
	ck_assert_uint_eq(nvmm_history_copied(&driver.mach, &driver.vcpu), 0);
	ck_assert_uint_eq(driver.nioctls, 0);
}
END_TEST

void
driver_common_tests(TCase *tcase)
{
	tcase_add_loop_test(tcase, a_get_copies_what_it_names_to_the_caller,
	    0, NCOMPONENTS);
	tcase_add_loop_test(tcase, a_set_copies_what_it_names_to_the_page, 0,
	    NCOMPONENTS);
	tcase_add_test(tcase, an_inject_is_an_ioctl_with_its_event);
	tcase_add_test(tcase, a_get_that_fails_copies_nothing);
	tcase_add_loop_test(tcase, what_is_destroyed_is_an_error_not_a_crash,
	    0, 2);
}
