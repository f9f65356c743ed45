/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names that ld's --wrap makes: what is called, and what it replaces.
 */
#ifndef TESTS_NOMEM_WRAP_H
#define TESTS_NOMEM_WRAP_H

#include <sys/types.h>
#include <pthread.h>
#include <stddef.h>

void *__wrap_malloc(size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
    off_t offset);
void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd,
    off_t offset);
int __wrap_memfd_create(const char *name, unsigned flags);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_ftruncate(int fd, off_t size);
int __real_ftruncate(int fd, off_t size);
int __wrap_fcntl(int fd, int command, ...);
int __real_fcntl(int fd, int command, ...);
int __wrap_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr);
int __real_pthread_rwlock_init(pthread_rwlock_t *lock,
    const pthread_rwlockattr_t *attr);

#endif /* TESTS_NOMEM_WRAP_H */
