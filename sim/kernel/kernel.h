/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's private structures: what its files share.
 *
 * Locks, in the order in which they are taken:
 *   1. sim->lock          files and creation of machines
 *   2. machine->lock      one exclusive user of the machine at a time
 *   3. slot->lock         a VCPU; in ascending cpuid when several
 *   4. machine->map_lock  the guest mappings; taken with any of the above
 *   5. sim->views_lock, sim->stats_lock: leaves
 * A VCPU's lock is also its machine's lock, shared: who wants the machine
 * for himself takes all of its slots' locks.  So VCPU_RUN takes one lock,
 * which nobody else's VCPU touches.  machine->exclusive announces who waits,
 * so that running VCPUs let him in.
 */
#ifndef SIM_KERNEL_KERNEL_H
#define SIM_KERNEL_KERNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "kernel/map.h"

#define SIM_PAGE_SIZE		4096ULL

/*
 * The virtual clock: ticks of the TSC for each entry of the guest and, where
 * it runs on in between, for each look at it; any fixed numbers do.
 */
#define SIM_TSC_AT_CREATION	1000000
#define SIM_TSC_PER_ENTRY	1000
#define SIM_TSC_PER_LOOK	100

#define SIM_MAX_HOSTMEMS	32
#define SIM_MAX_CPUID_CONFS	32

struct sim_vcpu {
	struct sim *sim;		/* borrowed */
	struct sim_machine *machine;	/* borrowed */
	uint32_t cpuid;
	const struct sim_abi *abi;	/* its creator's generation */
	struct sim_state state;		/* the truth */
	void *engine;			/* owned; the engine's part */
	uint8_t *comm;			/* kernel's address of the comm page */
	struct sim_event pending;	/* valid with SIM_INTR_EVT_PENDING */
	bool fault_raised;		/* by the processor, in the guest: */
	struct sim_event fault;
	uint64_t preempt_state;		/* of the random numbers */
	bool preempted;			/* so the last run ended */
	uint64_t tsc_reported;		/* tsc_live: what a get last showed */
	bool tpr_exit_changed;
	unsigned ncpuid_confs;
	struct sim_conf_cpuid cpuid_confs[SIM_MAX_CPUID_CONFS];
	struct sim_stats stats;		/* counter_add(); read by anybody */
};

/* The place of a VCPU.  It outlives its VCPU, so that its lock can. */
struct sim_slot {
	_Alignas(64) pthread_mutex_t lock;
	struct sim_vcpu *vcpu;			/* owned; lock */
	_Atomic(const struct sim_map *) map_in_use;	/* by an engine */
	_Atomic uint32_t host_reason;	/* enum sim_host_reason | looks << 8 */
};
_Static_assert(sizeof(struct sim_slot) == 64, "a cache line");

/* Memory that caller and guest share: one HVA_MAP, or a harness page. */
struct sim_hostmem {
	unsigned refs;		/* machine->map_lock */
	int fd;
	uint64_t hva;		/* the caller's address; 0: he has none */
	uint64_t size;		/* bytes */
	uint8_t *kernel;	/* the kernel's address of the same memory */
};

struct sim_machine {
	struct sim *sim;		/* borrowed */
	pthread_mutex_t lock;
	bool slots_locked;		/* lock: with it, its slots' */
	atomic_uint exclusive;		/* how many want all of it */
	_Atomic(struct sim_file *) owner;	/* NULL: no such machine */
	uint64_t created;		/* seconds since 1970 */
	struct sim_slot *slots;		/* SIM_MAX_VCPUS of sim->slots */
	bool slots_ready;		/* lock: created once */
	atomic_uint nvcpus;
	int comm_fd;
	uint8_t *comm;			/* SIM_MAX_VCPUS pages */
	_Atomic(uint8_t *) views[SIM_MAX_VCPUS];	/* the callers' */
	pthread_mutex_t map_lock;
	_Atomic(struct sim_map *) map;	/* owned */
	struct sim_hostmem *harness;	/* map_lock; at most one */
	struct sim_hostmem *hostmems[SIM_MAX_HOSTMEMS];	/* map_lock */
};

