/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A libnvmm as somebody else might have written it: one file, no threads,
 * for any generation (NVMM_ABI), with what tests want to be different about
 * it:
 *	MISMATCH	errno for another version of the driver
 *	OPEN_FLAGS	of the device
 *	EARLY		the device is opened by a constructor
 *	SELF		it calls its getstate by an address that it has looked up
 *	HALF		and only the assists do
 *	CRASH		what to call in a look-up that no scenario makes
 *	FORGET		every getstate is an ioctl
 *	LOSE		what is set is not committed
 *	EXTRA		a run fetches, too
 *	ROOM		bytes behind struct nvmm_vcpu that nobody may touch
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#ifndef MISMATCH
#define MISMATCH	EPROGMISMATCH
#endif
#ifndef OPEN_FLAGS
#define OPEN_FLAGS	(O_RDWR | O_CLOEXEC)
#endif

#define NAREAS	16

struct area {
	uintptr_t hva;
	gpaddr_t gpa;
	size_t size;
	int prot;
};

/* Behind a machine's areas. */
struct own {
	struct area areas[NAREAS];
	struct nvmm_vcpu_exit *exits[256];
};

static struct nvmm_capability capability;
static int device = -1;

static int
device_open(int flags)
{
	struct nvmm_ioc_capability args;

	if (device != -1)
		return 0;
	device = open("/dev/nvmm", flags);
	if (device == -1)
		return -1;
	if (ioctl(device, NVMM_IOC_CAPABILITY, &args) == -1)
		goto fail;
	if (args.cap.version != NVMM_KERN_VERSION) {
		errno = MISMATCH;
		goto fail;
	}
	capability = args.cap;
	return 0;
fail:
	close(device);
	device = -1;
	return -1;
}

int
nvmm_init(void)
{
	return device_open(OPEN_FLAGS);
}

int
nvmm_root_init(void)
{
	return device_open(O_WRONLY | O_CLOEXEC);
}

#ifdef EARLY
static void __attribute__((__constructor__))
early(void)
{
	if (nvmm_init() == -1)
		device = -1;
}
#endif

#ifdef SELF
static int (*self_getstate)(struct nvmm_machine *, struct nvmm_vcpu *,
    uint64_t);

/* The address of a function that others see may be somebody else's. */
static void __attribute__((__constructor__))
self(void)
{
	Dl_info info;
	void *handle = NULL;

	if (dladdr((void *)self, &info) != 0)
		handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_GLOBAL);
	if (handle != NULL)
		*(void **)&self_getstate = dlsym(handle,
		    "nvmm_vcpu_getstate");
}
#else
#define self_getstate	nvmm_vcpu_getstate
#endif

int
nvmm_capability(struct nvmm_capability *cap)
{
	*cap = capability;
	return 0;
}

int
nvmm_machine_create(struct nvmm_machine *mach)
{
	struct nvmm_ioc_machine_create args;

	if (ioctl(device, NVMM_IOC_MACHINE_CREATE, &args) == -1)
		return -1;
	memset(mach, 0, sizeof(*mach));
	mach->machid = args.machid;
	mach->areas = calloc(1, sizeof(struct own));
	mach->pages = calloc(capability.max_vcpus, sizeof(*mach->pages));
	return 0;
}

int
nvmm_machine_destroy(struct nvmm_machine *mach)
{
	struct nvmm_ioc_machine_destroy args = { mach->machid };
	struct own *own = mach->areas;
	int i;

	if (ioctl(device, NVMM_IOC_MACHINE_DESTROY, &args) == -1)
		return -1;
	for (i = 0; i < 256; i++)
		free(own->exits[i]);
	free(mach->areas);
	free(mach->pages);
	return 0;
}

int
nvmm_machine_configure(struct nvmm_machine *mach, uint64_t op, void *conf)
{
	struct nvmm_ioc_machine_configure args = { mach->machid, op, conf };

	return ioctl(device, NVMM_IOC_MACHINE_CONFIGURE, &args);
}

