/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who may operate which machine, how long machines live, their numbers, and
 * what CTL tells about them.
 */
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "memory.h"

static const struct {
	const char *name;
	int flags;
	int error;
} opens[] = {
	{ "read-only", O_RDONLY | O_CLOEXEC, 0 },
	{ "write-only", O_WRONLY | O_CLOEXEC, 0 },
	{ "read-write", O_RDWR | O_CLOEXEC, 0 },
	{ "with more flags", O_RDWR | O_CLOEXEC | O_NONBLOCK, 0 },
	{ "read-only, kept on exec", O_RDONLY, EINVAL },
	{ "write-only, kept on exec", O_WRONLY, EINVAL },
	{ "read-write, kept on exec", O_RDWR | O_NONBLOCK, EINVAL },
};

START_TEST(an_open_must_close_on_exec)
{
	struct sim_file *file = NULL;

	start(&sim_backend_svm);
	expect_error(opens[_i].name, sim_open(fx.sim, opens[_i].flags, &file),
	    opens[_i].error);
	ck_assert_int_eq(file != NULL, opens[_i].error == 0);
}
END_TEST

/* Every ioctl that names a machine; the argument is its number and zeros. */
static const enum sim_ioctl_index by_machine[] = {
	SIM_MACHINE_DESTROY, SIM_VCPU_CREATE, SIM_VCPU_DESTROY,
	SIM_VCPU_SETSTATE, SIM_VCPU_GETSTATE, SIM_VCPU_INJECT, SIM_VCPU_RUN,
	SIM_GPA_MAP, SIM_GPA_UNMAP, SIM_HVA_MAP, SIM_HVA_UNMAP,
};

START_TEST(another_owner_s_machine_is_not_permitted)
{
	enum sim_ioctl_index index = by_machine[_i];
	uint8_t arg[SIM_ARG_MAX] = { 0 };
	struct sim_file *other;

	start(&sim_backend_svm);
	other = open_file(_i % 2 == 0 ? O_RDONLY : O_RDWR);
	expect_error(sim_ioctl_names[index].name, ioc_as(other, index, arg),
	    EPERM);
	/* A machine of the root-owner's is not an ordinary owner's either. */
	arg[0] = (uint8_t)machine_create(open_file(O_WRONLY));
	expect_error(sim_ioctl_names[index].name, ioc(index, arg), EPERM);
}
END_TEST

START_TEST(permission_comes_before_the_vcpu_s_number)
{
	struct sim_vcpu_arg arg = { .cpuid = 256 };

	start(&sim_backend_svm);
	ck_assert_int_eq(ioc_as(open_file(O_RDONLY), SIM_VCPU_INJECT, &arg),
	    EPERM);
}
END_TEST

START_TEST(the_root_owner_may_operate_every_machine)
{
	struct sim_run_arg arg = { .machid = 0 };
	struct sim_file *root, *other;

	start(&sim_backend_svm);
	root = open_file(O_WRONLY);
	other = open_file(O_WRONLY);
	ck_assert_int_eq(ioc_as(root, SIM_VCPU_RUN, &arg), 0);
	/* All of them are one owner. */
	arg.machid = machine_create(root);
	ck_assert_int_eq(ioc_as(other, SIM_VCPU_CREATE, &arg), 0);
	ck_assert_int_eq(ioc_as(other, SIM_VCPU_RUN, &arg), 0);
	ck_assert_int_eq(ioc_as(other, SIM_MACHINE_DESTROY, &arg.machid), 0);
	ck_assert_int_eq(ioc_as(root, SIM_VCPU_RUN, &arg), ENOENT);
}
END_TEST

START_TEST(a_close_destroys_what_its_file_owns)
{
	struct sim_file *file, *other;
	struct sim_run_arg arg = { .machid = 0 };

	start(&sim_backend_svm);
	file = open_file(O_RDONLY);
	other = open_file(O_RDONLY);
	ck_assert_uint_eq(machine_create(file), 1);
	ck_assert_uint_eq(machine_create(other), 2);
	ck_assert_uint_eq(machine_create(file), 3);
	sim_close(file);
	for (arg.machid = 1; arg.machid <= 3; arg.machid += 2)
		ck_assert_int_eq(ioc(SIM_VCPU_RUN, &arg), ENOENT);
	arg.machid = 2;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &arg), EPERM);
	arg.machid = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &arg), 0);
}
END_TEST

