/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: threads LIBRARY v1|v2|v3
 *
 * One machine through libnvmm, and many threads: each VCPU in one, and
 * beside them one that maps and unmaps guest memory, one that stops VCPUs,
 * one that looks into a VCPU that nobody runs, and one that creates and
 * destroys another VCPU and another machine.  ThreadSanitizer is the judge
 * of what it sees; this program holds what it can know itself.
 */
#include <sys/mman.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "transport/library.h"
#include "transport/transport.h"

#define NELEM(table)	(sizeof(table) / sizeof((table)[0]))
#define NRUNNERS	3	/* VCPUs 0 to 2, each with a thread */
#define STILL		3	/* the VCPU that nobody runs */
#define SPARE		4	/* the VCPU that comes and goes */
#define TURNS		1500	/* runs of each runner */
#define PAGE		4096UL
#define MEMORY_SIZE	(8 * PAGE)
#define MEMORY_GPA	0x100000UL

struct runner {
	pthread_t thread;
	struct nvmm_vcpu vcpu;
	unsigned asked;		/* how often the guest was */
	unsigned io, memory, stopped;	/* exits */
	unsigned callbacks;
};

static struct nvmm_machine mach;
static struct runner runners[NRUNNERS];
static struct nvmm_vcpu still;
static uint8_t *memory;
static struct sim *sim;
static atomic_bool over;
static atomic_uint failures;

static void
must(const char *what, bool held)
{
	if (held)
		return;
	fprintf(stderr, "threads: %s\n", what);
	atomic_fetch_add(&failures, 1);
}

/* In turn: a byte to a port, and a byte to memory that comes and goes. */
static bool
guest_next(void *arg, const struct sim_state *state,
    struct sim_intent *intent)
{
	struct runner *runner = arg;
	struct sim_stop *stop = &intent->stop;

	memset(intent, 0, sizeof(*intent));
	stop->length = 1;
	stop->npc = state->gprs[SIM_GPR_RIP] + 1;
	if (runner->asked++ % 2 == 0) {
		stop->kind = SIM_STOP_IO;
		stop->bytes[0] = 0xEE;
		stop->u.io.port = 0x3f8;
		stop->u.io.seg = SIM_SEG_DS;
		stop->u.io.address_size = 2;
		stop->u.io.operand_size = 1;
		return true;
	}
	stop->kind = SIM_STOP_MEMORY;
	stop->u.mem.access = SIM_ACCESS_WRITE;
	stop->u.mem.size = 1;
	stop->u.mem.gpa = MEMORY_GPA + runner->asked % MEMORY_SIZE;
	return true;
}

static void
guest_delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	(void)event;
}

static const struct sim_feed feed = {
	.next = guest_next, .delivered = guest_delivered,
};

static void
io_callback(struct nvmm_io *io)
{
	runners[io->vcpu->cpuid].callbacks++;
}

/* The VMM's answer to an access that it does not emulate. */
static void
instruction_skip(struct nvmm_vcpu *vcpu)
{
	must("getstate of GPRS", nvmm_vcpu_getstate(&mach, vcpu,
	    NVMM_X64_STATE_GPRS) == 0);
	vcpu->state->gprs[NVMM_X64_GPR_RIP]++;
	must("setstate of GPRS", nvmm_vcpu_setstate(&mach, vcpu,
	    NVMM_X64_STATE_GPRS) == 0);
}

static void
exit_handle(struct runner *runner)
{
	struct nvmm_vcpu *vcpu = &runner->vcpu;
	nvmm_prot_t prot;
	uintptr_t hva;

	switch (vcpu->exit->reason) {
	case NVMM_VCPU_EXIT_IO:
		runner->io++;
		must("assist_io", nvmm_assist_io(&mach, vcpu) == 0);
		break;
	case NVMM_VCPU_EXIT_MEMORY:
		runner->memory++;
		/* Perhaps it has just come back. */
		if (nvmm_gpa_to_hva(&mach, vcpu->exit->u.mem.gpa, &hva,
		    &prot) == 0)
			must("gpa_to_hva", hva - (uintptr_t)memory <
			    MEMORY_SIZE);
		instruction_skip(vcpu);
		break;
	case NVMM_VCPU_EXIT_STOPPED:
		runner->stopped++;
		break;
	default:
		break;
	}
}

static void *
runner_main(void *arg)
{
	struct runner *runner = arg;
	unsigned i;

	for (i = 0; i < TURNS; i++) {
		must("run", nvmm_vcpu_run(&mach, &runner->vcpu) == 0);
		exit_handle(runner);
	}
	return NULL;
}

static void *
mapper_main(void *arg)
{
	(void)arg;
	while (!atomic_load(&over)) {
		must("gpa_map", nvmm_gpa_map(&mach, (uintptr_t)memory,
		    MEMORY_GPA, MEMORY_SIZE, PROT_READ | PROT_WRITE) == 0);
		usleep(50);
		must("gpa_unmap", nvmm_gpa_unmap(&mach, (uintptr_t)memory,
		    MEMORY_GPA, MEMORY_SIZE) == 0);
		usleep(50);
	}
	return NULL;
}

