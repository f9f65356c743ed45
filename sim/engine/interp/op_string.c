/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * String instructions (Intel SDM vol. 1, 7.3.9).  Each repetition is
 * finished before the next begins, so a fault or a stop keeps those behind
 * it, with RIP still at the instruction.
 */
#include <Zydis/Zydis.h>
#include <string.h>

#include "engine/interp/interp.h"

/*
 * Turns of a repetition until the loop of interp.c looks after its own
 * business, and how much of plain forward memory one turn may do.
 */
#define TURNS	16
#define BULK	64U
#define PAGE	4096U

static unsigned
element_size(const struct interp_insn *insn)
{
	return insn->opcode & 1 ? insn->operand_size : 1;
}

static uint64_t
offset_get(const struct interp *ip, const struct interp_insn *insn,
    unsigned reg)
{
	return interp_reg_get(ip, reg, insn->address_size, false);
}

/* RSI or RDI moves over n elements. */
static void
offset_move(struct interp *ip, const struct interp_insn *insn, unsigned reg,
    unsigned n)
{
	uint64_t by = n * element_size(insn), offset;

	offset = offset_get(ip, insn, reg);
	offset = interp_flags(ip) & INTERP_DF_FLAG ? offset - by : offset + by;
	interp_reg_set(ip, reg, insn->address_size, false, offset);
}

/* n elements at seg:RSI, and at ES:RDI. */
static bool
source(struct interp *ip, const struct interp_insn *insn, unsigned n,
    struct interp_access *access)
{
	return interp_access(ip, (enum sim_seg_index)insn->seg,
	    offset_get(ip, insn, SIM_GPR_RSI), n * element_size(insn),
	    SIM_ACCESS_READ, access);
}

static bool
target(struct interp *ip, const struct interp_insn *insn, unsigned n,
    enum sim_access kind, struct interp_access *access)
{
	return interp_access(ip, SIM_SEG_ES,
	    offset_get(ip, insn, SIM_GPR_RDI), n * element_size(insn), kind,
	    access);
}

/*
 * Whether a copy as a whole is what a copy by elements is: an element that
 * was written must not be read again.
 */
static bool
apart(const struct interp_access *from, const struct interp_access *to)
{
	uintptr_t distance = (uintptr_t)to->host[0] - (uintptr_t)from->host[0];

	return distance >= from->size;
}

static bool
movs(struct interp *ip, const struct interp_insn *insn, unsigned n)
{
	struct interp_access from, to;
	uint8_t bytes[BULK];

	if (!source(ip, insn, n, &from) ||
	    !target(ip, insn, n, SIM_ACCESS_WRITE, &to))
		return false;
	if (n > 1 && !apart(&from, &to))
		return false;
	if (n > 1) {
		interp_load_bytes(&from, bytes);
		interp_store_bytes(ip, &to, bytes);
	} else
		interp_store(ip, &to, interp_load(&from));
	offset_move(ip, insn, SIM_GPR_RSI, n);
	offset_move(ip, insn, SIM_GPR_RDI, n);
	return true;
}

static bool
stos(struct interp *ip, const struct interp_insn *insn, unsigned n)
{
	unsigned i, size = element_size(insn);
	uint64_t value = ip->state->gprs[SIM_GPR_RAX];
	struct interp_access to;
	uint8_t bytes[BULK];

	if (!target(ip, insn, n, SIM_ACCESS_WRITE, &to))
		return false;
	if (n > 1) {
		for (i = 0; i < n * size; i++)
			bytes[i] = (uint8_t)(value >> (i % size * 8));
		interp_store_bytes(ip, &to, bytes);
	} else
		interp_store(ip, &to, value);
	offset_move(ip, insn, SIM_GPR_RDI, n);
	return true;
}

static bool
lods(struct interp *ip, const struct interp_insn *insn, unsigned n)
{
	struct interp_access from;

	if (!source(ip, insn, n, &from))
		return false;
	interp_reg_set(ip, SIM_GPR_RAX, element_size(insn), false,
	    interp_load(&from));
	offset_move(ip, insn, SIM_GPR_RSI, n);
	return true;
}

static bool
cmps(struct interp *ip, const struct interp_insn *insn, unsigned n)
{
	struct interp_access from, to;

	/* The other way round than MOVS: processors do it so. */
	if (!target(ip, insn, n, SIM_ACCESS_READ, &to) ||
	    !source(ip, insn, n, &from))
		return false;
	interp_flags_set(ip, INTERP_STATUS, interp_flags_sub(
	    interp_load(&from), interp_load(&to), 0, element_size(insn)));
	offset_move(ip, insn, SIM_GPR_RSI, n);
	offset_move(ip, insn, SIM_GPR_RDI, n);
	return true;
}

static bool
scas(struct interp *ip, const struct interp_insn *insn, unsigned n)
{
	unsigned size = element_size(insn);
	struct interp_access to;

	if (!target(ip, insn, n, SIM_ACCESS_READ, &to))
		return false;
	interp_flags_set(ip, INTERP_STATUS, interp_flags_sub(
	    interp_reg_get(ip, SIM_GPR_RAX, size, false), interp_load(&to),
	    0, size));
	offset_move(ip, insn, SIM_GPR_RDI, n);
	return true;
}

struct string {
	/* Does n elements, or none: n > 1 only for bulk. */
	bool (*elements)(struct interp *ip, const struct interp_insn *insn,
	    unsigned n);
	bool bulk;		/* can do several at once */
	bool compares;		/* REPE and REPNE look at ZF */
};

