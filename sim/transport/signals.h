/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program's signals while one of its threads is in the kernel.
 */
#ifndef SIM_TRANSPORT_SIGNALS_H
#define SIM_TRANSPORT_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Whether a handler waits until this thread leaves the kernel. */
bool transport_signalled(void);

/* Whether this thread is in a handler. */
bool transport_interrupting(void);

/* Lets it run: for transport_leave(). */
void transport_undefer(void);

/* Around fork(2). */
void transport_signals_lock(void);
void transport_signals_unlock(void);
void transport_signals_lock_init(void);
/* In its child: what waited was for the parent. */
void transport_signals_forget(void);

/* Names of the C library that its headers do not always declare. */
sighandler_t bsd_signal(int sig, sighandler_t handler);
sighandler_t sysv_signal(int sig, sighandler_t handler);
sighandler_t __sysv_signal(int sig, sighandler_t handler);

#endif /* SIM_TRANSPORT_SIGNALS_H */
