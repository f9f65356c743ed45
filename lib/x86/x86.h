/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of libnvmm's x86 half share: the view of a VCPU that an
 * assist works on, address translation, and guest memory.  Functions return
 * 0, or -1 with errno, and leave errno alone on success.
 */
#ifndef LIBNVMM_X86_X86_H
#define LIBNVMM_X86_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nvmm.h>

#pragma GCC visibility push(hidden)

#define LIBNVMM_X86_PAGE_SIZE	4096
#define LIBNVMM_X86_INSN_MAX	15	/* bytes of the longest instruction */

#define LIBNVMM_X86_EFER_LMA	0x400
#define LIBNVMM_X86_RFLAGS_CF	0x001
#define LIBNVMM_X86_RFLAGS_DF	0x400

/*
 * A VCPU as an assist sees it.  The assist changes copies of registers
 * only; they reach the comm page when everything has succeeded.
 */
struct libnvmm_x86_cpu {
	struct nvmm_machine *mach;		/* borrowed, as all pointers */
	struct nvmm_vcpu *vcpu;
	const struct nvmm_vcpu_state *state;	/* SEGS, CRS, MSRS are valid */
	uint64_t gprs[NVMM_X64_NGPR];
	/* One register of the FPU state, if an instruction changed it. */
	bool xmm_changed;
	unsigned xmm;
	uint8_t xmm_value[16];
};

/*
 * Begin an assist: the only getstate of it.  Commit: the only setstate; if
 * it fails the comm page is as before.
 */
int libnvmm_x86_begin(struct libnvmm_x86_cpu *cpu, struct nvmm_machine *mach,
    struct nvmm_vcpu *vcpu);
int libnvmm_x86_commit(struct libnvmm_x86_cpu *cpu);

/* Is EFER.LMA set: long mode, or its compatibility mode. */
bool libnvmm_x86_long_mode(const struct nvmm_vcpu_state *state);

/* Bytes of an address in the code the guest executes: 2, 4 or 8. */
size_t libnvmm_x86_code_width(const struct nvmm_vcpu_state *state);

/* The linear address of an offset into a segment, without checks. */
gvaddr_t libnvmm_x86_linear(const struct libnvmm_x86_cpu *cpu, unsigned seg,
    uint64_t offset);

/* The low size bytes set; and those of value put into old. */
uint64_t libnvmm_x86_mask(size_t size);
uint64_t libnvmm_x86_merge(uint64_t old, uint64_t value, size_t size);

/* Little-endian numbers of 1 to 8 bytes, as the guest keeps them. */
uint64_t libnvmm_x86_get_le(const uint8_t *data, size_t size);
void libnvmm_x86_put_le(uint8_t *data, uint64_t value, size_t size);

/*
 * Walk the guest's page tables.  EFAULT: gva does not translate; *gpa and
 * *prot are unchanged then.  Needs CRS and MSRS of state.
 */
int libnvmm_x86_translate(struct nvmm_machine *mach,
    const struct nvmm_vcpu_state *state, gvaddr_t gva, gpaddr_t *gpa,
    nvmm_prot_t *prot);

/*
 * A range of guest-virtual memory, translated and checked: reading and
 * writing it cannot fail.  Two pages, and room for areas ending within them.
 */
#define LIBNVMM_X86_SPAN_PIECES	4
struct libnvmm_x86_span {
	size_t npieces;
	struct libnvmm_x86_piece {
		gpaddr_t gpa;
		uint8_t *ram;	/* NULL: the mem callback answers */
		size_t size;	/* in bytes, within one page */
	} pieces[LIBNVMM_X86_SPAN_PIECES];
};

/* Beside the rights of NVMM: not where user mode has any. */
#define LIBNVMM_X86_NOT_USER	0x100

/*
 * Translate size bytes at gva for NVMM_PROT_READ, WRITE or both; with USER
 * as user mode does, with NOT_USER as SMAP has it.  Touches no memory of the
 * guest but its tables and calls no callback.  EFAULT: not translated or not
 * permitted; EINVAL: needs the mem callback and there is none.
 */
int libnvmm_x86_span_resolve(const struct libnvmm_x86_cpu *cpu, gvaddr_t gva,
    size_t size, nvmm_prot_t right, struct libnvmm_x86_span *span);
void libnvmm_x86_span_read(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_span *span, uint8_t *data);
void libnvmm_x86_span_write(const struct libnvmm_x86_cpu *cpu,
    const struct libnvmm_x86_span *span, uint8_t *data);

/*
 * Fetch up to max instruction bytes, beginning skip bytes behind RIP, but
 * none of the next page.  *len: how many.  Errors of span_resolve.
 */
int libnvmm_x86_fetch(const struct libnvmm_x86_cpu *cpu, size_t skip,
    uint8_t *bytes, size_t max, size_t *len);

#pragma GCC visibility pop

#endif /* LIBNVMM_X86_X86_H */
