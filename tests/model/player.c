/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage: a kernel, machines and their VCPUs, which are made anew for each
 * sequence; the guest's wishes, the devices, and the count of ioctls.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "compare.h"
#include "transport/library.h"
#include "transport/transport.h"

static bool
feed_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	struct player_cpu *cpu = arg;
	const struct wish *wish = &model_last_wish;

	if (cpu->nwishes > 0) {
		wish = &cpu->wishes[cpu->first];
		cpu->first = (cpu->first + 1) % MODEL_WISHES;
		cpu->nwishes--;
	}
	model_encode(wish, state, cpu->machine->code, intent);
	return true;
}

static void
feed_delivered(void *arg, const struct sim_event *event)
{
	struct player_cpu *cpu = arg;

	if (cpu->ndelivered < MODEL_EVENTS)
		cpu->delivered[cpu->ndelivered] = *event;
	cpu->ndelivered++;
}

/* Somebody else's doing, who needs no ioctl for it. */
static enum sim_spin
feed_spins(void *arg)
{
	struct player_cpu *cpu = arg;

	if (!cpu->action.armed)
		return cpu->acted ? SIM_SPIN_ON : SIM_SPIN_OVER;
	cpu->action.armed = false;
	cpu->acted = true;
	if (cpu->action.inject)
		(void)player_inject(cpu->player, cpu, &cpu->action.event);
	(void)sim_host_raise(cpu->player->sim, cpu->machine->mach.machid,
	    cpu->cpuid, cpu->action.reason, cpu->action.looks);
	return SIM_SPIN_ON;
}

static const struct sim_feed feed = {
	.next = feed_next,
	.delivered = feed_delivered,
	.spins = feed_spins,
};

static void
observe(void *arg, const struct sim_ioctl_report *report)
{
	struct player *player = arg;

	player->ioctls[report->ioctl]++;
}

static const struct sim_observer observer = { .ioctl = observe };

/* The device: what it is asked is remembered, what it gives is constant. */
static void
device(struct player_cpu *cpu, uint64_t where, bool write, uint8_t *data,
    size_t size)
{
	struct model_access access = {
		.where = where, .write = write, .size = (uint8_t)size,
	};
	size_t i;

	for (i = 0; i < size && i < 4; i++) {
		if (write)
			access.value |= (uint64_t)data[i] << (i * 8);
		else
			data[i] = (uint8_t)(MODEL_DEVICE >> (i * 8));
	}
	if (cpu->naccesses < PLAYER_ACCESSES)
		cpu->accesses[cpu->naccesses] = access;
	cpu->naccesses++;
}

static void
io_callback(struct nvmm_io *io)
{
	device((struct player_cpu *)io->vcpu, io->port, !io->in, io->data,
	    io->size);
}

/* A library that fetches the instruction takes its page for a device. */
static void
mem_callback(struct nvmm_mem *mem)
{
	struct player_cpu *cpu = (struct player_cpu *)mem->vcpu;
	uint64_t offset = mem->gpa - HARNESS_GPA;

	if (!mem->write && mem->gpa >= HARNESS_GPA && offset < 4096 &&
	    mem->size <= 4096 - offset)
		memcpy(mem->data, cpu->machine->code + offset, mem->size);
	else
		device(cpu, mem->gpa, mem->write, mem->data, mem->size);
}

int
player_result(struct player *player, int result)
{
	player->calls++;
	return result == 0 ? 0 : errno;
}

int
player_inject(struct player *player, struct player_cpu *cpu,
    const struct sim_event_record *event)
{
	cpu->vcpu.event->type = event->type;
	cpu->vcpu.event->vector = event->vector;
	cpu->vcpu.event->u.excp.error = event->error;
	return player_result(player, nvmm_vcpu_inject(&cpu->machine->mach,
	    &cpu->vcpu));
}

int
player_ioctl(struct player *player, enum sim_ioctl_index ioctl)
{
	int error = player->faults[ioctl];

	player->wanted[ioctl]++;
	player->faults[ioctl] = 0;
	return error;
}

int
player_create(struct player *player, struct player_cpu *cpu)
{
	return player_result(player, nvmm_vcpu_create(&cpu->machine->mach,
	    cpu->cpuid, &cpu->vcpu));
}

void
player_created(struct player *player, struct player_cpu *cpu)
{
	cpu->exists = true;
	cpu->vcpu.cbs.io = io_callback;
	cpu->vcpu.cbs.mem = mem_callback;
	cpu->first = cpu->nwishes = 0;
	memset(&cpu->action, 0, sizeof(cpu->action));
	cpu->ndelivered = cpu->naccesses = 0;
	cpu->machine->model.nvcpus++;
	model_create(&cpu->model, player->setup, &cpu->machine->model,
	    cpu->cpuid);
	(void)sim_feed_set(player->sim, cpu->machine->mach.machid, cpu->cpuid,
	    &feed, cpu);
}

