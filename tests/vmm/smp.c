/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM with two VCPUs, a thread for each, and a device in memory that adds
 * up what they write to it.
 */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm.h"

#define NVCPUS		2
#define WRITES		100
#define DEVICE_GPA	0xd0000

static const uint8_t guest[] = {
	0xb8, 0x00, 0xd0,		/*	mov ax, DEVICE_GPA >> 4 */
	0x8e, 0xc0,			/*	mov es, ax */
	0xb9, WRITES, 0x00,		/*	mov cx, WRITES */
	0x43,				/*	inc bx, cpuid until here */
	0x26, 0x89, 0x1e, 0x00, 0x00,	/* next: mov es:[0], bx */
	0xe2, 0xf9,			/*	loop next */
	0xf4,				/*	hlt */
};

struct cpu {
	pthread_t thread;
	struct nvmm_vcpu vcpu;
	unsigned writes;		/* that this thread has carried out */
};

static struct nvmm_machine mach;
static struct cpu cpus[NVCPUS];

static struct {
	pthread_mutex_t lock;
	uint64_t sum;
} device = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
device_mem(struct nvmm_mem *mem)
{
	uint16_t value;

	if (mem->gpa != DEVICE_GPA || !mem->write ||
	    mem->size != sizeof(value))
		errx(EXIT_FAILURE, "%s of %zu bytes at %#" PRIx64,
		    mem->write ? "write" : "read", mem->size, mem->gpa);
	memcpy(&value, mem->data, sizeof(value));
	pthread_mutex_lock(&device.lock);
	device.sum += value;
	pthread_mutex_unlock(&device.lock);
	cpus[mem->vcpu->cpuid].writes++;
}

static void *
cpu_run(void *arg)
{
	struct cpu *cpu = arg;

	for (;;) {
		CALL(nvmm_vcpu_run(&mach, &cpu->vcpu));
		switch (cpu->vcpu.exit->reason) {
		case NVMM_VCPU_EXIT_NONE:
			break;
		case NVMM_VCPU_EXIT_MEMORY:
			CALL(nvmm_assist_mem(&mach, &cpu->vcpu));
			break;
		case NVMM_VCPU_EXIT_HALTED:
			return NULL;
		default:
			exit_unexpected(&cpu->vcpu);
		}
	}
}

int
main(void)
{
	static const struct nvmm_assist_callbacks callbacks = {
		.mem = device_mem,
	};
	size_t i;

	machine_start(&mach, guest, sizeof(guest));
	for (i = 0; i < __arraycount(cpus); i++)
		vcpu_start(&mach, (nvmm_cpuid_t)i, &cpus[i].vcpu, &callbacks);
	for (i = 0; i < __arraycount(cpus); i++) {
		errno = pthread_create(&cpus[i].thread, NULL, cpu_run,
		    &cpus[i]);
		if (errno != 0)
			err(EXIT_FAILURE, "pthread_create");
	}
	for (i = 0; i < __arraycount(cpus); i++) {
		(void)pthread_join(cpus[i].thread, NULL);
		CALL(nvmm_vcpu_destroy(&mach, &cpus[i].vcpu));
		printf("smp: VCPU %zu wrote %u times\n", i, cpus[i].writes);
	}
	machine_end(&mach);
	printf("smp: the device has %" PRIu64 "\n", device.sum);
	return EXIT_SUCCESS;
}
