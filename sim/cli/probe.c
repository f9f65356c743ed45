/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A look at the library under test, in a process of its own: it may crash.
 */
#include "cli/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/pool.h"
#include "cli/run_options.h"
#include "kernel/abi/abi.h"
#include "observe/flight.h"
#include "transport/library.h"

enum { RECORD_BROKEN = 'E', RECORD_FACTS = 'P' };

static const bool never;

struct probe {
	const struct run_options *options;
	const struct sim_abi *abi;	/* of the kernel */
	bool told;
	struct library_facts facts;	/* the last that came */
	char why[PATH_MAX + 256];	/* it cannot be used */
};

/* --- in the child --- */

struct sender {
	int fd;
};

/* Children share the tables' addresses with their parent. */
static void
send_facts(void *arg, const struct library_facts *facts)
{
	const struct sender *sender = arg;

	task_send(sender->fd, RECORD_FACTS, facts, sizeof(*facts));
}

/* What it prints here nobody has asked for. */
static void
silence(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	(void)dup2(fd, STDOUT_FILENO);
	(void)close(fd);
}

static void
probe_child(struct task *task, int fd)
{
	const struct probe *probe = task->arg;
	struct sender sender = { .fd = fd };
	char why[sizeof(probe->why)];

	silence();
	if (library_probe(probe->options->library, probe->abi, send_facts,
	    &sender, why, sizeof(why)) != 0)
		task_send(fd, RECORD_BROKEN, why, strlen(why));
}

/* --- in the parent --- */

static void
probe_record(struct task *task, int type, const void *data, size_t size)
{
	struct probe *probe = task->arg;

	if (type == RECORD_FACTS && size == sizeof(probe->facts)) {
		probe->told = true;
		memcpy(&probe->facts, data, size);
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
static int
probe_with(struct probe *probe, const struct sim_abi *abi)
{
	struct task task = {
		.run = probe_child, .record = probe_record,
		.done = probe_done, .arg = probe,
	};

	probe->abi = abi;
	probe->told = false;
	memset(&probe->facts, 0, sizeof(probe->facts));
	if (pool_run(&task, 1, 1, (double)probe->options->timeout,
	    &never) != 0) {
		complain("cannot start a process: %s", strerror(errno));
		return STATUS_ERROR;
	}
	if (task.lost)
		snprintf(probe->why, sizeof(probe->why), "out of memory");
	if (probe->why[0] == '\0')
		return 0;
	complain("%s", probe->why);
	return STATUS_ERROR;
}

static bool
mismatched(const struct probe *probe)
{
	return probe->told && probe->facts.error != 0 &&
	    probe->facts.mismatch;
}

/*
 * v1 cannot be told from v2 by its ioctls: a library that finds another
 * version than its own is tried with it, freshly loaded.
 */
static int
probe_again(struct probe *probe)
{
	const struct run_options *options = probe->options;
	char name[32];
	int status;

	flight_format_errno(probe->facts.error, name, sizeof(name));
	if (options->abi != NULL) {
		complain("%s does not speak %s: nvmm_init() fails with %s; "
		    "--abi auto finds out what it speaks", options->library,
		    options->abi->name, name);
		return STATUS_ERROR;
	}
	status = probe_with(probe, &sim_abi_v1);
	if (status != 0 || !mismatched(probe))
		return status;
	complain("%s speaks neither v1 nor v2 nor v3: nvmm_init() fails with "
	    "%s", options->library, name);
	return STATUS_ERROR;
}

int
probe_run(const struct run_options *options, struct probed *probed)
{
	struct probe probe = { .options = options };
	int status;

	status = probe_with(&probe, options->abi);
	if (status == 0 && mismatched(&probe))
		status = probe_again(&probe);
	if (status != 0)
		return status;
	probed->hidden = probe.facts.hidden;
	probed->abi = probe.abi;
	probed->generation = probe.facts.abi;
	if (probed->generation == NULL)
		probed->generation = probe.abi != NULL ? probe.abi :
		    sim_abis[0];
	return 0;
}

bool
probed_modelled(const struct probed *probed)
{
	return probed->hidden.getstate != 0 || probed->hidden.setstate != 0;
}
