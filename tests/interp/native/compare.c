/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the host made of a trial, and what the interpreter: differences are
 * found and printed here.
 */
#include "native.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/interp/interp.h"

/* RF is set by each fault, TF by who steps. */
#define IGNORED		(INTERP_RF | INTERP_TF)

static const char *const names[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9",
	"r10", "r11", "r12", "r13", "r14", "r15", "rip", "rflags",
};

/* Parts of the FXSAVE area that both sides have. */
static const struct {
	const char *name;
	uint16_t offset, size;
} parts[] = {
	{ "fcw", 0, 2 }, { "fsw", 2, 2 }, { "ftw", 4, 1 },
	{ "mxcsr", 24, 4 }, { "st0", 32, 10 }, { "st1", 48, 10 },
	{ "st2", 64, 10 }, { "st3", 80, 10 }, { "st4", 96, 10 },
	{ "st5", 112, 10 }, { "st6", 128, 10 }, { "st7", 144, 10 },
	{ "xmm0", 160, 16 }, { "xmm1", 176, 16 }, { "xmm2", 192, 16 },
	{ "xmm3", 208, 16 }, { "xmm4", 224, 16 }, { "xmm5", 240, 16 },
	{ "xmm6", 256, 16 }, { "xmm7", 272, 16 }, { "xmm8", 288, 16 },
	{ "xmm9", 304, 16 }, { "xmm10", 320, 16 }, { "xmm11", 336, 16 },
	{ "xmm12", 352, 16 }, { "xmm13", 368, 16 }, { "xmm14", 384, 16 },
	{ "xmm15", 400, 16 },
};

/* The two who did it. */
static const char *sides[2] = { "host", "interp" };

/* What is being compared; each difference clears equal. */
struct comparison {
	bool equal, loud;
};

static void
differ(struct comparison *comparison, const char *what, uint64_t before,
    uint64_t host, uint64_t guest)
{
	comparison->equal = false;
	if (comparison->loud)
		printf("  %-8s before %016" PRIx64 "  %s %016" PRIx64
		    "  %s %016" PRIx64 "\n", what, before, sides[0], host,
		    sides[1], guest);
}

static void
bytes_print(const char *what, const uint8_t *bytes, size_t size)
{
	size_t i;

	printf("    %-6s", what);
	for (i = 0; i < size; i++)
		printf(" %02x", bytes[i]);
	printf("\n");
}

static void
bytes_differ(struct comparison *comparison, const char *what,
    const uint8_t *host, const uint8_t *guest, size_t size)
{
	comparison->equal = false;
	if (!comparison->loud)
		return;
	printf("  %s\n", what);
	bytes_print(sides[0], host, size);
	bytes_print(sides[1], guest, size);
}

/* The kernel hides which of its own pages are there: as if all were. */
static uint32_t
error_visible(const struct outcome *outcome)
{
	if (outcome->vector == INTERP_PF && outcome->address >> 47 != 0)
		return outcome->error | 1;
	return outcome->error;
}

static bool
is_segment_fault(const struct outcome *outcome)
{
	return outcome->vector == INTERP_SS || outcome->vector == INTERP_GP;
}

static void
compare_faults(struct comparison *comparison, const struct trial *trial,
    const struct outcome *host, const struct outcome *guest)
{
	if (host->vector >= 0 && guest->vector >= 0 && rules_any_fault(trial))
		return;
	if (is_segment_fault(host) && is_segment_fault(guest) &&
	    rules_any_segment_fault(trial))
		return;
	if (host->vector != guest->vector)
		differ(comparison, "vector", ~0ULL, (uint64_t)host->vector,
		    (uint64_t)guest->vector);
	else if (error_visible(host) != error_visible(guest))
		differ(comparison, "error", 0, error_visible(host),
		    error_visible(guest));
	else if (host->vector == INTERP_PF && host->address != guest->address)
		differ(comparison, "cr2", 0, host->address, guest->address);
}

static void
compare_registers(struct comparison *comparison, const struct trial *trial,
    const struct outcome *host, const struct outcome *guest, bool strict)
{
	uint64_t mask;
	unsigned i;

	for (i = 0; i < SIM_NGPR; i++) {
		mask = ~0ULL;
		if (i == SIM_GPR_RFLAGS)
			mask = ~(IGNORED | (strict ? 0 :
			    rules_undefined(trial)));
		if ((host->gprs[i] & mask) != (guest->gprs[i] & mask))
			differ(comparison, names[i], trial->gprs[i],
			    host->gprs[i] & mask, guest->gprs[i] & mask);
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (memcmp(host->fpu + parts[i].offset, guest->fpu +
		    parts[i].offset, parts[i].size) != 0)
			bytes_differ(comparison, parts[i].name,
			    host->fpu + parts[i].offset,
			    guest->fpu + parts[i].offset, parts[i].size);
	}
}

/* The first place where the arenas differ, and 32 bytes from there. */
static void
compare_memory(struct comparison *comparison, const struct memory *memory)
{
	char what[64];
	size_t i = 0, size;

	if (memcmp(memory->host, memory->guest, ARENA_SIZE) == 0)
		return;
	while (memory->host[i] == memory->guest[i])
		i++;
	size = ARENA_SIZE - i < 32 ? ARENA_SIZE - i : 32;
	(void)snprintf(what, sizeof(what), "memory from %#" PRIx64,
	    (uint64_t)ARENA + i);
	bytes_differ(comparison, what, memory->host + i, memory->guest + i,
	    size);
}

void
compare_sides(const char *first, const char *second)
{
	sides[0] = first;
	sides[1] = second;
}

bool
compare(const struct trial *trial, const struct memory *memory,
    const struct outcome *host, const struct outcome *guest, bool strict,
    bool loud)
{
	struct comparison comparison = { .equal = true, .loud = loud };

	if (host->strange != NULL || guest->strange != NULL) {
		if (loud)
			printf("  %s\n", host->strange != NULL ?
			    host->strange : guest->strange);
		return false;
	}
	compare_faults(&comparison, trial, host, guest);
	if (host->vector < 0 || !rules_writes_early(trial)) {
		compare_registers(&comparison, trial, host, guest, strict);
		compare_memory(&comparison, memory);
	}
	return comparison.equal;
}

void
trial_print(const struct trial *trial)
{
	ZydisFormatter formatter;
	char text[128];
	unsigned i;

	ZydisFormatterInit(&formatter, ZYDIS_FORMATTER_STYLE_INTEL);
	if (ZYAN_FAILED(ZydisFormatterFormatInstruction(&formatter,
	    &trial->insn, trial->operands, trial->insn.operand_count_visible,
	    text, sizeof(text), trial->gprs[SIM_GPR_RIP], NULL)))
		text[0] = '\0';
	printf("%s%s   (%u-bit code; --mode %s --seed %#" PRIx64 " --bytes ",
	    trial->locked_wrongly ? "wrong lock " : "", text,
	    trial_segments[trial->mode].bits,
	    trial_segments[trial->mode].name, trial->seed);
	for (i = 0; i < trial->length; i++)
		printf("%02x", trial->bytes[i]);
	printf(")\n");
	for (i = 0; i < 16; i++)
		printf("  %-3s %016" PRIx64 "%s", names[i], trial->gprs[i],
		    i % 4 == 3 ? "\n" : "");
}
