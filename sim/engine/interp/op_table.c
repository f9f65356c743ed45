/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registers of descriptor tables and of the task, and looks at
 * descriptors that never fault (Intel SDM vol. 3, 2.4 and 5.10).
 */
#include <Zydis/Zydis.h>

#include "engine/interp/far.h"

#define CR4_UMIP	0x800ULL

#define BIT(type)	(1U << (type))

/* System types that LAR and LSL know; long mode has fewer. */
#define LSL_LEGACY							\
	(BIT(TYPE_TSS_16) | BIT(TYPE_TSS_16 | TYPE_BUSY) | LSL_LONG)
#define LSL_LONG							\
	(BIT(TYPE_LDT) | BIT(TYPE_TSS_32) | BIT(TYPE_TSS_32 | TYPE_BUSY))
#define LAR_LEGACY							\
	(LSL_LEGACY | BIT(TYPE_CALL_16) | BIT(TYPE_TASK) | BIT(TYPE_CALL_32))
#define LAR_LONG	(LSL_LONG | BIT(TYPE_CALL_32))

static bool
supervisor(struct interp *ip)
{
	return ip->cpl == 0 || interp_fault_code(ip, INTERP_GP, 0);
}

/* Where the tables are is nobody's business under UMIP. */
static bool
may_look(struct interp *ip)
{
	if (ip->cpl > 0 && (ip->state->crs[SIM_CR_CR4] & CR4_UMIP))
		return interp_fault_code(ip, INTERP_GP, 0);
	return true;
}

static bool
protected_only(struct interp *ip)
{
	return interp_protected(ip) || interp_fault(ip, INTERP_UD);
}

/* --- GDTR and IDTR: a limit of 2 bytes, then a base --- */

static bool
table_access(struct interp *ip, const struct interp_insn *insn,
    enum sim_access kind, struct interp_access *access)
{
	return interp_access(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), ip->code_size == 8 ? 10 : 6, kind,
	    access);
}

static bool
table_load(struct interp *ip, const struct interp_insn *insn,
    struct sim_seg *table)
{
	struct interp_access access;
	uint8_t bytes[10] = { 0 };
	uint64_t base = 0;
	unsigned i;

	if (!supervisor(ip) ||
	    !table_access(ip, insn, SIM_ACCESS_READ, &access))
		return false;
	interp_load_bytes(&access, bytes);
	for (i = 0; i < 8; i++)
		base |= (uint64_t)bytes[2 + i] << (i * 8);
	if (ip->code_size != 8 && insn->operand_size == 2)
		base &= 0xFFFFFF;
	if (!interp_canonical(base))
		return interp_fault_code(ip, INTERP_GP, 0);
	table->limit = (uint32_t)(bytes[0] | bytes[1] << 8);
	table->base = base;
	return true;
}

/* All of the base is stored, whatever the operand size. */
static bool
table_store(struct interp *ip, const struct interp_insn *insn,
    const struct sim_seg *table)
{
	struct interp_access access;
	uint8_t bytes[10];
	unsigned i;

	if (!may_look(ip) ||
	    !table_access(ip, insn, SIM_ACCESS_WRITE, &access))
		return false;
	bytes[0] = (uint8_t)table->limit;
	bytes[1] = (uint8_t)(table->limit >> 8);
	for (i = 0; i < 8; i++)
		bytes[2 + i] = (uint8_t)(table->base >> (i * 8));
	interp_store_bytes(ip, &access, bytes);
	return true;
}

static bool
op_lgdt(struct interp *ip, const struct interp_insn *insn)
{
	return table_load(ip, insn, &ip->state->segs[SIM_SEG_GDT]);
}

static bool
op_lidt(struct interp *ip, const struct interp_insn *insn)
{
	return table_load(ip, insn, &ip->state->segs[SIM_SEG_IDT]);
}

static bool
op_sgdt(struct interp *ip, const struct interp_insn *insn)
{
	return table_store(ip, insn, &ip->state->segs[SIM_SEG_GDT]);
}

static bool
op_sidt(struct interp *ip, const struct interp_insn *insn)
{
	return table_store(ip, insn, &ip->state->segs[SIM_SEG_IDT]);
}

/* --- LDTR and TR --- */

