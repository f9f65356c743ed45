/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums, differences, logic and exchanges (Intel SDM vol. 2, under each name).
 * The compare-and-exchange instructions: op_cmpxchg.c.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/interp.h"

/* The result of two operands; *flags has the status flags, 0 first. */
typedef uint64_t operation(uint64_t a, uint64_t b, unsigned carry,
    unsigned size, uint64_t *flags);

static uint64_t
add(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	(void)carry;
	*flags = interp_flags_add(a, b, 0, size);
	return a + b;
}

static uint64_t
adc(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	*flags = interp_flags_add(a, b, carry, size);
	return a + b + carry;
}

static uint64_t
sub(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	(void)carry;
	*flags = interp_flags_sub(a, b, 0, size);
	return a - b;
}

static uint64_t
sbb(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	*flags = interp_flags_sub(a, b, carry, size);
	return a - b - carry;
}

/* Logic clears CF and OF; AF is undefined, and 0 on processors of today. */
static uint64_t
and(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	(void)carry;
	*flags = interp_flags_result(a & b, size);
	return a & b;
}

static uint64_t
or(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	(void)carry;
	*flags = interp_flags_result(a | b, size);
	return a | b;
}

static uint64_t
xor(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	(void)carry;
	*flags = interp_flags_result(a ^ b, size);
	return a ^ b;
}

static unsigned
carry_flag(const struct interp *ip)
{
	return (interp_flags(ip) & INTERP_CF) != 0;
}

/*
 * Inlined into each handler with its operation, so that both are one piece
 * of code.
 */
static inline bool
modify(struct interp *ip, const struct interp_insn *insn, operation *compute)
{
	unsigned size = insn->operands[0].size;
	uint64_t a, b, flags, result;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &b) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &a))
		return false;
	do
		result = compute(rmw.old, b, carry_flag(ip), size, &flags);
	while (!interp_rmw_commit(ip, insn, &rmw, result));
	interp_flags_set(ip, INTERP_STATUS, flags);
	return true;
}

static inline bool
examine(struct interp *ip, const struct interp_insn *insn, operation *compute)
{
	uint64_t a, b, flags;

	if (!interp_get(ip, insn, 0, &a) || !interp_get(ip, insn, 1, &b))
		return false;
	compute(a, b, 0, insn->operands[0].size, &flags);
	interp_flags_set(ip, INTERP_STATUS, flags);
	return true;
}

static bool
op_add(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, add);
}

static bool
op_adc(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, adc);
}

static bool
op_sub(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, sub);
}

static bool
op_sbb(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, sbb);
}

static bool
op_and(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, and);
}

static bool
op_or(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, or);
}

static bool
op_xor(struct interp *ip, const struct interp_insn *insn)
{
	return modify(ip, insn, xor);
}

static bool
op_cmp(struct interp *ip, const struct interp_insn *insn)
{
	return examine(ip, insn, sub);
}

static bool
op_test(struct interp *ip, const struct interp_insn *insn)
{
	return examine(ip, insn, and);
}

/* --- one operand --- */

static inline bool
modify_one(struct interp *ip, const struct interp_insn *insn,
    operation *compute, uint64_t b, uint64_t mask)
{
	unsigned size = insn->operands[0].size;
	uint64_t a, flags, result;
	struct interp_rmw rmw;

	if (!interp_rmw_begin(ip, insn, 0, &rmw, &a))
		return false;
	do
		result = compute(rmw.old, b, 0, size, &flags);
	while (!interp_rmw_commit(ip, insn, &rmw, result));
	interp_flags_set(ip, mask, flags);
	return true;
}

/* INC and DEC leave CF. */
static bool
op_inc(struct interp *ip, const struct interp_insn *insn)
{
	return modify_one(ip, insn, add, 1, INTERP_STATUS & ~INTERP_CF);
}

static bool
op_dec(struct interp *ip, const struct interp_insn *insn)
{
	return modify_one(ip, insn, sub, 1, INTERP_STATUS & ~INTERP_CF);
}

static uint64_t
negate(uint64_t a, uint64_t b, unsigned carry, unsigned size, uint64_t *flags)
{
	return sub(b, a, carry, size, flags);
}

