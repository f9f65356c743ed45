/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comm pages as callers map them: mmap and munmap of the device.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"

#define PAGE		4096
#define RW		(PROT_READ | PROT_WRITE)
#define OFFSET(machid, cpuid)	((int64_t)(machid) << 20 | (cpuid) << 12)

static const struct {
	const char *name;
	size_t length;
	int prot;
	int64_t offset;
	int error;
} maps[] = {
	{ "VCPU 0", PAGE, RW, OFFSET(0, 0), 0 },
	{ "a VCPU that is not there", PAGE, RW, OFFSET(0, 255), 0 },
	{ "read-only", PAGE, PROT_READ, OFFSET(0, 0), 0 },
	{ "executable", PAGE, RW | PROT_EXEC, OFFSET(0, 0), EACCES },
	{ "executable and too long", 2 * PAGE, PROT_EXEC, OFFSET(5, 0),
	    EACCES },
	{ "two pages", 2 * PAGE, RW, OFFSET(0, 0), EINVAL },
	{ "a part", PAGE - 1, RW, OFFSET(0, 0), EINVAL },
	{ "nothing", 0, RW, OFFSET(0, 0), EINVAL },
	{ "no machine", PAGE, RW, OFFSET(5, 0), ENOENT },
	{ "no such machine", PAGE, RW, OFFSET(128, 0), EINVAL },
	{ "another's machine", PAGE, RW, OFFSET(1, 0), EPERM },
};

START_TEST(a_mapping_of_the_device_is_checked)
{
	struct sim_stats stats;
	void *addr = NULL;

	start(&sim_backend_svm);
	ck_assert_uint_eq(machine_create(open_file(O_RDWR)), 1);
	expect_error(maps[_i].name, sim_mmap(fx.file, NULL, maps[_i].length,
	    maps[_i].prot, MAP_SHARED, maps[_i].offset, &addr),
	    maps[_i].error);
	ck_assert_int_eq(addr != NULL, maps[_i].error == 0);
	/* The fixture mapped one, and every call counts. */
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MMAP], 2);
}
END_TEST

static struct sim_state *
map_page(uint32_t machid, uint32_t cpuid)
{
	void *addr;

	ck_assert_int_eq(sim_mmap(fx.file, NULL, PAGE, RW, MAP_SHARED,
	    OFFSET(machid, cpuid), &addr), 0);
	return (struct sim_state *)(void *)((uint8_t *)addr + SIM_COMM_STATE);
}

START_TEST(each_vcpu_has_a_page_of_its_own)
{
	struct sim_state *other;

	start(&sim_backend_svm);
	vcpu_create(fx.machid, 1);
	other = map_page(fx.machid, 1);
	page_set("rax", 1);
	ck_assert_uint_eq(other->gprs[SIM_GPR_RAX], 0);
	ck_assert_uint_eq(other->gprs[SIM_GPR_RIP], 0xFFF0);
}
END_TEST

START_TEST(each_machine_has_pages_of_its_own)
{
	struct sim_state *other;
	uint32_t machid;

	start(&sim_backend_svm);
	machid = machine_create(fx.file);
	other = map_page(machid, 0);
	page_set("rax", 1);
	ck_assert_uint_eq(other->gprs[SIM_GPR_RAX], 0);
}
END_TEST

START_TEST(two_mappings_show_one_page)
{
	struct sim_state *other;

	start(&sim_backend_svm);
	other = map_page(fx.machid, 0);
	page_set("rax", 0x1234);
	ck_assert_uint_eq(other->gprs[SIM_GPR_RAX], 0x1234);
}
END_TEST

START_TEST(an_old_mapping_sees_the_new_vcpu)
{
	start(&sim_backend_svm);
	page_set("rip", 0x1234);
	word_set(SIM_COMM_CACHED, 0);
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	vcpu_create(fx.machid, 0);
	expect_hex("rip", page_of("rip"), 0xFFF0);
	flags_expect("new", 0, ALL, 0);
	page_set("rbx", 0x77);
	word_set(SIM_COMM_COMMIT, GPRS);
	run_expect(SIM_EXIT_NONE);
	expect_hex("rbx", truth_of("rbx"), 0x77);
}
END_TEST

START_TEST(a_page_mapped_before_its_vcpu_is_the_vcpu_s)
{
	struct sim_state *state;

	start(&sim_backend_svm);
	state = map_page(fx.machid, 9);
	ck_assert_uint_eq(state->gprs[SIM_GPR_RIP], 0);
	vcpu_create(fx.machid, 9);
	ck_assert_uint_eq(state->gprs[SIM_GPR_RIP], 0xFFF0);
}
END_TEST

