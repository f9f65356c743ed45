/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole kernel: its making and unmaking, and its counters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/judge.h"
#include "kernel/kernel.h"

#define NSLOTS		((size_t)SIM_MAX_MACHINES * SIM_MAX_VCPUS)
#define SLOTS_SIZE	(NSLOTS * sizeof(struct sim_slot))

static void
config_apply(struct sim *sim, const struct sim_config *config)
{
	sim->engine = config->engine ? config->engine : sim_engines[0];
	sim->backend = config->backend ? config->backend : sim_backends[0];
	sim->abi = config->abi;
	sim->policy = config->policy ? *config->policy : sim_policies[0];
	sim->quirks = ~config->quirks_off;
	sim->preempt_seed = config->preempt_seed;
	sim->signalled = config->signalled;
	sim->interrupting = config->interrupting;
	sim->judging = sim_judging();
	sim->observer = config->observer;
	sim->observer_arg = config->observer_arg;
}

static void
machine_init(struct sim *sim, struct sim_machine *machine,
    struct sim_slot *slots)
{
	machine->sim = sim;
	machine->slots = slots;
	machine->comm_fd = -1;
	/* Default mutexes: on Linux and the BSDs these cannot fail. */
	pthread_mutex_init(&machine->lock, NULL);
	pthread_mutex_init(&machine->map_lock, NULL);
}

/*
 * The locks of a machine's VCPUs live from its first creation as long as
 * the kernel does: one who waits for a VCPU outlives it safely.
 */
void
sim_slots_init(struct sim_machine *machine)
{
	unsigned i;

	if (machine->slots_ready)
		return;
	for (i = 0; i < SIM_MAX_VCPUS; i++)
		pthread_mutex_init(&machine->slots[i].lock, NULL);
	machine->slots_ready = true;
}

static void
slots_fini(struct sim_machine *machine)
{
	unsigned i;

	for (i = 0; machine->slots_ready && i < SIM_MAX_VCPUS; i++)
		pthread_mutex_destroy(&machine->slots[i].lock);
}

int
sim_create(const struct sim_config *config, struct sim **simp)
{
	struct sim *sim;
	unsigned i;

	sim = calloc(1, sizeof(*sim));
	if (sim == NULL)
		return ENOMEM;
	/* So large that its zeros cost nothing until a machine is there. */
	sim->slots_memory = calloc(1, SLOTS_SIZE + sizeof(struct sim_slot));
	if (sim->slots_memory == NULL) {
		free(sim);
		return ENOMEM;
	}
	sim->slots = (struct sim_slot *)(((uintptr_t)sim->slots_memory +
	    sizeof(struct sim_slot) - 1) & ~(sizeof(struct sim_slot) - 1));
	config_apply(sim, config);
	sim->root.sim = sim;
	sim->root.owner = &sim->root;
	sim->root.pid = getpid();
	pthread_mutex_init(&sim->lock, NULL);
	pthread_mutex_init(&sim->views_lock, NULL);
	pthread_mutex_init(&sim->stats_lock, NULL);
	for (i = 0; i < SIM_MAX_MACHINES; i++)
		machine_init(sim, &sim->machines[i],
		    &sim->slots[i * SIM_MAX_VCPUS]);
	*simp = sim;
	return 0;
}

static void
machine_end(struct sim *sim, struct sim_machine *machine)
{
	sim_machine_lock_exclusive(machine);
	if (atomic_load(&machine->owner) != NULL)
		sim_machine_clear(sim, machine);
	sim_machine_unlock_exclusive(machine);
	slots_fini(machine);
	pthread_mutex_destroy(&machine->map_lock);
	pthread_mutex_destroy(&machine->lock);
}

void
sim_destroy(struct sim *sim)
{
	struct sim_file *file;
	unsigned i;

	if (sim == NULL)
		return;
	for (i = 0; i < SIM_MAX_MACHINES; i++)
		machine_end(sim, &sim->machines[i]);
	while ((file = sim->files) != NULL) {
		sim->files = file->next;
		free(file);
	}
	sim_views_destroy(sim);
	pthread_mutex_destroy(&sim->stats_lock);
	pthread_mutex_destroy(&sim->views_lock);
	pthread_mutex_destroy(&sim->lock);
	free(sim->slots_memory);
	free(sim);
}

const struct sim_backend *
sim_backend(const struct sim *sim)
{
	return sim->backend;
}

const struct sim_policy *
sim_policy(const struct sim *sim)
{
	return &sim->policy;
}

/*
 * A plain load and store: there is one writer.  Atomic, so that a reader
 * elsewhere sees whole numbers.
 */
void
sim_count(uint64_t *counter, uint64_t n)
{
	_Atomic uint64_t *c = (_Atomic uint64_t *)counter;

	atomic_store_explicit(c,
	    atomic_load_explicit(c, memory_order_relaxed) + n,
	    memory_order_relaxed);
}

void
sim_stats_add(struct sim_stats *to, const struct sim_stats *from)
{
	const _Atomic uint64_t *src = (const _Atomic uint64_t *)from;
	uint64_t *dst = (uint64_t *)to;
	size_t i;

	_Static_assert(sizeof(struct sim_stats) % sizeof(uint64_t) == 0,
	    "counters only");
	for (i = 0; i < sizeof(*to) / sizeof(uint64_t); i++)
		dst[i] += atomic_load_explicit(&src[i], memory_order_relaxed);
}

/* No VCPU comes or goes while stats_lock is held; those that run run on. */
void
sim_stats_read(struct sim *sim, struct sim_stats *stats)
{
	const struct sim_vcpu *vcpu;
	uint32_t machid, cpuid;

	memset(stats, 0, sizeof(*stats));
	pthread_mutex_lock(&sim->stats_lock);
	for (machid = 0; machid < SIM_MAX_MACHINES; machid++) {
		/* Not the owner: who ends a machine takes that away first. */
		if (atomic_load(&sim->machines[machid].nvcpus) == 0)
			continue;
		for (cpuid = 0; cpuid < SIM_MAX_VCPUS; cpuid++) {
			vcpu = sim->machines[machid].slots[cpuid].vcpu;
			if (vcpu != NULL)
				sim_stats_add(stats, &vcpu->stats);
		}
	}
	sim_stats_add(stats, &sim->stats);
	pthread_mutex_unlock(&sim->stats_lock);
}

void
sim_usage(struct sim *sim, uint64_t *bytes, uint64_t *objects)
{
	*bytes = atomic_load(&sim->used_bytes);
	*objects = atomic_load(&sim->used_objects);
}
