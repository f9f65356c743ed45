/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the model's guest share: events, exits, instructions.
 */
#ifndef TESTS_MODEL_GUEST_H
#define TESTS_MODEL_GUEST_H

#include "model.h"

#define VECTOR_NMI	2
#define VECTOR_UD	6
#define VECTOR_GP	13

/* What never leaves the guest on hardware. */
#define MODEL_INSIDE	((enum sim_exit_index)(SIM_NEXIT + 1))

/* model_guest.c: enters the guest once.  SIM_EXIT_NONE: it goes on. */
enum sim_exit_index model_enter(struct model *m,
    struct sim_exit_record *exit);
/* The instruction is over. */
void model_advance(struct model *m);

/* model_event.c: what the driver accepts, and then does. */
bool model_event_legal(const struct sim_event_record *event);
void model_event_arm(struct model *m, const struct sim_event_record *event);
/* An exception by the kernel, and one by the processor itself. */
void model_event_raise(struct model *m, uint8_t vector);
void model_event_fault(struct model *m, uint8_t vector);
/* The guest takes it. */
void model_event_take(struct model *m, const struct sim_event *event);

/* model_state.c: the registers that hardware can hold. */
void model_normalize(struct model *m);
void model_reset(struct model *m);
/* Whether no processor of this kind enters a guest with its registers. */
bool model_state_refused(const struct model *m);
bool model_user(const struct model *m);
unsigned model_cpl(const struct model *m);

/* model_msr.c, model_cpuid.c */
enum sim_exit_index model_rdmsr(struct model *m,
    struct sim_exit_record *exit);
enum sim_exit_index model_wrmsr(struct model *m,
    struct sim_exit_record *exit);
enum sim_exit_index model_cpuid(struct model *m,
    struct sim_exit_record *exit);

/* model_insn.c: control registers and whole instructions. */
enum sim_exit_index model_cr_write(struct model *m);
enum sim_exit_index model_insn(struct model *m, struct sim_exit_record *exit);
enum sim_exit_index model_invalid(struct model *m,
    struct sim_exit_record *exit);
uint8_t model_user_fault(const struct model *m);

/*
 * model_memory.c: the access of the instruction, if the guest may; else
 * *fault is the first address that it may not touch.
 */
bool model_access(struct model *m, uint64_t *fault);
/* The same for the first words of the frame that an event pushes. */
bool model_push(struct model *m, uint64_t *fault);

#endif /* TESTS_MODEL_GUEST_H */
