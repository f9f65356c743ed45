/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From bytes to struct interp_insn, by Zydis, and a cache of what has been
 * decoded.  The cache goes by guest-physical address and mode, and an entry
 * counts only while its bytes still stand in memory: so code that changes,
 * by whomever, is seen at once.
 */
#include <Zydis/Zydis.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "engine/interp/interp.h"

#define PAGE_SIZE	4096U

/* Code of 16, 32 and 64 bits, by what a decoder must know. */
enum decoder {
	DECODE_LEGACY_16, DECODE_LEGACY_32, DECODE_COMPAT_16,
	DECODE_COMPAT_32, DECODE_LONG_64, NDECODERS
};

static const struct {
	ZydisMachineMode mode;
	ZydisStackWidth stack;
} decoders[NDECODERS] = {
	[DECODE_LEGACY_16] = {
		ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16 },
	[DECODE_LEGACY_32] = {
		ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32 },
	[DECODE_COMPAT_16] = {
		ZYDIS_MACHINE_MODE_LONG_COMPAT_16, ZYDIS_STACK_WIDTH_16 },
	[DECODE_COMPAT_32] = {
		ZYDIS_MACHINE_MODE_LONG_COMPAT_32, ZYDIS_STACK_WIDTH_32 },
	[DECODE_LONG_64] = {
		ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64 },
};

struct interp_cached {
	uint64_t gpa;		/* of the first byte; ~0: empty */
	uint8_t decoder;
	/* Its bytes 0 to 7 and 7 to 14, where masks have ones. */
	uint64_t words[2], masks[2];
	struct interp_insn insn;
};

/* The last place is for what crosses a page and is decoded each time. */
int
interp_cache_create(struct interp *ip, unsigned sets)
{
	struct interp_cached *cache = malloc((sets + 1) * sizeof(*cache));
	unsigned i;

	if (cache == NULL)
		return ENOMEM;
	free(ip->cache);
	ip->cache = cache;
	ip->cache_sets = sets;
	for (i = 0; i <= sets; i++)
		cache[i].gpa = ~0ULL;
	return 0;
}

void
interp_cache_destroy(struct interp *ip)
{
	free(ip->cache);
}

uint8_t
interp_decoder(const struct interp *ip)
{
	bool wide = ip->code_size == 4;

	if (ip->code_size == 8)
		return DECODE_LONG_64;
	if (interp_long(ip))
		return wide ? DECODE_COMPAT_32 : DECODE_COMPAT_16;
	/* Zydis's real mode lacks what exits there; handlers know the rest. */
	return wide ? DECODE_LEGACY_32 : DECODE_LEGACY_16;
}

/* SPL to DIL and R8B on have no high halves among them. */
static void
operand_gpr8(struct interp_operand *to, ZydisRegister reg)
{
	if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH) {
		to->reg = (uint8_t)(reg - ZYDIS_REGISTER_AH);
		to->high = true;
	} else if (reg >= ZYDIS_REGISTER_SPL)
		to->reg = (uint8_t)(reg - ZYDIS_REGISTER_SPL + 4);
	else
		to->reg = (uint8_t)(reg - ZYDIS_REGISTER_AL);
}

static bool
operand_register(struct interp_operand *to, ZydisRegister reg)
{
	static const struct {
		ZydisRegisterClass class;
		enum interp_operand_kind kind;
	} kinds[] = {
		{ ZYDIS_REGCLASS_GPR16, INTERP_GPR },
		{ ZYDIS_REGCLASS_GPR32, INTERP_GPR },
		{ ZYDIS_REGCLASS_GPR64, INTERP_GPR },
		{ ZYDIS_REGCLASS_SEGMENT, INTERP_SEG },
		{ ZYDIS_REGCLASS_CONTROL, INTERP_CR },
		{ ZYDIS_REGCLASS_DEBUG, INTERP_DR },
		{ ZYDIS_REGCLASS_XMM, INTERP_XMM },
		{ ZYDIS_REGCLASS_MMX, INTERP_MMX },
		{ ZYDIS_REGCLASS_X87, INTERP_ST },
	};
	ZydisRegisterClass class = ZydisRegisterGetClass(reg);
	size_t i;

	if (class == ZYDIS_REGCLASS_GPR8) {
		to->kind = INTERP_GPR;
		operand_gpr8(to, reg);
		return true;
	}
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].class == class) {
			to->kind = (uint8_t)kinds[i].kind;
			to->reg = (uint8_t)ZydisRegisterGetId(reg);
			return true;
		}
	}
	return false;
}

