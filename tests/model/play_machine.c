/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing the steps that make, configure and map, and those that let ioctls
 * fail.
 */
#include <errno.h>
#include <string.h>

#include "compare.h"

bool
play_fault(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	(void)cpu;
	script_fault(player->script, step);
	player->faults[step->ioctl] = step->error;
	sim_fault_set(player->sim, step->ioctl, 1, step->error);
	return true;
}

static bool
create_again(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error, wanted;

	/* The second time nothing is in the way. */
	do {
		wanted = player_ioctl(player, SIM_VCPU_CREATE);
		script_create(player->script, step->cpu, cpu->cpuid, wanted);
		error = player_create(player, cpu);
		if (!compare_result(player, "vcpu_create", error, wanted))
			return false;
	} while (error != 0);
	player_created(player, cpu);
	return compare_ioctls(player) && compare_truth(player);
}

bool
play_renew(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error, wanted = player_ioctl(player, SIM_VCPU_DESTROY);

	script_call(player->script, step->cpu, "destroy()", wanted);
	error = player_result(player, nvmm_vcpu_destroy(&cpu->machine->mach,
	    &cpu->vcpu));
	if (!compare_result(player, "vcpu_destroy", error, wanted))
		return false;
	if (error != 0)
		return compare_ioctls(player) && compare_truth(player);
	cpu->exists = false;
	cpu->machine->model.nvcpus--;
	return create_again(player, cpu, step);
}

/* A VCPU that cannot be made must leave all others alone. */
static bool
create_refused(struct player *player, struct player_cpu *cpu,
    const struct step *step, uint32_t cpuid, int why)
{
	int error, wanted = player_ioctl(player, SIM_VCPU_CREATE);
	struct nvmm_vcpu other;

	if (wanted == 0)
		wanted = why;
	script_create(player->script, step->cpu, cpuid, wanted);
	memset(&other, 0, sizeof(other));
	error = player_result(player, nvmm_vcpu_create(&cpu->machine->mach,
	    cpuid, &other));
	return compare_result(player, "vcpu_create", error, wanted) &&
	    compare_ioctls(player) && compare_truth(player);
}

bool
play_twice(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	return create_refused(player, cpu, step, cpu->cpuid, EBUSY);
}

bool
play_beyond(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	return create_refused(player, cpu, step,
	    player->setup->abi->max_vcpus, EINVAL);
}

bool
play_map(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct player_machine *machine = cpu->machine;
	const struct model_area *area = &step->area;
	int error, wanted = model_map_check(&machine->model, area);

	/* What overlaps never gets to the kernel. */
	if (wanted == 0) {
		wanted = player_ioctl(player, SIM_GPA_MAP);
		if (wanted == 0)
			model_map(&machine->model, area);
	}
	script_map(player->script, step, wanted);
	error = player_result(player, nvmm_gpa_map(&machine->mach,
	    (uintptr_t)machine->memory + area->offset, area->gpa, area->size,
	    area->prot));
	return compare_result(player, "gpa_map", error, wanted) &&
	    compare_ioctls(player);
}

bool
play_unmap(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct player_machine *machine = cpu->machine;
	const struct model_area *area = &step->area;
	int error, wanted = model_unmap_check(&machine->model, area);

	if (wanted == 0) {
		wanted = player_ioctl(player, SIM_GPA_UNMAP);
		if (wanted == 0)
			model_unmap(&machine->model, area);
	}
	script_map(player->script, step, wanted);
	error = player_result(player, nvmm_gpa_unmap(&machine->mach,
	    (uintptr_t)machine->memory + area->offset, area->gpa,
	    area->size));
	return compare_result(player, "gpa_unmap", error, wanted) &&
	    compare_ioctls(player);
}

static bool
configured(struct player *player, struct player_cpu *cpu, uint64_t op,
    void *conf, int wanted)
{
	int error = player_result(player, nvmm_vcpu_configure(
	    &cpu->machine->mach, &cpu->vcpu, op, conf));

	return compare_result(player, "vcpu_configure", error, wanted) &&
	    compare_ioctls(player);
}

bool
play_cpuid(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int wanted = player_ioctl(player, SIM_VCPU_CONFIGURE);
	struct nvmm_vcpu_conf_cpuid conf;

	_Static_assert(sizeof(conf) == sizeof(step->leaf), "a leaf");
	if (wanted == 0)
		wanted = model_configure_cpuid(&cpu->model, &step->leaf);
	script_cpuid(player->script, step, wanted);
	memcpy(&conf, &step->leaf, sizeof(conf));
	return configured(player, cpu, NVMM_VCPU_CONF_CPUID, &conf, wanted);
}

bool
play_tpr(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int wanted = player_ioctl(player, SIM_VCPU_CONFIGURE);
	struct nvmm_vcpu_conf_tpr conf;

	if (wanted == 0)
		wanted = model_configure_tpr(&cpu->model, step->exits);
	script_call(player->script, step->cpu, step->exits ?
	    "configure_tpr(true)" : "configure_tpr(false)", wanted);
	memset(&conf, 0, sizeof(conf));
	conf.exit_changed = step->exits ? 1 : 0;
	return configured(player, cpu, NVMM_VCPU_CONF_TPR, &conf, wanted);
}
