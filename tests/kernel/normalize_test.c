/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a back end makes of state that hardware cannot hold, and that the
 * page shows it only when it is fetched again.
 */
#include <string.h>

#include "fixture.h"

/* What is written, and what each of sim_backends holds of it. */
static const struct {
	const char *reg;
	uint64_t written, held[NBACKENDS];	/* SVM, VMX */
} rows[] = {
	{ "xcr0", 0, { 1, 1 } },
	{ "xcr0", ~0ULL, { 3, 3 } },
	{ "cr8", ~0ULL, { 0xF, ~0ULL } },
	{ "efer", 0x1D01, { 0x0D01, 0x1D01 } },
	{ "cr0", 0, { 0, 0x30 } },
	{ "cr0", 0x60000010, { 0x60000010, 0x60000030 } },
	{ "cr4", 0xFFFFFFFF, { 0xFFFFFFFF, 0x370FFF } },
	{ "gdt.selector", 0x8, { 0x8, 0 } },
	{ "gdt.attrib", 0xFFF, { 0xFFF, 0 } },
	{ "gdt.base", 0x123456789, { 0x123456789, 0x123456789 } },
	{ "idt.selector", 0x8, { 0x8, 0 } },
	{ "idt.attrib", 0xFFF, { 0xFFF, 0 } },
	{ "idt.limit", 0x3FF, { 0x3FF, 0x3FF } },
	{ "ldt.attrib", 0x82, { 0x82, 0x82 } },
	{ "ss.attrib", 0xF3, { 0xF3, 0xF3 } },
	{ "dr6", ~0ULL, { ~0ULL, 0xFFFFFFFF } },
	{ "dr7", ~0ULL, { ~0ULL, ~0ULL } },
	{ "tsc", 0x1234567890, { 0x1234567890, 0x1234567890 } },
	{ "rflags", 0xFFFFFFFF, { 0xFFFFFFFF, 0xFFFFFFFF } },
	{ "int_shadow", 1, { 1, 1 } },
	{ "int_window_exiting", 1, { 1, 1 } },
	{ "nmi_window_exiting", 1, { 1, 1 } },
	{ "evt_pending", 1, { 0, 0 } },
};

#define NROWS	(NELEM(rows) * NBACKENDS)

START_TEST(setstate_normalizes)
{
	size_t row = (size_t)_i / NBACKENDS;
	uint64_t component, held = rows[row].held[_i % NBACKENDS];

	start_loop(_i % NBACKENDS);
	component = SIM_BIT(sim_register_find(rows[row].reg)->component);
	page_set(rows[row].reg, rows[row].written);
	transfer(SIM_VCPU_SETSTATE, component);
	expect_hex(rows[row].reg, truth_of(rows[row].reg), held);
	expect_hex("the page", page_of(rows[row].reg), rows[row].written);
	transfer(SIM_VCPU_GETSTATE, component);
	expect_hex("fetched again", page_of(rows[row].reg), held);
}
END_TEST

START_TEST(a_commit_normalizes)
{
	size_t row = (size_t)_i / NBACKENDS;
	uint64_t component, held = rows[row].held[_i % NBACKENDS];

	start_loop(_i % NBACKENDS);
	component = SIM_BIT(sim_register_find(rows[row].reg)->component);
	page_set(rows[row].reg, rows[row].written);
	/* Nobody enters the guest: an illegal event ends the run before. */
	word_set(SIM_COMM_COMMIT, component);
	event_set(SIM_EVENT_EXCP, 0, 0);
	ck_assert_int_ne(run(), 0);
	expect_hex(rows[row].reg, truth_of(rows[row].reg), held);
	expect_hex("the page", page_of(rows[row].reg), rows[row].written);
}
END_TEST

static const struct {
	const char *name;
	uint32_t mask, mxcsr;
	uint32_t held_mask[NBACKENDS], held[NBACKENDS];
} mxcsrs[] = {
	{ "a mask of 0", 0, 0x1F80, { 0, 0 }, { 0, 0 } },
	{ "a full mask", ~0U, ~0U, { 0x2FFFF, 0xFFFF }, { 0x2FFFF, 0xFFFF } },
	{ "a part", 0xFFBF, 0x1FC0, { 0xFFBF, 0xFFBF }, { 0x1F80, 0x1F80 } },
};

