/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine without a kernel that the tests of libnvmm work on.
 */
#define _GNU_SOURCE	/* memfd_create() */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "fixture.h"
#include "internal.h"

#define NAREAS	16

struct fixture fx;

static struct nvmm_comm_page *fixture_page;	/* what fx.mach.pages is */
static uint8_t *fixture_memory[NAREAS];
static unsigned fixture_nmemory;
static struct nvmm_comm_page snapshot;

/* The comm page of a new VCPU, as a driver of generation 3 gives it. */
static int
vcpu_create(void *arg)
{
#if NVMM_ABI == 3
	struct nvmm_ioc_vcpu_create *args = arg;

	args->comm = mmap(NULL, FIXTURE_COMM_SIZE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (args->comm == MAP_FAILED)
		return -1;
#else
	(void)arg;
#endif
	return 0;
}

/* What the driver has: what a failure must not leave behind. */
static void
objects_count(unsigned long request)
{
	switch (request) {
	case NVMM_IOC_MACHINE_CREATE:
	case NVMM_IOC_VCPU_CREATE:
	case NVMM_IOC_GPA_MAP:
		fx.nobjects++;
		break;
	case NVMM_IOC_MACHINE_DESTROY:
	case NVMM_IOC_VCPU_DESTROY:
	case NVMM_IOC_GPA_UNMAP:
		fx.nobjects--;
		break;
	default:
		break;
	}
}

static int
vcpu_run(struct nvmm_ioc_vcpu_run *args)
{
	static const struct nvmm_vcpu_exit nothing;

	/* The library hands over no bytes of its stack. */
	ck_assert_int_eq(memcmp(&args->exit, &nothing, sizeof(nothing)), 0);
	if (fx.run != NULL && fx.run() == -1)
		return -1;
	args->exit.reason = fx.exit_reason;
	return 0;
}

/* The library's only way to the driver ends here. */
int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	fx.nioctls++;
	fx.request = request;
	if (fault_here()) {
		errno = ENOMEM;
		return -1;
	}
	if (fx.ioctl_error != 0) {
		errno = fx.ioctl_error;
		return -1;
	}
	if (request == NVMM_IOC_CAPABILITY)
		memcpy(arg, &fx.cap, sizeof(fx.cap));
	if (request == NVMM_IOC_VCPU_CREATE && vcpu_create(arg) == -1)
		return -1;
	objects_count(request);
	if (request == NVMM_IOC_VCPU_RUN)
		return vcpu_run(arg);
	return 0;
}

/* What generations 1 and 2 map comm pages from. */
static int
device_open(void)
{
	int fd = memfd_create("fixture", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(ftruncate(fd, fx.device_size), 0);
	return fd;
}

/* Coverage opens files of its own, by this same name. */
int
open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if (strcmp(path, "/dev/nvmm") != 0) {
		if (flags & O_CREAT) {
			va_start(ap, flags);
			mode = va_arg(ap, mode_t);
			va_end(ap);
		}
		return openat(AT_FDCWD, path, flags, mode);
	}
	fx.nopens++;
	fx.open_flags = flags;
	if (fx.has_device)
		return device_open();
	errno = ENXIO;
	return -1;
}

static uint64_t
number(const uint8_t *data, size_t size)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < size && i < 8; i++)
		value |= (uint64_t)data[i] << (i * 8);
	return value;
}

static void
mem_callback(struct nvmm_mem *mem)
{
	struct access *access = &fx.mem[fx.nmem++];
	size_t i, at;

	ck_assert_ptr_eq(mem->mach, &fx.mach);
	ck_assert_ptr_eq(mem->vcpu, &fx.vcpu);
	for (i = 0; i < mem->size; i++) {
		at = (mem->gpa + i) % sizeof(fx.device);
		if (mem->write)
			fx.device[at] = mem->data[i];
		else
			mem->data[i] = fx.device[at];
	}
	access->where = mem->gpa;
	access->value = number(mem->data, mem->size);
	access->size = mem->size;
	access->write = mem->write;
}

static void
io_callback(struct nvmm_io *io)
{
	struct access *access = &fx.io[fx.nio++];
	size_t i;

	ck_assert_ptr_eq(io->mach, &fx.mach);
	ck_assert_ptr_eq(io->vcpu, &fx.vcpu);
	for (i = 0; io->in && i < io->size; i++)
		io->data[i] = fx.port_next++;
	access->where = io->port;
	access->value = number(io->data, io->size);
	access->size = io->size;
	access->write = !io->in;
}

uint8_t *
fixture_area(gpaddr_t gpa, size_t size, nvmm_prot_t prot)
{
	uint8_t *memory = calloc(1, size);
	struct libnvmm_area area = {
		.gpa = gpa,
		.hva = (uintptr_t)memory,
		.size = size,
		.prot = prot,
	};

	ck_assert_ptr_nonnull(memory);
	ck_assert_uint_lt(fixture_nmemory, NAREAS);
	fixture_memory[fixture_nmemory++] = memory;
	ck_assert_int_eq(libnvmm_area_insert(fx.mach.areas, &area), 0);
	return memory;
}

