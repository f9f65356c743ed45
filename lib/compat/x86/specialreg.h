/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits of the control registers and of EFER (Intel SDM vol. 3, 2.2.1 and
 * 2.5), under BSD's names.
 */
#ifndef _COMPAT_X86_SPECIALREG_H_
#define _COMPAT_X86_SPECIALREG_H_

#define CR0_PE		0x00000001	/* protected mode */
#define CR0_MP		0x00000002	/* WAIT heeds TS */
#define CR0_EM		0x00000004	/* no x87 */
#define CR0_TS		0x00000008	/* task switched */
#define CR0_ET		0x00000010	/* always set */
#define CR0_NE		0x00000020	/* x87 errors are exceptions */
#define CR0_WP		0x00010000	/* rights bind the supervisor, too */
#define CR0_AM		0x00040000	/* alignment checks, with EFLAGS.AC */
#define CR0_NW		0x20000000	/* not write-through */
#define CR0_CD		0x40000000	/* caches disabled */
#define CR0_PG		0x80000000	/* paging */

#define CR4_PSE		0x00000010	/* 4 MB pages */
#define CR4_PAE		0x00000020	/* 64-bit entries */
#define CR4_PGE		0x00000080	/* global pages */
#define CR4_OSFXSR	0x00000200	/* SSE is in use */
#define CR4_OSXMMEXCPT	0x00000400	/* SSE errors are exceptions */

#define EFER_SCE	0x00000001	/* SYSCALL */
#define EFER_LME	0x00000100	/* long mode wanted */
#define EFER_LMA	0x00000400	/* long mode active */
#define EFER_NXE	0x00000800	/* no-execute pages */

#endif /* _COMPAT_X86_SPECIALREG_H_ */
