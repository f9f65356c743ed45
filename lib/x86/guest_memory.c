/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest-virtual memory as the assists use it: translated page by page, in
 * RAM where an area has the address, through the mem callback where none
 * has.  All that can fail is looked at before anything is touched.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "x86.h"

/* The first bytes of a range within one page that lie at one place. */
static int
piece_locate(const struct libnvmm_x86_cpu *cpu, gpaddr_t gpa, size_t size,
    nvmm_prot_t right, struct libnvmm_x86_piece *piece)
{
	struct libnvmm_area area;
	size_t offset;

	piece->gpa = gpa;
	piece->size = size;
	piece->ram = NULL;
	if (!libnvmm_area_find(cpu->mach, gpa, &area)) {
		if (cpu->vcpu->cbs.mem != NULL)
			return 0;
		errno = EINVAL;
		return -1;
	}
	/* Areas have no owner. */
	right &= ~(nvmm_prot_t)(NVMM_PROT_USER | LIBNVMM_X86_NOT_USER);
	if ((area.prot & right) != right) {
		errno = EFAULT;
		return -1;
	}
	offset = (size_t)(gpa - area.gpa);
	piece->ram = (uint8_t *)area.hva + offset;
	if (size > area.size - offset)
		piece->size = area.size - offset;
	return 0;
}

static int
page_resolve(const struct libnvmm_x86_cpu *cpu, gpaddr_t gpa, size_t size,
    nvmm_prot_t right, struct libnvmm_x86_span *span)
{
	struct libnvmm_x86_piece *piece;

	while (size > 0) {
		/* The driver's areas are whole pages: never more than two. */
		if (span->npieces == LIBNVMM_X86_SPAN_PIECES) {
			errno = EFAULT;
			return -1;
		}
		piece = &span->pieces[span->npieces];
		if (piece_locate(cpu, gpa, size, right, piece) == -1)
			return -1;
		span->npieces++;
		gpa += piece->size;
		size -= piece->size;
	}
	return 0;
}

static bool
page_permits(nvmm_prot_t prot, nvmm_prot_t right)
{
	if ((right & LIBNVMM_X86_NOT_USER) && (prot & NVMM_PROT_USER))
		return false;
	right &= ~(nvmm_prot_t)LIBNVMM_X86_NOT_USER;
	return (prot & right) == right;
}

int
libnvmm_x86_span_resolve(const struct libnvmm_x86_cpu *cpu, gvaddr_t gva,
    size_t size, nvmm_prot_t right, struct libnvmm_x86_span *span)
{
	/* Outside long mode what follows 4 GB is address 0. */
	uint64_t mask = libnvmm_x86_long_mode(cpu->state) ?
	    UINT64_MAX : UINT32_MAX;
	nvmm_prot_t prot;
	gpaddr_t gpa;
	size_t n;

	span->npieces = 0;
	while (size > 0) {
		gva &= mask;
		n = LIBNVMM_X86_PAGE_SIZE -
		    (size_t)(gva % LIBNVMM_X86_PAGE_SIZE);
		if (n > size)
			n = size;
		if (libnvmm_x86_translate(cpu->mach, cpu->state, gva, &gpa,
		    &prot) == -1)
			return -1;
		if (!page_permits(prot, right)) {
			errno = EFAULT;
			return -1;
		}
		if (page_resolve(cpu, gpa, n, right, span) == -1)
			return -1;
		gva += n;
		size -= n;
	}
	return 0;
}

static void
piece_callback(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_piece *piece, bool write, uint8_t *data)
{
	struct nvmm_mem mem = {
		.mach = cpu->mach,
		.vcpu = cpu->vcpu,
		.gpa = piece->gpa,
		.write = write,
		.size = piece->size,
		.data = data,
	};

	cpu->vcpu->cbs.mem(&mem);
}

void
libnvmm_x86_span_read(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_span *span, uint8_t *data)
{
	const struct libnvmm_x86_piece *piece;
	size_t i;

	for (i = 0; i < span->npieces; i++) {
		piece = &span->pieces[i];
		if (piece->ram != NULL) {
			memcpy(data, piece->ram, piece->size);
		} else {
			/* A callback that fills nothing reads zeros. */
			memset(data, 0, piece->size);
			piece_callback(cpu, piece, false, data);
		}
		data += piece->size;
	}
}

void
libnvmm_x86_span_write(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_span *span, uint8_t *data)
{
	const struct libnvmm_x86_piece *piece;
	size_t i;

	for (i = 0; i < span->npieces; i++) {
		piece = &span->pieces[i];
		if (piece->ram != NULL)
			memcpy(piece->ram, data, piece->size);
		else
			piece_callback(cpu, piece, true, data);
		data += piece->size;
	}
}

int
libnvmm_x86_fetch(const struct libnvmm_x86_cpu *cpu, size_t skip,
    uint8_t *bytes, size_t max, size_t *len)
{
	uint64_t rip = cpu->gprs[NVMM_X64_GPR_RIP] + skip;
	struct libnvmm_x86_span span;
	gvaddr_t gva;
	size_t n;

	rip &= libnvmm_x86_mask(libnvmm_x86_code_width(cpu->state));
	gva = libnvmm_x86_linear(cpu, NVMM_X64_SEG_CS, rip);
	n = LIBNVMM_X86_PAGE_SIZE - (size_t)(gva % LIBNVMM_X86_PAGE_SIZE);
	if (n > max)
		n = max;
	if (libnvmm_x86_span_resolve(cpu, gva, n, NVMM_PROT_READ, &span) == -1)
		return -1;
	libnvmm_x86_span_read(cpu, &span, bytes);
	*len = n;
	return 0;
}
