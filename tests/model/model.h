/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference model: what a VMM may rely on from one VCPU, whatever the
 * library and the kernel cache.  It has no cache and no flag words: what a
 * getstate must show follows from the VCPU's registers and from what the VMM
 * wrote since.  One oracle beside it says what a correct library needs to
 * ask the kernel for.
 */
#ifndef TESTS_MODEL_MODEL_H
#define TESTS_MODEL_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "scenario/encode.h"

struct sim_backend;

/* A kernel to play against. */
struct model_setup {
	const char *backend;	/* names, as on nvmm-sim's command line */
	const char *policy;
	const char *quirks;	/* NULL: all of them */
	uint32_t quirks_off;
};

#define MODEL_WISHES	256	/* more than any sequence has */
#define MODEL_EVENTS	16	/* of one run */
#define MODEL_ASSIST	0x17	/* GPRS, SEGS, CRS, MSRS */

/* What a device gives for every read, at any width. */
#define MODEL_DEVICE	0x44332211U

/* An access that a callback of an assist must see. */
struct model_access {
	uint64_t where;		/* port or gpa */
	uint64_t value;		/* written; 0 when reading */
	uint8_t size;
	bool write;
};

struct model {
	const struct model_setup *setup;
	const struct sim_backend *backend;
	const struct sim_policy *policy;

	struct sim_state truth;		/* the VCPU */
	struct sim_state written;	/* by the VMM, as it wrote it */
	uint64_t raw;		/* components that show what was written */
	uint64_t dirty;		/* those of them that the next run installs */
	uint64_t known;		/* the oracle: a get of these is free */

	bool inject;		/* the VMM has asked for this event */
	struct sim_event_record event;
	struct sim_event pending;	/* on its way into the guest */
	bool nmi_blocked;	/* in an NMI's handler */
	bool stop;
	enum sim_host_reason host;
	unsigned looks;

	struct wish wishes[MODEL_WISHES];
	unsigned first, nwishes;
	struct sim_intent intent;	/* the instruction that stopped last */
	bool stopped;			/* and it is not finished */
	uint64_t stop_rip, stop_cs;

	struct sim_exit_record exit;	/* as the VMM has it */
	struct sim_event delivered[MODEL_EVENTS];	/* by the last run */
	unsigned ndelivered, total;		/* total: by all runs */
	bool intent_fresh;	/* its registers are still as it loaded them */
	bool mem_fresh;		/* so at a MEMORY exit, and since */
	/*
	 * The VMM went back to a CPUID with another leaf in RAX, of which
	 * the model knows nothing.
	 */
	bool cpuid_unknown;
};

/* A VCPU just created. */
void model_create(struct model *m, const struct model_setup *setup);

/* What getstate must show of all components. */
void model_view(const struct model *m, struct sim_state *view);

/* getstate: how many ioctls it needs, 0 or 1. */
unsigned model_get(struct model *m, uint64_t components);
/* setstate, with the state area as the VMM has written it. */
void model_set(struct model *m, uint64_t components,
    const struct sim_state *page);
void model_inject(struct model *m, const struct sim_event_record *event);
void model_host(struct model *m, enum sim_host_reason reason, unsigned looks);
void model_wish(struct model *m, const struct wish *wish);

/* run: 0, or EINVAL.  Fills exit and delivered. */
int model_run(struct model *m);

/* Another VCPU ran: it may have overwritten the code of this one. */
void model_disturb(struct model *m);

/* Takes over what the run left in registers that the model cannot know. */
void model_adopt(struct model *m, const struct sim_state *seen);

/* Where RIP goes when the VMM finishes the instruction; false: nowhere. */
bool model_npc(const struct model *m, uint64_t *npc);

/*
 * The assists: 0 or EINVAL; *ioctls is what their getstate needs, *access
 * what the callback sees if they succeed.
 */
int model_assist_io(struct model *m, unsigned *ioctls,
    struct model_access *access);
int model_assist_mem(struct model *m, unsigned *ioctls,
    struct model_access *access);

/* model_guest.c: enters the guest once.  SIM_EXIT_NONE: it goes on. */
enum sim_exit_index model_enter(struct model *m,
    struct sim_exit_record *exit);
void model_event_arm(struct model *m, const struct sim_event_record *event);

static inline bool
model_vmx(const struct model *m)
{
	return m->setup->backend[0] == 'v';
}

#endif /* TESTS_MODEL_MODEL_H */
