/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The x86 interpreter: what its files share.
 *
 * An instruction first finds out everything that it will touch; then it
 * either leaves with nothing changed, or commits.  So a handler does what
 * can fail first, in the processor's order, and writes registers last.
 *
 *   interp.c    the engine: entries, windows, intents, the loop
 *   intent.c    guests that are told what to do: their instructions
 *   decode.c    bytes to struct interp_insn, by Zydis; the cache
 *   table.c     which handler executes which mnemonic
 *   segment.c   segmentation: linear addresses, limits, types
 *   paging.c    linear to guest-physical: tables, rights, the TLB
 *   memory.c    loads and stores of guest memory
 *   operand.c   operands of instructions
 *   flags.c     RFLAGS of arithmetic
 *   value.h     registers, masks and flags, in line
 *   fault.c     exceptions: raising, double and triple faults
 *   deliver.c   delivery through IVT and IDT, IRET's counterpart
 *   debug.c     single steps and breakpoints
 *   op_*.c      handlers, by subject
 */
#ifndef SIM_ENGINE_INTERP_INTERP_H
#define SIM_ENGINE_INTERP_INTERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/told.h"
#include "kernel/map.h"

struct interp;
struct interp_insn;

/*
 * Executes one instruction.  True: it is done, registers and memory are
 * written; RIP becomes ip->next_rip, which is preset to the instruction
 * behind and which control transfers change.  False: interp_fault() or
 * interp_stop() has said why, and nothing has changed (a repeated string
 * instruction keeps its finished iterations).
 */
typedef bool interp_handler(struct interp *ip, const struct interp_insn *insn);

enum interp_operand_kind {
	INTERP_NONE, INTERP_GPR, INTERP_MEM, INTERP_IMM, INTERP_SEG,
	INTERP_CR, INTERP_DR, INTERP_XMM, INTERP_MMX, INTERP_ST, INTERP_FAR
};

struct interp_operand {
	uint8_t kind;		/* enum interp_operand_kind */
	uint8_t size;		/* bytes */
	uint8_t reg;		/* number in its file; AH..BH: 0..3 */
	bool high;		/* AH, CH, DH, BH */
	uint64_t imm;		/* IMM, sign-extended; FAR: the offset */
	uint16_t selector;	/* FAR */
};

#define INTERP_NOREG	0xff
#define INTERP_RIP	16	/* a base register */

struct interp_insn {
	interp_handler *execute;
	uint16_t mnemonic;	/* ZydisMnemonic */
	uint8_t opcode;		/* the last byte of the opcode */
	uint8_t length;
	uint8_t bytes[SIM_INST_MAX];
	uint8_t operand_size;	/* bytes: 2, 4, 8 (1 for byte forms) */
	uint8_t address_size;	/* bytes: 2, 4, 8 */
	bool lock, rep, repne;	/* rep: F3, repne: F2 */
	uint8_t noperands;	/* explicit ones */
	struct interp_operand operands[4];
	/*
	 * Its memory operand, if it has one.  XLAT and strings: seg is the
	 * one that overrides change: the source's.
	 */
	uint8_t seg;		/* enum sim_seg_index, overrides applied */
	uint8_t base, index;	/* GPR, INTERP_RIP or INTERP_NOREG */
	uint8_t scale;
	int64_t disp;
};

/* What an instruction was refused with. */
enum interp_abort {
	INTERP_ABORT_NONE, INTERP_ABORT_FAULT, INTERP_ABORT_STOP
};

/* A place in guest memory that may be touched; of two pieces if it must. */
struct interp_access {
	uint8_t *host[2];
	uint64_t gpa[2];
	uint8_t first;		/* bytes in host[0]; the rest in host[1] */
	uint8_t size;
};

#define INTERP_TLB_SETS		256
#define INTERP_CACHE_SETS	1024

