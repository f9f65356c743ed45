/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_mem: carry out the instruction whose access to memory left the
 * guest, with the mem callback as the device.
 */
#include <errno.h>

#include "internal.h"
#include "insn.h"

int
nvmm_assist_mem(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct libnvmm_x86_cpu cpu;
	struct libnvmm_x86_insn insn;

	if (libnvmm_vcpu_check(mach, vcpu) == -1)
		return -1;
	if (vcpu->exit->reason != NVMM_VCPU_EXIT_MEMORY ||
	    vcpu->cbs.mem == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (libnvmm_x86_begin(&cpu, mach, vcpu) == -1)
		return -1;
	if (libnvmm_x86_decode(&cpu, &vcpu->exit->u.mem, &insn) == -1 ||
	    libnvmm_x86_emulate(&cpu, &insn) == -1)
		return -1;
	return libnvmm_x86_commit(&cpu);
}
