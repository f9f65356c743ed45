/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions at random: prefixes, any opcode of the one- and two-byte maps
 * and of what VEX has for general registers, ModRM and the rest.  The decoder
 * throws out what is none.  Registers are then made such that memory operands
 * mostly are in the arena, often at the ends of its pages.
 */
#include "native.h"

#include <string.h>

#include "engine/interp/interp.h"

#define POOL_SIZE	(2 * ARENA_SIZE)

/* Registers and memory must not depend on how the bytes were found. */
#define STREAM_STATE	0x5DEECE66D1234567ULL

struct builder {
	struct random *random;
	uint8_t *bytes;
	unsigned length;
};

static void
append(struct builder *builder, unsigned byte)
{
	builder->bytes[builder->length++] = (uint8_t)byte;
}

static bool
chance(struct random *random, unsigned one_in)
{
	return random_below(random, one_in) == 0;
}

static void
prefixes_append(struct builder *builder, enum trial_mode mode)
{
	static const struct {
		uint8_t byte;
		uint8_t one_in;
	} prefixes[] = {
		{ 0x66, 4 }, { 0x67, 8 }, { 0xF3, 8 }, { 0xF2, 16 },
		{ 0xF0, 16 }, { 0x65, 32 }, { 0x2E, 64 }, { 0x36, 64 },
		{ 0x3E, 64 }, { 0x26, 64 },
	};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (chance(builder->random, prefixes[i].one_in))
			append(builder, prefixes[i].byte);
	}
	if (mode == TRIAL_64 && chance(builder->random, 2))
		append(builder, 0x40 + random_below(builder->random, 16));
}

static void
vex_append(struct builder *builder)
{
	unsigned map = 2 + random_below(builder->random, 2);

	append(builder, 0xC4);
	append(builder, random_below(builder->random, 8) << 5 | map);
	append(builder, (random_below(builder->random, 256) & ~4U));
	append(builder, 0xF0 + random_below(builder->random, 8));
}

static void
opcode_append(struct builder *builder)
{
	unsigned choice = random_below(builder->random, 16);

	if (choice >= 6) {
		append(builder, random_below(builder->random, 256));
		return;
	}
	append(builder, 0x0F);
	if (choice == 0) {
		append(builder, 0x38);
		append(builder, 0xF0 + random_below(builder->random, 8));
	} else
		append(builder, random_below(builder->random, 256));
}

static void
bytes_make(struct random *random, enum trial_mode mode,
    uint8_t bytes[SIM_INST_MAX])
{
	uint8_t all[64];
	struct builder builder = { .random = random, .bytes = all };

	if (chance(random, 16))
		vex_append(&builder);
	else {
		prefixes_append(&builder, mode);
		opcode_append(&builder);
	}
	while (builder.length < SIM_INST_MAX)
		append(&builder, random_below(random, 256));
	memcpy(bytes, all, SIM_INST_MAX);
}

/* --- decoding --- */

static bool
bytes_decode(struct trial *trial, const uint8_t *bytes, size_t size)
{
	ZydisDecoder decoder;

	switch (trial_segments[trial->mode].bits) {
	case 64:
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64,
		    ZYDIS_STACK_WIDTH_64);
		break;
	case 32:
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_32,
		    ZYDIS_STACK_WIDTH_32);
		break;
	default:
		ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_COMPAT_16,
		    ZYDIS_STACK_WIDTH_16);
		break;
	}
	return ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, bytes, size,
	    &trial->insn, trial->operands));
}

/* Decodes as if LOCK, which must be the first byte, were not there. */
static bool
decode_unlocked(struct trial *trial, size_t size)
{
	if (trial->bytes[0] != 0xF0 ||
	    !bytes_decode(trial, trial->bytes + 1, size - 1))
		return false;
	trial->locked_wrongly = true;
	trial->length = trial->insn.length + 1U;
	return true;
}

static bool
trial_decode(struct trial *trial, size_t size)
{
	trial->locked_wrongly = false;
	if (!bytes_decode(trial, trial->bytes, size)) {
		if (!decode_unlocked(trial, size))
			return false;
	} else
		trial->length = trial->insn.length;
	return rules_comparable(trial);
}

bool
trial_repeats(const struct trial *trial)
{
	return (trial->insn.attributes & (ZYDIS_ATTRIB_HAS_REP |
	    ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE)) != 0;
}

/* --- registers --- */

