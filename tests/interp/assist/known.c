/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What nvmm_assist_mem must carry out, as libnvmm(3) lists it; all else must
 * be ENODEV.
 */
#include "assist.h"

#define M(name)	ZYDIS_MNEMONIC_##name
#define CC(name)							\
	M(name##B), M(name##BE), M(name##L), M(name##LE), M(name##NB),	\
	M(name##NBE), M(name##NL), M(name##NLE), M(name##NO),		\
	M(name##NP), M(name##NS), M(name##NZ), M(name##O), M(name##P),	\
	M(name##S), M(name##Z)
#define STRING(name)							\
	M(name##B), M(name##W), M(name##D), M(name##Q)

static const uint16_t known[] = {
	M(MOV), M(MOVZX), M(MOVSX), M(MOVSXD), M(MOVBE), M(MOVNTI), CC(CMOV),
	CC(SET), M(ADD), M(ADC), M(SUB), M(SBB), M(AND), M(OR), M(XOR),
	M(CMP), M(TEST), M(INC), M(DEC), M(NEG), M(NOT), M(XCHG), M(XADD),
	M(CMPXCHG), M(BT), M(BTS), M(BTR), M(BTC), M(SHL), M(SHR), M(SAR),
	M(ROL), M(ROR), M(RCL), M(RCR), M(SHLD), M(SHRD), M(MUL), M(IMUL),
	M(DIV), M(IDIV), M(PUSH), M(POP), M(CALL), M(JMP), M(RET),
	STRING(MOVS), STRING(STOS), STRING(LODS), STRING(CMPS),
	STRING(SCAS), M(MOVAPS), M(MOVAPD), M(MOVDQA), M(MOVUPS), M(MOVUPD),
	M(MOVDQU), M(LDDQU), M(MOVNTPS), M(MOVNTPD), M(MOVNTDQ), M(MOVD),
	M(MOVQ), M(MOVSS), M(MOVLPS), M(MOVLPD), M(MOVHPS), M(MOVHPD),
};

/* MMX registers are those of the x87 unit: they are left alone. */
static bool
uses_mmx(const struct trial *trial)
{
	unsigned i;

	for (i = 0; i < trial->insn.operand_count_visible; i++) {
		if (trial->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ZydisRegisterGetClass(trial->operands[i].reg.value) ==
		    ZYDIS_REGCLASS_MMX)
			return true;
	}
	return false;
}

bool
known_is(const struct trial *trial)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == trial->insn.mnemonic)
			return !uses_mmx(trial);
	}
	return false;
}
