/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: native [--count N] [--seed N] [--keep-going N] [--strict] [--list]
 *        native --seed N --bytes HEX [--mode 64|32|32-local|16]
 */
#include "native.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOUND_SEEDS	200U
#define HANGS_AFTER	60U	/* seconds of 10000 trials */

static struct {
	uint64_t count, seed, failures_allowed;
	const char *bytes;
	enum trial_mode mode;	/* TRIAL_NMODES: each has its share */
	bool strict;		/* also flags that are undefined */
	bool list;		/* how often each mnemonic came */
} options = { .count = 100000, .seed = 1, .failures_allowed = 1,
    .mode = TRIAL_NMODES };

/* What the parent must know of a child that does not come back. */
static struct shared {
	struct trial trial;
	uint64_t done, failed;
	uint64_t seen[ZYDIS_MNEMONIC_MAX_VALUE + 1];
} *shared;

static struct memory memory;

static bool
option_number(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return *text != '\0' && *end == '\0';
}

static bool
option_mode(const char *name)
{
	unsigned mode = 0;

	while (mode < TRIAL_NMODES &&
	    strcmp(trial_segments[mode].name, name) != 0)
		mode++;
	options.mode = (enum trial_mode)mode;
	return mode < TRIAL_NMODES;
}

static bool
options_read(int argc, char **argv)
{
	bool good = true;
	int i;

	for (i = 1; i < argc && good; i++) {
		if (strcmp(argv[i], "--strict") == 0)
			options.strict = true;
		else if (strcmp(argv[i], "--list") == 0)
			options.list = true;
		else if (i + 1 == argc)
			good = false;
		else if (strcmp(argv[i], "--count") == 0)
			good = option_number(argv[++i], &options.count);
		else if (strcmp(argv[i], "--seed") == 0)
			good = option_number(argv[++i], &options.seed);
		else if (strcmp(argv[i], "--keep-going") == 0)
			good = option_number(argv[++i],
			    &options.failures_allowed);
		else if (strcmp(argv[i], "--bytes") == 0)
			options.bytes = argv[++i];
		else if (strcmp(argv[i], "--mode") == 0)
			good = option_mode(argv[++i]);
		else
			good = false;
	}
	return good;
}

static void
trial_run(const struct trial *trial)
{
	struct outcome host, guest;

	trial_place(trial, &memory);
	host_run(trial, &host);
	guest_run(trial, &guest);
	shared->done++;
	shared->seen[trial->insn.mnemonic]++;
	if (compare(trial, &memory, &host, &guest, options.strict, false))
		return;
	shared->failed++;
	printf("DIFFERS: ");
	trial_print(trial);
	(void)compare(trial, &memory, &host, &guest, options.strict, true);
}

/* What was wrong once, with many registers. */
static bool
run_found(void)
{
	const struct found *found;
	uint64_t seed, failed;
	size_t i;

	for (i = 0; (found = found_get(i)) != NULL; i++) {
		failed = shared->failed;
		for (seed = 0; seed < FOUND_SEEDS &&
		    shared->failed == failed; seed++) {
			if (!trial_make(&shared->trial, seed, found->mode,
			    found->bytes, found->length))
				return false;
			trial_run(&shared->trial);
		}
		if (shared->failed != failed)
			printf("FOUND ONCE: %s\n", found->name);
	}
	return true;
}

/* Seeds of trials are made from the run's, and from those tried in vain. */
static void
run_random(void)
{
	struct random random = { options.seed };
	struct trial *trial = &shared->trial;
	enum trial_mode mode;
	uint64_t seed;

	while (shared->done < options.count &&
	    shared->failed < options.failures_allowed) {
		seed = random_next(&random);
		mode = options.mode;
		if (mode == TRIAL_NMODES)
			mode = seed % 8 > 4 ? TRIAL_64 : seed % 8 % 4;
		if (!trial_make(trial, seed, mode, NULL, 0) ||
		    rules_host_varies(trial))
			continue;
		if (shared->done % 10000 == 0)
			alarm(HANGS_AFTER);
		trial_run(trial);
	}
}

static bool
run_bytes(void)
{
	uint8_t bytes[SIM_INST_MAX];
	unsigned byte;
	size_t size = 0;

	while (size < sizeof(bytes) &&
	    sscanf(options.bytes + 2 * size, "%2x", &byte) == 1)
		bytes[size++] = (uint8_t)byte;
	if (!trial_make(&shared->trial, options.seed,
	    options.mode == TRIAL_NMODES ? TRIAL_64 : options.mode, bytes,
	    size)) {
		printf("native: these bytes cannot be compared\n");
		return false;
	}
	trial_run(&shared->trial);
	return true;
}

static int
child(void)
{
	const char *why = host_start(&memory);

	if (why != NULL) {
		printf("native: skipped: %s\n", why);
		return 0;
	}
	if (!guest_start(&memory)) {
		printf("native: out of memory\n");
		return 1;
	}
	if (options.bytes == NULL) {
		if (!run_found())
			return 1;
		run_random();
	} else if (!run_bytes())
		return 1;
	return shared->failed > 0;
}

static void
list_print(void)
{
	unsigned mnemonic;
	size_t i;

	for (i = 0; (mnemonic = rules_mnemonic(i)) != 0; i++)
		printf("%10" PRIu64 " %s\n", shared->seen[mnemonic],
		    ZydisMnemonicGetString((ZydisMnemonic)mnemonic));
}

static int
report(int status)
{
	size_t i, all = 0, kinds = 0;

	if (WIFSIGNALED(status)) {
		printf("DIED by signal %d in: ", WTERMSIG(status));
		trial_print(&shared->trial);
		return 1;
	}
	for (i = 0; rules_mnemonic(i) != 0; i++) {
		all++;
		kinds += shared->seen[rules_mnemonic(i)] != 0;
	}
	if (options.list)
		list_print();
	if (shared->done > 0)
		printf("native: %" PRIu64 " instructions (%zu of %zu "
		    "mnemonics), %" PRIu64 " differ; seed %#" PRIx64 "\n",
		    shared->done, kinds, all, shared->failed, options.seed);
	return WEXITSTATUS(status);
}

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (!options_read(argc, argv)) {
		fprintf(stderr, "usage: native [--count N] [--seed N] "
		    "[--bytes HEX] [--mode 64|32|32-local|16] [--keep-going N] "
		    "[--strict] [--list]\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = fork();
	if (pid == 0)
		exit(child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	return report(status);
}
