/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of the library's assists: NVMM-FACTS section 7, as far as the
 * instructions of sequences go.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include "model.h"

static uint64_t
mask_of(unsigned size)
{
	return (1ULL << (size * 8)) - 1;
}

/* Both end in a setstate of the GPRs. */
static void
finish(struct model *m, uint64_t rip, bool read, unsigned size,
    uint64_t value, uint64_t clear)
{
	struct sim_state view;
	uint64_t *rax = &view.gprs[SIM_GPR_RAX];

	model_view(m, &view);
	/* 32 bits clear the upper half, fewer leave the rest. */
	if (read)
		*rax = value | (size == 4 ? 0 : *rax & ~mask_of(size));
	view.gprs[SIM_GPR_RIP] = rip;
	view.gprs[SIM_GPR_RFLAGS] &= ~clear;
	model_set(m, SIM_BIT(SIM_GPRS), &view);
}

static uint64_t
rax(const struct model *m)
{
	struct sim_state view;

	model_view(m, &view);
	return view.gprs[SIM_GPR_RAX];
}

void
model_assist_io(struct model *m, struct model_assist *assist)
{
	struct model_access *access = &assist->accesses[0];
	unsigned size = m->exit.u.io.operand_size;

	memset(assist, 0, sizeof(*assist));
	assist->naccesses = 1;
	access->where = m->exit.u.io.port;
	access->size = (uint8_t)size;
	access->write = !m->exit.u.io.in;
	if (access->write)
		access->value = rax(m) & mask_of(size);
	finish(m, m->exit.u.io.npc, !access->write, size,
	    MODEL_DEVICE & mask_of(size), 0);
}

/* The part of an access that lies in one page. */
static unsigned
piece(uint64_t gpa, unsigned size)
{
	unsigned left = MODEL_PAGE - (unsigned)(gpa % MODEL_PAGE);

	return size < left ? size : left;
}

static bool
allowed(struct model *m, uint64_t gpa, unsigned size, int right)
{
	const struct model_area *area;
	unsigned done, n;

	for (done = 0; done < size; done += n) {
		n = piece(gpa + done, size - done);
		area = model_area_find(m->machine, gpa + done);
		if (area != NULL && (area->prot & right) == 0)
			return false;
	}
	return true;
}

/* One piece: RAM, or the device.  Returns what was read. */
static uint64_t
piece_access(struct model *m, struct model_assist *assist, uint64_t gpa,
    unsigned n, bool write, uint64_t value)
{
	struct model_area *area = model_area_find(m->machine, gpa);
	struct model_access *access;
	uint8_t *bytes;
	unsigned i;

	if (area == NULL) {
		access = &assist->accesses[assist->naccesses++];
		access->where = gpa;
		access->size = (uint8_t)n;
		access->write = write;
		access->value = write ? value & mask_of(n) : 0;
		return MODEL_DEVICE & mask_of(n);
	}
	bytes = m->machine->memory + area->offset + (gpa - area->gpa);
	for (i = 0; write && i < n; i++)
		bytes[i] = (uint8_t)(value >> (i * 8));
	for (i = 0, value = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << (i * 8);
	return value;
}

/* RIP wraps at the width of the code. */
uint64_t
model_ip_mask(const struct model *m)
{
	uint16_t attrib = m->truth.segs[SIM_SEG_CS].attrib;

	if ((m->truth.msrs[SIM_MSR_EFER] & SIM_EFER_LMA) &&
	    (attrib & SIM_ATTRIB_L))
		return ~0ULL;
	return attrib & SIM_ATTRIB_DEF ? 0xFFFFFFFF : 0xFFFF;
}

void
model_assist_mem(struct model *m, struct model_assist *assist)
{
	const struct sim_stop *stop = &m->intent.stop;
	bool write = stop->u.mem.access == SIM_ACCESS_WRITE;
	unsigned done, n, size = stop->u.mem.size;
	uint64_t value = 0, gpa = stop->u.mem.gpa;

	memset(assist, 0, sizeof(*assist));
	if (!allowed(m, gpa, size, write ? PROT_WRITE : PROT_READ)) {
		assist->error = EFAULT;
		return;
	}
	for (done = 0; done < size; done += n) {
		n = piece(gpa + done, size - done);
		value |= piece_access(m, assist, gpa + done, n, write,
		    rax(m) >> (done * 8)) << (done * 8);
	}
	finish(m, (m->stop_rip + stop->length) & model_ip_mask(m), !write,
	    size, value, SIM_RFLAGS_RF);
}
