/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits of RFLAGS (Intel SDM vol. 1, 3.4.3), under BSD's names.
 */
#ifndef _COMPAT_MACHINE_PSL_H_
#define _COMPAT_MACHINE_PSL_H_

#define PSL_C	0x00000001	/* carry */
#define PSL_PF	0x00000004	/* parity */
#define PSL_AF	0x00000010	/* carry of four bits */
#define PSL_Z	0x00000040	/* zero */
#define PSL_N	0x00000080	/* negative */
#define PSL_T	0x00000100	/* single step */
#define PSL_I	0x00000200	/* interrupts enabled */
#define PSL_D	0x00000400	/* strings go downwards */
#define PSL_V	0x00000800	/* overflow */

/* What is always set. */
#ifdef __DragonFly__
#define PSL_RESERVED_DEFAULT	0x00000002
#else
#define PSL_MBO			0x00000002
#endif

#endif /* _COMPAT_MACHINE_PSL_H_ */
