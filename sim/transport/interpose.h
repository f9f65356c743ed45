/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files share that define functions of the C library, and the
 * prototypes that its headers do not have.
 */
#ifndef SIM_TRANSPORT_INTERPOSE_H
#define SIM_TRANSPORT_INTERPOSE_H

#include <stdarg.h>

/*
 * Whatever the argument is, number, pointer or none, it travels like a
 * pointer: so does the C library pass it on.
 */
#define POINTER_ARGUMENT(last, arg)					\
	do {								\
		va_list ap;						\
									\
		va_start(ap, last);					\
		(arg) = va_arg(ap, void *);				\
		va_end(ap);						\
	} while (0)

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);
int __ioctl_time64(int fd, unsigned long command, ...);
int __fcntl_time64(int fd, int command, ...);

#endif /* SIM_TRANSPORT_INTERPOSE_H */
