/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Selectors of a kernel's own segments, and types of descriptors with the S
 * bit as bit 4 (Intel SDM vol. 3, 3.4.5.1 and 3.5), under BSD's names.
 */
#ifndef _COMPAT_MACHINE_SEGMENTS_H_
#define _COMPAT_MACHINE_SEGMENTS_H_

#define SDT_SYSLDT	2	/* local descriptor table */
#define SDT_MEMRWA	19	/* data, writable, accessed */
#define SDT_MEMERA	27	/* code, readable, accessed */

#ifdef __DragonFly__
#define SDT_SYSBSY	11	/* TSS in use */
#else
#define SDT_SYS386BSY	11	/* TSS in use */

#define GCODE_SEL	1	/* kernel's code */
#define GDATA_SEL	2	/* kernel's data */
#define SEL_KPL		0	/* kernel's privilege level */
#define GSEL(slot, level)	(((slot) << 3) | (level))
#endif

#endif /* _COMPAT_MACHINE_SEGMENTS_H_ */
