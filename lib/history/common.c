/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both models share: today's functions on top of the model's, the
 * caller's memory beside the comm page, and the copies between the two.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <nvmm_history.h>

#include "history/history.h"

#define COMM_PAGE_SIZE	4096	/* the driver's page, whatever the host's */

struct libnvmm_history *
libnvmm_history_find(const struct nvmm_machine *mach, nvmm_cpuid_t cpuid)
{
	struct libnvmm_history *history = NULL;

	_Static_assert(offsetof(struct libnvmm_history, caller) == 0,
	    "the library's page is the model's caller");
	if (mach->pages != NULL)
		history = (struct libnvmm_history *)(void *)
		    mach->pages[cpuid];
	if (history == NULL)
		(void)libnvmm_vcpu_none(mach);
	return history;
}

/* --- the copies --- */

/* A component: its flag, and where it lies in the state. */
struct component {
	uint64_t flag;
	uint16_t offset, size;	/* bytes */
};

#define COMPONENT(flag, member)						\
	{ flag, offsetof(struct nvmm_vcpu_state, member),		\
	sizeof(((struct nvmm_vcpu_state *)NULL)->member) }

static const struct component components[] = {
	COMPONENT(NVMM_X64_STATE_SEGS, segs),
	COMPONENT(NVMM_X64_STATE_GPRS, gprs),
	COMPONENT(NVMM_X64_STATE_CRS, crs),
	COMPONENT(NVMM_X64_STATE_DRS, drs),
	COMPONENT(NVMM_X64_STATE_MSRS, msrs),
	COMPONENT(NVMM_X64_STATE_INTR, intr),
	COMPONENT(NVMM_X64_STATE_FPU, fpu),
};

#define NCOMPONENTS	(sizeof(components) / sizeof(components[0]))

/* How many bytes were copied. */
static uint64_t
copy(void *to, const void *from, uint64_t flags)
{
	const struct component *component;
	uint64_t copied = 0;
	size_t i;

	for (i = 0; i < NCOMPONENTS; i++) {
		component = &components[i];
		if ((flags & component->flag) == 0)
			continue;
		memcpy((uint8_t *)to + component->offset,
		    (const uint8_t *)from + component->offset,
		    component->size);
		copied += component->size;
	}
	return copied;
}

void
libnvmm_history_copy_out(struct libnvmm_history *history, void *state,
    uint64_t flags)
{
	history->copied += copy(state, &history->comm->state, flags);
}

void
libnvmm_history_copy_in(struct libnvmm_history *history, const void *state,
    uint64_t flags)
{
	history->copied += copy(&history->comm->state, state, flags);
}

uint64_t
nvmm_history_copied(const struct nvmm_machine *mach,
    const struct nvmm_vcpu *vcpu)
{
	const struct libnvmm_history *history =
	    libnvmm_history_find(mach, vcpu->cpuid);

	return history == NULL ? 0 : history->copied;
}

/* --- the caller's memory and the page: in place of comm_mmap.c --- */

static struct nvmm_comm_page *
page_map(nvmm_machid_t machid, nvmm_cpuid_t cpuid)
{
	void *comm = mmap(NULL, COMM_PAGE_SIZE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, libnvmm_device.fd,
	    (off_t)NVMM_COMM_OFF(machid, cpuid));

	return comm == MAP_FAILED ? NULL : comm;
}

struct nvmm_comm_page *
libnvmm_comm_create(nvmm_machid_t machid, nvmm_cpuid_t cpuid)
{
	struct nvmm_ioc_vcpu_create args = {
		.machid = machid,
		.cpuid = cpuid,
	};
	struct nvmm_ioc_vcpu_destroy undo = {
		.machid = machid,
		.cpuid = cpuid,
	};
	struct libnvmm_history *history;
	int error;

	history = calloc(1, sizeof(*history));
	if (history == NULL)
		return NULL;
	if (libnvmm_ioctl(NVMM_IOC_VCPU_CREATE, &args) == -1) {
		error = errno;
		goto out;
	}
	history->comm = page_map(machid, cpuid);
	if (history->comm != NULL) {
		/* A new VCPU's state can be read without a get. */
		history->caller.state = history->comm->state;
		return &history->caller;
	}
	error = errno;
	(void)libnvmm_ioctl(NVMM_IOC_VCPU_DESTROY, &undo);
out:
	free(history);
	errno = error;
	return NULL;
}

void
libnvmm_comm_unmap(struct nvmm_comm_page *comm)
{
	struct libnvmm_history *history =
	    (struct libnvmm_history *)(void *)comm;

	munmap(history->comm, COMM_PAGE_SIZE);
	free(history);
}

/* --- today's functions: in place of state.c --- */

int
libnvmm_history_inject(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    const struct nvmm_vcpu_event *event)
{
	struct libnvmm_history *history = libnvmm_history_find(mach, cpuid);
	struct nvmm_ioc_vcpu_inject args = {
		.machid = mach->machid,
		.cpuid = cpuid,
	};

	if (history == NULL)
		return -1;
	history->comm->event = *event;
	return libnvmm_ioctl(NVMM_IOC_VCPU_INJECT, &args);
}

int
nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	return libnvmm_history_getstate(mach, vcpu->cpuid, vcpu->state,
	    flags);
}

int
nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	return libnvmm_history_setstate(mach, vcpu->cpuid, vcpu->state,
	    flags);
}

int
nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	return libnvmm_history_inject(mach, vcpu->cpuid, vcpu->event);
}
