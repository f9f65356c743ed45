/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The flight recorder: the last calls and ioctls, in memory that may be
 * shared with another process, so that a crash can be told from outside.
 */
#ifndef SIM_OBSERVE_FLIGHT_H
#define SIM_OBSERVE_FLIGHT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/control.h"
#include "observe/call.h"

#define FLIGHT_ENTRIES	32	/* a power of 2 */

struct flight_entry {
	bool is_ioctl;
	bool finished;
	bool hit;			/* a getstate without an ioctl */
	bool modelled;			/* not seen, but documented */
	uint8_t depth;
	unsigned number;		/* of all entries ever */
	uint8_t index;			/* sim_call_index or sim_ioctl_index */
	int result;			/* an ioctl: 0 or errno */
	int error;
	uint64_t args[SIM_CALL_ARGS];
	bool has_flags;
	struct sim_comm_flags before, after;
	uint64_t exit_reason;		/* VCPU_RUN only */
};

struct flight {
	atomic_uint head;		/* entries ever written */
	struct flight_entry entries[FLIGHT_ENTRIES];
};

/* Writes an entry in the oldest one's place, and its number into *entry. */
void flight_write(struct flight *flight, struct flight_entry *entry);

/* Writes it again, unless its place has become another one's. */
void flight_rewrite(struct flight *flight, const struct flight_entry *entry);

/* The n-th youngest entry, 0 the last; NULL: so many were not written. */
const struct flight_entry *flight_back(const struct flight *flight,
    unsigned n);

/* The innermost call that has not returned; NULL: none. */
const struct flight_entry *flight_unfinished(const struct flight *flight);

/* One line for an entry, indented by its depth, in the manner of strace. */
void flight_format(const struct flight_entry *entry, char *line, size_t size);

/* "SEGS|GPRS" for components; "0" for none; unknown bits in hex. */
void flight_format_flags(uint64_t flags, char *text, size_t size);

/* The name of an errno value, or its number. */
void flight_format_errno(int error, char *text, size_t size);

#endif /* SIM_OBSERVE_FLIGHT_H */
