/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel of a program under `nvmm-sim exec': made with the first open of
 * the device, reported on when the process ends.  One per process, so its
 * state is the process's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/control.h"
#include "kernel/driver.h"
#include "observe/session.h"
#include "observe/summary.h"
#include "preload/door.h"
#include "preload/memory.h"
#include "preload/settings.h"
#include "scenario/guest_file.h"

/* The longest report, JSON's, has 5,000 bytes. */
#define REPORT_MAX	32768

static struct {
	struct preload_settings settings;
	char *text;			/* what they point into; owned */
	const struct preload_host *host;
	struct sim *sim;
	struct session *session;
	struct guest_file *guests;	/* or NULL */
	_Atomic(const struct sim_abi *) abi;	/* what was first spoken */
	FILE *out;			/* into report */
	char report[REPORT_MAX];
	atomic_flag reported;
} kernel = { .reported = ATOMIC_FLAG_INIT };

/* --- the user --- */

static void
print(const char *text, size_t size)
{
	kernel.host->print(text, size);
}

static void __attribute__((__format__(__printf__, 1, 2)))
complain(const char *format, ...)
{
	char line[PATH_MAX + 256];
	size_t length;
	va_list ap;

	va_start(ap, format);
	strcpy(line, "nvmm-sim: ");
	length = strlen(line);
	(void)vsnprintf(line + length, sizeof(line) - length - 1, format, ap);
	va_end(ap);
	strcat(line, "\n");
	print(line, strlen(line));
}

static void
trace(void *arg, const char *line)
{
	char text[600];
	int n;

	(void)arg;
	n = snprintf(text, sizeof(text), "%s\n", line);
	if (n > 0)
		print(text, strlen(text));
}

/* --- beginning --- */

static void
vcpu_created(const struct sim_ioctl_report *report)
{
	const struct sim_vcpu_arg *arg = report->args;
	const char *why;

	why = guest_file_created(kernel.guests, kernel.sim, arg->machid,
	    arg->cpuid);
	if (why != NULL)
		complain("machine %u VCPU %u: %s", arg->machid, arg->cpuid,
		    why);
}

static void
ioctl_done(void *arg, const struct sim_ioctl_report *report)
{
	if (kernel.abi == NULL)
		kernel.abi = kernel.settings.abi != NULL ?
		    kernel.settings.abi : sim_abi_guess(report->command);
	session_ioctl_observer.ioctl(arg, report);
	if (report->ioctl == SIM_VCPU_CREATE && report->error == 0 &&
	    kernel.guests != NULL)
		vcpu_created(report);
}

static int
settings_read(const char *text)
{
	char why[PATH_MAX + 256];

	free(kernel.text);
	kernel.text = malloc(strlen(text) + 1);
	if (kernel.text == NULL)
		return ENOMEM;
	strcpy(kernel.text, text);
	if (preload_settings_parse(&kernel.settings, kernel.text, why,
	    sizeof(why)) != 0) {
		complain("%s: %s", PRELOAD_VARIABLE, why);
		return ENXIO;
	}
	if (kernel.settings.guest == NULL)
		return 0;
	if (guest_file_load(kernel.settings.guest, &kernel.guests, why,
	    sizeof(why)) == 0)
		return 0;
	complain("%s", why);
	return ENXIO;
}

/*
 * The process may end in a signal handler that has interrupted malloc(3): a
 * report is made in memory that is there, by a stream that is.
 */
static bool
report_open(void)
{
	static char buffer[4096];

	if (kernel.out != NULL)
		return true;
	kernel.out = fmemopen(kernel.report, sizeof(kernel.report), "w");
	if (kernel.out != NULL)
		(void)setvbuf(kernel.out, buffer, _IOFBF, sizeof(buffer));
	return kernel.out != NULL;
}

static int
kernel_make(void)
{
	static const struct sim_observer observer = { .ioctl = ioctl_done };
	const struct preload_settings *settings = &kernel.settings;
	const struct session_config watch = {
		.model_unseen = true,
		.trace = settings->trace ? trace : NULL,
	};
	struct sim_config config = {
		.engine = settings->engine,
		.backend = settings->backend,
		.abi = settings->abi,
		.policy = &settings->policy,
		.quirks_off = settings->quirks_off,
		.preempt_seed = settings->preempt,
		.signalled = kernel.host->signalled,
		.interrupting = kernel.host->interrupting,
		.observer = &observer,
	};
	int error;

	error = session_create(&watch, &kernel.session);
	if (error)
		return error;
	config.observer_arg = kernel.session;
	error = sim_create(&config, &kernel.sim);
	if (error) {
		session_destroy(kernel.session);
		kernel.session = NULL;
	}
	return error;
}

static int
start(const char *settings, const struct preload_host *host)
{
	int error;

	kernel.host = host;
	if (!report_open())
		return ENOMEM;
	error = settings_read(settings);
	if (error == 0)
		error = kernel_make();
	if (error)
		return error;
	host->attach(kernel.sim, &session_call_observer, kernel.session);
	return 0;
}

/* What was shared with the parent is left as it is: its threads are gone. */
static void
forget(void)
{
	preload_memory_forget();
	kernel.text = NULL;
	kernel.sim = NULL;
	kernel.session = NULL;
	kernel.guests = NULL;
	kernel.abi = NULL;
	atomic_flag_clear(&kernel.reported);
}

/* --- end --- */

static bool
report_make(const struct summary *summary, size_t *size)
{
	json_malloc_t other_malloc;
	json_free_t other_free;
	bool complete = true;
	long length;

	rewind(kernel.out);
	if (kernel.settings.json) {
		json_get_alloc_funcs(&other_malloc, &other_free);
		json_set_alloc_funcs(malloc, free);
		complete = summary_json(kernel.out, summary);
		json_set_alloc_funcs(other_malloc, other_free);
	} else
		summary_text(kernel.out, summary);
	complete = complete && fflush(kernel.out) == 0;
	length = ftell(kernel.out);
	*size = length > 0 ? (size_t)length : 0;
	return complete;
}

/* Other processes than the first have files of their own. */
static void
report_save(size_t size, bool complete)
{
	const char *output = kernel.settings.output;
	char path[PATH_MAX];
	int fd;

	if (getpid() == kernel.settings.pid)
		snprintf(path, sizeof(path), "%s", output);
	else
		snprintf(path, sizeof(path), "%s.%d", output, getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd == -1) {
		complain("--output %s: %s", path, strerror(errno));
		return;
	}
	if (!kernel.host->write(fd, kernel.report, size) || !complete)
		complain("--output %s: the report is not complete", path);
	close(fd);
}

static void
finish(void)
{
	char program[PATH_MAX] = "(unknown)", quirks[256];
	struct summary summary = {
		.program = program,
		.pid = getpid(),
		.quirks = quirks,
		.preempt = kernel.settings.preempt,
	};
	size_t size;
	bool complete;
	ssize_t n;

	if (kernel.sim == NULL || kernel.settings.quiet ||
	    atomic_flag_test_and_set(&kernel.reported))
		return;
	n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	if (n > 0)
		program[n] = '\0';
	sim_quirks_format(kernel.settings.quirks_off, quirks, sizeof(quirks));
	summary.cpu = kernel.settings.backend->name;
	summary.engine = kernel.settings.engine->name;
	summary.policy = kernel.settings.policy.name;
	summary.abi = kernel.abi != NULL ? kernel.abi->name : "auto";
	session_counts(kernel.session, kernel.sim,
	    kernel.host->foreign_ioctls(), &summary.counts);
	complete = report_make(&summary, &size);
	/* Nobody got a descriptor: there is nothing to tell. */
	if (summary.counts.kernel.other[SIM_OTHER_OPEN] == 0)
		return;
	if (kernel.settings.output != NULL)
		report_save(size, complete);
	else
		print(kernel.report, size);
}

const struct preload_kernel PRELOAD_KERNEL_SYMBOL = {
	.open = sim_open,
	.close = sim_close,
	.ioctl = sim_ioctl,
	.mmap = sim_mmap,
	.munmap = sim_munmap,
	.replaced = sim_replaced,
	.start = start,
	.forget = forget,
	.finish = finish,
};
