/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables: the rows of walk.h.
 */
#include "walk.h"

#include <stdlib.h>
#include <string.h>

#include "engine/interp/interp.h"

#define P		0x001ULL
#define W		0x002ULL
#define U		0x004ULL
#define A		0x020ULL
#define D		0x040ULL
#define PS		0x080ULL
#define G		0x100ULL
#define NX		(1ULL << 63)
#define PWU		(P | W | U)

#define TABLE(i)	WALK_TABLE(i)
#define DOWN(i)		(TABLE(i) | PWU)	/* to the next level */
#define PAGE_AT		0xA000ULL
#define READ_ONLY	WALK_READ_ONLY

#define WP		0x00010000ULL
#define PSE		0x00000010ULL
#define PGE		0x00000080ULL
#define SMEP		0x00100000ULL
#define SMAP		0x00200000ULL
#define NXE		0x00000800ULL
#define AC		0x40000ULL

#define READ_	SIM_ACCESS_READ
#define WRITE	SIM_ACCESS_WRITE
#define FETCH	SIM_ACCESS_EXEC
#define LEAF	(PAGE_AT | PWU)
#define LONG_WALK(leaf)		{ DOWN(1), DOWN(2), DOWN(3), leaf }
#define PAE_WALK(leaf)		{ TABLE(1) | P, DOWN(2), leaf }
#define SHORT_WALK(leaf)	{ DOWN(1), leaf }

#define LEADS(gpa)	.led = TO, .result = (gpa)
#define FAULTED(error)	.led = FAULT, .result = (error)
#define STOPPED(gpa)	.led = STOP, .result = (gpa)

