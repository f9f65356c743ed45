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
#include "internal.h"

/*
 * The driver changes the flag words while it serves an ioctl of the VCPU, and
 * another thread may look at them: hence relaxed atomics.  The VCPU's own
 * thread alone adds flags, so a load and a store are enough.
 */
static inline uint64_t
flags_load(const uint64_t *flags)
{
	return __atomic_load_n(flags, __ATOMIC_RELAXED);
}

static inline void
flags_add(uint64_t *flags, uint64_t more)
{
	__atomic_store_n(flags, flags_load(flags) | more, __ATOMIC_RELAXED);
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

	__atomic_store_n(&comm->state_wanted, missing, __ATOMIC_RELAXED);
	return libnvmm_ioctl(NVMM_IOC_VCPU_GETSTATE, &args);
}

int
nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	const struct nvmm_comm_page *comm = LIBNVMM_COMM(mach, vcpu);
	uint64_t missing;

	if (__builtin_expect(comm == NULL, 0))
		return libnvmm_vcpu_none(mach);
	missing = flags & ~flags_load(&comm->state_cached);
	if (__builtin_expect(missing == 0, 1))
		return 0;
	return fetch(mach, vcpu, missing);
}

int
nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_comm_page *comm = LIBNVMM_COMM(mach, vcpu);

	if (__builtin_expect(comm == NULL, 0))
		return libnvmm_vcpu_none(mach);
	flags_add(&comm->state_commit, flags);
	flags_add(&comm->state_cached, flags);
	return 0;
}

int
nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_comm_page *comm = LIBNVMM_COMM(mach, vcpu);

	if (__builtin_expect(comm == NULL, 0))
		return libnvmm_vcpu_none(mach);
	__atomic_store_n(&comm->event_commit, true, __ATOMIC_RELAXED);
	return 0;
}