static bool
op_sldt(struct interp *ip, const struct interp_insn *insn)
{
	return protected_only(ip) && may_look(ip) && interp_put(ip, insn, 0,
	    ip->state->segs[SIM_SEG_LDT].selector);
}

static bool
op_str(struct interp *ip, const struct interp_insn *insn)
{
	return protected_only(ip) && may_look(ip) && interp_put(ip, insn, 0,
	    ip->state->segs[SIM_SEG_TR].selector);
}

/* The descriptor of an LDT or TSS, of one of the types given. */
static bool
system_read(struct interp *ip, uint16_t selector, unsigned types,
    struct interp_descriptor *descriptor, struct sim_seg *seg)
{
	uint32_t error = interp_selector_error(selector);

	if (selector & SELECTOR_LDT)
		return interp_fault_code(ip, INTERP_GP, error);
	if (!interp_descriptor_read(ip, selector, INTERP_GP, interp_long(ip),
	    descriptor))
		return false;
	*seg = interp_descriptor_seg(selector, descriptor);
	if ((seg->attrib & SIM_ATTRIB_S) ||
	    (types & BIT(interp_seg_type(seg))) == 0 ||
	    !interp_canonical(seg->base))
		return interp_fault_code(ip, INTERP_GP, error);
	if ((seg->attrib & SIM_ATTRIB_P) == 0)
		return interp_fault_code(ip, INTERP_NP, error);
	return true;
}

static bool
op_lldt(struct interp *ip, const struct interp_insn *insn)
{
	struct interp_descriptor descriptor;
	uint64_t selector;
	struct sim_seg seg = { 0 };

	if (!protected_only(ip) || !supervisor(ip) ||
	    !interp_get(ip, insn, 0, &selector))
		return false;
	selector &= 0xFFFF;
	seg.selector = (uint16_t)selector;
	if ((selector & ~(uint64_t)SELECTOR_RPL) != 0 && !system_read(ip,
	    (uint16_t)selector, BIT(TYPE_LDT), &descriptor, &seg))
		return false;
	ip->state->segs[SIM_SEG_LDT] = seg;
	return true;
}

static bool
op_ltr(struct interp *ip, const struct interp_insn *insn)
{
	unsigned types = BIT(TYPE_TSS_32) |
	    (interp_long(ip) ? 0 : BIT(TYPE_TSS_16));
	struct interp_descriptor descriptor;
	uint64_t selector;
	struct sim_seg seg;

	if (!protected_only(ip) || !supervisor(ip) ||
	    !interp_get(ip, insn, 0, &selector))
		return false;
	selector &= 0xFFFF;
	if ((selector & ~(uint64_t)SELECTOR_RPL) == 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!system_read(ip, (uint16_t)selector, types, &descriptor, &seg) ||
	    !interp_descriptor_mark(ip, &descriptor, DESCRIPTOR_BUSY))
		return false;
	seg.attrib |= TYPE_BUSY;
	ip->state->segs[SIM_SEG_TR] = seg;
	return true;
}

/* --- looks: the answer is ZF, and only the tables' pages can fault --- */

struct look {
	bool found;
	struct interp_descriptor descriptor;
	struct sim_seg seg;
};

static bool
look_at(struct interp *ip, uint64_t selector, struct look *look)
{
	look->found = false;
	if ((selector & 0xFFFF & ~SELECTOR_RPL) == 0)
		return true;
	if (!interp_descriptor_read(ip, (uint16_t)selector, INTERP_GP, false,
	    &look->descriptor)) {
		/* Beyond the table there is nothing. */
		if (ip->abort != INTERP_ABORT_FAULT ||
		    ip->fault.vector != INTERP_GP)
			return false;
		ip->abort = INTERP_ABORT_NONE;
		return true;
	}
	look->found = true;
	look->seg = interp_descriptor_seg((uint16_t)selector,
	    &look->descriptor);
	return true;
}

/* Whether this code may know it: both CPL and RPL are inner enough. */
static bool
is_visible(const struct interp *ip, const struct sim_seg *seg)
{
	unsigned rpl = seg->selector & SELECTOR_RPL;

	if (interp_seg_is_code(seg) && interp_seg_conforms(seg))
		return true;
	return ip->cpl <= interp_seg_dpl(seg) && rpl <= interp_seg_dpl(seg);
}

