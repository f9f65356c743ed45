/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What VMMs written for NVMM take from a BSD's headers without a word, and
 * Linux lacks: the bit macros (bits(3) of NetBSD) and EPROGMISMATCH.  No name
 * here is one that headers included later use for something else.
 */
#ifndef _NVMM_BSD_H_
#define _NVMM_BSD_H_

#ifdef __linux__

#include <sys/cdefs.h>
#include <errno.h>

#ifndef EPROGMISMATCH
#define EPROGMISMATCH	75	/* Linux calls it EOVERFLOW */
#endif

/*
 * Bit n; bits m to n, in either order.  Constants of type uintmax_t for
 * constant arguments, 64 bits wide in all of them: DragonFly, which has a
 * pair of macros for 64 bits, may have a narrower __BIT.
 */
#ifndef __BIT
#define __BIT(n)							\
	((n) >= 64 ? (__UINTMAX_TYPE__)0 : (__UINTMAX_TYPE__)1 << ((n) & 63))
#endif
#ifndef __BITS
#define __BITS(m, n)							\
	((__BIT(((m) > (n) ? (m) : (n)) + 1) - 1) &			\
	~(__BIT((m) > (n) ? (n) : (m)) - 1))
#endif
#ifndef __BIT64
#define __BIT64(n)	__BIT(n)
#endif
#ifndef __BITS64
#define __BITS64(m, n)	__BITS(m, n)
#endif

/* A value shifted into the field that mask marks, and out of it. */
#ifndef __LOWEST_SET_BIT
#define __LOWEST_SET_BIT(mask)	((((mask) - 1) & (mask)) ^ (mask))
#endif
#ifndef __SHIFTIN
#define __SHIFTIN(value, mask)	((value) * __LOWEST_SET_BIT(mask))
#endif
#ifndef __SHIFTOUT
#define __SHIFTOUT(value, mask)						\
	(((value) & (mask)) / __LOWEST_SET_BIT(mask))
#endif
#ifndef __SHIFTOUT_MASK
#define __SHIFTOUT_MASK(mask)	__SHIFTOUT((mask), (mask))
#endif

#endif /* __linux__ */

#endif /* _NVMM_BSD_H_ */