static uint8_t
address_register(ZydisRegister reg)
{
	if (reg == ZYDIS_REGISTER_NONE)
		return INTERP_NOREG;
	if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
		return INTERP_RIP;
	return (uint8_t)ZydisRegisterGetId(reg);
}

/*
 * SIB's base 5 means a displacement alone in mod 0, whatever REX.B says.
 * Zydis 4.0 takes it for R13D where addresses have 32 bits.
 */
static bool
has_no_base(const ZydisDecodedInstruction *from)
{
	return (from->attributes & ZYDIS_ATTRIB_HAS_SIB) &&
	    from->raw.modrm.mod == 0 && from->raw.sib.base == 5;
}

static void
operand_memory(struct interp_insn *insn, const ZydisDecodedInstruction *of,
    const ZydisDecodedOperand *from)
{
	const ZydisDecodedOperandMem *mem = &from->mem;

	/* Those of string instructions are in fixed registers. */
	if (from->visibility != ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
		return;
	insn->base = address_register(mem->base);
	insn->index = address_register(mem->index);
	insn->scale = mem->scale;
	insn->disp = mem->disp.has_displacement ? mem->disp.value : 0;
	if (has_no_base(of)) {
		insn->base = INTERP_NOREG;
		insn->disp = of->raw.disp.value;
	}
	insn->seg = (uint8_t)ZydisRegisterGetId(mem->segment);
}

/* False: an operand that no guest of ours has. */
static bool
operand_decode(struct interp_insn *insn, const ZydisDecodedInstruction *of,
    const ZydisDecodedOperand *from)
{
	struct interp_operand *to = &insn->operands[insn->noperands++];

	to->size = (uint8_t)(from->size / 8);
	switch (from->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return operand_register(to, from->reg.value);
	case ZYDIS_OPERAND_TYPE_MEMORY:
		to->kind = INTERP_MEM;
		operand_memory(insn, of, from);
		return true;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		to->kind = INTERP_IMM;
		to->imm = from->imm.is_signed ? (uint64_t)from->imm.value.s :
		    from->imm.value.u;
		return true;
	case ZYDIS_OPERAND_TYPE_POINTER:
		to->kind = INTERP_FAR;
		to->selector = from->ptr.segment;
		to->imm = from->ptr.offset;
		return true;
	default:
		return false;
	}
}

/* The segment of operands that are not written down (strings, XLAT). */
static uint8_t
segment_implied(ZydisInstructionAttributes attributes)
{
	static const struct {
		ZydisInstructionAttributes attribute;
		enum sim_seg_index seg;
	} segments[] = {
		{ ZYDIS_ATTRIB_HAS_SEGMENT_CS, SIM_SEG_CS },
		{ ZYDIS_ATTRIB_HAS_SEGMENT_SS, SIM_SEG_SS },
		{ ZYDIS_ATTRIB_HAS_SEGMENT_ES, SIM_SEG_ES },
		{ ZYDIS_ATTRIB_HAS_SEGMENT_FS, SIM_SEG_FS },
		{ ZYDIS_ATTRIB_HAS_SEGMENT_GS, SIM_SEG_GS },
	};
	size_t i;

	for (i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		if (attributes & segments[i].attribute)
			return (uint8_t)segments[i].seg;
	}
	return SIM_SEG_DS;
}

static void
insn_fill(struct interp_insn *insn, const ZydisDecodedInstruction *from,
    const uint8_t *bytes)
{
	memset(insn, 0, sizeof(*insn));
	insn->mnemonic = (uint16_t)from->mnemonic;
	insn->opcode = from->opcode;
	insn->length = from->length;
	memcpy(insn->bytes, bytes, from->length);
	insn->operand_size = from->operand_width / 8;
	insn->address_size = from->address_width / 8;
	insn->lock = from->attributes & ZYDIS_ATTRIB_HAS_LOCK;
	insn->rep = from->attributes &
	    (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE);
	insn->repne = from->attributes & ZYDIS_ATTRIB_HAS_REPNE;
	insn->base = insn->index = INTERP_NOREG;
	insn->seg = segment_implied(from->attributes);
}

/* Zydis calls F3 90 PAUSE with REX.B too, where it is XCHG with R8. */
static void
xchg_r8(struct interp_insn *insn)
{
	insn->mnemonic = ZYDIS_MNEMONIC_XCHG;
	insn->execute = interp_handler_find(insn->mnemonic);
	insn->rep = false;
	insn->noperands = 2;
	insn->operands[0] = (struct interp_operand){
		.kind = INTERP_GPR, .size = insn->operand_size, .reg = 8,
	};
	insn->operands[1] = insn->operands[0];
	insn->operands[1].reg = 0;
}

/* The vector of the fault that these bytes are, or -1: *insn is filled. */
static int
bytes_decode(const ZydisDecodedInstruction *from,
    const ZydisDecodedOperand *operands, const uint8_t *bytes,
    struct interp_insn *insn)
{
	unsigned i;

	insn_fill(insn, from, bytes);
	/* Of VEX, what works on general registers has handlers. */
	if (from->encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY &&
	    from->encoding != ZYDIS_INSTRUCTION_ENCODING_VEX)
		return INTERP_UD;
	insn->execute = interp_handler_find(from->mnemonic);
	if (insn->execute == NULL)
		return INTERP_UD;
	for (i = 0; i < from->operand_count_visible &&
	    insn->noperands < 4; i++) {
		if (operands[i].visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN)
			continue;
		if (!operand_decode(insn, from, &operands[i]))
			return INTERP_UD;
	}
	if (from->mnemonic == ZYDIS_MNEMONIC_PAUSE && from->raw.rex.B)
		xchg_r8(insn);
	return -1;
}

enum { NEED_MORE = -2, DECODED = -1 };

/* A vector, or DECODED, or NEED_MORE than size bytes. */
static int
decode(enum decoder mode, const uint8_t *bytes, size_t size,
    struct interp_insn *insn)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction from;
	ZydisDecoder decoder;
	ZyanStatus status;

	if (ZYAN_FAILED(ZydisDecoderInit(&decoder, decoders[mode].mode,
	    decoders[mode].stack)))
		return INTERP_UD;
	status = ZydisDecoderDecodeFull(&decoder, bytes, size, &from,
	    operands);
	if (status == ZYDIS_STATUS_NO_MORE_DATA)
		return size < SIM_INST_MAX ? NEED_MORE : INTERP_GP;
	if (status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG)
		return INTERP_GP;
	if (ZYAN_FAILED(status))
		return INTERP_UD;
	return bytes_decode(&from, operands, bytes, insn);
}