static struct nvmm_comm_page *
comm_map(const struct nvmm_ioc_vcpu_create *args)
{
#if NVMM_ABI == 3
	return args->comm;
#else
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED, device,
	    (off_t)NVMM_COMM_OFF(args->machid, args->cpuid));
#endif
}

int
nvmm_vcpu_create(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_create args = {
		.machid = mach->machid, .cpuid = cpuid,
	};
	struct nvmm_comm_page *comm;

	if (ioctl(device, NVMM_IOC_VCPU_CREATE, &args) == -1)
		return -1;
	comm = comm_map(&args);
	if (comm == MAP_FAILED)
		return -1;
	mach->pages[cpuid] = comm;
	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->cpuid = cpuid;
	vcpu->state = &comm->state;
	vcpu->event = &comm->event;
	vcpu->exit = calloc(1, sizeof(*vcpu->exit));
	((struct own *)mach->areas)->exits[cpuid] = vcpu->exit;
#if NVMM_ABI == 2
	vcpu->stop = &comm->stop;
#endif
#ifdef ROOM
	memset(vcpu + 1, 0x5a, ROOM);
#endif
	return 0;
}

int
nvmm_vcpu_destroy(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_destroy args = { mach->machid, vcpu->cpuid };

#ifdef ROOM
	const unsigned char *room = (const unsigned char *)(vcpu + 1);
	int i;

	for (i = 0; i < ROOM; i++) {
		if (room[i] != 0x5a)
			abort();
	}
#endif
	if (ioctl(device, NVMM_IOC_VCPU_DESTROY, &args) == -1)
		return -1;
	munmap(mach->pages[vcpu->cpuid], 4096);
	free(vcpu->exit);
	((struct own *)mach->areas)->exits[vcpu->cpuid] = NULL;
	return 0;
}

int
nvmm_vcpu_configure(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t op, void *conf)
{
	struct nvmm_ioc_vcpu_configure args = {
		mach->machid, vcpu->cpuid, op, conf
	};

	if (op != NVMM_VCPU_CONF_CALLBACKS)
		return ioctl(device, NVMM_IOC_VCPU_CONFIGURE, &args);
	memcpy(&vcpu->cbs, conf, sizeof(vcpu->cbs));
	return 0;
}

int
nvmm_vcpu_getstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];
	struct nvmm_ioc_vcpu_getstate args = { mach->machid, vcpu->cpuid };

#ifndef FORGET
	if ((flags & ~comm->state_cached) == 0)
		return 0;
#endif
	comm->state_wanted = flags & ~comm->state_cached;
	return ioctl(device, NVMM_IOC_VCPU_GETSTATE, &args);
}

int
nvmm_vcpu_setstate(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t flags)
{
	struct nvmm_comm_page *comm = mach->pages[vcpu->cpuid];

#ifndef LOSE
	comm->state_commit |= flags;
#endif
	comm->state_cached |= flags;
	return 0;
}

int
nvmm_vcpu_inject(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	mach->pages[vcpu->cpuid]->event_commit = true;
	return 0;
}

int
nvmm_vcpu_run(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_run args = {
		.machid = mach->machid, .cpuid = vcpu->cpuid,
	};

	if (ioctl(device, NVMM_IOC_VCPU_RUN, &args) == -1)
		return -1;
	*vcpu->exit = args.exit;
#ifdef EXTRA
	mach->pages[vcpu->cpuid]->state_wanted = NVMM_X64_STATE_GPRS;
	return ioctl(device, NVMM_IOC_VCPU_GETSTATE, &(struct
	    nvmm_ioc_vcpu_getstate){ mach->machid, vcpu->cpuid });
#else
	return 0;
#endif
}

#if NVMM_ABI == 2
int
nvmm_vcpu_stop(struct nvmm_vcpu *vcpu)
{
	*vcpu->stop = 1;
	return 0;
}
#endif

