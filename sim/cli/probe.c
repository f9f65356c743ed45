/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at the library under test, in a process of its own: it may crash.
 */
#include "cli/probe.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/pool.h"
#include "cli/run_options.h"
#include "kernel/abi/abi.h"
#include "observe/flight.h"
#include "transport/library.h"

enum { RECORD_BROKEN = 'E', RECORD_PROBE = 'P' };

static const bool never;

struct probe_answer {
	bool visible;
	unsigned generation;		/* index in sim_abis */
	bool retried;			/* it speaks v1, which must be said */
};

struct probe {
	const struct run_options *options;
	bool answered;
	struct probe_answer answer;
	char why[PATH_MAX + 128];	/* it cannot be used */
};

/*
 * v1 cannot be told from v2 by its ioctls: a library that finds another
 * version than its own is tried with it.  False with a line in why.
 */
static bool
probe_library(const struct run_options *options, struct library_facts *facts,
    bool *retried, char *why, size_t size)
{
	char name[32];

	*retried = false;
	if (library_load(options->library, why, size) != 0)
		return false;
	library_probe(options->abi, facts);
	if (facts->error == 0 || !facts->mismatch)
		return true;
	flight_format_errno(facts->error, name, sizeof(name));
	if (options->abi != NULL) {
		snprintf(why, size, "%s does not speak %s: nvmm_init() fails "
		    "with %s; --abi auto finds out what it speaks",
		    options->library, options->abi->name, name);
		return false;
	}
	if (library_load(options->library, why, size) != 0)
		return false;
	library_probe(&sim_abi_v1, facts);
	*retried = true;
	if (facts->error == 0 || !facts->mismatch)
		return true;
	snprintf(why, size, "%s speaks neither v1 nor v2 nor v3: nvmm_init() "
	    "fails with %s", options->library, name);
	return false;
}

static void
probe_child(struct task *task, int fd)
{
	const struct probe *probe = task->arg;
	struct probe_answer answer = { .generation = 0 };
	struct library_facts facts;
	char why[sizeof(probe->why)];

	if (!probe_library(probe->options, &facts, &answer.retried, why,
	    sizeof(why))) {
		task_send(fd, RECORD_BROKEN, why, strlen(why));
		return;
	}
	answer.visible = facts.inner_visible;
	while (facts.abi != NULL && sim_abis[answer.generation] != facts.abi)
		answer.generation++;
	task_send(fd, RECORD_PROBE, &answer, sizeof(answer));
}

static void
probe_record(struct task *task, int type, const void *data, size_t size)
{
	struct probe *probe = task->arg;

	if (type == RECORD_PROBE && size == sizeof(probe->answer)) {
		probe->answered = true;
		memcpy(&probe->answer, data, size);
	} else
		snprintf(probe->why, sizeof(probe->why), "%.*s", (int)size,
		    (const char *)data);
}

static void
probe_done(struct task *task)
{
	(void)task;
}

/*
 * A library that crashes, hangs or ends the process here will do so in some
 * scenarios too, and each of these says in which call.
 */
int
probe_run(const struct run_options *options, struct probed *probed)
{
	struct probe probe = { .options = options };
	struct task task = {
		.run = probe_child, .record = probe_record,
		.done = probe_done, .arg = &probe,
	};

	if (pool_run(&task, 1, 1, (double)options->timeout, &never) != 0) {
		complain("cannot start a process: %s", strerror(errno));
		return STATUS_ERROR;
	}
	if (task.lost)
		snprintf(probe.why, sizeof(probe.why), "out of memory");
	if (probe.why[0] != '\0') {
		complain("%s", probe.why);
		return STATUS_ERROR;
	}
	probed->modelled = probe.answered && !probe.answer.visible;
	probed->abi = options->abi;
	if (probed->abi == NULL && probe.answer.retried)
		probed->abi = &sim_abi_v1;
	probed->generation = probed->abi != NULL ? probed->abi :
	    sim_abis[probe.answer.generation];
	return 0;
}