/* A translation: page of a linear address for one kind of access. */
struct interp_tlb {
	uint64_t tag;		/* linear page, bit 0: user; ~0: empty */
	uint64_t gpa;		/* of the page */
	uint8_t *host;		/* of the page */
	bool global;
};

struct interp_cached;		/* decode.c */

/* The page that code is being fetched from. */
struct interp_code {
	uint64_t tag;		/* as a TLB's; ~0: none */
	uint64_t gpa;
	uint8_t *host;
};

struct interp {
	struct sim_state *state;	/* the VCPU; valid during an entry */
	const struct sim_map *map;
	const struct sim_entry *entry;

	uint64_t next_rip;
	unsigned cpl;		/* SS.dpl; 0 in real mode, 3 in VM86 */
	unsigned code_size;	/* 2, 4, 8: the mode's default address size */
	bool user;		/* accesses count as user mode's (CPL 3) */

	enum interp_abort abort;
	struct sim_event fault;
	uint64_t fault_address;	/* CR2 of a page fault */
	struct sim_stop stop;
	const struct interp_insn *insn;	/* being executed; NULL: none */

	bool nmi_blocked;	/* until IRET */
	bool shadow_next;	/* STI, MOV SS, POP SS: one more instruction */
	bool external;		/* an event is being delivered: EXT of errors */
	bool keep_rf;		/* IRET has loaded it for the next one */
	/* DR7 has breakpoints on; of those on data, these were hit. */
	bool breaks_code, breaks_data;
	uint8_t break_hits;
	uint64_t executed;	/* instructions, ever */

	/* Indexed by access: enum sim_access. */
	struct interp_tlb tlb[3][INTERP_TLB_SETS];
	uint64_t tlb_cr0, tlb_cr3, tlb_cr4, tlb_efer, tlb_map;
	struct interp_code code;
	uint8_t decoder;	/* decode.c's name of the mode */
	struct interp_cached *cache;	/* owned; grows at the first run */
	unsigned cache_sets;

	struct sim_told told;		/* with a feed the guest is told */
};

/* --- fault.c: always false, so that a handler can return it --- */

enum interp_vector {
	INTERP_DE = 0, INTERP_DB = 1, INTERP_NMI = 2, INTERP_BP = 3,
	INTERP_OF = 4, INTERP_BR = 5, INTERP_UD = 6, INTERP_NM = 7,
	INTERP_DF = 8, INTERP_TS = 10, INTERP_NP = 11, INTERP_SS = 12,
	INTERP_GP = 13, INTERP_PF = 14, INTERP_MF = 16, INTERP_AC = 17,
	INTERP_XM = 19
};

/* A fault without, or with an error code. */
bool interp_fault(struct interp *ip, unsigned vector);
bool interp_fault_code(struct interp *ip, unsigned vector, uint32_t error);
bool interp_page_fault(struct interp *ip, uint64_t linear, uint32_t error);

/*
 * Delivers an event, through #DF to a shutdown if need be.  True: the guest
 * is in a handler.  False: ip->stop says why not; nothing has changed.
 */
bool interp_event(struct interp *ip, const struct sim_event *event,
    bool software);

/* A raw stop: *stop gets npc, length and bytes of the instruction. */
bool interp_stop(struct interp *ip, enum sim_stop_kind kind);
bool interp_stop_memory(struct interp *ip, enum sim_access access,
    uint64_t gpa, unsigned size, bool walk);

/* --- interp.c --- */

/*
 * Works out cpl, code_size and user again: whoever changes CS, SS, CR0.PE,
 * EFER.LMA or RFLAGS.VM calls it.
 */
void interp_mode_update(struct interp *ip);

/* Takes over an entry, and what may have changed since the last one. */
void interp_enter(struct interp *ip, const struct sim_entry *entry);

/*
 * Fetches and executes one instruction.  False: ip->abort, and ip->fault or
 * ip->stop.
 */
bool interp_execute(struct interp *ip);

