/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading recorded loads: good ones, and what is wrong with others.
 */
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "scenario/load.h"

static uint8_t packed[4096];

/* The text as an xz file; bytes that are cut off its end. */
static const char *
xz_write(const char *text, size_t cut)
{
	size_t size = 0;

	ck_assert_int_eq(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL,
	    (const uint8_t *)text, strlen(text), packed, &size,
	    sizeof(packed)), LZMA_OK);
	ck_assert_uint_gt(size, cut);
	return file_write("load.xz", packed, size - cut);
}

START_TEST(a_load_is_read)
{
	static const struct load_access wanted[] = {
		{ false, true, 1, 0x3f8, 0x41 },
		{ false, false, 2, 0xffff, 0xbeef },
		{ true, true, 4, 0xfee00000, 0x12345678 },
		/* More bits than the bus has are cut off. */
		{ true, false, 1, 0xffffefff, 0x34 },
	};
	struct load load;
	char why[256] = "";
	size_t i;

	ck_assert_msg(load_read(xz_write("# comment\n"
	    "pio\tw\t3f8\t1\t41\tserial\n"
	    "#\n"
	    "pio\tr\tffff\t2\tbeef\tx\n"
	    "mmio\tw\tfee00000\t4\t12345678\tapic\n"
	    "mmio\tr\tffffefff\t1\t1234\tlast line, without its end", 0),
	    &load, why, sizeof(why)) == 0, "%s", why);
	ck_assert_uint_eq(load.n, NELEM(wanted));
	for (i = 0; i < load.n; i++) {
		ck_assert_int_eq(load.accesses[i].mmio, wanted[i].mmio);
		ck_assert_int_eq(load.accesses[i].write, wanted[i].write);
		ck_assert_uint_eq(load.accesses[i].size, wanted[i].size);
		ck_assert_uint_eq(load.accesses[i].address, wanted[i].address);
		ck_assert_uint_eq(load.accesses[i].value, wanted[i].value);
	}
	load_free(&load);
	ck_assert_ptr_null(load.accesses);
	ck_assert_uint_eq(load.n, 0);
}
END_TEST

static const struct {
	const char *name, *line;
} bad_lines[] = {
	{ "nothing", "\n" },
	{ "another space", "ram\tr\t0\t1\t0\tx\n" },
	{ "no tab after the space", "pio r\t0\t1\t0\tx\n" },
	{ "another direction", "pio\tx\t0\t1\t0\tx\n" },
	{ "a long direction", "pio\trw\t0\t1\t0\tx\n" },
	{ "no direction", "mmio\t" },
	{ "no address", "pio\tr\t\t1\t0\tx\n" },
	{ "an address in capitals", "pio\tr\tAB\t1\t0\tx\n" },
	{ "an address that is none", "pio\tr\t3g\t1\t0\tx\n" },
	{ "a character before the digits", "pio\tr\t-3\t1\t0\tx\n" },
	{ "no size", "pio\tr\t0\t\t0\tx\n" },
	{ "a size of 3", "pio\tr\t0\t3\t0\tx\n" },
	{ "a size of 8", "mmio\tr\t0\t8\t0\tx\n" },
	{ "no value", "pio\tr\t0\t1\t\tx\n" },
	{ "a line that ends early", "pio\tr\t0\t1\t0" },
	{ "a port that is none", "pio\tr\t10000\t1\t0\tx\n" },
	{ "the guest's own page", "mmio\tr\tffffefff\t2\t0\tx\n" },
};

START_TEST(a_bad_line_is_named)
{
	char text[256], why[256] = "";
	struct load load;

	snprintf(text, sizeof(text), "# one\npio\tr\t0\t1\t0\tx\n%s",
	    bad_lines[_i].line);
	ck_assert_msg(load_read(xz_write(text, 0), &load, why,
	    sizeof(why)) == -1, "%s: accepted", bad_lines[_i].name);
	expect_text(bad_lines[_i].name, why, "load.xz: line 3 is no access");
	ck_assert_ptr_null(load.accesses);
	ck_assert_uint_eq(load.n, 0);
}
END_TEST

START_TEST(a_file_that_is_cut_off_is_refused)
{
	struct load load;
	char why[256] = "";

	ck_assert_int_eq(load_read(xz_write("pio\tr\t0\t1\t0\tx\n", 5), &load,
	    why, sizeof(why)), -1);
	expect_text("cut off", why, "not an xz file, or a damaged one");
}
END_TEST

START_TEST(a_file_that_is_no_xz_is_refused)
{
	struct load load;
	char why[256] = "";

	ck_assert_int_eq(load_read(file_write("plain", "pio\n", 4), &load,
	    why, sizeof(why)), -1);
	expect_text("text", why, "not an xz file, or a damaged one");
	why[0] = '\0';
	ck_assert_int_eq(load_read(file_write("empty", "", 0), &load, why,
	    sizeof(why)), -1);
	expect_text("empty", why, "not an xz file, or a damaged one");
}
END_TEST

START_TEST(a_missing_file_says_so)
{
	struct load load;
	char why[256] = "";

	ck_assert_int_eq(load_read("/nonexistent/load.xz", &load, why,
	    sizeof(why)), -1);
	expect_text("missing", why, "No such file or directory");
}
END_TEST

Suite *
load_file_suite(void)
{
	Suite *suite = suite_create("load files");
	TCase *tcase = fixture_tcase("load files");

	tcase_add_test(tcase, a_load_is_read);
	tcase_add_loop_test(tcase, a_bad_line_is_named, 0, NELEM(bad_lines));
	tcase_add_test(tcase, a_file_that_is_cut_off_is_refused);
	tcase_add_test(tcase, a_file_that_is_no_xz_is_refused);
	tcase_add_test(tcase, a_missing_file_says_so);
	suite_add_tcase(suite, tcase);
	return suite;
}
