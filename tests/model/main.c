/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The property test: random sequences of calls, played on a libnvmm against
 * the fake kernel and on a model without any cache.  The first that differs
 * is shrunk and printed as a scenario.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "shrink.h"

#define NO_QUIRKS	(SIM_QUIRK_EXIT_OVERWRITTEN | SIM_QUIRK_LOST_STOP)

static const struct model_setup setups[] = {
	{ "svm", "netbsd", NULL, 0 },
	{ "vmx", "netbsd", NULL, 0 },
	{ "svm", "none", NULL, 0 },
	{ "vmx", "none", NULL, 0 },
	{ "svm", "all", NULL, 0 },
	{ "vmx", "all", NULL, 0 },
	{ "svm", "netbsd", "gpa-unmap-top,hva-map-inside,reset-mxcsr-0",
	    NO_QUIRKS },
	{ "vmx", "netbsd", "gpa-unmap-top,hva-map-inside,reset-mxcsr-0",
	    NO_QUIRKS },
};

#define NSETUPS	(sizeof(setups) / sizeof(setups[0]))

struct options {
	const char *program;
	const char *library;
	uint64_t seed, first, count;
};

static void
failure_print(const struct options *options, struct player *player,
    uint64_t number, struct sequence *sequence)
{
	const struct model_setup *setup = player->setup;
	struct script script = { .file = stdout };
	struct failure failure;
	char name[64];

	shrink(player, sequence);
	failure = player->failure;
	script.counts = failure.ioctls;
	printf("sequence %" PRIu64 " of seed %" PRIu64
	    " fails on %s, policy %s:\n", number, options->seed,
	    setup->backend, setup->policy);
	printf("after step %u of %u: %s is %#" PRIx64 ", not %#" PRIx64 "\n",
	    failure.step + 1, sequence->nsteps, failure.what, failure.seen,
	    failure.expected);
	printf("again: %s --library %s --seed %" PRIu64 " --first %" PRIu64
	    " --count 1\n", options->program, options->library,
	    options->seed, number);
	printf("as a scenario, for nvmm-sim run --cpu %s --policy %s%s%s "
	    "--libnvmm %s:\n\n", setup->backend, setup->policy,
	    setup->quirks ? " --quirks " : "",
	    setup->quirks ? setup->quirks : "", options->library);
	snprintf(name, sizeof(name), "sequence %" PRIu64 " of seed %" PRIu64,
	    number, options->seed);
	player->script = &script;
	script_begin(&script, name, sequence);
	(void)player_play(player, sequence);
	script_end(&script);
	player->script = NULL;
}

/* The sequences of one setup: every NSETUPS-th. */
static bool
setup_play(const struct options *options, size_t setup, uint64_t *calls)
{
	static struct player player;
	struct sequence sequence;
	bool ok = true;
	char why[256];
	uint64_t i;

	if (player_open(&player, &setups[setup], options->library, why,
	    sizeof(why)) == -1) {
		fprintf(stderr, "%s: %s\n", options->program, why);
		return false;
	}
	for (i = options->first; ok && i < options->first + options->count;
	    i++) {
		if (i % NSETUPS != setup)
			continue;
		sequence_make(&sequence, options->seed, i);
		ok = player_play(&player, &sequence);
		if (!ok)
			failure_print(options, &player, i, &sequence);
	}
	*calls += player.calls;
	player_close(&player);
	return ok;
}

static int
usage(const char *program)
{
	fprintf(stderr, "usage: %s [--library PATH] [--seed N] [--first N] "
	    "[--count N]\n", program);
	return 2;
}

/* False: not a number. */
static bool
number_parse(const char *text, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && *end == '\0';
}

static bool
options_parse(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "library", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t *number;
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'l') {
			options->library = optarg;
			continue;
		}
		number = c == 's' ? &options->seed : c == 'f' ?
		    &options->first : c == 'c' ? &options->count : NULL;
		if (number == NULL || !number_parse(optarg, number))
			return false;
	}
	return optind == argc && options->count > 0;
}

int
main(int argc, char **argv)
{
	struct options options = {
		.program = argv[0],
		.library = "build/libnvmm.so",
		.seed = 1,
		.count = 20000,
	};
	uint64_t calls = 0;
	size_t i;

	if (!options_parse(argc, argv, &options))
		return usage(argv[0]);
	for (i = 0; i < NSETUPS; i++) {
		if (!setup_play(&options, i, &calls))
			return 1;
	}
	printf("%" PRIu64 " sequences, %" PRIu64 " calls, seed %" PRIu64
	    ": ok\n", options.count, calls, options.seed);
	return 0;
}
