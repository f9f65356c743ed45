/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm's functions in a program that links both it and the transport in.
 */
#include <errno.h>

#include "transport/functions.h"

#define REAL(name)	void __real_nvmm_##name(void)

REAL(assist_io);
REAL(assist_mem);
REAL(capability);
REAL(ctl);
REAL(gpa_map);
REAL(gpa_to_hva);
REAL(gpa_unmap);
REAL(gva_to_gpa);
REAL(hva_map);
REAL(hva_unmap);
REAL(init);
REAL(machine_configure);
REAL(machine_create);
REAL(machine_destroy);
REAL(root_init);
REAL(vcpu_configure);
REAL(vcpu_create);
REAL(vcpu_destroy);
REAL(vcpu_dump);
REAL(vcpu_getstate);
REAL(vcpu_inject);
REAL(vcpu_run);
REAL(vcpu_setstate);
REAL(vcpu_stop) __attribute__((__weak__));	/* v2's only */

#define ROW(index, name)	[SIM_CALL_##index] = __real_nvmm_##name

_Atomic(transport_function *) transport_functions[SIM_NCALL] = {
	ROW(ASSIST_IO, assist_io), ROW(ASSIST_MEM, assist_mem),
	ROW(CAPABILITY, capability), ROW(CTL, ctl), ROW(GPA_MAP, gpa_map),
	ROW(GPA_TO_HVA, gpa_to_hva), ROW(GPA_UNMAP, gpa_unmap),
	ROW(GVA_TO_GPA, gva_to_gpa), ROW(HVA_MAP, hva_map),
	ROW(HVA_UNMAP, hva_unmap), ROW(INIT, init),
	ROW(MACHINE_CONFIGURE, machine_configure),
	ROW(MACHINE_CREATE, machine_create),
	ROW(MACHINE_DESTROY, machine_destroy), ROW(ROOT_INIT, root_init),
	ROW(VCPU_CONFIGURE, vcpu_configure), ROW(VCPU_CREATE, vcpu_create),
	ROW(VCPU_DESTROY, vcpu_destroy), ROW(VCPU_DUMP, vcpu_dump),
	ROW(VCPU_GETSTATE, vcpu_getstate), ROW(VCPU_INJECT, vcpu_inject),
	ROW(VCPU_RUN, vcpu_run), ROW(VCPU_SETSTATE, vcpu_setstate),
	ROW(VCPU_STOP, vcpu_stop),
};

static int
absent_function(void)
{
	errno = ENOSYS;
	return -1;
}

transport_function *
transport_function_find(enum sim_call_index call, const void *caller)
{
	(void)call;
	(void)caller;
	return (transport_function *)absent_function;
}
