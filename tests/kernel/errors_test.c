/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of errors are what their header promises.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "kernel/errors.h"

START_TEST(ioctls_stand_in_their_order_and_none_is_missing)
{
	unsigned i, next = 0;

	for (i = 0; i < sim_nerrors; i++) {
		ck_assert_msg((unsigned)sim_errors[i].ioctl == next ||
		    (unsigned)sim_errors[i].ioctl + 1 == next, "row %u", i);
		if ((unsigned)sim_errors[i].ioctl == next)
			next++;
	}
	ck_assert_uint_eq(next, SIM_NIOCTL + 1);
}
END_TEST

START_TEST(no_row_is_there_twice_and_each_says_when)
{
	const struct sim_error_row *a, *b;
	unsigned i, j;

	for (i = 0; i < sim_nerrors; i++) {
		a = &sim_errors[i];
		ck_assert_int_ne(a->error, 0);
		ck_assert_uint_gt(strlen(a->when), 0);
		ck_assert_uint_lt(strlen(a->when), 78);
		for (j = 0; j < i; j++) {
			b = &sim_errors[j];
			ck_assert_msg(a->ioctl != b->ioctl ||
			    a->error != b->error ||
			    strcmp(a->when, b->when) != 0, "row %u", i);
		}
	}
}
END_TEST

START_TEST(an_ioctl_with_an_argument_can_fail_to_read_or_write_it)
{
	const char *name = sim_ioctl_names[_i].name;

	ck_assert_msg(sim_error_documented((enum sim_ioctl_index)_i, EFAULT),
	    "%s", name);
	ck_assert_msg(!sim_error_documented((enum sim_ioctl_index)_i, EIO),
	    "%s", name);
}
END_TEST

START_TEST(an_unknown_ioctl_has_one_error)
{
	ck_assert(sim_error_documented(SIM_IOCTL_UNKNOWN, EINVAL));
	ck_assert(!sim_error_documented(SIM_IOCTL_UNKNOWN, EFAULT));
	ck_assert(!sim_error_documented(SIM_IOCTL_UNKNOWN, 0));
}
END_TEST

START_TEST(open_and_mmap_have_theirs)
{
	unsigned i;

	for (i = 0; i < sim_nmmap_errors; i++)
		ck_assert(sim_mmap_error_documented(sim_mmap_errors[i].error));
	ck_assert(!sim_mmap_error_documented(EFAULT));
	ck_assert_uint_eq(sim_nopen_errors, 3);
	ck_assert_int_eq(sim_open_errors[0].error, ENXIO);
}
END_TEST

Suite *
errors_suite(void)
{
	Suite *suite = suite_create("errors");
	TCase *tcase = tcase_create("tables");

	tcase_add_test(tcase,
	    ioctls_stand_in_their_order_and_none_is_missing);
	tcase_add_test(tcase, no_row_is_there_twice_and_each_says_when);
	tcase_add_loop_test(tcase,
	    an_ioctl_with_an_argument_can_fail_to_read_or_write_it,
	    0, SIM_NIOCTL);
	tcase_add_test(tcase, an_unknown_ioctl_has_one_error);
	tcase_add_test(tcase, open_and_mmap_have_theirs);
	suite_add_tcase(suite, tcase);
	return suite;
}
