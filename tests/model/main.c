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
#include <unistd.h>

#include "play.h"
#include "shrink.h"

/* Sequences between which kernels stay; each epoch has others. */
#define EPOCH		24000

struct options {
	const char *program;
	const char *library;	/* of v2; the others are beside it */
	uint64_t seed, first, count;
};

/* Of the setup's generation: -v1 or -v3 before the suffix. */
static void
library_path(char *path, size_t size, const struct options *options,
    const struct model_setup *setup)
{
	const char *slash = strrchr(options->library, '/');
	int folder = slash != NULL ? (int)(slash - options->library) + 1 : 0;

	if (setup->abi == &sim_abi_v2)
		snprintf(path, size, "%s", options->library);
	else
		snprintf(path, size, "%.*slibnvmm-%s.so", folder,
		    options->library, setup->abi->name);
}

static void
command_print(const struct options *options, const struct player *player)
{
	const struct model_setup *setup = player->setup;
	char library[4096];

	library_path(library, sizeof(library), options, setup);
	if (!setup_policy_built_in(setup)) {
		printf("the policy, for a file random.json (counts are not "
		    "checked under it):\n\n");
		setup_policy_print(setup, stdout);
		printf("\n");
	}
	printf("as a scenario, for\nnvmm-sim run --abi %s --cpu %s",
	    setup->abi->name, setup->backend->name);
	if (!setup_policy_built_in(setup))
		printf(" --policy random.json");
	if (setup->preempt_seed != 0)
		printf(" --preempt %" PRIu64, setup->preempt_seed);
	printf(" --libnvmm %s\n\n", library);
}

static void
failure_print(const struct options *options, struct player *player,
    uint64_t number, struct sequence *sequence)
{
	const struct model_setup *setup = player->setup;
	struct script script = { .file = stdout, .setup = setup };
	struct failure failure;
	char name[64];

	shrink(player, sequence);
	failure = player->failure;
	script.counts = failure.ioctls;
	printf("sequence %" PRIu64 " of seed %" PRIu64 " fails on %s, %s, "
	    "policy %s:\n", number, options->seed, setup->abi->name,
	    setup->backend->name, setup->policy.name);
	printf("after step %u of %u: %s is %#" PRIx64 ", not %#" PRIx64 "\n",
	    failure.step + 1, sequence->nsteps, failure.what, failure.seen,
	    failure.expected);
	printf("again: %s --library %s --seed %" PRIu64 " --first %" PRIu64
	    " --count 1\n", options->program, options->library,
	    options->seed, number);
	command_print(options, player);
	snprintf(name, sizeof(name), "sequence %" PRIu64 " of seed %" PRIu64,
	    number, options->seed);
	player->script = &script;
	script_begin(&script, name, sequence);
	(void)player_play(player, sequence);
	script_end(&script);
	player->script = NULL;
}

struct totals {
	uint64_t sequences, calls;
};

/* The sequences of one setup in [first, end): every NSETUPS-th. */
static bool
setup_play(const struct options *options, unsigned number, uint64_t first,
    uint64_t end, struct totals *totals)
{
	static struct player player;
	static struct model_setup setup;
	uint64_t i = first + (number + NSETUPS - first % NSETUPS) % NSETUPS;
	struct sequence sequence;
	char path[4096], why[4352];
	bool ok = true;

	setup_make(&setup, options->seed, first / EPOCH, number);
	library_path(path, sizeof(path), options, &setup);
	if (i >= end || access(path, F_OK) == -1)
		return true;
	if (player_open(&player, &setup, path, why, sizeof(why)) == -1) {
		fprintf(stderr, "%s: %s\n", options->program, why);
		return false;
	}
	for (; ok && i < end; i += NSETUPS) {
		sequence_make(&sequence, options->seed, i);
		ok = player_play(&player, &sequence);
		totals->sequences++;
		if (!ok)
			failure_print(options, &player, i, &sequence);
	}
	totals->calls += player.calls;
	player_close(&player);
	return ok;
}

/* A single library is played alone, and the output says so. */
static void
missing_print(const struct options *options)
{
	struct model_setup setup = { .abi = NULL };
	char path[4096];
	unsigned i;

	for (i = 0; sim_abis[i] != NULL; i++) {
		setup.abi = sim_abis[i];
		library_path(path, sizeof(path), options, &setup);
		if (access(path, F_OK) == -1)
			printf("%s is not there: %s is not played\n", path,
			    sim_abis[i]->name);
	}
}

static bool
all_play(const struct options *options, struct totals *totals)
{
	uint64_t first = options->first, end, next;
	unsigned i;

	end = first + options->count;
	for (; first < end; first = next) {
		next = (first / EPOCH + 1) * EPOCH;
		if (next > end)
			next = end;
		for (i = 0; i < NSETUPS; i++) {
			if (!setup_play(options, i, first, next, totals))
				return false;
		}
	}
	return true;
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
	struct totals totals = { 0, 0 };

	if (!options_parse(argc, argv, &options))
		return usage(argv[0]);
	missing_print(&options);
	if (!all_play(&options, &totals))
		return 1;
	printf("%" PRIu64 " sequences, %" PRIu64 " calls, seed %" PRIu64
	    ": ok\n", totals.sequences, totals.calls, options.seed);
	return totals.sequences > 0 ? 0 : 1;
}
