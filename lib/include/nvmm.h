/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm: virtual machines on top of the NVMM driver.
 *
 * Every function returns 0, or -1 with errno set; libnvmm(3) lists the
 * errors.  A machine may be used by several threads at once, a VCPU by one
 * at a time; nvmm_vcpu_stop() may be called by any thread and by signal
 * handlers.  NVMM_ABI chooses the generation of the interface: see
 * <dev/nvmm/nvmm_abi.h>.
 */
#ifndef _LIBNVMM_H_
#define _LIBNVMM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dev/nvmm/nvmm.h>
#include <dev/nvmm/nvmm_bsd.h>
#include <dev/nvmm/nvmm_ioctl.h>

/* Not the driver's version: DragonFly BSD's nvmm.h says 1. */
#if NVMM_ABI == 2
#define NVMM_USER_VERSION	2
#else
#define NVMM_USER_VERSION	1
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct nvmm_io;
struct nvmm_mem;

struct nvmm_assist_callbacks {
	void (*io)(struct nvmm_io *);
	void (*mem)(struct nvmm_mem *);
};

struct nvmm_machine {
	nvmm_machid_t machid;
	struct nvmm_comm_page **pages;	/* by cpuid; the library's own */
	void *areas;			/* guest memory; the library's own */
};

struct nvmm_vcpu {
	nvmm_cpuid_t cpuid;
	struct nvmm_assist_callbacks cbs;
	struct nvmm_vcpu_state *state;	/* valid after nvmm_vcpu_getstate() */
	struct nvmm_vcpu_event *event;	/* fill, then nvmm_vcpu_inject() */
	struct nvmm_vcpu_exit *exit;	/* valid after nvmm_vcpu_run() */
#if NVMM_ABI == 2
	volatile int *stop;		/* the library's own */
#endif
};

/* An access to a port, as the io callback sees it. */
struct nvmm_io {
	struct nvmm_machine *mach;
	struct nvmm_vcpu *vcpu;
	uint16_t port;
	bool in;		/* the callback fills data */
	size_t size;		/* bytes: 1, 2 or 4 */
	uint8_t *data;
};

/* An access to guest-physical memory that is no RAM of the machine. */
struct nvmm_mem {
	struct nvmm_machine *mach;
	struct nvmm_vcpu *vcpu;
	gpaddr_t gpa;
	bool write;		/* clear: the callback fills data */
	size_t size;		/* bytes */
	uint8_t *data;
};

typedef uint64_t nvmm_prot_t;

#define NVMM_PROT_READ	0x01
#define NVMM_PROT_WRITE	0x02
#define NVMM_PROT_EXEC	0x04
#define NVMM_PROT_USER	0x08
#define NVMM_PROT_ALL	0x0F

#define NVMM_VCPU_CONF_CALLBACKS	NVMM_VCPU_CONF_LIBNVMM_BEGIN

/*
 * Opens the device, as an owner of machines of its own; nvmm_root_init() as
 * the owner who may operate everybody's.  Once it is open both do nothing.
 * Not thread-safe; call one of them first: the others fail with EBADF until
 * then.
 *	ENXIO, ENOENT, EACCES: as open(2) of the device.
 *	EPROGMISMATCH, in generation 3 ENOSYS: the driver speaks another
 *	generation of the interface.
 */
int nvmm_init(void);
int nvmm_root_init(void);

/* What the driver can do, freshly asked. */
int nvmm_capability(struct nvmm_capability *cap);

/*
 * Makes a machine without VCPUs and memory.  *mach is the caller's; the
 * library fills it and keeps memory behind it until the machine's end.
 *	ENOBUFS: all machines of the driver are in use.  ENOMEM.
 */
int nvmm_machine_create(struct nvmm_machine *mach);

/*
 * Ends a machine; waits until its VCPUs have left nvmm_vcpu_run().  State,
 * event and exit of its VCPUs are gone then; memory that was mapped into it
 * stays mapped in the caller.
 *	EINVAL, ENOENT: no such machine.  EPERM: another owner's.
 */
int nvmm_machine_destroy(struct nvmm_machine *mach);

/* No operation exists.  EINVAL, whatever op is. */
int nvmm_machine_configure(struct nvmm_machine *mach, uint64_t op, void *conf);

/*
 * Makes VCPU number cpuid in its reset state, with empty callbacks.  *vcpu
 * is the caller's; what it points at is the library's until
 * nvmm_vcpu_destroy() or the machine's end.
 *	EBUSY: there is one already.  EINVAL: cpuid is too large.
 *	ENOMEM.
 */
