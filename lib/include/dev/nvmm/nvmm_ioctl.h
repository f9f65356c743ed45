/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ioctls of /dev/nvmm and their arguments.  The numbers use the BSD
 * encoding, on every host.
 */
#ifndef _NVMM_IOCTL_H_
#define _NVMM_IOCTL_H_

#if defined(__NetBSD__) || defined(__DragonFly__)
#include <sys/ioccom.h>
#endif
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

/*
 * BSD's encoding, with macros of our own: on Linux those of <sys/ioctl.h> make
 * other numbers, and redefining them would change the ioctls of the program
 * that includes this.  Direction in bits 31-29, 13 bits of length from 16.
 */
#define _NVMM_IOC(direction, number, type)				\
	((direction) | ((sizeof(type) & 0x1fffUL) << 16) |		\
	((unsigned long)'N' << 8) | (number))
#define _NVMM_IOR(number, type)		_NVMM_IOC(0x40000000UL, number, type)
#define _NVMM_IOW(number, type)		_NVMM_IOC(0x80000000UL, number, type)
#define _NVMM_IOWR(number, type)	_NVMM_IOC(0xc0000000UL, number, type)

#define NVMM_IOC_CAPABILITY	_NVMM_IOR ( 0, struct nvmm_ioc_capability)
#define NVMM_IOC_MACHINE_CREATE	_NVMM_IOWR( 1, struct nvmm_ioc_machine_create)
#define NVMM_IOC_MACHINE_DESTROY \
				_NVMM_IOW ( 2, struct nvmm_ioc_machine_destroy)
#define NVMM_IOC_MACHINE_CONFIGURE \
				_NVMM_IOW ( 3, struct nvmm_ioc_machine_configure)
#if NVMM_ABI == 3
#define NVMM_IOC_VCPU_CREATE	_NVMM_IOWR( 4, struct nvmm_ioc_vcpu_create)
#else
#define NVMM_IOC_VCPU_CREATE	_NVMM_IOW ( 4, struct nvmm_ioc_vcpu_create)
#endif
#define NVMM_IOC_VCPU_DESTROY	_NVMM_IOW ( 5, struct nvmm_ioc_vcpu_destroy)
#define NVMM_IOC_VCPU_CONFIGURE	_NVMM_IOW ( 6, struct nvmm_ioc_vcpu_configure)
#define NVMM_IOC_VCPU_SETSTATE	_NVMM_IOW ( 7, struct nvmm_ioc_vcpu_setstate)
#define NVMM_IOC_VCPU_GETSTATE	_NVMM_IOW ( 8, struct nvmm_ioc_vcpu_getstate)
#define NVMM_IOC_VCPU_INJECT	_NVMM_IOW ( 9, struct nvmm_ioc_vcpu_inject)
#define NVMM_IOC_VCPU_RUN	_NVMM_IOWR(10, struct nvmm_ioc_vcpu_run)
#define NVMM_IOC_GPA_MAP	_NVMM_IOW (11, struct nvmm_ioc_gpa_map)
#define NVMM_IOC_GPA_UNMAP	_NVMM_IOW (12, struct nvmm_ioc_gpa_unmap)
#define NVMM_IOC_HVA_MAP	_NVMM_IOW (13, struct nvmm_ioc_hva_map)
#define NVMM_IOC_HVA_UNMAP	_NVMM_IOW (14, struct nvmm_ioc_hva_unmap)
#define NVMM_IOC_CTL		_NVMM_IOW (20, struct nvmm_ioc_ctl)

#endif /* _NVMM_IOCTL_H_ */
