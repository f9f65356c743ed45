/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine of KVM's: made for one guest, run until it leaves, and gone.
 */
#include "oracle.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NCPUID		256
#define PATIENCE	2	/* seconds for one guest */
#define OUT_LENGTH	2	/* of the OUT by which guests leave */

#define PAGE		4096U
#define TABLES_SIZE	(KVM_NTABLES * PAGE)
#define ENTRY_DOWN	0x7U	/* present, writable, for users */
#define ENTRY_PAGE	0x87U	/* the same, of 2 MiB */

struct machine {
	int kvm, vm, vcpu;
	struct kvm_run *run;
	size_t run_size;
	uint8_t *ram;		/* and the tables behind it */
};

struct cpuid_list {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 entries[NCPUID];
};

static void
interrupted(int number)
{
	(void)number;
}

/* A guest that stays inside for ever is interrupted. */
static void
patience_set(time_t seconds)
{
	const struct itimerval timer = { .it_value.tv_sec = seconds };
	struct sigaction action = { .sa_handler = interrupted };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static int
memory_add(const struct machine *machine, unsigned slot, uint64_t gpa,
    uint8_t *at, size_t size, uint32_t flags)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)at,
	};

	return ioctl(machine->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static void
tables_fill(uint8_t *at)
{
	uint64_t top = (KVM_TABLES + PAGE) | ENTRY_DOWN;
	uint64_t next = (KVM_TABLES + 2 * PAGE) | ENTRY_DOWN, page, i;

	memcpy(at, &top, sizeof(top));
	memcpy(at + PAGE, &next, sizeof(next));
	for (i = 0; i < 512; i++) {
		page = i << 21 | ENTRY_PAGE;
		memcpy(at + 2 * PAGE + i * 8, &page, sizeof(page));
	}
}

/* Guest memory, which may have a page that is read-only. */
static int
ram_add(const struct machine *machine, const struct sim_map *map)
{
	size_t page = (size_t)map->read_only;

	memcpy(machine->ram, map->ram, RAM);
	if (page == 0)
		return memory_add(machine, 1, 0, machine->ram, RAM, 0);
	if (memory_add(machine, 1, 0, machine->ram, page, 0) != 0 ||
	    memory_add(machine, 2, page, machine->ram + page, PAGE,
	    KVM_MEM_READONLY) != 0)
		return -1;
	return memory_add(machine, 3, page + PAGE, machine->ram + page + PAGE,
	    RAM - page - PAGE, 0);
}

static int
machine_fill(struct machine *machine)
{
	static struct cpuid_list cpuid;
	int size = ioctl(machine->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	uint8_t *tables;
	void *at;

	at = mmap(NULL, RAM + TABLES_SIZE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return -1;
	machine->ram = at;
	tables = machine->ram + RAM;
	tables_fill(tables);
	if (size <= 0 ||
	    memory_add(machine, 0, KVM_TABLES, tables, TABLES_SIZE, 0) != 0)
		return -1;
	machine->run_size = (size_t)size;
	at = mmap(NULL, machine->run_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, machine->vcpu, 0);
	if (at == MAP_FAILED)
		return -1;
	machine->run = at;
	cpuid.head.nent = NCPUID;
	if (ioctl(machine->kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) != 0)
		return -1;
	return ioctl(machine->vcpu, KVM_SET_CPUID2, &cpuid);
}

static void
machine_destroy(struct machine *machine)
{
	if (machine->run != NULL)
		munmap(machine->run, machine->run_size);
	if (machine->vcpu != -1)
		close(machine->vcpu);
	if (machine->vm != -1)
		close(machine->vm);
	if (machine->kvm != -1)
		close(machine->kvm);
	if (machine->ram != NULL)
		munmap(machine->ram, RAM + TABLES_SIZE);
}

static int
machine_create(struct machine *machine)
{
	*machine = (struct machine){ .kvm = -1, .vm = -1, .vcpu = -1 };
	machine->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (machine->kvm == -1)
		return -1;
	machine->vm = ioctl(machine->kvm, KVM_CREATE_VM, 0);
	if (machine->vm == -1)
		return -1;
	/* Intel's needs three pages for its own use in real mode. */
	ioctl(machine->vm, KVM_SET_TSS_ADDR, 0xFFFBD000);
	machine->vcpu = ioctl(machine->vm, KVM_CREATE_VCPU, 0);
	if (machine->vcpu == -1)
		return -1;
	return machine_fill(machine);
}

const char *
kvm_unavailable(void)
{
	static char why[96];
	struct machine machine;
	int error = machine_create(&machine);

	if (error != 0)
		snprintf(why, sizeof(why), machine.kvm == -1 ?
		    "/dev/kvm does not open: %s" :
		    "KVM makes no machine here: %s", strerror(errno));
	machine_destroy(&machine);
	return error != 0 ? why : NULL;
}

/* What KVM says of its exit, in our words. */
static void
exit_tell(const struct kvm_run *run, struct kvm_result *result)
{
	struct sim_stop *stop = &result->stop;

	result->end = KVM_LEFT;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		stop->kind = SIM_STOP_IO;
		stop->u.io.in = run->io.direction == KVM_EXIT_IO_IN;
		stop->u.io.port = run->io.port;
		stop->u.io.operand_size = run->io.size;
		break;
	case KVM_EXIT_MMIO:
		stop->kind = SIM_STOP_MEMORY;
		stop->u.mem.gpa = run->mmio.phys_addr;
		stop->u.mem.access = run->mmio.is_write ? SIM_ACCESS_WRITE :
		    SIM_ACCESS_READ;
		stop->u.mem.size = (uint8_t)run->mmio.len;
		break;
	case KVM_EXIT_SHUTDOWN:
		stop->kind = SIM_STOP_SHUTDOWN;
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		result->end = KVM_REFUSED;
		break;
	default:
		result->end = KVM_FAILED;
		snprintf(result->why, sizeof(result->why), "exit reason %u",
		    run->exit_reason);
		break;
	}
}

/* An OUT is behind the guest only when KVM is entered again. */
static int
out_undo(struct machine *machine, struct sim_state *state)
{
	machine->run->immediate_exit = 1;
	if (ioctl(machine->vcpu, KVM_RUN, 0) != -1 || errno != EINTR ||
	    kvm_state_get(machine->vcpu, state) != 0)
		return -1;
	state->gprs[SIM_GPR_RIP] -= OUT_LENGTH;
	return 0;
}

static void
machine_run(struct machine *machine, struct guest *guest,
    struct kvm_result *result)
{
	int error;

	/* Without an APIC in KVM, CR8 comes from here. */
	machine->run->cr8 = guest->state.crs[SIM_CR_CR8];
	patience_set(PATIENCE);
	error = ioctl(machine->vcpu, KVM_RUN, 0);
	patience_set(0);
	if (error != 0)
		snprintf(result->why, sizeof(result->why), "KVM_RUN: %s",
		    errno == EINTR ? "no end" : strerror(errno));
	else
		exit_tell(machine->run, result);
	if (result->end == KVM_LEFT && result->stop.kind == SIM_STOP_IO &&
	    port_is_ours(result->stop.u.io.port) &&
	    out_undo(machine, &guest->state) != 0) {
		result->end = KVM_FAILED;
		snprintf(result->why, sizeof(result->why), "no registers: %s",
		    strerror(errno));
	}
	memcpy(guest->map.ram, machine->ram, RAM);
}

/* Bits of CR4 for paging may be ones that the host does not have. */
static void
registers_refused(const struct sim_state *state, struct kvm_result *result)
{
	if (errno == EINVAL && (state->crs[SIM_CR_CR0] & SIM_CR0_PG) != 0)
		result->end = KVM_REFUSED;
	snprintf(result->why, sizeof(result->why),
	    "refuses the registers: %s", strerror(errno));
}

/* A KVM without a kind of paging may take CR0.PG and leave it clear. */
static bool
paging_refused(const struct machine *machine, const struct sim_state *state)
{
	static struct sim_state taken;

	return (state->crs[SIM_CR_CR0] & SIM_CR0_PG) != 0 &&
	    kvm_state_get(machine->vcpu, &taken) == 0 &&
	    (taken.crs[SIM_CR_CR0] & SIM_CR0_PG) == 0;
}

void
kvm_guest_run(struct guest *guest, enum guest_mode mode,
    const struct sim_event *event, struct kvm_result *result)
{
	struct machine machine;

	memset(result, 0, sizeof(*result));
	result->end = KVM_FAILED;
	if (machine_create(&machine) != 0 ||
	    ram_add(&machine, &guest->map) != 0) {
		snprintf(result->why, sizeof(result->why), "no machine: %s",
		    strerror(errno));
	} else {
		if (kvm_state_put(machine.vcpu, &guest->state, mode,
		    event) != 0)
			registers_refused(&guest->state, result);
		else if (paging_refused(&machine, &guest->state))
			result->end = KVM_REFUSED;
		else
			machine_run(&machine, guest, result);
	}
	machine_destroy(&machine);
}
