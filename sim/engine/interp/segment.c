/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segmentation: what mode the processor is in, linear addresses through the
 * hidden parts of segment registers, descriptors and loads of data segments
 * (Intel SDM vol. 3, chapters 3 and 5; AMD APM vol. 2, chapter 4).
 */
#include "engine/interp/far.h"

#define SELECTOR_INDEX	0xFFF8U

/* What VM86 makes of every segment: writable data, DPL 3, present. */
#define VM86_ATTRIB	0x00F3U

bool
interp_vm86(const struct interp *ip)
{
	return (ip->state->crs[SIM_CR_CR0] & SIM_CR0_PE) &&
	    (interp_flags(ip) & INTERP_VM) && !interp_long(ip);
}

bool
interp_protected(const struct interp *ip)
{
	return (ip->state->crs[SIM_CR_CR0] & SIM_CR0_PE) && !interp_vm86(ip);
}

bool
interp_long(const struct interp *ip)
{
	return ip->state->msrs[SIM_MSR_EFER] & SIM_EFER_LMA;
}

bool
interp_code64(const struct interp *ip)
{
	return interp_long(ip) &&
	    (ip->state->segs[SIM_SEG_CS].attrib & SIM_ATTRIB_L);
}

unsigned
interp_iopl(const struct interp *ip)
{
	return (unsigned)(interp_flags(ip) & INTERP_IOPL) >> 12;
}

bool
interp_canonical(uint64_t linear)
{
	/* Bits 63 to 47 are all alike. */
	return linear + (1ULL << 47) < 1ULL << 48;
}

/* Whether a present segment of this type can be read or written at all. */
static bool
type_allows(const struct sim_seg *seg, enum sim_access access)
{
	unsigned type = seg->attrib & SIM_ATTRIB_TYPE;

	switch (access) {
	case SIM_ACCESS_READ:
		return (type & TYPE_CODE) == 0 || (type & TYPE_READABLE);
	case SIM_ACCESS_WRITE:
		return (type & TYPE_CODE) == 0 && (type & TYPE_WRITABLE);
	default:
		return true;
	}
}

/* Whether size bytes at offset are within the limit. */
static bool
limit_allows(const struct sim_seg *seg, uint64_t offset, unsigned size,
    enum sim_access access)
{
	unsigned type = seg->attrib & (TYPE_CODE | TYPE_DOWN);
	uint64_t last = offset + size - 1, top;

	if (type != TYPE_DOWN || access == SIM_ACCESS_EXEC)
		return last <= seg->limit;
	top = seg->attrib & SIM_ATTRIB_DEF ? 0xFFFFFFFF : 0xFFFF;
	return offset > seg->limit && last <= top;
}

static bool
linear_64(struct interp *ip, enum sim_seg_index seg, uint64_t offset,
    unsigned size, uint64_t *linear)
{
	*linear = offset;
	if (seg == SIM_SEG_FS || seg == SIM_SEG_GS)
		*linear += ip->state->segs[seg].base;
	if (!interp_canonical(*linear) ||
	    !interp_canonical(*linear + size - 1))
		return interp_fault_code(ip,
		    seg == SIM_SEG_SS ? INTERP_SS : INTERP_GP, 0);
	return true;
}

bool
interp_linear_in(struct interp *ip, const struct sim_seg *hidden,
    uint64_t offset, unsigned size, enum sim_access access, unsigned vector,
    uint32_t error, uint64_t *linear)
{
	if (interp_protected(ip) && ((hidden->attrib & SIM_ATTRIB_P) == 0 ||
	    !type_allows(hidden, access)))
		return interp_fault_code(ip, vector, error);
	if (!limit_allows(hidden, offset, size, access))
		return interp_fault_code(ip, vector, error);
	*linear = (hidden->base + offset) & 0xFFFFFFFF;
	return true;
}

bool
interp_linear(struct interp *ip, enum sim_seg_index seg, uint64_t offset,
    unsigned size, enum sim_access access, uint64_t *linear)
{
	if (ip->code_size == 8)
		return linear_64(ip, seg, offset, size, linear);
	return interp_linear_in(ip, &ip->state->segs[seg], offset, size,
	    access, seg == SIM_SEG_SS ? INTERP_SS : INTERP_GP, 0, linear);
}

/* --- descriptors --- */

/* The table that a selector means: NULL if there is none. */
static const struct sim_seg *
table_of(const struct interp *ip, uint16_t selector)
{
	const struct sim_seg *ldt = &ip->state->segs[SIM_SEG_LDT];

	if ((selector & SELECTOR_LDT) == 0)
		return &ip->state->segs[SIM_SEG_GDT];
	return ldt->attrib & SIM_ATTRIB_P ? ldt : NULL;
}

bool
interp_descriptor_read(struct interp *ip, uint16_t selector, unsigned vector,
    bool wide, struct interp_descriptor *descriptor)
{
	const struct sim_seg *table = table_of(ip, selector);
	uint32_t offset = selector & SELECTOR_INDEX;

	*descriptor = (struct interp_descriptor){ 0 };
	if (table == NULL || offset + (wide ? 15 : 7) > table->limit)
		return interp_fault_code(ip, vector,
		    selector & ~SELECTOR_RPL);
	descriptor->linear = table->base + offset;
	if (!interp_read_system(ip, descriptor->linear, 8, &descriptor->low))
		return false;
	return !wide || interp_read_system(ip, descriptor->linear + 8, 8,
	    &descriptor->high);
}