/* An open file description: an owner. */
struct sim_file {
	struct sim *sim;		/* borrowed */
	struct sim_file *next;		/* all files ever, for the sim's end */
	struct sim_file *owner;		/* itself, or &sim->root */
	/* Its generation; NULL until an ioctl has given it away. */
	_Atomic(const struct sim_abi *) abi;
	atomic_bool closed;		/* it gets no more machines */
	int pid;
};

/* A comm page as a caller has mapped it. */
struct sim_view {
	struct sim_view *next;		/* in its bucket */
	uint8_t *addr;
	_Atomic(uint8_t *) *latest;	/* in its machine's views */
	struct sim_view_block *block;	/* where it lies */
};
#define SIM_VIEW_BUCKETS	1024	/* by page number */

/* A failure that a harness wants of a kind of call. */
struct sim_fault {
	atomic_uint left;	/* calls until then; 0: none */
	atomic_int error;
};

struct sim {
	const struct sim_engine *engine;
	const struct sim_backend *backend;
	const struct sim_abi *abi;	/* NULL: each descriptor's own */
	struct sim_policy policy;
	uint32_t quirks;
	bool judging;			/* sim_judging(), which never changes */
	const struct sim_observer *observer;
	void *observer_arg;

	pthread_mutex_t lock;
	struct sim_file *files;
	struct sim_file root;		/* who all O_WRONLY opens are */
	struct sim_machine machines[SIM_MAX_MACHINES];
	struct sim_slot *slots;		/* of all machines, aligned in: */
	void *slots_memory;		/* owned */
	bool (*signalled)(void);	/* or NULL */
	bool (*interrupting)(void);	/* or NULL */

	pthread_mutex_t views_lock;
	struct sim_view *views[SIM_VIEW_BUCKETS];	/* views_lock */
	struct sim_view_block *view_blocks;	/* those with room */
	atomic_uint nviews;
	/* No view lies outside; changed under views_lock. */
	atomic_uintptr_t views_low, views_high;

	pthread_mutex_t stats_lock;
	struct sim_stats stats;		/* what no living VCPU counts */

	atomic_uint_fast64_t used_bytes, used_objects;
	atomic_bool used_much;		/* since there was nothing */
	atomic_uint waiting;		/* callers who wait for a lock */
	atomic_bool faults_armed;
	struct sim_fault faults[SIM_NFAULT];
	uint64_t preempt_seed;		/* 0: never */
};

/* alloc.c: zeroed memory, accounted to the sim.  NULL: ENOMEM. */
void *sim_alloc(struct sim *sim, size_t size);
void sim_free(struct sim *sim, void *p, size_t size);

/* When nothing is left of what was much: the host gets its memory back. */
void sim_memory_return(struct sim *sim);

/* copy.c: between kernel and caller, 0 or EFAULT; no signal, ever. */
/*
 * An ioctl begins: what lies below entry on this thread's stack is not the
 * caller's.  Gives what it was before, which is set again at the end.
 */
uintptr_t sim_copy_enter(const struct sim *sim, uintptr_t entry);
int sim_copyin(uint64_t caller, void *dst, size_t size);
int sim_copyout(const void *src, uint64_t caller, size_t size);

/*
 * lookup.c: machines and VCPUs by number, checked and locked.  get: 0, or
 * EINVAL: out of range; ENOENT: not there; EPERM: another owner's.
 */
int sim_machine_check(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep);
/* The generation that the descriptor speaks, as far as is known. */
const struct sim_abi *sim_file_abi(const struct sim_file *file);
int sim_slot_get(struct sim_file *file, uint32_t machid, uint32_t cpuid,
    struct sim_slot **slotp);
int sim_vcpu_get(struct sim_file *file, uint32_t machid, uint32_t cpuid,
    struct sim_slot **slotp);
void sim_slot_put(struct sim_slot *slot);
/*
 * For what goes on while VCPUs run: the machine's mappings, and that it does
 * not end meanwhile.
 */
int sim_maps_get(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep);
void sim_maps_put(struct sim_machine *machine);
int sim_machine_get_exclusive(struct sim_file *file, uint32_t machid,
    struct sim_machine **machinep);
/* Before a machine is there for the first time; caller exclusive. */
void sim_slots_init(struct sim_machine *machine);
void sim_machine_lock_exclusive(struct sim_machine *machine);
void sim_machine_unlock_exclusive(struct sim_machine *machine);

