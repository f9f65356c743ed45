/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening the device, and what happens when the driver is another one, or
 * says no.
 */
#include <errno.h>
#include <fcntl.h>

#include "fixture.h"
#include "internal.h"

/* errno when the driver is of another generation. */
#define MISMATCH	(NVMM_ABI == 3 ? ENOSYS : EPROGMISMATCH)

static const struct nvmm_capability right = {
	.version = NVMM_KERN_VERSION,
	.state_size = sizeof(struct nvmm_vcpu_state),
	.max_machines = 128,
	.max_vcpus = 256,
};

static void
closed_device(void)
{
	libnvmm_device.fd = -1;
	fx.cap = right;
	fx.has_device = true;
	fx.nopens = 0;
}

START_TEST(init_opens_the_device_once)
{
	closed_device();
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_root_init(), 0);
	ck_assert_uint_eq(fx.nopens, 1);
	ck_assert_int_eq(fx.open_flags, O_RDONLY | O_CLOEXEC);
}
END_TEST

START_TEST(root_init_opens_it_write_only)
{
	closed_device();
	ck_assert_int_eq(nvmm_root_init(), 0);
	ck_assert_int_eq(fx.open_flags, O_WRONLY | O_CLOEXEC);
}
END_TEST

START_TEST(init_without_a_device_fails_as_open_does)
{
	closed_device();
	fx.has_device = false;
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, ENXIO);
	ck_assert_int_eq(libnvmm_device.fd, -1);
}
END_TEST

START_TEST(init_refuses_a_driver_of_another_version)
{
	closed_device();
	fx.cap.version++;
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, MISMATCH);
	ck_assert_int_eq(libnvmm_device.fd, -1);
	fx.cap = right;
	ck_assert_int_eq(nvmm_init(), 0);
}
END_TEST

START_TEST(init_refuses_a_state_of_another_size)
{
	closed_device();
	fx.cap.state_size -= 8;
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, MISMATCH);
}
END_TEST

START_TEST(init_fails_when_the_capability_cannot_be_had)
{
	closed_device();
	fx.ioctl_error = EIO;
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, EIO);
	ck_assert_int_eq(libnvmm_device.fd, -1);
}
END_TEST

START_TEST(capability_is_asked_each_time)
{
	struct nvmm_capability cap;

	closed_device();
	ck_assert_int_eq(nvmm_init(), 0);
	fx.cap.max_ram = 12345;
	ck_assert_int_eq(nvmm_capability(&cap), 0);
	ck_assert_uint_eq(cap.max_ram, 12345);
	fx.ioctl_error = EBADF;
	ck_assert_int_eq(nvmm_capability(&cap), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(a_machine_that_the_driver_refuses_leaves_nothing)
{
	struct nvmm_machine mach = { .machid = 77 };

	fx.ioctl_error = ENOBUFS;
	ck_assert_int_eq(nvmm_machine_create(&mach), -1);
	ck_assert_int_eq(errno, ENOBUFS);
	ck_assert_uint_eq(mach.machid, 77);
}
END_TEST

START_TEST(a_refused_guest_mapping_is_undone)
{
	uintptr_t hva;
	nvmm_prot_t prot;

	fx.ioctl_error = ENOMEM;
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, 0x10000, 1ULL << 33, 0x1000,
	    1), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, 1ULL << 33, &hva, &prot),
	    -1);
	fx.ioctl_error = 0;
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, 0x10000, 1ULL << 33, 0x1000,
	    1), 0);
}
END_TEST

START_TEST(a_refused_unmapping_keeps_the_area_and_its_rights)
{
	uintptr_t hva;
	nvmm_prot_t prot;

	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, 0x10000, 1ULL << 33, 0x1000,
	    1), 0);
	fx.ioctl_error = EINVAL;
	ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, 0x10000, 1ULL << 33,
	    0x1000), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, 1ULL << 33, &hva, &prot),
	    0);
	ck_assert_uint_eq(prot, NVMM_PROT_READ);
}
END_TEST

START_TEST(a_range_that_is_none_is_the_drivers_to_refuse)
{
	unsigned before = fx.nioctls;

	fx.ioctl_error = EINVAL;
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, 0x10000, 0, 0, 1), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, 0x10000, ~0xfffULL, 0x2000,
	    1), -1);
	ck_assert_uint_eq(fx.nioctls, before + 2);
}
END_TEST

Suite *
device_suite(void)
{
	Suite *suite = suite_create("device");
	TCase *tcase = fixture_tcase("device");

	tcase_add_test(tcase, init_opens_the_device_once);
	tcase_add_test(tcase, root_init_opens_it_write_only);
	tcase_add_test(tcase, init_without_a_device_fails_as_open_does);
	tcase_add_test(tcase, init_refuses_a_driver_of_another_version);
	tcase_add_test(tcase, init_refuses_a_state_of_another_size);
	tcase_add_test(tcase, init_fails_when_the_capability_cannot_be_had);
	tcase_add_test(tcase, capability_is_asked_each_time);
	tcase_add_test(tcase, a_machine_that_the_driver_refuses_leaves_nothing);
	tcase_add_test(tcase, a_refused_guest_mapping_is_undone);
	tcase_add_test(tcase,
	    a_refused_unmapping_keeps_the_area_and_its_rights);
	tcase_add_test(tcase, a_range_that_is_none_is_the_drivers_to_refuse);
	suite_add_tcase(suite, tcase);
	return suite;
}
