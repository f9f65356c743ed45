/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: assist [--library FILE] [--cpu svm|vmx] [--count N] [--seed N]
 *            [--list]
 *        assist --seed N --bytes HEX [--mode 64|32|32-local|16]
 */
#include "assist.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOUND_SEEDS	200U
#define HANGS_AFTER	60U	/* seconds of 10000 trials */

static struct {
	uint64_t count, seed;
	const char *library, *cpu, *bytes;
	enum trial_mode mode;	/* TRIAL_NMODES: each has its share */
	bool list;		/* how often each mnemonic came */
} options = { .count = 100000, .seed = 1, .library = "build/libnvmm.so",
    .cpu = "svm", .mode = TRIAL_NMODES };

static struct memory memory;
static uint8_t before[ARENA_SIZE];
static uint64_t done, failed, exits;

/* By mnemonic: carried out, and refused. */
static uint64_t carried[ZYDIS_MNEMONIC_MAX_VALUE + 1];
static uint64_t refused[ZYDIS_MNEMONIC_MAX_VALUE + 1];

static bool
number_read(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return *text != '\0' && *end == '\0';
}

static bool
mode_read(const char *name)
{
	unsigned mode = 0;

	while (mode < TRIAL_NMODES &&
	    strcmp(trial_segments[mode].name, name) != 0)
		mode++;
	options.mode = (enum trial_mode)mode;
	return mode < TRIAL_NMODES;
}

static bool
option_read(const char *name, const char *value)
{
	if (strcmp(name, "--count") == 0)
		return number_read(value, &options.count);
	if (strcmp(name, "--seed") == 0)
		return number_read(value, &options.seed);
	if (strcmp(name, "--mode") == 0)
		return mode_read(value);
	if (strcmp(name, "--library") == 0)
		options.library = value;
	else if (strcmp(name, "--cpu") == 0)
		options.cpu = value;
	else if (strcmp(name, "--bytes") == 0)
		options.bytes = value;
	else
		return false;
	return true;
}

static bool
options_read(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--list") == 0)
			options.list = true;
		else if (i + 1 == argc || !option_read(argv[i], argv[i + 1]))
			return false;
		else
			i++;
	}
	return strcmp(options.cpu, "svm") == 0 ||
	    strcmp(options.cpu, "vmx") == 0;
}

static void
fails(const struct trial *trial, const char *why)
{
	failed++;
	printf("DIFFERS: %s; --cpu %s, ", why, options.cpu);
	trial_print(trial);
}

/* It did not carry the instruction out: may it? */
static void
refusal_judge(const struct trial *trial, const struct outcome *ram,
    const struct served *served)
{
	/* It would have faulted, which the assist cannot tell a guest. */
	if (ram->vector >= 0)
		return;
	refused[trial->insn.mnemonic]++;
	if (served->error != ENODEV)
		fails(trial, strerror(served->error));
	else if (known_is(trial))
		fails(trial, "ENODEV");
}

/* The same with holes, from the same memory. */
static void
hole_run(const struct trial *trial, unsigned holes, const struct outcome *ram)
{
	struct outcome hole;
	struct served served;

	memcpy(memory.guest, before, ARENA_SIZE);
	guest_try(trial, holes, &hole, &served);
	exits += served.exits;
	if (hole.strange != NULL) {
		fails(trial, hole.strange);
		return;
	}
	if (served.error != 0) {
		refusal_judge(trial, ram, &served);
		return;
	}
	if (served.exits != 0) {
		carried[trial->insn.mnemonic]++;
		if (!known_is(trial))
			fails(trial, "carried out, but not listed as known");
	}
	if (!compare(trial, &memory, ram, &hole, false, false)) {
		fails(trial, "not as with RAM");
		(void)compare(trial, &memory, ram, &hole, false, true);
	}
}

