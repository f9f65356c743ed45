/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading the library under test, and what its wrappers tell.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#include "fixture.h"
#include "kernel/abi/abi.h"
#include "transport/library.h"
#include "transport/transport.h"

static void
attach(void)
{
	start(&sim_backend_svm);
	transport_attach(fx.sim, NULL, NULL);
}

static const struct {
	const char *name, *path, *why;
} no_libraries[] = {
	{ "no such file", "/no/such/libnvmm.so", "cannot open" },
	{ "no library", "/etc/passwd", "/etc/passwd" },
	{ "a directory", "/tmp", "/tmp" },
	{ "another library", "libc.so.6", "nvmm_" },
	{ "another one", "libpthread.so.0", "nvmm_" },
};

START_TEST(what_is_no_libnvmm_is_refused_in_one_line)
{
	char why[256] = "";

	ck_assert_int_eq(library_load(no_libraries[_i].path, why,
	    sizeof(why)), -1);
	ck_assert_msg(strstr(why, no_libraries[_i].why) != NULL, "%s: \"%s\"",
	    no_libraries[_i].name, why);
	ck_assert_ptr_null(strchr(why, '\n'));
	ck_assert(!library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

static const char *
library_path(void)
{
	const char *path = getenv("LIBNVMM");

	return path != NULL ? path : "build/libnvmm.so";
}

static void
load(void)
{
	char why[256] = "";

	ck_assert_msg(library_load(library_path(), why, sizeof(why)) == 0,
	    "%s", why);
}

START_TEST(a_library_that_was_replaced_by_none_is_gone)
{
	char why[256];

	load();
	ck_assert(library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(library_load(no_libraries[_i].path, why,
	    sizeof(why)), -1);
	ck_assert(!library_has(SIM_CALL_VCPU_RUN));
	ck_assert_int_eq(nvmm_init(), -1);
	ck_assert_int_eq(errno, ENOSYS);
}
END_TEST

START_TEST(a_reason_too_long_is_cut)
{
	char why[8] = "1234567";

	ck_assert_int_eq(library_load("/no/such/libnvmm.so", why, 4), -1);
	ck_assert_uint_eq(strlen(why), 3);
	ck_assert_str_eq(why + 4, "567");
}
END_TEST

START_TEST(a_library_that_was_loaded_works)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;

	load();
	ck_assert(library_has(SIM_CALL_VCPU_STOP));
	attach();
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 0, &vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &vcpu), 0);
	ck_assert_uint_eq(vcpu.exit->reason, NVMM_VCPU_EXIT_NONE);
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
	ck_assert_uint_eq(transport_foreign_ioctls(), 0);
}
END_TEST

START_TEST(loading_again_starts_the_library_afresh)
{
	struct nvmm_capability cap;

	load();
	attach();
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_capability(&cap), 0);
	load();
	ck_assert_int_eq(nvmm_capability(&cap), -1);
	ck_assert_int_eq(errno, EBADF);
}
END_TEST

/* How often they came, and what came last. */
static unsigned ntold;
static struct library_facts facts;

static void
told(void *arg, const struct library_facts *new)
{
	ck_assert_ptr_eq(arg, &facts);
	facts = *new;
	ntold++;
}

static void
probe(const char *abi)
{
	char why[256] = "";
	int null = open("/dev/null", O_WRONLY);

	/* It dumps a VCPU. */
	ck_assert_int_eq(dup2(null, STDOUT_FILENO), STDOUT_FILENO);
	ck_assert_int_eq(close(null), 0);
	ck_assert_msg(library_probe(library_path(), sim_abi_find(abi), told,
	    &facts, why, sizeof(why)) == 0, "%s", why);
}

START_TEST(our_library_shows_its_inner_calls_and_its_generation)
{
	probe("auto");
	ck_assert_int_eq(facts.error, 0);
	ck_assert_uint_eq(facts.hidden.getstate, 0);
	ck_assert_uint_eq(facts.hidden.setstate, 0);
	ck_assert_str_eq(facts.abi->name, "v2");
	ck_assert(!facts.mismatch);
	ck_assert_uint_gt(ntold, 4);
	probe("v1");
	ck_assert_int_eq(facts.error, EPROGMISMATCH);
	ck_assert(facts.mismatch);
	probe("v3");
	ck_assert_int_eq(facts.error, EINVAL);
	ck_assert(facts.mismatch);
}
END_TEST

/* What an observer of calls was told, one letter each. */
static char calls[64];
static size_t ncalls;

static void
call_enter(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	if (ncalls < sizeof(calls) - 1)
		calls[ncalls++] = (char)('0' + event->depth);
}

static void
call_leave(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	ck_assert_uint_le(event->ioctls, 2);
	if (ncalls < sizeof(calls) - 1)
		calls[ncalls++] = event->ioctls > 0 ? '!' : '.';
}

static const struct sim_call_observer call_observer = {
	.enter = call_enter, .leave = call_leave,
};

START_TEST(an_observer_sees_calls_inner_ones_and_their_ioctls)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	nvmm_prot_t prot;
	gpaddr_t gpa;

	load();
	start(&sim_backend_svm);
	transport_attach(fx.sim, &call_observer, NULL);
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(&mach, 0, &vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_run(&mach, &vcpu), 0);
	ncalls = 0;
	/* The outer call's ioctls are its own only. */
	ck_assert_int_eq(nvmm_gva_to_gpa(&mach, &vcpu, 0, &gpa, &prot), 0);
	ck_assert_int_eq(nvmm_vcpu_getstate(&mach, &vcpu,
	    NVMM_X64_STATE_CRS), 0);
	ck_assert_int_eq(nvmm_vcpu_getstate(&mach, &vcpu,
	    NVMM_X64_STATE_DRS), 0);
	calls[ncalls] = '\0';
	ck_assert_str_eq(calls, "01!.0.0!");
	ck_assert_int_eq(nvmm_machine_destroy(&mach), 0);
}
END_TEST

Suite *
library_suite(void)
{
	Suite *suite = suite_create("library");
	TCase *tcase = fixture_tcase("library");

	/* What a library leaves behind ends with its process. */
	tcase_set_tags(tcase, "forks");
	tcase_add_loop_test(tcase, what_is_no_libnvmm_is_refused_in_one_line,
	    0, NELEM(no_libraries));
	tcase_add_loop_test(tcase,
	    a_library_that_was_replaced_by_none_is_gone,
	    0, NELEM(no_libraries));
	tcase_add_test(tcase, a_reason_too_long_is_cut);
	tcase_add_test(tcase, a_library_that_was_loaded_works);
	tcase_add_test(tcase, loading_again_starts_the_library_afresh);
	tcase_add_test(tcase, our_library_shows_its_inner_calls_and_its_generation);
	tcase_add_test(tcase,
	    an_observer_sees_calls_inner_ones_and_their_ioctls);
	suite_add_tcase(suite, tcase);
	return suite;
}
