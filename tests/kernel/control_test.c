/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door for harnesses, and the tables that everybody reads.
 */
#include <errno.h>
#include <string.h>

#include "memory.h"

#define HARNESS	0xFFFFF000ULL

START_TEST(a_vcpu_that_is_not_there_is_enoent)
{
	static const uint32_t where[][2] = {
		{ 0, 1 }, { 0, 256 }, { 1, 0 }, { 128, 0 }, { ~0U, ~0U },
	};
	uint32_t machid = where[_i][0], cpuid = where[_i][1];
	struct sim_comm_flags flags = { 0 };
	struct sim_state state;

	start(&sim_backend_svm);
	ck_assert_int_eq(sim_peek_state(fx.sim, machid, cpuid, &state),
	    ENOENT);
	ck_assert_int_eq(sim_peek_flags(fx.sim, machid, cpuid, &flags),
	    ENOENT);
	ck_assert_int_eq(sim_poke_flags(fx.sim, machid, cpuid, &flags),
	    ENOENT);
	ck_assert_int_eq(sim_feed_set(fx.sim, machid, cpuid, NULL, NULL),
	    ENOENT);
}
END_TEST

START_TEST(a_machine_that_is_not_there_is_enoent)
{
	void *page;

	start(&sim_backend_svm);
	ck_assert_int_eq(sim_harness_page(fx.sim, 1, HARNESS, &page), ENOENT);
	ck_assert_int_eq(sim_host_raise(fx.sim, 1, 0, SIM_HOST_SIGNAL, 0),
	    ENOENT);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 256, SIM_HOST_SIGNAL, 0),
	    ENOENT);
}
END_TEST

START_TEST(the_flag_words_can_be_seen_and_set)
{
	struct sim_comm_flags flags;

	start(&sim_backend_svm);
	word_set(SIM_COMM_WANTED, 1);
	word_set(SIM_COMM_CACHED, 2);
	word_set(SIM_COMM_COMMIT, 3);
	ck_assert_int_eq(sim_peek_flags(fx.sim, 0, 0, &flags), 0);
	ck_assert_uint_eq(flags.wanted, 1);
	ck_assert_uint_eq(flags.cached, 2);
	ck_assert_uint_eq(flags.commit, 3);
	flags.wanted = 4;
	flags.cached = 5;
	flags.commit = 6;
	ck_assert_int_eq(sim_poke_flags(fx.sim, 0, 0, &flags), 0);
	flags_expect("poked", 4, 5, 6);
}
END_TEST

