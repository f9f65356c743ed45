/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a VCPU: where its comm page comes from in each generation of
 * the interface, and that the end of VCPU or machine takes it away.
 */
#define _GNU_SOURCE	/* mincore() */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "internal.h"

/* An open device and a machine that the library itself created. */
static struct nvmm_machine mach;

static void
machine(void)
{
	fx.has_device = true;
	fx.cap.version = NVMM_KERN_VERSION;
	fx.cap.state_size = sizeof(struct nvmm_vcpu_state);
	fx.cap.max_vcpus = 4;
#if NVMM_ABI == 3
	fx.cap.comm_size = FIXTURE_COMM_SIZE;
#endif
	libnvmm_device.fd = -1;
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&mach), 0);
}

static struct nvmm_vcpu
vcpu(nvmm_cpuid_t cpuid)
{
	struct nvmm_vcpu result;

	memset(&result, 0xA5, sizeof(result));
	ck_assert_int_eq(nvmm_vcpu_create(&mach, cpuid, &result), 0);
	return result;
}

/* Is a page of this address mapped? */
static bool
mapped(const void *address)
{
	uintptr_t page = (uintptr_t)address & ~(uintptr_t)0xFFF;
	unsigned char in_core;

	return mincore((void *)page, 0x1000, &in_core) == 0;
}

START_TEST(a_new_vcpu_points_into_its_comm_page)
{
	struct nvmm_vcpu v;

	machine();
	v = vcpu(2);
	ck_assert_uint_eq(v.cpuid, 2);
	ck_assert_ptr_eq(v.state, &mach.pages[2]->state);
	ck_assert_ptr_eq(v.event, &mach.pages[2]->event);
	ck_assert_ptr_null(mach.pages[1]);
	ck_assert(v.cbs.io == NULL && v.cbs.mem == NULL);
	ck_assert_uint_eq(v.exit->reason, NVMM_VCPU_EXIT_NONE);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

/* Every byte that was mapped: a whole page, or what the driver said. */
START_TEST(destroying_a_vcpu_unmaps_its_comm_page)
{
	struct nvmm_vcpu v;
	uint8_t *comm;

	machine();
	v = vcpu(1);
	comm = (uint8_t *)mach.pages[1];
	ck_assert(mapped(comm));
	ck_assert_int_eq(nvmm_vcpu_destroy(&mach, &v), 0);
	ck_assert(!mapped(comm));
	if (NVMM_ABI == 3)
		ck_assert(!mapped(comm + FIXTURE_COMM_SIZE - 1));
	ck_assert_ptr_null(mach.pages[1]);
	ck_assert(v.state == NULL && v.event == NULL && v.exit == NULL);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

START_TEST(destroying_a_machine_unmaps_all_its_comm_pages)
{
	void *first, *last;

	machine();
	(void)vcpu(0);
	(void)vcpu(3);
	first = mach.pages[0];
	last = mach.pages[3];
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
	ck_assert(!mapped(first));
	ck_assert(!mapped(last));
}
END_TEST

START_TEST(a_vcpu_that_the_driver_refuses_is_none)
{
	struct nvmm_vcpu v = { .cpuid = 77 };

	machine();
	fx.ioctl_error = EBUSY;
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 1, &v), -1);
	ck_assert_int_eq(errno, EBUSY);
	ck_assert_uint_eq(v.cpuid, 77);
	ck_assert_ptr_null(mach.pages[1]);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_CREATE);
	fx.ioctl_error = 0;
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

START_TEST(a_vcpu_that_the_driver_keeps_stays_as_it_is)
{
	struct nvmm_vcpu v;

	machine();
	v = vcpu(1);
	fx.ioctl_error = EPERM;
	ck_assert_int_eq(nvmm_vcpu_destroy(&mach, &v), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert(mapped(v.state));
	ck_assert_int_eq(nvmm_machine_destroy(&mach), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert(mapped(v.state));
	fx.ioctl_error = 0;
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

START_TEST(a_run_that_fails_keeps_the_previous_exit)
{
	struct nvmm_vcpu v;

	machine();
	v = vcpu(0);
	fx.exit_reason = NVMM_VCPU_EXIT_HALTED;
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &v), 0);
	ck_assert_uint_eq(v.exit->reason, NVMM_VCPU_EXIT_HALTED);
	fx.exit_reason = NVMM_VCPU_EXIT_IO;
	fx.ioctl_error = EINVAL;
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &v), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(v.exit->reason, NVMM_VCPU_EXIT_HALTED);
	fx.ioctl_error = 0;
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

#if NVMM_ABI != 3
START_TEST(a_vcpu_without_a_comm_page_is_taken_back)
{
	struct nvmm_vcpu v;

	machine();
	(void)close(libnvmm_device.fd);
	libnvmm_device.fd = -1;		/* cannot be mapped */
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 1, &v), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_DESTROY);
	ck_assert_ptr_null(mach.pages[1]);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST
#endif

#if NVMM_ABI == 2
START_TEST(stop_sets_the_word_in_the_comm_page)
{
	struct nvmm_vcpu v;

	machine();
	v = vcpu(0);
	ck_assert_int_eq(mach.pages[0]->stop, 0);
	ck_assert_int_eq(nvmm_vcpu_stop(&v), 0);
	ck_assert_int_eq(mach.pages[0]->stop, 1);
	ck_assert_uint_eq(fx.request, NVMM_IOC_VCPU_CREATE);
	ck_assert_int_eq(nvmm_vcpu_destroy(&mach, &v), 0);
	ck_assert_int_eq(nvmm_vcpu_stop(&v), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST
#endif

Suite *
vcpu_suite(void)
{
	Suite *suite = suite_create("vcpu");
	TCase *tc = fixture_tcase("vcpu");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_new_vcpu_points_into_its_comm_page);
	tcase_add_test(tc, destroying_a_vcpu_unmaps_its_comm_page);
	tcase_add_test(tc, destroying_a_machine_unmaps_all_its_comm_pages);
	tcase_add_test(tc, a_vcpu_that_the_driver_refuses_is_none);
	tcase_add_test(tc, a_vcpu_that_the_driver_keeps_stays_as_it_is);
	tcase_add_test(tc, a_run_that_fails_keeps_the_previous_exit);
#if NVMM_ABI != 3
	tcase_add_test(tc, a_vcpu_without_a_comm_page_is_taken_back);
#endif
#if NVMM_ABI == 2
	tcase_add_test(tc, stop_sets_the_word_in_the_comm_page);
#endif
	return suite;
}
