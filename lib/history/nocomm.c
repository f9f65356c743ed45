/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost of libnvmm before there was a comm page, until April 2019: each
 * getstate and setstate is an ioctl, and what it names is copied.
 *
 * A model.  The driver of that time copied between VCPU and caller itself;
 * no driver that does is at hand.  So the comm page is what is transferred,
 * and the copy between it and the caller's memory is made here: the ioctl
 * and the copy are those of that time.
 */
#include "history/history.h"

int
libnvmm_history_getstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    void *state, uint64_t flags)
{
	struct libnvmm_history *history = libnvmm_history_find(mach, cpuid);
	struct nvmm_ioc_vcpu_getstate args = {
		.machid = mach->machid,
		.cpuid = cpuid,
	};

	if (history == NULL)
		return -1;
	__atomic_store_n(&history->comm->state_wanted, flags,
	    __ATOMIC_RELAXED);
	if (libnvmm_ioctl(NVMM_IOC_VCPU_GETSTATE, &args) == -1)
		return -1;
	libnvmm_history_copy_out(history, state, flags);
	return 0;
}

int
libnvmm_history_setstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    const void *state, uint64_t flags)
{
	struct libnvmm_history *history = libnvmm_history_find(mach, cpuid);
	struct nvmm_ioc_vcpu_setstate args = {
		.machid = mach->machid,
		.cpuid = cpuid,
	};

	if (history == NULL)
		return -1;
	libnvmm_history_copy_in(history, state, flags);
	__atomic_store_n(&history->comm->state_wanted, flags,
	    __ATOMIC_RELAXED);
	return libnvmm_ioctl(NVMM_IOC_VCPU_SETSTATE, &args);
}
