/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pointers of callers: whatever they point at, the kernel answers EFAULT
 * and raises no signal; and what is readable is found wherever it lies.
 */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

/* memcheck tells of each bad pointer that reaches write(2); so it should. */
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_DISABLE_ERROR_REPORTING	((void)0)
#define VALGRIND_ENABLE_ERROR_REPORTING		((void)0)
#endif

enum bad { NOWHERE, UNMAPPED, NO_ACCESS, WILD, TOP, HALF, NBAD };

static const char *const bad_names[NBAD] = {
	"NULL", "unmapped", "PROT_NONE", "not canonical",
	"the last address", "across the end of a mapping",
};

/* A pointer at which size bytes cannot be read. */
static void *
bad_pointer(enum bad bad, size_t size)
{
	uint8_t *pages = (uint8_t *)(uintptr_t)memory_new(2);

	switch (bad) {
	case UNMAPPED:
		munmap(pages, 2 * PAGE);
		return pages;
	case NO_ACCESS:
		mprotect(pages, 2 * PAGE, PROT_NONE);
		return pages;
	case WILD:
		return (void *)0x8000000000000000;
	case TOP:
		return (void *)UINTPTR_MAX;
	case HALF:
		munmap(pages + PAGE, PAGE);
		return pages + PAGE - (size > 1 ? size - 1 : 1);
	default:
		return NULL;
	}
}

START_TEST(an_argument_that_cannot_be_read_is_a_fault)
{
	enum sim_ioctl_index index = (enum sim_ioctl_index)(_i / NBAD);
	size_t size = SIM_IOC_SIZE(sim_abi_v2.command[index]);

	start(&sim_backend_svm);
	expect_error(bad_names[_i % NBAD], ioc(index,
	    bad_pointer((enum bad)(_i % NBAD), size)), EFAULT);
}
END_TEST

/* Those that write their argument, to memory that can only be read. */
static const enum sim_ioctl_index outs[] = {
	SIM_CAPABILITY, SIM_MACHINE_CREATE, SIM_VCPU_RUN,
};

START_TEST(an_argument_that_cannot_be_written_is_a_fault)
{
	uint8_t *page;

	start(&sim_backend_svm);
	page = (uint8_t *)(uintptr_t)memory_new(1);
	mprotect(page, PAGE, PROT_READ);
	ck_assert_int_eq(ioc(outs[_i], page), EFAULT);
}
END_TEST

START_TEST(an_argument_that_is_only_read_may_be_read_only)
{
	uint8_t *page;

	start(&sim_backend_svm);
	page = (uint8_t *)(uintptr_t)memory_new(1);
	mprotect(page, PAGE, PROT_READ);
	ck_assert_int_eq(ioc(SIM_VCPU_GETSTATE, page), 0);
}
END_TEST

START_TEST(a_configuration_that_cannot_be_read_is_a_fault)
{
	struct sim_vcpu_configure_arg arg = { .op = SIM_VCPU_CONF_CPUID };

	start(&sim_backend_svm);
	arg.conf = (uintptr_t)bad_pointer((enum bad)_i,
	    sizeof(struct sim_conf_cpuid));
	expect_error(bad_names[_i], ioc(SIM_VCPU_CONFIGURE, &arg), EFAULT);
}
END_TEST

START_TEST(a_ctl_s_data_that_cannot_be_read_is_a_fault)
{
	struct sim_ctl_arg arg = { .size = sizeof(struct sim_mach_info) };

	start(&sim_backend_svm);
	arg.data = (uintptr_t)bad_pointer((enum bad)_i, arg.size);
	expect_error(bad_names[_i], ioc(SIM_CTL, &arg), EFAULT);
}
END_TEST

START_TEST(a_ctl_s_data_that_cannot_be_written_is_a_fault)
{
	struct sim_ctl_arg arg = { .size = sizeof(struct sim_mach_info) };

	start(&sim_backend_svm);
	arg.data = memory_new(1);	/* machine 0 */
	mprotect((void *)(uintptr_t)arg.data, PAGE, PROT_READ);
	ck_assert_int_eq(ioc(SIM_CTL, &arg), EFAULT);
}
END_TEST

/* Places from which a run is asked for, and where its exit must arrive. */
static struct sim_run_arg on_data;

static void
run_at(void *place)
{
	struct sim_run_arg arg = { .machid = fx.machid };

	arg.exit.reason = 0x5555;
	memcpy(place, &arg, sizeof(arg));
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, place), 0);
	memcpy(&arg, place, sizeof(arg));
	expect_hex("reason", arg.exit.reason,
	    sim_exits[SIM_EXIT_HALTED].reason);
	expect_hex("rflags", arg.exit.rflags, 2);
}

START_TEST(arguments_are_found_on_the_heap_and_in_data)
{
	void *heap = malloc(sizeof(struct sim_run_arg));

	ck_assert_ptr_nonnull(heap);
	start(&sim_backend_svm);
	run_at(heap);
	run_at(&on_data);
	free(heap);
}
END_TEST

