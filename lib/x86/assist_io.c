/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nvmm_assist_io: carry out an I/O instruction that left the guest, with the
 * io callback as the device.  A string instruction moves one batch a call;
 * the guest exits again for the rest.
 */
#include <errno.h>
#include <string.h>

#include "internal.h"
#include "x86.h"

/* The most one call moves between memory and port. */
#define BATCH_SIZE	32

struct io_assist {
	struct libnvmm_x86_cpu cpu;
	struct nvmm_x86_exit_io exit;
	uint8_t data[BATCH_SIZE];
};

static bool
size_valid(unsigned size, unsigned low, unsigned high)
{
	return size >= low && size <= high && (size & (size - 1)) == 0;
}

/* The caller owns the exit and may have put anything there. */
static bool
exit_valid(const struct nvmm_x86_exit_io *exit)
{
	if (!size_valid(exit->operand_size, 1, 4))
		return false;
	return !exit->str || (size_valid(exit->address_size, 2, 8) &&
	    exit->seg >= -1 && exit->seg <= NVMM_X64_SEG_GS);
}

/* One call of the io callback for each element. */
static void
port_access(struct io_assist *io, size_t elements)
{
	struct nvmm_vcpu *vcpu = io->cpu.vcpu;
	struct nvmm_io access = {
		.mach = io->cpu.mach,
		.vcpu = vcpu,
		.port = io->exit.port,
		.in = io->exit.in,
		.size = io->exit.operand_size,
	};
	size_t i;

	for (i = 0; i < elements; i++) {
		access.data = io->data + i * io->exit.operand_size;
		vcpu->cbs.io(&access);
	}
}

static void
register_io(struct io_assist *io)
{
	uint64_t *rax = &io->cpu.gprs[NVMM_X64_GPR_RAX];
	size_t size = io->exit.operand_size;

	if (!io->exit.in) {
		libnvmm_x86_put_le(io->data, *rax, size);
		port_access(io, 1);
	} else {
		port_access(io, 1);
		/* A 32-bit register's write clears the upper half. */
		*rax = libnvmm_x86_merge(*rax,
		    libnvmm_x86_get_le(io->data, size), size == 4 ? 8 : size);
	}
	io->cpu.gprs[NVMM_X64_GPR_RIP] = io->exit.npc;
}

/* -1: not a segment prefix. */
static int
prefix_segment(uint8_t byte)
{
	switch (byte) {
	case 0x26:
		return NVMM_X64_SEG_ES;
	case 0x2E:
		return NVMM_X64_SEG_CS;
	case 0x36:
		return NVMM_X64_SEG_SS;
	case 0x3E:
		return NVMM_X64_SEG_DS;
	case 0x64:
		return NVMM_X64_SEG_FS;
	case 0x65:
		return NVMM_X64_SEG_GS;
	default:
		return -1;
	}
}

/*
 * What the prefixes in len bytes make of *seg.  True once the opcode, OUTSB
 * or OUTSW/OUTSD, has been seen.  64-bit code ignores all but FS and GS.
 */
static bool
prefixes_scan(const struct io_assist *io, const uint8_t *bytes, size_t len,
    int8_t *seg)
{
	bool flat = libnvmm_x86_code_width(io->cpu.state) == 8;
	int found;
	size_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] == 0x6E || bytes[i] == 0x6F)
			return true;
		found = prefix_segment(bytes[i]);
		if (found >= (flat ? NVMM_X64_SEG_FS : NVMM_X64_SEG_ES))
			*seg = (int8_t)found;
	}
	return false;
}

/* The processor did not say which segment OUTS reads: its bytes do. */
static int
segment_find(struct io_assist *io)
{
	uint8_t bytes[LIBNVMM_X86_INSN_MAX];
	size_t done = 0, len;

	if (io->exit.seg != -1)
		return 0;
	io->exit.seg = io->exit.in ? NVMM_X64_SEG_ES : NVMM_X64_SEG_DS;
	if (io->exit.in)
		return 0;
	while (done < sizeof(bytes)) {
		if (libnvmm_x86_fetch(&io->cpu, done, bytes,
		    sizeof(bytes) - done, &len) == -1)
			return -1;
		if (prefixes_scan(io, bytes, len, &io->exit.seg))
			break;
		done += len;
	}
	return 0;
}

/*
 * Turn the offset of the first element into its linear address; *top becomes
 * the last offset that the segment has.
 */