/* A thread may have come in just before the descriptor's last close. */
START_TEST(a_closed_file_gets_no_machine)
{
	struct sim_file *file, *root, *other;
	uint32_t machid;

	start(&sim_backend_svm);
	file = open_file(O_RDONLY);
	root = open_file(O_WRONLY);
	other = open_file(O_WRONLY);
	sim_close(file);
	ck_assert_int_eq(ioc_as(file, SIM_MACHINE_CREATE, &machid), EBADF);
	sim_close(root);
	ck_assert_int_eq(ioc_as(root, SIM_MACHINE_CREATE, &machid), EBADF);
	/* Of one owner, but not closed. */
	ck_assert_uint_eq(machine_create(other), 1);
}
END_TEST

START_TEST(closing_any_write_only_file_destroys_the_machines_of_all)
{
	struct sim_file *root, *other;
	struct sim_run_arg arg = { .machid = 0 };

	start(&sim_backend_svm);
	root = open_file(O_WRONLY);
	other = open_file(O_WRONLY);
	arg.machid = machine_create(root);
	sim_close(other);
	ck_assert_int_eq(ioc_as(root, SIM_VCPU_RUN, &arg), ENOENT);
	arg.machid = 0;
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, &arg), 0);
}
END_TEST

START_TEST(a_destroyed_machine_is_not_there)
{
	start(&sim_backend_svm);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	ck_assert_int_eq(run(), ENOENT);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), ENOENT);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &(uint32_t){ 128 }), EINVAL);
}
END_TEST

START_TEST(a_new_machine_has_nothing_of_the_one_before)
{
	uint64_t hva;

	start(&sim_backend_svm);
	vcpu_create(fx.machid, 1);
	hva = memory_new(1);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	ck_assert_int_eq(gpa_map(hva, 0, PAGE, RWX), 0);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	machine_fresh();
	ck_assert_uint_eq(fx.machid, 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_GETSTATE, fx.machid, 1),
	    ENOENT);
	ck_assert_int_eq(hva_unmap(hva, PAGE), ENOENT);
	ck_assert(!guest_can(SIM_ACCESS_READ, 0));
}
END_TEST

START_TEST(machines_get_the_lowest_free_number)
{
	uint32_t machid;

	start(&sim_backend_svm);
	for (machid = 1; machid < 5; machid++)
		ck_assert_uint_eq(machine_create(fx.file), machid);
	machid = 2;
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &machid), 0);
	machid = 1;
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &machid), 0);
	ck_assert_uint_eq(machine_create(fx.file), 1);
	ck_assert_uint_eq(machine_create(fx.file), 2);
	ck_assert_uint_eq(machine_create(fx.file), 5);
}
END_TEST

START_TEST(there_are_128_machines)
{
	uint32_t machid;

	start(&sim_backend_svm);
	for (machid = 1; machid < 128; machid++)
		ck_assert_uint_eq(machine_create(fx.file), machid);
	ck_assert_int_eq(ioc(SIM_MACHINE_CREATE, &machid), ENOBUFS);
	machid = 127;
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &machid), 0);
	ck_assert_uint_eq(machine_create(fx.file), 127);
}
END_TEST

START_TEST(a_forked_child_operates_its_parent_s_machines)
{
	pid_t child;
	int status;

	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	child = fork();
	ck_assert_int_ne(child, -1);
	if (child == 0)
		_exit(run() != 0 ||
		    fx.run.exit.reason != sim_exits[SIM_EXIT_HALTED].reason);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}
END_TEST

static int
ctl(struct sim_file *file, struct sim_mach_info *info)
{
	struct sim_ctl_arg arg = {
		.op = SIM_CTL_MACH_INFO,
		.data = (uintptr_t)info,
		.size = sizeof(*info),
	};

	return ioc_as(file, SIM_CTL, &arg);
}

