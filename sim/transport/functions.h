/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of the library under test, for the transport's files.
 */
#ifndef SIM_TRANSPORT_FUNCTIONS_H
#define SIM_TRANSPORT_FUNCTIONS_H

#include "observe/call.h"

/*
 * By sim_call_index.  Set by library.c; a function that the library lacks
 * fails with ENOSYS, as does every one before a library is loaded.
 */
typedef void transport_function(void);
extern transport_function *transport_functions[SIM_NCALL];

#endif /* SIM_TRANSPORT_FUNCTIONS_H */
