/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing a sequence on the library under test and on the model at once.
 */
#include "play.h"

#include <errno.h>
#include <string.h>

#include "compare.h"

static void
ioctls_clear(struct player *player)
{
	memset(player->ioctls, 0, sizeof(player->ioctls));
}

/* What a call returned, as an errno value. */
static int
result_of(struct player *player, int result)
{
	player->calls++;
	return result == 0 ? 0 : errno;
}

static bool
play_get(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	unsigned wanted = model_get(&cpu->model, step->components);
	int error;

	script_get(player->script, step->cpu, step->components);
	error = result_of(player, nvmm_vcpu_getstate(&player->mach,
	    &cpu->vcpu, step->components));
	return compare_result(player, "getstate", error, 0) &&
	    compare_ioctls(player, wanted, 0) &&
	    compare_view(player, cpu, step->components);
}

static bool
play_set(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct sim_state *page = (struct sim_state *)(void *)cpu->vcpu.state;
	const struct step_write *write;
	unsigned i;
	int error;

	script_set(player->script, step);
	for (i = 0; i < step->nwrites; i++) {
		write = &step->writes[i];
		/* The shrinker may have taken its component away. */
		if (step->components & SIM_BIT(write->row->component))
			sim_register_set(page, write->row, write->value);
	}
	model_set(&cpu->model, step->components, page);
	error = result_of(player, nvmm_vcpu_setstate(&player->mach,
	    &cpu->vcpu, step->components));
	return compare_result(player, "setstate", error, 0) &&
	    compare_ioctls(player, 0, 0);
}

static bool
play_inject(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error;

	script_inject(player->script, step);
	model_inject(&cpu->model, &step->event);
	cpu->vcpu.event->type = step->event.type;
	cpu->vcpu.event->vector = step->event.vector;
	cpu->vcpu.event->u.excp.error = step->event.error;
	error = result_of(player, nvmm_vcpu_inject(&player->mach,
	    &cpu->vcpu));
	return compare_result(player, "inject", error, 0) &&
	    compare_ioctls(player, 0, 0);
}

static void
wish(struct player_cpu *cpu, const struct wish *wished)
{
	model_wish(&cpu->model, wished);
	cpu->wishes[(cpu->first + cpu->nwishes) % MODEL_WISHES] = *wished;
	cpu->nwishes++;
}

static bool
play_run(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error, wanted;
	unsigned i;

	for (i = 0; i < step->nwishes; i++)
		wish(cpu, &step->wishes[i]);
	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if (&player->cpus[i] != cpu)
			model_disturb(&player->cpus[i].model);
	}
	cpu->ndelivered = 0;
	wanted = model_run(&cpu->model);
	script_wishes(player->script, step);
	script_call(player->script, step->cpu, "run()", wanted);
	error = result_of(player, nvmm_vcpu_run(&player->mach, &cpu->vcpu));
	if (!compare_result(player, "run", error, wanted))
		return false;
	script_expect_exit(player->script, step->cpu, cpu->model.exit.reason);
	return compare_ioctls(player, 0, 1) && compare_exit(player, cpu) &&
	    compare_events(player, cpu) && compare_truth(player);
}

static bool
play_assist(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	bool io = step->kind == STEP_ASSIST_IO;
	struct model_access access;
	unsigned ioctls;
	int wanted, error;

	/* Code that moved would be another instruction: not this test's. */
	if (!io && !cpu->model.mem_fresh && cpu->model.exit.reason ==
	    NVMM_VCPU_EXIT_MEMORY)
		return true;
	wanted = io ? model_assist_io(&cpu->model, &ioctls, &access) :
	    model_assist_mem(&cpu->model, &ioctls, &access);
	script_call(player->script, step->cpu, io ?
	    "assist_io(function(io) return 0x44332211 end)" :
	    "assist_mem(function(mem) return 0x44332211 end)", wanted);
	cpu->naccesses = 0;
	error = result_of(player, io ?
	    nvmm_assist_io(&player->mach, &cpu->vcpu) :
	    nvmm_assist_mem(&player->mach, &cpu->vcpu));
	return compare_result(player, io ? "assist_io" : "assist_mem", error,
	    wanted) && compare_ioctls(player, ioctls, 0) &&
	    (wanted != 0 || compare_access(player, cpu, &access));
}

/* What a VMM does about an instruction that it need not carry out. */
static bool
play_finish(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct sim_state *page = (struct sim_state *)(void *)cpu->vcpu.state;
	unsigned wanted;
	uint64_t npc;
	int error;

	if (!model_npc(&cpu->model, &npc))
		return true;
	script_finish(player->script, step->cpu, npc);
	wanted = model_get(&cpu->model, SIM_BIT(SIM_GPRS));
	error = result_of(player, nvmm_vcpu_getstate(&player->mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
	if (!compare_result(player, "getstate", error, 0) ||
	    !compare_view(player, cpu, SIM_BIT(SIM_GPRS)))
		return false;
	page->gprs[SIM_GPR_RIP] = npc;
	model_set(&cpu->model, SIM_BIT(SIM_GPRS), page);
	error = result_of(player, nvmm_vcpu_setstate(&player->mach,
	    &cpu->vcpu, NVMM_X64_STATE_GPRS));
	return compare_result(player, "setstate", error, 0) &&
	    compare_ioctls(player, wanted, 0);
}

static bool
play_stop(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	int error;

	script_call(player->script, step->cpu, "stop()", 0);
	cpu->model.stop = true;
	error = result_of(player, nvmm_vcpu_stop(&cpu->vcpu));
	return compare_result(player, "stop", error, 0) &&
	    compare_ioctls(player, 0, 0);
}

static bool
play_host(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	script_host(player->script, step);
	model_host(&cpu->model, step->reason, step->looks);
	(void)sim_host_raise(player->sim, player->mach.machid,
	    cpu->vcpu.cpuid, step->reason, step->looks);
	return true;
}

typedef bool play_function(struct player *, struct player_cpu *,
    const struct step *);

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
};

bool
player_play(struct player *player, const struct sequence *sequence)
{
	const struct step *step;
	unsigned i;

	memset(&player->failure, 0, sizeof(player->failure));
	if (!player_renew(player))
		return false;
	for (i = 0; i < sequence->nsteps; i++) {
		step = &sequence->steps[i];
		player->failure.step = i;
		player->failure.cpu = step->cpu;
		ioctls_clear(player);
		if (i + 1 == sequence->nsteps)
			script_mark(player->script);
		if (!plays[step->kind](player, &player->cpus[step->cpu],
		    step))
			return false;
	}
	return true;
}
