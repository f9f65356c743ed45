/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a program's kernel.  Who frees here what the C library has
 * allocated, as strdup(3) does, or the other way, is wrong.
 */
#ifndef SIM_PRELOAD_MEMORY_H
#define SIM_PRELOAD_MEMORY_H

/*
 * In a child, whose parent's threads may have been anywhere in it: what they
 * had is abandoned.
 */
void preload_memory_forget(void);

#endif /* SIM_PRELOAD_MEMORY_H */
