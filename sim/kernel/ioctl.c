/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ioctl table: what arrives is told apart, counted, copied in, looked
 * up, done, copied out and reported here.
 */
#include <errno.h>
#include <string.h>

#include "kernel/comm.h"
#include "kernel/driver.h"
#include "kernel/judge.h"
#include "kernel/kernel.h"

struct ioctl_row {
	int (*handler)(struct sim_call *call);
	/* The argument names a VCPU, which the handler gets locked. */
	bool vcpu;
	/* The answer cannot be told; NULL: that changes nothing. */
	void (*lost)(struct sim_call *call);
};

static const struct ioctl_row ioctls[SIM_NIOCTL] = {
	[SIM_CAPABILITY] = { sim_do_capability, false, NULL },
	[SIM_MACHINE_CREATE] = { sim_do_machine_create, false, NULL },
	[SIM_MACHINE_DESTROY] = { sim_do_machine_destroy, false, NULL },
	[SIM_MACHINE_CONFIGURE] = { sim_do_machine_configure, false, NULL },
	[SIM_VCPU_CREATE] = { sim_do_vcpu_create, false,
	    sim_vcpu_create_lost },
	[SIM_VCPU_DESTROY] = { sim_do_vcpu_destroy, false, NULL },
	[SIM_VCPU_CONFIGURE] = { sim_do_vcpu_configure, false, NULL },
	[SIM_VCPU_SETSTATE] = { sim_do_vcpu_setstate, true, NULL },
	[SIM_VCPU_GETSTATE] = { sim_do_vcpu_getstate, true, NULL },
	[SIM_VCPU_INJECT] = { sim_do_vcpu_inject, true, NULL },
	[SIM_VCPU_RUN] = { sim_do_vcpu_run, true, NULL },
	[SIM_GPA_MAP] = { sim_do_gpa_map, false, NULL },
	[SIM_GPA_UNMAP] = { sim_do_gpa_unmap, false, NULL },
	[SIM_HVA_MAP] = { sim_do_hva_map, false, NULL },
	[SIM_HVA_UNMAP] = { sim_do_hva_unmap, false, NULL },
	[SIM_CTL] = { sim_do_ctl, false, NULL },
};

/* Where no VCPU's own counter can be had. */
static void
count_elsewhere(struct sim *sim, enum sim_ioctl_index index)
{
	pthread_mutex_lock(&sim->stats_lock);
	sim->stats.ioctls[index]++;
	pthread_mutex_unlock(&sim->stats_lock);
}

static int
call_vcpu(struct sim_call *call, enum sim_ioctl_index index,
    struct sim_ioctl_report *report)
{
	const struct sim_vcpu_arg *arg = call->arg;
	struct sim_vcpu *vcpu;
	int error;

	error = sim_vcpu_get(call->file, arg->machid, arg->cpuid, &call->slot);
	if (error) {
		count_elsewhere(call->sim, index);
		return error;
	}
	vcpu = call->slot->vcpu;
	sim_count(&vcpu->stats.ioctls[index], 1);
	if (call->sim->observer != NULL) {
		sim_comm_flags(vcpu, &report->before);
		report->has_flags = true;
	}
	error = ioctls[index].handler(call);
	if (report->has_flags)
		sim_comm_flags(vcpu, &report->after);
	sim_slot_put(call->slot);
	return error;
}

static int
call_copied(struct sim_call *call, enum sim_ioctl_index index,
    uint64_t caller, struct sim_ioctl_report *report)
{
	uint32_t command = call->abi->command[index];
	size_t size = SIM_IOC_SIZE(command);
	int error;

	report->size = (uint32_t)size;
	error = sim_fault_take(call->sim, index);
	if (error) {
		count_elsewhere(call->sim, index);
		return error;
	}
	if (command & SIM_IOC_IN) {
		error = sim_copyin(caller, call->arg, size);
		if (error) {
			count_elsewhere(call->sim, index);
			return error;
		}
		if (call->sim->judging)
			sim_judge_argument(index, caller);
	} else
		memset(call->arg, 0, size);

	if (ioctls[index].vcpu)
		error = call_vcpu(call, index, report);
	else {
		count_elsewhere(call->sim, index);
		error = ioctls[index].handler(call);
	}
	if (error != 0 || (command & SIM_IOC_OUT) == 0)
		return error;
	error = sim_copyout(call->arg, caller, size);
	if (error && ioctls[index].lost != NULL)
		ioctls[index].lost(call);
	return error;
}

/*
 * The generation in which to read the command: a descriptor's first ioctl
 * that can belong to one only decides for all that follow.
 */
static const struct sim_abi *
abi_of(struct sim_file *file, unsigned long command)
{
	const struct sim_abi *abi = atomic_load_explicit(&file->abi,
	    memory_order_relaxed);
	const struct sim_abi *guess;

	if (abi != NULL)
		return abi;
	guess = sim_abi_guess(command);
	if (guess == NULL)
		return sim_abis[0];
	if (atomic_compare_exchange_strong(&file->abi, &abi, guess))
		return guess;
	return abi;	/* another thread was faster */
}

int
sim_ioctl(struct sim_file *file, unsigned long command, void *arg)
{
	_Alignas(16) uint8_t copy[SIM_ARG_MAX];
	struct sim *sim = file->sim;
	struct sim_call call = {
		.sim = sim,
		.file = file,
		.abi = abi_of(file, command),
		.arg = copy,
	};
	struct sim_ioctl_report report;
	enum sim_ioctl_index index;
	uintptr_t outer;

	/* Above its frame record begins what is the caller's. */
	outer = sim_copy_enter(sim, (uintptr_t)__builtin_frame_address(0) +
	    2 * sizeof(void *));
	report.has_flags = false;
	index = sim_abi_ioctl(call.abi, command);
	if (index == SIM_IOCTL_UNKNOWN) {
		count_elsewhere(sim, index);
		report.size = 0;
		report.error = EINVAL;
	} else
		report.error = call_copied(&call, index, (uintptr_t)arg,
		    &report);
	(void)sim_copy_enter(sim, outer);

	if (sim->observer != NULL) {
		report.ioctl = index;
		report.command = (uint32_t)command;
		report.args = copy;
		sim->observer->ioctl(sim->observer_arg, &report);
	}
	return report.error;
}
