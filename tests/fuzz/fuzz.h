/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A caller without manners: random calls of the driver, and what must hold
 * whatever they are.  One struct fuzz is one process with one kernel; all
 * that it does follows from its seed.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "kernel/driver.h"

#define NFILES		8
#define NVIEWS		64
#define NRANGES		64
#define PAGE		4096ULL
#define ARENA_PAGES	1024
#define ARENA_SIZE	(ARENA_PAGES * PAGE)
#define MAX_MACHINES	128
#define MAX_VCPUS	256
#define OWNER_NONE	0U
#define OWNER_ROOT	UINT32_MAX

/* An open of the device; its slot is used again after its close. */
struct fuzz_file {
	struct sim_file *file;
	uint32_t owner;		/* OWNER_ROOT, or a number of its own */
	bool closed;
};

/* A comm page that this process has mapped. */
struct fuzz_view {
	uint8_t *addr;		/* NULL: the place is free */
	bool writable;
};

/* Memory of all kinds that arguments can lie in; see pointer.c. */
struct fuzz_memory {
	uint8_t *arena;		/* ARENA_SIZE, reserved: where HVA_MAP may map */
	uint8_t *pages;		/* writable, read-only, inaccessible page */
};

/* What the caller knows must exist. */
struct fuzz_model {
	uint32_t owner[MAX_MACHINES];
	bool vcpu[MAX_MACHINES][MAX_VCPUS];
	unsigned nvcpus[MAX_MACHINES];
};

/* A host mapping that was made, and perhaps is still there. */
struct fuzz_range {
	uint32_t machid;
	uint64_t hva, size;
};

struct fuzz {
	uint64_t random;	/* the generator's state */
	struct sim *sim;
	const struct sim_abi *abi;	/* the kernel's only one, or NULL */
	struct fuzz_file files[NFILES];
	uint32_t next_owner;
	struct fuzz_view views[NVIEWS];
	struct fuzz_memory memory;
	struct fuzz_model model;
	struct fuzz_range ranges[NRANGES];
	struct sim_vcpu_arg last;	/* what the last ioctl was about */
	unsigned creates;	/* of 100 ioctls, how many make machines */
	unsigned budget;	/* intents that the guest has in this run */
	uint64_t nioctls, nopens, nmmaps, nruns;
	uint64_t nruns_unsure;	/* EFAULT: before the run, or after it */
	const char *wrong;	/* what did not hold, or NULL */
	char detail[256];
};

/* random.c */
uint64_t fuzz_random(struct fuzz *fuzz);
uint64_t fuzz_below(struct fuzz *fuzz, uint64_t n);
/* True once in n. */
bool fuzz_once_in(struct fuzz *fuzz, unsigned n);
/* A number that is likely to be on some edge. */
uint64_t fuzz_edge(struct fuzz *fuzz);
void fuzz_bytes(struct fuzz *fuzz, void *bytes, size_t size);

/* pointer.c: 0, or -1 with errno. */
int fuzz_memory_create(struct fuzz *fuzz);
/* The arena as at first, without anything mapped into it. */
void fuzz_arena_reset(struct fuzz *fuzz);
/* Part of the arena that the driver unmapped, taken back. */
void fuzz_arena_reserve(struct fuzz *fuzz, uint64_t addr, uint64_t size);
bool fuzz_in_arena(const struct fuzz *fuzz, uint64_t addr);
/* An address for HVA_MAP that can hurt nobody. */
uint64_t fuzz_hva(struct fuzz *fuzz);
/* A size that fits it. */
uint64_t fuzz_hva_size(struct fuzz *fuzz, uint64_t hva);

/* Where an argument is, and what can be done with it there. */
struct fuzz_place {
	uint8_t *addr;
	bool readable, writable;
};
/* A place for size bytes; stack has twice as much room. */
struct fuzz_place fuzz_place(struct fuzz *fuzz, uint8_t *stack, size_t size);

/* argument.c: fills the argument of an ioctl with plausible nonsense. */
void fuzz_argument(struct fuzz *fuzz, enum sim_ioctl_index ioctl,
    uint8_t *arg, uint8_t *stack);

/* call.c: one random call; what must hold after it is checked. */
void fuzz_call(struct fuzz *fuzz);
int fuzz_open(struct fuzz *fuzz, unsigned i, int flags);

/* view.c: comm pages; what becomes of them when others map over them. */
void fuzz_call_mmap(struct fuzz *fuzz);
void fuzz_call_munmap(struct fuzz *fuzz);
void fuzz_scribble(struct fuzz *fuzz);
void fuzz_view_add(struct fuzz *fuzz, void *addr, bool writable);
void fuzz_views_forget(struct fuzz *fuzz, uint64_t addr, uint64_t size);
void fuzz_views_unmap(struct fuzz *fuzz);

/* guest.c: gives a new VCPU something to do. */
void fuzz_guest(struct fuzz *fuzz, uint32_t machid, uint32_t cpuid);

/* model.c: what an ioctl on file that ended with error says. */
void fuzz_model_ioctl(struct fuzz *fuzz, const struct fuzz_file *file,
    enum sim_ioctl_index ioctl, const uint8_t *arg, int error);
void fuzz_model_close(struct fuzz *fuzz, uint32_t owner);
/* Whether look-ups of the machine by this file can succeed. */
bool fuzz_may_use(const struct fuzz *fuzz, const struct fuzz_file *file,
    uint32_t machid);
/* Everything that the kernel shows agrees with everything done so far. */
void fuzz_invariants(struct fuzz *fuzz);

/* Remembers the first thing that is wrong. */
__attribute__((__format__(__printf__, 3, 4)))
void fuzz_wrong(struct fuzz *fuzz, const char *what, const char *fmt, ...);

#endif /* TESTS_FUZZ_FUZZ_H */
