/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exits and events.
 */
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"
#include "kernel/state.h"

#include "layout.h"

#define MEM(field)	FIELD(sim_exit_record, u.mem.field,		\
	nvmm_x86_exit, u.mem.field)
#define IO(field)	FIELD(sim_exit_record, u.io.field,		\
	nvmm_x86_exit, u.io.field)

static const struct layout_row fields[] = {
	STRUCT(sim_exit_record, nvmm_x86_exit),
	STRUCT(sim_exit_record, nvmm_vcpu_exit),
	SAME(sim_exit_record, nvmm_x86_exit, reason),
	SAME(sim_exit_record, nvmm_x86_exit, u),
	MEM(prot), MEM(gpa), MEM(inst_len), MEM(inst_bytes),
	IO(in), IO(port), IO(seg), IO(address_size), IO(operand_size),
	IO(rep), IO(str), IO(npc),
	SAME(sim_exit_record, nvmm_x86_exit, u.rdmsr.msr),
	SAME(sim_exit_record, nvmm_x86_exit, u.rdmsr.npc),
	SAME(sim_exit_record, nvmm_x86_exit, u.wrmsr.msr),
	SAME(sim_exit_record, nvmm_x86_exit, u.wrmsr.val),
	SAME(sim_exit_record, nvmm_x86_exit, u.wrmsr.npc),
	SAME(sim_exit_record, nvmm_x86_exit, u.insn.npc),
	SAME(sim_exit_record, nvmm_x86_exit, u.inv.hwcode),
	FIELD(sim_exit_record, rflags, nvmm_x86_exit, exitstate.rflags),
	FIELD(sim_exit_record, cr8, nvmm_x86_exit, exitstate.cr8),
	{ "size of nvmm_x86_exit.exitstate",
	    sizeof(struct sim_exit_record) -
	    offsetof(struct sim_exit_record, rflags),
	    SIZE_OF(nvmm_x86_exit, exitstate) },
	STRUCT(sim_event_record, nvmm_x86_event),
	STRUCT(sim_event_record, nvmm_vcpu_event),
	SAME(sim_event_record, nvmm_x86_event, type),
	SAME(sim_event_record, nvmm_x86_event, vector),
	FIELD(sim_event_record, error, nvmm_x86_event, u.excp.error),
};

/* The word of flags at the end of an exit, with one bit-field set. */
#define FLAG(bits, field) do {						\
	memset(&exit, 0, sizeof(exit));					\
	exit.exitstate.field = 1;					\
	memcpy(&record, &exit, sizeof(record));				\
	row = (struct layout_row){ "bit of exitstate." #field, bits,	\
	    record.intr };						\
	differences += layout_differences(&row, 1);			\
} while (0)

unsigned
layout_exits(void)
{
	unsigned differences = layout_differences(fields, NROWS(fields));
	struct sim_exit_record record;
	struct nvmm_x86_exit exit;
	struct layout_row row;

	FLAG(SIM_INTR_SHADOW, int_shadow);
	FLAG(SIM_INTR_INT_WINDOW, int_window_exiting);
	FLAG(SIM_INTR_NMI_WINDOW, nmi_window_exiting);
	FLAG(SIM_INTR_EVT_PENDING, evt_pending);
	return differences;
}