/* An address in the arena, often near the end of a page. */
static uint64_t
address_make(struct random *random)
{
	uint64_t page = ARENA + random_below(random, ARENA_PAGES) * PAGE;

	switch (random_below(random, 4)) {
	case 0:
		return page + PAGE - random_below(random, 40);
	case 1:
		return page + random_below(random, PAGE / 16) * 16;
	default:
		return page + random_below(random, PAGE);
	}
}

static uint64_t
value_make(struct random *random)
{
	uint64_t value = random_next(random);

	switch (random_below(random, 8)) {
	case 0:
	case 1:
		return address_make(random);
	case 2:
		return value % 64 - 20;
	case 3:
		return value & 0xFFFFFFFF;
	case 4:		/* about a sign bit */
		return interp_sign(1U << random_below(random, 4)) + value % 3 -
		    1;
	case 5:
		return value >> random_below(random, 64);
	default:
		return value;
	}
}

static void
gprs_make(struct trial *trial, struct random *random)
{
	unsigned i;

	for (i = 0; i < 16; i++)
		trial->gprs[i] = value_make(random);
	if (!chance(random, 8))
		trial->gprs[SIM_GPR_RSP] = address_make(random) & ~7ULL;
	if (!chance(random, 4))
		trial->gprs[SIM_GPR_RSI] = address_make(random);
	if (!chance(random, 4))
		trial->gprs[SIM_GPR_RDI] = address_make(random);
	if (chance(random, 2))
		trial->gprs[SIM_GPR_RCX] = random_below(random, 40);
	/* Dividends that fit, pairs that are equal. */
	if (chance(random, 4))
		trial->gprs[SIM_GPR_RDX] = random_below(random, 3) - 1ULL;
	trial->gprs[SIM_GPR_RFLAGS] = SIM_RFLAGS_MBO | SIM_RFLAGS_IF |
	    (random_next(random) & (INTERP_STATUS | INTERP_DF_FLAG));
}

/* All exceptions are masked; ST has 10 bytes of 16. */
static void
fpu_make(struct trial *trial, struct random *random)
{
	const uint16_t control = 0x37F;
	const uint16_t status = random_next(random) & 0x7F00;
	const uint32_t mxcsr = 0x1F80, mask = host_mxcsr_mask();
	uint64_t word;
	unsigned i;

	memset(trial->fpu, 0, sizeof(trial->fpu));
	memcpy(trial->fpu + SIM_FPU_CW, &control, sizeof(control));
	memcpy(trial->fpu + SIM_FPU_CW + 2, &status, sizeof(status));
	trial->fpu[SIM_FPU_TW] = (uint8_t)random_next(random);
	for (i = 32; i < 160; i += 16) {
		word = value_make(random);
		memcpy(trial->fpu + i, &word, sizeof(word));
		word = random_next(random);
		memcpy(trial->fpu + i + 8, &word, 2);
	}
	memcpy(trial->fpu + SIM_FPU_MXCSR, &mxcsr, sizeof(mxcsr));
	memcpy(trial->fpu + SIM_FPU_MXCSR_MASK, &mask, sizeof(mask));
	for (i = 160; i < 416; i += 8) {
		word = value_make(random);
		memcpy(trial->fpu + i, &word, sizeof(word));
	}
}

static const ZydisDecodedOperand *
memory_operand(const struct trial *trial)
{
	unsigned i;

	for (i = 0; i < trial->insn.operand_count; i++) {
		if (trial->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    trial->operands[i].visibility ==
		    ZYDIS_OPERAND_VISIBILITY_EXPLICIT)
			return &trial->operands[i];
	}
	return NULL;
}

static uint64_t *
register_of(struct trial *trial, ZydisRegister reg)
{
	return &trial->gprs[ZydisRegisterGetId(reg)];
}

/* Without a base that could be changed, the displacement is. */
static void
aim_displacement(struct trial *trial, const ZydisDecodedOperand *operand,
    uint64_t target)
{
	unsigned offset = trial->insn.raw.disp.offset +
	    trial->locked_wrongly;
	unsigned size = trial->insn.raw.disp.size / 8U;

	if (size < 4)
		return;
	if (operand->mem.base == ZYDIS_REGISTER_RIP ||
	    operand->mem.base == ZYDIS_REGISTER_EIP)
		target -= trial->gprs[SIM_GPR_RIP] + trial->length;
	memcpy(trial->bytes + offset, &target, size);
}

