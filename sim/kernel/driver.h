/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's entry points, as a transport calls them.  All return 0 or an
 * errno value, from any thread.
 */
#ifndef SIM_KERNEL_DRIVER_H
#define SIM_KERNEL_DRIVER_H

#include <stddef.h>
#include <stdint.h>

struct sim;
struct sim_file;

/*
 * open(2) of the device.  EINVAL: flags lack O_CLOEXEC.  ENOMEM.  The file
 * is an owner of machines; sim_close() it when its last descriptor goes.
 */
int sim_open(struct sim *sim, int flags, struct sim_file **filep);

/*
 * The last close: destroys the machines it owns, after their VCPUs have
 * left VCPU_RUN.  The file stays addressable, for threads that still hold
 * it, until the kernel's end; it gets no machine any more: EBADF.
 */
void sim_close(struct sim_file *file);

/* ioctl(2).  EINVAL, EFAULT, and what NVMM-FACTS lists for each. */
int sim_ioctl(struct sim_file *file, unsigned long command, void *arg);

/*
 * mmap(2) of the device at offset, which names a comm page.  EACCES: prot
 * has PROT_EXEC; EINVAL: length is not one page; the machine's look-up.
 * The caller unmaps *addr with sim_munmap().
 */
int sim_mmap(struct sim_file *file, void *hint, size_t length, int prot,
    int flags, int64_t offset, void **addr);

/*
 * munmap(2), if [addr, addr + length) is a comm page that sim_mmap() gave:
 * 0.  ENOENT: it is none, or a larger range with some in it, and the caller
 * unmaps it himself.
 */
int sim_munmap(struct sim *sim, void *addr, size_t length);

/* Something else lies there now: comm pages that did are no more. */
void sim_replaced(struct sim *sim, const void *addr, size_t length);

#endif /* SIM_KERNEL_DRIVER_H */
