/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integers and bits in XMM and MMX registers: each instruction is one line
 * of a list, which says what becomes of one element (Intel SDM vol. 1, 9.4
 * and 11.4).  Both register files share the lists.
 */
#include <Zydis/Zydis.h>
#include <stdlib.h>

#include "engine/interp/sse.h"

/*
 * d: the destination's bytes, read and written; s: the source's; size of
 * both; the immediate of shuffles.
 */
typedef void lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm);

static bool
packed(struct interp *ip, const struct interp_insn *insn, lanes *compute)
{
	unsigned size = insn->operands[0].kind == INTERP_XMM ? 16 : 8;
	unsigned imm = (unsigned)insn->operands[2].imm & 0xff;
	uint8_t d[INTERP_XMM_SIZE], s[INTERP_XMM_SIZE];

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, s) ||
	    !interp_simd_get(ip, insn, 0, d))
		return false;
	compute(d, s, size, imm);
	return interp_simd_put(ip, insn, 0, d, size);
}

static int64_t
clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

#define S8(value)	clamp(value, INT8_MIN, INT8_MAX)
#define U8(value)	clamp(value, 0, UINT8_MAX)
#define S16(value)	clamp(value, INT16_MIN, INT16_MAX)
#define U16(value)	clamp(value, 0, UINT16_MAX)

/* Sum of the products of the two halves of two doublewords. */
static uint32_t
products(uint32_t a, uint32_t b)
{
	int64_t low = (int64_t)(int16_t)a * (int16_t)b;
	int64_t high = (int64_t)(int16_t)(a >> 16) * (int16_t)(b >> 16);

	return (uint32_t)(low + high);
}

/* Sum of the distances of the eight bytes of two quadwords. */
static uint64_t
distances(uint64_t a, uint64_t b)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < 64; i += 8)
		sum += (uint64_t)llabs((int64_t)(a >> i & 0xff) -
		    (int64_t)(b >> i & 0xff));
	return sum;
}

/* An element a of the destination and b of the source make a new one. */
#define ELEMENTS(X)							\
	X(PADDB, uint8_t, a + b)					\
	X(PADDW, uint16_t, a + b)					\
	X(PADDD, uint32_t, a + b)					\
	X(PADDQ, uint64_t, a + b)					\
	X(PADDSB, int8_t, S8(a + b))					\
	X(PADDSW, int16_t, S16(a + b))					\
	X(PADDUSB, uint8_t, U8(a + b))					\
	X(PADDUSW, uint16_t, U16(a + b))				\
	X(PSUBB, uint8_t, a - b)					\
	X(PSUBW, uint16_t, a - b)					\
	X(PSUBD, uint32_t, a - b)					\
	X(PSUBQ, uint64_t, a - b)					\
	X(PSUBSB, int8_t, S8(a - b))					\
	X(PSUBSW, int16_t, S16(a - b))					\
	X(PSUBUSB, uint8_t, U8(a - b))					\
	X(PSUBUSW, uint16_t, U16(a - b))				\
	X(PMULLW, int16_t, a * b)					\
	X(PMULHW, int16_t, a * b >> 16)					\
	X(PMULHUW, uint16_t, (uint32_t)a * b >> 16)			\
	X(PMULUDQ, uint64_t, (a & 0xffffffff) * (b & 0xffffffff))	\
	X(PMADDWD, uint32_t, products(a, b))				\
	X(PSADBW, uint64_t, distances(a, b))				\
	X(PAVGB, uint8_t, (a + b + 1) >> 1)				\
	X(PAVGW, uint16_t, (a + b + 1) >> 1)				\
	X(PMINUB, uint8_t, a < b ? a : b)				\
	X(PMINSW, int16_t, a < b ? a : b)				\
	X(PMAXUB, uint8_t, a > b ? a : b)				\
	X(PMAXSW, int16_t, a > b ? a : b)				\
	X(PCMPEQB, uint8_t, a == b ? ~0 : 0)				\
	X(PCMPEQW, uint16_t, a == b ? ~0 : 0)				\
	X(PCMPEQD, uint32_t, a == b ? ~0U : 0)				\
	X(PCMPGTB, int8_t, a > b ? ~0 : 0)				\
	X(PCMPGTW, int16_t, a > b ? ~0 : 0)				\
	X(PCMPGTD, int32_t, a > b ? ~0 : 0)				\
	X(PAND, uint64_t, a & b)					\
	X(ANDPS, uint64_t, a & b)					\
	X(ANDPD, uint64_t, a & b)					\
	X(PANDN, uint64_t, ~a & b)					\
	X(ANDNPS, uint64_t, ~a & b)					\
	X(ANDNPD, uint64_t, ~a & b)					\
	X(POR, uint64_t, a | b)						\
	X(ORPS, uint64_t, a | b)					\
	X(ORPD, uint64_t, a | b)					\
	X(PXOR, uint64_t, a ^ b)					\
	X(XORPS, uint64_t, a ^ b)					\
	X(XORPD, uint64_t, a ^ b)