const struct walk_row walk_rows[] = {
	{ "no paging", NONE, { 0 }, READ_, LEADS(0x3123), .linear = 0x3123 },
	{ "no paging, a hole", NONE, { 0 }, WRITE, STOPPED(0x10123),
	    .linear = 0x10123, .stop = WRITE },
	{ "32 bits", P32, SHORT_WALK(LEAF), READ_, LEADS(0xA123) },
	{ "32 bits, a write", P32, SHORT_WALK(LEAF), WRITE, LEADS(0xA123),
	    .user = true },
	{ "32 bits, no NX there", P32, SHORT_WALK(LEAF), FETCH, LEADS(0xA123),
	    .efer = NXE },
	{ "32 bits, 4 MiB", P32, { PS | PWU }, WRITE, LEADS(0x3123),
	    .cr4 = PSE },
	{ "32 bits, 4 MiB above 4 GiB", P32, { PS | PWU | 0x2000 }, READ_,
	    STOPPED(0x100003123), .cr4 = PSE },
	{ "32 bits, PS without PSE", P32, SHORT_WALK(LEAF | PS), READ_,
	    LEADS(0xA123) },
	{ "32 bits, PS of a table without PSE", P32, { DOWN(1) | PS, LEAF },
	    READ_, LEADS(0xA123) },
	{ "32 bits, reserved in 4 MiB", P32, { PS | PWU | 1 << 21 }, READ_,
	    FAULTED(9), .cr4 = PSE },
	{ "32 bits, absent", P32, { DOWN(1), PAGE_AT }, READ_, FAULTED(0) },
	{ "32 bits, an absent table, user", P32, { 0 }, WRITE, FAULTED(6),
	    .user = true },
	{ "PAE", PAE, PAE_WALK(LEAF), READ_, LEADS(0xA123) },
	{ "PAE, 2 MiB", PAE, { TABLE(1) | P, PS | PWU }, WRITE, LEADS(0x3123) },
	{ "PAE, PS in its first level is reserved", PAE,
	    { TABLE(1) | P | PS, DOWN(2), LEAF }, READ_, FAULTED(9) },
	{ "PAE, W in its first level is reserved", PAE,
	    { TABLE(1) | P | W, DOWN(2), LEAF }, READ_, FAULTED(9) },
	{ "PAE, reserved bits above", PAE, PAE_WALK(LEAF | 1ULL << 52),
	    READ_, FAULTED(9) },
	{ "PAE, NX", PAE, PAE_WALK(LEAF | NX), FETCH, FAULTED(0x11),
	    .efer = NXE },
	{ "PAE, NX without NXE", PAE, PAE_WALK(LEAF | NX), READ_, FAULTED(9) },
	{ "long mode", P64, LONG_WALK(LEAF), READ_, LEADS(0xA123) },
	{ "long mode, ignored bits", P64, LONG_WALK(LEAF | 1ULL << 52), WRITE,
	    LEADS(0xA123), .user = true },
	{ "long mode, 2 MiB", P64, { DOWN(1), DOWN(2), PS | PWU }, WRITE,
	    LEADS(0x3123) },
	{ "long mode, 1 GiB", P64, { DOWN(1), PS | PWU }, READ_, LEADS(0x3123),
	    .linear = 0x3123 },
	{ "long mode, reserved in 2 MiB", P64,
	    { DOWN(1), DOWN(2), PS | PWU | 1 << 13 }, READ_, FAULTED(9) },
	{ "long mode, reserved in 1 GiB", P64, { DOWN(1), PS | PWU | 1 << 29 },
	    READ_, FAULTED(9) },
	{ "long mode, PS at the top", P64, { DOWN(1) | PS, DOWN(2), DOWN(3),
	    LEAF }, READ_, FAULTED(9) },
	{ "long mode, absent at the top, user", P64, { 0 }, READ_, FAULTED(4),
	    .user = true },
	{ "long mode, absent", P64, LONG_WALK(0), WRITE, FAULTED(2) },
	{ "NX in the middle", P64, { DOWN(1), DOWN(2) | NX, DOWN(3), LEAF },
	    FETCH, FAULTED(0x15), .user = true, .efer = NXE },
	{ "NX does not hinder reads", P64, LONG_WALK(LEAF | NX), READ_,
	    LEADS(0xA123), .efer = NXE },
	{ "a fetch without NX and SMEP says nothing of it", P64,
	    LONG_WALK(PAGE_AT | P), FETCH, FAULTED(5), .user = true },
	{ "user, supervisor's page", P64, LONG_WALK(PAGE_AT | P | W), READ_,
	    FAULTED(5), .user = true },
	{ "user, supervisor's table", P64, { DOWN(1) & ~U, DOWN(2), DOWN(3),
	    LEAF }, READ_, FAULTED(5), .user = true },
	{ "user at CPL 3, but the system reads", P64, LONG_WALK(PAGE_AT | P),
	    READ_, LEADS(0xA123), .user = true, .system = true },
	{ "user writes read-only", P64, LONG_WALK(PAGE_AT | P | U), WRITE,
	    FAULTED(7), .user = true },
	{ "read-only in the middle", P64, { DOWN(1), DOWN(2) & ~W, DOWN(3),
	    LEAF }, WRITE, FAULTED(7), .user = true },
	{ "supervisor writes read-only without WP", P64,
	    LONG_WALK(PAGE_AT | P), WRITE, LEADS(0xA123) },
	{ "supervisor writes read-only with WP", P64, LONG_WALK(PAGE_AT | P),
	    WRITE, FAULTED(3), .cr0 = WP },
	{ "SMEP", P64, LONG_WALK(LEAF), FETCH, FAULTED(0x11), .cr4 = SMEP },
	{ "SMEP, user", P64, LONG_WALK(LEAF), FETCH, LEADS(0xA123), .cr4 = SMEP,
	    .user = true },
	{ "SMEP, supervisor's page", P64, LONG_WALK(PAGE_AT | P), FETCH,
	    LEADS(0xA123), .cr4 = SMEP },
	{ "SMAP", P64, LONG_WALK(LEAF), READ_, FAULTED(1), .cr4 = SMAP },
	{ "SMAP, fetch", P64, LONG_WALK(LEAF), FETCH, LEADS(0xA123),
	    .cr4 = SMAP },
	{ "SMAP with AC", P64, LONG_WALK(LEAF), WRITE, LEADS(0xA123),
	    .cr4 = SMAP, .flags = AC },
	{ "SMAP with AC, the system", P64, LONG_WALK(LEAF), WRITE, FAULTED(3),
	    .cr4 = SMAP, .flags = AC, .system = true },
	{ "a page in a hole", P64, LONG_WALK(0x20000 | PWU), WRITE,
	    STOPPED(0x20123), .stop = WRITE },
	{ "code in a hole", P64, LONG_WALK(0x20000 | PWU), FETCH,
	    STOPPED(0x20123), .stop = FETCH },
	{ "a table in a hole", P64, { DOWN(1), 0x20000 | PWU }, READ_,
	    STOPPED(0x20010) },
	{ "a table in read-only memory", P32, { READ_ONLY | PWU }, READ_,
	    STOPPED(READ_ONLY + 12), .stop = WRITE },
	{ "a page in read-only memory", P32, SHORT_WALK(READ_ONLY | PWU),
	    WRITE, STOPPED(READ_ONLY + 0x123), .stop = WRITE },
	{ "read from read-only memory", P32, SHORT_WALK(READ_ONLY | PWU),
	    READ_, LEADS(READ_ONLY + 0x123) },
	{ "tables that are their own", P64, { TABLE(0) | PWU, 0, 0, 0 },
	    READ_, LEADS(TABLE(0) + 0x123), .linear = 0x123 },
};

