/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which generation of the interface the headers speak.  A program chooses
 * with -DNVMM_ABI=n; what differs is listed in libnvmm(3).
 *	1	NetBSD 9
 *	2	NetBSD 10 and 11; the default
 *	3	DragonFly BSD 6.2 and later, and ports of it; the default for
 *		who compiles as DragonFly or includes <dev/virtual/nvmm/...>
 */
#ifndef _NVMM_ABI_H_
#define _NVMM_ABI_H_

#ifndef NVMM_ABI
#ifdef __DragonFly__
#define NVMM_ABI	3
#else
#define NVMM_ABI	2
#endif
#endif

#if NVMM_ABI != 1 && NVMM_ABI != 2 && NVMM_ABI != 3
#error "NVMM_ABI must be 1 (NetBSD 9), 2 (NetBSD 10, 11) or 3 (DragonFly BSD)"
#endif

#endif /* _NVMM_ABI_H_ */
