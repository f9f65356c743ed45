/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines: created in the lowest free slot, destroyed by hand or with
 * their owner; and the ioctls about the driver as a whole.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "kernel/comm.h"
#include "kernel/judge.h"
#include "kernel/kernel.h"

int
sim_do_capability(struct sim_call *call)
{
	const struct sim *sim = call->sim;
	const struct sim_cpu_model *model = sim->backend->model;
	const struct sim_capability cap = {
		.vcpu_conf_support = sim->backend->vcpu_conf_support,
		.xcr0_mask = model->xcr0_mask,
		.mxcsr_mask = model->mxcsr_mask,
		.conf_cpuid_maxops = SIM_MAX_CPUID_CONFS,
	};

	call->abi->capability(call->abi, &cap, call->arg);
	return 0;
}

/*
 * 0, or EBUSY: the place is taken; ENOMEM.  Caller exclusive.  EBADF, which
 * only a thread meets that came in before the descriptor's last close: the
 * close may have been at this place already.
 */
static int
machine_make(struct sim_file *file, struct sim_machine *machine)
{
	int error;

	if (atomic_load(&file->closed))
		return EBADF;
	if (atomic_load(&machine->owner) != NULL)
		return EBUSY;
	error = sim_comm_create(machine);
	if (error)
		return error;
	sim_slots_init(machine);
	machine->created = (uint64_t)time(NULL);
	atomic_store_explicit(&machine->owner, file->owner,
	    memory_order_release);
	return 0;
}

int
sim_do_machine_create(struct sim_call *call)
{
	uint32_t *machid = call->arg;
	struct sim_machine *machine;
	uint32_t i;
	int error;

	for (i = 0; i < call->abi->max_machines; i++) {
		machine = &call->sim->machines[i];
		sim_machine_lock_exclusive(machine);
		error = machine_make(call->file, machine);
		sim_machine_unlock_exclusive(machine);
		if (error == EBUSY)
			continue;
		*machid = i;
		return error;
	}
	return ENOBUFS;
}

void
sim_machine_clear(struct sim *sim, struct sim_machine *machine)
{
	unsigned i;

	atomic_store(&machine->owner, NULL);
	for (i = 0; i < SIM_MAX_VCPUS; i++) {
		if (machine->slots[i].vcpu != NULL)
			sim_vcpu_clear(sim, &machine->slots[i]);
	}
	sim_hostmem_clear(sim, machine);
	sim_comm_destroy(machine);
}

int
sim_do_machine_destroy(struct sim_call *call)
{
	const uint32_t *machid = call->arg;
	struct sim_machine *machine;
	int error;

	error = sim_machine_get_exclusive(call->file, *machid, &machine);
	if (error)
		return error;
	sim_machine_clear(call->sim, machine);
	sim_machine_unlock_exclusive(machine);
	return 0;
}

/* There is nothing to configure: no operation exists. */
int
sim_do_machine_configure(struct sim_call *call)
{
	(void)call;
	return EINVAL;
}

static int
mach_info(struct sim_call *call, struct sim_mach_info *info)
{
	const struct sim_hostmem *mem;
	struct sim_machine *machine;
	unsigned i;
	int error;

	error = sim_machine_get_exclusive(call->file, info->machid, &machine);
	if (error)
		return error;
	info->nvcpus = atomic_load(&machine->nvcpus);
	info->nram = 0;
	for (i = 0; i < SIM_MAX_HOSTMEMS; i++) {
		mem = machine->hostmems[i];
		info->nram += mem != NULL ? mem->size : 0;
	}
	info->pid = atomic_load(&machine->owner)->pid;
	info->time = machine->created;
	sim_machine_unlock_exclusive(machine);
	return 0;
}

int
sim_do_ctl(struct sim_call *call)
{
	const struct sim_ctl_arg *arg = call->arg;
	struct sim_mach_info info;
	int error;

	if (arg->op != SIM_CTL_MACH_INFO)
		return EINVAL;
	if (arg->size != sizeof(info))
		return EINVAL;
	error = sim_copyin(arg->data, &info, sizeof(info));
	if (error)
		return error;
	sim_judge_read(arg->data, sizeof(info.machid));
	error = mach_info(call, &info);
	if (error)
		return error;
	return sim_copyout(&info, arg->data, sizeof(info));
}