static int
segment_apply(const struct io_assist *io, uint64_t offset, gvaddr_t *gva,
    uint64_t *top)
{
	const struct nvmm_x64_state_seg *seg;
	size_t size = io->exit.operand_size;

	seg = &io->cpu.state->segs[io->exit.seg];
	if (libnvmm_x86_long_mode(io->cpu.state)) {
		*gva = offset;
		if (io->exit.seg >= NVMM_X64_SEG_FS)
			*gva += seg->base;
		return 0;
	}
	if (!seg->attrib.p || seg->limit < size - 1 ||
	    offset > seg->limit - (size - 1)) {
		errno = EFAULT;
		return -1;
	}
	if (*top > seg->limit)
		*top = seg->limit;
	*gva = (offset + seg->base) & UINT32_MAX;
	return 0;
}

/*
 * How many elements one call moves: no more than are left, fit the buffer,
 * and lie in one row before the address wraps or the segment ends.
 */
static size_t
batch_elements(const struct io_assist *io, uint64_t count, uint64_t offset,
    uint64_t top)
{
	size_t size = io->exit.operand_size;
	uint64_t n = BATCH_SIZE / size;

	if (!io->exit.rep ||
	    (io->cpu.gprs[NVMM_X64_GPR_RFLAGS] & LIBNVMM_X86_RFLAGS_DF))
		return 1;
	if (top - offset < BATCH_SIZE - 1)
		n = (top - offset + 1) / size;
	if (n > count)
		n = count;
	return n == 0 ? 1 : (size_t)n;
}

/* Advance the address register and the count; RIP when all is done. */
static void
string_advance(struct io_assist *io, uint64_t *address, uint64_t count,
    size_t elements)
{
	uint64_t *gprs = io->cpu.gprs;
	size_t width = io->exit.address_size;
	uint64_t bytes = elements * io->exit.operand_size;

	if (gprs[NVMM_X64_GPR_RFLAGS] & LIBNVMM_X86_RFLAGS_DF)
		bytes = -bytes;
	*address = libnvmm_x86_merge(*address, *address + bytes, width);
	count -= elements;
	if (io->exit.rep)
		gprs[NVMM_X64_GPR_RCX] = libnvmm_x86_merge(
		    gprs[NVMM_X64_GPR_RCX], count, width);
	if (count == 0)
		gprs[NVMM_X64_GPR_RIP] = io->exit.npc;
}

/* The memory is resolved first: a fault must not cost the device a byte. */
static int
batch_move(struct io_assist *io, gvaddr_t gva, size_t elements)
{
	struct libnvmm_x86_span span;

	if (libnvmm_x86_span_resolve(&io->cpu, gva,
	    elements * io->exit.operand_size,
	    io->exit.in ? NVMM_PROT_WRITE : NVMM_PROT_READ, &span) == -1)
		return -1;
	if (!io->exit.in)
		libnvmm_x86_span_read(&io->cpu, &span, io->data);
	port_access(io, elements);
	if (io->exit.in)
		libnvmm_x86_span_write(&io->cpu, &span, io->data);
	return 0;
}

static int
string_io(struct io_assist *io)
{
	uint64_t mask = libnvmm_x86_mask(io->exit.address_size);
	uint64_t *gprs = io->cpu.gprs;
	uint64_t *address, count = 1, offset, top = mask;
	size_t elements;
	gvaddr_t gva;

	if (io->exit.rep)
		count = gprs[NVMM_X64_GPR_RCX] & mask;
	if (count == 0) {
		gprs[NVMM_X64_GPR_RIP] = io->exit.npc;
		return 0;
	}
	address = &gprs[io->exit.in ? NVMM_X64_GPR_RDI : NVMM_X64_GPR_RSI];
	offset = *address & mask;
	if (segment_find(io) == -1 ||
	    segment_apply(io, offset, &gva, &top) == -1)
		return -1;
	elements = batch_elements(io, count, offset, top);
	if (batch_move(io, gva, elements) == -1)
		return -1;
	string_advance(io, address, count, elements);
	return 0;
}

int
nvmm_assist_io(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu)
{
	struct io_assist io;

	if (libnvmm_vcpu_check(mach, vcpu) == -1)
		return -1;
	if (vcpu->exit->reason != NVMM_VCPU_EXIT_IO ||
	    !exit_valid(&vcpu->exit->u.io) || vcpu->cbs.io == NULL) {
		errno = EINVAL;
		return -1;
	}
	if (libnvmm_x86_begin(&io.cpu, mach, vcpu) == -1)
		return -1;
	io.exit = vcpu->exit->u.io;
	memset(io.data, 0, sizeof(io.data));
	if (!io.exit.str)
		register_io(&io);
	else if (string_io(&io) == -1)
		return -1;
	return libnvmm_x86_commit(&io.cpu);
}
