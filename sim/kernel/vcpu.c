/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual CPUs: their creation, configuration, and the state ioctls.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "kernel/comm.h"
#include "kernel/driver.h"
#include "kernel/event.h"
#include "kernel/kernel.h"

/* Attributes of the reset state's segments (NVMM-FACTS section 6). */
#define DATA_ATTRIB	(3 | SIM_ATTRIB_S | SIM_ATTRIB_P)
#define TABLE_ATTRIB	(2 | SIM_ATTRIB_S | SIM_ATTRIB_P)
#define LDT_ATTRIB	(2 | SIM_ATTRIB_P)
#define TR_ATTRIB	(3 | SIM_ATTRIB_P)
#define RESET_LIMIT	0xFFFFU

static const struct sim_state reset_state = {
	.segs = {
		[SIM_SEG_ES] = { 0, DATA_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_CS] = { 0xF000, DATA_ATTRIB, RESET_LIMIT, 0xFFFF0000 },
		[SIM_SEG_SS] = { 0, DATA_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_DS] = { 0, DATA_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_FS] = { 0, DATA_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_GS] = { 0, DATA_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_GDT] = { 0, TABLE_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_IDT] = { 0, TABLE_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_LDT] = { 0, LDT_ATTRIB, RESET_LIMIT, 0 },
		[SIM_SEG_TR] = { 0, TR_ATTRIB, RESET_LIMIT, 0 },
	},
	.gprs = {
		[SIM_GPR_RDX] = 0x600,
		[SIM_GPR_RIP] = 0xFFF0,
		[SIM_GPR_RFLAGS] = SIM_RFLAGS_MBO,
	},
	.crs = {
		[SIM_CR_CR0] = 0x60000010,
		[SIM_CR_XCR0] = SIM_XCR0_X87,
	},
	.drs = {
		[SIM_DR_DR6] = 0xFFFF0FF0,
		[SIM_DR_DR7] = 0x400,
	},
	.msrs = {
		[SIM_MSR_PAT] = 0x0007040600070406ULL,
	},
	.fpu = {
		[SIM_FPU_CW] = 0x40,
		[SIM_FPU_TW] = 0x55,
		[SIM_FPU_ZERO] = 0x55,
		[SIM_FPU_MXCSR] = 0x80,
		[SIM_FPU_MXCSR + 1] = 0x1F,
	},
};

void
sim_reset_state(struct sim_state *state)
{
	*state = reset_state;
}

/* Without the quirk the reset state's MXCSR survives its empty mask. */
static void
reset_mxcsr(struct sim_vcpu *vcpu)
{
	uint32_t mask = vcpu->sim->backend->model->mxcsr_mask;

	if (vcpu->sim->quirks & SIM_QUIRK_RESET_MXCSR_0)
		return;
	memcpy(&vcpu->state.fpu[SIM_FPU_MXCSR],
	    &reset_state.fpu[SIM_FPU_MXCSR], sizeof(mask));
	memcpy(&vcpu->state.fpu[SIM_FPU_MXCSR_MASK], &mask, sizeof(mask));
}

static int
vcpu_make(struct sim_call *call, struct sim_machine *machine,
    struct sim_slot *slot)
{
	const struct sim_vcpu_arg *arg = call->arg;
	struct sim *sim = call->sim;
	struct sim_vcpu *vcpu;
	int error;

	vcpu = sim_alloc(sim, sizeof(*vcpu));
	if (vcpu == NULL)
		return ENOMEM;
	error = sim->engine->vcpu_create(&vcpu->engine);
	if (error) {
		sim_free(sim, vcpu, sizeof(*vcpu));
		return error;
	}
	vcpu->sim = sim;
	vcpu->machine = machine;
	vcpu->cpuid = arg->cpuid;
	vcpu->abi = call->abi;
	vcpu->preempt_state = sim->preempt_seed + arg->cpuid;
	vcpu->comm = sim_comm_page(machine, arg->cpuid);
	sim_comm_reset(vcpu, &reset_state);
	reset_mxcsr(vcpu);
	/* Under this lock, too, for those who count. */
	pthread_mutex_lock(&sim->stats_lock);
	slot->vcpu = vcpu;
	atomic_fetch_add(&machine->nvcpus, 1);
	pthread_mutex_unlock(&sim->stats_lock);
	atomic_store(&slot->host_reason, 0);
	return 0;
}

/* v3's page comes with the VCPU: no page, no VCPU. */
static int
vcpu_map(struct sim_call *call, struct sim_slot *slot)
{
	struct sim_vcpu_create_arg *arg = call->arg;
	void *addr;
	int error;

	error = sim_view_map(slot->vcpu->machine, arg->cpuid, NULL,
	    PROT_READ | PROT_WRITE, 0, &addr);
	if (error)
		return error;
	arg->comm = (uintptr_t)addr;
	return 0;
}

int
sim_do_vcpu_create(struct sim_call *call)
{
	const struct sim_vcpu_arg *arg = call->arg;
	struct sim_machine *machine;
	struct sim_slot *slot;
	int error;

	error = sim_slot_get(call->file, arg->machid, arg->cpuid, &slot);
	if (error)
		return error;
	machine = &call->sim->machines[arg->machid];
	error = EBUSY;
	if (slot->vcpu == NULL)
		error = vcpu_make(call, machine, slot);
	if (error == 0 && call->abi->comm_by_create) {
		error = vcpu_map(call, slot);
		if (error)
			sim_vcpu_clear(call->sim, slot);
	}
	sim_slot_put(slot);
	return error;
}

/* The VCPU stays, as after a failing mmap in v1 and v2. */
void
sim_vcpu_create_lost(struct sim_call *call)
{
	const struct sim_vcpu_create_arg *arg = call->arg;

	if (call->abi->comm_by_create)
		(void)sim_munmap(call->sim, (void *)(uintptr_t)arg->comm,
		    SIM_COMM_PAGE_SIZE);
}

void
sim_vcpu_clear(struct sim *sim, struct sim_slot *slot)
{
	struct sim_vcpu *vcpu = slot->vcpu;

	pthread_mutex_lock(&sim->stats_lock);
	slot->vcpu = NULL;
	sim_stats_add(&sim->stats, &vcpu->stats);
	atomic_fetch_sub(&vcpu->machine->nvcpus, 1);
	pthread_mutex_unlock(&sim->stats_lock);
	sim->engine->vcpu_destroy(vcpu->engine);
	sim_free(sim, vcpu, sizeof(*vcpu));
}

int
sim_do_vcpu_destroy(struct sim_call *call)
{
	const struct sim_vcpu_arg *arg = call->arg;
	struct sim_slot *slot;
	int error;

	error = sim_vcpu_get(call->file, arg->machid, arg->cpuid, &slot);
	if (error)
		return error;
	sim_vcpu_clear(call->sim, slot);
	sim_slot_put(slot);
	return 0;
}

int
sim_do_vcpu_setstate(struct sim_call *call)
{
	sim_comm_install(call->slot->vcpu);
	return 0;
}

int
sim_do_vcpu_getstate(struct sim_call *call)
{
	sim_comm_fetch(call->slot->vcpu);
	return 0;
}

int
sim_do_vcpu_inject(struct sim_call *call)
{
	return sim_event_inject(call->slot->vcpu);
}
