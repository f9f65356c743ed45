/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comm page of generations v1 and v2: the caller maps it from the
 * device, at an offset made of machine and VCPU.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "internal.h"

/* The driver maps whole pages only, of the guest's size (x86). */
#define COMM_PAGE_SIZE	4096

struct nvmm_comm_page *
libnvmm_comm_create(nvmm_machid_t machid, nvmm_cpuid_t cpuid)
{
	struct nvmm_ioc_vcpu_create args = {
		.machid = machid,
		.cpuid = cpuid,
	};
	struct nvmm_ioc_vcpu_destroy undo = {
		.machid = machid,
		.cpuid = cpuid,
	};
	void *comm;
	int error;

	if (libnvmm_ioctl(NVMM_IOC_VCPU_CREATE, &args) == -1)
		return NULL;
	comm = mmap(NULL, COMM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    libnvmm_device.fd, (off_t)NVMM_COMM_OFF(machid, cpuid));
	if (comm != MAP_FAILED)
		return comm;

	error = errno;
	(void)libnvmm_ioctl(NVMM_IOC_VCPU_DESTROY, &undo);
	errno = error;
	return NULL;
}

void
libnvmm_comm_unmap(struct nvmm_comm_page *comm)
{
	munmap(comm, COMM_PAGE_SIZE);
}
