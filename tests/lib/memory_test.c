/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of guest memory: areas are put in, found and taken out.
 */
#include <sys/mman.h>
#include <errno.h>

#include "fixture.h"
#include "internal.h"

#define HVA	0x10000000

static int
insert(gpaddr_t gpa, size_t size)
{
	struct libnvmm_area area = {
		.gpa = gpa, .hva = HVA, .size = size, .prot = NVMM_PROT_READ,
	};

	return libnvmm_area_insert(fx.mach.areas, &area);
}

static int
remove_area(uintptr_t hva, gpaddr_t gpa, size_t size)
{
	struct libnvmm_area area = { .gpa = gpa, .hva = hva, .size = size };

	return libnvmm_area_remove(fx.mach.areas, &area);
}

static bool
found(gpaddr_t gpa)
{
	struct libnvmm_area area;

	return libnvmm_area_find(&fx.mach, gpa, &area);
}

START_TEST(an_area_is_found_at_its_first_and_its_last_byte)
{
	ck_assert_int_eq(insert(0x200000, 0x3000), 0);
	ck_assert(!found(0x1FFFFF));
	ck_assert(found(0x200000));
	ck_assert(found(0x202FFF));
	ck_assert(!found(0x203000));
}
END_TEST

static const struct {
	const char *name;
	gpaddr_t gpa;
	size_t size;
	int error;
} overlaps[] = {
	{ "the same", 0x200000, 0x4000, EINVAL },
	{ "inside", 0x201000, 0x1000, EINVAL },
	{ "around", 0x1FF000, 0x6000, EINVAL },
	{ "over the first byte", 0x1FF000, 0x1001, EINVAL },
	{ "over the last byte", 0x203FFF, 0x1000, EINVAL },
	{ "right below", 0x1FF000, 0x1000, 0 },
	{ "right above", 0x204000, 0x1000, 0 },
	{ "up to the end of all", 0x204000, -0x204000UL, 0 },
	{ "from below to the end of all", 0x1FF000, -0x1FF000UL, EINVAL },
};

START_TEST(an_area_must_not_overlap_another)
{
	ck_assert_int_eq(insert(0x200000, 0x4000), 0);
	ck_assert_msg(insert(overlaps[_i].gpa, overlaps[_i].size) ==
	    overlaps[_i].error, "%s", overlaps[_i].name);
}
END_TEST

START_TEST(an_area_may_end_where_addresses_wrap)
{
	ck_assert_int_eq(insert(0xFFFFFFFFFFFFF000, 0x1000), 0);
	ck_assert(found(UINT64_MAX));
	ck_assert(!found(0xFFFFFFFFFFFFEFFF));
	ck_assert_int_eq(insert(0xFFFFFFFFFFFFE000, 0x2000), EINVAL);
	ck_assert_int_eq(remove_area(HVA, 0xFFFFFFFFFFFFF000, 0x1000), 0);
	ck_assert(!found(UINT64_MAX));
}
END_TEST

START_TEST(many_areas_in_any_order_are_all_found)
{
	uint64_t i, slot;

	for (i = 0; i < 101; i++) {
		slot = i * 37 % 101;
		ck_assert_int_eq(insert(0x200000 + slot * 0x2000, 0x1000), 0);
	}
	for (i = 0; i < 101; i++) {
		ck_assert(found(0x200000 + i * 0x2000));
		ck_assert(!found(0x201000 + i * 0x2000));
	}
}
END_TEST

static const struct {
	const char *name;
	uintptr_t hva;
	gpaddr_t gpa;
	size_t size;
	int error;
} removals[] = {
	{ "exactly", HVA, 0x200000, 0x4000, 0 },
	{ "another hva", HVA + 0x1000, 0x200000, 0x4000, ESRCH },
	{ "another gpa", HVA, 0x201000, 0x4000, ESRCH },
	{ "a part", HVA, 0x200000, 0x3000, ESRCH },
	{ "beyond all", HVA, 0x900000, 0x4000, ESRCH },
};

START_TEST(only_the_exact_area_is_removed)
{
	ck_assert_int_eq(insert(0x200000, 0x4000), 0);
	ck_assert_msg(remove_area(removals[_i].hva, removals[_i].gpa,
	    removals[_i].size) == removals[_i].error, "%s",
	    removals[_i].name);
	ck_assert_msg(found(0x200000) == (removals[_i].error != 0), "%s",
	    removals[_i].name);
}
END_TEST

START_TEST(a_removed_area_is_told_and_its_place_is_free)
{
	struct libnvmm_area area = {
		.gpa = 0x200000, .hva = HVA, .size = 0x1000,
	};

	ck_assert_int_eq(insert(0x200000, 0x1000), 0);
	ck_assert_int_eq(libnvmm_area_remove(fx.mach.areas, &area), 0);
	ck_assert_uint_eq(area.prot, NVMM_PROT_READ);
	ck_assert_int_eq(insert(0x200000, 0x1000), 0);
}
END_TEST