static bool
is_known(const struct sim_seg *seg, unsigned system_types)
{
	return (seg->attrib & SIM_ATTRIB_S) ||
	    (system_types & BIT(interp_seg_type(seg)));
}

static void
answer(struct interp *ip, bool yes)
{
	interp_flags_set(ip, INTERP_ZF, yes ? INTERP_ZF : 0);
}

static bool
op_verr(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t selector;
	struct look look;

	if (!protected_only(ip) || !interp_get(ip, insn, 0, &selector) ||
	    !look_at(ip, selector, &look))
		return false;
	answer(ip, look.found && (look.seg.attrib & SIM_ATTRIB_S) &&
	    is_visible(ip, &look.seg) && (!interp_seg_is_code(&look.seg) ||
	    (interp_seg_type(&look.seg) & TYPE_READABLE)));
	return true;
}

static bool
op_verw(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t selector;
	struct look look;

	if (!protected_only(ip) || !interp_get(ip, insn, 0, &selector) ||
	    !look_at(ip, selector, &look))
		return false;
	answer(ip, look.found && (look.seg.attrib & SIM_ATTRIB_S) &&
	    is_visible(ip, &look.seg) && !interp_seg_is_code(&look.seg) &&
	    (interp_seg_type(&look.seg) & TYPE_WRITABLE));
	return true;
}

/* LAR and LSL: the register is written only if the answer is yes. */
static bool
look_up(struct interp *ip, const struct interp_insn *insn, unsigned types,
    struct look *look)
{
	uint64_t selector;

	if (!protected_only(ip) || !interp_get(ip, insn, 1, &selector) ||
	    !look_at(ip, selector, look))
		return false;
	look->found = look->found && is_known(&look->seg, types) &&
	    is_visible(ip, &look->seg);
	return true;
}

static bool
op_lar(struct interp *ip, const struct interp_insn *insn)
{
	struct look look;

	if (!look_up(ip, insn, interp_long(ip) ? LAR_LONG : LAR_LEGACY,
	    &look))
		return false;
	if (look.found)
		(void)interp_put(ip, insn, 0,
		    look.descriptor.low >> 32 & 0x00F0FF00);
	answer(ip, look.found);
	return true;
}

static bool
op_lsl(struct interp *ip, const struct interp_insn *insn)
{
	struct look look;

	if (!look_up(ip, insn, interp_long(ip) ? LSL_LONG : LSL_LEGACY,
	    &look))
		return false;
	if (look.found)
		(void)interp_put(ip, insn, 0, look.seg.limit);
	answer(ip, look.found);
	return true;
}

/* A caller's selector gets no more privilege than the caller has. */
static bool
op_arpl(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t selector, caller;
	struct interp_rmw rmw;
	bool adjust;

	if (!protected_only(ip) || !interp_get(ip, insn, 1, &caller) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &selector))
		return false;
	adjust = (selector & SELECTOR_RPL) < (caller & SELECTOR_RPL);
	if (adjust)
		(void)interp_rmw_commit(ip, insn, &rmw,
		    (selector & ~(uint64_t)SELECTOR_RPL) |
		    (caller & SELECTOR_RPL));
	answer(ip, adjust);
	return true;
}

const struct interp_op interp_ops_table[] = {
	{ ZYDIS_MNEMONIC_LGDT, op_lgdt },
	{ ZYDIS_MNEMONIC_LIDT, op_lidt },
	{ ZYDIS_MNEMONIC_SGDT, op_sgdt },
	{ ZYDIS_MNEMONIC_SIDT, op_sidt },
	{ ZYDIS_MNEMONIC_LLDT, op_lldt },
	{ ZYDIS_MNEMONIC_SLDT, op_sldt },
	{ ZYDIS_MNEMONIC_LTR, op_ltr },
	{ ZYDIS_MNEMONIC_STR, op_str },
	{ ZYDIS_MNEMONIC_VERR, op_verr },
	{ ZYDIS_MNEMONIC_VERW, op_verw },
	{ ZYDIS_MNEMONIC_LAR, op_lar },
	{ ZYDIS_MNEMONIC_LSL, op_lsl },
	{ ZYDIS_MNEMONIC_ARPL, op_arpl },
	{ 0, NULL },
};
