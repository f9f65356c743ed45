/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's descriptors: how they are made, and when the last is gone.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <dlfcn.h>

#include "check.h"

#define FLAGS	(O_RDWR | O_CLOEXEC)

/* What _FORTIFY_SOURCE calls; no header declares them. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);

static const char path[] = "/dev/nvmm";

static void
must_be_device(int fd)
{
	CHECK(fd != -1);
	CHECK(machine_of(fd) == 0);
	CHECK(close(fd) == 0);
}

static void
opened_by_open(void)
{
	must_be_device(open(path, FLAGS));
	must_be_device(open(path, FLAGS, 0));
	must_be_device(open("/dev/misc/nvmm", FLAGS));
}

static void
opened_by_open64(void)
{
	must_be_device(open64(path, FLAGS));
}

static void
opened_by_openat(void)
{
	must_be_device(openat(AT_FDCWD, path, FLAGS));
	must_be_device(openat(-1, path, FLAGS));
}

static void
opened_by_openat64(void)
{
	must_be_device(openat64(AT_FDCWD, path, FLAGS));
}

static void
opened_by_fortified_names(void)
{
	volatile int flags = FLAGS;

	must_be_device(open(path, flags));
	must_be_device(__open_2(path, FLAGS));
	must_be_device(__open64_2(path, FLAGS));
	must_be_device(__openat_2(AT_FDCWD, path, FLAGS));
	must_be_device(__openat64_2(AT_FDCWD, path, FLAGS));
}

/* Only a C library for another time_t has them; programs may ask. */
static void
used_by_time64_names(void)
{
	struct nvmm_ioc_machine_create args = { .machid = 9 };
	int (*own_ioctl)(int, unsigned long, ...);
	int (*own_fcntl)(int, int, ...);
	int fd = device_open(O_RDWR), copy;

	*(void **)&own_ioctl = dlsym(RTLD_DEFAULT, "__ioctl_time64");
	*(void **)&own_fcntl = dlsym(RTLD_DEFAULT, "__fcntl_time64");
	CHECK(own_ioctl != NULL && own_fcntl != NULL);
	copy = own_fcntl(fd, F_DUPFD_CLOEXEC, 100);
	CHECK(copy == 100);
	CHECK(own_ioctl(copy, NVMM_IOC_MACHINE_CREATE, &args) == 0);
	CHECK(args.machid == 0);
}

static void
not_opened_without_cloexec(void)
{
	FAILS(open(path, O_RDWR), EINVAL);
	FAILS(creat(path, 0600), EINVAL);
	FAILS(creat64(path, 0600), EINVAL);
}

/* With --device: it, and not the usual ones. */
static void
opened_by_the_given_path_only(void)
{
	must_be_device(open(arguments[0], FLAGS));
	FAILS(open(path, FLAGS), ENOENT);
	FAILS(open("/dev/misc/nvmm", FLAGS), ENOENT);
	FAILS(open("/dev/nvmm0", FLAGS), ENOENT);
}

static void
other_files_are_the_hosts(void)
{
	char text[4] = "";
	int fd = open("/proc/self/comm", O_RDONLY);

	CHECK(fd != -1 && read(fd, text, 3) == 3);
	CHECK(strcmp(text, "des") == 0);
	CHECK(close(fd) == 0);
	FAILS(open("/dev/nvm", O_RDWR), ENOENT);
	FAILS(open((const char *)8, O_RDWR), EFAULT);
	FAILS(openat(AT_FDCWD, (const char *)8, O_RDWR), EFAULT);
	FAILS(close(-1), EBADF);
	FAILS(dup(-1), EBADF);
	FAILS(ioctl(-1, NVMM_IOC_MACHINE_CREATE, NULL), EBADF);
	fd = openat(AT_FDCWD, "made", O_CREAT | O_WRONLY | O_TRUNC, 0640);
	CHECK(fd != -1 && close(fd) == 0 && unlink("made") == 0);
}

