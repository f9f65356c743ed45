/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Duplicates of the device's descriptors: they are one owner, and the last
 * close of them all destroys its machines.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#include "fixture.h"
#include "transport/transport.h"

#define DEVICE	"/dev/nvmm"
#define PLACE	100	/* a descriptor that nobody has */

static int
by_dup2(int fd)
{
	return dup2(fd, PLACE);
}

static int
by_dup3(int fd)
{
	return dup3(fd, PLACE, O_CLOEXEC);
}

static int
by_fcntl(int fd)
{
	return fcntl(fd, F_DUPFD, PLACE);
}

static int
by_fcntl_cloexec(int fd)
{
	return fcntl(fd, F_DUPFD_CLOEXEC, PLACE);
}

static int
by_fcntl64(int fd)
{
	return fcntl64(fd, F_DUPFD, PLACE);
}

static const struct {
	const char *name;
	int (*duplicate)(int fd);
} ways[] = {
	{ "dup", dup }, { "dup2", by_dup2 }, { "dup3", by_dup3 },
	{ "F_DUPFD", by_fcntl }, { "F_DUPFD_CLOEXEC", by_fcntl_cloexec },
	{ "F_DUPFD by fcntl64", by_fcntl64 },
};

static int
device(void)
{
	int fd = open(DEVICE, O_RDONLY | O_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	return fd;
}

static int
create(int fd)
{
	struct nvmm_ioc_machine_create args = { .machid = UINT32_MAX };

	return ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args) == -1 ? -1 :
	    (int)args.machid;
}

static int
destroy(int fd, int machid)
{
	struct nvmm_ioc_machine_destroy args = {
		.machid = (nvmm_machid_t)machid
	};

	return ioctl(fd, NVMM_IOC_MACHINE_DESTROY, &args) == -1 ? errno : 0;
}

static void
attach(void)
{
	start(&sim_backend_svm);
	transport_attach(fx.sim, NULL, NULL);
}

/* fx has a machine of its own: numbers start at 1. */
START_TEST(a_duplicate_is_the_same_owner)
{
	const char *name = ways[_i].name;
	int fd, copy, other;

	attach();
	fd = device();
	other = device();
	ck_assert_int_eq(create(fd), 1);
	copy = ways[_i].duplicate(fd);
	ck_assert_msg(copy >= 0 && copy != fd, "%s", name);
	ck_assert_int_eq(close(fd), 0);
	ck_assert_msg(destroy(other, 1) == EPERM, "%s: closed too soon", name);
	ck_assert_msg(create(copy) == 2, "%s: no device", name);
	ck_assert_int_eq(close(copy), 0);
	ck_assert_msg(destroy(other, 1) == ENOENT, "%s: never closed", name);
	ck_assert_int_eq(destroy(other, 2), ENOENT);
	ck_assert_int_eq(close(other), 0);
}
END_TEST

START_TEST(replacing_the_last_descriptor_closes_it)
{
	int fd, other, event;

	attach();
	fd = device();
	other = device();
	event = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_eq(create(fd), 1);
	ck_assert_int_eq(dup2(event, fd), fd);
	ck_assert_int_eq(destroy(other, 1), ENOENT);
	ck_assert_int_eq(create(fd), -1);
	ck_assert_int_eq(errno, ENOTTY);
	/* One owner takes the place of another. */
	ck_assert_int_eq(create(other), 1);
	ck_assert_int_eq(close(fd), 0);
	fd = device();
	ck_assert_int_eq(dup3(fd, other, O_CLOEXEC), other);
	ck_assert_int_eq(destroy(other, 1), ENOENT);
	ck_assert_int_eq(create(fd), 1);
	ck_assert_int_eq(destroy(other, 1), 0);
	ck_assert_int_eq(close(event), 0);
	ck_assert_int_eq(close(other), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(a_descriptor_that_replaces_itself_stays)
{
	int fd;

	attach();
	fd = device();
	ck_assert_int_eq(create(fd), 1);
	ck_assert_int_eq(dup2(fd, fd), fd);
	ck_assert_int_eq(destroy(fd, 1), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(what_cannot_be_duplicated_changes_nothing)
{
	int fd;

	attach();
	fd = device();
	ck_assert_int_eq(create(fd), 1);
	ck_assert_int_eq(dup2(-1, fd), -1);
	ck_assert_int_eq(errno, EBADF);
	ck_assert_int_eq(dup3(fd, fd, 0), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_int_eq(dup2(fd, -1), -1);
	ck_assert_int_eq(fcntl(fd, F_DUPFD, -1), -1);
	ck_assert_int_eq(dup(-1), -1);
	ck_assert_int_eq(destroy(fd, 1), 0);
	ck_assert_int_eq(close(fd), 0);
}
END_TEST

START_TEST(other_descriptors_are_duplicated_as_ever)
{
	int event, copy;

	attach();
	event = eventfd(0, EFD_CLOEXEC);
	for (unsigned i = 0; i < NELEM(ways); i++) {
		copy = ways[i].duplicate(event);
		ck_assert_int_ge(copy, 0);
		ck_assert_int_eq(create(copy), -1);
		ck_assert_int_eq(errno, ENOTTY);
		ck_assert_int_eq(close(copy), 0);
	}
	ck_assert_int_eq(fcntl(event, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fcntl(event, F_SETFD, 0), 0);
	ck_assert_int_eq(fcntl(event, F_GETFD), 0);
	ck_assert_int_eq(close(event), 0);
}
END_TEST

Suite *
duplicate_suite(void)
{
	Suite *suite = suite_create("duplicate");
	TCase *tcase = fixture_tcase("duplicate");

	tcase_add_loop_test(tcase, a_duplicate_is_the_same_owner, 0,
	    NELEM(ways));
	tcase_add_test(tcase, replacing_the_last_descriptor_closes_it);
	tcase_add_test(tcase, a_descriptor_that_replaces_itself_stays);
	tcase_add_test(tcase, what_cannot_be_duplicated_changes_nothing);
	tcase_add_test(tcase, other_descriptors_are_duplicated_as_ever);
	suite_add_tcase(suite, tcase);
	return suite;
}
