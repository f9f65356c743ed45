/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cost of libnvmm with the first comm page, from April 2019 to NetBSD
 * 9.0: the flag words spare the ioctls, as today, but the interface copies
 * what it names between the page and the caller's memory.  Events were not
 * yet in the page: an inject is an ioctl.
 *
 * A model, made from what is known of that library's behaviour.
 */
#include "history/history.h"

static uint64_t
flags_load(const uint64_t *flags)
{
	return __atomic_load_n(flags, __ATOMIC_RELAXED);
}

static void
flags_add(uint64_t *flags, uint64_t more)
{
	__atomic_store_n(flags, flags_load(flags) | more, __ATOMIC_RELAXED);
}

int
libnvmm_history_getstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    void *state, uint64_t flags)
{
	struct libnvmm_history *history = libnvmm_history_find(mach, cpuid);
	struct nvmm_ioc_vcpu_getstate args = {
		.machid = mach->machid,
		.cpuid = cpuid,
	};
	uint64_t missing;

	if (history == NULL)
		return -1;
	missing = flags & ~flags_load(&history->comm->state_cached);
	if (missing != 0) {
		__atomic_store_n(&history->comm->state_wanted, missing,
		    __ATOMIC_RELAXED);
		if (libnvmm_ioctl(NVMM_IOC_VCPU_GETSTATE, &args) == -1)
			return -1;
	}
	libnvmm_history_copy_out(history, state, flags);
	return 0;
}

int
libnvmm_history_setstate(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    const void *state, uint64_t flags)
{
	struct libnvmm_history *history = libnvmm_history_find(mach, cpuid);

	if (history == NULL)
		return -1;
	libnvmm_history_copy_in(history, state, flags);
	flags_add(&history->comm->state_commit, flags);
	flags_add(&history->comm->state_cached, flags);
	return 0;
}
