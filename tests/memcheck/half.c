/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that sets one register of a component which is not cached: the
 * others are committed too, and nobody has written them.
 */
#include "stage.h"

int
main(int argc, char **argv)
{
	struct stage stage;

	stage_open(&stage, argc, argv);
	stage_run(&stage);
	stage.vcpu.state->gprs[NVMM_X64_GPR_RBX] = 1;
	(void)nvmm_vcpu_setstate(&stage.mach, &stage.vcpu,
	    NVMM_X64_STATE_GPRS);
	(void)nvmm_vcpu_run(&stage.mach, &stage.vcpu);	/* reported */
	stage_close(&stage);
	return 0;
}
