/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Written as DragonFly's programs are: the part of a library for NVMM that
 * minds the comm page, and a page of 32-bit tables.  It needs no driver: what
 * it says of one is what it would do with its answer.
 */
#include <sys/param.h>
#include <sys/bitops.h>
#include <sys/ioccom.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/queue.h>

#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <machine/pmap.h>
#include <machine/psl.h>
#include <machine/segments.h>
#include <machine/specialreg.h>
#include <machine/vmparam.h>

#include <dev/virtual/nvmm/nvmm.h>
#include <dev/virtual/nvmm/nvmm_ioctl.h>
#include <nvmm.h>

#define PDE_SLOT	__BITS64(21, 29)
#define PTE_SLOT	__BITS64(12, 20)

struct page {
	LIST_ENTRY(page) entry;
	nvmm_cpuid_t cpuid;
	struct nvmm_comm_page *comm;
};

LIST_HEAD(page_list, page);

CTASSERT(sizeof(struct nvmm_ioc_vcpu_create) == 16);
CTASSERT(NVMM_IOC_VCPU_CREATE == _IOWR('N', 4, struct nvmm_ioc_vcpu_create));
CTASSERT(NVMM_KERN_VERSION == 3);

static struct nvmm_capability capability;

/* What a library makes of the driver's answer. */
static int
capability_check(const struct nvmm_capability *cap)
{
	if (cap->version != NVMM_KERN_VERSION) {
		errno = EPROGMISMATCH;
		return -1;
	}
	if (cap->state_size != sizeof(struct nvmm_vcpu_state) ||
	    cap->comm_size != roundup(sizeof(struct nvmm_comm_page),
	    PAGE_SIZE)) {
		errno = ENOSYS;
		return -1;
	}
	return 0;
}

static void
page_add(struct page_list *list, nvmm_cpuid_t cpuid)
{
	struct page *page;

	page = calloc(1, sizeof(*page));
	if (__predict_false(page == NULL))
		err(1, "calloc");
	page->cpuid = cpuid;
	page->comm = mmap(NULL, capability.comm_size, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_PRIVATE, -1, 0);
	if (page->comm == MAP_FAILED)
		err(1, "mmap");
	LIST_INSERT_HEAD(list, page, entry);
}

/* Removes as it goes, which is what MUTABLE is for. */
static u_int
pages_free(struct page_list *list)
{
	struct page *page, *next;
	u_int count = 0;

	LIST_FOREACH_MUTABLE(page, list, entry, next) {
		LIST_REMOVE(page, entry);
		if (munmap(page->comm, capability.comm_size) == -1)
			err(1, "munmap");
		free(page);
		count++;
	}
	return count;
}

static bool
state_cached(const struct nvmm_comm_page *comm, uint64_t flags)
{
	return (flags & ~comm->state_cached) == 0;
}

static void
state_set(struct nvmm_comm_page *comm, uint64_t flags)
{
	comm->state_commit |= flags;
	comm->state_cached |= flags;
}

static void
state_start(struct nvmm_comm_page *comm)
{
	struct nvmm_vcpu_state *state = &comm->state;

	state->gprs[NVMM_X64_GPR_RFLAGS] = PSL_RESERVED_DEFAULT | PSL_D;
	state->crs[NVMM_X64_CR_CR0] = CR0_PE | CR0_PG | CR0_ET;
	state->crs[NVMM_X64_CR_CR4] = CR4_PAE | CR4_OSXMMEXCPT;
	state->msrs[NVMM_X64_MSR_EFER] = EFER_NXE;
	state->segs[NVMM_X64_SEG_TR].attrib.type =
	    __SHIFTOUT(SDT_SYSBSY, __BITS(0, 3)) & 0xf;
	state_set(comm, NVMM_X64_STATE_GPRS | NVMM_X64_STATE_CRS);
}

static pt_entry_t
entry(uint64_t gpa)
{
	return (gpa & __BITS64(12, 51)) | X86_PG_V | X86_PG_RW;
}

int
main(int argc __unused, char *argv[])
{
	static const u_int versions[] = { 2, 3 };
	struct page_list pages = LIST_HEAD_INITIALIZER(pages);
	struct page *page;
	size_t i;

	if (__predict_false(argv[0] == NULL))
		errx(1, "no name");
	capability.state_size = sizeof(struct nvmm_vcpu_state);
	capability.comm_size = PAGE_SIZE;
	for (i = 0; i < __arraycount(versions); i++) {
		capability.version = versions[i];
		printf("dragonfly: version %u is %s\n", versions[i],
		    capability_check(&capability) == 0 ? "ours" :
		    errno == EPROGMISMATCH ? "another" : "broken");
	}
	page_add(&pages, 0);
	page_add(&pages, 1);
	LIST_FOREACH(page, &pages, entry) {
		state_start(page->comm);
		printf("dragonfly: VCPU %u, GPRS %d, FPU %d\n", page->cpuid,
		    state_cached(page->comm, NVMM_X64_STATE_GPRS),
		    state_cached(page->comm, NVMM_X64_STATE_FPU));
	}
	printf("dragonfly: entry %#jx in slot %ju of %ju\n",
	    (uintmax_t)entry(0x12345678),
	    (uintmax_t)__SHIFTOUT(0x12345678, PTE_SLOT),
	    (uintmax_t)__SHIFTOUT(0x12345678, PDE_SLOT));
	printf("dragonfly: %u pages freed\n", pages_free(&pages));
	return 0;
}
