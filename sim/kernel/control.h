/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The door to a kernel for everybody who is not a caller of the driver:
 * the command line, scenarios and reports.  Callers come through driver.h.
 */
#ifndef SIM_KERNEL_CONTROL_H
#define SIM_KERNEL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/policy.h"
#include "kernel/quirk.h"
#include "kernel/state.h"
#include "kernel/stats.h"

struct sim;
struct sim_abi;
struct sim_backend;
struct sim_engine;
struct sim_feed;

/* The most of any generation; machids and cpuids are below. */
#define SIM_MAX_MACHINES	128
#define SIM_MAX_VCPUS		256

/* The flag words of a comm page. */
struct sim_comm_flags {
	uint64_t wanted, cached, commit;
};

/*
 * One ioctl, told when it is finished.  args points at the argument as the
 * caller sees it afterwards and is valid for the call only.
 */
struct sim_ioctl_report {
	enum sim_ioctl_index ioctl;
	uint32_t command;
	uint32_t size;		/* bytes at args */
	const void *args;
	int error;		/* 0 or an errno value */
	bool has_flags;		/* a VCPU's GETSTATE, SETSTATE, INJECT, RUN */
	struct sim_comm_flags before, after;
};

/* Who wants to be told.  Called in the calling thread, locks released. */
struct sim_observer {
	void (*ioctl)(void *arg, const struct sim_ioctl_report *report);
};

/* NULL members choose the defaults. */
struct sim_config {
	const struct sim_engine *engine;
	const struct sim_backend *backend;
	const struct sim_abi *abi;		/* NULL: by descriptor */
	const struct sim_policy *policy;	/* copied */
	uint32_t quirks_off;			/* SIM_QUIRK_* */
	/*
	 * Not 0: VCPU_RUN returns NONE now and then, where no exit gets
	 * lost, at moments that follow from this number.
	 */
	uint64_t preempt_seed;
	/*
	 * Whether the calling thread has a signal to handle, so that
	 * VCPU_RUN must return; NULL: never.
	 */
	bool (*signalled)(void);
	/*
	 * Whether the calling thread is in a signal's handler, which may have
	 * interrupted the C library anywhere; NULL: never.
	 */
	bool (*interrupting)(void);
	const struct sim_observer *observer;	/* borrowed for the sim's life */
	void *observer_arg;
};

/*
 * A fresh kernel.  0, or ENOMEM.  The caller destroys it when no thread is
 * inside any more; destroying NULL does nothing.
 */
int sim_create(const struct sim_config *config, struct sim **simp);
void sim_destroy(struct sim *sim);

/* What it is made of. */
const struct sim_backend *sim_backend(const struct sim *sim);
const struct sim_policy *sim_policy(const struct sim *sim);

/* Adds up all counters, of destroyed VCPUs too.  Any thread, any time. */
void sim_stats_read(struct sim *sim, struct sim_stats *stats);

/* Bytes and objects the kernel has allocated for machines and VCPUs. */
void sim_usage(struct sim *sim, uint64_t *bytes, uint64_t *objects);

/*
 * The functions below name a VCPU by machid and cpuid.  0, or ENOENT when
 * there is none.  They wait while the VCPU runs.
 */

/* The VCPU's registers, whatever the comm page says. */
int sim_peek_state(struct sim *sim, uint32_t machid, uint32_t cpuid,
    struct sim_state *state);

/* The flag words of its comm page; poke writes them as a VMM could. */
int sim_peek_flags(struct sim *sim, uint32_t machid, uint32_t cpuid,
    struct sim_comm_flags *flags);
int sim_poke_flags(struct sim *sim, uint32_t machid, uint32_t cpuid,
    const struct sim_comm_flags *flags);

/* Where the VCPU's engine gets its intents; borrowed until replaced. */
int sim_feed_set(struct sim *sim, uint32_t machid, uint32_t cpuid,
    const struct sim_feed *feed, void *arg);

/*
 * Adds a page of guest memory at gpa that no caller asked for, readable,
 * writable and executable, and gives its address in *page, valid for the
 * machine's life.  One per machine.  Also EEXIST: the gpa is mapped, or
 * there is one already; ENOMEM.
 */
int sim_harness_page(struct sim *sim, uint32_t machid, uint64_t gpa,
    void **page);

/*
 * Why a host does not (go on to) run a guest.  From ENTRY_FAILURE on the
 * hardware is the reason: the entry ends with INVALID.
 */
enum sim_host_reason {
	SIM_HOST_NOTHING, SIM_HOST_RESCHEDULE, SIM_HOST_SIGNAL,
	SIM_HOST_SUSPEND, SIM_HOST_ENTRY_FAILURE, SIM_HOST_MISCONFIGURATION
};

/*
 * Raises a reason once, after the kernel has looked for one `looks` times:
 * 0 is before the guest runs, 1 after its first exit.  Hardware's reasons
 * wait for the next entry, whatever looks is.  Does not wait.
 */
int sim_host_raise(struct sim *sim, uint32_t machid, uint32_t cpuid,
    enum sim_host_reason reason, unsigned looks);

/* Whether the VCPU's last run ended because of preempt_seed. */
bool sim_preempted(struct sim *sim, uint32_t machid, uint32_t cpuid);

/*
 * Lets the nth call of a kind from now on, 1 being the next, fail with error
 * before anything is done.  kind is an ioctl, or SIM_FAULT_OTHER + an enum
 * sim_other.  nth 0 takes it back.
 */
#define SIM_FAULT_OTHER	(SIM_NIOCTL + 1)
#define SIM_NFAULT	(SIM_FAULT_OTHER + SIM_NOTHER)
void sim_fault_set(struct sim *sim, unsigned kind, unsigned nth, int error);

/* How many callers wait now for a lock that somebody else holds. */
unsigned sim_waiting(struct sim *sim);

#endif /* SIM_KERNEL_CONTROL_H */
