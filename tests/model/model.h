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

#include "scenario/encode.h"
#include "setup.h"

#define MODEL_WISHES	128	/* at least what a sequence has */
#define MODEL_EVENTS	16	/* of one run */
#define MODEL_ASSIST	0x17	/* GPRS, SEGS, CRS, MSRS */

/* What a device gives for every read, at any width. */
#define MODEL_DEVICE	0x44332211U

/* The simulator's clock: ticks of the TSC. */
#define MODEL_TSC_AT_CREATION	1000000
#define MODEL_TSC_PER_ENTRY	1000
#define MODEL_TSC_PER_LOOK	100

/* Guest memory: so many pages of the host's, mapped here and there. */
#define MODEL_PAGE	4096U
#define MODEL_PAGES	3
#define MODEL_MEMORY	(MODEL_PAGES * MODEL_PAGE)
#define MODEL_AREAS	8

struct model_area {
	uint64_t gpa;
	size_t offset, size;	/* in the machine's memory */
	int prot;		/* PROT_* */
};

/* What the VCPUs of a machine share. */
struct model_machine {
	unsigned nvcpus;
	unsigned nareas;
	struct model_area areas[MODEL_AREAS];
	uint8_t memory[MODEL_MEMORY];
};

/* One access that a callback of an assist must see. */
struct model_access {
	uint64_t where;		/* port or gpa */
	uint64_t value;		/* written; 0 when reading */
	uint8_t size;
	bool write;
};

/* What an assist does: its errno, or up to two accesses. */
struct model_assist {
	int error;
	unsigned naccesses;
	struct model_access accesses[2];
};

/* What somebody does while the guest spins: it ends the run soon. */
struct model_action {
	bool armed;
	bool inject;
	struct sim_event_record event;
	enum sim_host_reason reason;
	unsigned looks;
};

/* A leaf of CPUID as the VMM has configured it. */
#define MODEL_LEAVES	8

struct model {
	const struct model_setup *setup;
	struct model_machine *machine;
	uint32_t cpuid;

	struct sim_state truth;		/* the VCPU */
	struct sim_state written;	/* by the VMM, as it wrote it */
	uint64_t raw;		/* components that show what was written */
	uint64_t dirty;		/* those of them that the next run installs */
	uint64_t known;		/* the oracle: a get of these is free */
	uint64_t tsc_shown;	/* live TSC: the last that a VMM saw */

	bool inject;		/* the VMM has asked for this event */
	struct sim_event_record event;
	struct sim_event pending;	/* on its way into the guest */
	bool faulted;		/* the processor raised this in the guest */
	struct sim_event fault;
	bool nmi_blocked;	/* in an NMI's handler */
	bool pushes;		/* the guest has a stack for frames */
	bool in_delivery;	/* the last stop was about an event's frame */
	bool stop;
	enum sim_host_reason host;
	unsigned looks;
	unsigned preempt;	/* looks until the host preempts */
	bool preempted;

	bool tpr_exits;
	unsigned nleaves;
	struct sim_conf_cpuid leaves[MODEL_LEAVES];

	struct sim_intent intent;	/* the instruction that stopped last */
	bool stopped;			/* and it is not finished */
	uint64_t stop_rip, stop_cs;
	bool touched;		/* the host has given its memory */
	struct model_action action;	/* for when it spins */
	bool acted;		/* in this run */
	bool spun;		/* it has spun enough */
	unsigned extras;		/* how often the last run ran dry */

	struct sim_exit_record exit;	/* as the VMM has it */
	struct sim_event delivered[MODEL_EVENTS];	/* by the last run */
	unsigned ndelivered, total;		/* total: by all runs */
	bool intent_fresh;	/* its registers are still as it loaded them */
	bool mem_fresh;		/* so at a MEMORY exit, and since */

	unsigned first, nwishes;
	struct wish wishes[MODEL_WISHES];	/* last: need no clearing */
};

/* A VCPU just created; the machine counts it already. */
void model_create(struct model *m, const struct model_setup *setup,
    struct model_machine *machine, uint32_t cpuid);

/* What getstate must show of all components. */
void model_view(const struct model *m, struct sim_state *view);

/* Whether getstate needs the kernel, and then what it fetches. */
uint64_t model_missing(const struct model *m, uint64_t components);
void model_get(struct model *m, uint64_t components);
/* setstate, with the state area as the VMM has written it. */
void model_set(struct model *m, uint64_t components,
    const struct sim_state *page);
void model_inject(struct model *m, const struct sim_event_record *event);
void model_host(struct model *m, enum sim_host_reason reason, unsigned looks);
void model_wish(struct model *m, const struct wish *wish);
/* 0 or EINVAL. */
int model_configure_tpr(struct model *m, bool exits);
int model_configure_cpuid(struct model *m, const struct sim_conf_cpuid *conf);

/*
 * run: 0, or EINVAL.  Fills exit and delivered.  The host preempts at the
 * preempt-th look that finds nothing else, if there is one: m->preempted.
 */
#define MODEL_NO_PREEMPT	(~0U)
int model_run(struct model *m, unsigned preempt);

/* What a guest does that has no wish left: it stops for sure. */
extern const struct wish model_last_wish;
/* An intent, of a NOP where the guest's mode does not have the wish. */
void model_encode(const struct wish *wish, const struct sim_state *state,
    uint8_t *code, struct sim_intent *intent);

/* Another VCPU ran: it may have overwritten the code of this one. */
void model_disturb(struct model *m);

/* Where RIP goes when the VMM finishes the instruction; false: nowhere. */
bool model_npc(const struct model *m, uint64_t *npc);

/* The bits of RIP that its code has. */
uint64_t model_ip_mask(const struct model *m);

/* The assists, whose getstate has succeeded if it was needed. */
void model_assist_io(struct model *m, struct model_assist *assist);
void model_assist_mem(struct model *m, struct model_assist *assist);

/*
 * The calls that map: 0, or EINVAL: it overlaps an area; ESRCH: there is
 * none like it.  model_area_find: the area that gpa is in, or NULL.
 */
int model_map_check(const struct model_machine *machine,
    const struct model_area *area);
void model_map(struct model_machine *machine, const struct model_area *area);
int model_unmap_check(const struct model_machine *machine,
    const struct model_area *area);
void model_unmap(struct model_machine *machine,
    const struct model_area *area);
struct model_area *model_area_find(struct model_machine *machine,
    uint64_t gpa);

static inline bool
model_vmx(const struct model *m)
{
	return m->setup->backend == &sim_backend_vmx;
}

/* How the driver of the third generation differs. */
static inline bool
model_v3(const struct model *m)
{
	return m->setup->abi == &sim_abi_v3;
}

#endif /* TESTS_MODEL_MODEL_H */
