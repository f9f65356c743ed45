/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Libraries built for a test: by the compiler that built the project.
 */
#ifndef TESTS_CLI_LIBRARY_H
#define TESTS_CLI_LIBRARY_H

/*
 * Builds name (in the case's folder) from C text.  What the text lacks is our
 * libnvmm's own; alone, it is missing.
 */
enum library_kind { LIBRARY_OVER_OURS, LIBRARY_ALONE };
void library_build(const char *name, const char *text,
    enum library_kind kind);

/*
 * libnvmm from its sources, with more flags.  The compiler may be missing:
 * then it is the project's own.
 */
void library_build_ours(const char *name, const char *cc, const char *flags);

/*
 * The library of tests/cli/foreign, with more flags; of generation 2 unless
 * they say -DNVMM_ABI=.
 */
void library_build_foreign(const char *name, const char *flags);

#endif /* TESTS_CLI_LIBRARY_H */
