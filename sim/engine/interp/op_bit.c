/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single bits: tested, changed, looked for, counted.  TZCNT, LZCNT, POPCNT,
 * BMI1 and BMI2 are there always, since CPUID of both back ends has them.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

enum change {
	CHANGE_NOT, CHANGE_SET, CHANGE_RESET, CHANGE_COMPLEMENT
};

/*
 * Where the operand with the bit is.  A bit number in a register, with a
 * string of bits in memory, is signed and may be far from the address; one in
 * the instruction stays in the operand.
 */
static uint64_t
bit_address(const struct interp *ip, const struct interp_insn *insn,
    uint64_t number)
{
	unsigned size = insn->operands[0].size, shift = 4;
	uint64_t offset = interp_address(ip, insn);
	int64_t words;

	if (insn->operands[1].kind == INTERP_IMM)
		return offset;
	while (size * 8 > 1U << shift)
		shift++;
	words = (int64_t)interp_extend(number, size) >> shift;
	return (offset + (uint64_t)words * size) &
	    interp_mask(insn->address_size);
}

static uint64_t
bit_changed(uint64_t value, uint64_t bit, enum change change)
{
	switch (change) {
	case CHANGE_SET:
		return value | bit;
	case CHANGE_RESET:
		return value & ~bit;
	case CHANGE_COMPLEMENT:
		return value ^ bit;
	default:
		return value;
	}
}

/* CF is the bit as it was; the other flags stay. */
static void
bit_flag(struct interp *ip, bool set)
{
	interp_flags_set(ip, INTERP_CF, set ? INTERP_CF : 0);
}

/* BT does not write, so it must do with the right to read. */
static bool
op_bt(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	uint64_t number, value;
	bool done;

	if (!interp_get(ip, insn, 1, &number))
		return false;
	if (insn->operands[0].kind == INTERP_MEM)
		done = interp_read(ip, (enum sim_seg_index)insn->seg,
		    bit_address(ip, insn, number), size, &value);
	else
		done = interp_get(ip, insn, 0, &value);
	if (done)
		bit_flag(ip, value >> (number % (size * 8)) & 1);
	return done;
}

static inline bool
bit_change(struct interp *ip, const struct interp_insn *insn,
    enum change change)
{
	uint64_t number, value, bit, offset = 0;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &number))
		return false;
	if (insn->operands[0].kind == INTERP_MEM)
		offset = bit_address(ip, insn, number);
	if (!interp_rmw_begin_at(ip, insn, 0, offset, &rmw, &value))
		return false;
	bit = 1ULL << (number % (insn->operands[0].size * 8));
	while (!interp_rmw_commit(ip, insn, &rmw,
	    bit_changed(rmw.old, bit, change)))
		continue;
	bit_flag(ip, rmw.old & bit);
	return true;
}

static bool
op_bts(struct interp *ip, const struct interp_insn *insn)
{
	return bit_change(ip, insn, CHANGE_SET);
}

static bool
op_btr(struct interp *ip, const struct interp_insn *insn)
{
	return bit_change(ip, insn, CHANGE_RESET);
}

static bool
op_btc(struct interp *ip, const struct interp_insn *insn)
{
	return bit_change(ip, insn, CHANGE_COMPLEMENT);
}

/* --- looking for the first or last one --- */

/* The number of the lowest one; value is not 0. */
static unsigned
lowest(uint64_t value)
{
	return (unsigned)__builtin_ctzll(value);
}

static unsigned
highest(uint64_t value)
{
	return 63U - (unsigned)__builtin_clzll(value);
}

/* Of 0, the destination stays as it is: all 64 bits of it. */
static inline bool
scan(struct interp *ip, const struct interp_insn *insn,
    unsigned (*find)(uint64_t))
{
	uint64_t value;

	if (!interp_get(ip, insn, 1, &value))
		return false;
	interp_flags_set(ip, INTERP_ZF, value == 0 ? INTERP_ZF : 0);
	if (value != 0)
		interp_put(ip, insn, 0, find(value));
	return true;
}

static bool
op_bsf(struct interp *ip, const struct interp_insn *insn)
{
	return scan(ip, insn, lowest);
}

static bool
op_bsr(struct interp *ip, const struct interp_insn *insn)
{
	return scan(ip, insn, highest);
}

/* CF: there was no one; ZF: the count is 0. */
static bool
count_put(struct interp *ip, const struct interp_insn *insn, uint64_t value,
    unsigned count)
{
	interp_flags_set(ip, INTERP_CF | INTERP_ZF,
	    (value == 0 ? INTERP_CF : 0) | (count == 0 ? INTERP_ZF : 0));
	return interp_put(ip, insn, 0, count);
}

static bool
op_tzcnt(struct interp *ip, const struct interp_insn *insn)
{
	unsigned bits = insn->operands[1].size * 8;
	uint64_t value;

	return interp_get(ip, insn, 1, &value) &&
	    count_put(ip, insn, value, value == 0 ? bits : lowest(value));
}

static bool
op_lzcnt(struct interp *ip, const struct interp_insn *insn)
{
	unsigned bits = insn->operands[1].size * 8;
	uint64_t value;

	return interp_get(ip, insn, 1, &value) &&
	    count_put(ip, insn, value,
	    value == 0 ? bits : bits - 1 - highest(value));
}

static bool
op_popcnt(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	if (!interp_get(ip, insn, 1, &value))
		return false;
	interp_flags_set(ip, INTERP_STATUS, value == 0 ? INTERP_ZF : 0);
	return interp_put(ip, insn, 0,
	    (unsigned)__builtin_popcountll(value));
}

/* A 16-bit operand is undefined; it becomes 0. */
static bool
op_bswap(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	uint64_t value;

	if (!interp_get(ip, insn, 0, &value))
		return false;
	value = size == 2 ? 0 : __builtin_bswap64(value) >> (64 - size * 8);
	return interp_put(ip, insn, 0, value);
}

const struct interp_op interp_ops_bit[] = {
	{ ZYDIS_MNEMONIC_BSF, op_bsf },
	{ ZYDIS_MNEMONIC_BSR, op_bsr },
	{ ZYDIS_MNEMONIC_BSWAP, op_bswap },
	{ ZYDIS_MNEMONIC_BT, op_bt },
	{ ZYDIS_MNEMONIC_BTC, op_btc },
	{ ZYDIS_MNEMONIC_BTR, op_btr },
	{ ZYDIS_MNEMONIC_BTS, op_bts },
	{ ZYDIS_MNEMONIC_LZCNT, op_lzcnt },
	{ ZYDIS_MNEMONIC_POPCNT, op_popcnt },
	{ ZYDIS_MNEMONIC_TZCNT, op_tzcnt },
	{ 0, NULL }
};