int
nvmm_gpa_map(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size, int prot)
{
	struct nvmm_ioc_gpa_map args = { mach->machid, hva, gpa, size, prot };
	struct area *areas = ((struct own *)mach->areas)->areas;
	int i = 0;

	while (areas[i].size != 0)
		i++;
	if (ioctl(device, NVMM_IOC_GPA_MAP, &args) == -1)
		return -1;
	areas[i] = (struct area){ hva, gpa, size, prot };
	return 0;
}

int
nvmm_gpa_unmap(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size)
{
	struct nvmm_ioc_gpa_unmap args = { mach->machid, gpa, size };

	(void)hva;
	return ioctl(device, NVMM_IOC_GPA_UNMAP, &args);
}

int
nvmm_hva_map(struct nvmm_machine *mach, uintptr_t hva, size_t size)
{
	struct nvmm_ioc_hva_map args = {
		.machid = mach->machid, .hva = hva, .size = size,
	};

	return ioctl(device, NVMM_IOC_HVA_MAP, &args);
}

int
nvmm_hva_unmap(struct nvmm_machine *mach, uintptr_t hva, size_t size)
{
	struct nvmm_ioc_hva_unmap args = {
		.machid = mach->machid, .hva = hva, .size = size,
	};

	return ioctl(device, NVMM_IOC_HVA_UNMAP, &args);
}

int
nvmm_gpa_to_hva(struct nvmm_machine *mach, gpaddr_t gpa, uintptr_t *hva,
    nvmm_prot_t *prot)
{
	const struct area *areas = ((struct own *)mach->areas)->areas;
	int i;

	for (i = 0; i < NAREAS; i++) {
		if (gpa - areas[i].gpa >= areas[i].size)
			continue;
		*hva = areas[i].hva + (gpa - areas[i].gpa);
		*prot = (nvmm_prot_t)areas[i].prot;
		return 0;
	}
	errno = ENOENT;
	return -1;
}

#ifdef HALF
#define look_getstate	nvmm_vcpu_getstate
#else
#define look_getstate	self_getstate
#endif

/* Guests of the tests have no paging. */
int
nvmm_gva_to_gpa(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    gvaddr_t gva, gpaddr_t *gpa, nvmm_prot_t *prot)
{
#ifdef CRASH
	CRASH();
#endif
	if (look_getstate(mach, vcpu,
	    NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS) == -1)
		return -1;
	*gpa = gva;
	*prot = NVMM_PROT_ALL;
	return 0;
}

#define ASSIST	(NVMM_X64_STATE_GPRS | NVMM_X64_STATE_SEGS |		\
	NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS)

/* Neither strings nor REP. */
int
nvmm_assist_io(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	const struct nvmm_vcpu_exit *exit = vcpu->exit;
	struct nvmm_io io = { .mach = mach, .vcpu = vcpu };

	if (exit->reason != NVMM_VCPU_EXIT_IO) {
		errno = EINVAL;
		return -1;
	}
	if (self_getstate(mach, vcpu, ASSIST) == -1)
		return -1;
	io.port = exit->u.io.port;
	io.in = exit->u.io.in;
	io.size = exit->u.io.operand_size;
	io.data = (uint8_t *)&vcpu->state->gprs[NVMM_X64_GPR_RAX];
	vcpu->cbs.io(&io);
	vcpu->state->gprs[NVMM_X64_GPR_RIP] = exit->u.io.npc;
	return nvmm_vcpu_setstate(mach, vcpu, NVMM_X64_STATE_GPRS);
}

int
nvmm_assist_mem(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	if (self_getstate(mach, vcpu, ASSIST) == -1)
		return -1;
	errno = ENODEV;
	return -1;
}

int
nvmm_ctl(int op, void *data, size_t size)
{
	struct nvmm_ioc_ctl args = { op, data, size };

	return ioctl(device, NVMM_IOC_CTL, &args);
}
