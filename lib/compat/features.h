/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * features.h, which every header of the C library includes first: a BSD shows
 * u_int, MAP_ANON, O_CLOEXEC and asprintf(3) whatever -std= says, and so does
 * Linux to who compiles as a BSD.  Not _GNU_SOURCE: it changes strerror_r(3).
 */
#pragma GCC system_header

#if defined(__NetBSD__) || defined(__DragonFly__)
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE	1
#endif
#ifndef __STDC_WANT_LIB_EXT2__
#define __STDC_WANT_LIB_EXT2__	1
#endif
#endif

#include_next <features.h>