/* Several processors may share the table: the bit is or'ed in. */
bool
interp_descriptor_mark(struct interp *ip,
    const struct interp_descriptor *descriptor, uint64_t bit)
{
	struct interp_access access;
	uint64_t old;

	if ((descriptor->low & bit) == bit)
		return true;
	if (!interp_access_linear(ip, descriptor->linear, 8, SIM_ACCESS_WRITE,
	    true, &access))
		return false;
	do {
		old = interp_load(&access);
	} while (!interp_store_if(ip, &access, old, old | bit));
	return true;
}

struct sim_seg
interp_descriptor_seg(uint16_t selector,
    const struct interp_descriptor *descriptor)
{
	uint64_t low = descriptor->low;
	struct sim_seg seg = {
		.selector = selector,
		/* Bits 8-11 of the high attributes stand behind the limit. */
		.attrib = (uint16_t)((low >> 40 & 0xFF) |
		    (low >> 52 & 0xF) << 8),
		.limit = (uint32_t)((low & 0xFFFF) | (low >> 32 & 0xF0000)),
		.base = (low >> 16 & 0xFFFFFF) | (low >> 32 & 0xFF000000),
	};

	if (seg.attrib & SIM_ATTRIB_G)
		seg.limit = seg.limit << 12 | 0xFFF;
	/* A system descriptor of long mode goes on for 8 bytes. */
	if ((seg.attrib & SIM_ATTRIB_S) == 0)
		seg.base |= descriptor->high << 32;
	return seg;
}

/* --- loads of data segments --- */

/* Real mode and VM86: limit and attributes stay, or are VM86's only ones. */
static void
load_real(struct interp *ip, enum sim_seg_index seg, uint16_t selector)
{
	struct sim_seg *hidden = &ip->state->segs[seg];

	hidden->selector = selector;
	hidden->base = (uint64_t)selector << 4;
	if (interp_vm86(ip)) {
		hidden->limit = 0xFFFF;
		hidden->attrib = VM86_ATTRIB;
	}
}

/*
 * A null selector makes a segment that cannot be used; as a stack only
 * 64-bit code can, which does not look at it.
 */
static bool
load_null(struct interp *ip, enum sim_seg_index seg, uint16_t selector)
{
	uint16_t attrib = 0;

	if (seg == SIM_SEG_SS) {
		if (!interp_code64(ip) || ip->cpl == 3 ||
		    (selector & SELECTOR_RPL) != ip->cpl)
			return interp_fault_code(ip, INTERP_GP, 0);
		/* CPL is kept there. */
		attrib = (uint16_t)(ip->cpl << SIM_ATTRIB_DPL_SHIFT);
	}
	ip->state->segs[seg] = (struct sim_seg){
		.selector = selector, .attrib = attrib,
	};
	return true;
}

static bool
stack_usable(const struct interp *ip, const struct sim_seg *seg)
{
	unsigned type = seg->attrib & SIM_ATTRIB_TYPE;

	return (seg->attrib & SIM_ATTRIB_S) && (type & TYPE_CODE) == 0 &&
	    (type & TYPE_WRITABLE) && interp_seg_dpl(seg) == ip->cpl &&
	    (seg->selector & SELECTOR_RPL) == ip->cpl;
}

static bool
data_usable(const struct interp *ip, const struct sim_seg *seg)
{
	unsigned type = seg->attrib & SIM_ATTRIB_TYPE;
	unsigned rpl = seg->selector & SELECTOR_RPL;

	if ((seg->attrib & SIM_ATTRIB_S) == 0 ||
	    !type_allows(seg, SIM_ACCESS_READ))
		return false;
	if ((type & TYPE_CODE) && (type & TYPE_CONFORMING))
		return true;
	return rpl <= interp_seg_dpl(seg) && ip->cpl <= interp_seg_dpl(seg);
}

bool
interp_seg_load(struct interp *ip, enum sim_seg_index seg, uint16_t selector)
{
	struct interp_descriptor descriptor;
	struct sim_seg loaded;

	if (!interp_protected(ip)) {
		load_real(ip, seg, selector);
		return true;
	}
	if ((selector & ~SELECTOR_RPL) == 0)
		return load_null(ip, seg, selector);
	if (!interp_descriptor_read(ip, selector, INTERP_GP, false,
	    &descriptor))
		return false;
	loaded = interp_descriptor_seg(selector, &descriptor);
	if (seg == SIM_SEG_SS ? !stack_usable(ip, &loaded) :
	    !data_usable(ip, &loaded))
		return interp_fault_code(ip, INTERP_GP,
		    selector & ~SELECTOR_RPL);
	if ((loaded.attrib & SIM_ATTRIB_P) == 0)
		return interp_fault_code(ip,
		    seg == SIM_SEG_SS ? INTERP_SS : INTERP_NP,
		    selector & ~SELECTOR_RPL);
	if (!interp_descriptor_mark(ip, &descriptor, DESCRIPTOR_ACCESSED))
		return false;
	loaded.attrib |= TYPE_ACCESSED;
	ip->state->segs[seg] = loaded;
	return true;
}
