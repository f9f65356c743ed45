/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bit macros, bits(3) of NetBSD.  NetBSD has them in sys/cdefs.h,
 * DragonFly here.
 */
#ifndef _COMPAT_SYS_BITOPS_H_
#define _COMPAT_SYS_BITOPS_H_

#include <dev/nvmm/nvmm_bsd.h>

#endif /* _COMPAT_SYS_BITOPS_H_ */
