/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing a run.  The library goes first: whether the host preempted is the
 * only thing that the model has to be told.
 */
#include <string.h>

#include "compare.h"

static void
wish(struct player_cpu *cpu, const struct wish *wished)
{
	model_wish(&cpu->model, wished);
	cpu->wishes[(cpu->first + cpu->nwishes) % MODEL_WISHES] = *wished;
	cpu->nwishes++;
}

/* All that is to be seen of a run. */
static bool
compare_run(struct player *player, struct player_cpu *cpu, int seen,
    int wanted)
{
	return compare_result(player, "run", seen, wanted) &&
	    compare_exit(player, cpu) && compare_events(player, cpu) &&
	    compare_truth(player) &&
	    compare_memory_content(player, player->failure.cpu);
}

/*
 * The host preempted at one of the looks that found nothing else: what is
 * seen must be what one of them makes.  The model stays as that one left it.
 */
static int
run_preempted(struct player *player, struct player_cpu *cpu, int seen)
{
	static struct model before;
	static struct model_machine machine;
	struct script *script = player->script;
	unsigned preempt = 0;
	int wanted;
	bool same;

	before = cpu->model;
	machine = cpu->machine->model;
	player->script = NULL;
	do {
		cpu->model = before;
		cpu->machine->model = machine;
		wanted = model_run(&cpu->model, preempt++);
		same = cpu->model.preempted &&
		    compare_run(player, cpu, seen, wanted);
	} while (!same && cpu->model.preempted);
	player->script = script;
	return wanted;
}

bool
play_run(struct player *player, struct player_cpu *cpu,
    const struct step *step)
{
	struct nvmm_machine *mach = &cpu->machine->mach;
	int seen, wanted;
	unsigned i;

	for (i = 0; i < step->nwishes; i++)
		wish(cpu, &step->wishes[i]);
	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if (&player->cpus[i] != cpu)
			model_disturb(&player->cpus[i].model);
	}
	if (step->action.armed)
		cpu->action = cpu->model.action = step->action;
	cpu->acted = false;
	cpu->ndelivered = 0;
	seen = player_result(player, nvmm_vcpu_run(mach, &cpu->vcpu));
	wanted = player_ioctl(player, SIM_VCPU_RUN);
	if (wanted != 0)
		cpu->model.extras = cpu->model.ndelivered = 0;
	else if (sim_preempted(player->sim, mach->machid, cpu->cpuid))
		wanted = run_preempted(player, cpu, seen);
	else
		wanted = model_run(&cpu->model, MODEL_NO_PREEMPT);
	script_wishes(player->script, step, cpu->model.extras);
	script_call(player->script, step->cpu, "run()", wanted);
	if (seen == 0 && wanted == 0)
		script_expect_exit(player->script, step->cpu,
		    cpu->model.exit.reason);
	return compare_run(player, cpu, seen, wanted) &&
	    compare_ioctls(player);
}
