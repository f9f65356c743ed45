/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs: creation with their comm page, configuration and run.
 * The state they keep in the comm page is state.c's.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"

int
libnvmm_vcpu_none(const struct nvmm_machine *mach)
{
	errno = mach->pages == NULL ? EINVAL : ENOENT;
	return -1;
}

/* A stale one: its number has become another VCPU's since. */
int
libnvmm_vcpu_check(const struct nvmm_machine *mach,
    const struct nvmm_vcpu *vcpu)
{
	if (LIBNVMM_COMM(mach, vcpu) == NULL || vcpu->exit == NULL)
		return libnvmm_vcpu_none(mach);
	return 0;
}

int
nvmm_vcpu_create(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu)
{
	struct libnvmm_machine *priv = mach->areas;
	struct nvmm_comm_page *comm;

	if (priv == NULL)
		return libnvmm_vcpu_none(mach);
	comm = libnvmm_comm_create(mach->machid, cpuid);
	if (comm == NULL)
		return -1;
	/* The driver accepted cpuid, so it is below max_vcpus. */
	mach->pages[cpuid] = comm;

	memset(vcpu, 0, sizeof(*vcpu));
	vcpu->cpuid = cpuid;
	vcpu->state = &comm->state;
	vcpu->event = &comm->event;
	vcpu->exit = &priv->exits[cpuid];
	libnvmm_vcpu_extend(vcpu, comm);
	memset(vcpu->exit, 0, sizeof(*vcpu->exit));
	return 0;
}

int
nvmm_vcpu_destroy(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_destroy args = {
		.machid = mach->machid,
		.cpuid = vcpu->cpuid,
	};

	if (libnvmm_ioctl(NVMM_IOC_VCPU_DESTROY, &args) == -1)
		return -1;
	if (LIBNVMM_COMM(mach, vcpu) != NULL) {
		libnvmm_comm_unmap(mach->pages[vcpu->cpuid]);
		mach->pages[vcpu->cpuid] = NULL;
	}
	vcpu->state = NULL;
	vcpu->event = NULL;
	vcpu->exit = NULL;
	libnvmm_vcpu_extend(vcpu, NULL);
	return 0;
}

int
nvmm_vcpu_configure(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu,
    uint64_t op, void *conf)
{
	struct nvmm_ioc_vcpu_configure args;

	if (op == NVMM_VCPU_CONF_CALLBACKS) {
		if (libnvmm_vcpu_check(mach, vcpu) == -1)
			return -1;
		memcpy(&vcpu->cbs, conf, sizeof(vcpu->cbs));
		return 0;
	}
	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.cpuid = vcpu->cpuid;
	args.op = op;
	args.conf = conf;
	return libnvmm_ioctl(NVMM_IOC_VCPU_CONFIGURE, &args);
}

int
nvmm_vcpu_run(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct nvmm_ioc_vcpu_run args;

	if (libnvmm_vcpu_check(mach, vcpu) == -1)
		return -1;
	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.cpuid = vcpu->cpuid;
	if (libnvmm_ioctl(NVMM_IOC_VCPU_RUN, &args) == -1)
		return -1;	/* vcpu->exit keeps the previous exit */
	*vcpu->exit = args.exit;
	return 0;
}
