/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines.  The library keeps per machine the comm pages it has mapped and
 * the guest memory it was told about.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

struct libnvmm_machine *
libnvmm_machine_alloc(uint32_t max_vcpus)
{
	struct libnvmm_machine *priv;
	size_t size = sizeof(*priv) + max_vcpus * sizeof(priv->exits[0]);
	int error;

	_Static_assert(sizeof(priv->exits[0]) % LIBNVMM_LINE == 0, "lines");
	priv = aligned_alloc(LIBNVMM_LINE, size);
	if (priv == NULL)
		return NULL;
	memset(priv, 0, size);
	error = pthread_rwlock_init(&priv->lock, NULL);
	if (error) {
		free(priv);
		errno = error;
		return NULL;
	}
	return priv;
}

void
libnvmm_machine_free(struct libnvmm_machine *priv)
{
	if (priv == NULL)
		return;
	pthread_rwlock_destroy(&priv->lock);
	free(priv->areas);
	free(priv);
}

int
nvmm_machine_create(struct nvmm_machine *mach)
{
	struct nvmm_ioc_machine_create args;
	uint32_t max_vcpus = libnvmm_device.cap.max_vcpus;
	struct nvmm_comm_page **pages = NULL;
	struct libnvmm_machine *priv = NULL;
	int error;

	/* Before nvmm_init() the ioctl fails with EBADF, as it should. */
	pages = calloc(max_vcpus + 1, sizeof(*pages));
	if (pages == NULL)
		return -1;
	priv = libnvmm_machine_alloc(max_vcpus);
	if (priv == NULL)
		goto out;

	memset(&args, 0, sizeof(args));
	if (libnvmm_ioctl(NVMM_IOC_MACHINE_CREATE, &args) == -1)
		goto out;

	mach->machid = args.machid;
	mach->pages = pages;
	mach->areas = priv;
	return 0;
out:
	error = errno;
	libnvmm_machine_free(priv);
	free(pages);
	errno = error;
	return -1;
}

int
nvmm_machine_destroy(struct nvmm_machine *mach)
{
	struct nvmm_ioc_machine_destroy args = { .machid = mach->machid };
	uint32_t i;

	if (mach->pages == NULL)
		return libnvmm_vcpu_none(mach);
	if (libnvmm_ioctl(NVMM_IOC_MACHINE_DESTROY, &args) == -1)
		return -1;
	for (i = 0; i < libnvmm_device.cap.max_vcpus; i++) {
		if (mach->pages[i] != NULL)
			libnvmm_comm_unmap(mach->pages[i]);
	}
	libnvmm_machine_free(mach->areas);
	free(mach->pages);
	memset(mach, 0, sizeof(*mach));
	mach->machid = UINT32_MAX;	/* no machine: EINVAL from the driver */
	return 0;
}

int
nvmm_machine_configure(struct nvmm_machine *mach, uint64_t op, void *conf)
{
	struct nvmm_ioc_machine_configure args;

	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.op = op;
	args.conf = conf;
	return libnvmm_ioctl(NVMM_IOC_MACHINE_CONFIGURE, &args);
}
