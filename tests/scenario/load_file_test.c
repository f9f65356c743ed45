/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading recorded loads: good ones, and what is wrong with others.
 */
#include <lzma.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
	expect_text("cut off", why, "load.xz: a damaged xz file");
}
END_TEST

START_TEST(plain_text_is_a_load_too)
{
	static const char text[] = "# comment\npio\tw\t3f8\t1\t41\tserial\n";
	struct load load;
	char why[256] = "";

	ck_assert_msg(load_read(file_write("plain", text, strlen(text)),
	    &load, why, sizeof(why)) == 0, "%s", why);
	ck_assert_uint_eq(load.n, 1);
	ck_assert_uint_eq(load.accesses[0].address, 0x3f8);
	load_free(&load);
	ck_assert_int_eq(load_read(file_write("plain", "pio\n", 4), &load,
	    why, sizeof(why)), -1);
	expect_text("text", why, "plain: line 1 is no access that can be "
	    "replayed; nvmm-scenario(5) says what one is");
}
END_TEST

/* Longer than what is read at a time. */
START_TEST(a_long_text_is_read_to_its_end)
{
	static const char line[] = "mmio\tr\tfee00000\t4\t12345678\tapic\n";
	const size_t n = 100000, size = sizeof(line) - 1;
	char *text = malloc(n * size), why[256] = "";
	struct load load;
	size_t i;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < n; i++)
		memcpy(text + i * size, line, size);
	ck_assert_msg(load_read(file_write("long", text, n * size), &load,
	    why, sizeof(why)) == 0, "%s", why);
	ck_assert_uint_eq(load.n, n);
	ck_assert_uint_eq(load.accesses[n - 1].value, 0x12345678);
	load_free(&load);
	free(text);
}
END_TEST

static const struct {
	const char *name, *text;
} empty_texts[] = {
	{ "an empty file", "" },
	{ "comments", "# one\n# two" },
};

START_TEST(a_load_without_accesses_is_refused)
{
	const char *text = empty_texts[_i].text;
	struct load load;
	char why[256] = "";

	ck_assert_int_eq(load_read(file_write("empty", text, strlen(text)),
	    &load, why, sizeof(why)), -1);
	expect_text(empty_texts[_i].name, why,
	    "empty: there is no access in it");
	ck_assert_ptr_null(load.accesses);
}
END_TEST

START_TEST(a_folder_is_no_load)
{
	struct load load;
	char why[256] = "";

	ck_assert_int_eq(load_read("/", &load, why, sizeof(why)), -1);
	expect_text("folder", why, "/: Is a directory");
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
	tcase_add_test(tcase, plain_text_is_a_load_too);
	tcase_add_test(tcase, a_long_text_is_read_to_its_end);
	tcase_add_loop_test(tcase, a_load_without_accesses_is_refused, 0,
	    NELEM(empty_texts));
	tcase_add_test(tcase, a_folder_is_no_load);
	tcase_add_test(tcase, a_missing_file_says_so);
	suite_add_tcase(suite, tcase);
	return suite;
}
