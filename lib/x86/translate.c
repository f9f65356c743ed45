/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest-virtual to guest-physical addresses: the walk through the guest's
 * page tables (Intel SDM vol. 3, chapter 4; AMD APM vol. 2, chapter 5).
 *
 * Says where an address leads, not whether the processor would fault:
 * reserved bits are not judged, since MAXPHYADDR is the VMM's business, and
 * accessed and dirty bits are not set.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "x86.h"

#define CR0_PG		0x80000000
#define CR4_PSE		0x10
#define CR4_PAE		0x20
#define EFER_NXE	0x800

#define ENTRY_P		0x01
#define ENTRY_W		0x02
#define ENTRY_U		0x04
#define ENTRY_PS	0x80
#define ENTRY_NX	(UINT64_C(1) << 63)
#define ENTRY_FRAME	UINT64_C(0x000FFFFFFFFFF000)

/* One level of tables.  The index is bits of the address from shift up. */
struct level {
	uint8_t shift;
	uint8_t bits;
	bool large;	/* PS ends the walk here */
	bool rights;	/* the entry restricts W, U and X */
};

struct format {
	uint64_t root;	/* the bits of CR3 that are the first table's */
	uint8_t entry_size;
	uint8_t nlevels;
	struct level levels[4];
};

static const struct format format_32 = {
	.root = 0xFFFFF000, .entry_size = 4, .nlevels = 2,
	.levels = {
		{ 22, 10, false, true },
		{ 12, 10, false, true },
	},
};

static const struct format format_32_pse = {
	.root = 0xFFFFF000, .entry_size = 4, .nlevels = 2,
	.levels = {
		{ 22, 10, true, true },
		{ 12, 10, false, true },
	},
};

/* The four entries of the first table have neither W, U nor NX. */
static const struct format format_pae = {
	.root = 0xFFFFFFE0, .entry_size = 8, .nlevels = 3,
	.levels = {
		{ 30, 2, false, false },
		{ 21, 9, true, true },
		{ 12, 9, false, true },
	},
};

static const struct format format_long = {
	.root = ENTRY_FRAME, .entry_size = 8, .nlevels = 4,
	.levels = {
		{ 39, 9, false, true },
		{ 30, 9, true, true },
		{ 21, 9, true, true },
		{ 12, 9, false, true },
	},
};

/* The format that paging uses; NULL when the guest's state is impossible. */
static const struct format *
format_of(const struct nvmm_vcpu_state *state)
{
	uint64_t cr4 = state->crs[NVMM_X64_CR_CR4];

	if (libnvmm_x86_long_mode(state))
		return cr4 & CR4_PAE ? &format_long : NULL;
	if (cr4 & CR4_PAE)
		return &format_pae;
	return cr4 & CR4_PSE ? &format_32_pse : &format_32;
}

/* Can the guest form this address: canonical, or 32 bits. */
static bool
address_valid(const struct format *format, gvaddr_t gva)
{
	uint64_t top = gva >> 47;

	if (format == &format_long)
		return top == 0 || top == 0x1FFFF;
	return gva <= UINT32_MAX;
}

/* Read once: the guest may change it at any time. */
static bool
entry_read(struct nvmm_machine *mach, gpaddr_t gpa, size_t size,
    uint64_t *entry)
{
	struct libnvmm_area area;
	uint8_t bytes[8];

	if (!libnvmm_area_find(mach, gpa, &area) ||
	    !(area.prot & NVMM_PROT_READ) ||
	    area.size - (size_t)(gpa - area.gpa) < size)
		return false;
	memcpy(bytes, (const uint8_t *)area.hva + (gpa - area.gpa), size);
	*entry = libnvmm_x86_get_le(bytes, size);
	return true;
}

/* Without EFER.NXE bit 63 says nothing about execution. */
static nvmm_prot_t
entry_rights(const struct nvmm_vcpu_state *state, uint64_t entry)
{
	nvmm_prot_t rights = NVMM_PROT_ALL;

	if (!(entry & ENTRY_W))
		rights &= ~(nvmm_prot_t)NVMM_PROT_WRITE;
	if (!(entry & ENTRY_U))
		rights &= ~(nvmm_prot_t)NVMM_PROT_USER;
	if ((entry & ENTRY_NX) && (state->msrs[NVMM_X64_MSR_EFER] & EFER_NXE))
		rights &= ~(nvmm_prot_t)NVMM_PROT_EXEC;
	return rights;
}

/* PSE-36: bits 20 to 13 of a 4 MB entry are bits 39 to 32 of the frame. */
static uint64_t
entry_frame(const struct format *format, const struct level *level,
    uint64_t entry)
{
	uint64_t offset_mask = (UINT64_C(1) << level->shift) - 1;
	uint64_t frame = entry & ENTRY_FRAME & ~offset_mask;

	if (format == &format_32_pse && level->large)
		frame |= (entry >> 13 & 0xFF) << 32;
	return frame;
}

static bool
walk(struct nvmm_machine *mach, const struct nvmm_vcpu_state *state,
    gvaddr_t gva, gpaddr_t *gpa, nvmm_prot_t *prot)
{
	const struct format *format = format_of(state);
	const struct level *level;
	nvmm_prot_t rights = NVMM_PROT_ALL;
	uint64_t table, entry, index;

	if (format == NULL || !address_valid(format, gva))
		return false;
	table = state->crs[NVMM_X64_CR_CR3] & format->root;
	for (level = format->levels;; level++) {
		index = gva >> level->shift &
		    ((UINT64_C(1) << level->bits) - 1);
		if (!entry_read(mach, table + index * format->entry_size,
		    format->entry_size, &entry) || !(entry & ENTRY_P))
			return false;
		if (level->rights)
			rights &= entry_rights(state, entry);
		if (level == &format->levels[format->nlevels - 1] ||
		    (level->large && (entry & ENTRY_PS)))
			break;
		table = entry & ENTRY_FRAME;
	}
	*gpa = entry_frame(format, level, entry) |
	    (gva & ((UINT64_C(1) << level->shift) - 1));
	*prot = rights;
	return true;
}

int
libnvmm_x86_translate(struct nvmm_machine *mach,
    const struct nvmm_vcpu_state *state, gvaddr_t gva, gpaddr_t *gpa,
    nvmm_prot_t *prot)
{
	if (!(state->crs[NVMM_X64_CR_CR0] & CR0_PG)) {
		*gpa = gva;
		*prot = NVMM_PROT_ALL;
		return 0;
	}
	if (walk(mach, state, gva, gpa, prot))
		return 0;
	errno = EFAULT;
	return -1;
}

int
nvmm_gva_to_gpa(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    gvaddr_t gva, gpaddr_t *gpa, nvmm_prot_t *prot)
{
	if (libnvmm_vcpu_check(mach, vcpu) == -1 ||
	    nvmm_vcpu_getstate(mach, vcpu,
	    NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS) == -1)
		return -1;
	return libnvmm_x86_translate(mach, vcpu->state, gva, gpa, prot);
}
