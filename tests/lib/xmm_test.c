/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem on moves of XMM registers, which need the FPU state.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

#define D	FIXTURE_DEVICE

static void
xmm_exit(const uint8_t *bytes, size_t len)
{
	fixture_long_mode();
	fx.gprs[NVMM_X64_GPR_RBX] = D;
	fx.comm->state_cached &= ~(uint64_t)NVMM_X64_STATE_FPU;
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_MEMORY;
	fx.vcpu.exit->u.mem.inst_len = (uint8_t)len;
	memcpy(fx.vcpu.exit->u.mem.inst_bytes, bytes, len);
}

/* XMM9 is 0xE0, 0xE1 ... before; the device 0, 1 ... */
static const struct {
	const char *name;
	uint8_t len;
	uint8_t bytes[6];
	bool load;
	uint8_t size, at;	/* bytes moved, and from which of XMM9 */
	bool keeps;		/* a load keeps the other bytes */
} xmms[] = {
	{ "movups", 4, { 0x44, 0x0F, 0x10, 0x0B }, true, 16, 0, false },
	{ "movups to", 4, { 0x44, 0x0F, 0x11, 0x0B }, false, 16, 0, false },
	{ "movaps", 4, { 0x44, 0x0F, 0x28, 0x0B }, true, 16, 0, false },
	{ "movdqa to", 5, { 0x66, 0x44, 0x0F, 0x7F, 0x0B }, false, 16, 0,
	    false },
	{ "movntdq", 5, { 0x66, 0x44, 0x0F, 0xE7, 0x0B }, false, 16, 0,
	    false },
	{ "movq", 5, { 0xF3, 0x44, 0x0F, 0x7E, 0x0B }, true, 8, 0, false },
	{ "movq to", 5, { 0x66, 0x44, 0x0F, 0xD6, 0x0B }, false, 8, 0,
	    false },
	{ "movd", 5, { 0x66, 0x44, 0x0F, 0x6E, 0x0B }, true, 4, 0, false },
	{ "movsd", 5, { 0xF2, 0x44, 0x0F, 0x10, 0x0B }, true, 8, 0, false },
	{ "movsd to", 5, { 0xF2, 0x44, 0x0F, 0x11, 0x0B }, false, 8, 0,
	    false },
	{ "movss", 5, { 0xF3, 0x44, 0x0F, 0x10, 0x0B }, true, 4, 0, false },
	{ "movlps", 4, { 0x44, 0x0F, 0x12, 0x0B }, true, 8, 0, true },
	{ "movhps", 4, { 0x44, 0x0F, 0x16, 0x0B }, true, 8, 8, true },
	{ "movhpd to", 5, { 0x66, 0x44, 0x0F, 0x17, 0x0B }, false, 8, 8,
	    false },
};

START_TEST(xmm_registers_move_and_are_committed_when_loaded)
{
	uint8_t want[16], *xmm = fx.state->fpu.fx_xmm[9].xmm_bytes;
	uint64_t commit = NVMM_X64_STATE_GPRS;
	unsigned i, at = xmms[_i].at;

	for (i = 0; i < 16; i++) {
		xmm[i] = (uint8_t)(0xE0 + i);
		fx.device[i] = (uint8_t)i;
		want[i] = xmms[_i].keeps ? xmm[i] : 0;
	}
	xmm_exit(xmms[_i].bytes, xmms[_i].len);
	ck_assert_msg(nvmm_assist_mem(&fx.mach, &fx.vcpu) == 0,
	    "%s: errno %d", xmms[_i].name, errno);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.comm->state_wanted, NVMM_X64_STATE_FPU);
	ck_assert_uint_eq(fx.nmem, 1);
	ck_assert_uint_eq(fx.mem[0].size, xmms[_i].size);
	if (xmms[_i].load) {
		commit |= NVMM_X64_STATE_FPU;
		memcpy(want + at, fx.device, xmms[_i].size);
		ck_assert_msg(memcmp(xmm, want, 16) == 0, "%s",
		    xmms[_i].name);
	} else
		ck_assert_msg(memcmp(fx.device, xmm + at, xmms[_i].size) == 0,
		    "%s", xmms[_i].name);
	ck_assert_uint_eq(fx.comm->state_commit, commit);
}
END_TEST

START_TEST(without_the_fpu_state_nothing_moves)
{
	static const uint8_t movups[] = { 0x0F, 0x11, 0x03 };

	xmm_exit(movups, sizeof(movups));
	fx.ioctl_error = ENOENT;
	fixture_snapshot();
	ck_assert_int_eq(nvmm_assist_mem(&fx.mach, &fx.vcpu), -1);
	ck_assert_int_eq(errno, ENOENT);
	fixture_expect_unchanged("movups");
	ck_assert_uint_eq(fx.nmem, 0);
}
END_TEST

Suite *
xmm_suite(void)
{
	Suite *suite = suite_create("xmm");
	TCase *tc = fixture_tcase("xmm");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc,
	    xmm_registers_move_and_are_committed_when_loaded, 0,
	    sizeof(xmms) / sizeof(xmms[0]));
	tcase_add_test(tc, without_the_fpu_state_nothing_moves);
	return suite;
}
