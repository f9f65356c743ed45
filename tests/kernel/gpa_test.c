/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest mappings: GPA_MAP and GPA_UNMAP, their errors, and what the guest
 * sees of them.
 */
#include <errno.h>
#include <string.h>

#include "memory.h"

/* The host mapping is four pages; 0 here is its start. */
static const struct {
	const char *name;
	uint64_t hva, gpa, size;
	int prot;
	int error;
} maps[] = {
	{ "all of it", 0, 0, 4 * PAGE, RWX, 0 },
	{ "no right at all", 0, 0, PAGE, 0, 0 },
	{ "the last page of RAM", 0, MAX_RAM - PAGE, PAGE, RWX, 0 },
	{ "the last page of the host's", 3 * PAGE, 0, PAGE, RWX, 0 },
	{ "a right that is none", 0, 0, PAGE, 8, EINVAL },
	{ "negative rights", 0, 0, PAGE, -1, EINVAL },
	{ "size 0", 0, 0, 0, RWX, EINVAL },
	{ "size not aligned", 0, 0, PAGE + 1, RWX, EINVAL },
	{ "gpa not aligned", 0, 1, PAGE, RWX, EINVAL },
	{ "hva not aligned", 1, 0, PAGE, RWX, EINVAL },
	{ "the end wraps", 0, -PAGE, 2 * PAGE, RWX, EINVAL },
	{ "the end is 0", 0, -PAGE, PAGE, RWX, EINVAL },
	{ "outside RAM", 0, MAX_RAM, PAGE, RWX, EINVAL },
	{ "beyond RAM", 0, MAX_RAM - PAGE, 2 * PAGE, RWX, EINVAL },
	{ "before the host's", -PAGE, 0, PAGE, RWX, EINVAL },
	{ "over the host's start", -PAGE, 0, 2 * PAGE, RWX, EINVAL },
	{ "over the host's end", 3 * PAGE, 0, 2 * PAGE, RWX, EINVAL },
	{ "after the host's", 4 * PAGE, 0, PAGE, RWX, EINVAL },
};

START_TEST(a_guest_range_is_checked)
{
	uint64_t hva;

	start(&sim_backend_svm);
	hva = memory_new(6) + PAGE;
	ck_assert_int_eq(hva_map(hva, 4 * PAGE), 0);
	expect_error(maps[_i].name, gpa_map(hva + maps[_i].hva, maps[_i].gpa,
	    maps[_i].size, maps[_i].prot), maps[_i].error);
}
END_TEST

START_TEST(memory_never_registered_cannot_be_mapped)
{
	start(&sim_backend_svm);
	ck_assert_int_eq(gpa_map(memory_new(1), 0, PAGE, RWX), EINVAL);
	ck_assert_int_eq(gpa_map(0, 0, PAGE, RWX), EINVAL);
}
END_TEST

static const struct {
	const char *name;
	uint64_t gpa, size;
	int error;
} unmaps[] = {
	{ "what is not mapped", 0, PAGE, 0 },
	{ "everything but the top", 0, MAX_RAM - PAGE, 0 },
	{ "size 0", 0, 0, EINVAL },
	{ "size not aligned", 0, 1, EINVAL },
	{ "gpa not aligned", 1, PAGE, EINVAL },
	{ "the end wraps", -PAGE, 2 * PAGE, EINVAL },
	{ "outside RAM", MAX_RAM, PAGE, EINVAL },
	{ "beyond RAM", MAX_RAM - PAGE, 2 * PAGE, EINVAL },
};

START_TEST(an_unmapped_range_is_checked)
{
	start(&sim_backend_svm);
	expect_error(unmaps[_i].name, gpa_unmap(unmaps[_i].gpa,
	    unmaps[_i].size), unmaps[_i].error);
}
END_TEST

START_TEST(the_top_of_ram_cannot_be_unmapped_with_the_quirk)
{
	const struct sim_config config = {
		.quirks_off = _i == 0 ? 0 : SIM_QUIRK_GPA_UNMAP_TOP,
	};

	start_with(&config);
	ck_assert_int_eq(gpa_unmap(MAX_RAM - PAGE, PAGE), _i == 0 ?
	    EINVAL : 0);
	ck_assert_int_eq(gpa_unmap(MAX_RAM - 2 * PAGE, PAGE), 0);
}
END_TEST

