/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading the library under test, and finding out what it shows.
 */
#include "transport/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "transport/functions.h"
#include "transport/transport.h"

struct library {
	void *handle;
	transport_function *functions[SIM_NCALL];	/* NULL: it has none */
};

/* What library_load() has loaded. */
static struct library *loaded;

static int
absent_function(void)
{
	errno = ENOSYS;
	return -1;
}

_Atomic(transport_function *) transport_functions[SIM_NCALL];

transport_function *
transport_function_find(enum sim_call_index call, const void *caller)
{
	(void)call;
	(void)caller;
	/* The compiler takes this type for "any function". */
	return (transport_function *)absent_function;
}

/* The first function that is missing, or NULL. */
static const char *
functions_find(struct library *library)
{
	void *address;
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++) {
		address = dlsym(library->handle, sim_calls[i].name);
		if (address == NULL && !sim_calls[i].optional)
			return sim_calls[i].name;
		/* The only way to make a function of dlsym's answer. */
		memcpy(&library->functions[i], &address, sizeof(address));
	}
	return NULL;
}

struct library *
library_open(const char *path, char *why, size_t size)
{
	struct library *library = malloc(sizeof(*library));
	const char *missing;

	if (library == NULL) {
		snprintf(why, size, "out of memory");
		return NULL;
	}
	library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library->handle == NULL) {
		snprintf(why, size, "%s", dlerror());
		free(library);
		return NULL;
	}
	missing = functions_find(library);
	if (missing == NULL)
		return library;
	snprintf(why, size, "%s: no libnvmm: it has no %s()", path, missing);
	library_close(library);
	return NULL;
}

void
library_use(const struct library *library)
{
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++)
		transport_functions[i] = library != NULL ?
		    library->functions[i] : NULL;
}

void *
library_symbol(const struct library *library, const char *name)
{
	return dlsym(library->handle, name);
}

void
library_close(struct library *library)
{
	if (library == NULL)
		return;
	dlclose(library->handle);
	free(library);
}

int
library_load(const char *path, char *why, size_t size)
{
	library_use(NULL);
	library_close(loaded);
	loaded = library_open(path, why, size);
	if (loaded == NULL)
		return -1;
	library_use(loaded);
	return 0;
}

bool
library_has(enum sim_call_index call)
{
	return transport_functions[call] != NULL;
}

static void
probe_enter(void *arg, void **local, const struct sim_call_event *event)
{
	bool *seen = arg;

	(void)local;
	if (event->depth == 1 && event->call == SIM_CALL_VCPU_GETSTATE)
		*seen = true;
}

static void
probe_leave(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	(void)event;
}

/* By the first ioctl that gives its generation away. */
static void
probe_ioctl(void *arg, const struct sim_ioctl_report *report)
{
	const struct sim_abi *abi = sim_abi_guess(report->command);
	struct library_facts *facts = arg;

	if (facts->abi == NULL && report->error == 0)
		facts->abi = abi;
	if (report->ioctl == SIM_IOCTL_UNKNOWN && abi != NULL)
		facts->mismatch = true;
}

/* A look-up is documented to fetch CRS and MSRs first; false: none made. */
static bool
probe_look_up(void)
{
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	nvmm_prot_t prot;
	gpaddr_t gpa;
	bool looked = false;

	if (nvmm_machine_create(&mach) != 0)
		return false;
	if (nvmm_vcpu_create(&mach, 0, &vcpu) == 0) {
		(void)nvmm_gva_to_gpa(&mach, &vcpu, 0, &gpa, &prot);
		looked = true;
	}
	(void)nvmm_machine_destroy(&mach);
	return looked;
}

void
library_probe(const struct sim_abi *abi, struct library_facts *facts)
{
	static const struct sim_call_observer calls = {
		.enter = probe_enter,
		.leave = probe_leave,
	};
	static const struct sim_observer ioctls = { .ioctl = probe_ioctl };
	const struct sim_config config = {
		.abi = abi,
		.observer = &ioctls,
		.observer_arg = facts,
	};
	struct sim *sim;
	bool looked = false, seen = false;

	*facts = (struct library_facts){ .abi = abi, .inner_visible = true };
	facts->error = sim_create(&config, &sim);
	if (facts->error)
		return;
	transport_attach(sim, &calls, &seen);
	errno = 0;
	if (nvmm_init() == 0)
		looked = probe_look_up();
	else
		facts->error = errno;
	if (facts->error == EPROGMISMATCH || facts->error == ENOSYS)
		facts->mismatch = true;
	transport_detach();
	sim_destroy(sim);
	facts->inner_visible = seen || !looked;
}
