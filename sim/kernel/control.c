/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door for harnesses: looking at and preparing what no caller can.
 */
#include "kernel/control.h"

#include <errno.h>

#include "kernel/comm.h"
#include "kernel/kernel.h"

int
sim_peek_state(struct sim *sim, uint32_t machid, uint32_t cpuid,
    struct sim_state *state)
{
	struct sim_slot *slot = sim_slot_peek(sim, machid, cpuid);

	if (slot == NULL)
		return ENOENT;
	*state = slot->vcpu->state;
	sim_slot_put(slot);
	return 0;
}

int
sim_peek_flags(struct sim *sim, uint32_t machid, uint32_t cpuid,
    struct sim_comm_flags *flags)
{
	struct sim_slot *slot = sim_slot_peek(sim, machid, cpuid);

	if (slot == NULL)
		return ENOENT;
	sim_comm_flags(slot->vcpu, flags);
	sim_slot_put(slot);
	return 0;
}

int
sim_poke_flags(struct sim *sim, uint32_t machid, uint32_t cpuid,
    const struct sim_comm_flags *flags)
{
	struct sim_slot *slot = sim_slot_peek(sim, machid, cpuid);

	if (slot == NULL)
		return ENOENT;
	sim_comm_flags_set(slot->vcpu, flags);
	sim_slot_put(slot);
	return 0;
}

int
sim_feed_set(struct sim *sim, uint32_t machid, uint32_t cpuid,
    const struct sim_feed *feed, void *arg)
{
	struct sim_slot *slot = sim_slot_peek(sim, machid, cpuid);

	if (slot == NULL)
		return ENOENT;
	sim->engine->feed(slot->vcpu->engine, feed, arg);
	sim_slot_put(slot);
	return 0;
}

int
sim_harness_page(struct sim *sim, uint32_t machid, uint64_t gpa, void **page)
{
	struct sim_machine *machine = sim_machine_peek(sim, machid);
	struct sim_hostmem *mem;
	size_t size;
	int error;

	if (machine == NULL)
		return ENOENT;
	mem = sim_hostmem_create(sim, SIM_PAGE_SIZE);
	if (mem == NULL)
		return ENOMEM;
	pthread_mutex_lock(&machine->map_lock);
	error = EEXIST;
	if (machine->harness == NULL && sim_map_access(
	    atomic_load(&machine->map), gpa, 0, &size) == NULL)
		error = sim_map_replace(sim, machine, gpa, SIM_PAGE_SIZE, mem,
		    0, SIM_PROT_READ | SIM_PROT_WRITE | SIM_PROT_EXEC);
	if (error == 0) {
		*page = mem->kernel;
		machine->harness = mem;
	} else
		sim_hostmem_put(sim, mem);
	pthread_mutex_unlock(&machine->map_lock);
	return error;
}

int
sim_host_raise(struct sim *sim, uint32_t machid, uint32_t cpuid,
    enum sim_host_reason reason, unsigned looks)
{
	struct sim_machine *machine = sim_machine_peek(sim, machid);

	if (machine == NULL || cpuid >= SIM_MAX_VCPUS)
		return ENOENT;
	atomic_store(&machine->slots[cpuid].host_reason,
	    (uint32_t)reason | (uint32_t)looks << 8);
	return 0;
}

bool
sim_preempted(struct sim *sim, uint32_t machid, uint32_t cpuid)
{
	struct sim_slot *slot = sim_slot_peek(sim, machid, cpuid);
	bool result;

	if (slot == NULL)
		return false;
	result = slot->vcpu->preempted;
	sim_slot_put(slot);
	return result;
}

unsigned
sim_waiting(struct sim *sim)
{
	return atomic_load(&sim->waiting);
}
