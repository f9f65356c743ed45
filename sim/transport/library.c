/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loading the library under test.
 */
#include "transport/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport/functions.h"
#include "transport/library_file.h"

struct library {
	void *handle;
	transport_function *functions[SIM_NCALL];	/* NULL: it has none */
};

/* What library_load() has loaded. */
static struct library *loaded;

/* The path of the one whose constructors are running. */
static const char *loading;

static int
absent_function(void)
{
	errno = ENOSYS;
	return -1;
}

_Atomic(transport_function *) transport_functions[SIM_NCALL];

static transport_function *
function_in(void *handle, enum sim_call_index call)
{
	void *address = dlsym(handle, sim_calls[call].name);
	transport_function *function;

	/* The only way to make a function of dlsym's answer. */
	memcpy(&function, &address, sizeof(function));
	return function;
}

transport_function *
transport_function_find(enum sim_call_index call, const void *caller)
{
	transport_function *function = NULL;
	void *handle = NULL;

	(void)caller;
	if (loading != NULL)
		handle = dlopen(loading, RTLD_NOW | RTLD_NOLOAD);
	if (handle != NULL) {
		function = function_in(handle, call);
		dlclose(handle);
	}
	/* The compiler takes this type for "any function". */
	return function != NULL ? function :
	    (transport_function *)absent_function;
}

/* The first function that is missing, or NULL. */
static const char *
functions_find(struct library *library)
{
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++) {
		library->functions[i] = function_in(library->handle, i);
		if (library->functions[i] == NULL && !sim_calls[i].optional)
			return sim_calls[i].name;
	}
	return NULL;
}

/* The loader names what is missing, and seldom who misses it. */
static void
explain(const char *path, char *why, size_t size)
{
	static const char lost[] = ": cannot open shared object file";
	const char *text = dlerror(), *end;

	end = strstr(text, lost);
	if (strstr(text, "undefined symbol: ") != NULL)
		snprintf(why, size, "%s: link it with the library that has "
		    "it", text);
	else if (end != NULL && strncmp(text, path, strlen(path)) != 0)
		snprintf(why, size, "%s needs %.*s, which is not found here: "
		    "build it on this system, or put that one's folder into "
		    "LD_LIBRARY_PATH", path, (int)(end - text), text);
	else if (strstr(text, "position-independent executable") != NULL)
		snprintf(why, size, "%s is a program: give the shared library "
		    "that it uses", path);
	else
		snprintf(why, size, "%s", text);
}

static void *
handle_open(const char *path, char *why, size_t size)
{
	void *handle;

	if (library_file_check(path, why, size) != 0)
		return NULL;
	loading = path;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	loading = NULL;
	if (handle == NULL)
		explain(path, why, size);
	return handle;
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
	library->handle = handle_open(path, why, size);
	if (library->handle == NULL) {
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

bool
library_has_name(const char *name)
{
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++) {
		if (strcmp(sim_calls[i].name, name) == 0)
			return library_has(i);
	}
	return false;
}
