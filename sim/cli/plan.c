/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listing tests, each file's in a process of its own: it may loop.
 */
#include "cli/plan.h"

#include <sys/wait.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/pool.h"
#include "cli/probe.h"
#include "scenario/scenario.h"

enum { RECORD_TEST = 'L', RECORD_BROKEN = 'E' };

static const bool never;

/* --- listing --- */

struct lister {
	const struct run_options *options;
	const char *file;
	unsigned index;
	struct plan plan;	/* this file's items */
	bool failed;		/* out of memory */
};

static struct plan_item *
item_new(struct plan *plan)
{
	size_t capacity = plan->capacity ? plan->capacity * 2 : 16;
	struct plan_item *items;

	if (plan->n == plan->capacity) {
		items = realloc(plan->items, capacity * sizeof(*items));
		if (items == NULL)
			return NULL;
		plan->items = items;
		plan->capacity = capacity;
	}
	memset(&plan->items[plan->n], 0, sizeof(plan->items[0]));
	return &plan->items[plan->n++];
}

struct found {
	int fd;
};

static void
found_test(void *arg, const char *name, int line)
{
	const struct found *found = arg;
	char text[1024];
	int n;

	n = snprintf(text, sizeof(text), "%d:%s", line, name);
	task_send(found->fd, RECORD_TEST, text,
	    (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

static void
list_child(struct task *task, int fd)
{
	const struct lister *lister = task->arg;
	struct found found = { .fd = fd };
	char why[1024];

	if (scenario_list(lister->file, lister->options->seed, found_test,
	    &found, why, sizeof(why)) != 0)
		task_send(fd, RECORD_BROKEN, why, strlen(why));
}

static bool
selected(const struct run_options *options, const char *name)
{
	return options->filter == NULL ||
	    strstr(name, options->filter) != NULL ||
	    fnmatch(options->filter, name, 0) == 0;
}

static void
list_record(struct task *task, int type, const void *data, size_t size)
{
	struct lister *lister = task->arg;
	char *text = strndup(data, size), *name;
	struct plan_item *item = NULL;

	if (text == NULL)
		goto fail;
	name = strchr(text, ':');
	if (type == RECORD_TEST && name != NULL) {
		lister->index++;
		if (!selected(lister->options, name + 1)) {
			free(text);
			return;
		}
	}
	item = item_new(&lister->plan);
	if (item == NULL)
		goto fail;
	item->file = lister->file;
	if (type == RECORD_TEST && name != NULL) {
		item->index = lister->index - 1;
		item->line = atoi(text);
		item->name = strdup(name + 1);
		free(text);
		if (item->name == NULL)
			lister->failed = true;
	} else
		item->broken = text;
	return;
fail:
	free(text);
	lister->failed = true;
}

static void
list_done(struct task *task)
{
	struct lister *lister = task->arg;
	struct plan_item *item;

	if (task->lost)
		lister->failed = true;
	if (task->lost || (!task->timed_out && WIFEXITED(task->status) &&
	    WEXITSTATUS(task->status) == 0))
		return;
	item = item_new(&lister->plan);
	if (item == NULL) {
		lister->failed = true;
		return;
	}
	item->file = lister->file;
	item->broken = strdup(task->timed_out ?
	    "reading the file takes too long" :
	    "the process that read the file crashed");
	if (item->broken == NULL)
		lister->failed = true;
}

/* Takes over the items of one file's plan. */
static int
plan_join(struct plan *plan, struct plan *file)
{
	struct plan_item *item;
	size_t i;

	for (i = 0; i < file->n; i++) {
		item = item_new(plan);
		if (item == NULL)
			return -1;
		*item = file->items[i];
	}
	free(file->items);
	memset(file, 0, sizeof(*file));
	return 0;
}

static int
list_run(const struct run_options *options, const struct files *files,
    struct plan *plan)
{
	struct lister *listers = calloc(files->n, sizeof(*listers));
	struct task *tasks = calloc(files->n, sizeof(*tasks));
	int status = STATUS_ERROR;
	size_t i;

	if (listers == NULL || tasks == NULL) {
		complain("out of memory");
		goto out;
	}
	for (i = 0; i < files->n; i++) {
		listers[i].options = options;
		listers[i].file = files->paths[i];
		tasks[i].run = list_child;
		tasks[i].record = list_record;
		tasks[i].done = list_done;
		tasks[i].arg = &listers[i];
	}
	if (pool_run(tasks, files->n, (unsigned)options->jobs,
	    (double)options->timeout, &never) != 0) {
		complain("cannot start a process: %s", strerror(errno));
		goto out;
	}
	for (i = 0; i < files->n; i++) {
		if (listers[i].failed ||
		    plan_join(plan, &listers[i].plan) != 0) {
			complain("out of memory");
			goto out;
		}
	}
	status = 0;
out:
	free(tasks);
	free(listers);
	return status;
}

static bool
is_called(const struct plan_item *item, const char *name)
{
	return item->name != NULL && strcmp(item->name, name) == 0;
}

/*
 * A filter that is the whole name of a test means that test alone, and none
 * whose name contains it: so a failure can be repeated alone.
 */
static void
plan_narrow(struct plan *plan, const char *filter)
{
	bool exact = false;
	size_t i, n = 0;

	for (i = 0; i < plan->n; i++)
		exact = exact || is_called(&plan->items[i], filter);
	for (i = 0; exact && i < plan->n; i++) {
		if (plan->items[i].broken != NULL ||
		    is_called(&plan->items[i], filter))
			plan->items[n++] = plan->items[i];
		else
			free(plan->items[i].name);
	}
	if (exact)
		plan->n = n;
}

static int
nothing(const struct run_options *options)
{
	if (options->filter != NULL)
		complain("no scenario is called like that; "
		    "`nvmm-sim run --list' shows them");
	else
		complain("there are no scenarios in these files");
	return STATUS_ERROR;
}

int
plan_make(const struct run_options *options, const struct files *files,
    struct plan *plan)
{
	int status;

	memset(plan, 0, sizeof(*plan));
	status = list_run(options, files, plan);
	if (status == 0 && options->filter != NULL)
		plan_narrow(plan, options->filter);
	if (status == 0 && plan->n == 0)
		status = nothing(options);
	if (status == 0 && !options->list)
		status = probe_run(options, &plan->library);
	return status;
}

void
plan_free(struct plan *plan)
{
	size_t i;

	for (i = 0; i < plan->n; i++) {
		free(plan->items[i].name);
		free(plan->items[i].broken);
	}
	free(plan->items);
}
