/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether VCPUs cost each other anything: two threads against one, one
 * machine against all there can be; and what a whole run costs.
 */
#include <sys/wait.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define THREAD_ROUNDS	21
#define CROWD_ROUNDS	7
#define RUN_ROUNDS	5
#define PER_ROUND	40000
#define MACHINES	127	/* besides the one that is measured */
#define VCPUS		256

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpus[2];
static struct nvmm_machine crowd[MACHINES];
static struct nvmm_vcpu crowd_vcpus[MACHINES][VCPUS];

static void *
work(void *arg)
{
	struct nvmm_vcpu *vcpu = arg;
	unsigned i;

	for (i = 0; i < PER_ROUND; i++) {
		(void)nvmm_vcpu_run(&mach, vcpu);
		(void)nvmm_assist_io(&mach, vcpu);
	}
	return NULL;
}

/* To a processor of its own, where there is one. */
static void
pin(pthread_t thread, unsigned processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(processor, &set);
	(void)pthread_setaffinity_np(thread, sizeof(set), &set);
}

/* Both ways start threads, so that this costs them the same. */
static double
work_by(unsigned nthreads)
{
	pthread_t threads[2];
	double start = bench_now();
	unsigned i;

	for (i = 0; i < nthreads; i++) {
		if (pthread_create(&threads[i], NULL, work, &vcpus[i]) != 0)
			exit(EXIT_FAILURE);
		pin(threads[i], i);
	}
	for (i = 0; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	return bench_now() - start;
}

/*
 * By the clock it shows only where two processors are free; by processor
 * time anywhere, but not what threads sleep for each other.
 */
static void
bench_threads(void)
{
	double one[THREAD_ROUNDS], two[THREAD_ROUNDS], ratio[THREAD_ROUNDS];
	double cpu[THREAD_ROUNDS], start, middle;
	unsigned i;

	for (i = 0; i < THREAD_ROUNDS; i++) {
		start = bench_cpu_now();
		one[i] = work_by(1) / PER_ROUND;
		middle = bench_cpu_now();
		two[i] = work_by(2) / PER_ROUND;
		ratio[i] = 2 * one[i] / two[i];
		cpu[i] = 4 * (middle - start) /
		    (bench_cpu_now() - middle);
	}
	bench_print("one thread's exit and assist",
	    bench_median(one, THREAD_ROUNDS), 0, "");
	bench_print("two threads' exits: the work of one, times",
	    bench_median(two, THREAD_ROUNDS),
	    bench_median(ratio, THREAD_ROUNDS), ">= 1.8");
	bench_print("  by processor time",
	    bench_median(two, THREAD_ROUNDS),
	    bench_median(cpu, THREAD_ROUNDS), ">= 1.8");
}

static int
crowd_create(struct sim *sim)
{
	unsigned i, j;

	for (i = 0; i < MACHINES; i++) {
		if (nvmm_machine_create(&crowd[i]) != 0)
			return -1;
		for (j = 0; j < VCPUS; j++) {
			if (bench_vcpu_create(sim, &crowd[i], j,
			    &crowd_vcpus[i][j]) != 0)
				return -1;
		}
	}
	return 0;
}

static int
crowd_destroy(void)
{
	unsigned i;

	for (i = 0; i < MACHINES; i++) {
		if (nvmm_machine_destroy(&crowd[i]) != 0)
			return -1;
	}
	return 0;
}

static double
alone(void)
{
	double start = bench_now();

	(void)work(&vcpus[0]);
	return (bench_now() - start) / PER_ROUND;
}

static int
bench_crowd(struct sim *sim)
{
	const unsigned n = MACHINES * VCPUS;
	double ns[CROWD_ROUNDS], ratio[CROWD_ROUNDS];
	double create[CROWD_ROUNDS], destroy[CROWD_ROUNDS], start;
	unsigned i;

	for (i = 0; i < CROWD_ROUNDS; i++) {
		ratio[i] = alone();
		start = bench_now();
		if (crowd_create(sim) != 0)
			return -1;
		create[i] = (bench_now() - start) / n;
		ns[i] = alone();
		ratio[i] = ns[i] / ratio[i];
		start = bench_now();
		if (crowd_destroy() != 0)
			return -1;
		destroy[i] = (bench_now() - start) / n;
	}
	bench_print("exit and assist amid 128 machines of 256, times alone",
	    bench_median(ns, CROWD_ROUNDS),
	    bench_median(ratio, CROWD_ROUNDS), "<= 1.1");
	bench_print("creating a VCPU, its page mapped",
	    bench_median(create, CROWD_ROUNDS), 0, "");
	bench_print("destroying it with its machine",
	    bench_median(destroy, CROWD_ROUNDS), 0, "");
	return 0;
}

int
bench_scale(struct sim *sim)
{
	if (nvmm_machine_create(&mach) != 0 ||
	    bench_vcpu_create(sim, &mach, 0, &vcpus[0]) != 0 ||
	    bench_vcpu_create(sim, &mach, 1, &vcpus[1]) != 0)
		return -1;
	bench_threads();
	return bench_crowd(sim);
}

/* 0 in the exit status: all scenarios passed. */
static int
run_scenarios(const char *program)
{
	int fd, status;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		fd = open("/dev/null", O_WRONLY);
		if (fd != -1)
			dup2(fd, STDOUT_FILENO);
		execl(program, program, "run", "--jobs", "1", "scenarios",
		    (char *)NULL);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
bench_scenarios(const char *program)
{
	double ns[RUN_ROUNDS];
	unsigned i;
	int status;

	for (i = 0; i < RUN_ROUNDS; i++) {
		ns[i] = bench_now();
		status = run_scenarios(program);
		ns[i] = bench_now() - ns[i];
		if (status != 0) {
			printf("%s run: status %d\n", program, status);
			return;
		}
	}
	bench_print("all scenarios with --jobs 1",
	    bench_median(ns, RUN_ROUNDS), 0, "< 2 s");
}
