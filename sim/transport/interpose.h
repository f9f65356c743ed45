/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prototypes of names of the C library that its headers do not declare.
 */
#ifndef SIM_TRANSPORT_INTERPOSE_H
#define SIM_TRANSPORT_INTERPOSE_H

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int dirfd, const char *path, int flags);
int __openat64_2(int dirfd, const char *path, int flags);
int __ioctl_time64(int fd, unsigned long command, ...);
int __fcntl_time64(int fd, int command, ...);

#endif /* SIM_TRANSPORT_INTERPOSE_H */
