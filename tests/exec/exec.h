/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running programs under `nvmm-sim exec', and looking at what came of it.
 * What is said in tests/cli/run.h holds here, too.
 */
#ifndef TESTS_EXEC_EXEC_H
#define TESTS_EXEC_EXEC_H

#include <stdbool.h>

#include "../cli/run.h"

/* One of tests/exec/programs; the path is good until the next call. */
const char *program_of(const char *name);

/* nvmm-sim exec with these words, up to NULL, in the case's folder. */
#define EXEC(...)	RUN_HERE("exec", __VA_ARGS__)

/*
 * A command line for sh(1): $SIM is nvmm-sim, $P the programs'
 * folder, $LIB that of the libraries, $DIR the case's, $ROOT the
 * repository's, $COVERAGE what linking libnvmm.a takes beside its libraries.
 */
struct run exec_shell(const char *command);

/* So many lines of standard error, each begun by "nvmm-sim: ". */
void must_tell(const struct run *run, unsigned lines, const char *what);
unsigned lines_of(const char *text);

Suite *behaviour_suite(void);
Suite *outcome_suite(void);
Suite *refusal_suite(void);
Suite *libraries_suite(void);
Suite *options_suite(void);
Suite *tools_suite(void);

#endif /* TESTS_EXEC_EXEC_H */