const size_t walk_nrows = ROWS(walk_rows);

static const struct {
	unsigned levels, bits, size;
} pagings[] = {
	[P32] = { 2, 10, 4 }, [PAE] = { 3, 9, 8 }, [P64] = { 4, 9, 8 },
	[NONE] = { 0, 0, 8 },
};

struct walker {
	struct guest guest;
	struct sim_entry entry;
	struct interp *ip;
};

uint8_t *
walk_entry_at(struct guest *guest, enum walk_paging paging, uint64_t linear,
    unsigned level)
{
	unsigned shift = 12 + (pagings[paging].levels - 1 - level) *
	    pagings[paging].bits;

	return guest->map.ram + TABLE(level) + (linear >> shift &
	    ((1U << pagings[paging].bits) - 1)) * pagings[paging].size;
}

unsigned
walk_levels(enum walk_paging paging)
{
	return pagings[paging].levels;
}

unsigned
walk_entry_size(enum walk_paging paging)
{
	return pagings[paging].size;
}

static uint64_t
entry_get(struct walker *walker, const struct walk_row *row, uint64_t linear,
    unsigned level)
{
	uint64_t value = 0;

	memcpy(&value, walk_entry_at(&walker->guest, row->paging, linear,
	    level), pagings[row->paging].size);
	return value;
}

static void
registers_set(struct guest *guest, const struct walk_row *row)
{
	struct sim_state *state = &guest->state;

	state->crs[SIM_CR_CR0] |= row->cr0 |
	    (row->paging != NONE ? SIM_CR0_PG : 0);
	state->crs[SIM_CR_CR3] = TABLE(0);
	state->crs[SIM_CR_CR4] |= row->cr4 |
	    (row->paging == PAE || row->paging == P64 ? SIM_CR4_PAE : 0);
	state->msrs[SIM_MSR_EFER] |= row->efer;
	state->gprs[SIM_GPR_RFLAGS] |= row->flags;
}

void
walk_guest_make(struct guest *guest, const struct walk_row *row,
    const uint8_t *bytes, size_t size)
{
	uint64_t linear = row->linear != 0 ? row->linear : WALK_LINEAR;
	unsigned i;

	guest_make(guest, row->paging == P64 ? LONG : PROT,
	    row->user ? 3 : 0, bytes, size);
	guest->map.read_only = READ_ONLY;
	registers_set(guest, row);
	for (i = 0; i < pagings[row->paging].levels; i++)
		memcpy(walk_entry_at(guest, row->paging, linear, i),
		    &row->entries[i], pagings[row->paging].size);
	/* For a table in read-only memory. */
	memset(guest->map.ram + READ_ONLY, 0x07, 0x20);
}

static struct walker *
walker_create(const struct walk_row *row)
{
	static const uint8_t nop[] = { 0x90 };
	struct walker *walker = calloc(1, sizeof(*walker));
	void *vcpu;

	ck_assert(walker != NULL);
	ck_assert_int_eq(sim_engine_interp.vcpu_create(&vcpu), 0);
	walker->ip = vcpu;
	walk_guest_make(&walker->guest, row, nop, sizeof(nop));
	walker->entry = (struct sim_entry){
		.state = &walker->guest.state, .map = &walker->guest.map,
	};
	interp_enter(walker->ip, &walker->entry);
	return walker;
}

static void
walker_destroy(struct walker *walker)
{
	sim_engine_interp.vcpu_destroy(walker->ip);
	free(walker);
}

/* Each level that was walked is accessed, the page perhaps dirty. */
static void
marks_check(struct walker *walker, const struct walk_row *row,
    uint64_t linear)
{
	unsigned levels = pagings[row->paging].levels, i;
	uint64_t want;

	for (i = 0; i < levels && row->entries[i] != 0; i++) {
		want = row->entries[i] | A;
		if (row->paging == PAE && i == 0)
			want = row->entries[i];
		if (row->kind == SIM_ACCESS_WRITE &&
		    (i + 1 == levels || row->entries[i + 1] == 0))
			want |= D;
		ck_assert_msg(entry_get(walker, row, linear, i) == want,
		    "%s: entry %u is %llx, not %llx", row->name, i,
		    (unsigned long long)entry_get(walker, row, linear, i),
		    (unsigned long long)want);
	}
}

