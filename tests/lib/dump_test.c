/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_vcpu_dump: what it prints, with standard output turned to a file.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

static char output[16384];

/* Dump; what was printed is in output then. */
static int
dump(void)
{
	int saved, result;
	size_t n;
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	ck_assert_int_ge(saved, 0);
	ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
	errno = 0;
	result = nvmm_vcpu_dump(&fx.mach, &fx.vcpu);
	if (result == 0)
		ck_assert_int_eq(errno, 0);
	else
		ck_assert_int_eq(errno, fx.ioctl_error);
	fflush(stdout);
	ck_assert_int_ge(dup2(saved, STDOUT_FILENO), 0);
	close(saved);
	rewind(file);
	n = fread(output, 1, sizeof(output) - 1, file);
	output[n] = '\0';
	fclose(file);
	return result;
}

static const char *const words[] = {
	"rax 0000000000001100", "rsp 0000000000001104", "r15 000000000000110f",
	"rip 0000000000001110", "rflags 0000000000001111",
	"es 2200 base", "cs 2201 base", "tr 2209 base", "gdt 2206 base",
	"limit 0000ffff type 3 s 1 dpl 0 p 1 avl 0 l 0 def 0 g 0",
	"cr0 0000000000003300", "cr8 0000000000003304",
	"xcr0 0000000000003305", "dr0 0000000000004400",
	"dr7 0000000000004405", "efer 0000000000005500",
	"kernelgsbase 0000000000005505", "tsc 000000000000550a",
	"int_shadow 1", "evt_pending 0", "mxcsr 00001f80", "cw 037f",
	"st7 8000 0123456789abcdef",
	"xmm15 0f0e0d0c0b0a09080706050403020100",
};

static void
state_fill(void)
{
	unsigned i;

	for (i = 0; i < NVMM_X64_NGPR; i++)
		fx.state->gprs[i] = 0x1100 + i;
	for (i = 0; i < NVMM_X64_NSEG; i++)
		fx.state->segs[i].selector = (uint16_t)(0x2200 + i);
	for (i = 0; i < NVMM_X64_NCR; i++)
		fx.state->crs[i] = 0x3300 + i;
	for (i = 0; i < NVMM_X64_NDR; i++)
		fx.state->drs[i] = 0x4400 + i;
	for (i = 0; i < NVMM_X64_NMSR; i++)
		fx.state->msrs[i] = 0x5500 + i;
	fx.state->intr.int_shadow = 1;
	fx.state->fpu.fx_cw = 0x37F;
	fx.state->fpu.fx_mxcsr = 0x1F80;
	fx.state->fpu.fx_87_ac[7].mm_exp_sign = 0x8000;
	fx.state->fpu.fx_87_ac[7].mm_significand = 0x0123456789ABCDEF;
	for (i = 0; i < 16; i++)
		fx.state->fpu.fx_xmm[15].xmm_bytes[i] = (uint8_t)i;
}

START_TEST(every_kind_of_register_is_printed_with_its_name)
{
	size_t i;

	state_fill();
	fixture_snapshot();
	ck_assert_int_eq(dump(), 0);
	fixture_expect_unchanged("dump");
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		ck_assert_msg(strstr(output, words[i]) != NULL,
		    "\"%s\" is missing", words[i]);
}
END_TEST

START_TEST(it_asks_for_all_of_the_state)
{
	fx.comm->state_cached = 0;
	ck_assert_int_eq(dump(), 0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.comm->state_wanted, NVMM_X64_STATE_ALL);
}
END_TEST

START_TEST(it_fails_as_getstate_does_and_prints_nothing)
{
	fx.comm->state_cached = 0;
	fx.ioctl_error = ENOENT;
	ck_assert_int_eq(dump(), -1);
	ck_assert_str_eq(output, "");
}
END_TEST

Suite *
dump_suite(void)
{
	Suite *suite = suite_create("dump");
	TCase *tc = fixture_tcase("dump");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, every_kind_of_register_is_printed_with_its_name);
	tcase_add_test(tc, it_asks_for_all_of_the_state);
	tcase_add_test(tc, it_fails_as_getstate_does_and_prints_nothing);
	return suite;
}
