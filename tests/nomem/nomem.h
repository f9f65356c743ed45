/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every allocation and mapping of library and kernel fails in turn: a life is
 * a list of steps, run again and again, with fault 0, 1, 2, ... until a run
 * meets none.
 */
#ifndef TESTS_NOMEM_NOMEM_H
#define TESTS_NOMEM_NOMEM_H

#include <check.h>
#include <stdbool.h>

struct sim;

/* wrap.c: the first'th allocation from now on fails; all after it, too. */
void faults_arm(unsigned first, bool always);
void faults_disarm(void);
/* libcheck allocates too: an assertion of a step is outside of them. */
#define WITHOUT_FAULTS(assertion)					\
	do {								\
		faults_pause(true);					\
		assertion;						\
		faults_pause(false);					\
	} while (0)
void faults_pause(bool pause);
/* How many allocations there were since then, and how many failed. */
unsigned faults_calls(void);
unsigned faults_met(void);

/* One step: 0 or an errno value.  It can be repeated after a failure. */
struct step {
	const char *name;
	int (*run)(void);
};

struct life {
	const struct step *steps;	/* up to one without a name */
	void (*begin)(void);		/* never fails */
	/* The kernel that there is now, or NULL. */
	struct sim *(*kernel)(void);
	void (*end)(void);
};

/*
 * Lives it with each fault, once or from then on.  A step that fails does so
 * with ENOMEM, leaves nothing behind, and succeeds when it is repeated.
 */
void life_with_faults(const struct life *life, bool always);

Suite *kernel_nomem_suite(void);
Suite *library_nomem_suite(void);
Suite *steady_suite(void);

#endif /* TESTS_NOMEM_NOMEM_H */