static void *
stopper_main(void *arg)
{
	unsigned i = 0;

	(void)arg;
	while (!atomic_load(&over) && library_has(SIM_CALL_VCPU_STOP)) {
		must("stop", nvmm_vcpu_stop(&runners[i++ % NRUNNERS].vcpu) ==
		    0);
		usleep(20);
	}
	return NULL;
}

static void *
looker_main(void *arg)
{
	uint64_t value = 0;

	(void)arg;
	while (!atomic_load(&over)) {
		must("getstate", nvmm_vcpu_getstate(&mach, &still,
		    NVMM_X64_STATE_ALL) == 0);
		must("what was set", value == 0 ||
		    still.state->gprs[NVMM_X64_GPR_RAX] == value);
		still.state->gprs[NVMM_X64_GPR_RAX] = ++value;
		must("setstate", nvmm_vcpu_setstate(&mach, &still,
		    NVMM_X64_STATE_GPRS) == 0);
	}
	return NULL;
}

static void *
creator_main(void *arg)
{
	struct nvmm_machine other;
	struct nvmm_vcpu vcpu;

	(void)arg;
	while (!atomic_load(&over)) {
		must("vcpu_create",
		    nvmm_vcpu_create(&mach, SPARE, &vcpu) == 0);
		must("vcpu_destroy", nvmm_vcpu_destroy(&mach, &vcpu) == 0);
		must("machine_create", nvmm_machine_create(&other) == 0);
		must("another's vcpu_create",
		    nvmm_vcpu_create(&other, 0, &vcpu) == 0);
		must("another's run", nvmm_vcpu_run(&other, &vcpu) == 0);
		must("machine_destroy", nvmm_machine_destroy(&other) == 0);
	}
	return NULL;
}

static bool
set_up(const char *library, const struct sim_abi *abi)
{
	const struct sim_config config = { .abi = abi };
	char why[512];
	unsigned i;

	if (library_load(library, why, sizeof(why)) != 0) {
		fprintf(stderr, "threads: %s\n", why);
		return false;
	}
	if (sim_create(&config, &sim) != 0)
		return false;
	transport_attach(sim, NULL, NULL);
	memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || nvmm_init() != 0 ||
	    nvmm_machine_create(&mach) != 0 ||
	    nvmm_hva_map(&mach, (uintptr_t)memory, MEMORY_SIZE) != 0 ||
	    nvmm_vcpu_create(&mach, STILL, &still) != 0)
		return false;
	for (i = 0; i < NRUNNERS; i++) {
		if (nvmm_vcpu_create(&mach, i, &runners[i].vcpu) != 0 ||
		    sim_feed_set(sim, mach.machid, i, &feed, &runners[i]) != 0)
			return false;
		runners[i].vcpu.cbs.io = io_callback;
	}
	return true;
}

static void
play(void)
{
	static void *(*const mains[])(void *) = {
		mapper_main, stopper_main, looker_main, creator_main,
	};
	pthread_t threads[NELEM(mains)];
	unsigned i;

	for (i = 0; i < NELEM(mains); i++)
		must("pthread_create", pthread_create(&threads[i], NULL,
		    mains[i], NULL) == 0);
	for (i = 0; i < NRUNNERS; i++)
		must("pthread_create", pthread_create(&runners[i].thread,
		    NULL, runner_main, &runners[i]) == 0);
	for (i = 0; i < NRUNNERS; i++)
		pthread_join(runners[i].thread, NULL);
	atomic_store(&over, true);
	for (i = 0; i < NELEM(mains); i++)
		pthread_join(threads[i], NULL);
}

static void
tear_down(const char *abi)
{
	uint64_t bytes, objects;
	unsigned i;

	for (i = 0; i < NRUNNERS; i++) {
		printf("threads: %s: VCPU %u: %u I/O exits, %u of memory, %u "
		    "stops\n", abi, i, runners[i].io, runners[i].memory,
		    runners[i].stopped);
		must("each I/O exit has its callback",
		    runners[i].callbacks == runners[i].io);
		must("the VCPU has run", runners[i].io > 0);
	}
	must("machine_destroy", nvmm_machine_destroy(&mach) == 0);
	sim_usage(sim, &bytes, &objects);
	must("nothing is left", bytes == 0 && objects == 0);
	transport_detach();
	sim_destroy(sim);
	munmap(memory, MEMORY_SIZE);
}

int
main(int argc, char **argv)
{
	if (argc != 3 || sim_abi_find(argv[2]) == NULL) {
		fprintf(stderr, "usage: threads LIBRARY v1|v2|v3\n");
		return 2;
	}
	if (!set_up(argv[1], sim_abi_find(argv[2]))) {
		perror("threads");
		return EXIT_FAILURE;
	}
	play();
	tear_down(argv[2]);
	return atomic_load(&failures) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
