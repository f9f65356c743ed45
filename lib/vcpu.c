/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs: creation with their comm page, configuration and run.
 * The state they keep in the comm page is state.c's.
 */
#include <string.h>

#include "internal.h"

int
nvmm_vcpu_create(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu)
{
	struct libnvmm_machine *priv = mach->areas;
	struct nvmm_comm_page *comm;

	/* On a destroyed machine the driver refuses, before areas is used. */
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
	libnvmm_comm_unmap(mach->pages[vcpu->cpuid]);
	mach->pages[vcpu->cpuid] = NULL;
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

	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.cpuid = vcpu->cpuid;
	if (libnvmm_ioctl(NVMM_IOC_VCPU_RUN, &args) == -1)
		return -1;	/* vcpu->exit keeps the previous exit */
	*vcpu->exit = args.exit;
	return 0;
}
