/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Usage: wild [--seed N] [--count INSTRUCTIONS] [--batch N]
 *
 * Guests come in batches, each with a VCPU of its own; --batch runs one of
 * them alone.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/interp/interp.h"
#include "wild.h"

#define BATCH		16U	/* guests */
#define HANGS_AFTER	60U	/* seconds of a batch */

static struct {
	uint64_t seed, count, batch;
	bool one_batch;
} options = { .seed = 1, .count = 300000 };

/* What the parent must know of a child that does not come back. */
static struct shared {
	uint64_t batch, instructions, guests, failed;
	unsigned number;	/* of the guest in its batch */
	enum wild_mode mode;
} *shared;

static struct sim_map map;
static struct wild_guest guest = { .map = &map };
static struct interp *vcpu;

static void
where_print(void)
{
	printf("wild: seed %" PRIu64 ", batch %" PRIu64 ", guest %u, mode %s",
	    options.seed, shared->batch, shared->number,
	    wild_modes[shared->mode].name);
}

/* Registers and bytes, as far as they can be had. */
static void
guest_print(void)
{
	const struct interp_insn *insn = vcpu->insn;
	unsigned i;

	printf(", RIP %" PRIx64 ", bytes", guest.state.gprs[SIM_GPR_RIP]);
	for (i = 0; insn != NULL && i < insn->length; i++)
		printf(" %02x", insn->bytes[i]);
	printf("\n");
}

void
wild_made(const struct wild_guest *made)
{
	shared->mode = made->mode;
}

void
wild_fail(const char *format, ...)
{
	va_list ap;

	shared->failed++;
	where_print();
	guest_print();
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
}

/* It is about to die: not all of this is safe, but nothing is lost. */
static void
dying(int signal)
{
	guest_print();
	fflush(stdout);
	if (signal == SIGALRM)
		_exit(128 + signal);
}

/* Behind it the signal comes again, for whoever had it before. */
static void
signals_take(void)
{
	const struct sigaction once = {
		.sa_handler = dying, .sa_flags = (int)SA_RESETHAND,
	};

	(void)sigaction(SIGSEGV, &once, NULL);
	(void)sigaction(SIGBUS, &once, NULL);
	(void)sigaction(SIGABRT, &once, NULL);
	(void)sigaction(SIGALRM, &once, NULL);
}

static bool
batch_run(uint64_t batch)
{
	void *created;

	shared->batch = batch;
	guest.random.state = options.seed * 0x9E3779B97F4A7C15ULL + batch;
	if (sim_engine_interp.vcpu_create(&created) != 0)
		return false;
	vcpu = created;
	alarm(HANGS_AFTER);
	for (shared->number = 0; shared->number < BATCH &&
	    shared->failed == 0; shared->number++) {
		shared->instructions += trial_run(&guest, vcpu);
		shared->guests++;
	}
	sim_engine_interp.vcpu_destroy(vcpu);
	return true;
}

static int
child(void)
{
	uint64_t batch = options.batch;

	if (!memory_create(&map))
		return 1;
	signals_take();
	do {
		if (!batch_run(batch++))
			return 1;
	} while (!options.one_batch && shared->failed == 0 &&
	    shared->instructions < options.count);
	return shared->failed != 0;
}

static bool
options_read(int argc, char **argv)
{
	uint64_t number;
	char *end;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		number = strtoull(argv[i + 1], &end, 0);
		if (argv[i + 1][0] == '\0' || *end != '\0')
			return false;
		if (strcmp(argv[i], "--seed") == 0)
			options.seed = number;
		else if (strcmp(argv[i], "--count") == 0)
			options.count = number;
		else if (strcmp(argv[i], "--batch") == 0) {
			options.batch = number;
			options.one_batch = true;
		} else
			return false;
	}
	return i == argc;
}

static int
report(int status)
{
	bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (!good) {
		where_print();
		if (WIFSIGNALED(status))
			printf(": died by signal %d\n", WTERMSIG(status));
		else
			printf(": failed\n");
	}
	printf("wild: %" PRIu64 " guests, %" PRIu64 " instructions; seed %"
	    PRIu64 "\n", shared->guests, shared->instructions, options.seed);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (!options_read(argc, argv)) {
		fprintf(stderr, "usage: wild [--seed N] [--count INSTRUCTIONS]"
		    " [--batch N]\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return EXIT_FAILURE;
	setvbuf(stdout, NULL, _IOLBF, 0);
	pid = fork();
	if (pid == 0)
		exit(child());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return EXIT_FAILURE;
	return report(status);
}
