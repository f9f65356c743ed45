/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state.c without its caching: each getstate, setstate and inject is an
 * ioctl of its own.  Linked instead of state.c into libnvmm-nocomm.so, the
 * yardstick that `nvmm-sim run --comm off` measures with.
 */
#include "internal.h"

/* The driver reads the word in the ioctl that follows. */
static int
want(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t flags)
{
	struct nvmm_comm_page *comm = LIBNVMM_COMM(mach, vcpu);

	if (comm == NULL)
		return libnvmm_vcpu_none(mach);
	__atomic_store_n(&comm->state_wanted, flags, __ATOMIC_RELAXED);
	return 0;
}

int
nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_ioc_vcpu_getstate args = {
		.machid = mach->machid,
		.cpuid = vcpu->cpuid,
	};

	if (want(mach, vcpu, flags) == -1)
		return -1;
	return libnvmm_ioctl(NVMM_IOC_VCPU_GETSTATE, &args);
}

int
nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_ioc_vcpu_setstate args = {
		.machid = mach->machid,
		.cpuid = vcpu->cpuid,
	};

	if (want(mach, vcpu, flags) == -1)
		return -1;
	return libnvmm_ioctl(NVMM_IOC_VCPU_SETSTATE, &args);
}

int
nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_inject args = {
		.machid = mach->machid,
		.cpuid = vcpu->cpuid,
	};

	if (LIBNVMM_COMM(mach, vcpu) == NULL)
		return libnvmm_vcpu_none(mach);
	return libnvmm_ioctl(NVMM_IOC_VCPU_INJECT, &args);
}
