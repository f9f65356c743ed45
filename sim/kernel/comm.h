/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of the comm page.  comm.c alone touches one; what it
 * reads there, the VMM may change at the same moment.  The functions on a
 * VCPU want its lock held.
 */
#ifndef SIM_KERNEL_COMM_H
#define SIM_KERNEL_COMM_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

/*
 * ThreadSanitizer knows addresses, not memory: through two of them it sees
 * no race, and no order either.  Its builds have one for kernel and callers,
 * which nobody unmaps, since who is last to use it is not known.
 */
#ifndef __has_feature
#define __has_feature(feature)	0
#endif
#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
#define SIM_COMM_ONE_ADDRESS	true
#else
#define SIM_COMM_ONE_ADDRESS	false
#endif

/* The machine's comm pages: 0 or ENOMEM.  Mappings of callers outlive them. */
int sim_comm_create(struct sim_machine *machine);
void sim_comm_destroy(struct sim_machine *machine);

/* Where the kernel sees the page of cpuid. */
uint8_t *sim_comm_page(const struct sim_machine *machine, uint32_t cpuid);

/* VCPU_CREATE: an empty page, and in it *state, all of it cached. */
void sim_comm_reset(struct sim_vcpu *vcpu, const struct sim_state *state);

/* GETSTATE and SETSTATE: wanted components to the page, or to the VCPU. */
void sim_comm_fetch(struct sim_vcpu *vcpu);
void sim_comm_install(struct sim_vcpu *vcpu);

/* VCPU_RUN, step 2: installs what waits for it; nothing is cached then. */
void sim_comm_commit(struct sim_vcpu *vcpu);

/* VCPU_RUN, step 5: writes components unasked and marks them cached. */
void sim_comm_speculate(struct sim_vcpu *vcpu, uint64_t components);

/* The event in the page; take clears event_commit and tells if it was set. */
void sim_comm_event(const struct sim_vcpu *vcpu, struct sim_event_record *event);
void sim_comm_event_set(struct sim_vcpu *vcpu,
    const struct sim_event_record *event);
bool sim_comm_take_event(struct sim_vcpu *vcpu);

/* The stop word, where the generation has one. */
bool sim_comm_stopped(const struct sim_vcpu *vcpu);
void sim_comm_clear_stop(struct sim_vcpu *vcpu);

/* The flag words, for reports and scenarios. */
void sim_comm_flags(const struct sim_vcpu *vcpu, struct sim_comm_flags *flags);
void sim_comm_flags_set(struct sim_vcpu *vcpu,
    const struct sim_comm_flags *flags);

#endif /* SIM_KERNEL_COMM_H */
