/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_gva_to_gpa against page tables written by hand: every format, every
 * level, and tables that a hostile guest could have made.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"
#include "internal.h"

#define PAGING	0x80000001
#define PSE	0x10
#define PAE	0x20
#define NXE	0x800
#define LMA	0x500

/* Tables of every format, from the root down. */
#define T1	0x4000
#define T2	0x5000
#define T3	0x6000
#define T4	0x7000

#define RW	(NVMM_PROT_READ | NVMM_PROT_WRITE)
#define NONE	UINT64_MAX	/* no translation */

static void
paging(uint64_t cr4, uint64_t efer)
{
	fx.state->crs[NVMM_X64_CR_CR0] = PAGING;
	fx.state->crs[NVMM_X64_CR_CR3] = T1;
	fx.state->crs[NVMM_X64_CR_CR4] = cr4;
	fx.state->msrs[NVMM_X64_MSR_EFER] = efer;
}

/* Translate; hold that nothing but the results is touched. */
static void
expect(const char *name, gvaddr_t gva, gpaddr_t gpa, nvmm_prot_t prot)
{
	gpaddr_t got_gpa = 0x5A5A;
	nvmm_prot_t got_prot = 0x5A;
	int result;

	fixture_snapshot();
	errno = 0;
	result = nvmm_gva_to_gpa(&fx.mach, &fx.vcpu, gva, &got_gpa,
	    &got_prot);
	fixture_expect_unchanged(name);
	if (gpa == NONE) {
		ck_assert_msg(result == -1, "%s: translates to %#lx", name,
		    (unsigned long)got_gpa);
		ck_assert_msg(errno == EFAULT, "%s: errno %d", name, errno);
		ck_assert_msg(got_gpa == 0x5A5A && got_prot == 0x5A,
		    "%s: results written on failure", name);
		return;
	}
	ck_assert_msg(result == 0, "%s: fails, errno %d", name, errno);
	ck_assert_msg(errno == 0, "%s: errno touched", name);
	ck_assert_msg(got_gpa == gpa, "%s: gpa %#lx", name,
	    (unsigned long)got_gpa);
	ck_assert_msg(got_prot == prot, "%s: prot %#lx", name,
	    (unsigned long)got_prot);
}

START_TEST(without_paging_an_address_is_itself_with_every_right)
{
	expect("low", 0x1234, 0x1234, NVMM_PROT_ALL);
	expect("high", 0xFEDCBA9876543210, 0xFEDCBA9876543210, NVMM_PROT_ALL);
}
END_TEST

START_TEST(it_asks_for_crs_and_msrs_and_for_them_only_once)
{
	gpaddr_t gpa;
	nvmm_prot_t prot;

	fx.comm->state_cached = 0;
	ck_assert_int_eq(nvmm_gva_to_gpa(&fx.mach, &fx.vcpu, 0, &gpa, &prot),
	    0);
	ck_assert_uint_eq(fx.nioctls, 1);
	ck_assert_uint_eq(fx.comm->state_wanted,
	    NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS);
	ck_assert_uint_eq(fx.comm->state_commit, 0);
}
END_TEST