START_TEST(ctl_tells_about_a_machine)
{
	struct sim_mach_info info = { .machid = 0 };
	time_t before = time(NULL);
	uint64_t hva;

	start(&sim_backend_svm);
	vcpu_create(0, 5);
	hva = memory_new(8);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	ck_assert_int_eq(hva_map(hva + 2 * PAGE, 3 * PAGE), 0);
	ck_assert_int_eq(ctl(fx.file, &info), 0);
	ck_assert_uint_eq(info.nvcpus, 2);
	ck_assert_uint_eq(info.nram, 4 * PAGE);
	ck_assert_int_eq(info.pid, getpid());
	ck_assert_int_ge(info.time, before);
	ck_assert_int_le(info.time, time(NULL));
}
END_TEST

/* CTL's errors, in their order. */
static const struct {
	const char *name;
	int32_t op;
	uint64_t size;
	bool data;
	uint32_t machid;
	bool foreign;
	int error;
} ctls[] = {
	{ "unknown op", 1, 32, true, 0, false, EINVAL },
	{ "negative op", -1, 32, true, 0, false, EINVAL },
	{ "too short", 0, 31, true, 0, false, EINVAL },
	{ "too long", 0, 33, true, 0, false, EINVAL },
	{ "size 0, no data", 0, 0, false, 0, false, EINVAL },
	{ "no data", 0, 32, false, 0, false, EFAULT },
	{ "no such number", 0, 32, true, 128, false, EINVAL },
	{ "no machine", 0, 32, true, 5, false, ENOENT },
	{ "another's machine", 0, 32, true, 0, true, EPERM },
};

START_TEST(ctl_is_checked)
{
	struct sim_mach_info info = { .machid = ctls[_i].machid };
	struct sim_ctl_arg arg = {
		.op = ctls[_i].op, .size = ctls[_i].size,
		.data = ctls[_i].data ? (uintptr_t)&info : 0,
	};

	start(&sim_backend_svm);
	expect_error(ctls[_i].name, ioc_as(ctls[_i].foreign ?
	    open_file(O_RDONLY) : fx.file, SIM_CTL, &arg), ctls[_i].error);
}
END_TEST

START_TEST(ctl_of_the_root_owner_knows_every_machine)
{
	struct sim_mach_info info = { .machid = 0 };

	start(&sim_backend_svm);
	ck_assert_int_eq(ctl(open_file(O_WRONLY), &info), 0);
	ck_assert_uint_eq(info.nvcpus, 1);
}
END_TEST

Suite *
owner_suite(void)
{
	Suite *suite = suite_create("owner");
	TCase *tcase = fixture_tcase("owners");

	tcase_add_loop_test(tcase, an_open_must_close_on_exec,
	    0, NELEM(opens));
	tcase_add_loop_test(tcase, another_owner_s_machine_is_not_permitted,
	    0, NELEM(by_machine));
	tcase_add_test(tcase, permission_comes_before_the_vcpu_s_number);
	tcase_add_test(tcase, the_root_owner_may_operate_every_machine);
	tcase_add_test(tcase, a_close_destroys_what_its_file_owns);
	tcase_add_test(tcase, a_closed_file_gets_no_machine);
	tcase_add_test(tcase,
	    closing_any_write_only_file_destroys_the_machines_of_all);
	tcase_add_test(tcase, a_forked_child_operates_its_parent_s_machines);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("machines");
	tcase_add_test(tcase, a_destroyed_machine_is_not_there);
	tcase_add_test(tcase, a_new_machine_has_nothing_of_the_one_before);
	tcase_add_test(tcase, machines_get_the_lowest_free_number);
	tcase_add_test(tcase, there_are_128_machines);
	tcase_add_test(tcase, ctl_tells_about_a_machine);
	tcase_add_loop_test(tcase, ctl_is_checked, 0, NELEM(ctls));
	tcase_add_test(tcase, ctl_of_the_root_owner_knows_every_machine);
	suite_add_tcase(suite, tcase);
	return suite;
}
