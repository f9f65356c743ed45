/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errno.h with the error number that libnvmm reports and Linux lacks.
 */
#pragma GCC system_header

#include_next <errno.h>

#ifndef EPROGMISMATCH
#define EPROGMISMATCH	75	/* BSD's number; Linux calls it EOVERFLOW */
#endif
