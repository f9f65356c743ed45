/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of a stop: finished in the kernel, or an exit for the VMM.
 * The VCPU's lock is held.
 */
#ifndef SIM_KERNEL_EXIT_H
#define SIM_KERNEL_EXIT_H

#include <stdbool.h>

#include "kernel/kernel.h"

/* No exit at all on hardware: the guest goes on at once. */
#define SIM_EXIT_INSIDE	((enum sim_exit_index)(SIM_NEXIT + 1))
/* Not an exit either: the kernel may look for a reason to return. */
#define SIM_EXIT_LOOK	((enum sim_exit_index)(SIM_NEXIT + 2))

/*
 * SIM_EXIT_NONE: the kernel dealt with it and the guest goes on.  Any other
 * but the two above: the exit, with its part of *exit filled.
 */
enum sim_exit_index sim_exit_from_stop(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);

/* An instruction that the kernel carried out: the guest is past it. */
void sim_exit_advance(struct sim_vcpu *vcpu, const struct sim_stop *stop);

/* msr.c, cr.c, insn.c, cpuid.c: what these instructions make. */
enum sim_exit_index sim_exit_rdmsr(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);
enum sim_exit_index sim_exit_wrmsr(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);
enum sim_exit_index sim_exit_cr_write(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);
enum sim_exit_index sim_exit_insn(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);
enum sim_exit_index sim_exit_cpuid(struct sim_vcpu *vcpu,
    const struct sim_stop *stop, struct sim_exit_record *exit);

#endif /* SIM_KERNEL_EXIT_H */
