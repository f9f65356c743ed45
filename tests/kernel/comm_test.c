/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comm page's protocol on the kernel's side: what GETSTATE, SETSTATE and
 * the commit of VCPU_RUN do with the flag words and the state area.
 */
#include <string.h>

#include "fixture.h"

#define UNKNOWN		(~(uint64_t)ALL)

/* The reset state, from NVMM-FACTS: what is not here is 0. */
static const struct {
	const char *reg;
	uint64_t value;
} reset[] = {
	{ "es.limit", 0xFFFF }, { "es.attrib", 0x93 },
	{ "cs.selector", 0xF000 }, { "cs.base", 0xFFFF0000 },
	{ "cs.limit", 0xFFFF }, { "cs.attrib", 0x93 },
	{ "ss.limit", 0xFFFF }, { "ss.attrib", 0x93 },
	{ "ds.limit", 0xFFFF }, { "ds.attrib", 0x93 },
	{ "fs.limit", 0xFFFF }, { "fs.attrib", 0x93 },
	{ "gs.limit", 0xFFFF }, { "gs.attrib", 0x93 },
	{ "gdt.limit", 0xFFFF }, { "gdt.attrib", 0x92 },
	{ "idt.limit", 0xFFFF }, { "idt.attrib", 0x92 },
	{ "ldt.limit", 0xFFFF }, { "ldt.attrib", 0x82 },
	{ "tr.limit", 0xFFFF }, { "tr.attrib", 0x83 },
	{ "rdx", 0x600 }, { "rip", 0xFFF0 }, { "rflags", 0x2 },
	{ "cr0", 0x60000010 }, { "xcr0", 1 }, { "dr6", 0xFFFF0FF0 },
	{ "dr7", 0x400 }, { "pat", 0x0007040600070406 },
	{ "fcw", 0x40 }, { "ftw", 0x55 }, { "mxcsr", 0x1F80 },
};

static uint64_t
reset_value(const char *reg)
{
	size_t i;

	for (i = 0; i < NELEM(reset); i++) {
		if (strcmp(reset[i].reg, reg) == 0)
			return reset[i].value;
	}
	return 0;
}

START_TEST(a_new_vcpu_has_the_raw_reset_state_in_its_page)
{
	const struct sim_register_row *row;
	size_t i;

	start_loop(_i);
	for (i = 0; (row = sim_register_row(i)) != NULL; i++)
		expect_hex(row->name, page_of(row->name),
		    reset_value(row->name));
	ck_assert_uint_eq(fx.state->fpu[SIM_FPU_ZERO], 0x55);
	flags_expect("new", 0, ALL, 0);
	ck_assert_uint_eq(fx.page[SIM_COMM_EVENT_COMMIT], 0);
	ck_assert_int_eq(stop_get(), 0);
}
END_TEST

START_TEST(the_page_of_a_new_vcpu_has_nothing_of_the_one_before)
{
	size_t i, used = SIM_COMM_STATE + sizeof(struct sim_state);

	start(&sim_backend_svm);
	memset(fx.page, 0xA5, SIM_COMM_PAGE_SIZE);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	vcpu_create(fx.machid, 0);
	flags_expect("new", 0, ALL, 0);
	expect_hex("rip", page_of("rip"), 0xFFF0);
	for (i = used; i < SIM_COMM_PAGE_SIZE; i++)
		ck_assert_msg(fx.page[i] == 0, "byte %zu", i);
}
END_TEST

static void
getstate_of(uint64_t mask)
{
	struct sim_state real, before;
	unsigned c;

	vcpu_fresh();
	real = truth();
	state_scribble(1);
	before = *fx.state;
	word_set(SIM_COMM_CACHED, DRS);
	word_set(SIM_COMM_COMMIT, FPU);
	transfer(SIM_VCPU_GETSTATE, mask);
	flags_expect("after", 0, DRS | mask, FPU);
	for (c = 0; c < SIM_NCOMPONENT; c++)
		ck_assert_msg(component_same(fx.state,
		    mask & SIM_BIT(c) ? &real : &before,
		    (enum sim_component)c), "%s of %#llx",
		    sim_components[c].name, (unsigned long long)mask);
}

START_TEST(getstate_writes_the_wanted_components_and_no_others)
{
	uint64_t mask;

	start(&sim_backend_vmx);
	for (mask = 0; mask <= ALL; mask++)
		getstate_of(mask);
}
END_TEST

static void
setstate_of(uint64_t mask)
{
	struct sim_state old, new, written;
	unsigned c;

	vcpu_fresh();
	old = truth();
	state_scribble(3);
	written = *fx.state;
	word_set(SIM_COMM_CACHED, DRS);
	word_set(SIM_COMM_COMMIT, FPU);
	transfer(SIM_VCPU_SETSTATE, mask);
	flags_expect("after", 0, DRS | mask, FPU);
	new = truth();
	for (c = 0; c < SIM_NCOMPONENT; c++) {
		ck_assert_msg(component_same(&old, &new,
		    (enum sim_component)c) == !(mask & SIM_BIT(c)),
		    "%s of %#llx", sim_components[c].name,
		    (unsigned long long)mask);
	}
	/* Nothing is written back, normalized or not. */
	ck_assert_int_eq(memcmp(&written, fx.state, sizeof(written)), 0);
}

START_TEST(setstate_installs_the_wanted_components_and_no_others)
{
	uint64_t mask;

	start(&sim_backend_vmx);
	for (mask = 0; mask <= ALL; mask++)
		setstate_of(mask);
}
END_TEST

