/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: fuzz [--seed N] [--count N] [--jobs N] [--only I]
 *
 * A process for each generation and back end, --jobs of them at a time; each
 * makes its part of --count calls from a seed of its own.  A failure prints
 * the seed, the number of the call and the command that repeats it.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "fuzz.h"

#define NPROCESSES	64	/* more than generations times back ends */
#define CHECK_EVERY	2500	/* calls */
#define HANG		120	/* seconds without progress */

static struct {
	uint64_t seed, count;
	unsigned jobs;
	int only;		/* -1: all */
} options = { .seed = 1, .count = 1000000, .jobs = 1, .only = -1 };

/* Shared with the children: the call that each is at. */
static volatile uint64_t *progress;

struct process {
	const struct sim_abi *abi;	/* NULL: found out by the driver */
	const struct sim_backend *backend;
	pid_t pid;
};

static unsigned
descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* Mappings of the driver's memory: all that it maps are memory files. */
static unsigned
driver_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned n = 0;

	if (maps == NULL)
		return UINT32_MAX;
	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, "/memfd:") != NULL;
	fclose(maps);
	return n;
}

/* Everything goes, and then there must be nothing. */
static void
end_check(struct fuzz *fuzz, unsigned fds)
{
	uint64_t bytes, objects;
	unsigned i;

	for (i = 0; i < NFILES; i++) {
		if (!fuzz->files[i].closed)
			sim_close(fuzz->files[i].file);
		fuzz->files[i].closed = true;
	}
	sim_usage(fuzz->sim, &bytes, &objects);
	if (bytes != 0 || objects != 0)
		fuzz_wrong(fuzz, "something is left", "%llu bytes in %llu "
		    "objects", (unsigned long long)bytes,
		    (unsigned long long)objects);
	fuzz_views_unmap(fuzz);
	fuzz_arena_reset(fuzz);
	if (driver_mappings() != 0)
		fuzz_wrong(fuzz, "mappings are left", "%u of them",
		    driver_mappings());
	if (descriptors() != fds)
		fuzz_wrong(fuzz, "descriptors are left", "%u, not %u",
		    descriptors(), fds);
}

static int
start(struct fuzz *fuzz, const struct process *process)
{
	const struct sim_config config = {
		.abi = process->abi, .backend = process->backend,
	};
	unsigned i;

	if (fuzz_memory_create(fuzz) == -1 ||
	    sim_create(&config, &fuzz->sim) != 0)
		return -1;
	for (i = 0; i < NFILES; i++) {
		if (fuzz_open(fuzz, i, O_CLOEXEC |
		    (i < 2 ? O_WRONLY : O_RDWR)) != 0)
			return -1;
	}
	return 0;
}

/* What one process does; its exit status. */
static int
play(const struct process *process, unsigned i, uint64_t count)
{
	static struct fuzz fuzz;
	unsigned fds = descriptors();
	uint64_t n;

	fuzz.abi = process->abi;
	fuzz.random = options.seed * NPROCESSES + i;
	if (start(&fuzz, process) == -1) {
		perror("fuzz");
		return EXIT_FAILURE;
	}
	for (n = 0; n < count && fuzz.wrong == NULL; n++) {
		progress[i] = n;
		if (n % CHECK_EVERY == 0) {
			alarm(HANG);
			fuzz_invariants(&fuzz);
			/* From few machines to more than there can be. */
			fuzz.creates = (unsigned)(n / CHECK_EVERY % 4);
		}
		fuzz_call(&fuzz);
	}
	if (fuzz.wrong == NULL) {
		fuzz_invariants(&fuzz);
		end_check(&fuzz, fds);
	}
	sim_destroy(fuzz.sim);
	if (fuzz.wrong == NULL)
		return EXIT_SUCCESS;
	printf("fuzz: %s: %s\n", fuzz.wrong, fuzz.detail);
	return EXIT_FAILURE;
}

static unsigned
processes_fill(struct process *processes)
{
	unsigned a, b, n = 0;

	for (a = 0; a == 0 || sim_abis[a - 1] != NULL; a++) {
		for (b = 0; sim_backends[b] != NULL; b++) {
			processes[n].abi = a == 0 ? NULL : sim_abis[a - 1];
			processes[n].backend = sim_backends[b];
			n++;
		}
	}
	return n;
}

static void
process_start(struct process *process, unsigned i, uint64_t count)
{
	int status;

	fflush(NULL);
	process->pid = fork();
	if (process->pid != 0)
		return;
	status = play(process, i, count);
	exit(status);
}

/* Waits for any; true if it passed. */
static bool
process_wait(struct process *processes, unsigned n)
{
	int status;
	pid_t pid = wait(&status);
	unsigned i;

	for (i = 0; i < n && processes[i].pid != pid; i++)
		continue;
	if (i == n)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	printf("fuzz: generation %s, back end %s: call %llu: %s %d\n"
	    "fuzz: again: fuzz --seed %llu --count %llu --only %u\n",
	    processes[i].abi != NULL ? processes[i].abi->name : "auto",
	    processes[i].backend->name, (unsigned long long)progress[i],
	    WIFSIGNALED(status) ? "signal" : "status",
	    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
	    (unsigned long long)options.seed,
	    (unsigned long long)options.count, i);
	return false;
}

static int
run(void)
{
	struct process processes[NPROCESSES] = { 0 };
	unsigned i, n = processes_fill(processes), running = 0;
	bool passed = true;

	for (i = 0; i < n; i++) {
		if (options.only != -1 && (unsigned)options.only != i)
			continue;
		if (running == options.jobs) {
			passed &= process_wait(processes, n);
			running--;
		}
		process_start(&processes[i], i, options.count / n);
		if (processes[i].pid == -1)
			return EXIT_FAILURE;
		running++;
	}
	for (; running > 0; running--)
		passed &= process_wait(processes, n);
	if (passed)
		printf("fuzz: %llu calls, seed %llu, %u kinds of kernel\n",
		    (unsigned long long)options.count,
		    (unsigned long long)options.seed, n);
	return passed ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'c' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 's')
			options.seed = strtoull(optarg, NULL, 0);
		else if (c == 'c')
			options.count = strtoull(optarg, NULL, 0);
		else if (c == 'j')
			options.jobs = (unsigned)strtoul(optarg, NULL, 0);
		else if (c == 'o')
			options.only = (int)strtol(optarg, NULL, 0);
		else
			return 2;
	}
	progress = mmap(NULL, NPROCESSES * sizeof(*progress),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED || options.jobs == 0)
		return 2;
	return run();
}
