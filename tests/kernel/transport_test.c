/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The in-process transport: the C library's functions on the device and on
 * everything else, and the loading of libraries.
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
#include "kernel/abi/abi.h"
#include "transport/interpose.h"
#include "transport/library.h"
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

static const struct {
	const char *name, *path, *why;
} no_libraries[] = {
	{ "no such file", "/no/such/libnvmm.so", "cannot open" },
	{ "no library", "/etc/passwd", "/etc/passwd" },
	{ "a directory", "/tmp", "/tmp" },
	{ "another library", "libc.so.6", "nvmm_" },
	{ "another one", "libpthread.so.0", "nvmm_" },
};

START_TEST(what_is_no_libnvmm_is_refused_in_one_line)
{
	char why[256] = "";

	ck_assert_int_eq(library_load(no_libraries[_i].path, why,
	    sizeof(why)), -1);
	ck_assert_msg(strstr(why, no_libraries[_i].why) != NULL, "%s: \"%s\"",
	    no_libraries[_i].name, why);
	ck_assert_ptr_null(strchr(why, '\n'));
	ck_assert(!library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

static void
load(void)
{
	const char *path = getenv("LIBNVMM");
	char why[256] = "";

	if (path == NULL)
		path = "build/libnvmm.so";
	ck_assert_msg(library_load(path, why, sizeof(why)) == 0, "%s", why);
}

START_TEST(a_library_that_was_replaced_by_none_is_gone)
{
	char why[256];

	load();
	ck_assert(library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(library_load(no_libraries[_i].path, why,
	    sizeof(why)), -1);
	ck_assert(!library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

START_TEST(a_reason_too_long_is_cut)
{
	char why[8] = "1234567";

	ck_assert_int_eq(library_load("/no/such/libnvmm.so", why, 4), -1);
	ck_assert_uint_eq(strlen(why), 3);
	ck_assert_str_eq(why + 4, "567");
}
END_TEST

START_TEST(a_library_that_was_loaded_works)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;

	load();
	ck_assert(library_has(SIM_CALL_VCPU_STOP));
	attach();
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 0, &vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &vcpu), 0);
	ck_assert_uint_eq(vcpu.exit->reason, NVMM_VCPU_EXIT_NONE);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
	ck_assert_uint_eq(transport_foreign_ioctls(), 0);
}
END_TEST

START_TEST(loading_again_starts_the_library_afresh)
{
	struct nvmm_capability cap;

	load();
	attach();
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_capability(&cap), 0);
	load();
	ck_assert_int_eq(nvmm_capability(&cap), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(our_library_shows_its_inner_calls_and_its_generation)
{
	struct library_facts facts;

	load();
	library_probe(NULL, &facts);
	ck_assert_int_eq(facts.error, 0);
	ck_assert(facts.inner_visible);
	ck_assert_str_eq(facts.abi->name, "v2");
	ck_assert(!facts.mismatch);
	load();
	library_probe(sim_abi_find("v1"), &facts);
	ck_assert_int_eq(facts.error, EPROGMISMATCH);
	ck_assert(facts.mismatch);
	load();
	library_probe(sim_abi_find("v3"), &facts);
	ck_assert_int_eq(facts.error, EINVAL);
	ck_assert(facts.mismatch);
}
END_TEST

/* What an observer of calls was told, one letter each. */
static char calls[64];
static size_t ncalls;

static void
call_enter(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	if (ncalls < sizeof(calls) - 1)
		calls[ncalls++] = (char)('0' + event->depth);
}

static void
call_leave(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	ck_assert_uint_le(event->ioctls, 2);
	if (ncalls < sizeof(calls) - 1)
		calls[ncalls++] = event->ioctls > 0 ? '!' : '.';
}

static const struct sim_call_observer call_observer = {
	.enter = call_enter, .leave = call_leave,
};

START_TEST(an_observer_sees_calls_inner_ones_and_their_ioctls)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	nvmm_prot_t prot;
	gpaddr_t gpa;

	load();
	start(&sim_backend_svm);
	transport_attach(fx.sim, &call_observer, NULL);
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 0, &vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &vcpu), 0);
	ncalls = 0;
	/* The outer call's ioctls are its own only. */
	ck_assert_int_eq(nvmm_gva_to_gpa(&mach, &vcpu, 0, &gpa, &prot), 0);
	ck_assert_int_eq(nvmm_vcpu_getstate(&mach, &vcpu,
	    NVMM_X64_STATE_CRS), 0);
	ck_assert_int_eq(nvmm_vcpu_getstate(&mach, &vcpu,
	    NVMM_X64_STATE_DRS), 0);
	calls[ncalls] = '\0';
	ck_assert_str_eq(calls, "01!.0.0!");
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
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

	tcase = fixture_tcase("library");
	tcase_add_loop_test(tcase, what_is_no_libnvmm_is_refused_in_one_line,
	    0, NELEM(no_libraries));
	tcase_add_loop_test(tcase,
	    a_library_that_was_replaced_by_none_is_gone,
	    0, NELEM(no_libraries));
	tcase_add_test(tcase, a_reason_too_long_is_cut);
	tcase_add_test(tcase, a_library_that_was_loaded_works);
	tcase_add_test(tcase, loading_again_starts_the_library_afresh);
	tcase_add_test(tcase, our_library_shows_its_inner_calls_and_its_generation);
	tcase_add_test(tcase,
	    an_observer_sees_calls_inner_ones_and_their_ioctls);
	suite_add_tcase(suite, tcase);
	return suite;
}
