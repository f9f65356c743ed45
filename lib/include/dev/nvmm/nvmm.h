/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine-independent half of the NVMM interface: identifiers, the
 * capability, configuration slots and the comm page.
 */
#ifndef _NVMM_H_
#define _NVMM_H_

#include <stdbool.h>
#include <stdint.h>

#include <dev/nvmm/nvmm_abi.h>

typedef uint64_t gpaddr_t;
typedef uint64_t gvaddr_t;

typedef uint32_t nvmm_machid_t;
typedef uint32_t nvmm_cpuid_t;

/* The guests are x86 whatever the host is, so there is nothing to choose. */
#include <dev/nvmm/x86/nvmm_x86.h>

#define NVMM_KERN_VERSION	NVMM_ABI

struct nvmm_capability {
	uint32_t version;	/* NVMM_KERN_VERSION of the driver */
	uint32_t state_size;	/* bytes of struct nvmm_vcpu_state */
#if NVMM_ABI == 3
	uint32_t comm_size;	/* bytes of a mapped comm page */
#endif
	uint32_t max_machines;
	uint32_t max_vcpus;	/* per machine */
	uint64_t max_ram;	/* bytes per machine */
	struct nvmm_cap_md arch;
};

/* Configuration slots of a machine, then of a VCPU. */
#define NVMM_MACH_CONF_LIBNVMM_BEGIN	0
#define NVMM_MACH_CONF_MI_BEGIN		100
#define NVMM_MACH_CONF_MD_BEGIN		200
#define NVMM_MACH_CONF(op)		(op - NVMM_MACH_CONF_MD_BEGIN)

#define NVMM_VCPU_CONF_LIBNVMM_BEGIN	0
#define NVMM_VCPU_CONF_MI_BEGIN		100
#define NVMM_VCPU_CONF_MD_BEGIN		200
#define NVMM_VCPU_CONF(op)		(op - NVMM_VCPU_CONF_MD_BEGIN)

/*
 * Memory that driver and library share, one per VCPU.  Whoever changes the
 * rules in here changes lib/state.c and sim/kernel/comm.c together.
 */
struct nvmm_comm_page {
	uint64_t state_wanted;	/* to be got or set by the next ioctl */
	uint64_t state_cached;	/* current in the page */
	uint64_t state_commit;	/* newer in the page than in the VCPU */
	struct nvmm_vcpu_state state __attribute__((__aligned__(16)));
	bool event_commit;	/* the event waits for its injection */
	struct nvmm_vcpu_event event;
#if NVMM_ABI == 2
	volatile int stop;	/* VCPU_RUN shall return */
#endif
};

#if NVMM_ABI != 3
/* mmap offset of a comm page on the device: machid 27-20, cpuid 19-12. */
#define NVMM_COMM_OFF(machid, cpuid)					\
	((((uint64_t)(machid) & 0xFFULL) << 20) |			\
	(((uint64_t)(cpuid) & 0xFFULL) << 12))
#endif

#endif /* _NVMM_H_ */
