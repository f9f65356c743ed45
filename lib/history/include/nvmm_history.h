/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the cost models of libnvmm's past (history.h) have beyond libnvmm:
 * their bookkeeping, for whoever measures them.
 */
#ifndef NVMM_HISTORY_H
#define NVMM_HISTORY_H

#include <nvmm.h>

/*
 * Bytes of state that the library has copied between comm page and caller
 * since the VCPU was created, both ways; what events cost is not among them.
 * 0 when the VCPU is destroyed.  In the thread that uses the VCPU.
 */
uint64_t nvmm_history_copied(const struct nvmm_machine *mach,
    const struct nvmm_vcpu *vcpu);

#endif /* NVMM_HISTORY_H */
