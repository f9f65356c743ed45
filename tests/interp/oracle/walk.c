/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests for the rows of page tables.  The row's address is mapped as the
 * row says.  Code, stack, GDT, IDT and TSS are mapped high up, by an entry of
 * the top table that no row uses, and by tables of their own, so that a fault
 * finds its handler whatever the row does to its tables.
 */
#include "oracle.h"

#include <string.h>

#define PAGE		4096U
#define VECTORS		32U
#define HANDLERS	0xC000U		/* where no row has a table */
#define OWN_TABLE(i)	(0xC000ULL + (i) * PAGE)	/* of level 1 and on */
#define IDT		0x8000U
#define TSS_RSP0	(TSS + 4)

#define PRESENT		0x001ULL
#define FOR_USERS	0x004ULL
#define ACCESSED	0x020U
#define MARKED		0x063ULL	/* present, writable, A and D */

#define SEL_LDT		0x7U		/* the LDT's first, for users */
#define LDT_ATTRIB	(SIM_ATTRIB_P | 2)
#define DESCRIPTOR	0x00cff3000000ffffULL	/* data, for users */

/* Behind the access the guest leaves. */
static const uint8_t accesses[][4] = {
	[SIM_ACCESS_READ] = { 0x8a, 0x03, 0xe6, PORT_DONE },
	[SIM_ACCESS_WRITE] = { 0x88, 0x03, 0xe6, PORT_DONE },
	[SIM_ACCESS_EXEC] = { 0xff, 0xe3, 0xe6, PORT_DONE },
};

/* A load of DS: the processor reads the LDT as the system. */
static const uint8_t system_access[4] = { 0x8e, 0xd8, 0xe6, PORT_DONE };

/* Where the guest's memory is mapped for its own use. */
static const uint64_t own_linear[] = {
	[P32] = 0xC0000000, [PAE] = 0xC0000000, [P64] = 1ULL << 39,
};

static void
own_tables_put(struct guest *guest, const struct walk_row *row)
{
	uint64_t high = own_linear[row->paging], entry;
	unsigned levels = walk_levels(row->paging), i;
	unsigned size = walk_entry_size(row->paging);
	uint8_t *at = walk_entry_at(guest, row->paging, high, 0);

	for (i = 1; i < levels; i++) {
		entry = OWN_TABLE(i) | (row->paging == PAE && i == 1 ?
		    PRESENT : MARKED | FOR_USERS);
		memcpy(at, &entry, size);
		at = guest->map.ram + OWN_TABLE(i);
	}
	for (i = 0; i < RAM / PAGE; i++) {
		entry = (uint64_t)i * PAGE | MARKED;
		if (row->user && i == CODE / PAGE)
			entry |= FOR_USERS;
		memcpy(at + i * size, &entry, size);
	}
}

static void
gates_put(struct guest *guest, enum guest_mode mode, uint64_t high)
{
	uint8_t *ram = guest->map.ram, *gate, *handler;
	uint64_t at;
	unsigned v;

	for (v = 0; v < VECTORS; v++) {
		handler = ram + HANDLERS + v * 2;
		at = high + HANDLERS + v * 2;
		handler[0] = 0xe6;
		handler[1] = (uint8_t)(PORT_VECTOR + v);
		gate = ram + IDT + v * (mode == LONG ? 16 : 8);
		memcpy(gate, &at, 2);
		at >>= 16;
		memcpy(gate + 6, &at, mode == LONG ? 6 : 2);
	}
}

/* All that guest_make put low is reached high up. */
static void
guest_move(struct guest *guest, enum guest_mode mode, uint64_t high)
{
	struct sim_state *state = &guest->state;
	uint64_t stack = 0;
	size_t size = mode == LONG ? 8 : 4;

	state->segs[SIM_SEG_GDT].base += high;
	state->segs[SIM_SEG_IDT].base += high;
	state->segs[SIM_SEG_TR].base += high;
	state->gprs[SIM_GPR_RIP] += high;
	state->gprs[SIM_GPR_RSP] += high;
	memcpy(&stack, guest->map.ram + TSS_RSP0, size);
	stack += high;
	memcpy(guest->map.ram + TSS_RSP0, &stack, size);
}

/* What a row's access finds where it leads: an OUT, or a descriptor. */
static void
target_put(struct guest *guest, const struct walk_row *row)
{
	static const uint8_t leave[] = { 0xe6, PORT_DONE };
	const uint64_t descriptor = DESCRIPTOR;

	if (row->led != TO)
		return;
	if (row->system)
		memcpy(guest->map.ram + row->result, &descriptor,
		    sizeof(descriptor));
	else
		memcpy(guest->map.ram + row->result, leave, sizeof(leave));
}

void
walk_guest(const struct walk_row *row, struct guest *guest,
    enum guest_mode *mode)
{
	uint64_t linear = row->linear != 0 ? row->linear : WALK_LINEAR;

	*mode = row->paging == P64 ? LONG : PROT;
	walk_guest_make(guest, row, row->system ? system_access :
	    accesses[row->kind], sizeof(system_access));
	if (row->paging != NONE) {
		own_tables_put(guest, row);
		guest_move(guest, *mode, own_linear[row->paging]);
	}
	gates_put(guest, *mode, row->paging != NONE ?
	    own_linear[row->paging] : 0);
	target_put(guest, row);
	guest->state.gprs[SIM_GPR_RBX] = linear;
	if (row->system) {
		guest->state.gprs[SIM_GPR_RAX] = SEL_LDT;
		guest->state.segs[SIM_SEG_LDT] = (struct sim_seg){
			.selector = 0x40, .attrib = LDT_ATTRIB,
			.limit = 7, .base = linear,
		};
	}
}

void
walk_marks_clear(const struct walk_row *row, struct guest *guest)
{
	uint64_t linear = row->linear != 0 ? row->linear : WALK_LINEAR;
	unsigned i;

	for (i = 0; i < walk_levels(row->paging); i++)
		*walk_entry_at(guest, row->paging, linear, i) &=
		    (uint8_t)~ACCESSED;
}