/* Where a segment begins; an address in the expanding one is a page up. */
static uint64_t
base_of(const struct trial *trial, ZydisRegister segment)
{
	const struct trial_segments *segments = &trial_segments[trial->mode];

	switch (segment) {
	case ZYDIS_REGISTER_CS:
		return segments->cs.base;
	case ZYDIS_REGISTER_SS:
		return segments->ss.base;
	case ZYDIS_REGISTER_ES:
		return segments->es.base;
	case ZYDIS_REGISTER_GS:
		return GS_BASE;
	default:
		return segments->ds.base;
	}
}

/* What is in the arena becomes an offset in DS; no more than the mode has. */
static void
gprs_fit(struct trial *trial)
{
	const struct trial_segments *segments = &trial_segments[trial->mode];
	unsigned i;

	if (segments->bits == 64)
		return;
	for (i = 0; i < 16; i++) {
		trial->gprs[i] &= i < 8 ? 0xFFFFFFFF : 0;
		if (trial->gprs[i] - ARENA < ARENA_SIZE)
			trial->gprs[i] -= segments->ds.base;
	}
}

static void
aim(struct trial *trial, struct random *random, bool bytes_given)
{
	const ZydisDecodedOperand *operand = memory_operand(trial);
	uint64_t target = address_make(random), *base;
	uint64_t mask = interp_mask(trial->insn.address_width / 8U);

	if (chance(random, 16) || operand == NULL)
		return;
	target -= base_of(trial, operand->mem.segment);
	if (operand->mem.base == ZYDIS_REGISTER_NONE ||
	    operand->mem.base == ZYDIS_REGISTER_RIP ||
	    operand->mem.base == ZYDIS_REGISTER_EIP) {
		if (!bytes_given && operand->mem.index ==
		    ZYDIS_REGISTER_NONE)
			aim_displacement(trial, operand, target);
		return;
	}
	target -= (uint64_t)operand->mem.disp.value;
	if (operand->mem.index != ZYDIS_REGISTER_NONE)
		target -= *register_of(trial, operand->mem.index) *
		    operand->mem.scale;
	base = register_of(trial, operand->mem.base);
	*base = (*base & ~mask) | (target & mask);
	if (trial->mode != TRIAL_64)
		*base &= 0xFFFFFFFF;
}

bool
trial_make(struct trial *trial, uint64_t seed, enum trial_mode mode,
    const uint8_t *bytes, size_t size)
{
	struct random state = { seed ^ STREAM_STATE }, code = { seed };

	trial->seed = seed;
	trial->mode = mode;
	memset(trial->bytes, 0, sizeof(trial->bytes));
	if (bytes != NULL)
		memcpy(trial->bytes, bytes, size);
	else
		bytes_make(&code, mode, trial->bytes);
	if (!trial_decode(trial, bytes != NULL ? size : SIM_INST_MAX))
		return false;
	gprs_make(trial, &state);
	gprs_fit(trial);
	fpu_make(trial, &state);
	/* Mostly in the first page, at times across both. */
	trial->gprs[SIM_GPR_RIP] = CODE - trial_segments[mode].cs.base +
	    (chance(&state, 8) ?
	    PAGE - 1 - random_below(&state, 15) : 64 +
	    random_below(&state, PAGE - 256));
	aim(trial, &state, bytes != NULL);
	return bytes_decode(trial, trial->bytes + trial->locked_wrongly,
	    trial->length - trial->locked_wrongly) &&
	    !rules_result_undefined(trial);
}

void
trial_place(const struct trial *trial, const struct memory *memory)
{
	static uint8_t pool[POOL_SIZE];
	static bool made;
	struct random random = { 1 };
	uint64_t word;
	size_t i;

	for (i = 0; !made && i < POOL_SIZE; i += 8) {
		word = value_make(&random);
		memcpy(pool + i, &word, sizeof(word));
	}
	made = true;
	i = trial->seed % ARENA_SIZE;
	memcpy(memory->host, pool + i, ARENA_SIZE);
	memcpy(memory->guest, pool + i, ARENA_SIZE);
	memset(memory->code, 0xCC, CODE_SIZE);
	memcpy(memory->code + (trial->gprs[SIM_GPR_RIP] - CODE +
	    trial_segments[trial->mode].cs.base), trial->bytes,
	    trial->length);
}