START_TEST(a_reason_is_raised_once_and_the_last_counts)
{
	start(&sim_backend_svm);
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 0, SIM_HOST_SIGNAL, 0), 0);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 0, SIM_HOST_SIGNAL, 1), 0);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 0, SIM_HOST_NOTHING, 0),
	    0);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 0, SIM_HOST_SIGNAL, 0), 0);
	run_expect(SIM_EXIT_NONE);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(a_reason_does_not_wait_for_the_next_vcpu)
{
	start(&sim_backend_svm);
	ck_assert_int_eq(sim_host_raise(fx.sim, 0, 0, SIM_HOST_SIGNAL, 0), 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	vcpu_create(fx.machid, 0);
	feed_vcpu(fx.machid, 0);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(the_harness_page_is_the_guest_s)
{
	void *page, *another;
	struct sim_mach_info info = { .machid = 0 };
	struct sim_ctl_arg ctl = {
		.data = (uintptr_t)&info, .size = sizeof(info),
	};
	uint8_t *bytes;

	start(&sim_backend_svm);
	ck_assert_int_eq(sim_harness_page(fx.sim, 0, HARNESS, &page), 0);
	bytes = page;
	bytes[7] = 0x77;
	ck_assert_uint_eq(guest_read(HARNESS + 7), 0x77);
	guest_write(HARNESS + 8, 0x88);
	ck_assert_uint_eq(bytes[8], 0x88);
	ck_assert(guest_can(SIM_ACCESS_EXEC, HARNESS));
	/* It is nobody's memory. */
	ck_assert_int_eq(ioc(SIM_CTL, &ctl), 0);
	ck_assert_uint_eq(info.nram, 0);
	ck_assert_int_eq(sim_harness_page(fx.sim, 0, 0, &another), EEXIST);
}
END_TEST

START_TEST(the_harness_page_needs_a_hole)
{
	uint64_t hva;
	void *page;

	start(&sim_backend_svm);
	hva = memory_new(1);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	ck_assert_int_eq(gpa_map(hva, HARNESS, PAGE, 0), 0);
	ck_assert_int_eq(sim_harness_page(fx.sim, 0, HARNESS, &page), EEXIST);
	ck_assert_int_eq(gpa_unmap(HARNESS, PAGE), 0);
	ck_assert_int_eq(sim_harness_page(fx.sim, 0, HARNESS, &page), 0);
}
END_TEST

/* What an observer was told last. */
static struct sim_ioctl_report told;
static unsigned ntold;
static uint8_t told_args[SIM_ARG_MAX];

static void
observe(void *arg, const struct sim_ioctl_report *report)
{
	ck_assert_ptr_eq(arg, &told);
	told = *report;
	memcpy(told_args, report->args, report->size);
	ntold++;
}

static const struct sim_observer observer = { .ioctl = observe };

static const struct sim_config observed = {
	.observer = &observer, .observer_arg = &told,
};

START_TEST(an_observer_sees_each_ioctl_with_its_flag_words)
{
	const struct sim_vcpu_arg *arg = (const void *)told_args;

	start_with(&observed);
	ntold = 0;
	word_set(SIM_COMM_CACHED, DRS);
	transfer(SIM_VCPU_GETSTATE, GPRS);
	ck_assert_uint_eq(ntold, 1);
	ck_assert_int_eq(told.ioctl, SIM_VCPU_GETSTATE);
	ck_assert_uint_eq(told.command, 0x80084e08);
	ck_assert_uint_eq(told.size, sizeof(*arg));
	ck_assert_uint_eq(arg->cpuid, 0);
	ck_assert_int_eq(told.error, 0);
	ck_assert(told.has_flags);
	ck_assert_uint_eq(told.before.wanted, GPRS);
	ck_assert_uint_eq(told.before.cached, DRS);
	ck_assert_uint_eq(told.after.wanted, 0);
	ck_assert_uint_eq(told.after.cached, DRS | GPRS);
}
END_TEST

START_TEST(an_observer_sees_what_was_written)
{
	const struct sim_run_arg *arg = (const void *)told_args;

	start_with(&observed);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	ck_assert_int_eq(told.ioctl, SIM_VCPU_RUN);
	ck_assert_uint_eq(told.size, sizeof(*arg));
	expect_hex("reason", arg->exit.reason,
	    sim_exits[SIM_EXIT_HALTED].reason);
}
END_TEST

static const struct {
	const char *name;
	uint32_t command;
	uint32_t machid;
	bool argument;
	enum sim_ioctl_index ioctl;
	int error;
} failures[] = {
	{ "unknown", 0x5401, 0, true, SIM_IOCTL_UNKNOWN, EINVAL },
	{ "a fault", 0x80084e08, 0, false, SIM_VCPU_GETSTATE, EFAULT },
	{ "no machine", 0xc0484e0a, 9, true, SIM_VCPU_RUN, ENOENT },
	{ "no range", 0x80184e0c, 0, true, SIM_GPA_UNMAP, EINVAL },
};

START_TEST(an_observer_sees_failures)
{
	uint32_t arg[SIM_ARG_MAX / 4] = { failures[_i].machid };

	start_with(&observed);
	ntold = 0;
	expect_error(failures[_i].name, sim_ioctl(fx.file,
	    failures[_i].command, failures[_i].argument ? arg : NULL),
	    failures[_i].error);
	ck_assert_uint_eq(ntold, 1);
	ck_assert_int_eq(told.ioctl, failures[_i].ioctl);
	ck_assert_int_eq(told.error, failures[_i].error);
	ck_assert(!told.has_flags);
}
END_TEST

START_TEST(a_kernel_is_by_default_what_most_are)
{
	const struct sim_config config = { .engine = NULL };

	start_with(&config);
	ck_assert_ptr_eq(sim_backend(fx.sim), &sim_backend_svm);
	ck_assert_str_eq(sim_policy(fx.sim)->name, "netbsd");
}
END_TEST

START_TEST(policies_are_found_by_name)
{
	unsigned i;

	for (i = 0; i < sim_npolicies; i++)
		ck_assert_ptr_eq(sim_policy_find(sim_policies[i].name),
		    &sim_policies[i]);
	ck_assert_uint_eq(sim_npolicies, 3);
	ck_assert_ptr_null(sim_policy_find("net"));
}
END_TEST

START_TEST(quirks_have_a_name_and_a_bit_each)
{
	static const char *const names[] = {
		"v2-exit-overwritten", "v2-lost-stop", "gpa-unmap-top",
		"hva-map-inside", "reset-mxcsr-0",
	};
	uint32_t seen = 0;
	unsigned i;

	ck_assert_uint_eq(sim_nquirks, NELEM(names));
	for (i = 0; i < sim_nquirks; i++) {
		ck_assert_str_eq(sim_quirks[i].name, names[i]);
		ck_assert_uint_eq(seen & sim_quirks[i].bit, 0);
		seen |= sim_quirks[i].bit;
	}
}
END_TEST

static const struct {
	const char *list;
	uint32_t off;		/* of the five */
	const char *wrong;	/* the part that is no quirk; NULL: fine */
} quirk_lists[] = {
	{ "all", 0, NULL },
	{ "none", 0x1F, NULL },
	{ "v2-lost-stop", 0x1D, NULL },
	{ "reset-mxcsr-0,v2-exit-overwritten", 0x0E, NULL },
	{ "v2-lost-stop,lost", 0, "lost" },
	{ "v2-lost", 0, "v2-lost" },
	{ "none,all", 0, "none" },
};

START_TEST(quirks_are_switched_by_name)
{
	size_t length = 0;
	uint32_t off = 0;
	const char *wrong;

	wrong = sim_quirks_parse(quirk_lists[_i].list, &off, &length);
	if (quirk_lists[_i].wrong == NULL) {
		ck_assert_ptr_null(wrong);
		expect_hex(quirk_lists[_i].list, off & 0x1F,
		    quirk_lists[_i].off);
		return;
	}
	ck_assert_ptr_nonnull(wrong);
	ck_assert_msg(strncmp(wrong, quirk_lists[_i].wrong, length) == 0 &&
	    length == strlen(quirk_lists[_i].wrong), "%s: %.*s",
	    quirk_lists[_i].list, (int)length, wrong);
}
END_TEST

START_TEST(exits_are_found_by_their_reason)
{
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++)
		ck_assert_uint_eq(sim_exit_find(sim_exits[i].reason), i);
	ck_assert_uint_eq(sim_exit_find(3), SIM_NEXIT);
}
END_TEST

/* Two registers share no bit, and each lies in its component. */
START_TEST(registers_are_told_apart)
{
	const struct sim_component_row *component;
	const struct sim_register_row *row;
	struct sim_state all, one;
	uint64_t max;
	size_t i, j;

	memset(&all, 0, sizeof(all));
	for (i = 0; (row = sim_register_row(i)) != NULL; i++) {
		ck_assert_ptr_eq(sim_register_find(row->name), row);
		component = &sim_components[row->component];
		ck_assert_msg(row->offset >= component->offset &&
		    row->offset + 8 <= component->offset + component->size,
		    "%s", row->name);
		memset(&one, 0, sizeof(one));
		sim_register_set(&one, row, ~0ULL);
		max = row->width == 64 ? ~0ULL : (1ULL << row->width) - 1;
		expect_hex(row->name, sim_register_get(&one, row), max);
		for (j = 0; j < sizeof(all); j++) {
			ck_assert_msg((((uint8_t *)&all)[j] &
			    ((uint8_t *)&one)[j]) == 0, "%s", row->name);
			((uint8_t *)&all)[j] |= ((uint8_t *)&one)[j];
		}
	}
	ck_assert_ptr_null(sim_register_find("eax"));
}
END_TEST

Suite *
control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = fixture_tcase("door");

	tcase_add_loop_test(tcase, a_vcpu_that_is_not_there_is_enoent, 0, 5);
	tcase_add_test(tcase, a_machine_that_is_not_there_is_enoent);
	tcase_add_test(tcase, the_flag_words_can_be_seen_and_set);
	tcase_add_test(tcase, a_reason_is_raised_once_and_the_last_counts);
	tcase_add_test(tcase, a_reason_does_not_wait_for_the_next_vcpu);
	tcase_add_test(tcase, the_harness_page_is_the_guest_s);
	tcase_add_test(tcase, the_harness_page_needs_a_hole);
	tcase_add_test(tcase,
	    an_observer_sees_each_ioctl_with_its_flag_words);
	tcase_add_test(tcase, an_observer_sees_what_was_written);
	tcase_add_loop_test(tcase, an_observer_sees_failures,
	    0, NELEM(failures));
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("tables");
	tcase_add_test(tcase, a_kernel_is_by_default_what_most_are);
	tcase_add_test(tcase, policies_are_found_by_name);
	tcase_add_test(tcase, quirks_have_a_name_and_a_bit_each);
	tcase_add_loop_test(tcase, quirks_are_switched_by_name,
	    0, NELEM(quirk_lists));
	tcase_add_test(tcase, exits_are_found_by_their_reason);
	tcase_add_test(tcase, registers_are_told_apart);
	suite_add_tcase(suite, tcase);
	return suite;
}
