/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events on their way into a VCPU.  The VCPU's lock is held.
 */
#ifndef SIM_KERNEL_EVENT_H
#define SIM_KERNEL_EVENT_H

struct sim_event;
struct sim_vcpu;

/*
 * Takes the event that stands in the comm page; a pending one is replaced.
 * 0, or EINVAL: no event that a VMM may inject.
 */
int sim_event_inject(struct sim_vcpu *vcpu);

/*
 * An exception of the kernel's own.  It is built in the page, as real
 * drivers do, and so replaces what the VMM has there.
 */
void sim_event_raise(struct sim_vcpu *vcpu, unsigned vector);

/*
 * The event that the next entry delivers, or NULL.  Its side effects on
 * RFLAGS have taken place.
 */
const struct sim_event *sim_event_pending(struct sim_vcpu *vcpu);
void sim_event_delivered(struct sim_vcpu *vcpu);

/* An exit interrupted the delivery: the next entry tries again. */
void sim_event_again(struct sim_vcpu *vcpu, const struct sim_event *event);

/*
 * An exception that the processor raises by itself, without an exit: the
 * entry in progress delivers it.  It has no or a zero error code.
 */
void sim_event_fault(struct sim_vcpu *vcpu, unsigned vector);

/* Vectors that the kernel itself knows. */
#define SIM_VECTOR_NMI	2
#define SIM_VECTOR_UD	6
#define SIM_VECTOR_GP	13

#endif /* SIM_KERNEL_EVENT_H */
