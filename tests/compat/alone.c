/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one header has to bring without another's help.
 */
#include <sys/ioctl.h>
#include <sys/param.h>

#include <errno.h>

#if defined(__NetBSD__) || defined(__DragonFly__)
_Static_assert(_IOR('N', 0, int) == 0x40044e00, "<sys/ioctl.h>: BSD's _IOR");
_Static_assert(PAGE_SIZE == 4096, "<sys/param.h>: PAGE_SIZE");
#else
_Static_assert(_IOR('N', 0, int) == 0x80044e00, "<sys/ioctl.h>: Linux's _IOR");
#if defined(PAGE_SIZE) || defined(__BIT)
#error "a macro of the flavours without one"
#endif
#endif

_Static_assert(EPROGMISMATCH == 75, "<errno.h>: EPROGMISMATCH");

int
main(void)
{
	return 0;
}
