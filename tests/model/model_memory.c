/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory: the areas that the VMM mapped, and the guest's accesses.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "guest.h"

struct model_area *
model_area_find(struct model_machine *machine, uint64_t gpa)
{
	struct model_area *area;
	unsigned i;

	for (i = 0; i < machine->nareas; i++) {
		area = &machine->areas[i];
		if (gpa >= area->gpa && gpa < area->gpa + area->size)
			return area;
	}
	return NULL;
}

int
model_map_check(const struct model_machine *machine,
    const struct model_area *area)
{
	const struct model_area *other;
	unsigned i;

	for (i = 0; i < machine->nareas; i++) {
		other = &machine->areas[i];
		if (area->gpa < other->gpa + other->size &&
		    other->gpa < area->gpa + area->size)
			return EINVAL;
	}
	return 0;
}

void
model_map(struct model_machine *machine, const struct model_area *area)
{
	machine->areas[machine->nareas++] = *area;
}

/* The index of the very same area, or nareas. */
static unsigned
area_index(const struct model_machine *machine, const struct model_area *area)
{
	const struct model_area *other;
	unsigned i;

	for (i = 0; i < machine->nareas; i++) {
		other = &machine->areas[i];
		if (other->gpa == area->gpa && other->size == area->size &&
		    other->offset == area->offset)
			break;
	}
	return i;
}

int
model_unmap_check(const struct model_machine *machine,
    const struct model_area *area)
{
	return area_index(machine, area) < machine->nareas ? 0 : ESRCH;
}

void
model_unmap(struct model_machine *machine, const struct model_area *area)
{
	machine->areas[area_index(machine, area)] =
	    machine->areas[--machine->nareas];
}

/* Where the byte at gpa is for an access of this kind, or NULL. */
static uint8_t *
byte_at(struct model_machine *machine, uint64_t gpa, enum sim_access access)
{
	const struct model_area *area = model_area_find(machine, gpa);
	int right = access == SIM_ACCESS_READ ? PROT_READ :
	    access == SIM_ACCESS_WRITE ? PROT_WRITE : PROT_EXEC;

	if (area == NULL || (area->prot & right) == 0)
		return NULL;
	return machine->memory + area->offset + (gpa - area->gpa);
}

/* RAM to write to: what is mapped, and the page with the guest's code. */
static bool
writable(struct model_machine *machine, uint64_t gpa)
{
	return gpa - HARNESS_GPA < MODEL_PAGE ||
	    byte_at(machine, gpa, SIM_ACCESS_WRITE) != NULL;
}

bool
model_push(struct model *m, uint64_t *fault)
{
	const struct sim_state *s = &m->truth;
	bool long_mode = (s->msrs[SIM_MSR_EFER] & SIM_EFER_LMA) &&
	    (s->segs[SIM_SEG_CS].attrib & SIM_ATTRIB_L);
	unsigned i, size = long_mode ? 8 :
	    s->crs[SIM_CR_CR0] & SIM_CR0_PE ? 4 : 2;
	uint64_t base = long_mode ? 0 : s->segs[SIM_SEG_SS].base;

	for (i = 0; i < size; i++) {
		*fault = base + s->gprs[SIM_GPR_RSP] - size + i;
		if (!writable(m->machine, *fault))
			return false;
	}
	return true;
}

bool
model_access(struct model *m, uint64_t *fault)
{
	const struct sim_stop *stop = &m->intent.stop;
	uint64_t *rax = &m->truth.gprs[SIM_GPR_RAX], value = 0;
	unsigned i, size = stop->u.mem.size;
	uint8_t *bytes[8];

	for (i = 0; i < size; i++) {
		*fault = stop->u.mem.gpa + i;
		bytes[i] = byte_at(m->machine, *fault, stop->u.mem.access);
		if (bytes[i] == NULL)
			return false;
	}
	for (i = 0; i < size; i++) {
		if (stop->u.mem.access == SIM_ACCESS_WRITE)
			*bytes[i] = (uint8_t)(*rax >> (i * 8));
		value |= (uint64_t)*bytes[i] << (i * 8);
	}
	if (stop->u.mem.access == SIM_ACCESS_READ)
		*rax = value | (size == 4 ? 0 : *rax & ~0ULL << (size * 8));
	return true;
}
