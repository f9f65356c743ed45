/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One generation: its library and its kernel, and a load played on both.
 */
#include "scenario/generation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <nvmm.h>
#include <nvmm_history.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "scenario/encode.h"
#include "scenario/load.h"
#include "transport/library.h"
#include "transport/transport.h"

/*
 * Before there was a comm page the kernel had nowhere to cache states.  The
 * models speak v1, whose ioctls are v2's, and which has no stop word.
 */
const struct generation_row generation_rows[GENERATIONS] = {
	{
		.name = "nocomm",
		.title = "no comm page",
		.summary = "each getstate, setstate and inject is an ioctl "
		    "that copies",
		.library = "libnvmm-history-nocomm.so",
		.abi = &sim_abi_v1,
		.policy = "none",
		.model = true,
	},
	{
		.name = "copying",
		.title = "first comm page",
		.summary = "getstate and setstate copy between page and "
		    "caller; inject is an ioctl",
		.library = "libnvmm-history-copying.so",
		.abi = &sim_abi_v1,
		.policy = "netbsd",
		.model = true,
	},
	{
		.name = "inplace",
		.title = "state in place",
		.summary = "the caller works in the page, events are in it",
		.library = "libnvmm.so",
		.abi = &sim_abi_v2,
		.policy = "netbsd",
		.model = false,
	},
};

/* Calls, opens and unmappings are this one's from now on. */
static void
use(const struct generation *generation)
{
	library_use(generation->library);
	transport_attach(generation->sim, NULL, NULL);
}

int
generation_open(struct generation *generation,
    const struct generation_row *row, const char *path,
    const struct sim_backend *backend, char *why, size_t size)
{
	const struct sim_config config = {
		.backend = backend,
		.abi = row->abi,
		.policy = sim_policy_find(row->policy),
	};
	int error;

	*generation = (struct generation){ .row = row };
	generation->library = library_open(path, why, size);
	if (generation->library == NULL)
		return -1;
	error = sim_create(&config, &generation->sim);
	if (error == 0) {
		use(generation);
		if (nvmm_init() == 0)
			return 0;
		error = errno;
	}
	snprintf(why, size, "%s: cannot use it: %s", path, strerror(error));
	return -1;
}

void
generations_close(struct generation generations[GENERATIONS])
{
	unsigned i;

	transport_detach();
	library_use(NULL);
	for (i = 0; i < GENERATIONS; i++) {
		sim_destroy(generations[i].sim);
		library_close(generations[i].library);
		generations[i] = (struct generation){ .sim = NULL };
	}
}

double
generation_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* A library that works in the page has nothing to copy, and does not tell. */
static uint64_t
copied(const struct generation *generation, const struct nvmm_machine *mach,
    const struct nvmm_vcpu *vcpu)
{
	__typeof__(nvmm_history_copied) *function;
	void *symbol = library_symbol(generation->library,
	    "nvmm_history_copied");

	if (symbol == NULL)
		return 0;
	/* The only way to make a function of it. */
	memcpy(&function, &symbol, sizeof(function));
	return function(mach, vcpu);
}

static int
play(const struct generation *generation, struct nvmm_machine *mach,
    struct nvmm_vcpu *vcpu, const struct load_plan *plan,
    struct generation_played *played, char *why, size_t size)
{
	struct observe_counts before = { .hits = 0 };
	struct load_result result;
	void *code;
	int error;

	error = sim_harness_page(generation->sim, mach->machid, HARNESS_GPA,
	    &code);
	if (error) {
		snprintf(why, size, "%s", strerror(error));
		return -1;
	}
	sim_stats_read(generation->sim, &before.kernel);
	played->ns = -generation_now();
	if (load_replay_vmm(generation->sim, mach, vcpu, code, plan,
	    &result) != 0) {
		snprintf(why, size, "%s", result.why);
		return -1;
	}
	played->ns += generation_now();
	sim_stats_read(generation->sim, &played->counts.kernel);
	observe_counts_sub(&played->counts, &before);
	played->copied = copied(generation, mach, vcpu);
	return 0;
}

int
generation_play(const struct generation *generation,
    const struct load_plan *plan, struct generation_played *played,
    char *why, size_t size)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	int status = -1;

	use(generation);
	memset(played, 0, sizeof(*played));
	if (nvmm_machine_create(&mach) != 0) {
		snprintf(why, size, "no machine: %s", strerror(errno));
		return -1;
	}
	if (nvmm_vcpu_create(&mach, 0, &vcpu) == 0)
		status = play(generation, &mach, &vcpu, plan, played, why,
		    size);
	else
		snprintf(why, size, "no VCPU: %s", strerror(errno));
	(void)nvmm_machine_destroy(&mach);
	return status;
}
