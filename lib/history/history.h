/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cost models of libnvmm's past, for `nvmm-sim generations': what a getstate
 * and a setstate cost before the state could be used where it lies.  They are
 * not the libraries of that time.  The functions that callers see are today's
 * (nvmm.h), on generation v1 of the interface; vcpu->state and vcpu->event
 * are the caller's own memory, and everything passes through the three
 * functions below, which have the shape of that time's interface.
 *
 * A model is one file: nocomm.c or copying.c.  All else is libnvmm's.
 */
#ifndef LIBNVMM_HISTORY_HISTORY_H
#define LIBNVMM_HISTORY_HISTORY_H

#include "internal.h"

#pragma GCC visibility push(hidden)

/*
 * What mach->pages holds here: the caller's memory, in the shape of a page,
 * so that the rest of the library finds it where it looks; and behind it the
 * comm page that the driver knows.
 */
struct libnvmm_history {
	struct nvmm_comm_page caller;	/* first; its flag words mean nothing */
	struct nvmm_comm_page *comm;	/* the driver's */
	uint64_t copied;		/* bytes of state, both ways */
};

/* The VCPU's; NULL with errno once VCPU or machine is destroyed. */
struct libnvmm_history *libnvmm_history_find(const struct nvmm_machine *mach,
    nvmm_cpuid_t cpuid);

/*
 * The components flags between the comm page and *state, which is of type
 * struct nvmm_vcpu_state, one after the other, counted in history->copied.
 */
void libnvmm_history_copy_out(struct libnvmm_history *history, void *state,
    uint64_t flags);
void libnvmm_history_copy_in(struct libnvmm_history *history,
    const void *state, uint64_t flags);

/* The event to where the driver looks for it, and the ioctl that injects. */
int libnvmm_history_inject(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    const struct nvmm_vcpu_event *event);

/* The model's own; 0, or -1 with errno. */
int libnvmm_history_getstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    void *state, uint64_t flags);
int libnvmm_history_setstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    const void *state, uint64_t flags);

#pragma GCC visibility pop

#endif /* LIBNVMM_HISTORY_HISTORY_H */