/* Code outside of what CS covers is a fault; length 1 is the first byte. */
static bool
within_cs(struct interp *ip, unsigned length)
{
	uint64_t rip = ip->state->gprs[SIM_GPR_RIP];

	if (ip->code_size == 8) {
		if (interp_canonical(rip) &&
		    interp_canonical(rip + length - 1))
			return true;
	} else if (rip + length - 1 <= ip->state->segs[SIM_SEG_CS].limit)
		return true;
	return interp_fault_code(ip, INTERP_GP, 0);
}

static bool
refuse(struct interp *ip, int vector)
{
	if (vector == INTERP_UD)
		return interp_fault(ip, INTERP_UD);
	return interp_fault_code(ip, (unsigned)vector, 0);
}

/* The first page does not have all of it: as much as needed of the next. */
static const struct interp_insn *
fetch_crossing(struct interp *ip, uint64_t linear, const uint8_t *host,
    unsigned room)
{
	struct interp_insn *insn = &ip->cache[ip->cache_sets].insn;
	enum decoder mode = (enum decoder)ip->decoder;
	uint8_t bytes[SIM_INST_MAX];
	uint64_t next = linear + room, gpa;
	uint8_t *rest;
	int vector;

	if (!interp_long(ip))
		next &= 0xFFFFFFFF;
	memcpy(bytes, host, room);
	vector = decode(mode, bytes, room, insn);
	if (vector == NEED_MORE) {
		if (!within_cs(ip, room + 1) || !interp_translate(ip, next, 1,
		    SIM_ACCESS_EXEC, false, &rest, &gpa))
			return NULL;
		memcpy(bytes + room, rest, SIM_INST_MAX - room);
		vector = decode(mode, bytes, SIM_INST_MAX, insn);
	}
	if (vector != DECODED) {
		(void)refuse(ip, vector);
		return NULL;
	}
	return within_cs(ip, insn->length) ? insn : NULL;
}

