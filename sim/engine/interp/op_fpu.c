/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of the x87 unit: control, status, environment and images (Intel
 * SDM vol. 1, 8.1.10 and 10.5).  Its arithmetic is not there: #UD.
 */
#include <Zydis/Zydis.h>

#include "engine/interp/sse.h"

/* More of the FXSAVE image. */
#define FX_OP		6
#define FX_IP		8
#define FX_DP		16
#define FX_REGISTERS	16		/* XMM registers in the image */

#define CW_INIT		0x037fU
#define SW_EXCEPTIONS	0x80ffU		/* what FNCLEX clears */
#define PIECE		32U		/* an image is touched by these */

static unsigned
field(const struct interp *ip, unsigned offset)
{
	return (unsigned)interp_word_get(ip->state->fpu + offset, 2);
}

static void
field_set(struct interp *ip, unsigned offset, unsigned value)
{
	interp_word_put(ip->state->fpu + offset, 2, value);
}

/* #NM while the operating system keeps the unit for someone else. */
static bool
usable(struct interp *ip)
{
	if (ip->state->crs[SIM_CR_CR0] & (INTERP_CR0_EM | INTERP_CR0_TS))
		return interp_fault(ip, INTERP_NM);
	return true;
}

/* ES tells whether an exception stands that the control word unmasks. */
static void
summarize(struct interp *ip)
{
	unsigned sw = field(ip, INTERP_FX_SW) & ~(INTERP_SW_ES | 0x8000U);

	if (sw & ~field(ip, SIM_FPU_CW) & 0x3f)
		sw |= INTERP_SW_ES | 0x8000U;
	field_set(ip, INTERP_FX_SW, sw);
}

static bool
op_fninit(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (!usable(ip))
		return false;
	interp_fpu_turn(ip, 0);
	memset(ip->state->fpu, 0, SIM_FPU_MXCSR);
	field_set(ip, SIM_FPU_CW, CW_INIT);
	return true;
}

static bool
op_fnclex(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (!usable(ip))
		return false;
	field_set(ip, INTERP_FX_SW,
	    field(ip, INTERP_FX_SW) & ~SW_EXCEPTIONS);
	return true;
}

/* Bit 6 is always set, 13 to 15 and 7 never. */
static unsigned
control_word(unsigned value)
{
	return (value & 0x1f3f) | 0x40;
}

static bool
op_fldcw(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t value;

	if (!usable(ip) || !interp_fpu_pending(ip) ||
	    !interp_get(ip, insn, 0, &value))
		return false;
	field_set(ip, SIM_FPU_CW, control_word((unsigned)value));
	summarize(ip);
	return true;
}

static bool
op_fnstcw(struct interp *ip, const struct interp_insn *insn)
{
	return usable(ip) && interp_put(ip, insn, 0, field(ip, SIM_FPU_CW));
}

static bool
op_fnstsw(struct interp *ip, const struct interp_insn *insn)
{
	return usable(ip) && interp_put(ip, insn, 0, field(ip, INTERP_FX_SW));
}

static bool
op_fwait(struct interp *ip, const struct interp_insn *insn)
{
	uint64_t both = INTERP_CR0_MP | INTERP_CR0_TS;

	(void)insn;
	if ((ip->state->crs[SIM_CR_CR0] & both) == both)
		return interp_fault(ip, INTERP_NM);
	return interp_fpu_pending(ip);
}

static bool
op_fnop(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	return usable(ip) && interp_fpu_pending(ip);
}

static bool
op_emms(struct interp *ip, const struct interp_insn *insn)
{
	(void)insn;
	if (ip->state->crs[SIM_CR_CR0] & INTERP_CR0_EM)
		return interp_fault(ip, INTERP_UD);
	if (!usable(ip) || !interp_fpu_pending(ip))
		return false;
	interp_fpu_turn(ip, 0);
	ip->state->fpu[SIM_FPU_TW] = 0;
	return true;
}

/* An image in memory: where its pieces are. */
struct image {
	unsigned npieces;
	struct interp_access pieces[SIM_FPU_SIZE / PIECE];
};

/* Up to the last XMM register that the mode has. */
static unsigned
image_size(const struct interp *ip)
{
	return ip->code_size == 8 ? INTERP_FX_USED :
	    INTERP_FX_USED - FX_REGISTERS / 2 * INTERP_XMM_SIZE;
}

