/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sys/cdefs.h with the macros that BSD sources take for granted.  Every
 * header of the C library includes it, so they are everywhere; therefore only
 * for who compiles as a BSD, with -D__NetBSD__ or -D__DragonFly__.  What
 * libbsd or the C library has is theirs.
 */
#pragma GCC system_header

#include_next <sys/cdefs.h>

#if (defined(__NetBSD__) || defined(__DragonFly__)) && \
    !defined(_COMPAT_SYS_CDEFS_H_)
#define _COMPAT_SYS_CDEFS_H_

/* A name of members in Linux's headers: see asm/stat.h here. */
#ifndef __unused
#define __unused	__attribute__((__unused__))
#endif
#ifndef __aligned
#define __aligned(x)	__attribute__((__aligned__(x)))
#endif
#ifndef __dead
#define __dead		__attribute__((__noreturn__))
#endif

#ifndef __predict_true
#define __predict_true(e)	__builtin_expect((e) != 0, 1)
#define __predict_false(e)	__builtin_expect((e) != 0, 0)
#endif
#ifndef __unreachable
#define __unreachable()		__builtin_unreachable()
#endif
#ifndef __arraycount
#define __arraycount(array)	(sizeof(array) / sizeof((array)[0]))
#endif

#ifndef __CTASSERT
#define __CTASSERT(e)	_Static_assert(e, #e)
#endif
#ifndef CTASSERT
#define CTASSERT(e)	__CTASSERT(e)
#endif

#include <sys/bitops.h>

#endif
