/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sys/queue.h with the loops that let their element go, which glibc lacks
 * and libbsd has under NetBSD's name only.
 */
#pragma GCC system_header

#include_next <sys/queue.h>

#if defined(__NetBSD__) || defined(__DragonFly__)
#ifndef LIST_FOREACH_SAFE
#define LIST_FOREACH_SAFE(var, head, field, next)			\
	for ((var) = LIST_FIRST(head);					\
	    (var) != NULL && ((next) = LIST_NEXT(var, field), 1);	\
	    (var) = (next))
#endif
#if defined(__DragonFly__) && !defined(LIST_FOREACH_MUTABLE)
#define LIST_FOREACH_MUTABLE(var, head, field, next)			\
	LIST_FOREACH_SAFE(var, head, field, next)
#endif
#endif
