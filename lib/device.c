/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device: opening it, its capability, and every ioctl's way to it.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#define NVMM_DEVICE	"/dev/nvmm"

struct libnvmm_device libnvmm_device = { .fd = -1 };

int
libnvmm_ioctl(unsigned long request, void *arg)
{
	return ioctl(libnvmm_device.fd, request, arg);
}

static int
capability_get(int fd, struct nvmm_capability *cap)
{
	struct nvmm_ioc_capability args;

	memset(&args, 0, sizeof(args));
	if (ioctl(fd, NVMM_IOC_CAPABILITY, &args) == -1)
		return -1;
	*cap = args.cap;
	return 0;
}

/* A second call keeps the first descriptor, whichever function made it. */
static int
device_open(int access_mode)
{
	struct nvmm_capability cap;
	int fd, error;

	if (libnvmm_device.fd != -1)
		return 0;
	fd = open(NVMM_DEVICE, access_mode | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (capability_get(fd, &cap) == -1) {
		error = errno;
		goto out;
	}
	error = libnvmm_abi_mismatch;
	if (cap.version != NVMM_KERN_VERSION ||
	    cap.state_size != sizeof(struct nvmm_vcpu_state))
		goto out;

	libnvmm_device.cap = cap;
	libnvmm_device.fd = fd;
	return 0;
out:
	close(fd);
	errno = error;
	return -1;
}

int
nvmm_init(void)
{
	return device_open(O_RDONLY);
}

int
nvmm_root_init(void)
{
	return device_open(O_WRONLY);
}

int
nvmm_capability(struct nvmm_capability *cap)
{
	return capability_get(libnvmm_device.fd, cap);
}

int
nvmm_ctl(int op, void *data, size_t size)
{
	struct nvmm_ioc_ctl args;

	memset(&args, 0, sizeof(args));
	args.op = op;
	args.data = data;
	args.size = size;
	return libnvmm_ioctl(NVMM_IOC_CTL, &args);
}
