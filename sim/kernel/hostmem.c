/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory of the caller that becomes the guest's: HVA_MAP and HVA_UNMAP put
 * shared memory into the caller's address space, GPA_MAP and GPA_UNMAP show
 * it to the guest.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "kernel/kernel.h"

static bool
aligned(uint64_t value)
{
	return (value & (SIM_PAGE_SIZE - 1)) == 0;
}

/* Not empty, and without running past the end of the address space. */
static bool
range_valid(uint64_t start, uint64_t size)
{
	return size != 0 && start + size >= start;
}

struct sim_hostmem *
sim_hostmem_create(struct sim *sim, uint64_t size)
{
	struct sim_hostmem *mem;
	void *addr;

	mem = sim_alloc(sim, sizeof(*mem));
	if (mem == NULL)
		return NULL;
	mem->refs = 1;
	mem->size = size;
	mem->fd = memfd_create("nvmm-sim guest memory",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (mem->fd == -1)
		goto fail;
	if (size > INT64_MAX || ftruncate(mem->fd, (off_t)size) == -1 ||
	    fcntl(mem->fd, F_ADD_SEALS, F_SEAL_SHRINK) == -1)
		goto fail_fd;
	addr = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, mem->fd, 0);
	if (addr == MAP_FAILED)
		goto fail_fd;
	mem->kernel = addr;
	return mem;
fail_fd:
	close(mem->fd);
fail:
	sim_free(sim, mem, sizeof(*mem));
	return NULL;
}

void
sim_hostmem_put(struct sim *sim, struct sim_hostmem *mem)
{
	if (mem == NULL || --mem->refs > 0)
		return;
	munmap(mem->kernel, mem->size);
	close(mem->fd);
	sim_free(sim, mem, sizeof(*mem));
}

void
sim_hostmem_clear(struct sim *sim, struct sim_machine *machine)
{
	struct sim_map *map;
	unsigned i;

	pthread_mutex_lock(&machine->map_lock);
	map = atomic_exchange(&machine->map, NULL);
	sim_map_free(sim, map);
	sim_hostmem_put(sim, machine->harness);
	machine->harness = NULL;
	for (i = 0; i < SIM_MAX_HOSTMEMS; i++) {
		/* The caller's pages stay his, with what is in them. */
		sim_hostmem_put(sim, machine->hostmems[i]);
		machine->hostmems[i] = NULL;
	}
	pthread_mutex_unlock(&machine->map_lock);
}

static bool
contains(const struct sim_hostmem *mem, uint64_t hva, uint64_t size)
{
	return hva >= mem->hva && size <= mem->size &&
	    hva - mem->hva <= mem->size - size;
}

static bool
overlaps(const struct sim_hostmem *mem, uint64_t hva, uint64_t size)
{
	return hva < mem->hva + mem->size && mem->hva < hva + size;
}

/* A free place for the range: its index, or EEXIST or ENOBUFS. */
static int
place_find(const struct sim *sim, const struct sim_machine *machine,
    uint64_t hva, uint64_t size, unsigned *place)
{
	bool inside_ok = sim->quirks & SIM_QUIRK_HVA_MAP_INSIDE;
	const struct sim_hostmem *mem;
	unsigned i, found = SIM_MAX_HOSTMEMS;

	for (i = 0; i < SIM_MAX_HOSTMEMS; i++) {
		mem = machine->hostmems[i];
		if (mem == NULL) {
			found = i < found ? i : found;
			continue;
		}
		if (inside_ok && contains(mem, hva, size))
			continue;
		if (overlaps(mem, hva, size))
			return EEXIST;
	}
	if (found == SIM_MAX_HOSTMEMS)
		return ENOBUFS;
	*place = found;
	return 0;
}

static int
hva_map(struct sim *sim, struct sim_machine *machine,
    const struct sim_hva_arg *arg)
{
	struct sim_hostmem *mem;
	unsigned place;
	void *addr;
	int error;

	error = place_find(sim, machine, arg->hva, arg->size, &place);
	if (error)
		return error;
	mem = sim_hostmem_create(sim, arg->size);
	if (mem == NULL)
		return ENOMEM;
	mem->hva = arg->hva;
	addr = mmap((void *)(uintptr_t)arg->hva, arg->size,
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE,
	    mem->fd, 0);
	if (addr == MAP_FAILED) {
		sim_hostmem_put(sim, mem);
		return ENOMEM;
	}
	sim_replaced(sim, addr, arg->size);
	pthread_mutex_lock(&machine->map_lock);
	machine->hostmems[place] = mem;
	pthread_mutex_unlock(&machine->map_lock);
	return 0;
}

