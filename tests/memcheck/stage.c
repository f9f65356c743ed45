/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stage for small VMMs.
 */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/engine.h"
#include "kernel/control.h"
#include "transport/library.h"
#include "transport/transport.h"

static struct sim *sim;

static bool
halt(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	(void)arg;
	*intent = (struct sim_intent){
		.stop = {
			.kind = SIM_STOP_HLT,
			.length = 1,
			.bytes = { 0xF4 },
			.npc = state->gprs[SIM_GPR_RIP] + 1,
		},
	};
	return true;
}

static void
delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	(void)event;
}

static const struct sim_feed feed = {
	.next = halt,
	.delivered = delivered,
};

static void
need(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "memcheck stage: %s\n", what);
	exit(2);
}

void
stage_open(struct stage *stage, int argc, char **argv)
{
	const struct sim_config config = { .engine = NULL };
	char why[256] = "usage: PROGRAM LIBRARY";

	need(argc == 2 && library_load(argv[1], why, sizeof(why)) == 0, why);
	need(sim_create(&config, &sim) == 0, "no kernel");
	transport_attach(sim, NULL, NULL);
	need(nvmm_init() == 0 && nvmm_machine_create(&stage->mach) == 0 &&
	    nvmm_vcpu_create(&stage->mach, 0, &stage->vcpu) == 0 &&
	    sim_feed_set(sim, stage->mach.machid, 0, &feed, NULL) == 0,
	    "no VCPU");
}

void
stage_run(struct stage *stage)
{
	need(nvmm_vcpu_run(&stage->mach, &stage->vcpu) == 0 &&
	    stage->vcpu.exit->reason == NVMM_VCPU_EXIT_HALTED, "no HALTED");
}

void
stage_close(struct stage *stage)
{
	need(nvmm_machine_destroy(&stage->mach) == 0, "no end");
	transport_detach();
	sim_destroy(sim);
}
