/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract between the kernel and whoever executes the guest.
 *
 * An engine runs a VCPU until something must leave the guest and says so in
 * a small raw record: what, where, operands.  The registers are then those
 * of before the instruction; finishing the instruction, windows, events,
 * CPUID and exits are the kernel's.  An engine knows VCPU registers and
 * guest memory, and neither comm page, machines nor ioctls.
 */
#ifndef SIM_ENGINE_ENGINE_H
#define SIM_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/insn.h"
#include "kernel/state.h"

struct sim_map;

#define SIM_INST_MAX	15	/* bytes of the longest x86 instruction */

enum sim_stop_kind {
	SIM_STOP_IDLE,		/* nothing to execute any more */
	SIM_STOP_OUTSIDE,	/* something outside the guest wants it to stop */
	SIM_STOP_LOOK,		/* nothing: there may be a reason to leave */
	SIM_STOP_IO,
	SIM_STOP_MEMORY,
	SIM_STOP_HLT,
	SIM_STOP_CPUID,
	SIM_STOP_RDMSR,
	SIM_STOP_WRMSR,
	SIM_STOP_CR_WRITE,	/* MOV to CR0, CR2, CR3, CR4 or CR8 */
	SIM_STOP_INSN,		/* one of enum sim_insn */
	SIM_STOP_INT_WINDOW,	/* an interrupt could be taken now */
	SIM_STOP_NMI_WINDOW,	/* an NMI could be taken now */
	SIM_STOP_IRET,		/* an IRET is next, and it was asked for */
	SIM_STOP_INIT,		/* the INIT signal of another processor */
	SIM_STOP_TASK_SWITCH,
	SIM_STOP_SHUTDOWN,	/* triple fault */
	SIM_NSTOP
};

enum sim_access {
	SIM_ACCESS_READ, SIM_ACCESS_WRITE, SIM_ACCESS_EXEC
};

/* An event to be delivered to the guest. */
struct sim_event {
	bool interrupt;		/* else an exception */
	bool has_error;
	uint8_t vector;
	uint32_t error;
};

struct sim_stop {
	enum sim_stop_kind kind;
	/* It came while this event was delivered, which is undone. */
	bool in_delivery;
	struct sim_event event;
	uint64_t npc;		/* RIP of the next instruction */
	uint8_t length;		/* bytes valid in bytes */
	uint8_t bytes[SIM_INST_MAX];	/* the instruction */
	union {
		struct {
			bool in, rep, str;
			uint16_t port;
			uint8_t seg;		/* enum sim_seg_index */
			uint8_t address_size;	/* bytes */
			uint8_t operand_size;	/* bytes */
		} io;
		struct {
			enum sim_access access;
			bool walk;	/* of the guest's page tables */
			uint8_t size;	/* bytes */
			uint64_t gpa;
		} mem;
		struct {
			uint32_t number;
			uint64_t value;	/* WRMSR only */
		} msr;
		struct {
			uint8_t number;	/* 0, 2, 3, 4, 8 */
			uint64_t value;
		} cr;
		enum sim_insn insn;
	} u;
};

/*
 * What the guest does next, for engines that are told: the registers that
 * code before it would have loaded, one instruction, and the stop that it
 * makes.  A step completes inside the guest and makes none.
 */
#define SIM_INTENT_PRELOADS	16

struct sim_preload {
	uint16_t offset;	/* bytes into struct sim_state, 8-aligned */
	uint64_t value;
};

struct sim_intent {
	unsigned npreloads;
	struct sim_preload preloads[SIM_INTENT_PRELOADS];
	bool step;
	/* Jumps to itself until something outside happens: see spins(). */
	bool spin;
	/*
	 * A memory access whose page the host has not given yet: it stops
	 * once although it is mapped.
	 */
	bool first_touch;
	struct {
		uint64_t flags_set, flags_clear;	/* of RFLAGS */
		bool shadow;	/* interrupts wait one instruction */
		bool iret;	/* NMIs are no longer blocked */
		/* From now on events push a frame at SS:RSP. */
		bool pushes;
	} after;		/* a step's effects */
	struct sim_stop stop;	/* a step uses npc, length and bytes */
};

/*
 * Where intents come from.  next() fills *intent, looking at the registers
 * as they are, or returns false when there is nothing left to do.  Called in
 * the thread that runs the VCPU, with the VCPU locked: it must not issue
 * ioctls on that VCPU.  delivered() learns of each event the guest took.
 * spins() is asked between two turns of a spinning guest: it may block, and
 * tells whether the guest goes on spinning, is past its loop, or will never
 * be.  NULL: it spins for ever.
 */
enum sim_spin {
	SIM_SPIN_ON, SIM_SPIN_OVER, SIM_SPIN_DEAD
};

struct sim_feed {
	bool (*next)(void *arg, const struct sim_state *state,
	    struct sim_intent *intent);
	void (*delivered)(void *arg, const struct sim_event *event);
	enum sim_spin (*spins)(void *arg);
};

/* What an entry may do beyond executing. */
struct sim_entry {
	struct sim_state *state;	/* the VCPU; the engine changes it */
	const struct sim_map *map;	/* guest memory, valid for the entry */
	const struct sim_event *event;	/* deliver first; NULL: nothing */
	bool int_window;	/* stop when an interrupt could be taken */
	bool nmi_window;	/* stop when an NMI could be taken */
	bool iret_stops;	/* stop before an IRET */
};

struct sim_engine {
	const char *name;
	const char *summary;	/* one line for `nvmm-sim info` */
	/* What its guests cannot do, a line each; NULL-terminated, or NULL. */
	const char *const *limits;
	bool executes;		/* without a feed: what guest memory holds */

	/* NULL when it works here, else one line that says why not. */
	const char *(*unavailable)(void);

	/*
	 * A VCPU's private part.  Create: 0 or ENOMEM; the caller destroys
	 * it.  run() returns with *stop filled, without locks of its own.
	 */
	int (*vcpu_create)(void **vcpu);
	void (*vcpu_destroy)(void *vcpu);
	void (*run)(void *vcpu, const struct sim_entry *entry,
	    struct sim_stop *stop);

	/*
	 * Called before each run(), while guest memory may change: here, and
	 * not in run(), an engine waits for the outside.
	 */
	void (*ready)(void *vcpu, const struct sim_state *state);

	/* Sets where intents come from; feed is borrowed until replaced. */
	void (*feed)(void *vcpu, const struct sim_feed *feed, void *arg);
};

extern const struct sim_engine sim_engine_script, sim_engine_interp;

/* Every engine built in, NULL-terminated; the first is the default. */
extern const struct sim_engine *const sim_engines[];

#endif /* SIM_ENGINE_ENGINE_H */
