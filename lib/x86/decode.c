/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an instruction's bytes to its parts, with Zydis, in the mode the
 * guest executes in.
 */
#include <errno.h>
#include <string.h>

#include "insn.h"

/* The stack's width is of no interest here: it goes with the code's. */
static void
decoder_init(ZydisDecoder *decoder, const struct nvmm_vcpu_state *state)
{
	switch (libnvmm_x86_code_width(state)) {
	case 8:
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64,
		    ZYDIS_STACK_WIDTH_64);
		break;
	case 4:
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LEGACY_32,
		    ZYDIS_STACK_WIDTH_32);
		break;
	default:
		ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LEGACY_16,
		    ZYDIS_STACK_WIDTH_16);
		break;
	}
}

static ZyanStatus
bytes_decode(const ZydisDecoder *decoder, const uint8_t *bytes, size_t len,
    struct libnvmm_x86_insn *insn)
{
	ZydisDecoderContext context;
	ZyanStatus status;

	status = ZydisDecoderDecodeInstruction(decoder, &context, bytes, len,
	    &insn->info);
	if (!ZYAN_SUCCESS(status))
		return status;
	/* Hidden operands count: those of string instructions are. */
	insn->noperands = insn->info.operand_count;
	if (insn->noperands > LIBNVMM_X86_OPERANDS)
		insn->noperands = LIBNVMM_X86_OPERANDS;
	return ZydisDecoderDecodeOperands(decoder, &context, &insn->info,
	    insn->operands, (ZyanU8)insn->noperands);
}

/*
 * The next page is touched only if the instruction goes on there: it need
 * not be mapped, and may be a device.
 */
static int
fetched_decode(const struct libnvmm_x86_cpu *cpu, const ZydisDecoder *decoder,
    struct libnvmm_x86_insn *insn, ZyanStatus *status)
{
	uint8_t bytes[LIBNVMM_X86_INSN_MAX];
	size_t len = 0, n;

	do {
		if (libnvmm_x86_fetch(cpu, len, bytes + len,
		    sizeof(bytes) - len, &n) == -1)
			return -1;
		len += n;
		*status = bytes_decode(decoder, bytes, len, insn);
	} while (*status == ZYDIS_STATUS_NO_MORE_DATA && len < sizeof(bytes));
	return 0;
}

int
libnvmm_x86_decode(const struct libnvmm_x86_cpu *cpu,
    const struct nvmm_x86_exit_memory *exit, struct libnvmm_x86_insn *insn)
{
	ZyanStatus status = ZYDIS_STATUS_NO_MORE_DATA;
	size_t len = exit->inst_len;
	ZydisDecoder decoder;

	decoder_init(&decoder, cpu->state);
	if (len > sizeof(exit->inst_bytes))
		len = sizeof(exit->inst_bytes);
	if (len > 0)
		status = bytes_decode(&decoder, exit->inst_bytes, len, insn);
	if (status == ZYDIS_STATUS_NO_MORE_DATA &&
	    fetched_decode(cpu, &decoder, insn, &status) == -1)
		return -1;
	if (ZYAN_SUCCESS(status))
		return 0;
	errno = ENODEV;
	return -1;
}