/* All of it must be there, also what nobody loads or stores. */
static bool
image_find(struct interp *ip, const struct interp_insn *insn,
    enum sim_access kind, struct image *image)
{
	uint64_t linear;
	unsigned i;

	if (!usable(ip) || !interp_linear(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), SIM_FPU_SIZE, kind, &linear))
		return false;
	if (linear % 16 != 0)
		return interp_fault_code(ip, INTERP_GP, 0);
	for (i = 0; i < SIM_FPU_SIZE / PIECE; i++) {
		if (!interp_access_linear(ip, linear + i * PIECE, PIECE, kind,
		    false, &image->pieces[i]))
			return false;
	}
	image->npieces = image_size(ip) / PIECE;
	return true;
}

static bool
op_fxsave(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t bytes[SIM_FPU_SIZE];
	struct image image;
	unsigned i;

	if (!image_find(ip, insn, SIM_ACCESS_WRITE, &image))
		return false;
	memcpy(bytes, ip->state->fpu, sizeof(bytes));
	interp_word_put(bytes + SIM_FPU_MXCSR_MASK, 4, interp_mxcsr_mask(ip));
	for (i = 0; i < image.npieces; i++)
		interp_store_bytes(ip, &image.pieces[i], bytes + i * PIECE);
	return true;
}

static bool
op_fxrstor(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t new[SIM_FPU_SIZE], *fpu = ip->state->fpu;
	struct image image;
	unsigned i;

	if (!image_find(ip, insn, SIM_ACCESS_READ, &image))
		return false;
	for (i = 0; i < image.npieces; i++)
		interp_load_bytes(&image.pieces[i], new + i * PIECE);
	if (interp_word_get(new + SIM_FPU_MXCSR, 4) & ~interp_mxcsr_mask(ip))
		return interp_fault_code(ip, INTERP_GP, 0);
	/* The mask is the processor's. */
	memcpy(new + SIM_FPU_MXCSR_MASK, fpu + SIM_FPU_MXCSR_MASK, 4);
	memcpy(fpu, new, image.npieces * PIECE);
	field_set(ip, SIM_FPU_CW, control_word(field(ip, SIM_FPU_CW)));
	summarize(ip);
	return true;
}

/* Two bits a register: valid, zero, special or empty; the image has one. */
static unsigned
tag_of(const uint8_t *value)
{
	uint64_t significand = interp_word_get(value, 8);
	unsigned exponent = (unsigned)interp_word_get(value + 8, 2) & 0x7fff;

	if (exponent == 0)
		return significand == 0 ? 1 : 2;
	return exponent == 0x7fff || !(significand >> 63) ? 2 : 0;
}

static unsigned
tag_word(const struct interp *ip)
{
	const uint8_t *fpu = ip->state->fpu;
	unsigned top = (field(ip, INTERP_FX_SW) & INTERP_SW_TOP) >>
	    INTERP_SW_TOP_SHIFT;
	unsigned i, tag, word = 0;

	for (i = 0; i < 8; i++) {
		tag = 3;
		if (fpu[SIM_FPU_TW] >> i & 1)
			tag = tag_of(fpu + INTERP_FX_ST +
			    ((i - top) & 7) * INTERP_FX_ST_SIZE);
		word |= tag << (2 * i);
	}
	return word;
}

static void
tag_word_set(struct interp *ip, unsigned word)
{
	unsigned i, valid = 0;

	for (i = 0; i < 8; i++) {
		if ((word >> (2 * i) & 3) != 3)
			valid |= 1U << i;
	}
	ip->state->fpu[SIM_FPU_TW] = (uint8_t)valid;
}

/*
 * The environment in memory: seven fields of 2 or 4 bytes.  In 16-bit and
 * 32-bit protected mode: control, status, tags, IP, its selector with the
 * opcode, DP, its selector (Intel SDM vol. 1, figures 8-9 and 8-11).
 */
enum { ENV_CW, ENV_SW, ENV_TW, ENV_IP, ENV_CS, ENV_DP, ENV_DS, ENV_FIELDS };

static unsigned
env_field(const struct interp_insn *insn)
{
	return insn->operand_size == 2 ? 2 : 4;
}