START_TEST(the_machine_comes_first)
{
	struct sim_gpa_map_arg map = { .machid = 128, .prot = -1 };
	struct sim_gpa_unmap_arg unmap = { .machid = 128 };

	start(&sim_backend_svm);
	ck_assert_int_eq(ioc(SIM_GPA_MAP, &map), EINVAL);
	ck_assert_int_eq(ioc(SIM_GPA_UNMAP, &unmap), EINVAL);
	map.machid = unmap.machid = 5;
	ck_assert_int_eq(ioc(SIM_GPA_MAP, &map), ENOENT);
	ck_assert_int_eq(ioc(SIM_GPA_UNMAP, &unmap), ENOENT);
}
END_TEST

/* Pages of host memory, each starting with its number, from 1. */
static uint8_t *
numbered(unsigned pages)
{
	uint8_t *memory = (uint8_t *)(uintptr_t)memory_new(pages);
	unsigned i;

	ck_assert_int_eq(hva_map((uintptr_t)memory, pages * PAGE), 0);
	for (i = 0; i < pages; i++)
		memory[i * PAGE] = (uint8_t)(i + 1);
	return memory;
}

/* What the guest reads in each page: a digit, or . for a hole. */
static void
guest_expect(const char *wanted)
{
	char seen[16];
	size_t i, n = strlen(wanted);

	for (i = 0; i < n; i++)
		seen[i] = guest_can(SIM_ACCESS_READ, i * PAGE) ?
		    (char)('0' + truth_of("rax")) : '.';
	seen[n] = '\0';
	ck_assert_str_eq(seen, wanted);
}

START_TEST(caller_and_guest_share_the_memory)
{
	uint8_t *memory;

	start_loop(_i);
	memory = numbered(1);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0x7000, PAGE, RWX), 0);
	ck_assert_uint_eq(guest_read(0x7000), 1);
	memory[5] = 0x55;
	ck_assert_uint_eq(guest_read(0x7005), 0x55);
	guest_write(0x7FFF, 0x66);
	ck_assert_uint_eq(memory[0xFFF], 0x66);
}
END_TEST

START_TEST(a_hole_resolves_once_mapped_and_not_once_unmapped)
{
	uint8_t *memory;

	start_loop(_i);
	memory = numbered(1);
	guest_expect(".");
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	guest_expect("1");
	ck_assert_int_eq(gpa_unmap(0, PAGE), 0);
	guest_expect(".");
}
END_TEST

START_TEST(an_access_that_exited_succeeds_once_its_memory_is_mapped)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = numbered(1);
	will_access(SIM_ACCESS_READ, 0, 1);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_MEMORY);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rax", truth_of("rax"), 1);
}
END_TEST

/* The pages 1 to 5 are mapped at 0; then these of RAM go. */
static const struct {
	unsigned first, pages;
	const char *left;
} parts[] = {
	{ 0, 1, ".2345" }, { 4, 1, "1234." }, { 2, 1, "12.45" },
	{ 1, 3, "1...5" }, { 0, 5, "....." }, { 0, 7, "....." },
	{ 3, 4, "123.." }, { 5, 2, "12345" },
};

START_TEST(parts_can_be_unmapped)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = numbered(5);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, 5 * PAGE, RWX), 0);
	ck_assert_int_eq(gpa_unmap(parts[_i].first * PAGE,
	    parts[_i].pages * PAGE), 0);
	guest_expect(parts[_i].left);
}
END_TEST

/* The same, with page 9 put there instead; "8" is mapped at 6. */
static const struct {
	unsigned first, pages;
	const char *seen;
} replaced[] = {
	{ 0, 1, "92345.8" }, { 4, 1, "12349.8" }, { 2, 1, "12945.8" },
	{ 5, 1, "1234598" }, { 6, 1, "12345.9" },
	{ 1, 2, "19A45.8" }, { 4, 2, "12349A8" }, { 5, 2, "123459A" },
};

START_TEST(mapping_over_a_mapping_replaces_it)
{
	char wanted[8];
	uint8_t *memory;
	size_t i;

	start(&sim_backend_svm);
	memory = numbered(10);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, 5 * PAGE, RWX), 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory + 7 * PAGE, 6 * PAGE, PAGE,
	    RWX), 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory + 8 * PAGE,
	    replaced[_i].first * PAGE, replaced[_i].pages * PAGE, RWX), 0);
	/* The tenth page is ':' after '9'. */
	for (i = 0; replaced[_i].seen[i] != '\0'; i++)
		wanted[i] = replaced[_i].seen[i] == 'A' ? ':' :
		    replaced[_i].seen[i];
	wanted[i] = '\0';
	guest_expect(wanted);
}
END_TEST

