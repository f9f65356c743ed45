/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only ABI generation v3 has: DragonFly BSD and ports of it, whose
 * driver maps the comm page and says where.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stddef.h>

#include "internal.h"

const int libnvmm_abi_mismatch = ENOSYS;

struct nvmm_comm_page *
libnvmm_comm_create(nvmm_machid_t machid, nvmm_cpuid_t cpuid)
{
	struct nvmm_ioc_vcpu_create args = {
		.machid = machid,
		.cpuid = cpuid,
	};

	if (libnvmm_ioctl(NVMM_IOC_VCPU_CREATE, &args) == -1)
		return NULL;
	return args.comm;
}

void
libnvmm_comm_unmap(struct nvmm_comm_page *comm)
{
	munmap(comm, libnvmm_device.cap.comm_size);
}

void
libnvmm_vcpu_extend(struct nvmm_vcpu *vcpu, struct nvmm_comm_page *comm)
{
	(void)vcpu;
	(void)comm;
}
