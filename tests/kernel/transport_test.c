/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The in-process transport: the C library's functions on the device and on
 * everything else.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#include "fixture.h"
#include "transport/interpose.h"
#include "transport/transport.h"

#define DEVICE		"/dev/nvmm"
#define NOT_THERE	"/dev/nvmm/not-there"

static void
attach(void)
{
	start(&sim_backend_svm);
	transport_attach(fx.sim, NULL, NULL);
}

static int
by_open(const char *path, int flags)
{
	return open(path, flags);
}

static int
by_open64(const char *path, int flags)
{
	return open64(path, flags);
}

static int
by_openat(const char *path, int flags)
{
	return openat(AT_FDCWD, path, flags);
}

static int
by_openat64(const char *path, int flags)
{
	return openat64(AT_FDCWD, path, flags);
}

static int
by_openat_2(const char *path, int flags)
{
	return __openat_2(AT_FDCWD, path, flags);
}

static int
by_openat64_2(const char *path, int flags)
{
	return __openat64_2(AT_FDCWD, path, flags);
}

static const struct {
	const char *name;
	int (*open)(const char *path, int flags);
} openers[] = {
	{ "open", by_open }, { "open64", by_open64 },
	{ "openat", by_openat }, { "openat64", by_openat64 },
	{ "__open_2", __open_2 }, { "__open64_2", __open64_2 },
	{ "__openat_2", by_openat_2 }, { "__openat64_2", by_openat64_2 },
};

static int
machine_create_on(int fd)
{
	struct nvmm_ioc_machine_create args = { .machid = UINT32_MAX };

	if (ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args) == -1)
		return -1;
	return (int)args.machid;
}