/* The whole source is one count n, which may be any. */
#define SHIFTS(X)							\
	X(PSLLW, uint16_t, n > 15 ? 0 : (uint32_t)a << n)		\
	X(PSLLD, uint32_t, n > 31 ? 0 : a << n)				\
	X(PSLLQ, uint64_t, n > 63 ? 0 : a << n)				\
	X(PSRLW, uint16_t, n > 15 ? 0 : a >> n)				\
	X(PSRLD, uint32_t, n > 31 ? 0 : a >> n)				\
	X(PSRLQ, uint64_t, n > 63 ? 0 : a >> n)				\
	X(PSRAW, int16_t, a >> (n > 15 ? 15 : n))			\
	X(PSRAD, int32_t, a >> (n > 31 ? 31 : n))

/* Elements a of the destination, then of the source, become smaller. */
#define PACKS(X)							\
	X(PACKSSWB, int16_t, 1, S8(a))					\
	X(PACKSSDW, int32_t, 2, S16(a))					\
	X(PACKUSWB, int16_t, 1, U8(a))

/* Elements of some bytes of both, by turns, from the low or high halves. */
#define UNPACKS(X)							\
	X(PUNPCKLBW, 1, false)						\
	X(PUNPCKLWD, 2, false)						\
	X(PUNPCKLDQ, 4, false)						\
	X(PUNPCKLQDQ, 8, false)						\
	X(PUNPCKHBW, 1, true)						\
	X(PUNPCKHWD, 2, true)						\
	X(PUNPCKHDQ, 4, true)						\
	X(PUNPCKHQDQ, 8, true)						\
	X(UNPCKLPS, 4, false)						\
	X(UNPCKLPD, 8, false)						\
	X(UNPCKHPS, 4, true)						\
	X(UNPCKHPD, 8, true)

/*
 * Elements of some bytes, chosen by the immediate: how many of the new ones
 * come from the destination, the rest from the source; which part of the
 * register this is about, the rest being the source's.
 */
#define SHUFFLES(X)							\
	X(PSHUFW, 2, 0, 0, 8)						\
	X(PSHUFD, 4, 0, 0, 16)						\
	X(PSHUFLW, 2, 0, 0, 8)						\
	X(PSHUFHW, 2, 0, 8, 16)						\
	X(SHUFPS, 4, 2, 0, 16)						\
	X(SHUFPD, 8, 1, 0, 16)

static void
unpack(uint8_t *d, const uint8_t *s, unsigned size, unsigned element,
    bool high)
{
	unsigned i, from = high ? size / 2 : 0;
	uint8_t old[INTERP_XMM_SIZE];

	memcpy(old, d, sizeof(old));
	for (i = 0; i < size; i += 2 * element, from += element) {
		memcpy(d + i, old + from, element);
		memcpy(d + i + element, s + from, element);
	}
}

static void
shuffle(uint8_t *d, const uint8_t *s, unsigned element, unsigned own,
    unsigned first, unsigned end, unsigned imm)
{
	unsigned i, n = (end - first) / element, bits = n == 4 ? 2 : 1;
	uint8_t old[INTERP_XMM_SIZE];
	const uint8_t *from;

	memcpy(old, d, sizeof(old));
	memcpy(d, s, INTERP_XMM_SIZE);
	for (i = 0; i < n; i++, imm >>= bits) {
		from = i < own ? old : s;
		memcpy(d + first + i * element,
		    from + first + (imm & (n - 1)) * element, element);
	}
}

static void
shift_left(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)
{
	unsigned i, n = s[0] < size ? s[0] : size;

	(void)imm;
	for (i = size; i-- > n; )
		d[i] = d[i - n];
	memset(d, 0, n);
}

static void
shift_right(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)
{
	unsigned i, n = s[0] < size ? s[0] : size;

	(void)imm;
	for (i = 0; i + n < size; i++)
		d[i] = d[i + n];
	memset(d + size - n, 0, n);
}