int
sim_do_hva_map(struct sim_call *call)
{
	const struct sim_hva_arg *arg = call->arg;
	struct sim_machine *machine;
	int error;

	error = sim_machine_get_exclusive(call->file, arg->machid, &machine);
	if (error)
		return error;
	error = EINVAL;
	if (aligned(arg->hva) && aligned(arg->size) && arg->hva != 0 &&
	    range_valid(arg->hva, arg->size))
		error = hva_map(call->sim, machine, arg);
	sim_machine_unlock_exclusive(machine);
	return error;
}

int
sim_do_hva_unmap(struct sim_call *call)
{
	const struct sim_hva_arg *arg = call->arg;
	struct sim_machine *machine;
	struct sim_hostmem *mem;
	unsigned i;
	int error;

	error = sim_machine_get_exclusive(call->file, arg->machid, &machine);
	if (error)
		return error;
	error = ENOENT;
	for (i = 0; i < SIM_MAX_HOSTMEMS && error != 0; i++) {
		mem = machine->hostmems[i];
		if (mem == NULL || mem->hva != arg->hva ||
		    mem->size != arg->size)
			continue;
		munmap((void *)(uintptr_t)mem->hva, mem->size);
		mem->hva = 0;
		pthread_mutex_lock(&machine->map_lock);
		machine->hostmems[i] = NULL;
		sim_hostmem_put(call->sim, mem);
		pthread_mutex_unlock(&machine->map_lock);
		error = 0;
	}
	sim_machine_unlock_exclusive(machine);
	return error;
}

static int
gpa_check(const struct sim_abi *abi, uint64_t gpa, uint64_t size)
{
	if (!range_valid(gpa, size))
		return EINVAL;
	if (!aligned(gpa) || !aligned(size))
		return EINVAL;
	if (gpa >= abi->max_ram || gpa + size > abi->max_ram)
		return EINVAL;
	return 0;
}

/* The lowest place whose memory holds the range: quirks depend on it. */
static struct sim_hostmem *
hostmem_find(struct sim_machine *machine, uint64_t hva, uint64_t size)
{
	unsigned i;

	for (i = 0; i < SIM_MAX_HOSTMEMS; i++) {
		if (machine->hostmems[i] != NULL &&
		    contains(machine->hostmems[i], hva, size))
			return machine->hostmems[i];
	}
	return NULL;
}

static int
gpa_map(struct sim_call *call, struct sim_machine *machine)
{
	const struct sim_gpa_map_arg *arg = call->arg;
	struct sim_hostmem *mem;
	int error;

	if (arg->prot & ~(SIM_PROT_READ | SIM_PROT_WRITE | SIM_PROT_EXEC))
		return EINVAL;
	error = gpa_check(call->abi, arg->gpa, arg->size);
	if (error)
		return error;
	if (!aligned(arg->hva) || arg->hva == 0)
		return EINVAL;
	mem = hostmem_find(machine, arg->hva, arg->size);
	if (mem == NULL)
		return EINVAL;
	return sim_map_replace(call->sim, machine, arg->gpa, arg->size, mem,
	    arg->hva - mem->hva, arg->prot);
}

int
sim_do_gpa_map(struct sim_call *call)
{
	const struct sim_gpa_map_arg *arg = call->arg;
	struct sim_machine *machine;
	int error;

	error = sim_maps_get(call->file, arg->machid, &machine);
	if (error)
		return error;
	error = gpa_map(call, machine);
	sim_maps_put(machine);
	return error;
}

int
sim_do_gpa_unmap(struct sim_call *call)
{
	const struct sim_gpa_unmap_arg *arg = call->arg;
	uint64_t max_ram = call->abi->max_ram;
	struct sim_machine *machine;
	int error;

	error = sim_maps_get(call->file, arg->machid, &machine);
	if (error)
		return error;
	error = gpa_check(call->abi, arg->gpa, arg->size);
	if (error == 0 && arg->gpa + arg->size == max_ram &&
	    (call->sim->quirks & SIM_QUIRK_GPA_UNMAP_TOP))
		error = EINVAL;
	if (error == 0)
		error = sim_map_replace(call->sim, machine, arg->gpa,
		    arg->size, NULL, 0, 0);
	sim_maps_put(machine);
	return error;
}
