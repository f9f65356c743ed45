/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C library's functions behind those that we define, by name.
 */
#ifndef SIM_TRANSPORT_NEXT_H
#define SIM_TRANSPORT_NEXT_H

#include <sys/types.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/*
 * The definition behind ours, kept in *cache.  Looked up at first use, by
 * whoever comes first: finding the same address twice does no harm.
 */
void *transport_next(_Atomic(void *) *cache, const char *name);

/* next_NAME(): the function called NAME behind ours, of the given type. */
#define TRANSPORT_NEXT(name, result, ...)				\
static inline result							\
(*next_##name(void))(__VA_ARGS__)					\
{									\
	static _Atomic(void *) cache;					\
									\
	return (result (*)(__VA_ARGS__))transport_next(&cache, #name);	\
}

TRANSPORT_NEXT(open, int, const char *, int, ...)
TRANSPORT_NEXT(openat, int, int, const char *, int, ...)
TRANSPORT_NEXT(close, int, int)
TRANSPORT_NEXT(close_range, int, unsigned, unsigned, int)
TRANSPORT_NEXT(dup, int, int)
TRANSPORT_NEXT(dup2, int, int, int)
TRANSPORT_NEXT(dup3, int, int, int, int)
TRANSPORT_NEXT(fcntl, int, int, int, ...)
TRANSPORT_NEXT(ioctl, int, int, unsigned long, ...)
TRANSPORT_NEXT(mmap, void *, void *, size_t, int, int, int, off_t)
TRANSPORT_NEXT(munmap, int, void *, size_t)
TRANSPORT_NEXT(mremap, void *, void *, size_t, size_t, int, ...)
TRANSPORT_NEXT(sigaction, int, int, const struct sigaction *,
    struct sigaction *)
TRANSPORT_NEXT(_exit, void, int)

#endif /* SIM_TRANSPORT_NEXT_H */