/* intent.c: a sim_told_execute. */
bool interp_intent(void *engine, struct sim_told *told,
    const struct sim_entry *entry, struct sim_stop *stop);

/* --- segment.c --- */

/*
 * The linear address of size bytes at offset in a segment, if it may be read
 * or written through it: type, limit, canonical address.  #GP(0), or #SS(0)
 * for SS and, in long mode, for bases RSP and RBP without an override.
 */
bool interp_linear(struct interp *ip, enum sim_seg_index seg,
    uint64_t offset, unsigned size, enum sim_access access,
    uint64_t *linear);
/* The same through a hidden part that is not loaded; never in 64-bit code. */
bool interp_linear_in(struct interp *ip, const struct sim_seg *seg,
    uint64_t offset, unsigned size, enum sim_access access, unsigned vector,
    uint32_t error, uint64_t *linear);

/*
 * Loads ES, SS, DS, FS or GS as MOV does, with all checks of its type and
 * privilege; the descriptor becomes accessed.  CS, LDTR and TR: op_far.c.
 */
bool interp_seg_load(struct interp *ip, enum sim_seg_index seg,
    uint16_t selector);

/* A descriptor as it stands in a table; system ones of long mode have high. */
struct interp_descriptor {
	uint64_t low, high;
	uint64_t linear;	/* where it stands */
};
/*
 * Reads a selector's descriptor from GDT or LDT.  Beyond the limit: the
 * fault vector with the selector as its error.  wide: 16 bytes.
 */
bool interp_descriptor_read(struct interp *ip, uint16_t selector,
    unsigned vector, bool wide, struct interp_descriptor *descriptor);
/* Sets the accessed (or busy) bit given, where the descriptor stands. */
bool interp_descriptor_mark(struct interp *ip,
    const struct interp_descriptor *descriptor, uint64_t bit);
/* The hidden part that a code or data descriptor makes. */
struct sim_seg interp_descriptor_seg(uint16_t selector,
    const struct interp_descriptor *descriptor);

/* Mode questions. */
bool interp_protected(const struct interp *ip);	/* CR0.PE, not VM86 */
bool interp_vm86(const struct interp *ip);
bool interp_long(const struct interp *ip);	/* EFER.LMA */
bool interp_code64(const struct interp *ip);	/* and CS.L */
unsigned interp_iopl(const struct interp *ip);
bool interp_canonical(uint64_t linear);

/* --- memory.c --- */

/*
 * Finds out that size bytes (1 to 64) may be read (and, for WRITE, written)
 * and where they are.  False: a fault, or the stop of a hole.
 */
bool interp_access(struct interp *ip, enum sim_seg_index seg,
    uint64_t offset, unsigned size, enum sim_access kind,
    struct interp_access *access);
/* The same for a linear address, with supervisor's rights if system. */
bool interp_access_linear(struct interp *ip, uint64_t linear, unsigned size,
    enum sim_access kind, bool system, struct interp_access *access);

/* Relaxed atomics where aligned; up to 8 bytes, zero-extended. */
uint64_t interp_load(const struct interp_access *access);
void interp_store(struct interp *ip, const struct interp_access *access,
    uint64_t value);
/* If the bytes are still expected, they become value.  For LOCK. */
bool interp_store_if(struct interp *ip, const struct interp_access *access,
    uint64_t expected, uint64_t value);
/* The same for 16 aligned bytes: CMPXCHG16B. */
bool interp_store_pair_if(struct interp *ip,
    const struct interp_access *access, const uint64_t expected[2],
    const uint64_t value[2]);
/* Any number of bytes up to 64. */
void interp_load_bytes(const struct interp_access *access, void *bytes);
void interp_store_bytes(struct interp *ip,
    const struct interp_access *access, const void *bytes);

/* One go: by segment and offset, or as the system (descriptors, TSS, IDT). */
bool interp_read(struct interp *ip, enum sim_seg_index seg, uint64_t offset,
    unsigned size, uint64_t *value);