static void
mode_of_the_host_is_kept(void)
{
	int fd = device_open(O_RDONLY);

	CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	CHECK(close(fd) == 0);
	fd = device_open(O_WRONLY);
	CHECK((fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY);
}

/* --- duplicates --- */

static void
must_outlive(int fd, int copy)
{
	uint32_t machid = machine_of(fd);

	CHECK(copy != -1 && copy != fd);
	CHECK(close(fd) == 0);
	CHECK(is_there(machid));
	CHECK(machine_of(copy) != machid);
	CHECK(close(copy) == 0);
	CHECK(!is_there(machid));
}

static void
dup_shares_and_the_last_close_destroys(void)
{
	int fd = device_open(O_RDWR);

	must_outlive(fd, dup(fd));
}

static void
dup2_shares_and_the_last_close_destroys(void)
{
	int fd = device_open(O_RDWR);

	must_outlive(fd, dup2(fd, 77));
}

static void
dup3_shares_and_the_last_close_destroys(void)
{
	int fd = device_open(O_RDWR);

	must_outlive(fd, dup3(fd, 78, O_CLOEXEC));
	fd = device_open(O_RDWR);
	FAILS(dup3(fd, fd, 0), EINVAL);
}

static void
fcntl_shares_and_the_last_close_destroys(void)
{
	int fd = device_open(O_RDWR);

	must_outlive(fd, fcntl(fd, F_DUPFD, 100));
	fd = device_open(O_RDWR);
	must_outlive(fd, fcntl64(fd, F_DUPFD_CLOEXEC, 5000));
	CHECK(fcntl(0, F_GETFD) == 0);
}

static void
dup2_over_the_device_closes_it(void)
{
	int fd = device_open(O_RDWR), other = open("/dev/zero", O_RDONLY);
	uint32_t machid = machine_of(fd);

	CHECK(dup2(fd, fd) == fd);
	CHECK(is_there(machid));
	FAILS(dup2(-1, fd), EBADF);
	CHECK(is_there(machid));
	CHECK(dup2(other, fd) == fd);
	CHECK(!is_there(machid));
	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, NULL), ENOTTY);
}

static void
dup2_of_one_device_over_another(void)
{
	int a = device_open(O_RDWR), b = device_open(O_RDWR);
	uint32_t of_a = machine_of(a), of_b = machine_of(b);

	CHECK(dup2(a, b) == b);
	CHECK(is_there(of_a) && !is_there(of_b));
	CHECK(dup2(a, b) == b);
	CHECK(is_there(of_a));
	CHECK(close(a) == 0 && is_there(of_a));
	CHECK(close(b) == 0 && !is_there(of_a));
}

static void
close_range_closes(void)
{
	int fd = device_open(O_RDWR), low = dup2(fd, 50), in = dup2(fd, 60);
	uint32_t machid = machine_of(fd);

	CHECK(close(fd) == 0);
	FAILS(close_range(70, 60, 0), EINVAL);
	CHECK(close_range(55, 65, 0) == 0);
	CHECK(is_there(machid));
	FAILS(ioctl(in, NVMM_IOC_MACHINE_CREATE, NULL), EBADF);
	CHECK(close_range(3, 0x7ffffffe, CLOSE_RANGE_CLOEXEC) == 0);
	CHECK(is_there(machid));
	CHECK(close_range((unsigned)low, ~0U, 0) == 0);
	CHECK(!is_there(machid));
	CHECK(close_range(1U << 31, ~0U, 0) == 0);
}

static void
closefrom_closes(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);

	closefrom(fd + 1);
	CHECK(is_there(machid));
	closefrom(3);
	CHECK(!is_there(machid));
}

/* --- behind our back --- */

static void
number_reused_by_a_socket(void)
{
	int fd = device_open(O_RDWR), pair[2], waiting = -1;
	uint32_t machid = machine_of(fd);

	CHECK(syscall(SYS_close, fd) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	CHECK(pair[0] == fd);
	CHECK(write(pair[1], "abc", 3) == 3);
	CHECK(ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 3);
	CHECK(!is_there(machid));
	FAILS(ioctl(fd, NVMM_IOC_VCPU_RUN, NULL), ENOTTY);
}

static void
number_reused_by_an_open(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);

	CHECK(syscall(SYS_close, fd) == 0);
	CHECK(open("/dev/zero", O_RDWR) == fd);
	CHECK(!is_there(machid));
	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, NULL), ENOTTY);
}

