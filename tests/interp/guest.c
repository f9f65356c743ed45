/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guest of one instruction.  Behind it there is an OUT, by which a guest
 * that gets there leaves; each exception has a handler that is an OUT too.
 * The oracle runs guests outside of any test: no ck_assert there.
 */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/map.h"

#define GDT		0x0800U
#define IDT		0x8000U
#define HANDLERS	0x7000U
#define TSS_STACK	0x3800U		/* for what comes from user mode */
#define TSS_SIZE	0x88U		/* with a map of 256 ports and its end */

#define VECTORS		32U
#define TURNS		100000		/* of run(), for one instruction */

#define OUT		0xE6

void *
sim_map_access(const struct sim_map *map, uint64_t gpa, int prot, size_t *size)
{
	if (gpa >= RAM || ((prot & SIM_PROT_WRITE) && map->read_only != 0 &&
	    gpa / 4096 == map->read_only / 4096))
		return NULL;
	*size = RAM - gpa;
	return (uint8_t *)(uintptr_t)map->ram + gpa;
}

uint64_t
sim_map_generation(const struct sim_map *map)
{
	return map->generation;
}

void
sim_map_written(const struct sim_map *map, uint64_t gpa, size_t size)
{
	(void)map;
	if (gpa + size > RAM)
		abort();
}

static void
put(uint8_t *to, unsigned size, uint64_t value)
{
	unsigned i;

	for (i = 0; i < size; i++)
		to[i] = (uint8_t)(value >> (i * 8));
}

static uint64_t
get(const uint8_t *from, unsigned size)
{
	uint64_t value = 0;
	unsigned i;

	for (i = 0; i < size; i++)
		value |= (uint64_t)from[i] << (i * 8);
	return value;
}