START_TEST(walks_lead_where_their_rows_say)
{
	const struct walk_row *row = &walk_rows[_i];
	uint64_t linear = row->linear != 0 ? row->linear : WALK_LINEAR, gpa = 0;
	struct walker *walker = walker_create(row);
	struct interp *ip = walker->ip;
	uint8_t *host;
	bool done = interp_translate(ip, linear, 1, row->kind, row->system,
	    &host, &gpa);

	ck_assert_msg(done == (row->led == TO), "%s: abort %d", row->name,
	    done ? 0 : ip->abort);
	if (row->led == TO) {
		ck_assert_msg(gpa == row->result, "%s: %llx", row->name,
		    (unsigned long long)gpa);
		ck_assert_ptr_eq(host, walker->guest.map.ram + gpa);
		marks_check(walker, row, linear);
	} else if (row->led == FAULT) {
		ck_assert_int_eq(ip->abort, INTERP_ABORT_FAULT);
		ck_assert_int_eq(ip->fault.vector, INTERP_PF);
		ck_assert_msg(ip->fault.error == row->result, "%s: error %x",
		    row->name, ip->fault.error);
		ck_assert_uint_eq(ip->fault_address, linear);
	} else {
		ck_assert_int_eq(ip->abort, INTERP_ABORT_STOP);
		ck_assert_msg(ip->stop.u.mem.gpa == row->result &&
		    ip->stop.u.mem.access == row->stop, "%s: %llx, access %d",
		    row->name, (unsigned long long)ip->stop.u.mem.gpa,
		    ip->stop.u.mem.access);
	}
	walker_destroy(walker);
}
END_TEST

/* Whether a read still finds the page although its entry is gone. */
static bool
remembered(struct walker *walker)
{
	uint8_t *host;
	uint64_t gpa;

	return interp_translate(walker->ip, WALK_LINEAR, 1, SIM_ACCESS_READ, false,
	    &host, &gpa);
}

static void
flush_cr3(struct walker *walker)
{
	walker->guest.state.crs[SIM_CR_CR3] ^= 0x8;
	interp_enter(walker->ip, &walker->entry);
}

static void
flush_cr4(struct walker *walker)
{
	walker->guest.state.crs[SIM_CR_CR4] ^= SMEP;
	interp_enter(walker->ip, &walker->entry);
}

static void
flush_cr0(struct walker *walker)
{
	walker->guest.state.crs[SIM_CR_CR0] ^= WP;
	interp_enter(walker->ip, &walker->entry);
}

static void
flush_efer(struct walker *walker)
{
	walker->guest.state.msrs[SIM_MSR_EFER] ^= NXE;
	interp_enter(walker->ip, &walker->entry);
}

static void
flush_map(struct walker *walker)
{
	walker->guest.map.generation++;
	interp_enter(walker->ip, &walker->entry);
}

static void
flush_page(struct walker *walker)
{
	interp_tlb_flush_page(walker->ip, WALK_LINEAR);
}

static void
flush_nothing(struct walker *walker)
{
	interp_enter(walker->ip, &walker->entry);
}

static const struct {
	const char *name;
	void (*flush)(struct walker *walker);
	bool keeps, keeps_global;
} flushes[] = {
	{ "an entry with nothing changed", flush_nothing, true, true },
	{ "CR3", flush_cr3, false, true },
	{ "CR4", flush_cr4, false, false },
	{ "CR0", flush_cr0, false, false },
	{ "EFER", flush_efer, false, false },
	{ "other mappings", flush_map, false, false },
	{ "INVLPG", flush_page, false, false },
};

START_TEST(translations_last_until_they_are_flushed)
{
	static const struct walk_row local = { "", P64, LONG_WALK(LEAF),
	    .cr4 = PGE };
	static const struct walk_row global = { "", P64, LONG_WALK(LEAF | G),
	    .cr4 = PGE };
	static const struct walk_row disabled = { "", P64,
	    LONG_WALK(LEAF | G), .cr4 = 0 };
	static const struct walk_row *const rows[] = {
		&local, &global, &disabled
	};
	struct walker *walker;
	unsigned i;

	for (i = 0; i < 3; i++) {
		walker = walker_create(rows[i]);
		ck_assert(remembered(walker));
		memset(walk_entry_at(&walker->guest, P64, WALK_LINEAR, 3), 0,
		    8);
		flushes[_i].flush(walker);
		ck_assert_msg(remembered(walker) == (i == 1 ?
		    flushes[_i].keeps_global : flushes[_i].keeps), "%s, %u",
		    flushes[_i].name, i);
		walker_destroy(walker);
	}
}
END_TEST

Suite *
paging_suite(void)
{
	Suite *suite = suite_create("paging");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, walks_lead_where_their_rows_say, 0,
	    ROWS(walk_rows));
	tcase_add_loop_test(tcase, translations_last_until_they_are_flushed,
	    0, ROWS(flushes));
	suite_add_tcase(suite, tcase);
	return suite;
}
