/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every function of the library on what has been destroyed: an errno, no
 * crash, and nothing written.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "internal.h"

static uintptr_t hva;
static gpaddr_t gpa;
static nvmm_prot_t prot;
static struct nvmm_assist_callbacks callbacks;
static struct nvmm_vcpu_conf_cpuid cpuid_conf;

static int
getstate(void)
{
	return nvmm_vcpu_getstate(&fx.mach, &fx.vcpu, NVMM_X64_STATE_ALL);
}

static int
setstate(void)
{
	return nvmm_vcpu_setstate(&fx.mach, &fx.vcpu, NVMM_X64_STATE_ALL);
}

static int
inject(void)
{
	return nvmm_vcpu_inject(&fx.mach, &fx.vcpu);
}

static int
run(void)
{
	return nvmm_vcpu_run(&fx.mach, &fx.vcpu);
}

static int
configure_callbacks(void)
{
	return nvmm_vcpu_configure(&fx.mach, &fx.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks);
}

static int
configure_cpuid(void)
{
	return nvmm_vcpu_configure(&fx.mach, &fx.vcpu, NVMM_VCPU_CONF_CPUID,
	    &cpuid_conf);
}

static int
vcpu_destroy(void)
{
	return nvmm_vcpu_destroy(&fx.mach, &fx.vcpu);
}

static int
assist_io(void)
{
	return nvmm_assist_io(&fx.mach, &fx.vcpu);
}

static int
assist_mem(void)
{
	return nvmm_assist_mem(&fx.mach, &fx.vcpu);
}

static int
gva_to_gpa(void)
{
	return nvmm_gva_to_gpa(&fx.mach, &fx.vcpu, 0, &gpa, &prot);
}

static int
dump(void)
{
	return nvmm_vcpu_dump(&fx.mach, &fx.vcpu);
}

static int
vcpu_create(void)
{
	return nvmm_vcpu_create(&fx.mach, 0, &fx.vcpu);
}

static int
gpa_map(void)
{
	return nvmm_gpa_map(&fx.mach, 0x10000, 1ULL << 33, 0x1000, PROT_READ);
}

static int
gpa_map_nothing(void)
{
	return nvmm_gpa_map(&fx.mach, 0x10000, 1ULL << 33, 0, PROT_READ);
}

static int
gpa_unmap(void)
{
	return nvmm_gpa_unmap(&fx.mach, 0x10000, 1ULL << 33, 0x1000);
}

static int
gpa_to_hva(void)
{
	return nvmm_gpa_to_hva(&fx.mach, 0, &hva, &prot);
}

static int
hva_map(void)
{
	return nvmm_hva_map(&fx.mach, 0x10000, 0x1000);
}

static int
hva_unmap(void)
{
	return nvmm_hva_unmap(&fx.mach, 0x10000, 0x1000);
}

static int
machine_configure(void)
{
	return nvmm_machine_configure(&fx.mach, 200, NULL);
}

static int
machine_destroy(void)
{
	return nvmm_machine_destroy(&fx.mach);
}

#define CALL(function)	{ #function, function }
struct call {
	const char *name;
	int (*function)(void);
};

static const struct call vcpu_calls[] = {
	CALL(getstate), CALL(setstate), CALL(inject), CALL(run),
	CALL(configure_callbacks), CALL(configure_cpuid), CALL(vcpu_destroy),
	CALL(assist_io), CALL(assist_mem), CALL(gva_to_gpa), CALL(dump),
};
static const struct call machine_calls[] = {
	CALL(vcpu_create), CALL(gpa_map), CALL(gpa_map_nothing),
	CALL(gpa_unmap), CALL(hva_map), CALL(hva_unmap),
	CALL(machine_configure), CALL(machine_destroy),
};
#define COUNT(calls)	((int)(sizeof(calls) / sizeof((calls)[0])))

static void
must_fail(const struct call *call, int error)
{
	errno = 0;
	ck_assert_msg(call->function() == -1, "%s succeeds", call->name);
	ck_assert_msg(errno == error, "%s: errno %d, not %d", call->name,
	    errno, error);
}

/* As nvmm_vcpu_destroy() leaves it; the driver says ENOENT from then on. */
static void
vcpu_is_destroyed(void)
{
	fx.mach.pages[0] = NULL;
	fx.vcpu.state = NULL;
	fx.vcpu.event = NULL;
	fx.vcpu.exit = NULL;
	fx.ioctl_error = ENOENT;
}

/* As nvmm_machine_destroy() leaves it; its VCPUs' pointers lead nowhere. */
static void
machine_is_destroyed(void)
{
	libnvmm_machine_free(fx.mach.areas);
	memset(&fx.mach, 0, sizeof(fx.mach));
	fx.mach.machid = UINT32_MAX;
	fx.vcpu.state = (void *)1;
	fx.vcpu.event = (void *)1;
	fx.ioctl_error = EINVAL;
}

START_TEST(a_destroyed_vcpu_is_enoent_for_every_function)
{
	vcpu_is_destroyed();
	must_fail(&vcpu_calls[_i], ENOENT);
}
END_TEST

/* Its number is in use again, by a VCPU that another struct stands for. */
START_TEST(a_stale_vcpu_whose_number_lives_again_does_no_harm)
{
	struct nvmm_comm_page *page = fx.mach.pages[0];

	vcpu_is_destroyed();
	fx.mach.pages[0] = page;
	fx.ioctl_error = 0;
	must_fail(&(const struct call)CALL(run), ENOENT);
	must_fail(&(const struct call)CALL(assist_io), ENOENT);
	must_fail(&(const struct call)CALL(assist_mem), ENOENT);
	must_fail(&(const struct call)CALL(gva_to_gpa), ENOENT);
	must_fail(&(const struct call)CALL(dump), ENOENT);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(a_vcpu_of_a_destroyed_machine_is_einval_for_every_function)
{
	machine_is_destroyed();
	must_fail(&vcpu_calls[_i], EINVAL);
}
END_TEST

START_TEST(a_destroyed_machine_is_einval_for_every_function)
{
	machine_is_destroyed();
	must_fail(&machine_calls[_i], EINVAL);
}
END_TEST

START_TEST(a_destroyed_machine_has_no_memory)
{
	machine_is_destroyed();
	must_fail(&(const struct call)CALL(gpa_to_hva), ENOENT);
}
END_TEST

Suite *
destroyed_suite(void)
{
	Suite *suite = suite_create("destroyed");
	TCase *tc = fixture_tcase("destroyed");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_destroyed_vcpu_is_enoent_for_every_function,
	    0, COUNT(vcpu_calls));
	tcase_add_test(tc,
	    a_stale_vcpu_whose_number_lives_again_does_no_harm);
	tcase_add_loop_test(tc,
	    a_vcpu_of_a_destroyed_machine_is_einval_for_every_function, 0,
	    COUNT(vcpu_calls));
	tcase_add_loop_test(tc,
	    a_destroyed_machine_is_einval_for_every_function, 0,
	    COUNT(machine_calls));
	tcase_add_test(tc, a_destroyed_machine_has_no_memory);
	return suite;
}
