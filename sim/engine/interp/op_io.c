/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports (Intel SDM vol. 1, 19.5): whether the guest may, and then it leaves;
 * the VMM does the rest.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/* The 32-bit or 64-bit TSS (vol. 3, 8.2.1): type, and where its map is. */
#define TSS_AVAILABLE	9
#define TSS_BUSY	11
#define TSS_IO_BASE	102
#define TSS_LIMIT	103

/* Whether the TSS permits size bytes of ports from port on. */
static bool
bitmap_permits(struct interp *ip, unsigned port, unsigned size)
{
	const struct sim_seg *tr = &ip->state->segs[SIM_SEG_TR];
	unsigned type = tr->attrib & SIM_ATTRIB_TYPE;
	uint64_t base, bits;

	if ((type != TSS_AVAILABLE && type != TSS_BUSY) ||
	    tr->limit < TSS_LIMIT)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!interp_read_system(ip, tr->base + TSS_IO_BASE, 2, &base))
		return false;
	/* Two bytes are read, since the ports may span two. */
	base += port / 8;
	if (base + 1 > tr->limit)
		return interp_fault_code(ip, INTERP_GP, 0);
	if (!interp_read_system(ip, tr->base + base, 2, &bits))
		return false;
	if ((bits >> port % 8 & ((1U << size) - 1)) != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	return true;
}

/* Leaves with the access, if it is allowed. */
static bool
port_access(struct interp *ip, const struct interp_insn *insn, bool in,
    bool string, unsigned port)
{
	/* REX.W means nothing here. */
	unsigned size = !(insn->opcode & 1) ? 1 :
	    insn->operand_size == 2 ? 2 : 4;

	if ((interp_vm86(ip) || ip->cpl > interp_iopl(ip)) &&
	    !bitmap_permits(ip, port, size))
		return false;
	ip->stop.u.io.in = in;
	ip->stop.u.io.str = string;
	ip->stop.u.io.rep = string && (insn->rep || insn->repne);
	ip->stop.u.io.port = (uint16_t)port;
	ip->stop.u.io.seg = string && in ? SIM_SEG_ES : insn->seg;
	ip->stop.u.io.address_size = insn->address_size;
	ip->stop.u.io.operand_size = (uint8_t)size;
	return interp_stop(ip, SIM_STOP_IO);
}

/* E4 to E7 have the port's number in them, EC to EF in DX. */
static bool
op_in_out(struct interp *ip, const struct interp_insn *insn)
{
	bool in = insn->mnemonic == ZYDIS_MNEMONIC_IN;
	uint64_t port;

	if (!interp_get(ip, insn, in ? 1 : 0, &port))
		return false;
	if (insn->opcode & 8)
		port = interp_reg_get(ip, SIM_GPR_RDX, 2, false);
	return port_access(ip, insn, in, false, port & 0xffff);
}

/* With a count of 0, too, it is the VMM that finds out. */
static bool
op_ins_outs(struct interp *ip, const struct interp_insn *insn)
{
	bool in = insn->opcode <= 0x6D;

	return port_access(ip, insn, in, true,
	    (unsigned)interp_reg_get(ip, SIM_GPR_RDX, 2, false));
}

const struct interp_op interp_ops_io[] = {
	{ ZYDIS_MNEMONIC_IN, op_in_out },
	{ ZYDIS_MNEMONIC_OUT, op_in_out },
	{ ZYDIS_MNEMONIC_INSB, op_ins_outs },
	{ ZYDIS_MNEMONIC_INSW, op_ins_outs },
	{ ZYDIS_MNEMONIC_INSD, op_ins_outs },
	{ ZYDIS_MNEMONIC_OUTSB, op_ins_outs },
	{ ZYDIS_MNEMONIC_OUTSW, op_ins_outs },
	{ ZYDIS_MNEMONIC_OUTSD, op_ins_outs },
	{ 0, NULL },
};
