/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sys/ioctl.h, which on a BSD brings the BSD's encoding with it.
 */
#pragma GCC system_header

#include_next <sys/ioctl.h>

#if defined(__NetBSD__) || defined(__DragonFly__)
#include <sys/ioccom.h>
#endif
