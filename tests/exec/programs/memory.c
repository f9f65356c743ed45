/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mappings: of comm pages, over them, and of other files.
 */
#include "check.h"

#define OTHER	((uint64_t)NVMM_X64_STATE_GPRS)

static struct guest guest;

static uint8_t *
comm_of(struct nvmm_vcpu *vcpu)
{
	return (uint8_t *)((uintptr_t)vcpu->state & ~(uintptr_t)(PAGE - 1));
}

/* A page of its own, beside what libnvmm has. */
static void *
comm_map(int fd, void *at, int prot, int flags, uint32_t machid)
{
	return mmap(at, PAGE, prot, MAP_SHARED | flags, fd,
	    NVMM_COMM_OFF(machid, 0));
}

static uint32_t
raw_vcpu(int fd)
{
	struct nvmm_ioc_vcpu_create args = { .machid = machine_of(fd) };

	CHECK(ioctl(fd, NVMM_IOC_VCPU_CREATE, &args) == 0);
	return args.machid;
}

static int
raw_getstate(int fd, uint32_t machid, struct nvmm_comm_page *page)
{
	struct nvmm_ioc_vcpu_getstate args = { .machid = machid };

	page->state_wanted = OTHER;
	return ioctl(fd, NVMM_IOC_VCPU_GETSTATE, &args);
}

static void
comm_page_is_mapped_and_unmapped(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = raw_vcpu(fd);
	struct nvmm_comm_page *page = comm_map(fd, NULL,
	    PROT_READ | PROT_WRITE, 0, machid), *again;

	CHECK(page != MAP_FAILED);
	CHECK(page->state_cached == NVMM_X64_STATE_ALL);
	CHECK(raw_getstate(fd, machid, page) == 0);
	CHECK(page->state_wanted == 0);
	again = mmap64(NULL, PAGE, PROT_READ, MAP_SHARED, fd,
	    NVMM_COMM_OFF(machid, 0));
	CHECK(again != MAP_FAILED);
	CHECK(again->state_cached == NVMM_X64_STATE_ALL);
	CHECK(munmap(page, PAGE) == 0);
	CHECK(munmap(again, PAGE) == 0);
	CHECK(msync(page, PAGE, MS_ASYNC) == -1 && errno == ENOMEM);
}

static void
comm_page_is_refused_as_the_driver_does(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = raw_vcpu(fd);

	CHECK(comm_map(fd, NULL, PROT_EXEC, 0, machid) == MAP_FAILED &&
	    errno == EACCES);
	CHECK(mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd,
	    NVMM_COMM_OFF(machid, 0)) == MAP_FAILED && errno == EINVAL);
	CHECK(comm_map(fd, NULL, PROT_READ, 0, 5) == MAP_FAILED &&
	    errno == ENOENT);
}

static void
comm_page_at_a_fixed_address(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = raw_vcpu(fd);
	void *at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	struct nvmm_comm_page *page = comm_map(fd, at,
	    PROT_READ | PROT_WRITE, MAP_FIXED, machid);

	CHECK(page == at && page->state_cached == NVMM_X64_STATE_ALL);
	CHECK(raw_getstate(fd, machid, page) == 0 && page->state_wanted == 0);
}

static void
anonymous_memory_ignores_the_descriptor(void)
{
	int fd = device_open(O_RDWR);
	char *page = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);

	CHECK(page != MAP_FAILED && page[0] == 0 && page[3 * PAGE - 1] == 0);
	CHECK(munmap(page, 3 * PAGE) == 0);
}