bool interp_read_system(struct interp *ip, uint64_t linear, unsigned size,
    uint64_t *value);

/* --- paging.c --- */

/*
 * Where a linear address is, for one kind of access: the host's address and
 * the guest-physical one.  system: with supervisor's rights whatever CPL is.
 * size: bytes of the access there, for the stop at a hole.  False: a page
 * fault, or a stop.
 */
bool interp_translate(struct interp *ip, uint64_t linear, unsigned size,
    enum sim_access kind, bool system, uint8_t **host, uint64_t *gpa);

/* Forgets translations: all but global ones, or all; or of one page. */
void interp_tlb_flush(struct interp *ip, bool global_too);
void interp_tlb_flush_page(struct interp *ip, uint64_t linear);

/* --- operand.c --- */

/* The offset of the memory operand in its segment. */
uint64_t interp_address(const struct interp *ip,
    const struct interp_insn *insn);

/* Value of the i-th operand, zero-extended (IMM: as it is). */
bool interp_get(struct interp *ip, const struct interp_insn *insn,
    unsigned i, uint64_t *value);
/*
 * Writes it: the last thing a handler does that can fail.  A 32-bit register
 * loses its upper half, narrower ones keep it.
 */
bool interp_put(struct interp *ip, const struct interp_insn *insn,
    unsigned i, uint64_t value);

/*
 * Read, compute, write of the i-th operand.  begin: *value is read, and it
 * may be written; commit cannot fault: false means that with LOCK another
 * processor was faster: rmw->old is new, and the handler computes again.
 * begin_at: at another offset than the operand's own, for bit strings.
 */
struct interp_rmw {
	bool memory;
	bool atomic;		/* LOCK, or XCHG */
	unsigned operand;
	uint64_t old;
	struct interp_access access;
};
bool interp_rmw_begin(struct interp *ip, const struct interp_insn *insn,
    unsigned i, struct interp_rmw *rmw, uint64_t *value);
bool interp_rmw_begin_at(struct interp *ip, const struct interp_insn *insn,
    unsigned i, uint64_t offset, struct interp_rmw *rmw, uint64_t *value);
bool interp_rmw_commit(struct interp *ip, const struct interp_insn *insn,
    struct interp_rmw *rmw, uint64_t value);

/* --- flags.c --- */

#define INTERP_CF	0x001ULL
#define INTERP_PF_FLAG	0x004ULL
#define INTERP_AF	0x010ULL
#define INTERP_ZF	0x040ULL
#define INTERP_SF	0x080ULL
#define INTERP_TF	0x100ULL
#define INTERP_IF	0x200ULL
#define INTERP_DF_FLAG	0x400ULL
#define INTERP_OF_FLAG	0x800ULL
#define INTERP_IOPL	0x3000ULL
#define INTERP_NT	0x4000ULL
#define INTERP_RF	0x10000ULL
#define INTERP_VM	0x20000ULL
#define INTERP_AC_FLAG	0x40000ULL
#define INTERP_ID	0x200000ULL
#define INTERP_STATUS	(INTERP_CF | INTERP_PF_FLAG | INTERP_AF |	\
	INTERP_ZF | INTERP_SF | INTERP_OF_FLAG)

/* All status flags of a + b + carry and of a - b - borrow. */
uint64_t interp_flags_add(uint64_t a, uint64_t b, unsigned carry,
    unsigned size);
uint64_t interp_flags_sub(uint64_t a, uint64_t b, unsigned borrow,
    unsigned size);
/* Whether condition code cc (0 to 15, as in Jcc's opcode) holds. */
bool interp_condition(const struct interp *ip, unsigned cc);

/* --- stack, in op_stack.c --- */

/* Bytes of SP that count: 2, 4 or 8. */
unsigned interp_stack_size(const struct interp *ip);
/*
 * A word of size bytes on the stack.  push writes memory and then RSP; pop
 * only reads: RSP is moved by interp_stack_drop() when all else is done.
 * peek reads at an offset from the top.
 */
