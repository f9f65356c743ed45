/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sys/param.h, which on a BSD tells the size of a page as well.  roundup()
 * is the C library's.
 */
#pragma GCC system_header

#include_next <sys/param.h>

#if defined(__NetBSD__) || defined(__DragonFly__)
#include <machine/vmparam.h>
#endif
