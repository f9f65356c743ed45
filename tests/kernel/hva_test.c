/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host mappings: HVA_MAP and HVA_UNMAP, their errors, and what becomes of
 * the caller's memory.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "memory.h"

static const struct {
	const char *name;
	uint64_t hva, size;
	int error;
} ranges[] = {
	{ "hva 0", 0, PAGE, EINVAL },
	{ "hva not aligned", MEMORY_HVA + 1, PAGE, EINVAL },
	{ "size not aligned", MEMORY_HVA, PAGE + 1, EINVAL },
	{ "size 0", MEMORY_HVA, 0, EINVAL },
	{ "the end wraps", -PAGE, 2 * PAGE, EINVAL },
	{ "the end is the address space's", -PAGE, PAGE, EINVAL },
	{ "no address of a process", 1ULL << 62, PAGE, ENOMEM },
};

START_TEST(a_host_range_is_checked)
{
	start(&sim_backend_svm);
	expect_error(ranges[_i].name, hva_map(ranges[_i].hva,
	    ranges[_i].size), ranges[_i].error);
}
END_TEST

START_TEST(the_machine_comes_before_the_range)
{
	struct sim_hva_arg arg = { .machid = 128, .hva = 1, .size = 1 };

	start(&sim_backend_svm);
	ck_assert_int_eq(ioc(SIM_HVA_MAP, &arg), EINVAL);
	ck_assert_int_eq(ioc(SIM_HVA_UNMAP, &arg), EINVAL);
	arg.machid = 5;
	ck_assert_int_eq(ioc(SIM_HVA_MAP, &arg), ENOENT);
	ck_assert_int_eq(ioc(SIM_HVA_UNMAP, &arg), ENOENT);
}
END_TEST

START_TEST(the_flags_are_not_looked_at)
{
	struct sim_hva_arg arg = { .size = PAGE, .flags = -1 };

	start(&sim_backend_svm);
	arg.hva = memory_new(1);
	ck_assert_int_eq(ioc(SIM_HVA_MAP, &arg), 0);
}
END_TEST

/* The caller's memory is replaced: zeros, read-write and shared. */
START_TEST(mapped_memory_is_fresh)
{
	uint8_t *memory;
	size_t i;

	start(&sim_backend_svm);
	memory = (uint8_t *)(uintptr_t)memory_new(2);
	memset(memory, 0xA5, 2 * PAGE);
	ck_assert_int_eq(mprotect(memory, PAGE, PROT_READ), 0);
	ck_assert_int_eq(hva_map((uintptr_t)memory, 2 * PAGE), 0);
	for (i = 0; i < 2 * PAGE; i++)
		ck_assert_msg(memory[i] == 0, "byte %zu", i);
	memory[0] = 1;
}
END_TEST

/* An existing mapping is pages 2 to 5 of 8. */
static const struct {
	const char *name;
	unsigned first, pages;
	int with_quirk, without;
} overlaps[] = {
	{ "the same", 2, 4, 0, EEXIST },
	{ "its start", 2, 1, 0, EEXIST },
	{ "its end", 5, 1, 0, EEXIST },
	{ "its middle", 3, 2, 0, EEXIST },
	{ "over its start", 1, 2, EEXIST, EEXIST },
	{ "over its end", 5, 2, EEXIST, EEXIST },
	{ "around it", 1, 6, EEXIST, EEXIST },
	{ "from its start, longer", 2, 5, EEXIST, EEXIST },
	{ "right before", 0, 2, 0, 0 },
	{ "right after", 6, 2, 0, 0 },
};

START_TEST(an_overlap_exists_already)
{
	bool quirk = _i % 2 == 0;
	size_t row = (size_t)_i / 2;
	const struct sim_config config = {
		.quirks_off = quirk ? 0 : SIM_QUIRK_HVA_MAP_INSIDE,
	};
	uint64_t hva;

	start_with(&config);
	hva = memory_new(8);
	ck_assert_int_eq(hva_map(hva + 2 * PAGE, 4 * PAGE), 0);
	expect_error(overlaps[row].name, hva_map(hva + overlaps[row].first *
	    PAGE, overlaps[row].pages * PAGE), quirk ?
	    overlaps[row].with_quirk : overlaps[row].without);
}
END_TEST

START_TEST(a_map_inside_another_parts_caller_and_guest)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = (uint8_t *)(uintptr_t)memory_new(2);
	ck_assert_int_eq(hva_map((uintptr_t)memory, 2 * PAGE), 0);
	memory[PAGE] = 1;
	ck_assert_int_eq(hva_map((uintptr_t)memory + PAGE, PAGE), 0);
	ck_assert_uint_eq(memory[PAGE], 0);
	memory[PAGE] = 2;
	/* The guest gets the lowest place that has the range. */
	ck_assert_int_eq(gpa_map((uintptr_t)memory + PAGE, 0, PAGE, RWX), 0);
	ck_assert_uint_eq(guest_read(0), 1);
}
END_TEST

