/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shifts and rotates, a bit at a time, as the manual writes them down (Intel
 * SDM vol. 2, "SAL/SAR/SHL/SHR", "RCL/RCR/ROL/ROR", "SHLD", "SHRD").  OF is
 * defined for a count of 1 only; for others it is that of the last step.
 */
#include "operation.h"

#define CF	LIBNVMM_X86_RFLAGS_CF
#define OF	0x0800

/* What a shift works on: the operand, and the carry it passes through. */
struct shifter {
	uint64_t value;
	uint64_t in;		/* SHLD, SHRD: where bits come from */
	unsigned bits;
	bool carry;
};

static bool
top(const struct shifter *shifter)
{
	return shifter->value >> (shifter->bits - 1) & 1;
}

/* One step; the bit that falls out is the carry. */
static void
step_left(struct shifter *shifter, bool in)
{
	shifter->carry = top(shifter);
	shifter->value = shifter->value << 1 | in;
}

static void
step_right(struct shifter *shifter, bool in)
{
	shifter->carry = shifter->value & 1;
	shifter->value = shifter->value >> 1 |
	    (uint64_t)in << (shifter->bits - 1);
}

static void
step(struct shifter *shifter, ZydisMnemonic mnemonic)
{
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_SHL:
		step_left(shifter, false);
		break;
	case ZYDIS_MNEMONIC_SHR:
		step_right(shifter, false);
		break;
	case ZYDIS_MNEMONIC_SAR:
		step_right(shifter, top(shifter));
		break;
	case ZYDIS_MNEMONIC_ROL:
		step_left(shifter, top(shifter));
		break;
	case ZYDIS_MNEMONIC_ROR:
		step_right(shifter, shifter->value & 1);
		break;
	case ZYDIS_MNEMONIC_RCL:
		step_left(shifter, shifter->carry);
		break;
	case ZYDIS_MNEMONIC_RCR:
		step_right(shifter, shifter->carry);
		break;
	case ZYDIS_MNEMONIC_SHLD:
		step_left(shifter, shifter->in >> (shifter->bits - 1) & 1);
		shifter->in = shifter->in << 1 | shifter->carry;
		break;
	default:
		step_right(shifter, shifter->in & 1);
		shifter->in = shifter->in >> 1 |
		    (uint64_t)shifter->carry << (shifter->bits - 1);
		break;
	}
}

static bool
rotates(ZydisMnemonic mnemonic)
{
	return mnemonic == ZYDIS_MNEMONIC_ROL ||
	    mnemonic == ZYDIS_MNEMONIC_ROR ||
	    mnemonic == ZYDIS_MNEMONIC_RCL || mnemonic == ZYDIS_MNEMONIC_RCR;
}

/* OF: the last step changed the sign.  Rotates leave the others alone. */
static void
flags_set(struct libnvmm_x86_operation *op, const struct shifter *shifter,
    bool overflow)
{
	uint64_t *rflags = libnvmm_x86_operation_rflags(op);

	if (!rotates(op->insn->info.mnemonic))
		(void)libnvmm_x86_logic(shifter->value,
		    libnvmm_x86_operation_width(op), rflags);
	*rflags &= ~(uint64_t)(CF | OF);
	*rflags |= (shifter->carry ? CF : 0) | (overflow ? OF : 0);
}

/* With a count of 0 no flag changes; memory is written all the same. */
static void
shift_by(struct libnvmm_x86_operation *op, struct shifter *shifter,
    uint64_t count)
{
	size_t size = libnvmm_x86_operation_width(op);
	bool sign = false;
	uint64_t left;

	shifter->bits = (unsigned)size * 8;
	shifter->carry = *libnvmm_x86_operation_rflags(op) & CF;
	shifter->value = libnvmm_x86_operation_get(op, 0);
	count &= size == 8 ? 63 : 31;
	for (left = count; left > 0; left--) {
		sign = top(shifter);
		step(shifter, op->insn->info.mnemonic);
		shifter->value &= libnvmm_x86_mask(size);
	}
	libnvmm_x86_operation_result(op, shifter->value);
	if (count != 0)
		flags_set(op, shifter, top(shifter) != sign);
}

void
libnvmm_x86_op_shift(struct libnvmm_x86_operation *op)
{
	struct shifter shifter = { .in = 0 };

	shift_by(op, &shifter, libnvmm_x86_operation_get(op, 1));
}

void
libnvmm_x86_op_shift_double(struct libnvmm_x86_operation *op)
{
	struct shifter shifter = { .in = libnvmm_x86_operation_get(op, 1) };

	shift_by(op, &shifter, libnvmm_x86_operation_get(op, 2));
}
