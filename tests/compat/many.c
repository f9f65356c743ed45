/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A large Linux program that knows NVMM among many other things: hundreds of
 * system headers before or after <nvmm.h>, no flavour.  What such a VMM takes
 * from a BSD is there, and what is Linux's is as it was.
 */
#include "before.h"

#include <nvmm.h>

#include "after.h"

_Static_assert(EPROGMISMATCH == 75, "EPROGMISMATCH");
_Static_assert(__BIT(63) == 0x8000000000000000UL, "__BIT");
_Static_assert(__BITS(8, 15) == 0xff00, "__BITS");
_Static_assert(__SHIFTIN(3, __BITS(8, 15)) == 0x300, "__SHIFTIN");
_Static_assert(__SHIFTOUT(0x12345678, __BITS(8, 15)) == 0x56, "__SHIFTOUT");
_Static_assert(NVMM_IOC_VCPU_RUN == 0xc0484e0aUL, "VCPU_RUN");
_Static_assert(NVMM_IOC_CAPABILITY == 0x40684e00UL, "CAPABILITY");

/* Linux's encoding for Linux's ioctls. */
_Static_assert(TUNSETIFF == 0x400454ca, "TUNSETIFF");
_Static_assert(TUNGETIFF == 0x800454d2, "TUNGETIFF");
_Static_assert(KVM_SET_USER_MEMORY_REGION == 0x4020ae46, "KVM");

/* Names that are a program's own unless it is a BSD's. */
#if defined(__unused) || defined(__unreachable) || defined(CTASSERT) || \
    defined(__predict_true) || defined(PSL_C) || defined(PTE_P) || \
    defined(IOCPARM_MASK)
#error "<nvmm.h> defines what is not its business"
#endif

int
main(void)
{
	return 0;
}
