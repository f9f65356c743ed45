/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The size of a page, of hosts and guests.
 */
#ifndef _COMPAT_MACHINE_VMPARAM_H_
#define _COMPAT_MACHINE_VMPARAM_H_

#ifndef PAGE_SIZE
#define PAGE_SIZE	4096
#endif

#endif /* _COMPAT_MACHINE_VMPARAM_H_ */