static void
commit_of(uint64_t mask)
{
	struct sim_state old, new;
	unsigned c;

	vcpu_fresh();
	old = truth();
	state_scribble(5);
	/* Without the windows: they would make exits of their own. */
	fx.state->intr = SIM_INTR_SHADOW;
	/* And with what the processor agrees to enter with. */
	page_set("cr0", SIM_CR0_CD);
	page_set("efer", 1);
	page_set("dr6", 0x11);
	page_set("dr7", 0x11);
	word_set(SIM_COMM_COMMIT, mask);
	word_set(SIM_COMM_CACHED, ALL);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", 0, 0, 0);
	new = truth();
	new.msrs[SIM_MSR_TSC] = (mask & MSRS) ? 1 : old.msrs[SIM_MSR_TSC];
	for (c = 0; c < SIM_NCOMPONENT; c++)
		ck_assert_msg(component_same(&old, &new,
		    (enum sim_component)c) == !(mask & SIM_BIT(c)),
		    "%s of %#llx", sim_components[c].name,
		    (unsigned long long)mask);
}

START_TEST(a_run_installs_what_waits_for_its_commit)
{
	uint64_t mask;

	start(&sim_backend_svm);
	for (mask = 0; mask <= ALL; mask++)
		commit_of(mask);
}
END_TEST

START_TEST(a_run_does_not_look_at_what_is_wanted)
{
	start(&sim_backend_svm);
	page_set("rax", 0x1234);
	word_set(SIM_COMM_WANTED, ALL);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", ALL, 0, 0);
	expect_hex("rax", truth_of("rax"), 0);
	expect_hex("rax in the page", page_of("rax"), 0x1234);
}
END_TEST

static const struct {
	const char *name;
	enum sim_ioctl_index index;
} transfers[] = {
	{ "GETSTATE", SIM_VCPU_GETSTATE },
	{ "SETSTATE", SIM_VCPU_SETSTATE },
};

START_TEST(unknown_components_are_cached_and_do_nothing_else)
{
	struct sim_state before, after;
	struct sim_state old;

	start(&sim_backend_svm);
	state_scribble(9);
	before = *fx.state;
	old = truth();
	word_set(SIM_COMM_CACHED, 0);
	transfer(transfers[_i].index, UNKNOWN);
	flags_expect(transfers[_i].name, 0, UNKNOWN, 0);
	after = truth();
	ck_assert_int_eq(memcmp(&before, fx.state, sizeof(before)), 0);
	ck_assert_int_eq(memcmp(&old, &after, sizeof(old)), 0);
}
END_TEST

START_TEST(a_commit_of_unknown_components_does_nothing)
{
	struct sim_state old, new;

	start(&sim_backend_svm);
	state_scribble(9);
	old = truth();
	word_set(SIM_COMM_COMMIT, UNKNOWN);
	run_expect(SIM_EXIT_NONE);
	flags_expect("after", 0, 0, 0);
	new = truth();
	new.msrs[SIM_MSR_TSC] = old.msrs[SIM_MSR_TSC];
	ck_assert_int_eq(memcmp(&old, &new, sizeof(old)), 0);
}
END_TEST

START_TEST(a_component_is_installed_as_it_is_at_the_time_of_the_run)
{
	start(&sim_backend_svm);
	word_set(SIM_COMM_COMMIT, GPRS);
	page_set("rbx", 1);
	page_set("rbx", 2);
	run_expect(SIM_EXIT_NONE);
	expect_hex("rbx", truth_of("rbx"), 2);
}
END_TEST

START_TEST(machines_do_not_see_each_others_state)
{
	struct sim_state other;
	uint32_t machid;

	start(&sim_backend_svm);
	machid = machine_create(fx.file);
	vcpu_create(machid, 0);
	vcpu_create(fx.machid, 1);
	reg_set("rax", 0x1111);
	ck_assert_int_eq(sim_peek_state(fx.sim, machid, 0, &other), 0);
	expect_hex("another machine", other.gprs[SIM_GPR_RAX], 0);
	ck_assert_int_eq(sim_peek_state(fx.sim, fx.machid, 1, &other), 0);
	expect_hex("another VCPU", other.gprs[SIM_GPR_RAX], 0);
}
END_TEST

Suite *
comm_suite(void)
{
	Suite *suite = suite_create("comm");
	TCase *tcase = fixture_tcase("protocol");

	tcase_add_loop_test(tcase,
	    a_new_vcpu_has_the_raw_reset_state_in_its_page, 0, NBACKENDS);
	tcase_add_test(tcase,
	    the_page_of_a_new_vcpu_has_nothing_of_the_one_before);
	tcase_add_test(tcase,
	    getstate_writes_the_wanted_components_and_no_others);
	tcase_add_test(tcase,
	    setstate_installs_the_wanted_components_and_no_others);
	tcase_add_test(tcase, a_run_installs_what_waits_for_its_commit);
	tcase_add_test(tcase, a_run_does_not_look_at_what_is_wanted);
	tcase_add_loop_test(tcase,
	    unknown_components_are_cached_and_do_nothing_else,
	    0, NELEM(transfers));
	tcase_add_test(tcase, a_commit_of_unknown_components_does_nothing);
	tcase_add_test(tcase,
	    a_component_is_installed_as_it_is_at_the_time_of_the_run);
	tcase_add_test(tcase, machines_do_not_see_each_others_state);
	suite_add_tcase(suite, tcase);
	return suite;
}
