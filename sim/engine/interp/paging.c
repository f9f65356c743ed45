/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From linear to guest-physical addresses: no paging, 32-bit, PAE and 4-level
 * tables, rights, accessed and dirty bits, and the TLB (Intel SDM vol. 3,
 * chapter 4; AMD APM vol. 2, chapter 5).
 */
#include <stdatomic.h>

#include "engine/interp/interp.h"

#define PAGE_MASK	0xFFFULL

/* Bits of an entry. */
#define PTE_P		0x001ULL
#define PTE_W		0x002ULL
#define PTE_U		0x004ULL
#define PTE_A		0x020ULL
#define PTE_D		0x040ULL
#define PTE_PS		0x080ULL
#define PTE_G		0x100ULL
#define PTE_NX		(1ULL << 63)
#define PTE_ADDRESS	0x000FFFFFFFFFF000ULL

/* Bits of a page fault's error code. */
#define PF_PRESENT	0x01U
#define PF_WRITE	0x02U
#define PF_USER		0x04U
#define PF_RESERVED	0x08U
#define PF_FETCH	0x10U

#define CR0_WP		0x00010000ULL
#define CR4_PSE		0x00000010ULL
#define CR4_PGE		0x00000080ULL
#define CR4_SMEP	0x00100000ULL
#define CR4_SMAP	0x00200000ULL
#define EFER_NXE	0x00000800ULL

/* How tables of a mode are laid out. */
struct mode {
	uint8_t levels;
	uint8_t entry_size;	/* bytes */
	uint8_t index_bits;	/* of all levels but the top one of PAE */
	uint8_t top_bits;
	uint64_t root_mask;	/* of CR3 */
};
static const struct mode mode_32 = { 2, 4, 10, 10, 0xFFFFF000 };
static const struct mode mode_pae = { 3, 8, 9, 2, 0xFFFFFFE0 };
static const struct mode mode_4_level = { 4, 8, 9, 9, PTE_ADDRESS };

/* A walk: what it is for, and what the levels have allowed so far. */
struct walk {
	struct interp *ip;
	const struct mode *mode;
	uint64_t linear;
	enum sim_access kind;
	bool user;
	bool system;		/* implicit: SMAP is not lifted by AC */
	bool writable, for_users, executable;
	uint64_t entry;		/* the last one read */
	uint64_t entry_gpa;
};

static uint64_t
cr4(const struct interp *ip)
{
	return ip->state->crs[SIM_CR_CR4];
}

static bool
nx_enabled(const struct interp *ip)
{
	return ip->state->msrs[SIM_MSR_EFER] & EFER_NXE;
}

static const struct mode *
mode_of(const struct interp *ip)
{
	if ((cr4(ip) & SIM_CR4_PAE) == 0)
		return &mode_32;
	return interp_long(ip) ? &mode_4_level : &mode_pae;
}

static bool
walk_fault(const struct walk *walk, uint32_t error)
{
	if (walk->kind == SIM_ACCESS_WRITE)
		error |= PF_WRITE;
	if (walk->user)
		error |= PF_USER;
	/* Told only where fetches can be refused at all. */
	if (walk->kind == SIM_ACCESS_EXEC && (nx_enabled(walk->ip) ||
	    (cr4(walk->ip) & CR4_SMEP)))
		error |= PF_FETCH;
	return interp_page_fault(walk->ip, walk->linear, error);
}

/* The place of an entry, for reading or for setting its bits. */
static void *
entry_place(struct walk *walk, int prot)
{
	size_t size;
	void *place = sim_map_access(walk->ip->map, walk->entry_gpa, prot,
	    &size);

	if (place == NULL)
		(void)interp_stop_memory(walk->ip,
		    prot & SIM_PROT_WRITE ? SIM_ACCESS_WRITE :
		    SIM_ACCESS_READ, walk->entry_gpa,
		    walk->mode->entry_size, true);
	return place;
}

static bool
entry_read(struct walk *walk)
{
	void *place = entry_place(walk, SIM_PROT_READ);

	if (place == NULL)
		return false;
	if (walk->mode->entry_size == 4)
		walk->entry = atomic_load_explicit((_Atomic uint32_t *)place,
		    memory_order_relaxed);
	else
		walk->entry = atomic_load_explicit((_Atomic uint64_t *)place,
		    memory_order_relaxed);
	return true;
}

