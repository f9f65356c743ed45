/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What memcheck is told under valgrind, on the caller's addresses: what the
 * kernel read there, so that uninitialized bytes are reported at the caller's
 * line, and what it wrote through its own mapping of the same memory.
 * Outside valgrind these cost a few instructions.
 */
#ifndef SIM_KERNEL_JUDGE_H
#define SIM_KERNEL_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/abi.h"

struct sim_vcpu;

/* Whether anybody listens: for what costs more than a few instructions. */
bool sim_judging(void);

/* The argument of an ioctl has been read: its fields, no padding. */
void sim_judge_argument(enum sim_ioctl_index index, uint64_t caller);

/* size bytes at caller have been read. */
void sim_judge_read(uint64_t caller, size_t size);

/* The same for the VCPU's comm page, size bytes from offset. */
void sim_judge_page_read(const struct sim_vcpu *vcpu, size_t offset,
    size_t size);

/* They have been written, or their content has no meaning any more. */
void sim_judge_page_written(const struct sim_vcpu *vcpu, size_t offset,
    size_t size);
void sim_judge_page_void(const struct sim_vcpu *vcpu, size_t offset,
    size_t size);

/* Guest memory that the caller has at hva has been written. */
void sim_judge_memory_written(uint64_t hva, size_t size);

#endif /* SIM_KERNEL_JUDGE_H */
