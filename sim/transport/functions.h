/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of the library under test, for the transport's files.
 */
#ifndef SIM_TRANSPORT_FUNCTIONS_H
#define SIM_TRANSPORT_FUNCTIONS_H

#include <stdatomic.h>
#include <stddef.h>

#include "observe/call.h"

typedef void transport_function(void);

/* By sim_call_index; NULL: not known yet, or not there. */
extern _Atomic(transport_function *) transport_functions[SIM_NCALL];

/*
 * The function that caller, an address in some code, means; one that fails
 * with ENOSYS where there is none.
 */
transport_function *transport_function_find(enum sim_call_index call,
    const void *caller);

static inline transport_function *
transport_function_get(enum sim_call_index call, const void *caller)
{
	transport_function *function = atomic_load_explicit(
	    &transport_functions[call], memory_order_relaxed);

	return function != NULL ? function :
	    transport_function_find(call, caller);
}

#endif /* SIM_TRANSPORT_FUNCTIONS_H */