/* Other processors may change the entry meanwhile: bits are or'ed in. */
static bool
entry_mark(struct walk *walk, uint64_t bits)
{
	void *place;

	if ((walk->entry & bits) == bits)
		return true;
	place = entry_place(walk, SIM_PROT_READ | SIM_PROT_WRITE);
	if (place == NULL)
		return false;
	if (walk->mode->entry_size == 4)
		atomic_fetch_or((_Atomic uint32_t *)place, (uint32_t)bits);
	else
		atomic_fetch_or((_Atomic uint64_t *)place, bits);
	sim_map_written(walk->ip->map, walk->entry_gpa,
	    walk->mode->entry_size);
	return true;
}

/* Bits that must be 0 in this entry; level counts from 1, the last. */
static uint64_t
reserved_bits(const struct walk *walk, unsigned level, bool leaf)
{
	uint64_t bits = 0;

	if (walk->mode->entry_size == 4)
		return leaf && level == 2 ? 1ULL << 21 : 0;
	if (!nx_enabled(walk->ip))
		bits |= PTE_NX;
	if (walk->mode == &mode_pae && level == 3)
		return ~(PTE_ADDRESS | 0xE19ULL);
	if (leaf && level == 2)
		bits |= 0x1FE000ULL;
	if (leaf && level == 3)
		bits |= 0x3FFFE000ULL;
	if (level == 4)
		bits |= PTE_PS;
	if (walk->mode == &mode_pae)
		bits |= 0x7FF0000000000000ULL;
	return bits;
}

/* Which levels can end in a large page. */
static bool
is_leaf(const struct walk *walk, unsigned level)
{
	if (level == 1)
		return true;
	if ((walk->entry & PTE_PS) == 0)
		return false;
	if (walk->mode == &mode_32)
		return cr4(walk->ip) & CR4_PSE;
	return level == 2 || (level == 3 && walk->mode == &mode_4_level);
}

static unsigned
level_shift(const struct walk *walk, unsigned level)
{
	return 12 + (level - 1) * walk->mode->index_bits;
}

/* What an entry allows, down to here. */
static void
rights_narrow(struct walk *walk, unsigned level)
{
	/* PAE's four topmost entries have no rights. */
	if (walk->mode == &mode_pae && level == 3)
		return;
	walk->writable &= (walk->entry & PTE_W) != 0;
	walk->for_users &= (walk->entry & PTE_U) != 0;
	if (walk->mode->entry_size == 8 && (walk->entry & PTE_NX))
		walk->executable = false;
}

static bool
rights_suffice(const struct walk *walk)
{
	const struct interp *ip = walk->ip;
	bool ac = (interp_flags(ip) & INTERP_AC_FLAG) && !walk->system;

	if (walk->kind == SIM_ACCESS_EXEC && !walk->executable)
		return false;
	if (walk->user)
		return walk->for_users &&
		    (walk->kind != SIM_ACCESS_WRITE || walk->writable);
	if (walk->for_users && walk->kind == SIM_ACCESS_EXEC &&
	    (cr4(ip) & CR4_SMEP))
		return false;
	if (walk->for_users && walk->kind != SIM_ACCESS_EXEC &&
	    (cr4(ip) & CR4_SMAP) && !ac)
		return false;
	return walk->kind != SIM_ACCESS_WRITE || walk->writable ||
	    (ip->state->crs[SIM_CR_CR0] & CR0_WP) == 0;
}

/* The page that a leaf maps, and where in it the address is. */
static uint64_t
leaf_gpa(const struct walk *walk, unsigned level)
{
	uint64_t offset = (1ULL << level_shift(walk, level)) - 1;
	uint64_t base = walk->entry & PTE_ADDRESS & ~offset;

	/* PSE-36: bits 20-13 are 39-32 of the address. */
	if (walk->mode == &mode_32 && level == 2)
		base = (walk->entry & 0xFFC00000) |
		    (walk->entry & 0x1FE000) << 19;
	return base | (walk->linear & offset);
}

/* One level: the entry is read, checked and marked.  *leaf: the last. */
static bool
level_walk(struct walk *walk, unsigned level, bool *leaf)
{
	uint64_t mark = PTE_A;

	if (!entry_read(walk))
		return false;
	if ((walk->entry & PTE_P) == 0)
		return walk_fault(walk, 0);
	*leaf = is_leaf(walk, level);
	if (walk->entry & reserved_bits(walk, level, *leaf))
		return walk_fault(walk, PF_PRESENT | PF_RESERVED);
	rights_narrow(walk, level);
	if (*leaf && !rights_suffice(walk))
		return walk_fault(walk, PF_PRESENT);
	if (*leaf && walk->kind == SIM_ACCESS_WRITE)
		mark |= PTE_D;
	if (walk->mode == &mode_pae && level == 3)
		return true;
	return entry_mark(walk, mark);
}