int nvmm_vcpu_create(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu);

/* Waits while the VCPU runs.  ENOENT: there is none. */
int nvmm_vcpu_destroy(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

/*
 * NVMM_VCPU_CONF_CALLBACKS: conf is a struct nvmm_assist_callbacks, copied.
 * NVMM_VCPU_CONF_CPUID: struct nvmm_vcpu_conf_cpuid, a leaf's mask or exit.
 * NVMM_VCPU_CONF_TPR: struct nvmm_vcpu_conf_tpr, if the capability has it.
 *	EINVAL: no such operation, or it contradicts itself.
 *	ENOBUFS: all entries for leaves are in use.  EFAULT: conf.
 */
int nvmm_vcpu_configure(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t op, void *conf);

/*
 * setstate: the components flags (NVMM_X64_STATE_*) of vcpu->state become
 * the VCPU's at its next run.  getstate: they become valid in vcpu->state.
 * What was set and not yet run is what a get gives.  A syscall happens only
 * if something is asked for that the kernel has not left there already.
 *	ENOENT: there is no such VCPU.
 */
int nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags);
int nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags);

/* vcpu->event is injected at the next run; an illegal one fails that run. */
int nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

/*
 * Runs the VCPU until an exit for the VMM, in *vcpu->exit, which keeps the
 * previous exit if this fails.  Blocks; a signal ends it, and so does
 * nvmm_vcpu_stop() where there is one.
 *	EINVAL: the event to inject is none.  ENOENT: no such VCPU.
 */
int nvmm_vcpu_run(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

#if NVMM_ABI == 2
/*
 * Asks a run, this or the next one, to end with NVMM_VCPU_EXIT_STOPPED at
 * its next exit.  From any thread and from signal handlers, but not beyond
 * the end of the VCPU's machine.
 *	ENOENT: the VCPU was destroyed.
 */
int nvmm_vcpu_stop(struct nvmm_vcpu *vcpu);
#endif

/*
 * hva_map: turns [hva, hva + size), whole pages, into zero-filled memory that
 * guests can share; hva_unmap takes exactly such a range away.  They wait
 * until no VCPU of the machine runs.
 *	EINVAL: not whole pages.  EEXIST: it overlaps another one.
 *	ENOBUFS: the machine has no more.  ENOENT: unmap: there is none.
 */
int nvmm_hva_map(struct nvmm_machine *mach, uintptr_t hva, size_t size);
int nvmm_hva_unmap(struct nvmm_machine *mach, uintptr_t hva, size_t size);

/*
 * gpa_map: the guest sees [hva, hva + size), part of one hva_map()ed range,
 * at gpa with the rights prot (PROT_READ, WRITE, EXEC); gpa_unmap takes
 * exactly such a mapping back.  While VCPUs run, from any thread.
 *	EINVAL: not whole pages; beyond the capability's max_ram; not in one
 *	hva_map()ed range; it overlaps another.  ESRCH: unmap: there is none.
 *	ENOMEM.
 */
int nvmm_gpa_map(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size, int prot);
int nvmm_gpa_unmap(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size);

/*
 * Translates as the guest would now.  prot: NVMM_PROT_*, of all levels of
 * its page tables.  Gets the state that it needs.
 *	EFAULT: the guest has nothing there.
 */
int nvmm_gva_to_gpa(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    gvaddr_t gva, gpaddr_t *gpa, nvmm_prot_t *prot);

/* Where gpa is in the caller, and its rights.  ENOENT: it is not mapped. */
int nvmm_gpa_to_hva(struct nvmm_machine *mach, gpaddr_t gpa, uintptr_t *hva,
    nvmm_prot_t *prot);

/*
 * Carry out the instruction of an I/O or MEMORY exit with the VCPU's
 * callbacks, and set the registers as it leaves them.  If they fail, nothing
 * has changed.
 *	EINVAL: another exit; no callback.  EFAULT: the guest's memory does
 *	not allow it.  ENODEV: assist_mem: an instruction it does not know.
 */
int nvmm_assist_io(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);
int nvmm_assist_mem(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

/*
 * NVMM_CTL_MACH_INFO: data is a struct nvmm_ctl_mach_info, size its size.
 *	EINVAL: another op or size.  EFAULT.  ENOENT, EPERM: the machine.
 */
int nvmm_ctl(int op, void *data, size_t size);

/* Prints the whole state of a VCPU to standard output. */
int nvmm_vcpu_dump(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

#ifdef __cplusplus
}
#endif

#endif /* _LIBNVMM_H_ */
