/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is behind our definitions, where the dynamic loader finds it.
 */
#include "transport/next.h"

#include <dlfcn.h>

void *
transport_next(_Atomic(void *) *cache, const char *name)
{
	void *address = atomic_load_explicit(cache, memory_order_relaxed);

	if (address == NULL) {
		address = dlsym(RTLD_NEXT, name);
		atomic_store_explicit(cache, address, memory_order_relaxed);
	}
	return address;
}