static void
descriptor(struct guest *guest, unsigned selector, uint32_t base,
    uint32_t limit, unsigned access, unsigned flags)
{
	put(guest->map.ram + GDT + (selector & ~7U), 8, (limit & 0xffff) |
	    (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
	    (uint64_t)(limit >> 16) << 48 | (uint64_t)flags << 52 |
	    (uint64_t)(base >> 24) << 56);
}

static void
segment(struct guest *guest, enum sim_seg_index seg, unsigned selector,
    uint32_t limit, unsigned attrib)
{
	guest->state.segs[seg] = (struct sim_seg){
		.selector = (uint16_t)selector,
		.attrib = (uint16_t)attrib,
		.limit = limit,
	};
}

static void
tables_make(struct guest *guest, enum guest_mode mode)
{
	unsigned code = mode == LONG ? 0xA : 0xC, v;
	uint8_t *ram = guest->map.ram, *gate;

	descriptor(guest, SEL_CODE, 0, 0xfffff, 0x9b, code);
	descriptor(guest, SEL_DATA, 0, 0xfffff, 0x93, 0xC);
	descriptor(guest, SEL_UCODE, 0, 0xfffff, 0xfb, code);
	descriptor(guest, SEL_UDATA, 0, 0xfffff, 0xf3, 0xC);
	descriptor(guest, SEL_ABSENT, 0, 0xfffff, 0x73, 0xC);
	descriptor(guest, SEL_SMALL, DATA, 0xff, 0xf3, 0x4);
	for (v = 0; v < VECTORS; v++) {
		ram[HANDLERS + v * 2] = OUT;
		ram[HANDLERS + v * 2 + 1] = (uint8_t)(PORT_VECTOR + v);
		if (mode == REAL) {
			put(ram + v * 4, 4, HANDLERS + v * 2);
			continue;
		}
		gate = ram + IDT + v * (mode == LONG ? 16 : 8);
		put(gate, 2, HANDLERS + v * 2);
		put(gate + 2, 2, SEL_CODE);
		gate[5] = 0x8E;
	}
	put(ram + TSS + 4, mode == LONG ? 8 : 4, TSS_STACK);
	put(ram + TSS + 8, 2, mode == LONG ? 0 : SEL_DATA);
	put(ram + TSS + 102, 2, 104);
	memset(ram + TSS + 104, 0xff, TSS_SIZE - 104);
	ram[TSS + 104 + PORT_FIRST / 8] = 0;
}

static void
segments_make(struct guest *guest, enum guest_mode mode, unsigned cpl)
{
	uint32_t limit = mode == REAL ? 0xffff : 0xffffffff;
	unsigned dpl = cpl << SIM_ATTRIB_DPL_SHIFT, seg, cs, common;
	unsigned data = mode == REAL ? 0 : cpl == 3 ? SEL_UDATA : SEL_DATA;

	common = SIM_ATTRIB_S | SIM_ATTRIB_P | dpl;
	if (mode != REAL)
		common |= SIM_ATTRIB_G;
	cs = common | (mode == LONG ? SIM_ATTRIB_L :
	    mode == PROT ? SIM_ATTRIB_DEF : 0);
	if (mode != REAL)
		common |= SIM_ATTRIB_DEF;
	for (seg = SIM_SEG_ES; seg <= SIM_SEG_GS; seg++)
		segment(guest, (enum sim_seg_index)seg, data, limit,
		    common | 3);
	segment(guest, SIM_SEG_CS, mode == REAL ? 0 : cpl == 3 ? SEL_UCODE :
	    SEL_CODE, limit, cs | 11);
	segment(guest, SIM_SEG_GDT, 0, 0x7f, 0);
	segment(guest, SIM_SEG_IDT, 0, mode == REAL ? 0x3ff : 0x1ff, 0);
	segment(guest, SIM_SEG_TR, 0x28, TSS_SIZE, SIM_ATTRIB_P | 11);
	guest->state.segs[SIM_SEG_GDT].base = GDT;
	guest->state.segs[SIM_SEG_IDT].base = mode == REAL ? 0 : IDT;
	guest->state.segs[SIM_SEG_TR].base = TSS;
}

static void
registers_make(struct guest *guest, enum guest_mode mode)
{
	struct sim_state *state = &guest->state;
	unsigned i;

	for (i = 0; i < 16; i++) {
		state->gprs[i] = 0x8100000080007000ULL + i;
		if (mode != LONG)
			state->gprs[i] &= 0xffffffff;
	}
	for (i = 32; i < 416; i++)
		state->fpu[i] = (uint8_t)(i * 7);
	put(state->fpu + SIM_FPU_CW, 2, 0x37f);
	put(state->fpu + SIM_FPU_MXCSR, 4, 0x1f80);
	put(state->fpu + SIM_FPU_MXCSR_MASK, 4, 0xffff);
	state->gprs[SIM_GPR_RSP] = STACK;
	state->gprs[SIM_GPR_RIP] = CODE;
	state->gprs[SIM_GPR_RFLAGS] = SIM_RFLAGS_MBO;
	state->crs[SIM_CR_CR0] = SIM_CR0_ET | SIM_CR0_NE |
	    (mode != REAL ? SIM_CR0_PE : 0);
	state->crs[SIM_CR_CR4] = 0x200;		/* OSFXSR */
	if (mode == LONG)
		state->msrs[SIM_MSR_EFER] = SIM_EFER_LME | SIM_EFER_LMA;
}

static void
place_put(struct guest *guest, const struct place *place)
{
	struct sim_state *state = &guest->state;

	switch (place->kind) {
	case IN_GPR:
		state->gprs[place->at] = place->value;
		break;
	case IN_MEMORY:
		put(guest->map.ram + place->at, place->size, place->value);
		break;
	case IN_FPU:
		put(state->fpu + place->at, place->size, place->value);
		break;
	case IN_STACK:
		memset(state->fpu + place->at, (int)place->value,
		    place->size);
		break;
	case IN_IMAGE:
		memcpy(guest->map.ram + place->at, state->fpu, place->value);
		break;
	case IN_LIMIT:
		state->segs[place->at].limit = (uint32_t)place->value;
		break;
	case IN_SELECTOR:
		state->segs[place->at].selector = (uint16_t)place->value;
		break;
	case IN_BASE:
		state->segs[place->at].base = place->value;
		break;
	case IN_INTR:
		state->intr = place->value;
		break;
	case IN_DR:
		state->drs[place->at] = place->value;
		break;
	case IN_MSR:
		state->msrs[place->at] = place->value;
		break;
	case IN_ATTRIB:
		state->segs[place->at].attrib = (uint16_t)place->value;
		break;
	default:
		state->crs[place->at] = place->value;
		break;
	}
}

static void
places_put(struct guest *guest, const struct place *places)
{
	unsigned i;

	for (i = 0; i < NPLACES && places[i].kind != NOWHERE; i++)
		place_put(guest, &places[i]);
}

void
guest_make(struct guest *guest, enum guest_mode mode, unsigned cpl,
    const uint8_t *bytes, size_t size)
{
	memset(guest, 0, sizeof(*guest));
	tables_make(guest, mode);
	segments_make(guest, mode, cpl);
	registers_make(guest, mode);
	memcpy(guest->map.ram + CODE, bytes, size);
}

void
row_guests(const struct row *row, struct guest *guest, struct guest *want)
{
	uint8_t *after;

	guest_make(guest, row->mode, row->cpl, row->bytes, row->length);
	places_put(guest, row->in);

	*want = *guest;
	if (row->end == RUNS)
		want->state.gprs[SIM_GPR_RIP] += row->length;
	places_put(want, row->out);
	if (row->end == RUNS) {
		after = want->map.ram + want->state.segs[SIM_SEG_CS].base +
		    want->state.gprs[SIM_GPR_RIP];
		after[0] = OUT;
		after[1] = PORT_DONE;
		memcpy(guest->map.ram + (after - want->map.ram), after, 2);
	}
}

void
guest_run(struct guest *guest, const struct sim_event *event,
    struct sim_stop *stop)
{
	struct sim_entry entry = {
		.state = &guest->state,
		.map = &guest->map,
		.event = event,
	};
	const struct sim_engine *engine = &sim_engine_interp;
	unsigned i;
	void *vcpu;

	if (engine->vcpu_create(&vcpu) != 0)
		abort();
	for (i = 0; i < TURNS; i++) {
		memset(stop, 0, sizeof(*stop));
		engine->run(vcpu, &entry, stop);
		if (stop->kind != SIM_STOP_LOOK)
			break;
		entry.event = NULL;
	}
	engine->vcpu_destroy(vcpu);
}

/*
 * The first byte that differs, or size.  An assertion for each byte would
 * cost a system call each: libcheck notes where it passed.
 */
static size_t
differs_at(const uint8_t *one, const uint8_t *other, size_t size)
{
	size_t i = 0;

	while (i < size && one[i] == other[i])
		i++;
	return i;
}

static void
states_compare(const struct row *row, const struct sim_state *state,
    const struct sim_state *want)
{
	const struct sim_register_row *reg;
	size_t i;

	for (i = 0; (reg = sim_register_row(i)) != NULL; i++) {
		/* A fault's handler has a frame, and maybe a stack. */
		if (row->end == FAULTS && (reg->component == SIM_SEGS ||
		    strcmp(reg->name, "rsp") == 0 ||
		    strcmp(reg->name, "rip") == 0 ||
		    strcmp(reg->name, "rflags") == 0))
			continue;
		ck_assert_msg(sim_register_get(state, reg) ==
		    sim_register_get(want, reg), "%s: %s is %llx, not %llx",
		    row->name, reg->name,
		    (unsigned long long)sim_register_get(state, reg),
		    (unsigned long long)sim_register_get(want, reg));
	}
	i = differs_at(state->fpu, want->fpu, SIM_FPU_SIZE);
	if (i < SIM_FPU_SIZE)
		ck_abort_msg("%s: byte %zu of the FPU is %x, not %x",
		    row->name, i, state->fpu[i], want->fpu[i]);
}

static void
memories_compare(const struct row *row, const struct guest *guest,
    const struct guest *want)
{
	uint64_t rsp = guest->state.gprs[SIM_GPR_RSP];
	size_t i = 0;

	while ((i += differs_at(guest->map.ram + i, want->map.ram + i,
	    RAM - i)) < RAM) {
		/* A fault's handler has a frame. */
		if (row->end != FAULTS || i < rsp || i >= rsp + 48)
			ck_abort_msg("%s: memory at %zx is %x, not %x",
			    row->name, i, guest->map.ram[i],
			    want->map.ram[i]);
		i++;
	}
}

/* What the handler of a fault finds on its stack. */
static void
frame_compare(const struct row *row, const struct guest *guest,
    const struct guest *want)
{
	static const unsigned words[] = { [REAL] = 2, [PROT] = 4, [LONG] = 8 };
	const uint32_t with_error = 0x27D00;
	unsigned word = words[row->mode];
	const uint8_t *frame = guest->map.ram +
	    guest->state.gprs[SIM_GPR_RSP];

	if (row->mode != REAL && (with_error >> row->vector & 1)) {
		ck_assert_msg(get(frame, word) == row->error,
		    "%s: error code %llx, not %x", row->name,
		    (unsigned long long)get(frame, word), row->error);
		frame += word;
	}
	ck_assert_msg(get(frame, word) == want->state.gprs[SIM_GPR_RIP],
	    "%s: the fault is at %llx", row->name,
	    (unsigned long long)get(frame, word));
	ck_assert_msg((get(frame + 2 * word, word) & 0xffff) ==
	    (want->state.gprs[SIM_GPR_RFLAGS] & 0xffff),
	    "%s: the fault's flags are %llx", row->name,
	    (unsigned long long)get(frame + 2 * word, word));
}

static void
stop_compare(const struct row *row, const struct sim_stop *stop)
{
	const struct sim_stop *want = &row->stop;

	ck_assert_msg(stop->kind == want->kind, "%s: stop %d, not %d",
	    row->name, stop->kind, want->kind);
	if (want->kind == SIM_STOP_SHUTDOWN)
		return;
	if (want->kind == SIM_STOP_MEMORY)
		ck_assert_msg(stop->u.mem.access == want->u.mem.access &&
		    stop->u.mem.gpa == want->u.mem.gpa &&
		    stop->u.mem.size == want->u.mem.size,
		    "%s: access %d of %d at %llx", row->name,
		    stop->u.mem.access, stop->u.mem.size,
		    (unsigned long long)stop->u.mem.gpa);
	else if (want->kind == SIM_STOP_CR_WRITE)
		ck_assert_msg(stop->u.cr.number == want->u.cr.number &&
		    stop->u.cr.value == want->u.cr.value,
		    "%s: CR%u is to be %llx", row->name, stop->u.cr.number,
		    (unsigned long long)stop->u.cr.value);
	else
		ck_assert_msg(stop->u.io.in == want->u.io.in &&
		    stop->u.io.rep == want->u.io.rep &&
		    stop->u.io.str == want->u.io.str &&
		    stop->u.io.port == want->u.io.port &&
		    stop->u.io.seg == want->u.io.seg &&
		    stop->u.io.address_size == want->u.io.address_size &&
		    stop->u.io.operand_size == want->u.io.operand_size,
		    "%s: port %x, seg %d, sizes %d and %d", row->name,
		    stop->u.io.port, stop->u.io.seg,
		    stop->u.io.address_size, stop->u.io.operand_size);
	ck_assert_msg(stop->npc == CODE + row->length, "%s: npc %llx",
	    row->name, (unsigned long long)stop->npc);
}

void
row_check(const struct row *row)
{
	struct guest *guest = malloc(sizeof(*guest));
	struct guest *want = malloc(sizeof(*want));
	struct sim_stop stop;

	ck_assert(guest != NULL && want != NULL);
	row_guests(row, guest, want);
	guest_run(guest, row->injected ? &row->event : NULL, &stop);
	if (row->end == STOPS)
		stop_compare(row, &stop);
	else
		ck_assert_msg(stop.kind == SIM_STOP_IO && stop.u.io.port ==
		    (row->end == RUNS ? PORT_DONE : PORT_VECTOR +
		    row->vector), "%s: ends in stop %d, port %x, gpa %llx",
		    row->name, stop.kind, stop.u.io.port,
		    (unsigned long long)stop.u.mem.gpa);
	if (row->end == FAULTS)
		frame_compare(row, guest, want);
	states_compare(row, &guest->state, &want->state);
	memories_compare(row, guest, want);
	free(guest);
	free(want);
}
