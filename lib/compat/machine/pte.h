/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entry of a page table (Intel SDM vol. 3, 4.5), under NetBSD's names;
 * machine/pmap.h has DragonFly's.
 */
#ifndef _COMPAT_MACHINE_PTE_H_
#define _COMPAT_MACHINE_PTE_H_

#include <stdint.h>

typedef uint64_t pt_entry_t;

#ifndef __DragonFly__
#define PTE_P	UINT64_C(1)	/* present */
#define PTE_W	UINT64_C(2)	/* writable */
#endif

#endif /* _COMPAT_MACHINE_PTE_H_ */