static bool
env_access(struct interp *ip, const struct interp_insn *insn,
    enum sim_access kind, struct interp_access *access)
{
	return usable(ip) && interp_access(ip, (enum sim_seg_index)insn->seg,
	    interp_address(ip, insn), ENV_FIELDS * env_field(insn), kind,
	    access);
}

static bool
op_fnstenv(struct interp *ip, const struct interp_insn *insn)
{
	const uint8_t *fpu = ip->state->fpu;
	unsigned i, size = env_field(insn);
	uint8_t bytes[ENV_FIELDS * 4];
	struct interp_access access;
	uint64_t fields[ENV_FIELDS] = {
		[ENV_CW] = 0xffff0000 | field(ip, SIM_FPU_CW),
		[ENV_SW] = 0xffff0000 | field(ip, INTERP_FX_SW),
		[ENV_TW] = 0xffff0000 | tag_word(ip),
		[ENV_IP] = interp_word_get(fpu + FX_IP, 4),
		[ENV_CS] = interp_word_get(fpu + FX_IP + 4, 2) |
		    interp_word_get(fpu + FX_OP, 2) << 16,
		[ENV_DP] = interp_word_get(fpu + FX_DP, 4),
		[ENV_DS] = 0xffff0000 | interp_word_get(fpu + FX_DP + 4, 2),
	};

	if (!env_access(ip, insn, SIM_ACCESS_WRITE, &access))
		return false;
	for (i = 0; i < ENV_FIELDS; i++)
		interp_word_put(bytes + i * size, size, fields[i]);
	interp_store_bytes(ip, &access, bytes);
	/* All exceptions are masked. */
	field_set(ip, SIM_FPU_CW, field(ip, SIM_FPU_CW) | 0x3f);
	summarize(ip);
	return true;
}

static bool
op_fldenv(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t bytes[ENV_FIELDS * 4], *fpu = ip->state->fpu;
	unsigned i, size = env_field(insn);
	struct interp_access access;
	uint64_t fields[ENV_FIELDS];

	if (!interp_fpu_pending(ip) ||
	    !env_access(ip, insn, SIM_ACCESS_READ, &access))
		return false;
	interp_load_bytes(&access, bytes);
	for (i = 0; i < ENV_FIELDS; i++)
		fields[i] = interp_word_get(bytes + i * size, size);
	field_set(ip, SIM_FPU_CW, ((unsigned)fields[ENV_CW] & 0x1f3f) | 0x40);
	interp_fpu_turn(ip, ((unsigned)fields[ENV_SW] & INTERP_SW_TOP) >>
	    INTERP_SW_TOP_SHIFT);
	field_set(ip, INTERP_FX_SW, (unsigned)fields[ENV_SW]);
	tag_word_set(ip, (unsigned)fields[ENV_TW]);
	interp_word_put(fpu + FX_OP, 2, fields[ENV_CS] >> 16 & 0x7ff);
	interp_word_put(fpu + FX_IP, 8, fields[ENV_IP] |
	    (fields[ENV_CS] & 0xffff) << 32);
	interp_word_put(fpu + FX_DP, 8, fields[ENV_DP] |
	    (fields[ENV_DS] & 0xffff) << 32);
	summarize(ip);
	return true;
}

const struct interp_op interp_ops_fpu[] = {
	{ ZYDIS_MNEMONIC_FNINIT, op_fninit },
	{ ZYDIS_MNEMONIC_FNCLEX, op_fnclex },
	{ ZYDIS_MNEMONIC_FLDCW, op_fldcw },
	{ ZYDIS_MNEMONIC_FNSTCW, op_fnstcw },
	{ ZYDIS_MNEMONIC_FNSTSW, op_fnstsw },
	{ ZYDIS_MNEMONIC_FNSTENV, op_fnstenv },
	{ ZYDIS_MNEMONIC_FLDENV, op_fldenv },
	{ ZYDIS_MNEMONIC_FWAIT, op_fwait },
	{ ZYDIS_MNEMONIC_FNOP, op_fnop },
	{ ZYDIS_MNEMONIC_EMMS, op_emms },
	{ ZYDIS_MNEMONIC_FXSAVE, op_fxsave },
	{ ZYDIS_MNEMONIC_FXSAVE64, op_fxsave },
	{ ZYDIS_MNEMONIC_FXRSTOR, op_fxrstor },
	{ ZYDIS_MNEMONIC_FXRSTOR64, op_fxrstor },
	{ 0, NULL },
};
