/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Benchmarks: medians and ratios to BASE, an ioctl on an eventfd that fails.
 * All are measured in turn, many times over, in this one process, so that
 * noise hits each alike.  Prints; judges nothing.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <nvmm.h>

#include "bench.h"
#include "engine/engine.h"
#include "kernel/control.h"
#include "transport/library.h"
#include "transport/transport.h"

#define ROUNDS		41		/* odd: the median is one of them */
#define PER_ROUND	20000

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu;
static int event_fd;

static bool
next_out(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	(void)arg;
	intent->npreloads = 0;
	intent->step = false;
	memset(&intent->stop, 0, sizeof(intent->stop));
	intent->stop.kind = SIM_STOP_IO;
	intent->stop.npc = state->gprs[SIM_GPR_RIP] + 1;
	intent->stop.u.io.port = 0x3f8;
	intent->stop.u.io.seg = SIM_SEG_DS;
	intent->stop.u.io.address_size = 2;
	intent->stop.u.io.operand_size = 1;
	return true;
}

static void
delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	(void)event;
}

static const struct sim_feed feed = {
	.next = next_out,
	.delivered = delivered,
};

static void
io_callback(struct nvmm_io *io)
{
	(void)io;
}

static void
bench_base(void)
{
	(void)ioctl(event_fd, 0x4e00, NULL);
}

static void
bench_getstate_hit(void)
{
	(void)nvmm_vcpu_getstate(&mach, &vcpu, NVMM_X64_STATE_GPRS);
}

/* The page forgets, so that the library must ask. */
static void
bench_getstate_miss(void)
{
	struct nvmm_comm_page *comm = mach.pages[0];

	comm->state_cached = 0;
	(void)nvmm_vcpu_getstate(&mach, &vcpu, NVMM_X64_STATE_GPRS);
}

static void
bench_setstate(void)
{
	(void)nvmm_vcpu_setstate(&mach, &vcpu, NVMM_X64_STATE_GPRS);
}

static void
bench_run(void)
{
	(void)nvmm_vcpu_run(&mach, &vcpu);
}

static void
bench_run_assist(void)
{
	(void)nvmm_vcpu_run(&mach, &vcpu);
	(void)nvmm_assist_io(&mach, &vcpu);
}

struct bench {
	const char *name;
	void (*function)(void);
	const char *limit;	/* what the project asks of itself */
	double ns[ROUNDS];
};

static struct bench benches[] = {
	{ .name = "BASE: a failing ioctl on an eventfd",
	    .function = bench_base, .limit = "" },
	{ .name = "getstate, a hit", .function = bench_getstate_hit,
	    .limit = "" },
	{ .name = "getstate, a miss: ioctl GETSTATE of GPRS",
	    .function = bench_getstate_miss, .limit = "<= 0.5" },
	{ .name = "setstate", .function = bench_setstate, .limit = "" },
	{ .name = "run to an I/O exit", .function = bench_run, .limit = "" },
	{ .name = "run and I/O assist of an OUT",
	    .function = bench_run_assist, .limit = "<= 2" },
};

#define NBENCHES	(sizeof(benches) / sizeof(benches[0]))

double
bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

double
bench_cpu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static double
measure(void (*function)(void))
{
	double start = bench_now();
	unsigned i;

	for (i = 0; i < PER_ROUND; i++)
		function();
	return (bench_now() - start) / PER_ROUND;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
bench_median(double *values, unsigned n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return values[n / 2];
}

void
bench_print(const char *name, double ns, double ratio, const char *limit)
{
	if (ratio == 0)
		printf("%-54s %12.1f %8s  %s\n", name, ns, "", limit);
	else
		printf("%-54s %12.1f %8.3f  %s\n", name, ns, ratio, limit);
}

int
bench_vcpu_create(struct sim *sim, struct nvmm_machine *in,
    nvmm_cpuid_t cpuid, struct nvmm_vcpu *created)
{
	if (nvmm_vcpu_create(in, cpuid, created) != 0)
		return -1;
	if (sim_feed_set(sim, in->machid, cpuid, &feed, NULL) != 0)
		return -1;
	created->cbs.io = io_callback;
	return 0;
}

/* The library is loaded, and finds a simulator with this engine. */
static struct sim *
simulator_create(const char *library, const struct sim_engine *engine)
{
	const struct sim_config config = { .engine = engine };
	char why[512];
	struct sim *sim;

	if (library_load(library, why, sizeof(why)) != 0) {
		fprintf(stderr, "bench: %s\n", why);
		return NULL;
	}
	if (sim_create(&config, &sim) != 0)
		return NULL;
	transport_attach(sim, NULL, NULL);
	event_fd = eventfd(0, 0);
	if (nvmm_init() != 0) {
		perror("bench");
		return NULL;
	}
	return sim;
}

static struct sim *
set_up(const char *library)
{
	struct sim *sim = simulator_create(library, NULL);

	if (sim != NULL && (nvmm_machine_create(&mach) != 0 ||
	    bench_vcpu_create(sim, &mach, 0, &vcpu) != 0)) {
		perror("bench");
		return NULL;
	}
	return sim;
}

/* In a process of its own: a library stays with one simulator. */
static void
bench_interp(const char *library)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (simulator_create(library, &sim_engine_interp) == NULL)
			_exit(EXIT_FAILURE);
		if (bench_engine(bench_base) != 0)
			perror("bench: the executing engine");
		fflush(stdout);
		_exit(EXIT_SUCCESS);
	}
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
}

static void
bench_calls(void)
{
	double base, ns;
	unsigned i, j;

	for (j = 0; j < ROUNDS; j++) {
		for (i = 0; i < NBENCHES; i++)
			benches[i].ns[j] = measure(benches[i].function);
	}
	base = bench_median(benches[0].ns, ROUNDS);
	printf("%-54s %12s %8s  %s\n", "median of 41 interleaved rounds",
	    "ns", "x BASE", "asked");
	for (i = 0; i < NBENCHES; i++) {
		ns = i == 0 ? base : bench_median(benches[i].ns, ROUNDS);
		bench_print(benches[i].name, ns, ns / base, benches[i].limit);
		if (benches[i].function == bench_run_assist)
			bench_print("  million exits a second", 1e3 / ns, 0,
			    "");
	}
}

/* usage: bench [LIBRARY [NVMM-SIM]] */
int
main(int argc, char **argv)
{
	const char *library = argc > 1 ? argv[1] : "build/libnvmm.so";
	struct sim *sim;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%-54s %12s %8s  %s\n", "guests that are executed", "ns",
	    "x BASE", "asked");
	bench_interp(library);
	sim = set_up(library);
	if (sim == NULL)
		return EXIT_FAILURE;
	bench_calls();
	(void)nvmm_machine_destroy(&mach);
	printf("%-54s %12s %8s  %s\n", "the same, many of them", "ns", "ratio",
	    "asked");
	if (bench_scale(sim) != 0) {
		perror("bench");
		return EXIT_FAILURE;
	}
	bench_scenarios(argc > 2 ? argv[2] : "build/nvmm-sim");
	return EXIT_SUCCESS;
}
