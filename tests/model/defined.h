/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Under memcheck: memory whose content is meant as it is, although nobody
 * has said so.
 */
#ifndef TESTS_MODEL_DEFINED_H
#define TESTS_MODEL_DEFINED_H

#include <stddef.h>

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

static inline void
defined_make(void *address, size_t size)
{
#ifdef VALGRIND_MAKE_MEM_DEFINED
	(void)VALGRIND_MAKE_MEM_DEFINED(address, size);
#else
	(void)address;
	(void)size;
#endif
}

#endif /* TESTS_MODEL_DEFINED_H */
