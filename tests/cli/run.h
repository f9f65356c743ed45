/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running nvmm-sim as a user would, and looking at what came of it.  The
 * program is $NVMM_SIM, or build/nvmm-sim; tests start in the repository's
 * root.  Each test case has a folder of its own for its files.
 */
#ifndef TESTS_CLI_RUN_H
#define TESTS_CLI_RUN_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/* What a program left behind; run_free() it. */
struct run {
	int status;	/* of the exit; 256 + the signal that ended it */
	char *out, *err;
};

/*
 * Runs nvmm-sim with the words that follow, up to NULL, in the folder; NULL
 * is the repository's root.  Nothing is read from standard input.
 */
struct run run_words(const char *folder, const char *const *words);
/*
 * All scenarios, or those of one file where CLI_FEW says that a run is slow.
 */
const char *all_scenarios(void);
bool all_is_few(void);

#define RUN(...)							\
	run_words(NULL, (const char *const[]){ __VA_ARGS__, NULL })
#define RUN_HERE(...)							\
	run_words(folder_path(), (const char *const[]){ __VA_ARGS__, NULL })

/* A command line for sh(1), in the folder. */
struct run run_shell(const char *folder, const char *command);
void run_free(struct run *run);

/* The program's path, and that of a file beside it. */
const char *program_path(void);
const char *product(const char *name);

/* The case's folder, and a file in it that shall have this text. */
const char *folder_path(void);
void folder_file(const char *name, const char *text);
void folder_bytes(const char *name, const void *data, size_t size);
/* A file's text; free() it. */
char *folder_read(const char *name);

/* A new case of the suite, with its folder and time enough. */
TCase *case_new(Suite *suite, const char *name);

/* Fails the test unless the text has, or has not, the part. */
void must_have(const char *text, const char *part, const char *what);
void must_lack(const char *text, const char *part, const char *what);
void must_exit(const struct run *run, int status, const char *what);
/* One line, which begins "nvmm-sim: " and has the part. */
void must_complain(const struct run *run, const char *part, const char *what);

Suite *usage_suite(void);
Suite *broken_scenario_suite(void);
Suite *sandbox_suite(void);
Suite *broken_library_suite(void);
Suite *failure_suite(void);
Suite *repeat_suite(void);
Suite *same_suite(void);
Suite *report_suite(void);
Suite *harness_suite(void);
Suite *select_suite(void);
Suite *trace_suite(void);
Suite *comm_suite(void);
Suite *abi_suite(void);
Suite *policy_suite(void);
Suite *symbolic_suite(void);
Suite *foreign_suite(void);
Suite *compare_suite(void);
Suite *complete_suite(void);
Suite *generations_suite(void);
Suite *history_suite(void);

#endif /* TESTS_CLI_RUN_H */
