/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is behind our definitions in a program that links the transport in:
 * its linker, told to --wrap a name, calls the original __real_NAME.
 */
#include <string.h>

#include "transport/next.h"

#define REAL(name)	void __real_##name(void)

REAL(open);
REAL(openat);
REAL(close);
REAL(close_range);
REAL(dup);
REAL(dup2);
REAL(dup3);
REAL(fcntl);
REAL(ioctl);
REAL(mmap);
REAL(munmap);
REAL(mremap);
REAL(sigaction);
REAL(_exit);

#define ROW(name)	{ #name, __real_##name }

static const struct {
	const char *name;
	void (*real)(void);
} rows[] = {
	ROW(open), ROW(openat), ROW(close), ROW(close_range), ROW(dup),
	ROW(dup2), ROW(dup3), ROW(fcntl), ROW(ioctl), ROW(mmap),
	ROW(munmap), ROW(mremap), ROW(sigaction), ROW(_exit),
};

void *
transport_next(_Atomic(void *) *cache, const char *name)
{
	void *address = atomic_load_explicit(cache, memory_order_relaxed);
	unsigned i;

	for (i = 0; address == NULL && i < sizeof(rows) / sizeof(rows[0]);
	    i++) {
		if (strcmp(rows[i].name, name) == 0)
			memcpy(&address, &rows[i].real, sizeof(address));
	}
	atomic_store_explicit(cache, address, memory_order_relaxed);
	return address;
}
