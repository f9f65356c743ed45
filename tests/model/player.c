/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stage: a kernel, a machine and its VCPUs, which are made anew for each
 * sequence; the guest's wishes, the devices, and the count of ioctls.
 */
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"
#include "compare.h"
#include "transport/library.h"
#include "transport/transport.h"

static bool
feed_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	struct player_cpu *cpu = arg;
	const struct wish *wish = &cpu->wishes[cpu->first];

	if (cpu->nwishes == 0)
		return false;
	cpu->first = (cpu->first + 1) % MODEL_WISHES;
	cpu->nwishes--;
	return wish_encode(wish, state, cpu->player->code, intent) == NULL;
}

static void
feed_delivered(void *arg, const struct sim_event *event)
{
	struct player_cpu *cpu = arg;

	if (cpu->ndelivered < MODEL_EVENTS)
		cpu->delivered[cpu->ndelivered] = *event;
	cpu->ndelivered++;
}

static const struct sim_feed feed = {
	.next = feed_next,
	.delivered = feed_delivered,
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
	struct model_access *access = &cpu->access;
	size_t i;

	memset(access, 0, sizeof(*access));
	access->where = where;
	access->write = write;
	access->size = (uint8_t)size;
	cpu->naccesses++;
	for (i = 0; i < size && i < 4; i++) {
		if (write)
			access->value |= (uint64_t)data[i] << (i * 8);
		else
			data[i] = (uint8_t)(MODEL_DEVICE >> (i * 8));
	}
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
		memcpy(mem->data, cpu->player->code + offset, mem->size);
	else
		device(cpu, mem->gpa, mem->write, mem->data, mem->size);
}

static bool
cpu_renew(struct player *player, unsigned i)
{
	struct player_cpu *cpu = &player->cpus[i];

	if (player->created && nvmm_vcpu_destroy(&player->mach,
	    &cpu->vcpu) == -1)
		return false;
	if (nvmm_vcpu_create(&player->mach, i, &cpu->vcpu) == -1)
		return false;
	cpu->vcpu.cbs.io = io_callback;
	cpu->vcpu.cbs.mem = mem_callback;
	cpu->player = player;
	cpu->first = cpu->nwishes = 0;
	cpu->ndelivered = cpu->naccesses = 0;
	model_create(&cpu->model, player->setup);
	return sim_feed_set(player->sim, player->mach.machid, i, &feed,
	    cpu) == 0;
}

bool
player_renew(struct player *player)
{
	unsigned i;

	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if (!cpu_renew(player, i)) {
			strcpy(player->failure.what, "making VCPUs");
			return false;
		}
		player->calls += player->created ? 2 : 1;
	}
	player->created = true;
	return true;
}

int
player_open(struct player *player, const struct model_setup *setup,
    const char *library, char *why, size_t size)
{
	const struct sim_config config = {
		.backend = setup->backend[0] == 'v' ? &sim_backend_vmx :
		    &sim_backend_svm,
		.policy = sim_policy_find(setup->policy),
		.quirks_off = setup->quirks_off,
		.observer = &observer,
		.observer_arg = player,
	};
	void *page;

	memset(player, 0, sizeof(*player));
	player->setup = setup;
	if (library_load(library, why, size) == -1)
		return -1;
	snprintf(why, size, "the machine cannot be made");
	if (sim_create(&config, &player->sim) != 0)
		return -1;
	transport_attach(player->sim, NULL, NULL);
	if (nvmm_init() == -1 || nvmm_machine_create(&player->mach) == -1 ||
	    sim_harness_page(player->sim, player->mach.machid, HARNESS_GPA,
	    &page) != 0) {
		player_close(player);
		return -1;
	}
	player->code = page;
	return 0;
}

/* The library keeps its descriptor; the kernel lets go of all else. */
void
player_close(struct player *player)
{
	if (player->code != NULL)
		(void)nvmm_machine_destroy(&player->mach);
	transport_detach();
	sim_destroy(player->sim);
}
