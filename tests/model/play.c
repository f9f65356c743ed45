/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing a sequence on the library under test and on the model at once: the
 * steps that a VMM does all the time.
 */
#include "play.h"

#include <errno.h>
#include <string.h>

#include "compare.h"
#include "defined.h"

/* A getstate as the model has it: its errno, and what it costs. */
static int
get_model(struct player *player, struct player_cpu *cpu, uint64_t components)
{
	int error = 0;

	if (model_missing(&cpu->model, components) != 0)
		error = player_ioctl(player, SIM_VCPU_GETSTATE);
	if (error == 0)
		model_get(&cpu->model, components);
	return error;
}

static bool
play_get(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int wanted = get_model(player, cpu, step->components);
	int error;

	script_get(player->script, step->cpu, step->components, wanted);
	error = player_result(player, nvmm_vcpu_getstate(&cpu->machine->mach,
	    &cpu->vcpu, step->components));
	return compare_result(player, "getstate", error, wanted) &&
	    compare_ioctls(player) && (wanted != 0 ||
	    compare_view(player, cpu, step->components));
}

static struct sim_state *
page_of(struct player_cpu *cpu)
{
	return (struct sim_state *)(void *)cpu->vcpu.state;
}

static bool
play_set(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct sim_state *page = page_of(cpu);
	const struct step_write *write;
	unsigned i;
	int error;

	script_set(player->script, step);
	/* What is not cached has no meaning, but it has a value. */
	defined_make(page, sizeof(*page));
	for (i = 0; i < step->nwrites; i++) {
		write = &step->writes[i];
		/* The shrinker may have taken its component away. */
		if (step->components & SIM_BIT(write->row->component))
			sim_register_set(page, write->row, write->value);
	}
	model_set(&cpu->model, step->components, page);
	error = player_result(player, nvmm_vcpu_setstate(&cpu->machine->mach,
	    &cpu->vcpu, step->components));
	return compare_result(player, "setstate", error, 0) &&
	    compare_ioctls(player);
}

static bool
play_inject(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error;

	script_inject(player->script, step);
	model_inject(&cpu->model, &step->event);
	error = player_inject(player, cpu, &step->event);
	return compare_result(player, "inject", error, 0) &&
	    compare_ioctls(player);
}

/* What the assist does, if its getstate can be had. */
static int
assist_model(struct player *player, struct player_cpu *cpu, bool io,
    struct model_assist *assist)
{
	struct model *model = &cpu->model;
	enum sim_exit_index index = sim_exit_find(model->exit.reason);
	int error;

	memset(assist, 0, sizeof(*assist));
	if (index != (io ? SIM_EXIT_IO : SIM_EXIT_MEMORY))
		return EINVAL;
	error = get_model(player, cpu, MODEL_ASSIST);
	if (error)
		return error;
	if (io)
		model_assist_io(model, assist);
	else
		model_assist_mem(model, assist);
	return assist->error;
}

bool
play_assist(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	bool io = step->kind == STEP_ASSIST_IO;
	struct model_assist assist;
	int wanted, error;

	/* Code that moved would be another instruction: not this test's. */
	if (!io && !cpu->model.mem_fresh && cpu->model.exit.reason ==
	    NVMM_VCPU_EXIT_MEMORY)
		return true;
	wanted = assist_model(player, cpu, io, &assist);
	script_call(player->script, step->cpu, io ?
	    "assist_io(function(io) return 0x44332211 end)" :
	    "assist_mem(function(mem) return 0x44332211 end)", wanted);
	cpu->naccesses = 0;
	error = player_result(player, io ?
	    nvmm_assist_io(&cpu->machine->mach, &cpu->vcpu) :
	    nvmm_assist_mem(&cpu->machine->mach, &cpu->vcpu));
	return compare_result(player, io ? "assist_io" : "assist_mem", error,
	    wanted) && compare_ioctls(player) &&
	    compare_accesses(player, cpu, &assist) &&
	    compare_memory_content(player, step->cpu);
}

/* What a VMM does about an instruction that it need not carry out. */
bool
play_finish(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct nvmm_machine *mach = &cpu->machine->mach;
	struct sim_state *page = page_of(cpu);
	uint64_t npc;
	int error, wanted;

	if (!model_npc(&cpu->model, &npc))
		return true;
	wanted = get_model(player, cpu, SIM_BIT(SIM_GPRS));
	script_get(player->script, step->cpu, SIM_BIT(SIM_GPRS), wanted);
	error = player_result(player, nvmm_vcpu_getstate(mach, &cpu->vcpu,
	    SIM_BIT(SIM_GPRS)));
	if (!compare_result(player, "getstate", error, wanted) ||
	    !compare_ioctls(player))
		return false;
	if (wanted != 0)
		return true;
	if (!compare_view(player, cpu, SIM_BIT(SIM_GPRS)))
		return false;
	script_finish(player->script, step->cpu, npc);
	page->gprs[SIM_GPR_RIP] = npc;
	model_set(&cpu->model, SIM_BIT(SIM_GPRS), page);
	error = player_result(player, nvmm_vcpu_setstate(mach, &cpu->vcpu,
	    SIM_BIT(SIM_GPRS)));
	return compare_result(player, "setstate", error, 0) &&
	    compare_ioctls(player);
}

static bool
play_stop(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error;

	/* Only one generation has it. */
	if (player->setup->abi != &sim_abi_v2)
		return true;
	script_call(player->script, step->cpu, "stop()", 0);
	cpu->model.stop = true;
	error = player_result(player, nvmm_vcpu_stop(&cpu->vcpu));
	return compare_result(player, "stop", error, 0) &&
	    compare_ioctls(player);
}

static bool
play_host(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	script_host(player->script, step);
	model_host(&cpu->model, step->reason, step->looks);
	(void)sim_host_raise(player->sim, cpu->machine->mach.machid,
	    cpu->cpuid, step->reason, step->looks);
	return true;
}

static play_function *const plays[NSTEP] = {
	[STEP_GET] = play_get,
	[STEP_SET] = play_set,
	[STEP_INJECT] = play_inject,
	[STEP_RUN] = play_run,
	[STEP_ASSIST_IO] = play_assist,
	[STEP_ASSIST_MEM] = play_assist,
	[STEP_FINISH] = play_finish,
	[STEP_STOP] = play_stop,
	[STEP_HOST] = play_host,
	[STEP_FAULT] = play_fault,
	[STEP_RENEW] = play_renew,
	[STEP_TWICE] = play_twice,
	[STEP_BEYOND] = play_beyond,
	[STEP_MAP] = play_map,
	[STEP_UNMAP] = play_unmap,
	[STEP_CPUID] = play_cpuid,
	[STEP_TPR] = play_tpr,
};

bool
player_play(struct player *player, const struct sequence *sequence)
{
	const struct step *step;
	unsigned i;

	memset(&player->failure, 0, sizeof(player->failure));
	if (!player_renew(player, sequence_used(sequence)))
		return false;
	for (i = 0; i < sequence->nsteps; i++) {
		step = &sequence->steps[i];
		player->failure.step = i;
		player->failure.cpu = step->cpu;
		memset(player->ioctls, 0, sizeof(player->ioctls));
		memset(player->wanted, 0, sizeof(player->wanted));
		if (i + 1 == sequence->nsteps)
			script_mark(player->script);
		if (!plays[step->kind](player, &player->cpus[step->cpu],
		    step))
			return false;
	}
	return true;
}