bool interp_push(struct interp *ip, unsigned size, uint64_t value);
bool interp_peek(struct interp *ip, unsigned offset, unsigned size,
    uint64_t *value);
void interp_stack_drop(struct interp *ip, unsigned bytes);

/* --- deliver.c --- */

/*
 * Delivers an event: the guest is in its handler then.  software: INT n,
 * INT3, INTO (DPL of the gate is checked; the return address is behind the
 * instruction).  False: another fault, or a stop; nothing has changed.
 */
bool interp_deliver(struct interp *ip, const struct sim_event *event,
    bool software);
/* The same with the return address given. */
bool interp_deliver_at(struct interp *ip, const struct sim_event *event,
    bool software, uint64_t rip);

/* --- op_far.c --- */

/* Loads CS and RIP for a far transfer or an interrupt's gate. */
bool interp_code_load(struct interp *ip, uint16_t selector,
    const struct sim_seg *seg, uint64_t rip, unsigned cpl);

/*
 * Forms that share a mnemonic with others: the handler of the mnemonic (MOV,
 * CALL, JMP, RET; MOVSD the string) hands them on.
 */
bool interp_mov_system(struct interp *ip, const struct interp_insn *insn);
bool interp_call_far(struct interp *ip, const struct interp_insn *insn);
bool interp_jmp_far(struct interp *ip, const struct interp_insn *insn);
bool interp_ret_far(struct interp *ip, const struct interp_insn *insn);
bool interp_movsd_sse(struct interp *ip, const struct interp_insn *insn);

/* --- debug.c --- */

/* DR7 has another value. */
void interp_debug_update(struct interp *ip);
/* False: a breakpoint on the instruction at RIP. */
bool interp_debug_fetch(struct interp *ip);
/* An instruction touches data. */
void interp_debug_access(struct interp *ip, uint64_t linear, unsigned size,
    bool write);
/*
 * After an instruction that was stepped (TF was set before it) or has hit
 * something: the trap.  False: ip->stop.
 */
bool interp_debug_after(struct interp *ip, bool stepped);

/* --- decode.c --- */

/*
 * The instruction at CS:RIP.  NULL: a fault or a stop.  Valid until the next
 * call.
 */
const struct interp_insn *interp_fetch(struct interp *ip);
/* The decoder for the mode that ip is in. */
uint8_t interp_decoder(const struct interp *ip);
/*
 * A cache of so many instructions, a power of 2, in the place of the one it
 * has.  0 or ENOMEM: then it keeps that.
 */
int interp_cache_create(struct interp *ip, unsigned sets);
void interp_cache_destroy(struct interp *ip);

/*
 * table.c: for each mnemonic its handler, from all op_*.c.  NULL: #UD.
 */
interp_handler *interp_handler_find(unsigned mnemonic);

/* op_cmpxchg.c, in the list of op_arith.c */
interp_handler interp_op_cmpxchg, interp_op_cmpxchg8b, interp_op_cmpxchg16b;

/* Each op_*.c has a list of what it executes, ended by a NULL handler. */
struct interp_op {
	uint16_t mnemonic;	/* ZYDIS_MNEMONIC_* */
	interp_handler *execute;
};
extern const struct interp_op interp_ops_arith[], interp_ops_shift[],
    interp_ops_muldiv[], interp_ops_bit[], interp_ops_bmi[],
    interp_ops_bcd[],
    interp_ops_move[], interp_ops_stack[], interp_ops_string[],
    interp_ops_control[], interp_ops_flag[], interp_ops_return[],
    interp_ops_int[], interp_ops_syscall[], interp_ops_system[],
    interp_ops_table[], interp_ops_whole[], interp_ops_sse[],
    interp_ops_sse_int[], interp_ops_fpu[], interp_ops_io[];

#include "engine/interp/value.h"

#endif /* SIM_ENGINE_INTERP_INTERP_H */
