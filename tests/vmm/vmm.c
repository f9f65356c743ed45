/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small machine for small VMMs.
 */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/mman.h>

#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <machine/psl.h>

#include "vmm.h"

static uint8_t *ram;

void
machine_start(struct nvmm_machine *mach, const void *code, size_t size)
{
	struct nvmm_capability cap;

	CALL(nvmm_init());
	CALL(nvmm_capability(&cap));
	if (cap.version != NVMM_KERN_VERSION ||
	    cap.state_size != sizeof(struct nvmm_vcpu_state))
		errx(EXIT_FAILURE, "nvmm_capability: version %u, state %u",
		    cap.version, cap.state_size);
	CALL(nvmm_machine_create(mach));
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_PRIVATE, -1, 0);
	if (ram == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	CALL(nvmm_hva_map(mach, (uintptr_t)ram, RAM_SIZE));
	CALL(nvmm_gpa_map(mach, (uintptr_t)ram, 0, RAM_SIZE,
	    PROT_READ | PROT_WRITE | PROT_EXEC));
	memcpy(ram + CODE_GPA, code, size);
}

void
machine_end(struct nvmm_machine *mach)
{
	CALL(nvmm_gpa_unmap(mach, (uintptr_t)ram, 0, RAM_SIZE));
	CALL(nvmm_hva_unmap(mach, (uintptr_t)ram, RAM_SIZE));
	CALL(nvmm_machine_destroy(mach));
}

void
vcpu_start(struct nvmm_machine *mach, nvmm_cpuid_t cpuid,
    struct nvmm_vcpu *vcpu, const struct nvmm_assist_callbacks *callbacks)
{
	struct nvmm_assist_callbacks cbs;
	struct nvmm_vcpu_state *state;

	CALL(nvmm_vcpu_create(mach, cpuid, vcpu));
	if (callbacks != NULL) {
		cbs = *callbacks;
		CALL(nvmm_vcpu_configure(mach, vcpu,
		    NVMM_VCPU_CONF_CALLBACKS, &cbs));
	}
	CALL(nvmm_vcpu_getstate(mach, vcpu,
	    NVMM_X64_STATE_SEGS | NVMM_X64_STATE_GPRS));
	state = vcpu->state;
	state->segs[NVMM_X64_SEG_CS].selector = 0;
	state->segs[NVMM_X64_SEG_CS].base = 0;
	state->gprs[NVMM_X64_GPR_RIP] = CODE_GPA;
	state->gprs[NVMM_X64_GPR_RBX] = cpuid;
	state->gprs[NVMM_X64_GPR_RFLAGS] = PSL_MBO;
	CALL(nvmm_vcpu_setstate(mach, vcpu,
	    NVMM_X64_STATE_SEGS | NVMM_X64_STATE_GPRS));
}

void
exit_unexpected(const struct nvmm_vcpu *vcpu)
{
	errx(EXIT_FAILURE, "nvmm_vcpu_run: VCPU %u: unexpected exit %#" PRIx64,
	    vcpu->cpuid, vcpu->exit->reason);
}