static void
words_load(const uint8_t *bytes, uint64_t words[2])
{
	memcpy(&words[0], bytes, sizeof(words[0]));
	memcpy(&words[1], bytes + 7, sizeof(words[1]));
}

/* Remembers the bytes in a form that is quick to compare. */
static void
words_remember(struct interp_cached *cached)
{
	uint8_t mask[SIM_INST_MAX] = { 0 };

	memset(mask, 0xFF, cached->insn.length);
	words_load(mask, cached->masks);
	words_load(cached->insn.bytes, cached->words);
}

static const struct interp_insn *
fetch_new(struct interp *ip, struct interp_cached *cached, uint64_t gpa,
    const uint8_t *host)
{
	enum decoder mode = (enum decoder)ip->decoder;
	uint8_t bytes[SIM_INST_MAX];
	int vector;

	memcpy(bytes, host, sizeof(bytes));
	cached->gpa = ~0ULL;
	vector = decode(mode, bytes, sizeof(bytes), &cached->insn);
	if (vector != DECODED) {
		(void)refuse(ip, vector);
		return NULL;
	}
	cached->gpa = gpa;
	cached->decoder = (uint8_t)mode;
	words_remember(cached);
	return &cached->insn;
}

static bool
still_there(const struct interp_cached *cached, const uint8_t *host)
{
	uint64_t now[2];

	words_load(host, now);
	return (((now[0] ^ cached->words[0]) & cached->masks[0]) |
	    ((now[1] ^ cached->words[1]) & cached->masks[1])) == 0;
}

static uint64_t
code_linear(const struct interp *ip)
{
	uint64_t rip = ip->state->gprs[SIM_GPR_RIP];

	if (ip->code_size == 8)
		return rip;
	return (rip + ip->state->segs[SIM_SEG_CS].base) & 0xFFFFFFFF;
}

/* Code goes on in another page, or the first time in this one. */
static bool
code_turn(struct interp *ip, uint64_t linear, uint64_t tag)
{
	uint64_t offset = linear % PAGE_SIZE, gpa;
	uint8_t *host;

	if (!within_cs(ip, 1) || !interp_translate(ip, linear, 1,
	    SIM_ACCESS_EXEC, false, &host, &gpa))
		return false;
	ip->code.tag = tag;
	ip->code.host = host - offset;
	ip->code.gpa = gpa - offset;
	return true;
}

const struct interp_insn *
interp_fetch(struct interp *ip)
{
	uint64_t linear = code_linear(ip), gpa;
	unsigned offset = (unsigned)(linear % PAGE_SIZE);
	uint64_t tag = (linear - offset) | ip->user;
	const struct interp_insn *insn;
	struct interp_cached *cached;
	const uint8_t *host;

	if (tag != ip->code.tag && !code_turn(ip, linear, tag))
		return NULL;
	host = ip->code.host + offset;
	gpa = ip->code.gpa + offset;
	if (offset > PAGE_SIZE - SIM_INST_MAX)
		return fetch_crossing(ip, linear, host, PAGE_SIZE - offset);
	cached = &ip->cache[gpa & (ip->cache_sets - 1)];
	if (cached->gpa == gpa && cached->decoder == ip->decoder &&
	    still_there(cached, host))
		insn = &cached->insn;
	else
		insn = fetch_new(ip, cached, gpa, host);
	if (insn == NULL || ip->code_size == 8)
		return insn;
	return within_cs(ip, insn->length) ? insn : NULL;
}
