/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * usage: limits [MACHINES]
 *
 * As many machines as there can be (or MACHINES of them), each with as many
 * VCPUs as there can be, in this one process, in generations v2 and v3.  The
 * caller maps each comm page, each VCPU runs once to a HLT; one more of
 * anything is refused; then all of it goes, and the memory with it.
 *
 * Resident memory is the second number of /proc/self/statm, in pages: what
 * of this process's mappings is in memory.  A page of a comm page's memory
 * file counts for each mapping of it, so twice: the kernel's and the
 * caller's.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "kernel/driver.h"

#define PAGE		4096ULL
#define MAX_MACHINES	128
#define MAX_VCPUS	256
#define MAX_HOSTMEMS	32

/*
 * Bytes that may stay resident: some, and the locks of each machine's VCPUs,
 * which live as long as the kernel does.
 */
#define MEMORY_BACK(machines)						\
	((1ULL << 20) + (machines) * MAX_VCPUS * 64ULL)

static struct {
	struct sim *sim;
	struct sim_file *file;
	const struct sim_abi *abi;
	uint32_t nmachines;
	void *pages[MAX_MACHINES][MAX_VCPUS];	/* comm pages */
	unsigned failed;
} limits;

static void
expect(const char *what, uint64_t seen, uint64_t wanted)
{
	if (seen == wanted)
		return;
	printf("limits: %s: %s: %llu, not %llu\n", limits.abi->name, what,
	    (unsigned long long)seen, (unsigned long long)wanted);
	limits.failed++;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Without stdio, whose buffer would be the last in the heap and hold it. */
static uint64_t
resident(void)
{
	unsigned long long size, pages = 0;
	char line[128] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return 0;
	if (read(fd, line, sizeof(line) - 1) <= 0 ||
	    sscanf(line, "%llu %llu", &size, &pages) != 2)
		pages = 0;
	close(fd);
	return pages * PAGE;
}

/* One HLT: what stops is on its way until RIP has left it. */
static bool
guest_next(void *arg, const struct sim_state *state,
    struct sim_intent *intent)
{
	(void)arg;
	memset(intent, 0, sizeof(*intent));
	intent->stop.kind = SIM_STOP_HLT;
	intent->stop.length = 1;
	intent->stop.bytes[0] = 0xF4;
	intent->stop.npc = state->gprs[SIM_GPR_RIP] + 1;
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

static int
ioc(enum sim_ioctl_index index, void *arg)
{
	return sim_ioctl(limits.file, limits.abi->command[index], arg);
}

static int
vcpu_create(uint32_t machid, uint32_t cpuid, void **page)
{
	struct sim_vcpu_create_arg arg = { .machid = machid, .cpuid = cpuid };
	int error = ioc(SIM_VCPU_CREATE, &arg);

	if (error)
		return error;
	if (limits.abi->comm_by_create) {
		*page = (void *)(uintptr_t)arg.comm;
		return 0;
	}
	return sim_mmap(limits.file, NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, (int64_t)machid << 20 | (int64_t)cpuid << 12, page);
}

static void
vcpu_try(uint32_t machid, uint32_t cpuid)
{
	void **page = &limits.pages[machid][cpuid];
	struct sim_run_arg run = { .machid = machid, .cpuid = cpuid };

	expect("VCPU_CREATE and its page", vcpu_create(machid, cpuid, page),
	    0);
	/* The caller's own mapping: the reset state is cached there. */
	if (*page != NULL)
		expect("cached", ((uint64_t *)*page)[1], SIM_STATE_ALL);
	expect("feed", sim_feed_set(limits.sim, machid, cpuid, &feed, NULL),
	    0);
	expect("VCPU_RUN", ioc(SIM_VCPU_RUN, &run), 0);
	expect("exit", run.exit.reason, sim_exits[SIM_EXIT_HALTED].reason);
}

static void
everything_create(void)
{
	uint32_t i, cpuid, machid;

	for (i = 0; i < limits.nmachines; i++) {
		expect("MACHINE_CREATE", ioc(SIM_MACHINE_CREATE, &machid), 0);
		expect("machid", machid, i);
		for (cpuid = 0; cpuid < limits.abi->max_vcpus; cpuid++)
			vcpu_try(i, cpuid);
	}
}

/* Machines go first, as when their owner closes; the pages stay readable. */
static void
everything_destroy(void)
{
	uint32_t i, cpuid;

	for (i = 0; i < limits.nmachines; i++)
		expect("MACHINE_DESTROY", ioc(SIM_MACHINE_DESTROY, &i), 0);
	for (i = 0; i < limits.nmachines; i++) {
		for (cpuid = 0; cpuid < limits.abi->max_vcpus; cpuid++) {
			if (limits.pages[i][cpuid] != NULL)
				expect("munmap", sim_munmap(limits.sim,
				    limits.pages[i][cpuid], PAGE), 0);
			limits.pages[i][cpuid] = NULL;
		}
	}
}

/* One more of anything, and that is too many. */
static void
one_more(void)
{
	struct sim_vcpu_create_arg vcpu = { .cpuid = limits.abi->max_vcpus };
	struct sim_hva_arg hva = { .size = PAGE };
	uint32_t machid;
	uint8_t *memory;
	unsigned i;

	if (limits.nmachines == MAX_MACHINES)
		expect("one machine more", ioc(SIM_MACHINE_CREATE, &machid),
		    ENOBUFS);
	expect("one VCPU more", ioc(SIM_VCPU_CREATE, &vcpu), EINVAL);
	memory = mmap(NULL, 2 * (MAX_HOSTMEMS + 1) * PAGE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		expect("memory", 0, 1);
		return;
	}
	for (i = 0; i <= MAX_HOSTMEMS; i++) {
		hva.hva = (uintptr_t)memory + 2 * i * PAGE;
		expect("HVA_MAP", ioc(SIM_HVA_MAP, &hva),
		    i < MAX_HOSTMEMS ? 0 : ENOBUFS);
	}
	munmap(memory, 2 * (MAX_HOSTMEMS + 1) * PAGE);
}

static void
report(uint32_t vcpus, double create, double destroy, const uint64_t *rss,
    uint64_t bytes, uint64_t objects)
{
	printf("limits: %s: %u machines of %u VCPUs: %.2f s to create and "
	    "run, %.2f s to destroy\n", limits.abi->name, limits.nmachines,
	    vcpus / limits.nmachines, create, destroy);
	printf("limits: %s: resident %.1f MiB before, %.1f at the peak (%llu "
	    "bytes a VCPU), %.1f after; kernel %.1f MiB in %llu objects\n",
	    limits.abi->name, (double)rss[0] / 0x1p20,
	    (double)rss[1] / 0x1p20,
	    (unsigned long long)((rss[1] - rss[0]) / vcpus),
	    (double)rss[2] / 0x1p20, (double)bytes / 0x1p20,
	    (unsigned long long)objects);
}

static void
play(const struct sim_abi *abi)
{
	const struct sim_config config = { .abi = abi };
	uint64_t bytes, objects, left, rss[3];
	double start, create;

	limits.abi = abi;
	if (sim_create(&config, &limits.sim) != 0 ||
	    sim_open(limits.sim, O_RDWR | O_CLOEXEC, &limits.file) != 0) {
		expect("a kernel", 0, 1);
		return;
	}
	rss[0] = resident();
	start = now();
	everything_create();
	create = now() - start;
	rss[1] = resident();
	sim_usage(limits.sim, &bytes, &objects);
	one_more();
	start = now();
	everything_destroy();
	start = now() - start;
	rss[2] = resident();
	report(limits.nmachines * abi->max_vcpus, create, start, rss, bytes,
	    objects);
	sim_usage(limits.sim, &left, &objects);
	expect("bytes left", left, 0);
	expect("objects left", objects, 0);
	/* Valgrind and sanitizers keep what is freed, and have their own. */
	if (getenv("LIMITS_NO_MEMORY") == NULL)
		expect("memory is back", rss[2] <= rss[0] +
		    MEMORY_BACK(limits.nmachines), 1);
	sim_destroy(limits.sim);
}

int
main(int argc, char **argv)
{
	limits.nmachines = argc > 1 ?
	    (uint32_t)strtoul(argv[1], NULL, 10) : MAX_MACHINES;
	if (limits.nmachines == 0 || limits.nmachines > MAX_MACHINES)
		return 2;
	/* The table's own pages are no memory of the kernel's. */
	memset(limits.pages, 0xff, sizeof(limits.pages));
	memset(limits.pages, 0, sizeof(limits.pages));
	play(&sim_abi_v2);
	play(&sim_abi_v3);
	return limits.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
