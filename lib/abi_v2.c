/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only ABI generation v2 has: NetBSD 10 and 11, with a stop word.
 */
#include <errno.h>
#include <stddef.h>

#include "internal.h"

const int libnvmm_abi_mismatch = EPROGMISMATCH;

void
libnvmm_vcpu_extend(struct nvmm_vcpu *vcpu, struct nvmm_comm_page *comm)
{
	vcpu->stop = comm == NULL ? NULL : &comm->stop;
}

int
nvmm_vcpu_stop(struct nvmm_vcpu *vcpu)
{
	if (vcpu->stop == NULL) {
		errno = ENOENT;
		return -1;
	}
	/* The driver reads the word while it runs the VCPU. */
	__atomic_store_n(vcpu->stop, 1, __ATOMIC_RELAXED);
	return 0;
}
