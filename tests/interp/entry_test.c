/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Entries: what is delivered first, where windows open, and that no guest
 * stays inside for ever.
 */
#include <string.h>

#include "guest.h"

#define IF		0x202
#define HANDLER_PORT	0xA0U
#define AT_IDT		0x8000U

struct entry_row {
	const char *name;
	enum guest_mode mode;
	uint8_t bytes[8];
	struct sim_entry entry;
	const struct sim_event *event;
	uint64_t flags, intr;
	unsigned hole;		/* 1: RSP is in one; 2: the IDT is */
	enum sim_stop_kind kind;
	unsigned offset;	/* of RIP behind CODE then */
	bool in_delivery;
};

static const struct sim_event timer = { .interrupt = true, .vector = 20 };
static const struct sim_event nmi = { .interrupt = true, .vector = 2 };
static const struct sim_event gp = { .vector = 13, .has_error = true };

static const struct entry_row entry_rows[] = {
	{ "a loop", LONG, { 0xEB, 0xFE }, .kind = SIM_STOP_LOOK },
	{ "a loop in 16 bits", REAL, { 0xEB, 0xFE }, .kind = SIM_STOP_LOOK },
	{ "HLT", LONG, { 0xF4 }, .kind = SIM_STOP_HLT },
	{ "an interrupt window", LONG, { 0x90 }, .flags = IF,
	    .entry.int_window = true, .kind = SIM_STOP_INT_WINDOW },
	{ "a window behind STI's shadow", LONG, { 0xFB, 0x90, 0xF4 },
	    .entry.int_window = true, .kind = SIM_STOP_INT_WINDOW,
	    .offset = 2 },
	{ "a window in a shadow that was there", LONG, { 0x90, 0xF4 },
	    .flags = IF, .intr = SIM_INTR_SHADOW, .entry.int_window = true,
	    .kind = SIM_STOP_INT_WINDOW, .offset = 1 },
	{ "no window without IF", LONG, { 0x90, 0xF4 },
	    .entry.int_window = true, .kind = SIM_STOP_HLT, .offset = 1 },
	{ "an NMI window without IF", LONG, { 0x90 },
	    .entry.nmi_window = true, .kind = SIM_STOP_NMI_WINDOW },
	{ "an NMI window behind a shadow", LONG, { 0x90 }, .intr = SIM_INTR_SHADOW,
	    .entry.nmi_window = true, .kind = SIM_STOP_NMI_WINDOW,
	    .offset = 1 },
	{ "IRET that stops", REAL, { 0xCF }, .entry.iret_stops = true,
	    .kind = SIM_STOP_IRET },
	{ "no NMI window in its handler", REAL, { 0x90 }, .event = &nmi,
	    .entry.nmi_window = true, .kind = SIM_STOP_IO },
	{ "an event of real mode", REAL, { 0x90 }, .event = &timer,
	    .flags = IF, .kind = SIM_STOP_IO },
	{ "an event of protected mode", PROT, { 0x90 }, .event = &timer,
	    .kind = SIM_STOP_IO },
	{ "an event of long mode", LONG, { 0x90 }, .event = &gp,
	    .kind = SIM_STOP_IO },
	{ "an event with the stack in a hole", LONG, { 0x90 },
	    .event = &timer, .hole = 1, .kind = SIM_STOP_MEMORY,
	    .in_delivery = true },
	{ "an event with its table in a hole", PROT, { 0x90 },
	    .event = &gp, .hole = 2, .kind = SIM_STOP_MEMORY,
	    .in_delivery = true },
	{ "an event of real mode, its stack in a hole", REAL, { 0x90 },
	    .event = &nmi, .hole = 1, .kind = SIM_STOP_MEMORY,
	    .in_delivery = true },
};

static void
enter(struct guest *guest, const struct entry_row *row, struct sim_stop *stop)
{
	struct sim_entry entry = row->entry;
	void *vcpu;

	ck_assert_int_eq(sim_engine_interp.vcpu_create(&vcpu), 0);
	entry.state = &guest->state;
	entry.map = &guest->map;
	entry.event = row->event;
	memset(stop, 0, sizeof(*stop));
	sim_engine_interp.run(vcpu, &entry, stop);
	sim_engine_interp.vcpu_destroy(vcpu);
}

START_TEST(entries_end_as_their_rows_say)
{
	const struct entry_row *row = &entry_rows[_i];
	static struct guest guest;
	struct sim_stop stop;

	guest_make(&guest, row->mode, 0, row->bytes, sizeof(row->bytes));
	if (row->flags != 0)
		guest.state.gprs[SIM_GPR_RFLAGS] = row->flags;
	guest.state.intr = row->intr;
	if (row->hole == 1) {
		guest.state.gprs[SIM_GPR_RSP] = row->mode == REAL ? 0x100 :
		    HOLE + 0x100;
		if (row->mode == REAL)
			guest.state.segs[SIM_SEG_SS].base = HOLE;
	}
	if (row->hole == 2)
		guest.state.segs[SIM_SEG_IDT].base = HOLE;
	enter(&guest, row, &stop);
	ck_assert_msg(stop.kind == row->kind, "%s: stop %d", row->name,
	    stop.kind);
	if (row->kind == SIM_STOP_IO) {
		ck_assert_msg(stop.u.io.port == HANDLER_PORT +
		    row->event->vector, "%s: port %x", row->name,
		    stop.u.io.port);
		return;
	}
	ck_assert_msg(guest.state.gprs[SIM_GPR_RIP] == CODE + row->offset,
	    "%s: RIP %llx", row->name,
	    (unsigned long long)guest.state.gprs[SIM_GPR_RIP]);
	ck_assert_msg(stop.in_delivery == row->in_delivery, "%s", row->name);
	if (row->in_delivery)
		ck_assert_msg(stop.event.vector == row->event->vector,
		    "%s: event %d", row->name, stop.event.vector);
}
END_TEST

/* The handler of #UD is the instruction that is none. */
START_TEST(faults_for_ever_let_the_kernel_look)
{
	static const struct entry_row row = { .name = "" };
	static const uint8_t ud2[] = { 0x0F, 0x0B };
	static struct guest guest;
	struct sim_stop stop;

	uint8_t *gate = guest.map.ram + AT_IDT + 6 * 16;

	guest_make(&guest, LONG, 0, ud2, sizeof(ud2));
	gate[0] = CODE & 0xFF;
	gate[1] = CODE >> 8;
	gate[4] = 1;			/* IST 1, so always the same frame */
	guest.map.ram[TSS + 0x25] = STACK >> 8;
	enter(&guest, &row, &stop);
	ck_assert_int_eq(stop.kind, SIM_STOP_LOOK);
}
END_TEST

Suite *
entry_suite(void)
{
	Suite *suite = suite_create("entry");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, entries_end_as_their_rows_say, 0,
	    ROWS(entry_rows));
	tcase_add_test(tcase, faults_for_ever_let_the_kernel_look);
	suite_add_tcase(suite, tcase);
	return suite;
}