/* Bytes from an offset up to the end of its page. */
static uint64_t
page_room(const struct interp *ip, enum sim_seg_index seg, uint64_t offset)
{
	return PAGE - (ip->state->segs[seg].base + offset) % PAGE;
}

/* How many elements one turn should try to do. */
static unsigned
turn_elements(const struct interp *ip, const struct interp_insn *insn,
    const struct string *string, uint64_t count)
{
	unsigned size = element_size(insn);
	uint64_t bytes = BULK, room;

	if (!string->bulk || count == 1 ||
	    (interp_flags(ip) & (INTERP_DF_FLAG | INTERP_TF)) != 0)
		return 1;
	room = page_room(ip, SIM_SEG_ES, offset_get(ip, insn, SIM_GPR_RDI));
	bytes = room < bytes ? room : bytes;
	room = page_room(ip, (enum sim_seg_index)insn->seg,
	    offset_get(ip, insn, SIM_GPR_RSI));
	if (string->elements == movs && room < bytes)
		bytes = room;
	if (count < bytes / size)
		return (unsigned)count;
	return bytes < size ? 1 : (unsigned)bytes / size;
}

/* Some elements, or one if they cannot be done at once.  0: not even one. */
static unsigned
turn(struct interp *ip, const struct interp_insn *insn,
    const struct string *string, uint64_t count)
{
	unsigned n = turn_elements(ip, insn, string, count);

	if (n > 1 && string->elements(ip, insn, n))
		return n;
	/* What one of the later elements met has not happened yet. */
	ip->abort = INTERP_ABORT_NONE;
	return string->elements(ip, insn, 1) ? 1 : 0;
}

/* Whether a comparison ends its repetition. */
static bool
decided(const struct interp *ip, const struct interp_insn *insn,
    const struct string *string)
{
	bool equal = interp_flags(ip) & INTERP_ZF;

	return string->compares && (insn->repne ? equal : !equal);
}

static bool
repeat(struct interp *ip, const struct interp_insn *insn,
    const struct string *string)
{
	unsigned n, turns = interp_flags(ip) & INTERP_TF ? 1 : TURNS;
	uint64_t count = offset_get(ip, insn, SIM_GPR_RCX);

	for (; turns > 0 && count > 0; turns--) {
		n = turn(ip, insn, string, count);
		if (n == 0)
			return false;
		count -= n;
		ip->executed++;
		interp_reg_set(ip, SIM_GPR_RCX, insn->address_size, false,
		    count);
		if (decided(ip, insn, string))
			return true;
	}
	/* To be continued. */
	if (count > 0)
		ip->next_rip = ip->state->gprs[SIM_GPR_RIP];
	return true;
}

static bool
run(struct interp *ip, const struct interp_insn *insn,
    const struct string *string)
{
	if (insn->rep || insn->repne)
		return repeat(ip, insn, string);
	return string->elements(ip, insn, 1);
}

static bool
op_movs(struct interp *ip, const struct interp_insn *insn)
{
	static const struct string string = { movs, true, false };

	if (insn->mnemonic == ZYDIS_MNEMONIC_MOVSD && insn->noperands > 0)
		return interp_movsd_sse(ip, insn);
	return run(ip, insn, &string);
}

static bool
op_stos(struct interp *ip, const struct interp_insn *insn)
{
	static const struct string string = { stos, true, false };

	return run(ip, insn, &string);
}

static bool
op_lods(struct interp *ip, const struct interp_insn *insn)
{
	static const struct string string = { lods, false, false };

	return run(ip, insn, &string);
}

static bool
op_cmps(struct interp *ip, const struct interp_insn *insn)
{
	static const struct string string = { cmps, false, true };

	/* CMPSD of SSE2 is arithmetic, which is not there. */
	if (insn->noperands > 0)
		return interp_fault(ip, INTERP_UD);
	return run(ip, insn, &string);
}

static bool
op_scas(struct interp *ip, const struct interp_insn *insn)
{
	static const struct string string = { scas, false, true };

	return run(ip, insn, &string);
}

const struct interp_op interp_ops_string[] = {
	{ ZYDIS_MNEMONIC_MOVSB, op_movs },
	{ ZYDIS_MNEMONIC_MOVSW, op_movs },
	{ ZYDIS_MNEMONIC_MOVSD, op_movs },
	{ ZYDIS_MNEMONIC_MOVSQ, op_movs },
	{ ZYDIS_MNEMONIC_STOSB, op_stos },
	{ ZYDIS_MNEMONIC_STOSW, op_stos },
	{ ZYDIS_MNEMONIC_STOSD, op_stos },
	{ ZYDIS_MNEMONIC_STOSQ, op_stos },
	{ ZYDIS_MNEMONIC_LODSB, op_lods },
	{ ZYDIS_MNEMONIC_LODSW, op_lods },
	{ ZYDIS_MNEMONIC_LODSD, op_lods },
	{ ZYDIS_MNEMONIC_LODSQ, op_lods },
	{ ZYDIS_MNEMONIC_CMPSB, op_cmps },
	{ ZYDIS_MNEMONIC_CMPSW, op_cmps },
	{ ZYDIS_MNEMONIC_CMPSD, op_cmps },
	{ ZYDIS_MNEMONIC_CMPSQ, op_cmps },
	{ ZYDIS_MNEMONIC_SCASB, op_scas },
	{ ZYDIS_MNEMONIC_SCASW, op_scas },
	{ ZYDIS_MNEMONIC_SCASD, op_scas },
	{ ZYDIS_MNEMONIC_SCASQ, op_scas },
	{ 0, NULL },
};
