/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm: virtual machines on top of the NVMM driver.
 *
 * Every function returns 0, or -1 with errno set; libnvmm(3) lists the
 * errors.  A machine may be used by several threads at once, a VCPU by one
 * at a time; nvmm_vcpu_stop() may be called by any thread and by signal
 * handlers.
 */
#ifndef _LIBNVMM_H_
#define _LIBNVMM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <dev/nvmm/nvmm.h>
#include <dev/nvmm/nvmm_ioctl.h>

#define NVMM_USER_VERSION	2

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
	volatile int *stop;
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

int nvmm_init(void);
int nvmm_root_init(void);

int nvmm_capability(struct nvmm_capability *cap);

int nvmm_machine_create(struct nvmm_machine *mach);
int nvmm_machine_destroy(struct nvmm_machine *mach);
int nvmm_machine_configure(struct nvmm_machine *mach, uint64_t op, void *conf);

int nvmm_vcpu_create(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu);
int nvmm_vcpu_destroy(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);
int nvmm_vcpu_configure(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t op, void *conf);
int nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags);
int nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags);
int nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);
int nvmm_vcpu_run(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);
int nvmm_vcpu_stop(struct nvmm_vcpu *vcpu);

int nvmm_gpa_map(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size, int prot);
int nvmm_gpa_unmap(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size);
int nvmm_hva_map(struct nvmm_machine *mach, uintptr_t hva, size_t size);
int nvmm_hva_unmap(struct nvmm_machine *mach, uintptr_t hva, size_t size);

int nvmm_gva_to_gpa(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    gvaddr_t gva, gpaddr_t *gpa, nvmm_prot_t *prot);
int nvmm_gpa_to_hva(struct nvmm_machine *mach, gpaddr_t gpa, uintptr_t *hva,
    nvmm_prot_t *prot);

int nvmm_assist_io(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);
int nvmm_assist_mem(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

int nvmm_ctl(int op, void *data, size_t size);

int nvmm_vcpu_dump(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu);

#endif /* _LIBNVMM_H_ */
