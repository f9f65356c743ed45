/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * errno.h with the error numbers that libnvmm reports and Linux lacks.
 */
#include_next <errno.h>

#ifndef EPROGMISMATCH
#define EPROGMISMATCH	75	/* NetBSD's number; Linux calls it EOVERFLOW */
#endif