static bool
machine_renew(struct player_machine *machine)
{
	struct model_machine *model = &machine->model;
	const struct model_area *area;

	while (model->nareas > 0) {
		area = &model->areas[--model->nareas];
		if (nvmm_gpa_unmap(&machine->mach,
		    (uintptr_t)machine->memory + area->offset, area->gpa,
		    area->size) == -1)
			return false;
	}
	memset(model, 0, sizeof(*model));
	memset(machine->memory, 0, MODEL_MEMORY);
	return true;
}

static bool
cpus_destroy(struct player *player)
{
	struct player_cpu *cpu;
	unsigned i;

	for (i = 0; i < SEQUENCE_CPUS; i++) {
		cpu = &player->cpus[i];
		if (cpu->exists && nvmm_vcpu_destroy(&cpu->machine->mach,
		    &cpu->vcpu) == -1)
			return false;
		player->calls += cpu->exists;
		cpu->exists = false;
	}
	return true;
}

bool
player_renew(struct player *player, unsigned used)
{
	unsigned i;

	strcpy(player->failure.what, "starting anew");
	for (i = 0; i < SIM_NIOCTL; i++)
		sim_fault_set(player->sim, i, 0, 0);
	memset(player->faults, 0, sizeof(player->faults));
	if (!cpus_destroy(player))
		return false;
	for (i = 0; i < SEQUENCE_MACHINES; i++) {
		if (!machine_renew(&player->machines[i]))
			return false;
	}
	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if ((used & 1U << i) == 0)
			continue;
		if (player_create(player, &player->cpus[i]) != 0)
			return false;
		player_created(player, &player->cpus[i]);
	}
	return true;
}

static bool
machine_open(struct player *player, struct player_machine *machine)
{
	void *page;

	if (nvmm_machine_create(&machine->mach) == -1)
		return false;
	if (sim_harness_page(player->sim, machine->mach.machid, HARNESS_GPA,
	    &page) != 0)
		return false;
	machine->code = page;
	machine->memory = mmap(NULL, MODEL_MEMORY, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (machine->memory == MAP_FAILED) {
		machine->memory = NULL;
		return false;
	}
	return nvmm_hva_map(&machine->mach, (uintptr_t)machine->memory,
	    MODEL_MEMORY) == 0;
}

/* Where the library's descriptor will be: it does not tell. */
static int
descriptor_next(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	close(fd);
	return fd;
}

static bool
stage_open(struct player *player)
{
	int device = descriptor_next();
	unsigned i;

	if (nvmm_init() == -1)
		return false;
	player->device = device;
	for (i = 0; i < SEQUENCE_MACHINES; i++) {
		if (!machine_open(player, &player->machines[i]))
			return false;
	}
	for (i = 0; i < SEQUENCE_CPUS; i++) {
		player->cpus[i].player = player;
		player->cpus[i].machine =
		    &player->machines[sequence_cpus[i].machine];
		player->cpus[i].cpuid = sequence_cpus[i].cpuid;
		if (player->cpus[i].cpuid == SEQUENCE_LAST)
			player->cpus[i].cpuid =
			    player->setup->abi->max_vcpus - 1;
	}
	return true;
}

int
player_open(struct player *player, const struct model_setup *setup,
    const char *library, char *why, size_t size)
{
	const struct sim_config config = {
		.backend = setup->backend,
		.abi = setup->abi,
		.policy = &setup->policy,
		.quirks_off = setup->quirks_off,
		.preempt_seed = setup->preempt_seed,
		.observer = &observer,
		.observer_arg = player,
	};

	memset(player, 0, sizeof(*player));
	player->setup = setup;
	player->device = -1;
	if (library_load(library, why, size) == -1)
		return -1;
	snprintf(why, size, "%s: the machines cannot be made: %s", library,
	    strerror(errno));
	if (sim_create(&config, &player->sim) != 0)
		return -1;
	transport_attach(player->sim, NULL, NULL);
	if (!stage_open(player)) {
		player_close(player);
		return -1;
	}
	return 0;
}

/* The library goes with the next one that is loaded. */
void
player_close(struct player *player)
{
	struct player_machine *machine;
	unsigned i;

	for (i = 0; i < SEQUENCE_MACHINES; i++) {
		machine = &player->machines[i];
		if (machine->code != NULL)
			(void)nvmm_machine_destroy(&machine->mach);
		if (machine->memory != NULL)
			(void)munmap(machine->memory, MODEL_MEMORY);
	}
	if (player->device != -1)
		(void)close(player->device);
	transport_detach();
	sim_destroy(player->sim);
}