START_TEST(a_page_outlives_its_machine)
{
	start(&sim_backend_svm);
	page_set("rax", 0x1234);
	ck_assert_int_eq(ioc(SIM_MACHINE_DESTROY, &fx.machid), 0);
	expect_hex("rax", page_of("rax"), 0x1234);
	page_set("rax", 0x4321);
	/* The machine that comes after has other pages. */
	fx.machid = machine_create(fx.file);
	vcpu_create(fx.machid, 0);
	expect_hex("rax", page_of("rax"), 0x4321);
}
END_TEST

/* Else another mapping at that address would count as the device's. */
START_TEST(a_page_that_goes_with_a_larger_range_is_forgotten)
{
	struct sim_stats stats;

	start(&sim_backend_svm);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, 2 * PAGE), ENOENT);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, PAGE), ENOENT);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MUNMAP], 0);
}
END_TEST

START_TEST(only_comm_pages_are_unmapped)
{
	struct sim_stats stats;
	void *other;

	start(&sim_backend_svm);
	other = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(other, MAP_FAILED);
	ck_assert_int_eq(sim_munmap(fx.sim, other, PAGE), ENOENT);
	memset(other, 1, PAGE);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, 0), ENOENT);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page + 8, PAGE), ENOENT);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page - 8, PAGE), ENOENT);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, PAGE), 0);
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, PAGE), ENOENT);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MUNMAP], 1);
	/* The VCPU goes on without it. */
	fx.page = NULL;
	run_expect(SIM_EXIT_NONE);
}
END_TEST

START_TEST(a_page_can_be_put_at_an_address)
{
	void *place, *addr;

	start(&sim_backend_svm);
	place = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	    0);
	ck_assert_ptr_ne(place, MAP_FAILED);
	ck_assert_int_eq(sim_mmap(fx.file, place, PAGE, RW,
	    MAP_SHARED | MAP_FIXED, 0, &addr), 0);
	ck_assert_ptr_eq(addr, place);
	ck_assert_int_eq(memcmp(addr, fx.page, PAGE), 0);
}
END_TEST

static void
map_in_guest(void)
{
	void *addr;

	ck_assert_int_eq(sim_mmap(fx.file, NULL, SIM_COMM_PAGE_SIZE,
	    PROT_READ, MAP_SHARED, (int64_t)fx.machid << 20, &addr), 0);
	ck_assert_int_eq(sim_munmap(fx.sim, addr, SIM_COMM_PAGE_SIZE), 0);
}

START_TEST(the_page_of_a_running_vcpu_can_be_mapped)
{
	start(&sim_backend_svm);
	fx.in_guest = map_in_guest;
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
}
END_TEST

START_TEST(host_memory_in_a_view_s_place_is_no_view)
{
	struct sim_hva_arg arg = { .size = SIM_COMM_PAGE_SIZE };
	struct sim_stats stats;

	start(&sim_backend_svm);
	arg.machid = fx.machid;
	arg.hva = (uintptr_t)fx.page;
	ck_assert_int_eq(ioc(SIM_HVA_MAP, &arg), 0);
	/* Not the device's: the caller unmaps it himself. */
	ck_assert_int_eq(sim_munmap(fx.sim, fx.page, SIM_COMM_PAGE_SIZE),
	    ENOENT);
	ck_assert_int_eq(ioc(SIM_HVA_UNMAP, &arg), 0);
	fx.page = NULL;
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.other[SIM_OTHER_MUNMAP], 0);
}
END_TEST

Suite *
view_suite(void)
{
	Suite *suite = suite_create("view");
	TCase *tcase = fixture_tcase("comm pages");

	tcase_add_loop_test(tcase, a_mapping_of_the_device_is_checked,
	    0, NELEM(maps));
	tcase_add_test(tcase, each_vcpu_has_a_page_of_its_own);
	tcase_add_test(tcase, each_machine_has_pages_of_its_own);
	tcase_add_test(tcase, two_mappings_show_one_page);
	tcase_add_test(tcase, an_old_mapping_sees_the_new_vcpu);
	tcase_add_test(tcase, a_page_mapped_before_its_vcpu_is_the_vcpu_s);
	tcase_add_test(tcase, a_page_outlives_its_machine);
	tcase_add_test(tcase, only_comm_pages_are_unmapped);
	tcase_add_test(tcase,
	    a_page_that_goes_with_a_larger_range_is_forgotten);
	tcase_add_test(tcase, a_page_can_be_put_at_an_address);
	tcase_add_test(tcase, the_page_of_a_running_vcpu_can_be_mapped);
	tcase_add_test(tcase, host_memory_in_a_view_s_place_is_no_view);
	suite_add_tcase(suite, tcase);
	return suite;
}
