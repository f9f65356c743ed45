/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files, which are the owners of machines.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "kernel/kernel.h"

/*
 * Files stay until the kernel's end: 48 bytes each, and a thread that still
 * comes in through a descriptor just closed finds no machine, not a ghost.
 */
static struct sim_file *
file_alloc(struct sim *sim)
{
	struct sim_file *file;

	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->sim = sim;
	file->pid = getpid();
	atomic_init(&file->abi, sim->abi);
	pthread_mutex_lock(&sim->lock);
	file->next = sim->files;
	sim->files = file;
	pthread_mutex_unlock(&sim->lock);
	return file;
}

static void
count_open(struct sim *sim)
{
	pthread_mutex_lock(&sim->stats_lock);
	sim->stats.other[SIM_OTHER_OPEN]++;
	pthread_mutex_unlock(&sim->stats_lock);
}

int
sim_open(struct sim *sim, int flags, struct sim_file **filep)
{
	struct sim_file *file;
	int error;

	count_open(sim);
	error = sim_fault_take(sim, SIM_FAULT_OTHER + SIM_OTHER_OPEN);
	if (error)
		return error;
	if ((flags & O_CLOEXEC) == 0)
		return EINVAL;
	file = file_alloc(sim);
	if (file == NULL)
		return ENOMEM;
	/* Exactly write-only: one and the same owner for all of them. */
	file->owner = (flags & O_ACCMODE) == O_WRONLY ? &sim->root : file;
	*filep = file;
	return 0;
}

const struct sim_abi *
sim_file_abi(const struct sim_file *file)
{
	const struct sim_abi *abi = atomic_load_explicit(&file->abi,
	    memory_order_relaxed);

	return abi != NULL ? abi : sim_abis[0];
}

void
sim_close(struct sim_file *file)
{
	struct sim *sim = file->sim;
	struct sim_machine *machine;
	unsigned i;

	/* First: what it creates before a place is looked at goes there. */
	atomic_store(&file->closed, true);
	for (i = 0; i < SIM_MAX_MACHINES; i++) {
		machine = &sim->machines[i];
		sim_machine_lock_exclusive(machine);
		if (atomic_load(&machine->owner) == file->owner)
			sim_machine_clear(sim, machine);
		sim_machine_unlock_exclusive(machine);
	}
}
