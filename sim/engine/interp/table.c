/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which handler executes which mnemonic: the lists of all op_*.c.
 */
#include "engine/interp/interp.h"

static const struct interp_op *const lists[] = {
	interp_ops_arith,
	interp_ops_shift,
	interp_ops_muldiv,
	interp_ops_bit,
	interp_ops_bmi,
	interp_ops_bcd,
	interp_ops_move,
	interp_ops_stack,
	interp_ops_string,
	interp_ops_io,
	interp_ops_control,
	interp_ops_flag,
	interp_ops_return,
	interp_ops_int,
	interp_ops_syscall,
	interp_ops_system,
	interp_ops_table,
	interp_ops_whole,
	interp_ops_sse,
	interp_ops_sse_int,
	interp_ops_fpu,
};

static interp_handler *
list_find(const struct interp_op *op, unsigned mnemonic)
{
	for (; op->execute != NULL; op++) {
		if (op->mnemonic == mnemonic)
			return op->execute;
	}
	return NULL;
}

/* Only what is not in the cache of decoded instructions comes here. */
interp_handler *
interp_handler_find(unsigned mnemonic)
{
	interp_handler *handler = NULL;
	size_t i;

	for (i = 0; handler == NULL && i < sizeof(lists) / sizeof(lists[0]);
	    i++)
		handler = list_find(lists[i], mnemonic);
	return handler;
}
