/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation, mapping and ioctl of the library fails in turn, once and
 * then for ever: ENOMEM comes out, nothing is left in the driver or changed
 * for the caller, and the same call succeeds afterwards.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "fault.h"
#include "fixture.h"
#include "internal.h"

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu;

static void
device(void)
{
	fx.has_device = true;
	fx.cap.version = NVMM_KERN_VERSION;
	fx.cap.state_size = sizeof(struct nvmm_vcpu_state);
	fx.cap.max_vcpus = 4;
#if NVMM_ABI == 3
	fx.cap.comm_size = FIXTURE_COMM_SIZE;
#endif
	libnvmm_device.fd = -1;
	ck_assert_int_eq(nvmm_init(), 0);
	memset(&mach, 0x5A, sizeof(mach));
	memset(&vcpu, 0x5A, sizeof(vcpu));
}

static int
machine_create(void)
{
	return nvmm_machine_create(&mach);
}

static int
machine_destroy(void)
{
	return nvmm_machine_destroy(&mach);
}

static int
vcpu_create(void)
{
	return nvmm_vcpu_create(&mach, 1, &vcpu);
}

static int
vcpu_destroy(void)
{
	return nvmm_vcpu_destroy(&mach, &vcpu);
}

/* The record holds 8 areas at first: some of these make it grow. */
static unsigned nmapped;

static int
gpa_map(void)
{
	int result;

	result = nvmm_gpa_map(&mach, 0x100000, nmapped * UINT64_C(0x2000),
	    0x1000, PROT_READ);
	nmapped += result == 0;
	return result;
}

static int
gpa_unmap(void)
{
	int result;

	result = nvmm_gpa_unmap(&mach, 0x100000,
	    (nmapped - 1) * UINT64_C(0x2000), 0x1000);
	nmapped -= result == 0;
	return result;
}

/* How many places of the operation can fail. */
static unsigned
fail_in_turn(const char *name, int (*operation)(void), bool for_ever)
{
	struct nvmm_machine mach_before = mach;
	struct nvmm_vcpu vcpu_before = vcpu;
	int result, objects = fx.nobjects;
	unsigned skip;

	for (skip = 0;; skip++) {
		fault_arm(skip, for_ever);
		result = operation();
		if (!fault_disarm())
			break;
		ck_assert_msg(result == -1, "%s, failure %u: succeeds", name,
		    skip);
		ck_assert_msg(errno == ENOMEM, "%s, failure %u: errno %d",
		    name, skip, errno);
		ck_assert_msg(fx.nobjects == objects || for_ever,
		    "%s, failure %u: left in the driver", name, skip);
		ck_assert_msg(memcmp(&mach, &mach_before, sizeof(mach)) == 0 &&
		    memcmp(&vcpu, &vcpu_before, sizeof(vcpu)) == 0,
		    "%s, failure %u: the caller's struct changed", name, skip);
		fx.nobjects = objects;
	}
	ck_assert_msg(result == 0, "%s: fails afterwards, errno %d", name,
	    errno);
	return skip;
}

START_TEST(whatever_fails_leaves_nothing_and_works_afterwards)
{
	bool for_ever = _i == 1;
	unsigned i;

	device();
	/* Two tables, a lock, the ioctl. */
	ck_assert_uint_eq(fail_in_turn("machine_create", machine_create,
	    for_ever), 4);
	/* The ioctl; and a mapping by library or driver. */
	ck_assert_uint_eq(fail_in_turn("vcpu_create", vcpu_create, for_ever),
	    2);
	nmapped = 0;
	for (i = 0; i < 20; i++)
		ck_assert_uint_eq(fail_in_turn("gpa_map", gpa_map, for_ever),
		    i == 0 || i == 8 || i == 16 ? 2 : 1);
	for (i = 0; i < 20; i++)
		ck_assert_uint_eq(fail_in_turn("gpa_unmap", gpa_unmap,
		    for_ever), 1);
	ck_assert_uint_eq(fail_in_turn("vcpu_destroy", vcpu_destroy,
	    for_ever), 1);
	ck_assert_uint_eq(fail_in_turn("machine_destroy", machine_destroy,
	    for_ever), 1);
	ck_assert_int_eq(fx.nobjects, 0);
}
END_TEST

Suite *
fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tc = fixture_tcase("fault");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc,
	    whatever_fails_leaves_nothing_and_works_afterwards, 0, 2);
	return suite;
}
