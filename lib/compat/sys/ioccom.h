/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BSD's ioctl encoding: direction in bits 31-29, 13 bits of length from 16,
 * group from 8, number from 0.  Linux has the two direction bits the other
 * way round, so its macros are replaced, not forwarded to: what expands one
 * of Linux's own ioctls after this gets a wrong number.  <nvmm.h> does not
 * need this header.
 */
#pragma GCC system_header

#ifndef _COMPAT_SYS_IOCCOM_H_
#define _COMPAT_SYS_IOCCOM_H_

#include <sys/ioctl.h>

#undef _IOC
#undef _IO
#undef _IOR
#undef _IOW
#undef _IOWR
#undef IOC_VOID
#undef IOC_OUT
#undef IOC_IN
#undef IOC_INOUT

#define IOCPARM_MASK	0x1fffUL
#define IOCPARM_SHIFT	16
#define IOCGROUP_SHIFT	8
#define IOC_VOID	0x20000000UL
#define IOC_OUT		0x40000000UL
#define IOC_IN		0x80000000UL
#define IOC_INOUT	(IOC_IN | IOC_OUT)

#define _IOC(inout, group, num, len)					\
	((inout) | (((len) & IOCPARM_MASK) << IOCPARM_SHIFT) |		\
	((unsigned long)(group) << IOCGROUP_SHIFT) | (num))
#define _IO(g, n)	_IOC(IOC_VOID, (g), (n), 0)
#define _IOR(g, n, t)	_IOC(IOC_OUT, (g), (n), sizeof(t))
#define _IOW(g, n, t)	_IOC(IOC_IN, (g), (n), sizeof(t))
#define _IOWR(g, n, t)	_IOC(IOC_INOUT, (g), (n), sizeof(t))

#endif /* _COMPAT_SYS_IOCCOM_H_ */