/*
 * The same by number alone, for control.c: any owner's.  peek finds a
 * machine that exists without locking anything.
 */
struct sim_machine *sim_machine_peek(struct sim *sim, uint32_t machid);
struct sim_slot *sim_slot_peek(struct sim *sim, uint32_t machid,
    uint32_t cpuid);

/* machine.c, vcpu.c, hostmem.c: handlers of ioctls; see ioctl.c. */
struct sim_call {
	struct sim *sim;
	struct sim_file *file;
	const struct sim_abi *abi;
	struct sim_slot *slot;		/* for rows that name a VCPU */
	void *arg;			/* the kernel's copy */
};
int sim_do_capability(struct sim_call *call);
int sim_do_machine_create(struct sim_call *call);
int sim_do_machine_destroy(struct sim_call *call);
int sim_do_machine_configure(struct sim_call *call);
int sim_do_vcpu_create(struct sim_call *call);
int sim_do_vcpu_destroy(struct sim_call *call);
int sim_do_vcpu_configure(struct sim_call *call);
int sim_do_vcpu_setstate(struct sim_call *call);
int sim_do_vcpu_getstate(struct sim_call *call);
int sim_do_vcpu_inject(struct sim_call *call);
int sim_do_vcpu_run(struct sim_call *call);
int sim_do_gpa_map(struct sim_call *call);
int sim_do_gpa_unmap(struct sim_call *call);
int sim_do_hva_map(struct sim_call *call);
int sim_do_hva_unmap(struct sim_call *call);
int sim_do_ctl(struct sim_call *call);

/* The answer of a VCPU_CREATE did not reach the caller. */
void sim_vcpu_create_lost(struct sim_call *call);

/*
 * view.c: maps a comm page of a machine that the caller keeps from ending, as
 * mmap(2) with hint, prot and MAP_FIXED or 0 in fixed.  0 or ENOMEM.
 */
int sim_view_map(struct sim_machine *machine, uint32_t cpuid, void *hint,
    int prot, int fixed, void **addr);
/* Forgets all views, at the kernel's end. */
void sim_views_destroy(struct sim *sim);

/* fault.c: the error that this call shall fail with, or 0. */
int sim_fault_take(struct sim *sim, unsigned kind);

/* Frees all of a machine; the caller holds it exclusively. */
void sim_machine_clear(struct sim *sim, struct sim_machine *machine);
/* Frees the slot's VCPU; the caller holds the slot. */
void sim_vcpu_clear(struct sim *sim, struct sim_slot *slot);
/* Frees what hostmem.c keeps for the machine, caller exclusive. */
void sim_hostmem_clear(struct sim *sim, struct sim_machine *machine);

/* hostmem.c: shared memory of size bytes, one reference.  NULL: ENOMEM. */
struct sim_hostmem *sim_hostmem_create(struct sim *sim, uint64_t size);
void sim_hostmem_put(struct sim *sim, struct sim_hostmem *mem);

/*
 * map.c: replaces what is mapped in [gpa, gpa + size) by mem at offset with
 * rights prot, or by nothing if mem is NULL.  Returns when no engine uses
 * the old picture any more.  0 or ENOMEM.  Caller holds map_lock.
 */
int sim_map_replace(struct sim *sim, struct sim_machine *machine,
    uint64_t gpa, uint64_t size, struct sim_hostmem *mem, uint64_t offset,
    int prot);
void sim_map_free(struct sim *sim, struct sim_map *map);
/* Pins the current picture for an engine's entry; release after it. */
const struct sim_map *sim_map_enter(struct sim_machine *machine,
    struct sim_slot *slot);
void sim_map_leave(struct sim_slot *slot);

/* vcpu.c: the state a new VCPU starts with. */
void sim_reset_state(struct sim_state *state);

/* The VCPU's own counters: only its lock's holder adds to them. */
void sim_count(uint64_t *counter, uint64_t n);
/* Adds VCPU counters up; from may be changing. */
void sim_stats_add(struct sim_stats *to, const struct sim_stats *from);

#endif /* SIM_KERNEL_KERNEL_H */
