/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One small function per kind of stop, in a table.
 */
#include "kernel/exit.h"

void
sim_exit_advance(struct sim_vcpu *vcpu, const struct sim_stop *stop)
{
	vcpu->state.gprs[SIM_GPR_RIP] = stop->npc;
	vcpu->state.gprs[SIM_GPR_RFLAGS] &= ~SIM_RFLAGS_RF;
	vcpu->state.intr &= ~SIM_INTR_SHADOW;
}

static enum sim_exit_index
exit_nothing(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)vcpu;
	(void)stop;
	(void)exit;
	return SIM_EXIT_NONE;
}

static enum sim_exit_index
exit_look(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)vcpu;
	(void)stop;
	(void)exit;
	return SIM_EXIT_LOOK;
}

static enum sim_exit_index
exit_io(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	vcpu->sim->backend->exit_io(stop, exit);
	return SIM_EXIT_IO;
}

static enum sim_exit_index
exit_memory(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	vcpu->sim->backend->exit_memory(stop, exit);
	return SIM_EXIT_MEMORY;
}

/*
 * A halted guest is past its HLT, and STI;HLT is past the shadow.  With
 * interrupts on, the VMM need not wait for a window any more.
 */
static enum sim_exit_index
exit_hlt(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)exit;
	sim_exit_advance(vcpu, stop);
	if (vcpu->state.gprs[SIM_GPR_RFLAGS] & SIM_RFLAGS_IF)
		vcpu->state.intr &= ~SIM_INTR_INT_WINDOW;
	return SIM_EXIT_HALTED;
}

static enum sim_exit_index
exit_int_window(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)stop;
	(void)exit;
	vcpu->state.intr &= ~SIM_INTR_INT_WINDOW;
	return SIM_EXIT_INT_READY;
}

static enum sim_exit_index
exit_nmi_window(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)stop;
	(void)exit;
	vcpu->state.intr &= ~SIM_INTR_NMI_WINDOW;
	return SIM_EXIT_NMI_READY;
}

/* Without a code for it this back end does not see it: it is over. */
static enum sim_exit_index
exit_invalid(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit, uint64_t hwcode)
{
	if (hwcode == 0) {
		sim_exit_advance(vcpu, stop);
		return SIM_EXIT_INSIDE;
	}
	exit->u.inv.hwcode = hwcode;
	return SIM_EXIT_INVALID;
}

static enum sim_exit_index
exit_init(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	return exit_invalid(vcpu, stop, exit,
	    vcpu->sim->backend->invalid.init);
}

static enum sim_exit_index
exit_task_switch(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	return exit_invalid(vcpu, stop, exit,
	    vcpu->sim->backend->invalid.task_switch);
}

static enum sim_exit_index
exit_shutdown(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	(void)vcpu;
	(void)stop;
	(void)exit;
	return SIM_EXIT_SHUTDOWN;
}

typedef enum sim_exit_index exit_function(struct sim_vcpu *,
    const struct sim_stop *, struct sim_exit_record *);

static exit_function *const exits[SIM_NSTOP] = {
	[SIM_STOP_IDLE] = exit_nothing,
	[SIM_STOP_OUTSIDE] = exit_nothing,
	[SIM_STOP_LOOK] = exit_look,
	[SIM_STOP_IO] = exit_io,
	[SIM_STOP_MEMORY] = exit_memory,
	[SIM_STOP_HLT] = exit_hlt,
	[SIM_STOP_CPUID] = sim_exit_cpuid,
	[SIM_STOP_RDMSR] = sim_exit_rdmsr,
	[SIM_STOP_WRMSR] = sim_exit_wrmsr,
	[SIM_STOP_CR_WRITE] = sim_exit_cr_write,
	[SIM_STOP_INSN] = sim_exit_insn,
	[SIM_STOP_INT_WINDOW] = exit_int_window,
	[SIM_STOP_NMI_WINDOW] = exit_nmi_window,
	[SIM_STOP_IRET] = exit_nmi_window,
	[SIM_STOP_INIT] = exit_init,
	[SIM_STOP_TASK_SWITCH] = exit_task_switch,
	[SIM_STOP_SHUTDOWN] = exit_shutdown,
};

enum sim_exit_index
sim_exit_from_stop(struct sim_vcpu *vcpu, const struct sim_stop *stop,
    struct sim_exit_record *exit)
{
	return exits[stop->kind](vcpu, stop, exit);
}