START_TEST(the_same_memory_can_be_mapped_twice)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = numbered(1);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, PAGE, PAGE, RWX), 0);
	guest_write(0, 7);
	ck_assert_uint_eq(guest_read(PAGE), 7);
	ck_assert_int_eq(gpa_unmap(0, PAGE), 0);
	guest_expect(".7");
}
END_TEST

static const struct {
	const char *name;
	int prot;
	bool can[3];	/* by enum sim_access */
} rights[] = {
	{ "none", 0, { false, false, false } },
	{ "R", SIM_PROT_READ, { true, false, false } },
	{ "W", SIM_PROT_WRITE, { false, true, false } },
	{ "X", SIM_PROT_EXEC, { false, false, true } },
	{ "RX", SIM_PROT_READ | SIM_PROT_EXEC, { true, false, true } },
	{ "RW", SIM_PROT_READ | SIM_PROT_WRITE, { true, true, false } },
	{ "RWX", RWX, { true, true, true } },
};

START_TEST(an_access_without_its_right_exits)
{
	uint8_t *memory;
	int access;

	start_loop(_i % NBACKENDS);
	memory = numbered(1);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE,
	    rights[_i / NBACKENDS].prot), 0);
	for (access = SIM_ACCESS_READ; access <= SIM_ACCESS_EXEC; access++)
		ck_assert_msg(guest_can((enum sim_access)access, 0) ==
		    rights[_i / NBACKENDS].can[access], "%s: %d",
		    rights[_i / NBACKENDS].name, access);
}
END_TEST

START_TEST(a_write_to_read_only_memory_changes_nothing)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = numbered(1);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, SIM_PROT_READ),
	    0);
	reg_set("rax", 9);
	ck_assert(!guest_can(SIM_ACCESS_WRITE, 0));
	ck_assert_uint_eq(memory[0], 1);
	/* A new mapping gives the right. */
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), 0);
	guest_write(0, 9);
	ck_assert_uint_eq(memory[0], 9);
}
END_TEST

START_TEST(machines_do_not_see_each_others_memory)
{
	uint8_t *memory;

	start(&sim_backend_svm);
	memory = numbered(1);
	fx.machid = machine_create(fx.file);
	vcpu_create(fx.machid, 0);
	feed_vcpu(fx.machid, 0);
	ck_assert_int_eq(gpa_map((uintptr_t)memory, 0, PAGE, RWX), EINVAL);
}
END_TEST

Suite *
gpa_suite(void)
{
	Suite *suite = suite_create("gpa");
	TCase *tcase = fixture_tcase("ranges");

	tcase_add_loop_test(tcase, a_guest_range_is_checked, 0, NELEM(maps));
	tcase_add_test(tcase, memory_never_registered_cannot_be_mapped);
	tcase_add_loop_test(tcase, an_unmapped_range_is_checked,
	    0, NELEM(unmaps));
	tcase_add_loop_test(tcase,
	    the_top_of_ram_cannot_be_unmapped_with_the_quirk, 0, 2);
	tcase_add_test(tcase, the_machine_comes_first);
	suite_add_tcase(suite, tcase);

	tcase = fixture_tcase("what the guest sees");
	tcase_add_loop_test(tcase, caller_and_guest_share_the_memory,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase,
	    a_hole_resolves_once_mapped_and_not_once_unmapped, 0, NBACKENDS);
	tcase_add_test(tcase,
	    an_access_that_exited_succeeds_once_its_memory_is_mapped);
	tcase_add_loop_test(tcase, parts_can_be_unmapped, 0, NELEM(parts));
	tcase_add_loop_test(tcase, mapping_over_a_mapping_replaces_it,
	    0, NELEM(replaced));
	tcase_add_test(tcase, the_same_memory_can_be_mapped_twice);
	tcase_add_loop_test(tcase, an_access_without_its_right_exits,
	    0, NELEM(rights) * NBACKENDS);
	tcase_add_test(tcase, a_write_to_read_only_memory_changes_nothing);
	tcase_add_test(tcase, machines_do_not_see_each_others_memory);
	suite_add_tcase(suite, tcase);
	return suite;
}