START_TEST(mxcsr_keeps_what_both_its_masks_have)
{
	size_t row = (size_t)_i / NBACKENDS;
	int backend = _i % NBACKENDS;

	start_loop(backend);
	page_set("mxcsr", mxcsrs[row].mxcsr);
	page_set("mxcsr_mask", mxcsrs[row].mask);
	transfer(SIM_VCPU_SETSTATE, FPU);
	expect_hex(mxcsrs[row].name, truth_of("mxcsr"),
	    mxcsrs[row].held[backend]);
	expect_hex(mxcsrs[row].name, truth_of("mxcsr_mask"),
	    mxcsrs[row].held_mask[backend]);
}
END_TEST

START_TEST(normalizing_a_component_leaves_the_others_alone)
{
	struct sim_state before, after;
	unsigned c;

	start_loop(_i % NBACKENDS);
	c = (unsigned)(_i / NBACKENDS);
	before = truth();
	/* The page still has the raw reset state. */
	transfer(SIM_VCPU_SETSTATE, SIM_BIT(c));
	after = truth();
	ck_assert_int_eq(memcmp(&before, &after, sizeof(before)), 0);
}
END_TEST

static const struct {
	const char *reg;
	uint64_t held[NBACKENDS];
} reset[] = {
	{ "cr0", { 0x60000010, 0x60000030 } },
	{ "gdt.attrib", { 0x92, 0 } },
	{ "idt.attrib", { 0x92, 0 } },
	{ "ldt.attrib", { 0x82, 0x82 } },
	{ "xcr0", { 1, 1 } },
	{ "dr6", { 0xFFFF0FF0, 0xFFFF0FF0 } },
	{ "efer", { 0, 0 } },
	{ "mxcsr", { 0, 0 } },
	{ "tsc", { 0, 0 } },
	{ "evt_pending", { 0, 0 } },
};

START_TEST(the_reset_state_is_normalized_in_the_vcpu)
{
	size_t i;

	start_loop(_i);
	for (i = 0; i < NELEM(reset); i++)
		expect_hex(reset[i].reg, truth_of(reset[i].reg),
		    reset[i].held[_i]);
}
END_TEST

START_TEST(without_the_quirk_a_new_vcpu_has_its_mxcsr)
{
	const struct sim_config config = {
		.backend = sim_backends[_i],
		.quirks_off = SIM_QUIRK_RESET_MXCSR_0,
	};

	start_with(&config);
	expect_hex("mxcsr", truth_of("mxcsr"), 0x1F80);
	expect_hex("mxcsr_mask", truth_of("mxcsr_mask"),
	    sim_backends[_i]->model->mxcsr_mask);
}
END_TEST

START_TEST(setting_intr_keeps_an_event_pending)
{
	start(&sim_backend_svm);
	event_set(SIM_EVENT_INTR, 32, 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_INJECT, fx.machid, 0), 0);
	fx.state->intr = SIM_INTR_SHADOW;
	transfer(SIM_VCPU_SETSTATE, INTR);
	expect_hex("intr", truth().intr,
	    SIM_INTR_SHADOW | SIM_INTR_EVT_PENDING);
}
END_TEST

Suite *
normalize_suite(void)
{
	Suite *suite = suite_create("normalize");
	TCase *tcase = fixture_tcase("state");

	tcase_add_loop_test(tcase, setstate_normalizes, 0, NROWS);
	tcase_add_loop_test(tcase, a_commit_normalizes, 0, NROWS);
	tcase_add_loop_test(tcase, mxcsr_keeps_what_both_its_masks_have,
	    0, NELEM(mxcsrs) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    normalizing_a_component_leaves_the_others_alone,
	    0, SIM_NCOMPONENT * NBACKENDS);
	tcase_add_loop_test(tcase, the_reset_state_is_normalized_in_the_vcpu,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    without_the_quirk_a_new_vcpu_has_its_mxcsr, 0, NBACKENDS);
	tcase_add_test(tcase, setting_intr_keeps_an_event_pending);
	suite_add_tcase(suite, tcase);
	return suite;
}
