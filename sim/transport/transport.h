/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The in-process transport: opens of the device and what follows on its
 * descriptors are taken from the C library and given to a kernel.
 */
#ifndef SIM_TRANSPORT_TRANSPORT_H
#define SIM_TRANSPORT_TRANSPORT_H

struct sim;
struct sim_call_observer;

/*
 * From now on, opens of the device reach sim, and calls of libnvmm's
 * functions are told to observer (either may be NULL).  Both are borrowed
 * until transport_detach(), which closes the descriptors that are still open
 * on any kernel: call it before the kernel is destroyed.  One at a time, by
 * the thread that prepares the others.
 */
void transport_attach(struct sim *sim,
    const struct sim_call_observer *observer, void *arg);
void transport_detach(void);

/* Whether the kernel saw an ioctl outside any libnvmm call: how many. */
unsigned long transport_foreign_ioctls(void);

#endif /* SIM_TRANSPORT_TRANSPORT_H */