static bool
tables_walk(struct walk *walk, uint64_t *gpa)
{
	const struct mode *mode = walk->mode;
	uint64_t table = walk->ip->state->crs[SIM_CR_CR3] & mode->root_mask;
	unsigned level, bits;
	bool leaf = false;
	uint64_t index;

	for (level = mode->levels; !leaf; level--) {
		bits = level == mode->levels ? mode->top_bits :
		    mode->index_bits;
		index = walk->linear >> level_shift(walk, level) &
		    ((1ULL << bits) - 1);
		walk->entry_gpa = table + index * mode->entry_size;
		if (!level_walk(walk, level, &leaf))
			return false;
		if (leaf)
			*gpa = leaf_gpa(walk, level);
		table = walk->entry & PTE_ADDRESS;
	}
	return true;
}

static struct interp_tlb *
tlb_place(struct interp *ip, enum sim_access kind, uint64_t linear)
{
	return &ip->tlb[kind][(linear >> 12) % INTERP_TLB_SETS];
}

static const int prots[] = {
	[SIM_ACCESS_READ] = SIM_PROT_READ,
	[SIM_ACCESS_WRITE] = SIM_PROT_WRITE,
	[SIM_ACCESS_EXEC] = SIM_PROT_EXEC,
};

/*
 * What the tables allowed, memory must have too.  A supervisor's access to a
 * user page under SMAP depends on RFLAGS.AC and is looked up each time.
 */
static bool
translated(const struct walk *walk, unsigned size, uint64_t gpa, bool paged,
    uint8_t **host)
{
	struct interp *ip = walk->ip;
	struct interp_tlb *tlb = tlb_place(ip, walk->kind, walk->linear);
	uint8_t *page;
	size_t length;

	page = sim_map_access(ip->map, gpa & ~PAGE_MASK, prots[walk->kind],
	    &length);
	if (page == NULL)
		return interp_stop_memory(ip, walk->kind, gpa, size, false);
	*host = page + (gpa & PAGE_MASK);
	if (!walk->user && walk->for_users && (cr4(ip) & CR4_SMAP) && paged)
		return true;
	tlb->tag = (walk->linear & ~PAGE_MASK) | walk->user;
	tlb->gpa = gpa & ~PAGE_MASK;
	tlb->host = page;
	tlb->global = paged && (walk->entry & PTE_G) && (cr4(ip) & CR4_PGE);
	return true;
}

bool
interp_translate(struct interp *ip, uint64_t linear, unsigned size,
    enum sim_access kind, bool system, uint8_t **host, uint64_t *gpa)
{
	const struct interp_tlb *tlb = tlb_place(ip, kind, linear);
	bool user = ip->user && !system;
	bool paged = ip->state->crs[SIM_CR_CR0] & SIM_CR0_PG;
	struct walk walk;

	if (tlb->tag == ((linear & ~PAGE_MASK) | user)) {
		*gpa = tlb->gpa | (linear & PAGE_MASK);
		*host = tlb->host + (linear & PAGE_MASK);
		return true;
	}
	walk = (struct walk){
		.ip = ip, .mode = mode_of(ip), .linear = linear, .kind = kind,
		.user = user, .system = system, .writable = true,
		.for_users = true, .executable = true,
	};
	*gpa = linear;
	if (paged && !tables_walk(&walk, gpa))
		return false;
	return translated(&walk, size, *gpa, paged, host);
}

void
interp_tlb_flush(struct interp *ip, bool global_too)
{
	unsigned kind, i;

	ip->code.tag = ~0ULL;
	for (kind = 0; kind < 3; kind++) {
		for (i = 0; i < INTERP_TLB_SETS; i++) {
			if (global_too || !ip->tlb[kind][i].global)
				ip->tlb[kind][i].tag = ~0ULL;
		}
	}
}

/* Global ones too (INVLPG). */
void
interp_tlb_flush_page(struct interp *ip, uint64_t linear)
{
	unsigned kind;

	ip->code.tag = ~0ULL;
	for (kind = 0; kind < 3; kind++)
		tlb_place(ip, (enum sim_access)kind, linear)->tag = ~0ULL;
}
