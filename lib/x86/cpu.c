/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view of a VCPU that the assists work on: how it begins and ends, its
 * mode, its segments and the arithmetic of its registers.
 */
#include <string.h>

#include "x86.h"

#define ASSIST_STATES							\
	(NVMM_X64_STATE_GPRS | NVMM_X64_STATE_SEGS |			\
	NVMM_X64_STATE_CRS | NVMM_X64_STATE_MSRS)

int
libnvmm_x86_begin(struct libnvmm_x86_cpu *cpu, struct nvmm_machine *mach,
    struct nvmm_vcpu *vcpu)
{
	if (nvmm_vcpu_getstate(mach, vcpu, ASSIST_STATES) == -1)
		return -1;
	cpu->mach = mach;
	cpu->vcpu = vcpu;
	cpu->state = vcpu->state;
	memcpy(cpu->gprs, vcpu->state->gprs, sizeof(cpu->gprs));
	cpu->xmm_changed = false;
	return 0;
}

/* Exchanges the copies with what the comm page has. */
static void
exchange(struct libnvmm_x86_cpu *cpu)
{
	struct nvmm_vcpu_state *state = cpu->vcpu->state;
	uint64_t gprs[NVMM_X64_NGPR];
	uint8_t xmm[sizeof(cpu->xmm_value)], *bytes;

	memcpy(gprs, state->gprs, sizeof(gprs));
	memcpy(state->gprs, cpu->gprs, sizeof(gprs));
	memcpy(cpu->gprs, gprs, sizeof(gprs));
	if (!cpu->xmm_changed)
		return;
	bytes = state->fpu.fx_xmm[cpu->xmm].xmm_bytes;
	memcpy(xmm, bytes, sizeof(xmm));
	memcpy(bytes, cpu->xmm_value, sizeof(xmm));
	memcpy(cpu->xmm_value, xmm, sizeof(xmm));
}

int
libnvmm_x86_commit(struct libnvmm_x86_cpu *cpu)
{
	uint64_t flags = NVMM_X64_STATE_GPRS;

	if (cpu->xmm_changed)
		flags |= NVMM_X64_STATE_FPU;
	exchange(cpu);
	if (nvmm_vcpu_setstate(cpu->mach, cpu->vcpu, flags) == 0)
		return 0;
	exchange(cpu);
	return -1;
}

bool
libnvmm_x86_long_mode(const struct nvmm_vcpu_state *state)
{
	return state->msrs[NVMM_X64_MSR_EFER] & LIBNVMM_X86_EFER_LMA;
}

size_t
libnvmm_x86_code_width(const struct nvmm_vcpu_state *state)
{
	const struct nvmm_x64_state_seg *cs = &state->segs[NVMM_X64_SEG_CS];

	if (libnvmm_x86_long_mode(state) && cs->attrib.l)
		return 8;
	return cs->attrib.def ? 4 : 2;
}

gvaddr_t
libnvmm_x86_linear(const struct libnvmm_x86_cpu *cpu, unsigned seg,
    uint64_t offset)
{
	uint64_t base = cpu->state->segs[seg].base;

	if (libnvmm_x86_code_width(cpu->state) != 8)
		return (base + offset) & UINT32_MAX;
	if (seg != NVMM_X64_SEG_FS && seg != NVMM_X64_SEG_GS)
		return offset;
	return base + offset;
}

uint64_t
libnvmm_x86_mask(size_t size)
{
	return size >= 8 ? UINT64_MAX : (UINT64_C(1) << (size * 8)) - 1;
}

uint64_t
libnvmm_x86_merge(uint64_t old, uint64_t value, size_t size)
{
	uint64_t mask = libnvmm_x86_mask(size);

	return (old & ~mask) | (value & mask);
}

uint64_t
libnvmm_x86_get_le(const uint8_t *data, size_t size)
{
	uint64_t value = 0;

	while (size > 0)
		value = value << 8 | data[--size];
	return value;
}

void
libnvmm_x86_put_le(uint8_t *data, uint64_t value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		data[i] = (uint8_t)value;
		value >>= 8;
	}
}
