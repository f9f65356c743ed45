/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of page tables on Unicorn, where its package is installed, for what
 * KVM lacks.  It walks tables and raises the faults, but then takes linear
 * for physical: guest memory is there at both of the addresses in use.  It
 * delivers nothing, tells no error codes, and is at CPL 0 only.
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

#ifdef WITH_UNICORN

#include <unicorn/unicorn.h>

#define PAGE		4096U
#define PAGE_FAULT	14U
#define EFER		0xC0000080U
#define MARKS_AT	WALK_TABLE(0)
#define MARKS_SIZE	(4 * PAGE)

struct told {
	bool fault;
	uint32_t vector;
};

static void
fault_see(uc_engine *uc, uint32_t vector, void *data)
{
	struct told *told = data;

	told->fault = true;
	told->vector = vector;
	uc_emu_stop(uc);
}

/* All of guest memory at a linear address, or one page of it. */
static bool
memory_put(uc_engine *uc, uint64_t at, const uint8_t *bytes, size_t size)
{
	return uc_mem_map(uc, at, size, UC_PROT_ALL) == UC_ERR_OK &&
	    uc_mem_write(uc, at, bytes, size) == UC_ERR_OK;
}

static bool
registers_put(uc_engine *uc, const struct sim_state *state)
{
	const struct {
		int id;
		uint64_t value;
	} registers[] = {
		{ UC_X86_REG_EBX, state->gprs[SIM_GPR_RBX] },
		{ UC_X86_REG_EAX, state->gprs[SIM_GPR_RAX] },
		{ UC_X86_REG_CR3, state->crs[SIM_CR_CR3] },
		{ UC_X86_REG_CR4, state->crs[SIM_CR_CR4] },
		{ UC_X86_REG_CR0, state->crs[SIM_CR_CR0] },
	};
	uc_x86_msr efer = { EFER, state->msrs[SIM_MSR_EFER] };
	size_t i;

	if (uc_reg_write(uc, UC_X86_REG_MSR, &efer) != UC_ERR_OK)
		return false;
	for (i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (uc_reg_write(uc, registers[i].id, &registers[i].value) !=
		    UC_ERR_OK)
			return false;
	return true;
}

/* The access; a jump is followed by one instruction where it leads. */
static bool
access_make(uc_engine *uc, const struct walk_row *row,
    const struct guest *before, struct told *told)
{
	uint64_t linear = before->state.gprs[SIM_GPR_RBX];
	uint64_t rip = before->state.gprs[SIM_GPR_RIP];
	static const uint8_t nops[PAGE] = { [0x123] = 0x90 };
	uc_hook hook;

	if (!memory_put(uc, 0, before->map.ram, RAM) ||
	    !memory_put(uc, rip - CODE, before->map.ram, RAM) ||
	    !memory_put(uc, linear & ~(uint64_t)(PAGE - 1), nops, PAGE) ||
	    uc_hook_add(uc, &hook, UC_HOOK_INTR, (void *)fault_see, told, 1,
	    0) != UC_ERR_OK || !registers_put(uc, &before->state))
		return false;
	return uc_emu_start(uc, rip, 0, 0, row->kind == SIM_ACCESS_EXEC ?
	    2 : 1) == UC_ERR_OK || told->fault;
}

static bool
outcome_differs(uc_engine *uc, const struct guest *guest,
    const struct sim_stop *stop, const struct told *told, char *text,
    size_t size)
{
	bool fault = stop->kind == SIM_STOP_IO &&
	    stop->u.io.port == PORT_VECTOR + PAGE_FAULT;
	static uint8_t marks[MARKS_SIZE];
	uint64_t address = 0;

	uc_reg_read(uc, UC_X86_REG_CR2, &address);
	if (fault != told->fault || (fault && (told->vector != PAGE_FAULT ||
	    address != guest->state.crs[SIM_CR_CR2]))) {
		snprintf(text, size, "%s, Unicorn: %s, vector %u, CR2 %llx",
		    fault ? "a page fault" : "no fault", told->fault ?
		    "a fault" : "none", told->vector,
		    (unsigned long long)address);
		return true;
	}
	if (stop->kind != SIM_STOP_IO || fault)
		return false;
	uc_mem_read(uc, MARKS_AT, marks, sizeof(marks));
	if (memcmp(marks, guest->map.ram + MARKS_AT, sizeof(marks)) == 0)
		return false;
	snprintf(text, size, "Unicorn marks entries otherwise");
	return true;
}

enum unicorn_end
unicorn_compare(const struct walk_row *row, const struct guest *before,
    const struct guest *guest, const struct sim_stop *stop, char *text,
    size_t size)
{
	struct told told = { false, 0 };
	enum unicorn_end end = UNICORN_CANNOT;
	uc_engine *uc;

	if (row->system || row->paging == P64 || row->paging == NONE)
		return UNICORN_CANNOT;
	if (uc_open(UC_ARCH_X86, UC_MODE_32, &uc) != UC_ERR_OK)
		return UNICORN_CANNOT;
	if (access_make(uc, row, before, &told))
		end = outcome_differs(uc, guest, stop, &told, text, size) ?
		    UNICORN_DIFFERS : UNICORN_AGREES;
	uc_close(uc);
	return end;
}

#else

enum unicorn_end
unicorn_compare(const struct walk_row *row, const struct guest *before,
    const struct guest *guest, const struct sim_stop *stop, char *text,
    size_t size)
{
	(void)row;
	(void)before;
	(void)guest;
	(void)stop;
	(void)text;
	(void)size;
	return UNICORN_CANNOT;
}

#endif
