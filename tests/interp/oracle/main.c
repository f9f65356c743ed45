/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oracle [-v]: every row in the interpreter and on KVM.  Prints what
 * differs, and how many rows agree; fails if one differs without a reason.
 * -v: also the rows that have one.
 */
#include "oracle.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	const struct row_table *tables;
} subjects[] = {
	{ "far transfers", far_tables }, { "delivery", deliver_tables },
	{ "segments", segment_tables }, { "debug", debug_tables },
	{ "control", control_tables }, { "stack", stack_tables },
	{ "strings", string_tables }, { "moves", move_tables },
	{ "fetch", fetch_tables }, { "SSE", sse_tables },
	{ "system", system_tables }, { "by table", table_tables },
	{ "SIMD", wide_tables },
};

#define NSUBJECTS	(sizeof(subjects) / sizeof(subjects[0]))

struct counts {
	unsigned agreed, differed, listed, refused;
};

/* One row in both.  Loud: also tells why one is not compared. */
static void
row_run(const char *subject, const struct row *row, bool loud,
    struct counts *counts)
{
	static struct guest guest, want, other;
	const struct sim_event *event = row->injected ? &row->event : NULL;
	const char *why = known_reason(row);
	struct kvm_result result;
	struct sim_stop stop;
	char text[128] = "";

	row_guests(row, &guest, &want);
	other = guest;
	guest_run(&guest, event, &stop);
	kvm_guest_run(&other, row->mode, event, &result);
	if (result.end == KVM_REFUSED) {
		counts->refused++;
		why = "KVM cannot execute it";
	} else if (!results_differ(&guest, &stop, &other, &result, text,
	    sizeof(text))) {
		counts->agreed++;
		return;
	} else if (why != NULL) {
		counts->listed++;
	} else {
		counts->differed++;
	}
	if (why == NULL || loud)
		printf("%s: \"%s\": %s%s%s\n", subject, row->name, text,
		    text[0] != '\0' && why != NULL ? ": " : "",
		    why != NULL ? why : "");
}

static void
rows_run(bool loud, struct counts *counts)
{
	const struct row_table *table;
	size_t i;
	int row;

	for (i = 0; i < NSUBJECTS; i++)
		for (table = subjects[i].tables; table->rows != NULL; table++)
			for (row = 0; row < table->count; row++)
				row_run(subjects[i].name, &table->rows[row],
				    loud, counts);
}

static bool
row_exists(const char *name)
{
	const struct row_table *table;
	size_t i;
	int row;

	for (i = 0; i < NSUBJECTS; i++)
		for (table = subjects[i].tables; table->rows != NULL; table++)
			for (row = 0; row < table->count; row++)
				if (strcmp(table->rows[row].name, name) == 0)
					return true;
	return false;
}

/* A reason whose row is gone or was renamed excuses nothing. */
static bool
reasons_have_rows(void)
{
	const char *name;
	bool all = true;
	size_t i;

	for (i = 0; (name = known_row(i)) != NULL; i++) {
		if (!row_exists(name)) {
			printf("no row is called \"%s\": remove it from "
			    "known.c\n", name);
			all = false;
		}
	}
	return all;
}

int
main(int argc, char **argv)
{
	bool loud = argc > 1 && strcmp(argv[1], "-v") == 0;
	const char *why = kvm_unavailable();
	struct counts counts = { 0 };

	if (!reasons_have_rows())
		return 1;
	if (why != NULL) {
		printf("skipped: %s\n", why);
		return 0;
	}
	rows_run(loud, &counts);
	printf("oracle: %u rows agree with KVM, %u differ; %u others as "
	    "known.c says, %u that KVM cannot execute\n", counts.agreed,
	    counts.differed, counts.listed, counts.refused);
	return counts.differed != 0 || counts.agreed == 0;
}
