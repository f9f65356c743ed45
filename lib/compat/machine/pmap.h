/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An entry of a page table, under DragonFly's names.
 */
#ifndef _COMPAT_MACHINE_PMAP_H_
#define _COMPAT_MACHINE_PMAP_H_

#include <machine/pte.h>

#ifdef __DragonFly__
#define X86_PG_V	UINT64_C(1)	/* present */
#define X86_PG_RW	UINT64_C(2)	/* writable */
#endif

#endif /* _COMPAT_MACHINE_PMAP_H_ */
