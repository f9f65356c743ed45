/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The settings of a program's kernel: a row each, for the command line that
 * writes them and the library that reads them.
 */
#include "preload/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "observe/choose.h"

static int
set_cpu(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	return choose_backend(value, &settings->backend, why, size);
}

static int
set_abi(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	return choose_abi(value, &settings->abi, why, size);
}

static int
set_engine(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	return choose_engine(value, &settings->engine, why, size);
}

static int
set_policy(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	return choose_policy(value, &settings->policy, why, size);
}

static int
set_quirks(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	return choose_quirks(value, &settings->quirks_off, why, size);
}

/* For who listens: preload_paths() looks for it in the text. */
static int
set_device(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	(void)settings;
	if (strncmp(value, "/dev/", 5) == 0)
		return 0;
	snprintf(why, size, "--device needs a path below /dev/, not '%s'",
	    value);
	return -1;
}

static int
set_guest(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	settings->guest = value;
	if (access(value, R_OK) == 0)
		return 0;
	snprintf(why, size, "--guest %s: %s", value, strerror(errno));
	return -1;
}

static int
set_trace(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	(void)value;
	(void)why;
	(void)size;
	settings->trace = true;
	return 0;
}

static int
set_quiet(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	(void)value;
	(void)why;
	(void)size;
	settings->quiet = true;
	return 0;
}

static int
set_format(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	settings->json = strcmp(value, "json") == 0;
	if (settings->json || strcmp(value, "text") == 0)
		return 0;
	snprintf(why, size, "--format is text or json, not '%s'", value);
	return -1;
}

static int
set_output(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	(void)why;
	(void)size;
	settings->output = value;
	return 0;
}

static int
set_preempt(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	char *end;

	errno = 0;
	settings->preempt = strtoull(value, &end, 10);
	if (errno == 0 && *value >= '0' && *value <= '9' && *end == '\0')
		return 0;
	snprintf(why, size, "--preempt needs a number, not '%s'", value);
	return -1;
}

static int
set_pid(struct preload_settings *settings, const char *value, char *why,
    size_t size)
{
	(void)why;
	(void)size;
	settings->pid = strtoll(value, NULL, 10);
	return 0;
}

const struct preload_setting preload_settings[] = {
	{ "cpu", "svm|vmx", "the back end to simulate (svm)", set_cpu },
	{ "abi", "auto|v1|v2|v3", "the generation of the interface (auto)",
	    set_abi },
	{ "engine", "NAME", "who executes the guest (interp)", set_engine },
	{ "guest", "FILE", "Lua: what the VCPUs do, instead of their code",
	    set_guest },
	{ "policy", "NAME|FILE", "what the kernel caches unasked (netbsd)",
	    set_policy },
	{ "quirks", "LIST", "oddities of real kernels: all, none, or names "
	    "(all)", set_quirks },
	{ "preempt", "SEED", "let the kernel return NONE now and then; 0: "
	    "never (0)", set_preempt },
	{ "device", "PATH", "the device's path; may be given again\n"
	    "(/dev/nvmm and /dev/misc/nvmm)", set_device },
	{ "trace", NULL, "print each call and ioctl to standard error",
	    set_trace },
	{ "format", "FORMAT", "how to report at the end: text or json (text)",
	    set_format },
	{ "output", "FILE", "where to report (standard error)", set_output },
	{ "quiet", NULL, "no report at the end", set_quiet },
	{ "pid", "PID", NULL, set_pid },
};
const unsigned preload_nsettings = sizeof(preload_settings) /
    sizeof(preload_settings[0]);

void
preload_settings_init(struct preload_settings *settings)
{
	memset(settings, 0, sizeof(*settings));
	settings->backend = sim_backends[0];
	settings->engine = &sim_engine_interp;
	settings->policy = sim_policies[0];
}

const struct preload_setting *
preload_setting_find(const char *name, size_t length)
{
	unsigned i;

	for (i = 0; i < preload_nsettings; i++) {
		if (strlen(preload_settings[i].name) == length &&
		    strncmp(preload_settings[i].name, name, length) == 0)
			return &preload_settings[i];
	}
	return NULL;
}

int
preload_settings_parse(struct preload_settings *settings, char *text,
    char *why, size_t size)
{
	const struct preload_setting *setting;
	char *line, *rest = text;
	size_t length;

	preload_settings_init(settings);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '\0')
			continue;
		length = strcspn(line, "=");
		setting = preload_setting_find(line, length);
		if (setting == NULL || line[length] != '=') {
			snprintf(why, size, "'%s' is no setting of this "
			    "version", line);
			return -1;
		}
		if (setting->set(settings, line + length + 1, why,
		    size) != 0)
			return -1;
	}
	return 0;
}