/* From here on the lists become functions: NAME_lanes and op_NAME. */
#define HANDLER(name)							\
static bool								\
op_##name(struct interp *ip, const struct interp_insn *insn)		\
{									\
	return packed(ip, insn, name##_lanes);				\
}

#define ELEMENT(name, type, value)					\
static void								\
name##_lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)	\
{									\
	unsigned i;							\
									\
	(void)imm;							\
	for (i = 0; i < size; i += sizeof(type)) {			\
		type a = (type)interp_word_get(d + i, sizeof(type));	\
		type b = (type)interp_word_get(s + i, sizeof(type));	\
									\
		interp_word_put(d + i, sizeof(type), (uint64_t)(value));\
	}								\
}									\
HANDLER(name)

#define SHIFT(name, type, value)					\
static void								\
name##_lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)	\
{									\
	uint64_t n = interp_word_get(s, 8);				\
	unsigned i;							\
									\
	(void)imm;							\
	for (i = 0; i < size; i += sizeof(type)) {			\
		type a = (type)interp_word_get(d + i, sizeof(type));	\
									\
		interp_word_put(d + i, sizeof(type), (uint64_t)(value));\
	}								\
}									\
HANDLER(name)

#define PACK(name, type, small, value)					\
static void								\
name##_lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)	\
{									\
	uint8_t both[2 * INTERP_XMM_SIZE];				\
	unsigned i;							\
									\
	(void)imm;							\
	memcpy(both, d, size);						\
	memcpy(both + size, s, size);					\
	for (i = 0; i < size / (small); i++) {				\
		type a = (type)interp_word_get(both + i * sizeof(type),	\
		    sizeof(type));					\
									\
		interp_word_put(d + i * (small), small,			\
		    (uint64_t)(value));					\
	}								\
}									\
HANDLER(name)

#define UNPACK(name, element, high)					\
static void								\
name##_lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)	\
{									\
	(void)imm;							\
	unpack(d, s, size, element, high);				\
}									\
HANDLER(name)

#define SHUFFLE(name, element, own, first, end)				\
static void								\
name##_lanes(uint8_t *d, const uint8_t *s, unsigned size, unsigned imm)	\
{									\
	(void)size;							\
	shuffle(d, s, element, own, first, end, imm);			\
}									\
HANDLER(name)

ELEMENTS(ELEMENT)
SHIFTS(SHIFT)
PACKS(PACK)
UNPACKS(UNPACK)
SHUFFLES(SHUFFLE)

static bool
op_pslldq(struct interp *ip, const struct interp_insn *insn)
{
	return packed(ip, insn, shift_left);
}

static bool
op_psrldq(struct interp *ip, const struct interp_insn *insn)
{
	return packed(ip, insn, shift_right);
}

/* The sign of each element of the source, as bits of a register. */
static bool
signs(struct interp *ip, const struct interp_insn *insn, unsigned element)
{
	unsigned i, size = insn->operands[1].kind == INTERP_XMM ? 16 : 8;
	uint8_t s[INTERP_XMM_SIZE], mask[INTERP_XMM_SIZE];
	uint64_t bits = 0;

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, s))
		return false;
	for (i = 0; i < size / element; i++)
		bits |= (uint64_t)(s[(i + 1) * element - 1] >> 7) << i;
	interp_word_put(mask, 8, bits);
	return interp_simd_put(ip, insn, 0, mask, 8);
}

static bool
op_pmovmskb(struct interp *ip, const struct interp_insn *insn)
{
	return signs(ip, insn, 1);
}

static bool
op_movmskps(struct interp *ip, const struct interp_insn *insn)
{
	return signs(ip, insn, 4);
}

static bool
op_movmskpd(struct interp *ip, const struct interp_insn *insn)
{
	return signs(ip, insn, 8);
}

/* Which word of an XMM or MMX register the immediate means. */
static unsigned
word_chosen(const struct interp_insn *insn, unsigned operand)
{
	bool xmm = insn->operands[operand].kind == INTERP_XMM;

	return 2 * ((unsigned)insn->operands[2].imm & (xmm ? 7 : 3));
}

static bool
op_pextrw(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t s[INTERP_XMM_SIZE], word[INTERP_XMM_SIZE] = { 0 };

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, s))
		return false;
	memcpy(word, s + word_chosen(insn, 1), 2);
	return interp_simd_put(ip, insn, 0, word, 8);
}

static bool
op_pinsrw(struct interp *ip, const struct interp_insn *insn)
{
	uint8_t d[INTERP_XMM_SIZE], s[INTERP_XMM_SIZE];

	if (!interp_simd_usable(ip, insn) ||
	    !interp_simd_get(ip, insn, 1, s) ||
	    !interp_simd_get(ip, insn, 0, d))
		return false;
	memcpy(d + word_chosen(insn, 0), s, 2);
	return interp_simd_put(ip, insn, 0, d, INTERP_XMM_SIZE);
}

#define ROW(name, ...)	{ ZYDIS_MNEMONIC_##name, op_##name },

const struct interp_op interp_ops_sse_int[] = {
	ELEMENTS(ROW)
	SHIFTS(ROW)
	PACKS(ROW)
	UNPACKS(ROW)
	SHUFFLES(ROW)
	{ ZYDIS_MNEMONIC_PSLLDQ, op_pslldq },
	{ ZYDIS_MNEMONIC_PSRLDQ, op_psrldq },
	{ ZYDIS_MNEMONIC_PMOVMSKB, op_pmovmskb },
	{ ZYDIS_MNEMONIC_MOVMSKPS, op_movmskps },
	{ ZYDIS_MNEMONIC_MOVMSKPD, op_movmskpd },
	{ ZYDIS_MNEMONIC_PEXTRW, op_pextrw },
	{ ZYDIS_MNEMONIC_PINSRW, op_pinsrw },
	{ 0, NULL },
};
