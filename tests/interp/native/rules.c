/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which instructions are compared, and which status flags mean nothing after
 * them (Intel SDM vol. 2, "Flags Affected", and AMD APM vol. 3, appendix E).
 * What is not in the table is never executed on the host.
 */
#include "native.h"

#include "engine/interp/interp.h"

#define CF	INTERP_CF
#define PF	INTERP_PF_FLAG
#define AF	INTERP_AF
#define ZF	INTERP_ZF
#define SF	INTERP_SF
#define OF	INTERP_OF_FLAG
#define ALL	INTERP_STATUS

/* How a count changes what is defined. */
enum count {
	COUNT_NONE,		/* there is none */
	COUNT_SHIFT,		/* 0 keeps all; OF for 1; CF up to the size */
	COUNT_ROTATE,		/* 0 keeps all; OF for 1 */
	COUNT_DOUBLE		/* as SHIFT, and beyond the size nothing */
};

struct rule {
	uint16_t mnemonic;
	uint16_t undefined;	/* flags */
	uint8_t count;		/* enum count */
};

#define ROW(name, undefined)		{ ZYDIS_MNEMONIC_##name, undefined, 0 }
#define COUNTED(name, undefined, count)					\
	{ ZYDIS_MNEMONIC_##name, undefined, COUNT_##count }
#define FAMILY_CC(name)							\
	ROW(name##B, 0), ROW(name##BE, 0), ROW(name##L, 0),		\
	ROW(name##LE, 0), ROW(name##NB, 0), ROW(name##NBE, 0),		\
	ROW(name##NL, 0), ROW(name##NLE, 0), ROW(name##NO, 0),		\
	ROW(name##NP, 0), ROW(name##NS, 0), ROW(name##NZ, 0),		\
	ROW(name##O, 0), ROW(name##P, 0), ROW(name##S, 0), ROW(name##Z, 0)

static const struct rule rules[] = {
	/* sums, logic, exchanges */
	ROW(ADC, 0), ROW(ADCX, 0), ROW(ADD, 0), ROW(ADOX, 0), ROW(AND, AF),
	ROW(CMP, 0), ROW(CMPXCHG, 0), ROW(CMPXCHG16B, 0),
	ROW(CMPXCHG8B, 0), ROW(DEC, 0), ROW(INC, 0), ROW(NEG, 0),
	ROW(NOT, 0), ROW(OR, AF), ROW(SBB, 0), ROW(SUB, 0), ROW(TEST, AF),
	ROW(XADD, 0), ROW(XCHG, 0), ROW(XOR, AF),
	/* shifts */
	COUNTED(RCL, 0, ROTATE), COUNTED(RCR, 0, ROTATE),
	COUNTED(ROL, 0, ROTATE), COUNTED(ROR, 0, ROTATE),
	COUNTED(SAR, AF, SHIFT), COUNTED(SHL, AF, SHIFT),
	COUNTED(SHR, AF, SHIFT), COUNTED(SHLD, AF, DOUBLE),
	COUNTED(SHRD, AF, DOUBLE), ROW(RORX, 0), ROW(SARX, 0),
	ROW(SHLX, 0), ROW(SHRX, 0),
	/* products */
	ROW(DIV, ALL), ROW(IDIV, ALL), ROW(IMUL, SF | ZF | AF | PF),
	ROW(MUL, SF | ZF | AF | PF), ROW(MULX, 0),
	/* bits */
	ROW(BSF, ALL & ~ZF), ROW(BSR, ALL & ~ZF), ROW(BSWAP, 0),
	ROW(BT, OF | SF | AF | PF), ROW(BTC, OF | SF | AF | PF),
	ROW(BTR, OF | SF | AF | PF), ROW(BTS, OF | SF | AF | PF),
	ROW(LZCNT, OF | SF | AF | PF), ROW(POPCNT, 0),
	ROW(TZCNT, OF | SF | AF | PF), ROW(ANDN, AF | PF),
	ROW(BEXTR, AF | SF | PF), ROW(BLSI, AF | PF), ROW(BLSMSK, AF | PF),
	ROW(BLSR, AF | PF), ROW(BZHI, AF | PF), ROW(CRC32, 0), ROW(PDEP, 0),
	ROW(PEXT, 0),
	/* decimal */
	ROW(AAA, OF | SF | ZF | PF), ROW(AAD, OF | AF | CF),
	ROW(AAM, OF | AF | CF), ROW(AAS, OF | SF | ZF | PF), ROW(DAA, OF),
	ROW(DAS, OF),
	/* moves */
	ROW(MOV, 0), ROW(MOVBE, 0), ROW(MOVSX, 0), ROW(MOVSXD, 0),
	ROW(MOVZX, 0), ROW(LEA, 0), ROW(CBW, 0), ROW(CWDE, 0), ROW(CDQE, 0),
	ROW(CWD, 0), ROW(CDQ, 0), ROW(CQO, 0), ROW(XLAT, 0), ROW(NOP, 0),
	ROW(LAHF, 0), ROW(SAHF, 0), ROW(SALC, 0), FAMILY_CC(CMOV),
	FAMILY_CC(SET),
	/* single flags */
	ROW(CLC, 0), ROW(CLD, 0), ROW(CMC, 0), ROW(STC, 0), ROW(STD, 0),
	/* the stack */
	ROW(ENTER, 0), ROW(LEAVE, 0), ROW(POP, 0), ROW(POPA, 0),
	ROW(POPAD, 0), ROW(POPF, 0), ROW(POPFD, 0), ROW(POPFQ, 0),
	ROW(PUSH, 0), ROW(PUSHA, 0), ROW(PUSHAD, 0), ROW(PUSHF, 0),
	ROW(PUSHFD, 0), ROW(PUSHFQ, 0),
	/* strings */
	ROW(CMPSB, 0), ROW(CMPSD, 0), ROW(CMPSQ, 0), ROW(CMPSW, 0),
	ROW(LODSB, 0), ROW(LODSD, 0), ROW(LODSQ, 0), ROW(LODSW, 0),
	ROW(MOVSB, 0), ROW(MOVSD, 0), ROW(MOVSQ, 0), ROW(MOVSW, 0),
	ROW(SCASB, 0), ROW(SCASD, 0), ROW(SCASQ, 0), ROW(SCASW, 0),
	ROW(STOSB, 0), ROW(STOSD, 0), ROW(STOSQ, 0), ROW(STOSW, 0),
	/* control */
	FAMILY_CC(J), ROW(CALL, 0), ROW(JMP, 0), ROW(RET, 0), ROW(LOOP, 0),
	ROW(LOOPE, 0), ROW(LOOPNE, 0), ROW(JCXZ, 0), ROW(JECXZ, 0),
	ROW(JRCXZ, 0), ROW(BOUND, 0), ROW(UD2, 0),
	/* XMM and MMX: integers and bits */
	ROW(PADDB, 0), ROW(PADDW, 0), ROW(PADDD, 0), ROW(PADDQ, 0),
	ROW(PADDSB, 0), ROW(PADDSW, 0), ROW(PADDUSB, 0), ROW(PADDUSW, 0),
	ROW(PSUBB, 0), ROW(PSUBW, 0), ROW(PSUBD, 0), ROW(PSUBQ, 0),
	ROW(PSUBSB, 0), ROW(PSUBSW, 0), ROW(PSUBUSB, 0), ROW(PSUBUSW, 0),
	ROW(PMULLW, 0), ROW(PMULHW, 0), ROW(PMULHUW, 0), ROW(PMULUDQ, 0),
	ROW(PMADDWD, 0), ROW(PSADBW, 0), ROW(PAVGB, 0), ROW(PAVGW, 0),
	ROW(PMINUB, 0), ROW(PMINSW, 0), ROW(PMAXUB, 0), ROW(PMAXSW, 0),
	ROW(PCMPEQB, 0), ROW(PCMPEQW, 0), ROW(PCMPEQD, 0), ROW(PCMPGTB, 0),
	ROW(PCMPGTW, 0), ROW(PCMPGTD, 0), ROW(PAND, 0), ROW(ANDPS, 0),
	ROW(ANDPD, 0), ROW(PANDN, 0), ROW(ANDNPS, 0), ROW(ANDNPD, 0),
	ROW(POR, 0), ROW(ORPS, 0), ROW(ORPD, 0), ROW(PXOR, 0), ROW(XORPS, 0),
	ROW(XORPD, 0), ROW(PSLLW, 0), ROW(PSLLD, 0), ROW(PSLLQ, 0),
	ROW(PSRLW, 0), ROW(PSRLD, 0), ROW(PSRLQ, 0), ROW(PSRAW, 0),
	ROW(PSRAD, 0), ROW(PACKSSWB, 0), ROW(PACKSSDW, 0), ROW(PACKUSWB, 0),
	ROW(PUNPCKLBW, 0), ROW(PUNPCKLWD, 0), ROW(PUNPCKLDQ, 0),
	ROW(PUNPCKLQDQ, 0), ROW(PUNPCKHBW, 0), ROW(PUNPCKHWD, 0),
	ROW(PUNPCKHDQ, 0), ROW(PUNPCKHQDQ, 0), ROW(UNPCKLPS, 0),
	ROW(UNPCKLPD, 0), ROW(UNPCKHPS, 0), ROW(UNPCKHPD, 0), ROW(PSHUFW, 0),
	ROW(PSHUFD, 0), ROW(PSHUFLW, 0), ROW(PSHUFHW, 0), ROW(SHUFPS, 0),
	ROW(SHUFPD, 0), ROW(PSLLDQ, 0), ROW(PSRLDQ, 0), ROW(PMOVMSKB, 0),
	ROW(MOVMSKPS, 0), ROW(MOVMSKPD, 0), ROW(PEXTRW, 0), ROW(PINSRW, 0),
	/* XMM, MMX and x87: moves and control; hints */
	ROW(MOVAPS, 0), ROW(MOVAPD, 0), ROW(MOVDQA, 0), ROW(MOVUPS, 0),
	ROW(MOVUPD, 0), ROW(MOVDQU, 0), ROW(LDDQU, 0), ROW(MOVNTPS, 0),
	ROW(MOVNTPD, 0), ROW(MOVNTDQ, 0), ROW(MOVNTI, 0), ROW(MOVD, 0),
	ROW(MOVQ, 0), ROW(MOVNTQ, 0), ROW(MOVDQ2Q, 0), ROW(MOVQ2DQ, 0),
	ROW(MOVSS, 0), ROW(MOVLPS, 0), ROW(MOVLPD, 0), ROW(MOVHPS, 0),
	ROW(MOVHPD, 0), ROW(MOVHLPS, 0), ROW(MOVLHPS, 0), ROW(MASKMOVDQU, 0),
	ROW(MASKMOVQ, 0), ROW(LDMXCSR, 0), ROW(STMXCSR, 0), ROW(FNINIT, 0),
	ROW(FNCLEX, 0), ROW(FLDCW, 0), ROW(FNSTCW, 0), ROW(FNSTSW, 0),
	ROW(FWAIT, 0), ROW(FNOP, 0), ROW(EMMS, 0), ROW(PAUSE, 0),
	ROW(FXSAVE, 0), ROW(FXSAVE64, 0), ROW(FXRSTOR, 0), ROW(FXRSTOR64, 0),
	ROW(PREFETCHW, 0), ROW(PREFETCHNTA, 0), ROW(PREFETCHT0, 0),
	ROW(PREFETCHT1, 0), ROW(PREFETCHT2, 0), ROW(LFENCE, 0),
	ROW(SFENCE, 0), ROW(MFENCE, 0), ROW(CLFLUSH, 0), ROW(CLFLUSHOPT, 0),
	ROW(ENDBR32, 0), ROW(ENDBR64, 0),
	/* privileged: #GP(0) here */
	ROW(HLT, 0), ROW(CLI, 0), ROW(STI, 0), ROW(CLTS, 0), ROW(INVLPG, 0),
	ROW(WBINVD, 0), ROW(INVD, 0), ROW(LGDT, 0), ROW(LIDT, 0),
	ROW(LMSW, 0), ROW(RDMSR, 0), ROW(WRMSR, 0),
};

static const struct rule *
rule_find(unsigned mnemonic)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].mnemonic == mnemonic)
			return &rules[i];
	}
	return NULL;
}

unsigned
rules_mnemonic(size_t i)
{
	return i < sizeof(rules) / sizeof(rules[0]) ? rules[i].mnemonic : 0;
}

/* Writes a segment register, which the guest has no descriptors for. */
static bool
loads_segment(const struct trial *trial)
{
	unsigned i;

	for (i = 0; i < trial->insn.operand_count; i++) {
		if (trial->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    ZydisRegisterGetClass(trial->operands[i].reg.value) ==
		    ZYDIS_REGCLASS_SEGMENT &&
		    (trial->operands[i].actions &
		    ZYDIS_OPERAND_ACTION_MASK_WRITE))
			return true;
	}
	return false;
}

/* FS is the C library's; its base differs in the guest. */
static bool
uses_segment(const struct trial *trial)
{
	ZydisInstructionAttributes foreign = ZYDIS_ATTRIB_HAS_SEGMENT_FS;

	if (trial_segments[trial->mode].bits != 64)
		foreign |= ZYDIS_ATTRIB_HAS_SEGMENT_GS;
	return (trial->insn.attributes & foreign) != 0;
}

/* Intel and AMD read a jump's 66 prefix differently in 64-bit mode. */
static bool
narrow_branch(const struct trial *trial)
{
	return trial->mode == TRIAL_64 &&
	    trial->insn.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
	    (trial->insn.attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE);
}

/* NOP by its name, but #UD on AMD: PREFETCH of a register. */
static bool
prefetches_register(const struct trial *trial)
{
	return trial->insn.opcode_map == ZYDIS_OPCODE_MAP_0F &&
	    trial->insn.opcode == 0x0D && trial->insn.raw.modrm.mod == 3;
}

/* F2 and F3 are reserved before LOOPcc, and read as a condition by AMD. */
static bool
loops_with_prefix(const struct trial *trial)
{
	unsigned i;

	if (trial->insn.mnemonic != ZYDIS_MNEMONIC_LOOPE &&
	    trial->insn.mnemonic != ZYDIS_MNEMONIC_LOOPNE)
		return false;
	for (i = 0; i < trial->insn.raw.prefix_count; i++) {
		if ((trial->insn.raw.prefixes[i].value | 1) == 0xF3)
			return true;
	}
	return false;
}

/* MOVSXD to 16 bits reads 32 on AMD, 16 by Intel's manual. */
bool
rules_host_varies(const struct trial *trial)
{
	return trial->insn.mnemonic == ZYDIS_MNEMONIC_MOVSXD &&
	    trial->operands[0].size == 16 &&
	    trial->operands[1].type == ZYDIS_OPERAND_TYPE_MEMORY;
}

/* LOCK MOV CR0 is MOV CR8 on AMD. */
static bool
alternative_cr8(const struct trial *trial)
{
	return trial->locked_wrongly &&
	    trial->insn.opcode_map == ZYDIS_OPCODE_MAP_0F &&
	    (trial->insn.opcode & ~2) == 0x20;
}

/* Comparisons of SSE2 share the names of the strings'. */
static bool
compares_floats(const struct trial *trial)
{
	return trial->insn.mnemonic == ZYDIS_MNEMONIC_CMPSD &&
	    trial->insn.operand_count_visible == 3;
}

bool
rules_comparable(const struct trial *trial)
{
	return rule_find(trial->insn.mnemonic) != NULL &&
	    (trial->insn.encoding == ZYDIS_INSTRUCTION_ENCODING_LEGACY ||
	    trial->insn.encoding == ZYDIS_INSTRUCTION_ENCODING_VEX) &&
	    trial->insn.meta.branch_type != ZYDIS_BRANCH_TYPE_FAR &&
	    !loads_segment(trial) && !uses_segment(trial) &&
	    !narrow_branch(trial) && !prefetches_register(trial) &&
	    !loops_with_prefix(trial) && !compares_floats(trial) &&
	    !alternative_cr8(trial);
}

bool
rules_writes_early(const struct trial *trial)
{
	switch (trial->insn.mnemonic) {
	case ZYDIS_MNEMONIC_ENTER:
	case ZYDIS_MNEMONIC_MASKMOVQ:
	case ZYDIS_MNEMONIC_POPA:
	case ZYDIS_MNEMONIC_POPAD:
	case ZYDIS_MNEMONIC_PUSHA:
	case ZYDIS_MNEMONIC_PUSHAD:
		return true;
	default:
		return false;
	}
}

bool
rules_any_segment_fault(const struct trial *trial)
{
	unsigned i;

	for (i = 0; i < trial->insn.operand_count_visible; i++) {
		if (trial->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    trial->operands[i].size == 128)
			return true;
	}
	return false;
}

bool
rules_any_fault(const struct trial *trial)
{
	switch (trial->insn.mnemonic) {
	case ZYDIS_MNEMONIC_CMPSB:
	case ZYDIS_MNEMONIC_CMPSW:
	case ZYDIS_MNEMONIC_CMPSD:
	case ZYDIS_MNEMONIC_CMPSQ:
	case ZYDIS_MNEMONIC_CALL:
	/* A limit and a page: by the manuals, in no order. */
	case ZYDIS_MNEMONIC_MASKMOVDQU:
	case ZYDIS_MNEMONIC_MASKMOVQ:
	/* Across two pages: either, and any byte of it. */
	case ZYDIS_MNEMONIC_FXRSTOR:
	case ZYDIS_MNEMONIC_FXRSTOR64:
	case ZYDIS_MNEMONIC_FXSAVE:
	case ZYDIS_MNEMONIC_FXSAVE64:
		return true;
	default:
		return false;
	}
}

static unsigned
count_of(const struct trial *trial)
{
	const ZydisDecodedOperand *last =
	    &trial->operands[trial->insn.operand_count_visible - 1];
	uint64_t count = last->type == ZYDIS_OPERAND_TYPE_IMMEDIATE ?
	    last->imm.value.u : trial->gprs[SIM_GPR_RCX];

	return (unsigned)count & (trial->operands[0].size == 64 ? 63 : 31);
}

uint64_t
rules_undefined(const struct trial *trial)
{
	const struct rule *rule = rule_find(trial->insn.mnemonic);
	uint64_t undefined = rule->undefined;
	unsigned count;

	if (rule->count == COUNT_NONE)
		return undefined;
	count = count_of(trial);
	if (count == 0)
		return 0;
	if (count != 1)
		undefined |= OF;
	if (count >= trial->operands[0].size && rule->count != COUNT_ROTATE)
		undefined |= CF;
	return undefined;
}

bool
rules_result_undefined(const struct trial *trial)
{
	const struct rule *rule = rule_find(trial->insn.mnemonic);

	if (rule->count == COUNT_DOUBLE)
		return count_of(trial) > trial->operands[0].size;
	return rule->mnemonic == ZYDIS_MNEMONIC_BSWAP &&
	    trial->operands[0].size == 16;
}