static void
number_reused_is_mapped_as_what_it_is(void)
{
	int fd = device_open(O_RDWR), memory;
	char *page;

	CHECK(syscall(SYS_close, fd) == 0);
	memory = memfd_create("other", 0);
	CHECK(memory == fd && ftruncate(memory, 8192) == 0);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(page != MAP_FAILED);
	page[8191] = 1;
	CHECK(munmap(page, 8192) == 0);
}

static void
number_reused_by_the_device_itself(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = machine_of(fd);

	CHECK(syscall(SYS_close, fd) == 0);
	CHECK(device_open(O_RDWR) == fd);
	CHECK(!is_there(machid));
	CHECK(machine_of(fd) == machid);
}

static void
closed_behind_and_used_is_a_bad_descriptor(void)
{
	struct nvmm_ioc_machine_create args;
	int fd = device_open(O_RDWR);

	CHECK(syscall(SYS_close, fd) == 0);
	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args), EBADF);
	FAILS(close(fd), EBADF);
}

/* --- many --- */

static void
ten_thousand_others(void)
{
	struct rlimit limit = { 12000, 12000 };
	int i, fd, last = -1;
	uint32_t machid;

	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (i = 0; i < 10000; i++) {
		last = open("/dev/zero", O_RDONLY);
		CHECK(last != -1);
	}
	fd = device_open(O_RDWR);
	CHECK(fd > last);
	machid = machine_of(fd);
	must_outlive(fd, dup(fd));
	fd = device_open(O_RDWR);
	machid = machine_of(fd);
	for (i = 3; i <= last; i++)
		CHECK(close(i) == 0);
	CHECK(is_there(machid));
	CHECK(close(fd) == 0 && !is_there(machid));
}

static void
no_descriptor_left(void)
{
	struct rlimit limit = { 20, 20 };
	int fd;

	CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while ((fd = open("/dev/nvmm", FLAGS)) != -1)
		continue;
	CHECK(errno == EMFILE);
	FAILS(dup(3), EMFILE);
	CHECK(close(4) == 0);
	CHECK(open("/dev/nvmm", FLAGS) == 4);
}

static void
each_open_is_an_owner(void)
{
	int a = device_open(O_RDWR), b = device_open(O_RDWR);
	struct nvmm_ioc_machine_destroy args = { .machid = machine_of(a) };

	FAILS(ioctl(b, NVMM_IOC_MACHINE_DESTROY, &args), EPERM);
	CHECK(ioctl(a, NVMM_IOC_MACHINE_DESTROY, &args) == 0);
}

/* Linux's own encoding of the numbers, as its macros make it. */
static void
numbers_may_be_linuxs(void)
{
	struct nvmm_ioc_machine_create args = { .machid = 9 };
	int fd = device_open(O_RDWR);

	CHECK(ioctl(fd, 0xc0044e01UL, &args) == 0 && args.machid == 0);
	CHECK(ioctl(fd, (unsigned long)(int)0xc0044e01, &args) == 0);
	CHECK(ioctl(fd, 0x40044e02UL, &args) == 0);
	FAILS(ioctl(fd, 0x4e63UL, &args), EINVAL);
}

const struct behaviour behaviours[] = {
	B(opened_by_open), B(opened_by_open64), B(opened_by_openat),
	B(opened_by_openat64), B(opened_by_fortified_names),
	B(used_by_time64_names), B(not_opened_without_cloexec), APART(opened_by_the_given_path_only),
	B(other_files_are_the_hosts), B(mode_of_the_host_is_kept),
	B(dup_shares_and_the_last_close_destroys),
	B(dup2_shares_and_the_last_close_destroys),
	B(dup3_shares_and_the_last_close_destroys),
	B(fcntl_shares_and_the_last_close_destroys),
	B(dup2_over_the_device_closes_it), B(dup2_of_one_device_over_another),
	B(close_range_closes), B(closefrom_closes),
	B(number_reused_by_a_socket), B(number_reused_by_an_open),
	B(number_reused_is_mapped_as_what_it_is),
	B(number_reused_by_the_device_itself),
	B(closed_behind_and_used_is_a_bad_descriptor),
	B(ten_thousand_others), B(no_descriptor_left),
	B(each_open_is_an_owner), B(numbers_may_be_linuxs),
	{ NULL, NULL, NULL }
};
