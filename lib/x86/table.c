/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions that the Mem assist carries out, by Zydis' mnemonics.
 * What is not here is not emulated.
 */
#include "operation.h"

#define ROW(name, ...)	[ZYDIS_MNEMONIC_##name] = { __VA_ARGS__ }
#define EXECUTE(name, function)						\
	ROW(name, .execute = libnvmm_x86_op_##function)
#define ATTEMPT(name, function)						\
	ROW(name, .attempt = libnvmm_x86_op_##function)
#define STRING(name, function)						\
	ROW(name, .execute = libnvmm_x86_op_##function,			\
	    .string = LIBNVMM_X86_STRING)
#define STRING_ZF(name, function)					\
	ROW(name, .execute = libnvmm_x86_op_##function,			\
	    .string = LIBNVMM_X86_STRING_ZF)
#define CONDITIONS(name, function)					\
	EXECUTE(name##B, function), EXECUTE(name##BE, function),	\
	EXECUTE(name##L, function), EXECUTE(name##LE, function),	\
	EXECUTE(name##NB, function), EXECUTE(name##NBE, function),	\
	EXECUTE(name##NL, function), EXECUTE(name##NLE, function),	\
	EXECUTE(name##NO, function), EXECUTE(name##NP, function),	\
	EXECUTE(name##NS, function), EXECUTE(name##NZ, function),	\
	EXECUTE(name##O, function), EXECUTE(name##P, function),		\
	EXECUTE(name##S, function), EXECUTE(name##Z, function)

static const struct libnvmm_x86_emulation emulations[] = {
	/* moves */
	EXECUTE(MOV, move),
	EXECUTE(MOVZX, move),
	EXECUTE(MOVNTI, move),
	EXECUTE(MOVSX, move_sign_extended),
	EXECUTE(MOVSXD, move_sign_extended),
	EXECUTE(MOVBE, move_swapped),
	EXECUTE(XCHG, exchange),
	/* sums, logic */
	EXECUTE(ADD, add),
	EXECUTE(ADC, add_with_carry),
	EXECUTE(SUB, subtract),
	EXECUTE(SBB, subtract_with_borrow),
	EXECUTE(CMP, compare),
	EXECUTE(AND, and),
	EXECUTE(OR, or),
	EXECUTE(XOR, xor),
	EXECUTE(TEST, test),
	EXECUTE(INC, increment),
	EXECUTE(DEC, decrement),
	EXECUTE(NEG, negate),
	EXECUTE(NOT, not),
	EXECUTE(XADD, exchange_add),
	EXECUTE(CMPXCHG, compare_exchange),
	/* bits, shifts */
	EXECUTE(BT, bit_test),
	EXECUTE(BTS, bit_set),
	EXECUTE(BTR, bit_reset),
	EXECUTE(BTC, bit_complement),
	EXECUTE(SHL, shift),
	EXECUTE(SHR, shift),
	EXECUTE(SAR, shift),
	EXECUTE(ROL, shift),
	EXECUTE(ROR, shift),
	EXECUTE(RCL, shift),
	EXECUTE(RCR, shift),
	EXECUTE(SHLD, shift_double),
	EXECUTE(SHRD, shift_double),
	/* products, quotients */
	EXECUTE(MUL, multiply),
	EXECUTE(IMUL, multiply_signed),
	ATTEMPT(DIV, divide),
	ATTEMPT(IDIV, divide_signed),
	/* the stack, transfers of control */
	ATTEMPT(PUSH, push),
	ATTEMPT(POP, pop),
	ATTEMPT(CALL, call),
	ATTEMPT(JMP, jump),
	ATTEMPT(RET, return),
	/* XMM registers */
	ATTEMPT(MOVUPS, xmm_move),
	ATTEMPT(MOVUPD, xmm_move),
	ATTEMPT(MOVDQU, xmm_move),
	ATTEMPT(LDDQU, xmm_move),
	ATTEMPT(MOVD, xmm_move),
	ATTEMPT(MOVQ, xmm_move),
	ATTEMPT(MOVSS, xmm_move),
	ATTEMPT(MOVAPS, xmm_move_aligned),
	ATTEMPT(MOVAPD, xmm_move_aligned),
	ATTEMPT(MOVDQA, xmm_move_aligned),
	ATTEMPT(MOVNTPS, xmm_move_aligned),
	ATTEMPT(MOVNTPD, xmm_move_aligned),
	ATTEMPT(MOVNTDQ, xmm_move_aligned),
	ATTEMPT(MOVNTDQA, xmm_move_aligned),
	ATTEMPT(MOVLPS, xmm_move_low),
	ATTEMPT(MOVLPD, xmm_move_low),
	ATTEMPT(MOVHPS, xmm_move_high),
	ATTEMPT(MOVHPD, xmm_move_high),
	/* on a condition */
	CONDITIONS(CMOV, move_if), CONDITIONS(SET, set_if),
	/* strings */
	STRING(MOVSB, move),
	STRING(MOVSW, move),
	STRING(MOVSD, move),
	STRING(MOVSQ, move),
	STRING(STOSB, move),
	STRING(STOSW, move),
	STRING(STOSD, move),
	STRING(STOSQ, move),
	STRING(LODSB, move),
	STRING(LODSW, move),
	STRING(LODSD, move),
	STRING(LODSQ, move),
	STRING_ZF(CMPSB, compare),
	STRING_ZF(CMPSW, compare),
	STRING_ZF(CMPSD, compare),
	STRING_ZF(CMPSQ, compare),
	STRING_ZF(SCASB, compare),
	STRING_ZF(SCASW, compare),
	STRING_ZF(SCASD, compare),
	STRING_ZF(SCASQ, compare),
};

/* Two are string instructions and, with two opcode bytes, of SSE2. */
static const struct libnvmm_x86_emulation scalar_move = {
	.attempt = libnvmm_x86_op_xmm_move,
};

const struct libnvmm_x86_emulation *
libnvmm_x86_emulation_find(const struct libnvmm_x86_insn *insn)
{
	ZydisMnemonic mnemonic = insn->info.mnemonic;
	const struct libnvmm_x86_emulation *row;

	if ((size_t)mnemonic >= sizeof(emulations) / sizeof(emulations[0]))
		return NULL;
	row = &emulations[mnemonic];
	if (row->string != LIBNVMM_X86_STRING_NOT &&
	    insn->info.opcode_map != ZYDIS_OPCODE_MAP_DEFAULT)
		return mnemonic == ZYDIS_MNEMONIC_MOVSD ? &scalar_move : NULL;
	return row->execute != NULL || row->attempt != NULL ? row : NULL;
}
