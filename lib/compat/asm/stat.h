/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux's asm/stat.h, which has members called __unused: for who compiles as a BSD
 * that is a macro, and must not be one while this is read.
 */
#pragma GCC system_header

#pragma push_macro("__unused")
#undef __unused
#include_next <asm/stat.h>
#pragma pop_macro("__unused")