START_TEST(the_device_is_opened_by_every_name)
{
	const char *name = openers[_i].name;
	int fd;

	attach();
	fd = openers[_i].open(DEVICE, O_RDWR | O_CLOEXEC);
	ck_assert_msg(fd >= 0, "%s: %s", name, strerror(errno));
	ck_assert_msg(machine_create_on(fd) == 1, "%s", name);
	ck_assert_int_eq(close(fd), 0);
	/* That was the last close: the machine is gone. */
	fd = openers[_i].open(DEVICE, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(machine_create_on(fd), 1);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(an_open_fails_as_the_kernel_says)
{
	attach();
	errno = 0;
	ck_assert_int_eq(openers[_i].open(DEVICE, O_RDWR), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(without_a_kernel_there_is_no_device)
{
	transport_detach();
	ck_assert_int_eq(openers[_i].open(DEVICE, O_RDWR | O_CLOEXEC), -1);
	ck_assert_int_eq(errno, ENXIO);
}
END_TEST

START_TEST(other_files_are_opened_as_ever)
{
	int fd;

	attach();
	fd = openers[_i].open("/dev/zero", O_RDONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(read(fd, &(char){ 1 }, 1), 1);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(openers[_i].open(NOT_THERE, O_RDONLY), -1);
	ck_assert_int_ne(errno, ENXIO);
}
END_TEST

START_TEST(a_created_file_gets_its_mode)
{
	char path[] = "/tmp/nvmm-sim-test-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(unlink(path), 0);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0400);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_int_eq(access(path, R_OK), 0);
	ck_assert_int_eq(access(path, X_OK), -1);
	ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(ioctls_of_other_descriptors_pass_through)
{
	int fds[2], n = 0;

	attach();
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], "abc", 3), 3);
	ck_assert_int_eq(ioctl(fds[0], FIONREAD, &n), 0);
	ck_assert_int_eq(n, 3);
	/* NVMM's commands mean nothing to them. */
	ck_assert_int_eq(machine_create_on(fds[0]), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(machine_create_on(-1), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(machine_create_on(INT32_MAX), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(close(fds[0]), 0);
	ck_assert_int_eq(close(fds[1]), 0);
	ck_assert_int_eq(close(fds[1]), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(a_closed_descriptor_is_the_device_s_no_more)
{
	int fd, other;

	attach();
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(close(fd), 0);
	other = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_eq(other, fd);
	ck_assert_int_eq(machine_create_on(other), -1);
	ck_assert_int_eq(errno, ENOTTY);
	ck_assert_int_eq(close(other), 0);
}
END_TEST

START_TEST(descriptors_may_have_large_numbers)
{
	struct rlimit limit;
	int fds[1100], n, fd;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_uint_gt(limit.rlim_cur, NELEM(fds) + 64);
	attach();
	for (n = 0; n < (int)NELEM(fds); n++)
		fds[n] = eventfd(0, EFD_CLOEXEC);
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ck_assert_int_gt(fd, 1024);
	ck_assert_int_eq(machine_create_on(fd), 1);
	ck_assert_int_eq(machine_create_on(fds[0]), -1);
	ck_assert_int_eq(close(fd), 0);
	while (n-- > 0)
		ck_assert_int_eq(close(fds[n]), 0);
}
END_TEST

/* For writing only all opens are one owner. */
START_TEST(an_open_without_a_descriptor_destroys_nothing)
{
	struct rlimit limit, none;
	uint32_t machid;
	int fd;

	attach();
	fd = open(DEVICE, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(ioctl(fd, sim_abi_v2.command[SIM_MACHINE_CREATE],
	    &machid), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(open(DEVICE, O_WRONLY | O_CLOEXEC), -1);
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(ioctl(fd, sim_abi_v2.command[SIM_MACHINE_DESTROY],
	    &machid), 0);
	close(fd);
}
END_TEST

START_TEST(comm_pages_are_mapped_and_all_else_as_ever)
{
	int fd, zero;
	void *page;

	attach();
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(machine_create_on(fd), 1);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    NVMM_COMM_OFF(1, 0));
	ck_assert_ptr_ne(page, MAP_FAILED);
	memset(page, 1, 4096);
	ck_assert_int_eq(munmap(page, 4096), 0);
	page = mmap64(NULL, 4096, PROT_READ, MAP_SHARED, fd,
	    NVMM_COMM_OFF(1, 0));
	ck_assert_ptr_ne(page, MAP_FAILED);
	ck_assert_uint_eq(*(uint8_t *)page, 1);
	ck_assert_int_eq(munmap(page, 4096), 0);
	ck_assert_ptr_eq(mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0),
	    MAP_FAILED);
	ck_assert_int_eq(errno, EINVAL);
	zero = open("/dev/zero", O_RDWR);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0);
	ck_assert_ptr_ne(page, MAP_FAILED);
	ck_assert_int_eq(munmap(page, 8192), 0);
	ck_assert_int_eq(munmap(page, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(close(zero), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(ioctls_outside_the_library_are_noticed)
{
	int fd;

	attach();
	ck_assert_uint_eq(transport_foreign_ioctls(), 0);
	fd = open(DEVICE, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(machine_create_on(fd), 1);
	ck_assert_uint_eq(transport_foreign_ioctls(), 1);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

Suite *
transport_suite(void)
{
	Suite *suite = suite_create("transport");
	TCase *tcase = fixture_tcase("descriptors");

	tcase_add_loop_test(tcase, the_device_is_opened_by_every_name,
	    0, NELEM(openers));
	tcase_add_loop_test(tcase, an_open_fails_as_the_kernel_says,
	    0, NELEM(openers));
	tcase_add_loop_test(tcase, without_a_kernel_there_is_no_device,
	    0, NELEM(openers));
	tcase_add_loop_test(tcase, other_files_are_opened_as_ever,
	    0, NELEM(openers));
	tcase_add_test(tcase, a_created_file_gets_its_mode);
	tcase_add_test(tcase, ioctls_of_other_descriptors_pass_through);
	tcase_add_test(tcase, a_closed_descriptor_is_the_device_s_no_more);
	tcase_add_test(tcase, descriptors_may_have_large_numbers);
	tcase_add_test(tcase, an_open_without_a_descriptor_destroys_nothing);
	tcase_add_test(tcase, comm_pages_are_mapped_and_all_else_as_ever);
	tcase_add_test(tcase, ioctls_outside_the_library_are_noticed);
	suite_add_tcase(suite, tcase);
	return suite;
}