START_TEST(a_gpa_leads_to_its_hva_and_the_rights_of_its_area)
{
	uintptr_t hva = 0;
	nvmm_prot_t prot = 0;

	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, FIXTURE_ROM + 0x123, &hva,
	    &prot), 0);
	ck_assert_uint_eq(hva, (uintptr_t)fx.rom + 0x123);
	ck_assert_uint_eq(prot, NVMM_PROT_READ | NVMM_PROT_EXEC);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, FIXTURE_DEVICE, &hva,
	    &prot), -1);
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* Every combination of rights. */
START_TEST(the_rights_of_a_map_are_those_of_gpa_to_hva)
{
	nvmm_prot_t want = 0, prot = 0;
	uintptr_t hva = 0;
	int host = 0;

	if (_i & 1) {
		host |= PROT_READ;
		want |= NVMM_PROT_READ;
	}
	if (_i & 2) {
		host |= PROT_WRITE;
		want |= NVMM_PROT_WRITE;
	}
	if (_i & 4) {
		host |= PROT_EXEC;
		want |= NVMM_PROT_EXEC;
	}
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x2000, host),
	    0);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, 0x201234, &hva, &prot), 0);
	ck_assert_uint_eq(hva, HVA + 0x1234);
	ck_assert_uint_eq(prot, want);
}
END_TEST

START_TEST(rights_change_by_unmapping_and_mapping_again)
{
	nvmm_prot_t prot;
	uintptr_t hva;

	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x1000,
	    PROT_READ), 0);
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x1000,
	    PROT_READ | PROT_WRITE), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, 0x200000, &hva, &prot), 0);
	ck_assert_uint_eq(prot, NVMM_PROT_READ);
	ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, HVA, 0x200000, 0x1000), 0);
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x1000,
	    PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(nvmm_gpa_to_hva(&fx.mach, 0x200000, &hva, &prot), 0);
	ck_assert_uint_eq(prot, NVMM_PROT_READ | NVMM_PROT_WRITE);
}
END_TEST

/* What the driver is given is what the caller gave, and nothing else. */
START_TEST(hva_map_and_hva_unmap_are_an_ioctl_each)
{
	ck_assert_int_eq(nvmm_hva_map(&fx.mach, HVA, 0x3000), 0);
	ck_assert_uint_eq(fx.request, NVMM_IOC_HVA_MAP);
	ck_assert_int_eq(nvmm_hva_unmap(&fx.mach, HVA, 0x3000), 0);
	ck_assert_uint_eq(fx.request, NVMM_IOC_HVA_UNMAP);
	fx.ioctl_error = EEXIST;
	ck_assert_int_eq(nvmm_hva_map(&fx.mach, HVA, 0x3000), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert(!found(0x200000));
}
END_TEST

START_TEST(an_overlapping_map_is_refused_before_the_driver_is_asked)
{
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x1000, 0x1000,
	    PROT_READ), -1);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(a_map_that_the_driver_refuses_is_undone)
{
	fx.ioctl_error = EFAULT;
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x1000,
	    PROT_READ), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert(!found(0x200000));
}
END_TEST

START_TEST(an_unmap_that_the_driver_refuses_is_undone)
{
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0x1000,
	    PROT_READ | PROT_WRITE), 0);
	fx.ioctl_error = EFAULT;
	ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, HVA, 0x200000, 0x1000), -1);
	ck_assert_int_eq(errno, EFAULT);
	ck_assert(found(0x200000));
	fx.ioctl_error = 0;
	ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, HVA, 0x200000, 0x1000), 0);
	ck_assert(!found(0x200000));
}
END_TEST

START_TEST(an_unmap_of_what_is_not_mapped_so_asks_no_driver)
{
	ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, HVA, 0x200000, 0x1000), -1);
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_uint_eq(fx.nioctls, 0);
}
END_TEST

START_TEST(a_range_that_is_none_is_left_to_the_driver)
{
	fx.ioctl_error = EINVAL;
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0x200000, 0, 1), -1);
	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA, 0xFFFFFFFFFFFFF000,
	    0x2000, 1), -1);
	ck_assert_uint_eq(fx.nioctls, 2);
	ck_assert(!found(0x200000));
}
END_TEST

Suite *
memory_suite(void)
{
	Suite *suite = suite_create("memory");
	TCase *tc = fixture_tcase("areas");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, an_area_is_found_at_its_first_and_its_last_byte);
	tcase_add_loop_test(tc, an_area_must_not_overlap_another, 0,
	    sizeof(overlaps) / sizeof(overlaps[0]));
	tcase_add_test(tc, an_area_may_end_where_addresses_wrap);
	tcase_add_test(tc, many_areas_in_any_order_are_all_found);
	tcase_add_loop_test(tc, only_the_exact_area_is_removed, 0,
	    sizeof(removals) / sizeof(removals[0]));
	tcase_add_test(tc, a_removed_area_is_told_and_its_place_is_free);

	tc = fixture_tcase("calls");
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_gpa_leads_to_its_hva_and_the_rights_of_its_area);
	tcase_add_loop_test(tc,
	    the_rights_of_a_map_are_those_of_gpa_to_hva, 0, 8);
	tcase_add_test(tc, rights_change_by_unmapping_and_mapping_again);
	tcase_add_test(tc, hva_map_and_hva_unmap_are_an_ioctl_each);
	tcase_add_test(tc,
	    an_overlapping_map_is_refused_before_the_driver_is_asked);
	tcase_add_test(tc, a_map_that_the_driver_refuses_is_undone);
	tcase_add_test(tc, an_unmap_that_the_driver_refuses_is_undone);
	tcase_add_test(tc, an_unmap_of_what_is_not_mapped_so_asks_no_driver);
	tcase_add_test(tc, a_range_that_is_none_is_left_to_the_driver);
	return suite;
}