/* All pages are holes; or the first one used, so that operands cross. */
static void
trial_run(const struct trial *trial)
{
	struct outcome ram, probe;
	struct served served;

	trial_place(trial, &memory);
	memset(memory.code, 0xEE, CODE_SIZE);	/* OUT DX, AL */
	memcpy(memory.code + (trial->gprs[SIM_GPR_RIP] - CODE +
	    trial_segments[trial->mode].cs.base), trial->bytes,
	    trial->length);
	memcpy(before, memory.host, ARENA_SIZE);
	guest_try(trial, HOLES_ALL, &probe, &served);
	if (served.exits == 0)
		return;
	done++;
	memcpy(memory.guest, before, ARENA_SIZE);
	guest_try(trial, HOLES_NONE, &ram, &(struct served){ 0 });
	memcpy(memory.host, memory.guest, ARENA_SIZE);
	if (ram.strange != NULL) {
		fails(trial, ram.strange);
		return;
	}
	hole_run(trial, trial->seed >> 8 & 1 ? HOLES_ALL : served.page, &ram);
}

static bool
uses_memory(const struct trial *trial)
{
	unsigned i;

	for (i = 0; i < trial->insn.operand_count; i++) {
		if (trial->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY)
			return true;
	}
	return false;
}

static void
run_found(void)
{
	const struct found *found;
	struct trial trial;
	uint64_t seed;
	size_t i;

	for (i = 0; (found = found_get(i)) != NULL; i++) {
		for (seed = 0; seed < FOUND_SEEDS; seed++) {
			if (trial_make(&trial, seed, found->mode,
			    found->bytes, found->length) &&
			    uses_memory(&trial))
				trial_run(&trial);
		}
	}
}

static void
run_random(void)
{
	struct random random = { options.seed };
	struct trial trial;
	enum trial_mode mode;
	uint64_t seed;

	while (done < options.count && failed == 0) {
		seed = random_next(&random);
		mode = options.mode;
		if (mode == TRIAL_NMODES)
			mode = seed % 8 > 4 ? TRIAL_64 : seed % 8 % 4;
		if (!trial_make(&trial, seed, mode, NULL, 0) ||
		    !uses_memory(&trial))
			continue;
		if (done % 10000 == 0)
			alarm(HANGS_AFTER);
		trial_run(&trial);
	}
}

static bool
run_bytes(void)
{
	uint8_t bytes[SIM_INST_MAX];
	struct trial trial;
	unsigned byte;
	size_t size = 0;

	while (size < sizeof(bytes) &&
	    sscanf(options.bytes + 2 * size, "%2x", &byte) == 1)
		bytes[size++] = (uint8_t)byte;
	if (!trial_make(&trial, options.seed, options.mode == TRIAL_NMODES ?
	    TRIAL_64 : options.mode, bytes, size))
		return false;
	trial_run(&trial);
	return done == 1;
}

static void
report(void)
{
	uint64_t all = 0, nothing = 0, kinds = 0;
	unsigned i;

	for (i = 0; i <= ZYDIS_MNEMONIC_MAX_VALUE; i++) {
		all += carried[i];
		nothing += refused[i];
		kinds += carried[i] != 0;
		if (options.list && (carried[i] != 0 || refused[i] != 0))
			printf("%10" PRIu64 " %10" PRIu64 " %s\n", carried[i],
			    refused[i],
			    ZydisMnemonicGetString((ZydisMnemonic)i));
	}
	printf("assist on %s: %" PRIu64 " instructions, %" PRIu64 " exits; "
	    "%" PRIu64 " carried out (%" PRIu64 " mnemonics), %" PRIu64
	    " ENODEV, %" PRIu64 " differ; seed %#" PRIx64 "\n", options.cpu,
	    done, exits, all, kinds, nothing, failed, options.seed);
}

int
main(int argc, char **argv)
{
	const char *why;

	if (!options_read(argc, argv)) {
		fprintf(stderr, "usage: assist [--library FILE] "
		    "[--cpu svm|vmx] [--count N] [--seed N] [--bytes HEX] "
		    "[--mode 64|32|32-local|16] [--list]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	compare_sides("RAM", "assist");
	why = guest_begin(options.library, options.cpu, &memory);
	if (why != NULL) {
		printf("assist: %s\n", why);
		return 1;
	}
	if (options.bytes == NULL) {
		run_found();
		run_random();
	} else if (!run_bytes()) {
		printf("assist: these bytes make no exit\n");
		return 1;
	}
	report();
	return failed > 0;
}
