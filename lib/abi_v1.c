/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only ABI generation v1 has: NetBSD 9, without a stop word.
 */
#include <errno.h>

#include "internal.h"

const int libnvmm_abi_mismatch = EPROGMISMATCH;

void
libnvmm_vcpu_extend(struct nvmm_vcpu *vcpu, struct nvmm_comm_page *comm)
{
	(void)vcpu;
	(void)comm;
}
