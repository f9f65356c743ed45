/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The caching logic of libnvmm, and nothing else: when the comm page is
 * enough and when the kernel must be asked.  This is what the simulator
 * exists to verify.
 *
 * The page has three flag words, one bit per component of the state:
 *   state_cached   the page holds the component's current value
 *   state_commit   the page is newer than the VCPU; the next run installs it
 *   state_wanted   what the next GETSTATE ioctl shall fetch
 * Invariant: a component that waits for its commit is cached too, so a later
 * fetch never overwrites it.
 */
#include <errno.h>

#include "internal.h"

/* Destroyed, or never created: what the kernel would say too. */
static __attribute__((__noinline__)) int
no_vcpu(void)
{
	errno = ENOENT;
	return -1;
}

/* Out of line, so that the hit stays a handful of instructions. */
static __attribute__((__noinline__)) int
fetch(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t missing)
{
	struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];
	struct nvmm_ioc_vcpu_getstate args = {
		.machid = mach->machid,
		.cpuid = vcpu->cpuid,
	};

	comm->state_wanted = missing;
	return libnvmm_ioctl(NVMM_IOC_VCPU_GETSTATE, &args);
}

int
nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	const struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];
	uint64_t missing;

	if (__builtin_expect(comm == NULL, 0))
		return no_vcpu();
	missing = flags & ~comm->state_cached;
	if (__builtin_expect(missing == 0, 1))
		return 0;
	return fetch(mach, vcpu, missing);
}

int
nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];

	if (__builtin_expect(comm == NULL, 0))
		return no_vcpu();
	comm->state_commit |= flags;
	comm->state_cached |= flags;
	return 0;
}

int
nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];

	if (__builtin_expect(comm == NULL, 0))
		return no_vcpu();
	comm->event_commit = true;
	return 0;
}