START_TEST(there_are_32_host_mappings)
{
	uint64_t hva;
	unsigned i;

	start(&sim_backend_svm);
	hva = memory_new(33);
	for (i = 0; i < 32; i++)
		ck_assert_int_eq(hva_map(hva + i * PAGE, PAGE), 0);
	ck_assert_int_eq(hva_map(hva + 32 * PAGE, PAGE), ENOBUFS);
	/* What is wrong anyway is told first. */
	ck_assert_int_eq(hva_map(hva + 31 * PAGE, 2 * PAGE), EEXIST);
	ck_assert_int_eq(hva_unmap(hva + 7 * PAGE, PAGE), 0);
	ck_assert_int_eq(hva_map(hva + 32 * PAGE, PAGE), 0);
}
END_TEST

static const struct {
	const char *name;
	uint64_t offset, size;
	int error;
} unmaps[] = {
	{ "exactly", 0, 4 * PAGE, 0 },
	{ "its start", 0, PAGE, ENOENT },
	{ "its end", 3 * PAGE, PAGE, ENOENT },
	{ "longer", 0, 5 * PAGE, ENOENT },
	{ "another", 4 * PAGE, 4 * PAGE, ENOENT },
	{ "nothing", 0, 0, ENOENT },
	{ "not aligned", 1, 4 * PAGE, ENOENT },
};

START_TEST(unmapping_is_exact)
{
	uint64_t hva;

	start(&sim_backend_svm);
	hva = memory_new(8);
	ck_assert_int_eq(hva_map(hva, 4 * PAGE), 0);
	expect_error(unmaps[_i].name, hva_unmap(hva + unmaps[_i].offset,
	    unmaps[_i].size), unmaps[_i].error);
	if (unmaps[_i].error == 0)
		ck_assert_int_eq(hva_unmap(hva, 4 * PAGE), ENOENT);
}
END_TEST

START_TEST(unmapped_memory_leaves_the_caller_and_stays_with_the_guest)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = (uint8_t *)(uintptr_t)memory_new(1);
	ck_assert_int_eq(hva_map((uintptr_t)memory, PAGE), 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	memory[0] = 0x42;
	ck_assert_int_eq(hva_unmap((uintptr_t)memory, PAGE), 0);
	/* Nothing is mapped there: mincore(2) says so without a signal. */
	ck_assert_int_eq(mincore(memory, PAGE, &(unsigned char){ 0 }), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_uint_eq(guest_read(0), 0x42);
	guest_write(0, 0x43);
	ck_assert_uint_eq(guest_read(0), 0x43);
	/* It cannot be mapped for the guest again. */
	ck_assert_int_eq(gpa_map((uintptr_t)memory, PAGE, PAGE, RWX), EINVAL);
}
END_TEST

START_TEST(the_caller_s_pages_survive_their_machine)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = (uint8_t *)(uintptr_t)memory_new(1);
	ck_assert_int_eq(hva_map((uintptr_t)memory, PAGE), 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	guest_write(8, 0x42);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	ck_assert_uint_eq(memory[8], 0x42);
	memory[9] = 1;
}
END_TEST

START_TEST(machines_have_host_mappings_of_their_own)
{
	uint64_t hva;
	struct sim_hva_arg arg = { .size = PAGE };

	start(&sim_backend_svm);
	arg.machid = machine_create(fx.file);
	hva = memory_new(1);
	ck_assert_int_eq(hva_map(hva, PAGE), 0);
	arg.hva = hva;
	ck_assert_int_eq(ioc(SIM_HVA_UNMAP, &arg), ENOENT);
}
END_TEST

Suite *
hva_suite(void)
{
	Suite *suite = suite_create("hva");
	TCase *tcase = fixture_tcase("host mappings");

	tcase_add_loop_test(tcase, a_host_range_is_checked,
	    0, NELEM(ranges));
	tcase_add_test(tcase, the_machine_comes_before_the_range);
	tcase_add_test(tcase, the_flags_are_not_looked_at);
	tcase_add_test(tcase, mapped_memory_is_fresh);
	tcase_add_loop_test(tcase, an_overlap_exists_already,
	    0, 2 * NELEM(overlaps));
	tcase_add_test(tcase, a_map_inside_another_parts_caller_and_guest);
	tcase_add_test(tcase, there_are_32_host_mappings);
	tcase_add_loop_test(tcase, unmapping_is_exact, 0, NELEM(unmaps));
	tcase_add_test(tcase,
	    unmapped_memory_leaves_the_caller_and_stays_with_the_guest);
	tcase_add_test(tcase, the_caller_s_pages_survive_their_machine);
	tcase_add_test(tcase, machines_have_host_mappings_of_their_own);
	suite_add_tcase(suite, tcase);
	return suite;
}