/* The kernel has the page still; the VMM has zeros, and sees no state. */
static void
memory_over_the_comm_page(void)
{
	uint8_t *page;

	guest_make(&guest, HELLO);
	page = comm_of(&guest.vcpu);
	CHECK(mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(guest.vcpu.exit->reason == NVMM_VCPU_EXIT_IO);
	CHECK(nvmm_vcpu_getstate(&guest.machine, &guest.vcpu, OTHER) == 0);
	CHECK(guest.vcpu.state->gprs[NVMM_X64_GPR_RIP] == 0);
	page[17] = 3;
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(page[17] == 3);
}

static void
comm_page_unmapped_under_libnvmm(void)
{
	guest_make(&guest, HELLO);
	CHECK(munmap(comm_of(&guest.vcpu), PAGE) == 0);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(guest.vcpu.exit->reason == NVMM_VCPU_EXIT_IO);
	CHECK(nvmm_machine_destroy(&guest.machine) == 0);
}

static void
comm_page_unmapped_with_its_neighbours(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = raw_vcpu(fd);
	uint8_t *room = mmap(NULL, 3 * PAGE, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(comm_map(fd, room + PAGE, PROT_READ | PROT_WRITE, MAP_FIXED,
	    machid) == room + PAGE);
	CHECK(munmap(room, 3 * PAGE) == 0);
	CHECK(mmap(room, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
	    MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == room);
	memset(room, 0x55, 3 * PAGE);
	CHECK(close(fd) == 0);
	CHECK(room[PAGE] == 0x55 && room[2 * PAGE - 1] == 0x55);
}

static void
comm_page_moved_by_mremap(void)
{
	int fd = device_open(O_RDWR);
	uint32_t machid = raw_vcpu(fd);
	struct nvmm_comm_page *page = comm_map(fd, NULL,
	    PROT_READ | PROT_WRITE, 0, machid), *moved;
	void *room = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	moved = mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	CHECK(moved == room);
	CHECK(raw_getstate(fd, machid, moved) == 0);
	CHECK(moved->state_wanted == 0);
	CHECK(munmap(moved, PAGE) == 0);
}

static void
memory_moved_over_the_comm_page(void)
{
	uint8_t *page, *mine = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mine[5] = 7;
	guest_make(&guest, HELLO);
	page = comm_of(&guest.vcpu);
	CHECK(mremap(mine, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
	    page) == page);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(page[5] == 7);
}

static void
mremap_of_other_memory_is_the_hosts(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)device_open(O_RDWR);
	page[1] = 9;
	page = mremap(page, PAGE, 64 * PAGE, MREMAP_MAYMOVE);
	CHECK(page != MAP_FAILED && page[1] == 9 && page[64 * PAGE - 1] == 0);
	CHECK(mremap((void *)(uintptr_t)PAGE, PAGE, PAGE,
	    MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT);
	CHECK(munmap(page, 64 * PAGE) == 0);
	FAILS(munmap(page + 1, PAGE), EINVAL);
}

static void
arguments_at_bad_addresses(void)
{
	int fd = device_open(O_RDWR);
	char *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, NULL), EFAULT);
	FAILS(ioctl(fd, NVMM_IOC_MACHINE_CREATE, page), EFAULT);
	FAILS(ioctl(fd, NVMM_IOC_CAPABILITY, (void *)8), EFAULT);
	FAILS(ioctl(fd, NVMM_IOC_VCPU_RUN, (void *)~0UL), EFAULT);
}

static void
errno_stays_where_all_went_well(void)
{
	int fd;

	errno = 4711;
	fd = device_open(O_RDWR);
	CHECK(machine_of(fd) == 0 && errno == 4711);
	guest_make(&guest, HELLO);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(nvmm_machine_destroy(&guest.machine) == 0);
	CHECK(close(fd) == 0 && errno == 4711);
}

const struct behaviour behaviours[] = {
	B(comm_page_is_mapped_and_unmapped),
	B(comm_page_is_refused_as_the_driver_does),
	B(comm_page_at_a_fixed_address),
	B(anonymous_memory_ignores_the_descriptor),
	B(memory_over_the_comm_page), B(comm_page_unmapped_under_libnvmm),
	B(comm_page_unmapped_with_its_neighbours),
	B(comm_page_moved_by_mremap), B(memory_moved_over_the_comm_page),
	B(mremap_of_other_memory_is_the_hosts),
	B(arguments_at_bad_addresses), B(errno_stays_where_all_went_well),
	{ NULL, NULL, NULL }
};
