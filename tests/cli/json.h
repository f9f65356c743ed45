/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading reports of nvmm-sim run --format json.  What is asked for must be
 * there: a missing key fails the test.
 */
#ifndef TESTS_CLI_JSON_H
#define TESTS_CLI_JSON_H

#include <jansson.h>

#include "run.h"

/* The report of standard output, or of any text; json_decref() it. */
json_t *report_parse(const char *text);
/* Runs nvmm-sim in the root, which must exit so, and reads its report. */
json_t *report_of(int status, const char *const *words);
#define REPORT(status, ...)						\
	report_of(status, (const char *const[]){ "run", "--format", "json", \
	    __VA_ARGS__, NULL })

/*
 * The report of all scenarios on a back end, 0 svm or 1 vmx, with and without
 * comm page; borrowed.  A case that asks has whole_reports_make() for an
 * unchecked fixture.
 */
void whole_reports_make(void);
const json_t *whole_report(int cpu, bool comm_off);

json_t *member(const json_t *object, const char *key);
long long number(const json_t *object, const char *key);
/* number(member(object, key), name) */
long long number_in(const json_t *object, const char *key, const char *name);
const char *string(const json_t *object, const char *key);

/* The scenario of that name; and the i-th. */
json_t *scenario(const json_t *report, const char *name);
json_t *scenario_at(const json_t *report, size_t i);
size_t nscenarios(const json_t *report);

#endif /* TESTS_CLI_JSON_H */
