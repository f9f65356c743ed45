/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter against KVM: the guests of the tables of rows run in both,
 * until they leave, and must leave alike.  What user mode cannot show a host
 * is here: far transfers, gates, events, segments, system registers.
 *
 *   walk.c      an instruction for a row of page tables
 *   unicorn.c   that on Unicorn, where KVM lacks the kind of paging
 *   main.c      the rows, one after another, and what came out
 *   kvm.c       a machine of KVM's for one guest, and how it leaves
 *   state.c     registers to KVM and back
 *   compare.c   holds both ends against each other
 *   known.c     what KVM does otherwise, and why
 */
#ifndef TESTS_INTERP_ORACLE_ORACLE_H
#define TESTS_INTERP_ORACLE_ORACLE_H

#include "../walk.h"

/* NULL: KVM can be used.  Else one line that says why not. */
const char *kvm_unavailable(void);

/* How KVM left a guest. */
enum kvm_end {
	KVM_LEFT,		/* as stop says */
	KVM_REFUSED,		/* an instruction or paging it lacks */
	KVM_FAILED		/* as why says */
};

struct kvm_result {
	enum kvm_end end;
	struct sim_stop stop;	/* kind; IO: port, in, operand_size;
				   MEMORY: gpa, access, size */
	char why[96];
};

/* Runs a guest on KVM; event, or NULL, comes first. */
void kvm_guest_run(struct guest *guest, enum guest_mode mode,
    const struct sim_event *event, struct kvm_result *result);

/* Registers of a VCPU, by its descriptor; 0, or -1 with errno. */
int kvm_state_put(int vcpu, const struct sim_state *state,
    enum guest_mode mode, const struct sim_event *event);
int kvm_state_get(int vcpu, struct sim_state *state);

/* Page tables for long mode without paging: 1 GiB, linear is physical. */
#define KVM_TABLES	0x100000U
#define KVM_NTABLES	3

/* The guest of a row of page tables, about to make the row's access. */
void walk_guest(const struct walk_row *row, struct guest *guest,
    enum guest_mode *mode);

/* Processors mark entries on the way to a fault; KVM's own walk does not. */
void walk_marks_clear(const struct walk_row *row, struct guest *guest);

/* Of the OUTs behind a row's instruction, and in the handlers. */
bool port_is_ours(unsigned port);

/* One line of what differs, in text; false: nothing does. */
bool results_differ(const struct guest *guest, const struct sim_stop *stop,
    const struct guest *other, const struct kvm_result *result, char *text,
    size_t size);

enum unicorn_end {
	UNICORN_CANNOT,		/* not installed, or no such rows */
	UNICORN_AGREES,
	UNICORN_DIFFERS
};

/*
 * A row on Unicorn, from the guest before, against how the interpreter left
 * it: whether there is a fault, its vector and CR2, else the marks.
 */
enum unicorn_end unicorn_compare(const struct walk_row *row,
    const struct guest *before, const struct guest *guest,
    const struct sim_stop *stop, char *text, size_t size);

/* Why KVM may end a row otherwise; NULL: it must not. */
const char *known_reason(const struct row *row);
const char *known_name_reason(const char *name);

/* The name of the i-th row that has a reason, or NULL past the last. */
const char *known_row(size_t i);

#endif /* TESTS_INTERP_ORACLE_ORACLE_H */
