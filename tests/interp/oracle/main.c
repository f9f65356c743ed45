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

/* Of which row it is, and why KVM may end it otherwise, or NULL. */
struct subject {
	const char *table, *row, *why;
	bool loud;
	const struct walk_row *walk;	/* NULL: not one of page tables */
};

struct counts {
	unsigned agreed, differed, listed, refused, on_unicorn;
};

/* What KVM lacks.  Returns why it is not compared, or NULL: it differs. */
static const char *
refused_compare(const struct subject *subject, const struct guest *before,
    const struct guest *guest, const struct sim_stop *stop,
    struct counts *counts, char *text, size_t size)
{
	enum unicorn_end end = UNICORN_CANNOT;

	counts->refused++;
	if (subject->walk != NULL)
		end = unicorn_compare(subject->walk, before, guest, stop,
		    text, size);
	if (end == UNICORN_CANNOT)
		return "KVM cannot execute it";
	if (end == UNICORN_AGREES) {
		counts->on_unicorn++;
		return "KVM cannot execute it, and Unicorn agrees";
	}
	if (subject->why == NULL)
		counts->differed++;
	return subject->why;
}

/* One guest in both.  Loud: also tells why one is not compared. */
static void
guest_compare(const struct subject *subject, struct guest *guest,
    enum guest_mode mode, const struct sim_event *event,
    struct counts *counts)
{
	static struct guest before, other;
	const char *why = subject->why;
	struct kvm_result result;
	struct sim_stop stop;
	char text[128] = "";

	before = other = *guest;
	guest_run(guest, event, &stop);
	kvm_guest_run(&other, mode, event, &result);
	if (subject->walk != NULL && subject->walk->led == FAULT) {
		walk_marks_clear(subject->walk, guest);
		walk_marks_clear(subject->walk, &other);
	}
	if (result.end == KVM_REFUSED) {
		why = refused_compare(subject, &before, guest, &stop, counts,
		    text, sizeof(text));
	} else if (!results_differ(guest, &stop, &other, &result, text,
	    sizeof(text))) {
		counts->agreed++;
		return;
	} else if (why != NULL) {
		counts->listed++;
	} else {
		counts->differed++;
	}
	if (why == NULL || subject->loud)
		printf("%s: \"%s\": %s%s%s\n", subject->table,
		    subject->row, text, text[0] != '\0' && why != NULL ?
		    ": " : "", why != NULL ? why : "");
}

static void
row_run(const char *table, const struct row *row, bool loud,
    struct counts *counts)
{
	static struct guest guest, want;
	const struct subject subject = { table, row->name, known_reason(row),
	    loud, NULL };

	row_guests(row, &guest, &want);
	guest_compare(&subject, &guest, row->mode,
	    row->injected ? &row->event : NULL, counts);
}

static void
walks_run(bool loud, struct counts *counts)
{
	static struct guest guest;
	const struct walk_row *row;
	enum guest_mode mode;

	for (row = walk_rows; row < walk_rows + walk_nrows; row++) {
		const struct subject subject = { "paging", row->name,
		    known_name_reason(row->name), loud, row };

		walk_guest(row, &guest, &mode);
		guest_compare(&subject, &guest, mode, NULL, counts);
	}
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
	for (i = 0; i < walk_nrows; i++)
		if (strcmp(walk_rows[i].name, name) == 0)
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
	walks_run(loud, &counts);
	printf("oracle: %u rows agree with KVM, %u differ; %u others as "
	    "known.c says, %u that KVM cannot execute, of which %u agree "
	    "with Unicorn\n", counts.agreed, counts.differed, counts.listed,
	    counts.refused, counts.on_unicorn);
	return counts.differed != 0 || counts.agreed == 0;
}
