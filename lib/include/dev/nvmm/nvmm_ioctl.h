/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ioctls of /dev/nvmm and their arguments.  The numbers use the BSD
 * encoding, on every host; lib/compat supplies it where the system does not.
 */
#ifndef _NVMM_IOCTL_H_
#define _NVMM_IOCTL_H_

#include <sys/ioccom.h>
#include <sys/types.h>
#include <time.h>

#include <dev/nvmm/nvmm.h>

struct nvmm_ioc_capability {
	struct nvmm_capability cap;
};

struct nvmm_ioc_machine_create {
	nvmm_machid_t machid;	/* out */
};

struct nvmm_ioc_machine_destroy {
	nvmm_machid_t machid;
};

struct nvmm_ioc_machine_configure {
	nvmm_machid_t machid;
	uint64_t op;
	void *conf;
};

struct nvmm_ioc_vcpu_create {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
#if NVMM_ABI == 3
	struct nvmm_comm_page *comm;	/* out: where the driver mapped it */
#endif
};

struct nvmm_ioc_vcpu_destroy {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
};

struct nvmm_ioc_vcpu_configure {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
	uint64_t op;
	void *conf;
};

struct nvmm_ioc_vcpu_setstate {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
};

struct nvmm_ioc_vcpu_getstate {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
};

struct nvmm_ioc_vcpu_inject {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
};

struct nvmm_ioc_vcpu_run {
	nvmm_machid_t machid;
	nvmm_cpuid_t cpuid;
	struct nvmm_vcpu_exit exit;	/* out */
};

struct nvmm_ioc_gpa_map {
	nvmm_machid_t machid;
	uintptr_t hva;
	gpaddr_t gpa;
	size_t size;
	int prot;
};

struct nvmm_ioc_gpa_unmap {
	nvmm_machid_t machid;
	gpaddr_t gpa;
	size_t size;
};

struct nvmm_ioc_hva_map {
	nvmm_machid_t machid;
	uintptr_t hva;
	size_t size;
	int flags;		/* ignored */
};

struct nvmm_ioc_hva_unmap {
	nvmm_machid_t machid;
	uintptr_t hva;
	size_t size;
	int flags;		/* ignored */
};

#define NVMM_CTL_MACH_INFO	0

struct nvmm_ctl_mach_info {
	nvmm_machid_t machid;	/* in */
	uint32_t nvcpus;
	uint64_t nram;		/* bytes of host mappings */
	pid_t pid;		/* of the opener */
	time_t time;
};

struct nvmm_ioc_ctl {
	int op;
	void *data;
	size_t size;
};

#define NVMM_IOC_CAPABILITY	_IOR ('N',  0, struct nvmm_ioc_capability)
#define NVMM_IOC_MACHINE_CREATE	_IOWR('N',  1, struct nvmm_ioc_machine_create)
#define NVMM_IOC_MACHINE_DESTROY \
				_IOW ('N',  2, struct nvmm_ioc_machine_destroy)
#define NVMM_IOC_MACHINE_CONFIGURE \
				_IOW ('N',  3, struct nvmm_ioc_machine_configure)
#if NVMM_ABI == 3
#define NVMM_IOC_VCPU_CREATE	_IOWR('N',  4, struct nvmm_ioc_vcpu_create)
#else
#define NVMM_IOC_VCPU_CREATE	_IOW ('N',  4, struct nvmm_ioc_vcpu_create)
#endif
#define NVMM_IOC_VCPU_DESTROY	_IOW ('N',  5, struct nvmm_ioc_vcpu_destroy)
#define NVMM_IOC_VCPU_CONFIGURE	_IOW ('N',  6, struct nvmm_ioc_vcpu_configure)
#define NVMM_IOC_VCPU_SETSTATE	_IOW ('N',  7, struct nvmm_ioc_vcpu_setstate)
#define NVMM_IOC_VCPU_GETSTATE	_IOW ('N',  8, struct nvmm_ioc_vcpu_getstate)
#define NVMM_IOC_VCPU_INJECT	_IOW ('N',  9, struct nvmm_ioc_vcpu_inject)
#define NVMM_IOC_VCPU_RUN	_IOWR('N', 10, struct nvmm_ioc_vcpu_run)
#define NVMM_IOC_GPA_MAP	_IOW ('N', 11, struct nvmm_ioc_gpa_map)
#define NVMM_IOC_GPA_UNMAP	_IOW ('N', 12, struct nvmm_ioc_gpa_unmap)
#define NVMM_IOC_HVA_MAP	_IOW ('N', 13, struct nvmm_ioc_hva_map)
#define NVMM_IOC_HVA_UNMAP	_IOW ('N', 14, struct nvmm_ioc_hva_unmap)
#define NVMM_IOC_CTL		_IOW ('N', 20, struct nvmm_ioc_ctl)

#endif /* _NVMM_IOCTL_H_ */