START_TEST(arguments_need_no_alignment)
{
	uint8_t bytes[sizeof(struct sim_run_arg) + 16];
	uint8_t *heap = malloc(sizeof(bytes));

	ck_assert_ptr_nonnull(heap);
	start(&sim_backend_svm);
	run_at(bytes + _i);
	run_at(heap + _i);
	free(heap);
}
END_TEST

START_TEST(arguments_may_lie_across_pages)
{
	uint8_t *pages;

	start(&sim_backend_svm);
	pages = (uint8_t *)(uintptr_t)memory_new(2);
	run_at(pages + PAGE - 11);
}
END_TEST

static void *
run_on_own_stack(void *arg)
{
	struct sim_run_arg run_arg;

	(void)arg;
	run_at(&run_arg);
	return NULL;
}

START_TEST(arguments_are_found_on_a_thread_s_stack)
{
	pthread_t thread;

	start(&sim_backend_svm);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_on_own_stack,
	    NULL), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

static void *
run_at_other(void *arg)
{
	run_at(arg);
	return NULL;
}

START_TEST(arguments_are_found_on_another_thread_s_stack)
{
	struct sim_run_arg run_arg;
	pthread_t thread;

	start(&sim_backend_svm);
	ck_assert_int_eq(pthread_create(&thread, NULL, run_at_other,
	    &run_arg), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

/*
 * Forbids the system calls that look at memory with care, as some sandboxes
 * do; for the rest of the test's process.
 */
static void
forbid_vm_copies(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv,
		    1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_writev,
		    0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = NELEM(filter), .filter = filter,
	};

	ck_assert_int_eq(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program),
	    0);
}

START_TEST(without_those_system_calls_faults_are_found_too)
{
	size_t size = sizeof(struct sim_vcpu_arg);
	uint8_t *page;

	start(&sim_backend_svm);
	page = (uint8_t *)(uintptr_t)memory_new(1);
	mprotect(page, PAGE, PROT_READ);
	forbid_vm_copies();
	VALGRIND_DISABLE_ERROR_REPORTING;
	expect_error(bad_names[_i], ioc(SIM_VCPU_GETSTATE,
	    bad_pointer((enum bad)_i, size)), EFAULT);
	ck_assert_int_eq(ioc(SIM_VCPU_RUN, page), EFAULT);
	VALGRIND_ENABLE_ERROR_REPORTING;
}
END_TEST

START_TEST(without_those_system_calls_arguments_are_found_too)
{
	void *heap = malloc(sizeof(struct sim_run_arg));

	ck_assert_ptr_nonnull(heap);
	start(&sim_backend_svm);
	forbid_vm_copies();
	run_at(heap);
	run_at(&on_data);
	free(heap);
}
END_TEST

/* What is below the stack in use may vanish; it is looked at with care. */
START_TEST(a_pointer_below_the_stack_is_no_crash)
{
	uint8_t here;
	uintptr_t below = (uintptr_t)&here - (64UL << 20);
	int error;

	start(&sim_backend_svm);
	error = ioc(SIM_VCPU_GETSTATE, (void *)below);
	ck_assert(error == EFAULT || error == 0 || error == EINVAL ||
	    error == ENOENT);
}
END_TEST

Suite *
pointer_suite(void)
{
	Suite *suite = suite_create("pointer");
	TCase *tcase = fixture_tcase("faults");

	tcase_add_loop_test(tcase, an_argument_that_cannot_be_read_is_a_fault,
	    0, SIM_NIOCTL * NBAD);
	tcase_add_loop_test(tcase,
	    an_argument_that_cannot_be_written_is_a_fault, 0, NELEM(outs));
	tcase_add_test(tcase, an_argument_that_is_only_read_may_be_read_only);
	tcase_add_loop_test(tcase,
	    a_configuration_that_cannot_be_read_is_a_fault, 0, NBAD);
	tcase_add_loop_test(tcase,
	    a_ctl_s_data_that_cannot_be_read_is_a_fault, 0, NBAD);
	tcase_add_test(tcase, a_ctl_s_data_that_cannot_be_written_is_a_fault);
	tcase_add_test(tcase, a_pointer_below_the_stack_is_no_crash);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("places");
	tcase_add_test(tcase, arguments_are_found_on_the_heap_and_in_data);
	tcase_add_loop_test(tcase, arguments_need_no_alignment, 0, 16);
	tcase_add_test(tcase, arguments_may_lie_across_pages);
	tcase_add_test(tcase, arguments_are_found_on_a_thread_s_stack);
	tcase_add_test(tcase, arguments_are_found_on_another_thread_s_stack);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("system calls");
	/* They stay forbidden in its process. */
	tcase_set_tags(tcase, "forks");
	tcase_add_loop_test(tcase,
	    without_those_system_calls_faults_are_found_too, 0, NBAD);
	tcase_add_test(tcase,
	    without_those_system_calls_arguments_are_found_too);
	suite_add_tcase(suite, tcase);
	return suite;
}
