/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that has libnvmm and the fake kernel linked in: one HLT.
 */
#include <sys/mman.h>
#include <err.h>
#include <stdio.h>

#include <nvmm.h>

int
main(void)
{
	const uint64_t wanted = NVMM_X64_STATE_GPRS | NVMM_X64_STATE_SEGS;
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	unsigned char *ram;

	ram = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ram == MAP_FAILED || nvmm_init() != 0 ||
	    nvmm_machine_create(&mach) != 0 ||
	    nvmm_vcpu_create(&mach, 0, &vcpu) != 0 ||
	    nvmm_hva_map(&mach, (uintptr_t)ram, 4096) != 0 ||
	    nvmm_gpa_map(&mach, (uintptr_t)ram, 0x1000, 4096,
	    PROT_READ | PROT_WRITE | PROT_EXEC) != 0 ||
	    nvmm_vcpu_getstate(&mach, &vcpu, wanted) != 0)
		err(1, "no machine");
	ram[0] = 0xf4;		/* hlt */
	vcpu.state->segs[NVMM_X64_SEG_CS].base = 0x1000;
	vcpu.state->gprs[NVMM_X64_GPR_RIP] = 0;
	if (nvmm_vcpu_setstate(&mach, &vcpu, wanted) != 0 ||
	    nvmm_vcpu_run(&mach, &vcpu) != 0)
		err(1, "no run");
	if (vcpu.exit->reason != NVMM_VCPU_EXIT_HALTED)
		errx(1, "not halted but %#llx",
		    (unsigned long long)vcpu.exit->reason);
	puts("halted");
	return nvmm_machine_destroy(&mach) != 0;
}
