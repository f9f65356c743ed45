/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines and VCPUs by number: range, presence and ownership are checked
 * here and nowhere else, and what is found is found locked.
 */
#include <errno.h>

#include "kernel/kernel.h"

static int
owner_check(const struct sim_file *file, const struct sim_file *owner)
{
	if (owner == NULL)
		return ENOENT;
	if (owner != file->owner && file->owner != &file->sim->root)
		return EPERM;
	return 0;
}

int
sim_machine_check(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep)
{
	struct sim *sim = file->sim;
	struct sim_machine *machine;

	if (machid >= sim_file_abi(file)->max_machines)
		return EINVAL;
	machine = &sim->machines[machid];
	*machinep = machine;
	return owner_check(file, atomic_load_explicit(&machine->owner,
	    memory_order_acquire));
}

/* Waiting is seen from outside: sim_waiting(). */
static void
lock_wait(struct sim *sim, pthread_mutex_t *lock)
{
	if (pthread_mutex_trylock(lock) == 0)
		return;
	atomic_fetch_add(&sim->waiting, 1);
	pthread_mutex_lock(lock);
	atomic_fetch_sub(&sim->waiting, 1);
}

/*
 * Lets those pass first who wait for the whole machine.  Else VCPUs that
 * run again and again would never leave them a moment.
 */
static void
give_way(struct sim_machine *machine)
{
	while (atomic_load_explicit(&machine->exclusive,
	    memory_order_relaxed) != 0) {
		lock_wait(machine->sim, &machine->lock);
		pthread_mutex_unlock(&machine->lock);
	}
}

int
sim_slot_get(struct sim_file *file, uint32_t machid, uint32_t cpuid,
    struct sim_slot **slotp)
{
	struct sim_machine *machine;
	struct sim_slot *slot;
	int error;

	error = sim_machine_check(file, machid, &machine);
	if (error)
		return error;
	if (cpuid >= sim_file_abi(file)->max_vcpus)
		return EINVAL;

	give_way(machine);
	slot = &machine->slots[cpuid];
	lock_wait(file->sim, &slot->lock);
	/* While we waited the machine may have gone, or changed hands. */
	error = owner_check(file, atomic_load(&machine->owner));
	if (error) {
		pthread_mutex_unlock(&slot->lock);
		return error;
	}
	*slotp = slot;
	return 0;
}

int
sim_vcpu_get(struct sim_file *file, uint32_t machid, uint32_t cpuid,
    struct sim_slot **slotp)
{
	int error;

	error = sim_slot_get(file, machid, cpuid, slotp);
	if (error)
		return error;
	if ((*slotp)->vcpu == NULL) {
		sim_slot_put(*slotp);
		return ENOENT;
	}
	return 0;
}

void
sim_slot_put(struct sim_slot *slot)
{
	pthread_mutex_unlock(&slot->lock);
}

/*
 * A machine that is not there has no VCPUs to wait for, and who still holds
 * one of its slots finds out by looking at the owner again.
 */
void
sim_machine_lock_exclusive(struct sim_machine *machine)
{
	unsigned i;

	atomic_fetch_add(&machine->exclusive, 1);
	lock_wait(machine->sim, &machine->lock);
	machine->slots_locked = atomic_load(&machine->owner) != NULL;
	for (i = 0; machine->slots_locked && i < SIM_MAX_VCPUS; i++)
		lock_wait(machine->sim, &machine->slots[i].lock);
}

void
sim_machine_unlock_exclusive(struct sim_machine *machine)
{
	unsigned i;

	for (i = 0; machine->slots_locked && i < SIM_MAX_VCPUS; i++)
		pthread_mutex_unlock(&machine->slots[i].lock);
	atomic_fetch_sub(&machine->exclusive, 1);
	pthread_mutex_unlock(&machine->lock);
}

int
sim_machine_get_exclusive(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep)
{
	int error;

	error = sim_machine_check(file, machid, machinep);
	if (error)
		return error;
	sim_machine_lock_exclusive(*machinep);
	error = owner_check(file, atomic_load(&(*machinep)->owner));
	if (error)
		sim_machine_unlock_exclusive(*machinep);
	return error;
}

/*
 * Who ends a machine takes its owner away first and the map lock after that:
 * with the lock and a second look at the owner it stays.
 */
int
sim_maps_get(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep)
{
	int error;

	error = sim_machine_check(file, machid, machinep);
	if (error)
		return error;
	pthread_mutex_lock(&(*machinep)->map_lock);
	error = sim_machine_check(file, machid, machinep);
	if (error)
		sim_maps_put(*machinep);
	return error;
}

void
sim_maps_put(struct sim_machine *machine)
{
	pthread_mutex_unlock(&machine->map_lock);
}

struct sim_machine *
sim_machine_peek(struct sim *sim, uint32_t machid)
{
	if (machid >= SIM_MAX_MACHINES ||
	    atomic_load(&sim->machines[machid].owner) == NULL)
		return NULL;
	return &sim->machines[machid];
}

struct sim_slot *
sim_slot_peek(struct sim *sim, uint32_t machid, uint32_t cpuid)
{
	struct sim_machine *machine = sim_machine_peek(sim, machid);
	struct sim_slot *slot;

	if (machine == NULL || cpuid >= SIM_MAX_VCPUS)
		return NULL;
	slot = &machine->slots[cpuid];
	pthread_mutex_lock(&slot->lock);
	if (slot->vcpu != NULL)
		return slot;
	pthread_mutex_unlock(&slot->lock);
	return NULL;
}