/* Real mode at FIXTURE_CODE, with segments that span 64 KiB. */
static void
real_mode(void)
{
	struct nvmm_x64_state_seg *seg;
	unsigned i;

	for (i = 0; i < NVMM_X64_NSEG; i++) {
		seg = &fx.state->segs[i];
		seg->limit = 0xFFFF;
		seg->attrib.type = 3;
		seg->attrib.s = 1;
		seg->attrib.p = 1;
	}
	fx.state->segs[NVMM_X64_SEG_CS].selector = FIXTURE_CODE >> 4;
	fx.state->segs[NVMM_X64_SEG_CS].base = FIXTURE_CODE;
	fx.state->crs[NVMM_X64_CR_CR0] = 0x10;
	fx.gprs[NVMM_X64_GPR_RFLAGS] = 2;
}

static void
setup(void)
{
	memset(&fx, 0, sizeof(fx));
	fx.device_size = 1 << 28;
	fixture_nmemory = 0;
	fixture_page = calloc(1, sizeof(*fixture_page));
	ck_assert_ptr_nonnull(fixture_page);
	fx.comm = fixture_page;
	fx.comm->state_cached = NVMM_X64_STATE_ALL;
	fx.state = &fx.comm->state;
	fx.gprs = fx.state->gprs;
	fx.mach.pages = &fixture_page;
	fx.mach.areas = libnvmm_machine_alloc(1);
	ck_assert_ptr_nonnull(fx.mach.areas);
	fx.vcpu.state = fx.state;
	fx.vcpu.exit = ((struct libnvmm_machine *)fx.mach.areas)->exits;
	fx.vcpu.cbs.mem = mem_callback;
	fx.vcpu.cbs.io = io_callback;
	fx.ram = fixture_area(0, FIXTURE_RAM_SIZE,
	    NVMM_PROT_READ | NVMM_PROT_WRITE | NVMM_PROT_EXEC);
	fx.rom = fixture_area(FIXTURE_ROM, 4096,
	    NVMM_PROT_READ | NVMM_PROT_EXEC);
	fx.table_next = FIXTURE_TABLES + 0x1000;
	real_mode();
}

static void
teardown(void)
{
	if (libnvmm_device.fd != -1)
		close(libnvmm_device.fd);
	libnvmm_device.fd = -1;
	while (fixture_nmemory > 0)
		free(fixture_memory[--fixture_nmemory]);
	libnvmm_machine_free(fx.mach.areas);
	free(fx.comm);
}

TCase *
fixture_tcase(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	return tc;
}

void
poke(gpaddr_t gpa, uint64_t value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		fx.ram[gpa + i] = (uint8_t)(value >> (i * 8));
}

uint64_t
peek(gpaddr_t gpa, size_t size)
{
	return number(fx.ram + gpa, size);
}

void
fixture_protected_mode(void)
{
	unsigned i;

	for (i = 0; i <= NVMM_X64_SEG_GS; i++) {
		fx.state->segs[i].base = 0;
		fx.state->segs[i].limit = 0xFFFFFFFF;
		fx.state->segs[i].attrib.def = 1;
		fx.state->segs[i].attrib.g = 1;
	}
	fx.state->crs[NVMM_X64_CR_CR0] = 0x11;
	fx.gprs[NVMM_X64_GPR_RIP] = FIXTURE_CODE;
}

void
fixture_map(gvaddr_t gva, gpaddr_t gpa, uint64_t flags)
{
	uint64_t table = FIXTURE_TABLES, at;
	unsigned shift;

	for (shift = 39; shift > 12; shift -= 9) {
		at = table + (gva >> shift & 0x1FF) * 8;
		if (!(peek(at, 8) & PTE_P)) {
			ck_assert_uint_lt(fx.table_next, FIXTURE_CODE);
			poke(at, fx.table_next | PTE_WU, 8);
			fx.table_next += 0x1000;
		}
		table = peek(at, 8) & ~UINT64_C(0xFFF);
	}
	poke(table + (gva >> 12 & 0x1FF) * 8, gpa | flags, 8);
}

void
fixture_long_mode(void)
{
	uint64_t page;

	fixture_protected_mode();
	for (page = 0; page < FIXTURE_RAM_SIZE; page += 0x1000)
		fixture_map(page, page, PTE_WU);
	fixture_map(FIXTURE_ROM, FIXTURE_ROM, PTE_WU);
	fixture_map(FIXTURE_DEVICE, FIXTURE_DEVICE, PTE_WU);
	fixture_map(FIXTURE_DEVICE + 0x1000, FIXTURE_DEVICE + 0x1000, PTE_WU);
	fx.state->segs[NVMM_X64_SEG_CS].attrib.l = 1;
	fx.state->segs[NVMM_X64_SEG_CS].attrib.def = 0;
	fx.state->crs[NVMM_X64_CR_CR0] = 0x80000011;
	fx.state->crs[NVMM_X64_CR_CR3] = FIXTURE_TABLES;
	fx.state->crs[NVMM_X64_CR_CR4] = 0x20;
	fx.state->msrs[NVMM_X64_MSR_EFER] = 0xD00;
}

unsigned
fixture_count(unsigned count)
{
	return getenv("TESTS_FEW") == NULL ? count : count / 40 + 1;
}

void
fixture_snapshot(void)
{
	snapshot = *fx.comm;
}

void
fixture_expect_unchanged(const char *name)
{
	ck_assert_msg(memcmp(&snapshot.state, &fx.comm->state,
	    sizeof(snapshot.state)) == 0, "%s: the state changed", name);
	ck_assert_msg(fx.comm->state_commit == snapshot.state_commit,
	    "%s: something waits for its commit", name);
}