static bool
op_neg(struct interp *ip, const struct interp_insn *insn)
{
	return modify_one(ip, insn, negate, 0, INTERP_STATUS);
}

static bool
op_not(struct interp *ip, const struct interp_insn *insn)
{
	return modify_one(ip, insn, xor, ~0ULL, 0);
}

/* --- exchanges --- */

/* Either operand may be the one in memory. */
static bool
op_xchg(struct interp *ip, const struct interp_insn *insn)
{
	unsigned reg = insn->operands[0].kind == INTERP_MEM ? 1 : 0;
	uint64_t value, other;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, reg, &value) ||
	    !interp_rmw_begin(ip, insn, !reg, &rmw, &other))
		return false;
	while (!interp_rmw_commit(ip, insn, &rmw, value))
		continue;
	return interp_put(ip, insn, reg, rmw.old);
}

/* Of XADD with one register twice, the sum remains. */
static bool
op_xadd(struct interp *ip, const struct interp_insn *insn)
{
	unsigned size = insn->operands[0].size;
	uint64_t a, b, flags, sum;
	struct interp_rmw rmw;

	if (!interp_get(ip, insn, 1, &b) ||
	    !interp_rmw_begin(ip, insn, 0, &rmw, &a))
		return false;
	do
		sum = add(rmw.old, b, 0, size, &flags);
	while (!interp_rmw_commit(ip, insn, &rmw, sum));
	interp_put(ip, insn, 1, rmw.old);
	if (!rmw.memory)
		interp_put(ip, insn, 0, sum);
	interp_flags_set(ip, INTERP_STATUS, flags);
	return true;
}

/* --- additions with a carry of their own (ADX) --- */

static inline bool
add_carry(struct interp *ip, const struct interp_insn *insn, uint64_t carry)
{
	unsigned size = insn->operands[0].size;
	bool in = (interp_flags(ip) & carry) != 0;
	uint64_t a, b, flags;

	if (!interp_get(ip, insn, 1, &b) || !interp_get(ip, insn, 0, &a))
		return false;
	flags = interp_flags_add(a, b, in, size);
	interp_flags_set(ip, carry, (flags & INTERP_CF) != 0 ? carry : 0);
	return interp_put(ip, insn, 0, a + b + in);
}

static bool
op_adcx(struct interp *ip, const struct interp_insn *insn)
{
	return add_carry(ip, insn, INTERP_CF);
}

static bool
op_adox(struct interp *ip, const struct interp_insn *insn)
{
	return add_carry(ip, insn, INTERP_OF_FLAG);
}

const struct interp_op interp_ops_arith[] = {
	{ ZYDIS_MNEMONIC_ADC, op_adc },
	{ ZYDIS_MNEMONIC_ADCX, op_adcx },
	{ ZYDIS_MNEMONIC_ADD, op_add },
	{ ZYDIS_MNEMONIC_ADOX, op_adox },
	{ ZYDIS_MNEMONIC_AND, op_and },
	{ ZYDIS_MNEMONIC_CMP, op_cmp },
	{ ZYDIS_MNEMONIC_CMPXCHG, interp_op_cmpxchg },
	{ ZYDIS_MNEMONIC_CMPXCHG16B, interp_op_cmpxchg16b },
	{ ZYDIS_MNEMONIC_CMPXCHG8B, interp_op_cmpxchg8b },
	{ ZYDIS_MNEMONIC_DEC, op_dec },
	{ ZYDIS_MNEMONIC_INC, op_inc },
	{ ZYDIS_MNEMONIC_NEG, op_neg },
	{ ZYDIS_MNEMONIC_NOT, op_not },
	{ ZYDIS_MNEMONIC_OR, op_or },
	{ ZYDIS_MNEMONIC_SBB, op_sbb },
	{ ZYDIS_MNEMONIC_SUB, op_sub },
	{ ZYDIS_MNEMONIC_TEST, op_test },
	{ ZYDIS_MNEMONIC_XADD, op_xadd },
	{ ZYDIS_MNEMONIC_XCHG, op_xchg },
	{ ZYDIS_MNEMONIC_XOR, op_xor },
	{ 0, NULL }
};
