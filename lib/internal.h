/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of libnvmm share and its callers never see.  Hidden from
 * the dynamic linker; named libnvmm_* so that no documented name is taken.
 */
#ifndef LIBNVMM_INTERNAL_H
#define LIBNVMM_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <nvmm.h>

#pragma GCC visibility push(hidden)

/* The device and what it can do; set once by nvmm_init(), fd -1 before. */
struct libnvmm_device {
	int fd;
	struct nvmm_capability cap;
};
extern struct libnvmm_device libnvmm_device;

/* Guest memory as nvmm_gpa_map() made it: gpa..gpa+size-1 is at hva. */
struct libnvmm_area {
	gpaddr_t gpa;
	uintptr_t hva;
	size_t size;
	nvmm_prot_t prot;	/* NVMM_PROT_READ, WRITE, EXEC */
};

/*
 * What struct nvmm_machine keeps behind its areas pointer.  The lock guards
 * the array only: sorted by gpa, without overlaps.  Each exit has its cache
 * line, since each VCPU has its thread.
 */
#define LIBNVMM_LINE	64
struct libnvmm_machine {
	pthread_rwlock_t lock;
	struct libnvmm_area *areas;
	size_t nareas;
	size_t capacity;
	_Alignas(LIBNVMM_LINE) struct nvmm_vcpu_exit exits[];	/* by cpuid */
};

/*
 * One ioctl on the device.  0, or -1 with the driver's errno; EBADF before
 * nvmm_init().
 */
int libnvmm_ioctl(unsigned long request, void *arg);

/*
 * What depends on the ABI generation, until libnvmm_vcpu_extend(): abi_*.c,
 * and comm_mmap.c for v1 and v2.  The errno of nvmm_init() when the driver
 * is of another generation.
 */
extern const int libnvmm_abi_mismatch;

/*
 * Create a VCPU in the driver and map its comm page.  The page, or NULL with
 * errno, and then there is no VCPU.  The caller unmaps the page after the
 * VCPU's or machine's end.
 */
struct nvmm_comm_page *libnvmm_comm_create(nvmm_machid_t machid,
    nvmm_cpuid_t cpuid);
void libnvmm_comm_unmap(struct nvmm_comm_page *comm);

/* Fill what only one generation's struct nvmm_vcpu has; comm NULL: clear. */
void libnvmm_vcpu_extend(struct nvmm_vcpu *vcpu, struct nvmm_comm_page *comm);

/*
 * The comm page of a VCPU; NULL once VCPU or machine is destroyed.  No
 * function, so that a getstate that hits stays cheap.
 */
#define LIBNVMM_COMM(mach, vcpu)					\
	((mach)->pages == NULL ? NULL : (mach)->pages[(vcpu)->cpuid])

/*
 * Why there is no VCPU: sets errno to what the driver would say, EINVAL when
 * the machine is gone, ENOENT when the VCPU is, and returns -1.
 */
int libnvmm_vcpu_none(const struct nvmm_machine *mach);

/* 0; or -1 as above if VCPU or machine is destroyed, or *vcpu is stale. */
int libnvmm_vcpu_check(const struct nvmm_machine *mach,
    const struct nvmm_vcpu *vcpu);

/* A machine's private half.  NULL with errno ENOMEM.  free() it by destroy. */
struct libnvmm_machine *libnvmm_machine_alloc(uint32_t max_vcpus);
void libnvmm_machine_free(struct libnvmm_machine *priv);

/*
 * The area that holds gpa, copied to *area.  False when there is none.
 * Safe against threads that map and unmap.
 */
bool libnvmm_area_find(struct nvmm_machine *mach, gpaddr_t gpa,
    struct libnvmm_area *area);

/*
 * Add or remove an area without telling the driver.  Insert: 0, or an errno
 * value: EINVAL: it overlaps one; ENOMEM.  Remove: 0, or ESRCH: no area has
 * exactly this hva, gpa and size; *area becomes the one removed.
 */
int libnvmm_area_insert(struct libnvmm_machine *priv,
    const struct libnvmm_area *area);
int libnvmm_area_remove(struct libnvmm_machine *priv,
    struct libnvmm_area *area);

#pragma GCC visibility pop

#endif /* LIBNVMM_INTERNAL_H */