START_TEST(the_errno_of_getstate_comes_out)
{
	gpaddr_t gpa = 1;
	nvmm_prot_t prot = 1;

	fx.comm->state_cached = 0;
	fx.ioctl_error = EPERM;
	ck_assert_int_eq(nvmm_gva_to_gpa(&fx.mach, &fx.vcpu, 0, &gpa, &prot),
	    -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_uint_eq(gpa, 1);
}
END_TEST

/* An entry at each level; 0 where the walk shall not come. */
static const struct {
	const char *name;
	uint64_t cr4, efer;
	uint64_t entries[4];
	gvaddr_t gva;
	gpaddr_t gpa;
} walks[] = {
	{ "32-bit, 4 KB", 0, 0, { T2 | PTE_WU, 0xABCDE000 | PTE_WU },
	    0x00C03123, 0xABCDE123 },
	{ "32-bit, PS without PSE is no large page", 0, 0,
	    { T2 | PTE_PS | PTE_WU, 0xABCDE000 | PTE_WU },
	    0x00C03123, 0xABCDE123 },
	{ "32-bit, PSE but no PS", PSE, 0,
	    { T2 | PTE_WU, 0xABCDE000 | PTE_WU }, 0x00C03123, 0xABCDE123 },
	{ "32-bit, 4 MB", PSE, 0, { 0xABC00000 | PTE_PS | PTE_WU },
	    0x00C03123, 0xABC03123 },
	{ "32-bit, 4 MB above 4 GB", PSE, 0,
	    { 0xABC00000 | 0xC3 << 13 | PTE_PS | PTE_WU },
	    0x00C03123, 0xC3ABC03123 },
	{ "32-bit, 4 MB with its PAT bit", PSE, 0,
	    { 0xABC01000 | PTE_PS | PTE_WU }, 0x00C03123, 0xABC03123 },
	{ "32-bit, 4 KB with its PAT bit", PSE, 0,
	    { T2 | PTE_WU, 0xABCDE000 | PTE_PS | PTE_WU },
	    0x00C03123, 0xABCDE123 },
	{ "PAE, 4 KB", PAE, 0,
	    { T2 | PTE_P, T3 | PTE_WU, 0x123ABCDE000 | PTE_WU },
	    0x00603123, 0x123ABCDE123 },
	{ "PAE, 2 MB", PAE, 0,
	    { T2 | PTE_P, 0x123ABC00000 | PTE_PS | PTE_WU },
	    0x00603123, 0x123ABC03123 },
	{ "PAE, 2 MB with its PAT bit", PAE, 0,
	    { T2 | PTE_P, 0x123ABC01000 | PTE_PS | PTE_WU },
	    0x00603123, 0x123ABC03123 },
	{ "PAE, no large page at the top", PAE, 0,
	    { T2 | PTE_PS | PTE_P, T3 | PTE_WU, 0x123ABCDE000 | PTE_WU },
	    0x00603123, 0x123ABCDE123 },
	{ "long, 4 KB", PAE, LMA,
	    { T2 | PTE_WU, T3 | PTE_WU, T4 | PTE_WU,
	    0xFFFFFABCDE000 | PTE_WU }, 0x00603123, 0xFFFFFABCDE123 },
	{ "long, 4 KB with its PAT bit", PAE, LMA,
	    { T2 | PTE_WU, T3 | PTE_WU, T4 | PTE_WU,
	    0xABCDE000 | PTE_PS | PTE_WU }, 0x00603123, 0xABCDE123 },
	{ "long, bits 52 to 62 are the guest's own", PAE, LMA,
	    { T2 | PTE_WU, T3 | PTE_WU, T4 | PTE_WU,
	    UINT64_C(0x7FF00000ABCDE000) | PTE_WU }, 0x00603123, 0xABCDE123 },
	{ "long, 2 MB", PAE, LMA,
	    { T2 | PTE_WU, T3 | PTE_WU, 0xABC00000 | PTE_PS | PTE_WU },
	    0x00603123, 0xABC03123 },
	{ "long, 1 GB", PAE, LMA,
	    { T2 | PTE_WU, 0x1240000000 | PTE_PS | PTE_WU },
	    0x00603123, 0x1240603123 },
};

/* Where the entry of a level is, for the addresses of the table above. */
static gpaddr_t
entry_gpa(uint64_t cr4, uint64_t efer, unsigned level)
{
	static const gpaddr_t legacy[] = { T1 + 3 * 4, T2 + 3 * 4, 0, 0 };
	static const gpaddr_t pae[] = { T1, T2 + 3 * 8, T3 + 3 * 8, 0 };
	static const gpaddr_t lma[] = { T1, T2, T3 + 3 * 8, T4 + 3 * 8 };

	if (efer & LMA)
		return lma[level];
	return cr4 & PAE ? pae[level] : legacy[level];
}

static void
walk_prepare(int row)
{
	unsigned i;

	paging(walks[row].cr4, walks[row].efer);
	for (i = 0; i < 4; i++) {
		if (walks[row].entries[i] != 0)
			poke(entry_gpa(walks[row].cr4, walks[row].efer, i),
			    walks[row].entries[i],
			    walks[row].cr4 & PAE ? 8 : 4);
	}
}

START_TEST(every_format_is_walked_to_its_page)
{
	uint8_t before[0x8000];

	walk_prepare(_i);
	memcpy(before, fx.ram, sizeof(before));
	expect(walks[_i].name, walks[_i].gva, walks[_i].gpa, NVMM_PROT_ALL);
	ck_assert_msg(memcmp(before, fx.ram, sizeof(before)) == 0,
	    "%s: accessed or dirty bits were set", walks[_i].name);
}
END_TEST

START_TEST(an_entry_that_is_not_present_ends_the_walk_at_any_level)
{
	unsigned level;
	gpaddr_t gpa;

	for (level = 0; level < 4 && walks[_i].entries[level]; level++) {
		walk_prepare(_i);
		gpa = entry_gpa(walks[_i].cr4, walks[_i].efer, level);
		poke(gpa, walks[_i].entries[level] & ~PTE_P, 4);
		expect(walks[_i].name, walks[_i].gva, NONE, 0);
	}
}
END_TEST

START_TEST(a_table_outside_the_areas_ends_the_walk_at_any_level)
{
	unsigned level;
	gpaddr_t gpa;

	for (level = 0; level < 3 && walks[_i].entries[level + 1]; level++) {
		walk_prepare(_i);
		gpa = entry_gpa(walks[_i].cr4, walks[_i].efer, level);
		poke(gpa, FIXTURE_DEVICE | PTE_WU, 4);
		expect(walks[_i].name, walks[_i].gva, NONE, 0);
	}
	walk_prepare(_i);
	fx.state->crs[NVMM_X64_CR_CR3] = FIXTURE_DEVICE;
	expect(walks[_i].name, walks[_i].gva, NONE, 0);
	ck_assert_uint_eq(fx.nmem, 0);
}
END_TEST

/* What each level of a 4-level walk takes away. */
static const struct {
	const char *name;
	uint64_t efer;
	uint64_t flags[4];	/* beside P */
	nvmm_prot_t prot;
} rights[] = {
	{ "all", LMA, { 6, 6, 6, 6 }, NVMM_PROT_ALL },
	{ "no W in PML4E", LMA, { 4, 6, 6, 6 }, 0x0D },
	{ "no W in PDPTE", LMA, { 6, 4, 6, 6 }, 0x0D },
	{ "no W in PDE", LMA, { 6, 6, 4, 6 }, 0x0D },
	{ "no W in PTE", LMA, { 6, 6, 6, 4 }, 0x0D },
	{ "no U in PML4E", LMA, { 2, 6, 6, 6 }, 0x07 },
	{ "no U in PDPTE", LMA, { 6, 2, 6, 6 }, 0x07 },
	{ "no U in PDE", LMA, { 6, 6, 2, 6 }, 0x07 },
	{ "no U in PTE", LMA, { 6, 6, 6, 2 }, 0x07 },
	{ "NX in PML4E", LMA | NXE, { 6 | PTE_NX, 6, 6, 6 }, 0x0B },
	{ "NX in PDPTE", LMA | NXE, { 6, 6 | PTE_NX, 6, 6 }, 0x0B },
	{ "NX in PDE", LMA | NXE, { 6, 6, 6 | PTE_NX, 6 }, 0x0B },
	{ "NX in PTE", LMA | NXE, { 6, 6, 6, 6 | PTE_NX }, 0x0B },
	{ "NX without NXE", LMA, { 6, 6, 6, 6 | PTE_NX }, NVMM_PROT_ALL },
	{ "nothing but P", LMA, { 0, 0, 0, 0 }, 0x05 },
	{ "different ones", LMA | NXE, { 4, 6, 2, 6 | PTE_NX }, 0x01 },
};

START_TEST(a_right_needs_every_level)
{
	static const gpaddr_t next[] = { T2, T3, T4, 0x8000 };
	unsigned i;

	paging(PAE, rights[_i].efer);
	for (i = 0; i < 4; i++)
		poke(entry_gpa(PAE, LMA, i),
		    next[i] | rights[_i].flags[i] | PTE_P, 8);
	expect(rights[_i].name, 0x00603123, 0x8123, rights[_i].prot);
}
END_TEST

START_TEST(large_pages_lose_rights_like_small_ones)
{
	paging(PAE, LMA | NXE);
	poke(T1, T2 | PTE_WU, 8);
	poke(T2, 0x1240000000 | PTE_PS | PTE_P | PTE_NX, 8);
	expect("1 GB", 0x1234, 0x1240001234, NVMM_PROT_READ);
	paging(PSE, 0);
	poke(T1, 0xABC00000 | PTE_PS | PTE_P | PTE_W, 4);
	expect("4 MB", 0x1234, 0xABC01234, RW | NVMM_PROT_EXEC);
	paging(PAE, NXE);
	poke(T1, T2 | PTE_P, 8);
	poke(T2, 0xABC00000 | PTE_PS | PTE_P | PTE_U | PTE_NX, 8);
	expect("PAE 2 MB", 0x1234, 0xABC01234,
	    NVMM_PROT_READ | NVMM_PROT_USER);
}
END_TEST

static const struct {
	const char *name;
	gvaddr_t gva;
	bool canonical;
} addresses[] = {
	{ "last of the lower half", 0x00007FFFFFFFFFFF, true },
	{ "first beyond it", 0x0000800000000000, false },
	{ "last below the upper half", 0xFFFF7FFFFFFFFFFF, false },
	{ "first of the upper half", 0xFFFF800000000000, true },
	{ "the last of all", UINT64_MAX, true },
	{ "one bit of the sign missing", 0xEFFF800000000000, false },
};

START_TEST(an_address_must_be_canonical_in_long_mode)
{
	unsigned i;

	/* Every entry of the root and of the next table is present. */
	paging(PAE, LMA);
	for (i = 0; i < 512; i++) {
		poke(T1 + i * 8, T2 | PTE_WU, 8);
		poke(T2 + i * 8, PTE_PS | PTE_WU, 8);
	}
	expect(addresses[_i].name, addresses[_i].gva, addresses[_i].canonical ?
	    addresses[_i].gva & 0x3FFFFFFF : NONE, NVMM_PROT_ALL);
}
END_TEST

START_TEST(beyond_4_gb_there_is_nothing_outside_long_mode)
{
	paging(PSE, 0);
	poke(T1, PTE_PS | PTE_WU, 4);
	expect("32-bit", 0x100000000, NONE, 0);
	paging(PAE, 0);
	poke(T1, T2 | PTE_P, 8);
	poke(T2, PTE_PS | PTE_WU, 8);
	expect("PAE", 0x100000000, NONE, 0);
}
END_TEST

START_TEST(long_mode_without_pae_translates_nothing)
{
	paging(0, LMA);
	poke(T1, T2 | PTE_WU, 8);
	expect("LMA", 0, NONE, 0);
}
END_TEST

START_TEST(the_first_table_of_pae_is_aligned_to_32_bytes)
{
	paging(PAE, 0);
	fx.state->crs[NVMM_X64_CR_CR3] = T1 + 0x20 + 0x1F;
	poke(T1 + 0x20 + 3 * 8, T2 | PTE_P, 8);
	poke(T2 + 511 * 8, 0xABC00000 | PTE_PS | PTE_WU, 8);
	expect("the last 2 MB", 0xFFFFFFFF, 0xABDFFFFF, NVMM_PROT_ALL);
}
END_TEST

START_TEST(bits_of_cr3_that_are_no_address_are_ignored)
{
	paging(PAE, LMA);
	fx.state->crs[NVMM_X64_CR_CR3] = UINT64_C(0x8000000000000FFF) | T1;
	poke(T1, T2 | PTE_WU, 8);
	poke(T2, PTE_PS | PTE_WU, 8);
	expect("PCID", 0x1234, 0x1234, NVMM_PROT_ALL);
}
END_TEST

START_TEST(an_area_that_ends_within_an_entry_is_not_overrun)
{
	uint8_t *memory = fixture_area(0x200000, 4, RW);

	memory[0] = PTE_WU | PTE_PS;
	paging(PAE, LMA);
	fx.state->crs[NVMM_X64_CR_CR3] = 0x200000;
	expect("8 bytes in 4", 0, NONE, 0);
	paging(PSE, 0);
	fx.state->crs[NVMM_X64_CR_CR3] = 0x200000;
	expect("4 bytes in 4", 0x123, 0x123, NVMM_PROT_ALL);
}
END_TEST

START_TEST(tables_must_be_readable)
{
	uint8_t *memory = fixture_area(0x200000, 4096, NVMM_PROT_WRITE);

	memory[0] = PTE_WU | PTE_PS;
	paging(PSE, 0);
	fx.state->crs[NVMM_X64_CR_CR3] = 0x200000;
	expect("no R", 0, NONE, 0);
}
END_TEST

START_TEST(a_table_that_is_its_own_child_does_no_harm)
{
	paging(PAE, LMA);
	poke(T1 + 511 * 8, T1 | PTE_WU, 8);
	expect("recursive", UINT64_MAX, T1 | 0xFFF, NVMM_PROT_ALL);
}
END_TEST

Suite *
translate_suite(void)
{
	Suite *suite = suite_create("translate");
	TCase *tc = fixture_tcase("gva_to_gpa");
	int nwalks = sizeof(walks) / sizeof(walks[0]);

	suite_add_tcase(suite, tc);
	tcase_add_test(tc,
	    without_paging_an_address_is_itself_with_every_right);
	tcase_add_test(tc, it_asks_for_crs_and_msrs_and_for_them_only_once);
	tcase_add_test(tc, the_errno_of_getstate_comes_out);
	tcase_add_loop_test(tc, every_format_is_walked_to_its_page, 0, nwalks);
	tcase_add_loop_test(tc,
	    an_entry_that_is_not_present_ends_the_walk_at_any_level, 0,
	    nwalks);
	tcase_add_loop_test(tc,
	    a_table_outside_the_areas_ends_the_walk_at_any_level, 0, nwalks);
	tcase_add_loop_test(tc, a_right_needs_every_level, 0,
	    sizeof(rights) / sizeof(rights[0]));
	tcase_add_test(tc, large_pages_lose_rights_like_small_ones);
	tcase_add_loop_test(tc, an_address_must_be_canonical_in_long_mode, 0,
	    sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_test(tc, beyond_4_gb_there_is_nothing_outside_long_mode);
	tcase_add_test(tc, long_mode_without_pae_translates_nothing);
	tcase_add_test(tc, the_first_table_of_pae_is_aligned_to_32_bytes);
	tcase_add_test(tc, bits_of_cr3_that_are_no_address_are_ignored);
	tcase_add_test(tc, an_area_that_ends_within_an_entry_is_not_overrun);
	tcase_add_test(tc, tables_must_be_readable);
	tcase_add_test(tc, a_table_that_is_its_own_child_does_no_harm);
	return suite;
}
