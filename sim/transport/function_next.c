/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm's functions in a program that has linked or loaded it itself.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <string.h>

#include "transport/functions.h"
#include "transport/private.h"

_Atomic(transport_function *) transport_functions[SIM_NCALL];

static int
absent_function(void)
{
	errno = ENOSYS;
	return -1;
}

static bool
is_ours(const void *address)
{
	Dl_info info, self;

	return dladdr(address, &info) == 0 ||
	    dladdr((void *)&transport_functions, &self) == 0 ||
	    info.dli_fbase == self.dli_fbase;
}

/*
 * In a library that was loaded for itself, with dlopen(3), the functions are
 * those that its own dependencies have.
 */
static void *
find_for(const void *caller, const char *name)
{
	struct link_map *map = NULL;
	void *handle, *address;
	Dl_info info;

	if (dladdr1(caller, &info, (void **)&map, RTLD_DL_LINKMAP) == 0 ||
	    map == NULL)
		return NULL;
	handle = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
	if (handle == NULL)
		return NULL;
	address = dlsym(handle, name);
	dlclose(handle);
	return address != NULL && !is_ours(address) ? address : NULL;
}

static transport_function *
find_next(enum sim_call_index call)
{
	transport_function *function;
	void *address = dlsym(RTLD_NEXT, sim_calls[call].name);

	/* The only way to make a function of dlsym's answer. */
	memcpy(&function, &address, sizeof(function));
	return function;
}

/* All at once: a handler that makes its first call may not look any up. */
static void
find_all(void)
{
	unsigned i;

	for (i = 0; i < SIM_NCALL; i++)
		atomic_store(&transport_functions[i], find_next(i));
}

transport_function *
transport_function_find(enum sim_call_index call, const void *caller)
{
	transport_function *function;
	void *address;

	transport_enter();
	function = find_next(call);
	if (function != NULL)
		find_all();
	else {
		/* Another caller may mean another one. */
		address = find_for(caller, sim_calls[call].name);
		memcpy(&function, &address, sizeof(function));
	}
	transport_leave();
	return function != NULL ? function :
	    (transport_function *)absent_function;
}
